/* warm - a handshake with ourselves, so that sessions begin warm */
#include "crypt/warm.h"

#include <openssl/err.h>

#define ROUNDS	8	/* flights of a handshake, and some to spare */

/* Both ends take turns until neither wants anything more. */
static void
shake(SSL *server, SSL *client)
{
	int i, done;

	for (i = 0; i < ROUNDS; i++) {
		done = SSL_do_handshake(client) == 1;
		done &= SSL_do_handshake(server) == 1;
		if (done)
			break;
	}
}

static void
warm_up_version(const struct contexts *contexts, int version)
{
	SSL *server = SSL_new(contexts->server);
	SSL *client = SSL_new(contexts->client);
	BIO *one = NULL, *other = NULL;

	if (server != NULL && client != NULL &&
	    BIO_new_bio_pair(&one, 0, &other, 0) == 1) {
		SSL_set_bio(server, one, one);
		SSL_set_bio(client, other, other);
		SSL_set_max_proto_version(client, version);
		SSL_set_accept_state(server);
		SSL_set_connect_state(client);
		shake(server, client);
	}
	SSL_free(server);
	SSL_free(client);
	ERR_clear_error();
}

void
warm_up(const struct contexts *contexts)
{
	if (contexts->count == 0)
		return;
	warm_up_version(contexts, TLS1_2_VERSION);
	warm_up_version(contexts, TLS1_3_VERSION);
}
