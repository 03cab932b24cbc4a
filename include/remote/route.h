#ifndef REMOTE_ROUTE_H
#define REMOTE_ROUTE_H

#include <stralloc.h>

#include "base/address.h"
#include "base/control.h"
#include "base/status.h"

#define ROUTE_FILE	280	/* room for a path in smtproutes.d */

/* Where mail for a host goes instead of where the DNS says. */
struct route {
	stralloc relay;		/* with a NUL; empty: by MX */
	unsigned port;
	struct address from4, from6;	/* of smtproutes.d; or family 0 */
	int wants_certificate;	/* smtproutes.d names one for this host */
	char source[ROUTE_FILE + 8];	/* the file that says so, or "" */
};

#define SMTP_PORT	25

/*
 * Look the host up: first in control/smtproutes.d (the file of its name, then
 * `*.` with each parent domain, then `default`; the first that is there counts
 * alone), then in control/smtproutes (its name, then each suffix that begins
 * with a dot, then the empty key; the last line of a key counts).
 * TEMPFAIL: a file cannot be read or makes no sense, see base/control.h.
 * route_free() it in any case.
 */
enum status route_find(struct route *, struct control *, const char *host);
void route_free(struct route *);

#endif
