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

/* A reply that comes in, line by line (for a client). */
struct reply_reader {
	unsigned code;		/* of the lines so far; 0: none */
	unsigned lines;
	int garbage;		/* what comes is no reply */
	stralloc text;		/* whole lines as they came, each with '\n' */
};

#define REPLY_LINES	128	/* most lines of a reply */
#define REPLY_INPUT	4096	/* most octets of a line, its end counted */
#define REPLY_TEXT	5000	/* octets of text that are kept of a reply */

/* Begin the next reply; the text's memory is kept.  stralloc_free() it. */
void reply_start(struct reply_reader *);

/*
 * Take lines off the front of the input; `used` gets how many octets.
 * Returns 1 when the reply is whole or `garbage` is set, 0 when more has to
 * come.  Control characters in the text become `?`.  Memory that is gone
 * costs text, never the code.
 */
int reply_read(struct reply_reader *, const char *input, size_t len,
    size_t *used);

#endif
