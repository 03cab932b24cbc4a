#ifndef NET_LINK_H
#define NET_LINK_H

#include <stddef.h>

#include "base/deadline.h"
#include "base/status.h"

/*
 * The connection as two byte streams, in and out, which may be one socket,
 * two descriptors or pipes.  Input waits in one buffer, where the caller may
 * change it in place; output is collected and written at once.
 */
struct link;

#define LINK_BUFFER	65536	/* octets of input held */
#define LINK_OUTPUT	4096	/* octets of output collected */

/* Why a link cannot be read or written any more. */
enum link_end {
	LINK_IS_OPEN,
	LINK_EOF,		/* the other side has closed its end */
	LINK_TIMEOUT,		/* the deadline, or timeout_s of silence */
	LINK_BROKEN		/* any other error */
};

/*
 * Make a link; each read and write may wait `timeout_s` seconds.  NULL: out
 * of memory.  link_close() it; the descriptors stay open.
 */
struct link *link_open(int in, int out, unsigned timeout_s);
void link_close(struct link *);

/*
 * Go on over other descriptors: what was read and not used, and what was
 * collected and not written, is overwritten and never used (RFC 3207 4.2).
 */
void link_switch(struct link *, int in, int out);

/* The octets that wait, and how many; valid until the next link_fill(). */
char *link_input(const struct link *, size_t *len);

/* Drop the first `len` octets that wait. */
void link_consume(struct link *, size_t len);

/*
 * Overwrite what was consumed.  Secrets came by here, and octets that a read
 * did not overwrite would stay.
 */
void link_wipe(struct link *);

/*
 * Read more, but not past `until`.  The caller leaves room: a full buffer is
 * PERMFAIL.  TEMPFAIL: the link has ended, see link_ended().
 */
enum status link_fill(struct link *, struct deadline until);

/* Whether input waits, here or in the kernel; waits for it up to `ms`. */
int link_has_input(const struct link *, int ms);

/* Whether more has come than what waits here; waits for it up to `ms`. */
int link_has_more(const struct link *, int ms);

/*
 * Wait until then, whatever comes in meanwhile, which stays where it is.
 * TEMPFAIL: the other side has hung up, at once; what it sent before is lost.
 */
enum status link_hold(struct link *, struct deadline until);

/* Collect output; what has to be written is written.  TEMPFAIL: it ended. */
enum status link_put(struct link *, const char *text, size_t len);
enum status link_flush(struct link *);

/*
 * One step of a conversation in which neither side may wait for the other to
 * read: write what can be written of `text` and read what has come, waiting
 * for either until the deadline.  `written` gets how much was written.
 * TEMPFAIL: the link has ended; what came before waits still.  Sockets only.
 */
enum status link_step(struct link *, const char *text, size_t len,
    size_t *written, struct deadline until);

enum link_end link_ended(const struct link *);

/*
 * Say that nothing more will be written, and read and drop what the other
 * side still sends, for at most `ms`: to close a socket with input unread
 * would reset the connection, and lose what was written last.
 */
void link_linger(struct link *, int ms);

#endif
