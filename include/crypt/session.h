#ifndef CRYPT_SESSION_H
#define CRYPT_SESSION_H

#include "crypt/confine.h"
#include "crypt/context.h"
#include "crypt/record.h"

#define SESSION_CHANNEL	3	/* the descriptor of the channel */

/*
 * One session over the channel, from the request to the end of both streams.
 * `contexts` NULL: they are read for this session alone.  Returns an exit
 * code: 0 when all went as it should.
 */
int session_run(const struct contexts *, const struct confinement *);

/* Say on a channel that there is no TLS now, without waiting for anything. */
void session_refuse(int channel, enum record_code, const char *why);

#endif
