#ifndef NET_TLS_H
#define NET_TLS_H

#include <stddef.h>
#include <stdint.h>
#include <stralloc.h>

#include "base/status.h"
#include "crypt/record.h"

/*
 * TLS by qsmtp-tls(8): the connection is handed over, and what comes back is
 * a stream of plaintext and a few facts.  The service that waits at run/tls
 * below the current folder does it; where none answers, the program
 * bin/qsmtp-tls is executed for this session.
 */

#define TLS_NAME	256	/* room for a domain name, with its NUL */
#define TLS_NO_FD	(-1)
#define TLS_1_2		0x0303u		/* as a version of the protocol */

/* What is wanted.  Strings are borrowed; NULL: not said. */
struct tls_request {
	enum record_role role;
	const char *session;		/* for the log of qsmtp-tls */
	const char *peer;
	unsigned handshake_s;		/* how long it may take */
	unsigned minimum;		/* 0x0303: TLS 1.2; 0: as ever */
	const char *ciphers;
	/* Of a server. */
	const char *local_ip, *local_port;
	int asks_certificate;
	/* Of a client. */
	const char *server_name;	/* for SNI */
	enum record_policy policy;
	const stralloc *names;		/* to be verified; each with a NUL */
	const stralloc *fingerprints;	/* RECORD_DIGEST octets each */
	int ca_file, ca_folder;		/* descriptors, or TLS_NO_FD */
	int certificate, key;
};

/* What is known once TLS is up; "": not said. */
struct tls_facts {
	enum record_verdict verdict;
	char version[16];		/* "TLSv1.3" */
	char cipher[64];
	char group[32];
	char sni[TLS_NAME];		/* the name that the client asked for */
	char own[TLS_NAME];		/* where our certificate came from */
	char subject[TLS_NAME];		/* of the other side's certificate */
	char matched[TLS_NAME];		/* the name or fingerprint that fits */
	char identities[RECORD_IDENTITIES][TLS_NAME];
	size_t identity_count;
	char digest[2 * RECORD_DIGEST + 1];	/* SHA-256, hexadecimal */
	int has_exporter;
	unsigned char exporter[RECORD_DIGEST];	/* RFC 9266 */
	char failure[TLS_NAME];		/* why the policy is not met */
};

/* One hand-over.  tls_close() it. */
struct tls {
	int channel;			/* TLS_NO_FD: there is none */
	unsigned handshake_s;
	const char *way;		/* "service" or "embedded" */
	char reason[TLS_NAME];		/* why there is no TLS */
	uint32_t code;			/* enum record_code, or 0 */
};

/*
 * Ask for it, before a word is said to the other side.  TEMPFAIL: it cannot
 * be had now; `reason` says why.
 */
enum status tls_open(struct tls *, const struct tls_request *);

/*
 * Hand over the connection, of which these are the two ends or twice the same
 * one, and wait for the handshake.  The caller closes them in any case.  OK:
 * tls->channel is a stream of plaintext, which is the caller's now.  It is OK,
 * too, where the policy is not met: see facts->verdict.  TEMPFAIL: it failed,
 * `reason` says why, and the connection is lost.
 */
enum status tls_start(struct tls *, int in, int out, struct tls_facts *);

/* "1.0" to "1.3" as a number.  PERMFAIL: it is none of these. */
enum status tls_version(const char *text, size_t len, unsigned *version);

/* Give up what was asked for.  What tls_start() gave out stays open. */
void tls_close(struct tls *);

#endif
