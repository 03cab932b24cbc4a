#ifndef REMOTE_BODY_H
#define REMOTE_BODY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"

/*
 * The message file as it goes over the wire (RFC 5321 2.3.8, 4.5.2): lines end
 * with CR LF, dots are stuffed, a last line without an end gets one.  A CR
 * that does not stand before LF becomes a space, so that no line of the wire
 * begins where none began in the file.
 */
struct body {
	int file;
	int is_seekable;	/* else it can be read once, from a pipe */
	off_t begin, at, end;	/* of the message, and where we are */
	int in_line;		/* the octet before was no line end */
	int after_cr;		/* a CR waits for what follows it */
	int is_known;		/* what follows was counted */
	int is_8bit;
	uint64_t size;		/* octets on the wire, without stuffing */
};

#define BODY_BLOCK	32768u			/* octets read at once */
#define BODY_ROOM	(2 * BODY_BLOCK + 4)	/* room they may need */

/*
 * Begin with the file at its present offset, which stays where it is, and
 * count it where it can be read twice.  TEMPFAIL: it cannot be read.
 */
enum status body_open(struct body *, int file);

/*
 * Write the next octets of the wire to `out`; `len` 0 is the end, which has a
 * whole last line before it.  TEMPFAIL: the file cannot be read.
 */
enum status body_next(struct body *, char out[BODY_ROOM], size_t *len);

/* To the front again, for another host.  PERMFAIL: it was a pipe and read. */
enum status body_rewind(struct body *);

#endif
