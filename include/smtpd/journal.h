#ifndef SMTPD_JOURNAL_H
#define SMTPD_JOURNAL_H

#include "filter/chain.h"
#include "session/session.h"
#include "smtp/reply.h"
#include "smtp/sasl.h"

/* What the log says of the mails of a session, and of its end. */

/* A reply that refuses something, by a filter's wish. */
void journal_refused(struct session *, const struct reply *,
    const struct outcome *);

/* The same by no filter: the setting that says so, and what was found. */
void journal_refused_by(struct session *, const struct reply *,
    const char *setting, const char *reason);

/*
 * An attempt to log in and its result.  `code` is the exit code of the
 * checkpassword program, below 0 where there is none; `reason` may be "".
 */
void journal_login(struct session *, const struct login *, enum mechanism,
    const char *result, int code, const char *reason);

/* A mail that the queue took; it is counted, too. */
void journal_accepted(struct session *);

/* A mail has come to its end: keep what journal_end() will say of it. */
void journal_remember(struct session *);

/* The one line that says all of a session, and why it ended. */
void journal_end(const struct session *, const char *reason);

#endif
