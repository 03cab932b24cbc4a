#ifndef CRYPT_CONTEXT_H
#define CRYPT_CONTEXT_H

#include <stdint.h>

#include <openssl/ssl.h>

#include "crypt/identity.h"

#define CONTEXT_NAME	256	/* room for the name of an identity */
#define CONTEXT_NAMES	2000	/* most identities of a host */

/*
 * What is made of the control files once and serves many sessions; see
 * qsmtp-control(5) for each file.  The contexts of OpenSSL are shared by
 * fork().
 */
struct contexts {
	SSL_CTX *server;	/* NULL: not asked for */
	SSL_CTX *client;
	/* The first is the host's own; others by name or by address. */
	struct context_identity {
		int is_address;
		char name[CONTEXT_NAME];	/* or IP[:PORT] */
		struct identity identity;
	} *identities;
	size_t count;
	int verifies_clients;	/* clientca.pem is there, and of use */
	uint64_t signature;	/* of the files as they were */
};

/*
 * Read the files below the current folder, for a server or for clients
 * alone, who need none of them.  What cannot be used is logged
 * and left out, or taken from `before`, which may be NULL: so a renewal that
 * is half done changes nothing.  NULL: a folder or setting
 * cannot be read, out of memory, or OpenSSL fails; it is logged.
 * contexts_free() it; sessions that began with it go on.
 */
struct contexts *contexts_read(const struct contexts *before, int serves);
void contexts_free(struct contexts *);

/* Whether any of the files is not what it was. */
int contexts_are_old(const struct contexts *);

/*
 * A server's side for the address that was connected to; `name` gets the
 * identity that is offered so far.  NULL: there is none.
 */
SSL *contexts_accept(const struct contexts *, const char *ip,
    const char *port, const char **name);

/* Change to the name that the client asks for, if we have that. */
const struct context_identity *contexts_by_name(const struct contexts *,
    const char *name);

#endif
