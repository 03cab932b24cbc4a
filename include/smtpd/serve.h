#ifndef SMTPD_SERVE_H
#define SMTPD_SERVE_H

#include "smtpd/server.h"

/*
 * Serve the client from the greeting to the end of the session.  The session
 * has its config, control, link, log, peer and settings.  Returns the exit
 * code: 0 after QUIT, else 1, as qmail-smtpd has it.
 */
int serve(struct server *);

#endif
