#ifndef REMOTE_SENDERHOSTS_H
#define REMOTE_SENDERHOSTS_H

#include <stralloc.h>

#include "base/address.h"
#include "base/control.h"
#include "base/status.h"

#define SENDERHOST_NAME	255	/* most octets of a name (RFC 1035 2.3.4) */

/* Who we are to a host, by the domain of the sender. */
struct senderhost {
	struct address from4, from6;	/* to connect from; or family 0 */
	stralloc helo;			/* with a NUL; empty: as ever */
};

/*
 * Look up the domain in control/senderhosts: its name, then each suffix that
 * begins with a dot, then the empty key, which alone is the null sender's.
 * TEMPFAIL: the file cannot be read, or the line that counts makes no sense,
 * see base/control.h.  senderhost_free() it in any case.
 */
enum status senderhost_find(struct senderhost *, struct control *,
    const char *sender);
void senderhost_free(struct senderhost *);

/*
 * Look at each line of the file, whoever it is for.  PERMFAIL: `number` is the
 * first behind line `after` that makes no sense; else it is 0.
 */
enum status senderhosts_check(const stralloc *file, unsigned after,
    unsigned *number);

#endif
