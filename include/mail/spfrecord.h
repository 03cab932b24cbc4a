#ifndef MAIL_SPFRECORD_H
#define MAIL_SPFRECORD_H

#include <stddef.h>

#include "base/network.h"
#include "base/status.h"

/* The syntax of an SPF record (RFC 7208 4.6.1, 5, 6, 12). */

#define SPF_TERM	512	/* most octets of a term but ip4, ip6, all */

enum spf_kind {
	SPF_ALL, SPF_INCLUDE, SPF_A, SPF_MX, SPF_PTR, SPF_IP4, SPF_IP6,
	SPF_EXISTS,
	SPF_REDIRECT, SPF_EXP, SPF_OTHER	/* modifiers */
};

/* A mechanism or modifier; its text is that of the record. */
struct spf_term {
	enum spf_kind kind;
	char qualifier;		/* + - ~ ? */
	const char *text;
	size_t len;
	const char *domain;	/* its domain-spec; NULL: the domain itself */
	size_t domain_len;
	unsigned prefix4, prefix6;	/* a, mx */
	struct network network;	/* ip4, ip6 */
};

/* A record of which each term is good. */
struct spf_record {
	const char *terms;	/* behind the version */
	size_t len;
	struct spf_term redirect, exp;	/* text is NULL: there is none */
};

/* Whether a TXT record is one of SPF: it begins with this version alone. */
int spf_record_is(const char *text, size_t len);

/*
 * Read one that is, and all its terms.  PERMFAIL: an error, wherever it is,
 * and `problem` says what; the record is then not to be used.
 */
enum status spf_record_read(const char *text, size_t len,
    struct spf_record *, const char **problem);

/* Go on to the next term of a good record from *at; 0: it was the last. */
int spf_record_next(const struct spf_record *, size_t *at, struct spf_term *);

#endif
