#ifndef CRYPT_HANDSHAKE_H
#define CRYPT_HANDSHAKE_H

#include <openssl/ssl.h>

#include "crypt/context.h"
#include "crypt/request.h"

/* One session of TLS, from the request to its facts. */
struct handshake {
	const struct contexts *contexts;
	const struct request *request;
	SSL *ssl;
	const char *own;	/* name of the identity that is offered */
	int in, out;		/* the connection; may be one descriptor */
	char why[PEM_WHY];	/* what went wrong */
	enum record_code code;	/* and how it is said in the protocol */
};

/*
 * Make ready what needs files, while there are any.  0: `why` and `code` say
 * why it cannot be.  What it takes is given back by the end of the process.
 */
int handshake_prepare(struct handshake *, const struct contexts *,
    const struct request *);

/* Do it over the connection.  0: it failed, `why` says why. */
int handshake_run(struct handshake *, int in, int out);

/* Milliseconds of the monotonic clock. */
long handshake_clock_ms(void);

/*
 * Wait until the connection is ready for what OpenSSL wants of it, as `error`
 * of SSL_get_error() says, but not past `until`.  0: it is not.
 */
int handshake_wait(const struct handshake *, int error, long until);

#endif
