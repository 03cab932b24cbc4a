#ifndef REMOTE_TRANSACT_H
#define REMOTE_TRANSACT_H

#include "remote/talk.h"

/*
 * Send the delivery to a host that was greeted: the envelope, in one group
 * where it knows PIPELINING (RFC 2920), the message, and its end.  Returns
 * what converse() will.
 */
int transact(struct talk *);

#endif
