#ifndef NET_LINE_H
#define NET_LINE_H

#include <stddef.h>

#include "base/deadline.h"
#include "base/status.h"
#include "net/link.h"

/* How a line that was read is formed (RFC 5321 2.3.8). */
enum line_form {
	LINE_GOOD,		/* ends with CR LF */
	LINE_BARE_LF,		/* ends with a bare LF */
	LINE_BAD_OCTET,		/* holds a bare CR or a NUL */
	LINE_TOO_LONG		/* was skipped to its end */
};

/*
 * Read one line of at most `most` octets, its end counted; wait for it until
 * the deadline.  `line` and `len` get it without its end; it lies in the
 * link's buffer until the next read.  TEMPFAIL: the link has ended.
 */
enum status line_read(struct link *, size_t most, struct deadline,
    const char **line, size_t *len, enum line_form *);

#endif
