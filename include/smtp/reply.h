#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include <stralloc.h>

#include "base/status.h"

/* One reply (RFC 5321 4.2).  Its strings are borrowed. */
struct reply {
	unsigned code;		/* 200..599; 0: none yet */
	const char *enhanced;	/* enhanced status code (RFC 3463), or "" */
	const char *text;	/* lines separated by '\n' */
};

#define REPLY_LINE	512	/* RFC 5321 4.5.3.1.5, CR LF counted */

void reply_set(struct reply *, unsigned code, const char *enhanced,
    const char *text);

/*
 * Append the reply as it goes over the wire: each line with the code and the
 * enhanced status code (RFC 2034 4), cut at REPLY_LINE, what is not printable
 * as `?`.  TEMPFAIL: out of memory.
 */
enum status reply_print(const struct reply *, stralloc *out);

/* OK for 2yz and 3yz, TEMPFAIL for 4yz, PERMFAIL for anything else. */
enum status reply_status(const struct reply *);

#endif
