#ifndef SMTPD_PERMIT_H
#define SMTPD_PERMIT_H

#include "base/status.h"
#include "session/session.h"

/*
 * Who may send where: the one place that grants anything, and it comes before
 * the filters, which can only refuse.
 */

/*
 * Decide whether the client has the right to relay by its address.  A list
 * that cannot be read is logged, grants nothing, and is remembered.
 */
void permit_client(struct session *);

/*
 * Who logged in may relay; programs that we start learn of it.  TEMPFAIL: a
 * list cannot be read or memory is gone, see base/control.h.
 */
enum status permit_login(struct session *, const char *user, size_t len);

/*
 * Undo that, in the environment, too: what the address alone may do is left.
 * TEMPFAIL: memory is gone.
 */
enum status permit_forget_login(struct session *);

/*
 * Whose certificate was verified may relay, if a mail address of it is in
 * tlsclients; programs that we start learn of it.  Where that cannot be read,
 * it is logged, nothing is granted, and it is remembered.
 */
void permit_certificate(struct session *);

/*
 * Whether the client may send as this mailbox, as far as its login is bound.
 * The null reverse-path is nobody's and may be sent.
 */
int permit_sender(const struct session *, const char *mailbox, size_t len);

/*
 * Whether the forward-path may be taken: the client may relay, the domain is
 * ours, or it has none.  TEMPFAIL: a list cannot be read, see base/control.h;
 * PERMFAIL: it is one of permit_client()'s, which was logged.
 */
enum status permit_forward_path(struct session *, int *permitted);

#endif
