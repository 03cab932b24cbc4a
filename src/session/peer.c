/* peer - who is connected */
#include "session/peer.h"

#include <stdlib.h>
#include <string.h>

#define VARIABLE	64	/* longest name of a variable, with its NUL */

/* The variable NAME with what stands before it for this protocol. */
static const char *
get(const char *name)
{
	const char *const before[] = { getenv("PROTO"), "TCP", "TCP6" };
	char variable[VARIABLE];
	const char *value;
	size_t i;

	for (i = 0; i < sizeof before / sizeof before[0]; i++) {
		size_t len = before[i] != NULL ? strlen(before[i]) : 0;

		if (len == 0 || len + strlen(name) >= sizeof variable)
			continue;
		memcpy(variable, before[i], len);
		strcpy(variable + len, name);
		value = getenv(variable);
		if (value != NULL)
			return value;
	}
	return NULL;
}

static void
get_address(const char *text, struct address *address)
{
	if (text == NULL || address_parse(text, strlen(text), address) != OK)
		address->family = 0;
}

/* A variable that says something; NULL: not set, or empty. */
static const char *
get_word(const char *variable)
{
	const char *value = getenv(variable);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

void
peer_read_tls(struct peer *peer)
{
	peer->tls = get_word("SSL_PROTOCOL");
	peer->cipher = get_word("SSL_CIPHER");
	if (peer->tls == NULL && peer->cipher != NULL)
		peer->tls = "TLS";
	/* Where sslserver spoke it, SMTPS is no more than a hint. */
	peer->begins_tls = peer->tls == NULL && get_word("SMTPS") != NULL;
}

void
peer_read(struct peer *peer)
{
	const char *text = get("REMOTEIP");

	get_address(text != NULL ? text : getenv("REMOTE_ADDR"),
	    &peer->address);
	get_address(get("LOCALIP"), &peer->local);
	address_print(&peer->address, peer->text);
	peer->host = get("REMOTEHOST");
	peer->info = get("REMOTEINFO");
	peer->port = get("REMOTEPORT");
	if (peer->port == NULL)
		peer->port = getenv("REMOTE_PORT");
	peer->local_host = get("LOCALHOST");
	peer->local_port = get("LOCALPORT");
	peer->listed = getenv("RBLSMTPD");
	peer_read_tls(peer);
}
