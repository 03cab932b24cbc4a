#ifndef FILTER_DNSLINE_H
#define FILTER_DNSLINE_H

#include <stddef.h>

#include "base/address.h"
#include "base/status.h"
#include "net/dns.h"

/*
 * A line that names a DNS list, and what an answer of that list means by it.
 * Without input and output.
 */

/* How such a line is written. */
enum dnsline_form {
	DNSLINE_OWN,		/* ZONE, ZONE=PATTERN, either with *WEIGHT */
	DNSLINE_DASHED,		/* of sagredo's dnsbllist: ZONE or -ZONE */
	DNSLINE_TEXT		/* of qpsmtpd: ZONE, ZONE:TEXT or ZONE TEXT */
};

#define DNSLINE_ZONE	180	/* octets, so that an address fits before it */
#define DNSLINE_WEIGHT	1000u	/* most that a line weighs */

/* A line in its parts, which lie in its text. */
struct dnsline {
	const char *zone;
	size_t zone_len;
	const char *pattern;	/* NULL: any address of 127/8 */
	size_t pattern_len;
	unsigned weight;	/* 1 where the line does not say */
	int is_soft;		/* who is listed is put off */
};

/*
 * Read a line.  PATTERN is four parts with dots between them, of which each is
 * a number or `[N;N..N]`, numbers and ranges of them.  The texts of other
 * dialects are dropped.  PERMFAIL: it makes no sense.
 */
enum status dnsline_parse(const char *text, size_t len, enum dnsline_form,
    struct dnsline *);

/* Whether the line means this address of 127/8. */
int dnsline_has(const struct dnsline *, const struct address *);

enum dnsline_answer {
	DNSLINE_WAITING,
	DNSLINE_ABSENT,		/* what was asked for is not listed */
	DNSLINE_LISTED,
	DNSLINE_SILENT,		/* no answer, or none that can be read */
	DNSLINE_ODD		/* the list says that something is wrong */
};

/*
 * What the answer for an address means.  RFC 5782 2.1: only 127/8 says that
 * something is listed; other addresses come from a list that has ended or from
 * a resolver that lies, and 127.255.255/24 is how lists refuse to answer.  One
 * such address voids the answer.  `address` gets the one that says so; it is
 * left alone unless LISTED or ODD.
 */
enum dnsline_answer dnsline_judge(const struct dnsline *,
    const struct dns_question *, struct address *address);

#endif
