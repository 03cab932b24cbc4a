#ifndef SMTPD_DATA_H
#define SMTPD_DATA_H

#include "smtpd/server.h"

/*
 * DATA (RFC 5321 4.1.1.4): say 354, take the mail data, ask the filters, and
 * hand the mail to the queue.  The reply is the one to the end of mail data,
 * or the refusal in place of 354.
 */
void data_take(struct server *, struct reply *);

#endif
