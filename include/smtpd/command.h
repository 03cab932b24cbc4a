#ifndef SMTPD_COMMAND_H
#define SMTPD_COMMAND_H

#include <stddef.h>

#include "smtp/machine.h"
#include "smtp/reply.h"
#include "smtpd/server.h"

/*
 * Run a command that is in sequence and fill in its reply.  DATA sends 354
 * and takes the mail data itself; its reply is the one to the end of that.
 */
void command_run(struct server *, enum smtp_verb, const char *argument,
    size_t len, struct reply *);

#endif
