#ifndef SMTPD_AUTH_H
#define SMTPD_AUTH_H

#include <stddef.h>

#include "smtpd/server.h"

/*
 * AUTH (RFC 4954): take the messages of the mechanism, ask the checkpassword
 * program, and grant the right to relay.  Says 334 and reads the client's
 * lines itself; the reply is the last one.  The caller wipes what the link
 * holds of them.
 */
void auth_run(struct server *, const char *argument, size_t len,
    struct reply *);

#endif
