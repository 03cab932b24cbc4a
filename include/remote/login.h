#ifndef REMOTE_LOGIN_H
#define REMOTE_LOGIN_H

#include "base/status.h"
#include "remote/route.h"
#include "remote/talk.h"

/*
 * Whether a connection by this route is safe enough for its password.
 * PERMFAIL: it is not, and nothing need be connected.
 */
enum status login_allowed(const struct route *);

/*
 * Log in (RFC 4954) behind EHLO, where the route has credentials, by the
 * strongest mechanism that the host offers.  Returns 1 when the session can
 * go on, 0 when it is over; `done` is then what converse() returns.
 */
int log_in(struct talk *, int *done);

#endif
