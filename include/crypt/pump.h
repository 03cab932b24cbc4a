#ifndef CRYPT_PUMP_H
#define CRYPT_PUMP_H

#include "crypt/handshake.h"

/*
 * Carry plaintext between the program and the other side until both are done.
 * The end of the program's stream becomes a close_notify and the other way
 * round; TLS that breaks off is the end of the stream, too.  Returns why it
 * ended, in words; *broken: not as it should.
 */
const char *pump(const struct handshake *, int channel, int *broken);

/*
 * Say that nothing more comes, and take what the other side still sends, for
 * a while: to close a socket with input unread would lose what went out last.
 */
void pump_hang_up(int in, int out);

#endif
