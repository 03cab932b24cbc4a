#ifndef SMTPD_PERMIT_H
#define SMTPD_PERMIT_H

#include "base/status.h"
#include "session/session.h"

/*
 * Who may send where: the one place that grants anything, and it comes before
 * the filters, which can only refuse.
 */

/* Decide how the client got the right to relay, if it has it. */
void permit_client(struct session *);

/*
 * Whether the forward-path may be taken: the client may relay, the domain is
 * ours, or it has none.  TEMPFAIL: a list cannot be read, see base/control.h.
 */
enum status permit_forward_path(struct session *, int *permitted);

#endif
