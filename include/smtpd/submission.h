#ifndef SMTPD_SUBMISSION_H
#define SMTPD_SUBMISSION_H

#include "session/edit.h"
#include "smtpd/server.h"

/*
 * What a message needs and gets where it enters the mail system (RFC 6409 6
 * and 8): one From, of somebody the login may send as; Date and Message-ID.
 */

/*
 * Ask for it, before the message comes.  TEMPFAIL: msgidhost cannot be read or
 * memory is gone, see base/control.h.
 */
enum status submission_edit(const struct session *, struct edits *);

/*
 * Judge the message by what was captured of it.  When it is refused, that is
 * the reply, it is logged, and 1 comes back.
 */
int submission_refuses(struct server *, const struct edit *, struct reply *);

#endif
