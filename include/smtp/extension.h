#ifndef SMTP_EXTENSION_H
#define SMTP_EXTENSION_H

#include <stddef.h>
#include <stdint.h>
#include <stralloc.h>

#include "base/status.h"

/* EHLO keywords (RFC 5321 4.1.1.1) as bits of a set. */
enum extension {
	EXTENSION_PIPELINING = 1,		/* RFC 2920 */
	EXTENSION_8BITMIME = 2,			/* RFC 6152 */
	EXTENSION_SIZE = 4,			/* RFC 1870 */
	EXTENSION_ENHANCEDSTATUSCODES = 8,	/* RFC 2034 */
	EXTENSION_LIMITS = 16,			/* RFC 9422 */
	EXTENSION_AUTH = 32,			/* RFC 4954 */
	EXTENSION_STARTTLS = 64,		/* RFC 3207 */
	EXTENSION_ALL = 127
};

/* The values that some of them carry; 0 and NULL: none is said. */
struct extension_values {
	uint64_t size;		/* most octets of a message */
	uint64_t rcptmax;	/* most recipients of a transaction */
	const char *auth;	/* to announce: names of mechanisms, in order */
	unsigned mechanisms;	/* understood: a set, see smtp/sasl.h */
};

/* The bit of a keyword in any case; 0: nobody knows it. */
unsigned extension_of(const char *keyword, size_t len);

/*
 * Append "\nKEYWORD VALUE" for each extension of the set: the lines of an
 * EHLO reply.  TEMPFAIL: out of memory.
 */
enum status extension_announce(unsigned set, const struct extension_values *,
    stralloc *text);

/*
 * One line of an EHLO reply, without its code: the bit of its keyword, 0 for
 * one that nobody knows.  What it says of sizes and limits goes to `values`.
 */
unsigned extension_understand(const char *line, size_t len,
    struct extension_values *);

#endif
