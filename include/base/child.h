#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"

#define CHILD_HIGHEST_FD	6	/* the highest that a child can get */

/* `fd` of ours becomes `as` in the child. */
struct child_fd {
	int fd;
	int as;			/* rows in rising order of `as` */
};

/*
 * Start the program arguments[0] (no search) with these descriptors, standard
 * error, and nothing else open; SIGPIPE and the signal mask as a program
 * expects them.  TEMPFAIL: it could not be started; `error` is the errno.
 */
enum status child_start(pid_t *pid, char *const arguments[],
    char *const environment[], const struct child_fd *, size_t fds, int *error);

/*
 * Wait for the child at most `ms` milliseconds, or however long when that is
 * negative.  `code` gets its exit code, or -1 when it was killed by a signal.
 * TEMPFAIL: it still runs, or cannot be waited for.
 */
enum status child_wait(pid_t, int ms, int *code);

/*
 * Read what the child writes until it closes its end or ends, at most `ms`
 * milliseconds; what `text` has no room for is read and dropped.  `len` gets
 * how much came in all.  TEMPFAIL: the time is up.  The end is made
 * non-blocking.
 */
enum status child_read(pid_t, int end, int64_t ms, char *text, size_t size,
    size_t *len);

/*
 * Kill the child and wait for its end.  TEMPFAIL: it is not ours to kill any
 * more, for it changed its user, and runs on.
 */
enum status child_kill(pid_t);

#endif
