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

/* sslserver names the protocol; SMTPS says no more than that it is there. */
static void
read_tls(struct peer *peer)
{
	const char *smtps = getenv("SMTPS");

	peer->tls = getenv("SSL_PROTOCOL");
	peer->cipher = getenv("SSL_CIPHER");
	if (peer->cipher != NULL && peer->cipher[0] == '\0')
		peer->cipher = NULL;
	if (peer->tls != NULL && peer->tls[0] == '\0')
		peer->tls = NULL;
	if (peer->tls == NULL && (peer->cipher != NULL ||
	    (smtps != NULL && smtps[0] != '\0')))
		peer->tls = "TLS";
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
	read_tls(peer);
}
