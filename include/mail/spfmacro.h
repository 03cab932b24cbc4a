#ifndef MAIL_SPFMACRO_H
#define MAIL_SPFMACRO_H

#include <stddef.h>
#include <stdint.h>
#include <stralloc.h>

#include "base/address.h"
#include "base/status.h"

/* The macros of SPF (RFC 7208 7).  The text comes from the DNS. */

/* What a text may be, for each has its own syntax. */
enum spf_text {
	SPF_DOMAIN_SPEC,	/* ends in a label, not a number, or a macro */
	SPF_MACRO_STRING,	/* the value of a modifier nobody knows */
	SPF_EXPLAIN_STRING	/* blanks, and the letters c, r and t */
};

/* Whether `text` is one. */
int spf_macro_is(enum spf_text, const char *text, size_t len);

/* Whether a text that spf_macro_is() has the letter p, in either case. */
int spf_macro_asks(const char *text, size_t len);

/* What the letters stand for.  All is borrowed. */
struct spf_facts {
	const char *local;	/* l: local-part of the sender */
	size_t local_len;
	const char *sender;	/* o: its domain */
	size_t sender_len;
	const char *domain;	/* d: whose record is evaluated */
	size_t domain_len;
	const char *helo;	/* h */
	size_t helo_len;
	const char *receiver;	/* r: our own name, with a NUL */
	const char *name;	/* p: validated, with a NUL, or "unknown" */
	struct address client;	/* i, c, v */
	int64_t time;		/* t: seconds since 1970 */
};

/*
 * Append what a text that spf_macro_is() expands to, as far as it fits into
 * `most` octets; what does not is dropped.  TEMPFAIL: out of memory.
 */
enum status spf_macro_expand(const char *text, size_t len,
    const struct spf_facts *, size_t most, stralloc *out);

#endif
