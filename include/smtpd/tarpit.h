#ifndef SMTPD_TARPIT_H
#define SMTPD_TARPIT_H

#include <stdint.h>

#include "base/status.h"
#include "session/session.h"
#include "smtp/machine.h"
#include "smtp/reply.h"

/*
 * A reply that refuses something waits: control/tarpit seconds, and one more
 * for each such reply before it in the session.
 */

#define TARPIT_LONGEST_S	60

/* How long the reply waits when `before` of the session were refusals. */
unsigned tarpit_seconds(uint64_t first, uint64_t before);

/*
 * Wait before this reply to a verb (VERB_COUNT: to none), if it is one that
 * waits.  What was said before goes out first, and commands that wait already
 * have to wait, too.  TEMPFAIL: the link has ended.
 */
enum status tarpit_hold(struct session *, enum smtp_verb,
    const struct reply *);

#endif
