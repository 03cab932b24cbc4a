#ifndef REMOTE_LOGIN_H
#define REMOTE_LOGIN_H

#include "remote/talk.h"

/*
 * Log in (RFC 4954) behind EHLO, where the route has credentials, by the
 * strongest mechanism that the host offers.  Returns 1 when the session can
 * go on, 0 when it is over; `done` is then what converse() returns.
 */
int log_in(struct talk *, int *done);

#endif
