#ifndef SMTPD_ENVELOPE_H
#define SMTPD_ENVELOPE_H

#include <stddef.h>

#include "smtpd/server.h"

/*
 * MAIL and RCPT (RFC 5321 4.1.1.2, 4.1.1.3): read the path and its
 * parameters, ask who may send there, then the filters.
 */
void envelope_mail(struct server *, const char *argument, size_t len,
    struct reply *);
void envelope_rcpt(struct server *, const char *argument, size_t len,
    struct reply *);

#endif
