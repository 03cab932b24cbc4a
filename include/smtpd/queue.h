#ifndef SMTPD_QUEUE_H
#define SMTPD_QUEUE_H

#include <stddef.h>
#include <stdint.h>
#include <stralloc.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/status.h"
#include "smtp/reply.h"

/*
 * One mail on its way into qmail-queue(8): the message goes to descriptor 0
 * of the queue program, the envelope to 1; on 4 and 6, one pipe, it may say
 * why it refuses.  It takes the mail only when the envelope is complete, so
 * until queue_commit() a mail can be taken back.
 */
struct queue {
	pid_t pid;
	int message, envelope, text;	/* our ends; -1: closed */
	int timeout_ms;			/* wait for the program to read */
	int is_broken;			/* not every octet was written */
	int is_stuck;			/* the program took nothing, and runs */
	int is_large;			/* the message has a larger pipe */
	uint64_t written;		/* octets of the message */
};

#define QUEUE_TEXT	512	/* most octets of the program's text */

/*
 * Start the program.  TEMPFAIL: it cannot be, and `error` is the errno; the
 * queue is closed.
 */
enum status queue_open(struct queue *, const char *program, unsigned timeout_s,
    int *error);

/*
 * Write the next octets of the message.  What cannot be written is remembered;
 * queue_commit() then refuses.
 */
void queue_write(struct queue *, struct iovec *parts, size_t count);

/*
 * Write the envelope, wait for the program however long, and fill in the reply
 * to the end of mail data.  `text` holds the words of the reply.  Returns
 * whether the program took the mail.
 */
int queue_commit(struct queue *, const stralloc *reverse_path,
    const stralloc *forward_paths, struct reply *, stralloc *text);

/*
 * Take the mail back: the program finds its envelope incomplete.  Returns
 * whether it has ended, which it may refuse for some time to do.
 */
int queue_abort(struct queue *);

#endif
