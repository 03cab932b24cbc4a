#ifndef SESSION_PEER_H
#define SESSION_PEER_H

#include "base/address.h"

/*
 * Who is connected, as the server that started us says in the environment:
 * tcpserver and its kin (tcp-environ(5)), inetd and systemd.  Strings are
 * borrowed from the environment; NULL: not said.
 */
struct peer {
	struct address address;		/* family 0: not known */
	struct address local;		/* our end; family 0: not known */
	char text[ADDRESS_TEXT];	/* the client's address, or "unknown" */
	const char *host;		/* its reverse name, may be "" */
	const char *info;		/* what ident or an AUTH server said */
	const char *port;
	const char *local_host;
	const char *local_port;
	/* The protocol of TLS, whoever speaks it for us; NULL: none. */
	const char *tls, *cipher;
	int begins_tls;			/* SMTPS: before anything is said */
	const char *listed;		/* RBLSMTPD, may be ""; NULL: not set */
};

/*
 * Read the environment: SSL_PROTOCOL and SSL_CIPHER, SMTPS; ${PROTO}REMOTEIP
 * and its kin first, then TCP..., then TCP6..., then REMOTE_ADDR and
 * REMOTE_PORT.
 */
void peer_read(struct peer *);

/* Read that of TLS alone, which may come later. */
void peer_read_tls(struct peer *);

#endif
