#ifndef CRYPT_WARM_H
#define CRYPT_WARM_H

#include "crypt/context.h"

/*
 * One handshake of each version with ourselves, in memory: what OpenSSL makes
 * ready at its first use is then there before fork(), once for all sessions.
 */
void warm_up(const struct contexts *);

#endif
