#ifndef CRYPT_IDENTITY_H
#define CRYPT_IDENTITY_H

#include <openssl/ssl.h>

#include "crypt/pem.h"

#define IDENTITY_KEYS	4	/* certificates of one identity: RSA, ECDSA, */
#define IDENTITY_CHAIN	8	/* most certificates above one of them */

/*
 * Who we are: for each private key the certificate that is made out to it, and
 * those between that and its CA.  Which is which is found by the keys and the
 * issuers, so that the order in the files does not count.
 */
struct identity {
	struct identity_pair {
		X509 *certificate;
		EVP_PKEY *key;
		STACK_OF(X509) *chain;
	} pairs[IDENTITY_KEYS];
	size_t count;
};

/* Zero it before.  0: there is none in that, `why` says why. */
int identity_take(struct identity *, const struct pem *, char why[PEM_WHY]);
void identity_free(struct identity *);

/* The same one again, which is freed on its own. */
int identity_copy(struct identity *, const struct identity *);

/* For all sessions, or for one, in place of what it had.  0: it cannot be. */
int identity_use(const struct identity *, SSL_CTX *);
int identity_use_once(const struct identity *, SSL *);

#endif
