#ifndef SMTP_TRANSPARENCY_H
#define SMTP_TRANSPARENCY_H

#include <stddef.h>

/*
 * Mail data (RFC 5321 4.5.2): the one judge of its line ends and of where it
 * ends, which is at CR LF . CR LF and nowhere else.
 */

/* What mail data may hold that it must not. */
#define DATA_BARE_CR	1u
#define DATA_BARE_LF	2u
#define DATA_NUL	4u

struct transparency {
	int mend_bare_lf;	/* take a bare LF for a line end, no fault */
	unsigned faults;	/* DATA_BARE_CR and so on, all that was seen */
	int in_line;		/* the octet before was no line end */
	int after_bare_lf;	/* the line end before was a mended one */
	/*
	 * The last line so far is a lone dot, but an end of it is a bare LF:
	 * a client that waits now believes that its mail has ended.
	 */
	int lone_dot;
	int ended;
};

/* Begin mail data. */
void transparency_start(struct transparency *, int mend_bare_lf);

/*
 * Undo transparency in place: lines then end with LF and stuffed dots are
 * gone.  `used` gets how many octets were taken; the rest waits for what
 * follows, or, once `ended` is set, is no mail data.  Returns the number of
 * octets left in `data`.
 */
size_t transparency_undo(struct transparency *, char *data, size_t len,
    size_t *used);

#endif
