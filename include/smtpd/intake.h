#ifndef SMTPD_INTAKE_H
#define SMTPD_INTAKE_H

#include "base/status.h"
#include "session/edit.h"
#include "session/spool.h"
#include "smtpd/queue.h"
#include "smtpd/server.h"

/*
 * Where a message goes as it comes in: into the queue, as `edit` changes it;
 * or, as it came, into the spool, and then `edit` only counts and captures.
 */
struct sink {
	struct edit *edit;
	struct queue *queue;	/* or NULL: */
	struct spool *spool;
};

/*
 * Take mail data from the link to its true end.  The caller has started
 * `edit`, finds in it what was captured, and frees it.  What is already known
 * to be refused is read and dropped.  session->mail gets the counts and
 * faults.
 *
 * TEMPFAIL: the mail data never ended: the link has ended or the time is up
 * (link_ended() tells), or the client waits though it has not ended its mail;
 * then data_faults is not 0 and the link is open.
 */
enum status intake_read(struct server *, const struct sink *);

#endif
