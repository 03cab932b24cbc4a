#include "session/peer.h"

#include "../home.h"
#include "../suite.h"

#define WORDS	8

static const struct {
	const char *environment[WORDS];
	const char *text, *local;	/* addresses as they are printed */
	const char *host, *info, *port, *local_host, *local_port;
} rows[] = {
	/* tcpserver. */
	{ { "PROTO=TCP", "TCPREMOTEIP=192.0.2.1", "TCPREMOTEHOST=a.test",
	    "TCPREMOTEINFO=joe", "TCPREMOTEPORT=4711", "TCPLOCALIP=192.0.2.9",
	    "TCPLOCALHOST=mx.test", "TCPLOCALPORT=25" },
	    "192.0.2.1", "192.0.2.9", "a.test", "joe", "4711", "mx.test",
	    "25" },
	/* Debian's tcpserver on IPv6 sets both. */
	{ { "PROTO=TCP6", "TCP6REMOTEIP=2001:db8::1",
	    "TCPREMOTEIP=192.0.2.1" },
	    "2001:db8::1", "unknown", NULL, NULL, NULL, NULL, NULL },
	{ { "PROTO=TCP6", "TCP6REMOTEIP=::ffff:192.0.2.1",
	    "TCP6LOCALIP=::ffff:192.0.2.9", "TCPREMOTEHOST=a" },
	    "192.0.2.1", "192.0.2.9", "a", NULL, NULL, NULL, NULL },
	/* No PROTO: TCP before TCP6. */
	{ { "TCP6REMOTEIP=2001:db8::1", "TCPREMOTEIP=192.0.2.1" },
	    "192.0.2.1", "unknown", NULL, NULL, NULL, NULL, NULL },
	{ { "TCP6REMOTEIP=2001:db8::1", "TCP6REMOTEPORT=1" },
	    "2001:db8::1", "unknown", NULL, NULL, "1", NULL, NULL },
	/* sslserver. */
	{ { "PROTO=SSL", "SSLREMOTEIP=192.0.2.2", "TCPREMOTEIP=192.0.2.1",
	    "SSLREMOTEHOST=b", "TCPREMOTEHOST=a", "TCPREMOTEINFO=i" },
	    "192.0.2.2", "unknown", "b", "i", NULL, NULL, NULL },
	/* s6-tcpserver with an empty name. */
	{ { "PROTO=TCP", "TCPREMOTEIP=192.0.2.1", "TCPREMOTEHOST=" },
	    "192.0.2.1", "unknown", "", NULL, NULL, NULL, NULL },
	/* systemd's sockets. */
	{ { "REMOTE_ADDR=2001:db8::2", "REMOTE_PORT=99" },
	    "2001:db8::2", "unknown", NULL, NULL, "99", NULL, NULL },
	{ { "REMOTE_ADDR=192.0.2.3", "TCPREMOTEIP=192.0.2.1",
	    "REMOTE_PORT=99", "TCPREMOTEPORT=98" },
	    "192.0.2.1", "unknown", NULL, NULL, "98", NULL, NULL },
	/* inetd says nothing. */
	{ { NULL }, "unknown", "unknown", NULL, NULL, NULL, NULL, NULL },
	/* No address; another variable does not make up for it. */
	{ { "TCPREMOTEIP=a.test" },
	    "unknown", "unknown", NULL, NULL, NULL, NULL, NULL },
	{ { "TCPREMOTEIP=", "REMOTE_ADDR=192.0.2.3" },
	    "unknown", "unknown", NULL, NULL, NULL, NULL, NULL },
	{ { "TCPREMOTEIP=fe80::1%eth0" },
	    "fe80::1", "unknown", NULL, NULL, NULL, NULL, NULL },
	/* PROTO is the operator's, yet nothing overflows. */
	{ { "PROTO=", "TCPREMOTEIP=192.0.2.1", "REMOTEIP=192.0.2.2" },
	    "192.0.2.1", "unknown", NULL, NULL, NULL, NULL, NULL },
	{ { "PROTO=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "TCPREMOTEIP=192.0.2.1" },
	    "192.0.2.1", "unknown", NULL, NULL, NULL, NULL, NULL },
	{ { "PROTO=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "TCPREMOTEIP=192.0.2.1" },
	    "192.0.2.1", "unknown", NULL, NULL, NULL, NULL, NULL },
};

/* TLS that whoever started us speaks for us; NULL: there is none.  SMTPS. */
static const struct {
	const char *environment[WORDS];
	const char *tls, *cipher;
	int begins;
} encrypted[] = {
	{ { NULL },				NULL, NULL, 0 },
	/* SMTPS speaks of what is to come. */
	{ { "SMTPS=1" },			NULL, NULL, 1 },
	{ { "SMTPS=0" },			NULL, NULL, 1 },
	{ { "SMTPS=" },				NULL, NULL, 0 },
	{ { "SSL_PROTOCOL=TLSv1.3" },		"TLSv1.3", NULL, 0 },
	{ { "SSL_PROTOCOL=TLSv1.3", "SSL_CIPHER=AES" }, "TLSv1.3", "AES", 0 },
	{ { "SSL_PROTOCOL=TLSv1.2", "SMTPS=1" }, "TLSv1.2", NULL, 0 },
	{ { "SSL_CIPHER=AES" },			"TLS", "AES", 0 },
	{ { "SSL_PROTOCOL=", "SSL_CIPHER=" },	NULL, NULL, 0 },
	{ { "SSL_PROTOCOL=", "SSL_CIPHER=", "SMTPS=1" }, NULL, NULL, 1 },
	{ { "SSL_CIPHER=AES", "SMTPS=1" },	"TLS", "AES", 0 },
	/* Ports and names prove nothing. */
	{ { "TCPLOCALPORT=465", "PROTO=SSL", "SSLLOCALPORT=465",
	    "SSL=1", "UCSPITLS=!", "SMTPS_=1", "HTTPS=on" }, NULL, NULL, 0 },
};

#define assert_said(seen, wanted) do {					\
	if ((wanted) == NULL)						\
		ck_assert_ptr_null(seen);				\
	else								\
		ck_assert_str_eq(seen, wanted);				\
} while (0)

START_TEST(each_row)
{
	char local[ADDRESS_TEXT];
	struct peer peer;

	memset(&peer, 0x5a, sizeof peer);
	home_environment(rows[_i].environment, WORDS);
	peer_read(&peer);
	ck_assert_str_eq(peer.text, rows[_i].text);
	ck_assert_int_eq(peer.address.family,
	    strcmp(peer.text, "unknown") == 0 ? 0 :
	    strchr(peer.text, ':') != NULL ? 6 : 4);
	address_print(&peer.local, local);
	ck_assert_str_eq(local, rows[_i].local);
	assert_said(peer.host, rows[_i].host);
	assert_said(peer.info, rows[_i].info);
	assert_said(peer.port, rows[_i].port);
	assert_said(peer.local_host, rows[_i].local_host);
	assert_said(peer.local_port, rows[_i].local_port);
}
END_TEST

START_TEST(each_encrypted)
{
	struct peer peer;

	memset(&peer, 0x5a, sizeof peer);
	home_environment(encrypted[_i].environment, WORDS);
	peer_read(&peer);
	assert_said(peer.tls, encrypted[_i].tls);
	assert_said(peer.cipher, encrypted[_i].cipher);
	ck_assert_int_eq(peer.begins_tls, encrypted[_i].begins);
}
END_TEST

SUITE("peer",
    { each_row, ROWS(rows), home_make, home_remove },
    { each_encrypted, ROWS(encrypted), home_make, home_remove })
