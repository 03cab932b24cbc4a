#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include <stdint.h>
#include <stralloc.h>

#include "base/control.h"
#include "base/deadline.h"
#include "base/log.h"
#include "base/status.h"
#include "net/link.h"
#include "net/tls.h"
#include "session/config.h"
#include "session/local.h"
#include "session/peer.h"
#include "session/senders.h"
#include "session/setting.h"
#include "session/user.h"
#include "session/spool.h"
#include "smtp/machine.h"
#include "smtp/mailbox.h"

/* How the right to relay was got. */
enum relay {
	RELAY_NONE,
	RELAY_ADDRESS,		/* RELAYCLIENT or a list of addresses */
	RELAY_CERTIFICATE,	/* one of the client's is in tlsclients */
	RELAY_AUTH		/* the client logged in */
};

#define SESSION_ID	48	/* room for an id, with its NUL */
#define SESSION_ASKED	65536	/* octets of all forward-paths of a mail */

/* What is odd about a mail and harmless by itself. */
#define NOTE_BLANK_BEFORE_PATH	1u
#define NOTE_BLANK_AT_END	2u
#define NOTE_NO_BRACKETS	4u

/*
 * All that belongs to one mail transaction (RFC 5321 3.3).  session_reset()
 * zeroes it; nothing of it outlives that.
 */
struct transaction {
	struct path reverse_path;
	struct path forward_path;	/* of the RCPT that is being judged */
	struct user user;	/* what is known of its mailbox */
	stralloc envelope;	/* "T" forward-path NUL, accepted ones */
	uint64_t recipients;	/* how many of them */
	stralloc asked;		/* forward-path NUL, all that RCPT had */
	int asked_is_cut;	/* they were more than SESSION_ASKED */
	uint64_t declared_size;	/* SIZE=, octets; 0: not said */
	int is_8bit;		/* BODY=8BITMIME was said */
	unsigned notes;
	char id[SESSION_ID];	/* of the session, and which mail of it */
	unsigned long queue_id;	/* process id of the queue program; 0: none */
	/* Counted while the mail data came in. */
	unsigned hops;
	uint64_t size;
	unsigned data_faults;	/* see smtp/transparency.h */
	/*
	 * The message as it came, while ON_MESSAGE is asked and a filter that
	 * is on needs it; NULL: not all of it is there.
	 */
	const struct spool *spool;
};

/* What happened so far, for the log and the limits. */
struct totals {
	unsigned bad_commands;	/* in a row */
	int mail_refused;	/* the last MAIL was, and none came since */
	unsigned log_lines;	/* refusals that were logged each */
	uint64_t accepted;	/* mails */
	uint64_t refused;	/* forward-paths */
	uint64_t octets;	/* of accepted mails */
	uint64_t mails;		/* transactions that came to DATA */
	unsigned last_code;	/* of the last reply */
	unsigned long queue_id;	/* of the last mail; 0: none */
	uint64_t recipients;	/* of the last mail */
	unsigned faults;	/* that put recipients off */
	uint64_t refusals;	/* that the tarpit holds back */
	uint64_t auth_failures;	/* logins that did not succeed */
	int spool_is_noted;	/* where spools are made instead */
	stralloc reverse_path;	/* of the last mail */
};

/* The one mutable state: made in main(), passed first in every call. */
struct session {
	const struct config *config;
	struct control *control;
	struct link *link;
	struct log log;
	struct peer peer;
	struct tls_facts *tls;	/* of qsmtp-tls; NULL: it was not asked */
	struct settings *settings;
	struct local local;
	struct users users;
	char id[SESSION_ID];	/* seconds and process id, in hexadecimal */
	int64_t started_ms;
	int64_t until_ms;	/* when the session ends at the latest */
	enum relay relay;
	const char *relay_by;	/* RELAYCLIENT or the list that says so */
	struct {
		enum relay relay;
		const char *by, *info;	/* TCPREMOTEINFO */
	} before_login;		/* what a login replaced */
	int relay_is_unknown;	/* such a list cannot be read */
	const char *relay_suffix;	/* what RELAYCLIENT appends */
	stralloc user;		/* who logged in, with a NUL; empty: nobody */
	struct senders senders;	/* whom a login may send as */
	int user_is_bound;	/* by that list */
	enum smtp_state state;
	enum smtp_verb greeted;	/* VERB_HELO, VERB_EHLO; VERB_COUNT: neither */
	stralloc helo;		/* its argument */
	struct transaction mail;
	struct totals totals;
};

/*
 * Drop the mail transaction: for HELO, EHLO, RSET and after the end of mail
 * data, good or bad.
 */
void session_reset(struct session *);
void session_free(struct session *);

int session_may_relay(const struct session *);

/*
 * Whether filters that spare clients that may relay spare this one: a client
 * that submits mail may, or will come no further than MAIL.
 */
int session_spares_client(const struct session *);

/* Whether we know who it is, by a login or by a certificate. */
int session_is_authenticated(const struct session *);

/* "none", "address", "certificate" or "auth", for the log and for Received. */
const char *session_relay_name(const struct session *);

/*
 * Note that RCPT has this forward-path, whatever becomes of it.  TEMPFAIL: out
 * of memory.
 */
enum status session_ask(struct session *, const stralloc *mailbox);

/* Whether the operator let this client off all DNS lists, by RBLSMTPD="". */
int session_is_off_lists(const struct session *);

/* Whether what the client says is hidden from listeners. */
int session_is_encrypted(const struct session *);

/* Whether AUTH is offered, now or once there is TLS. */
int session_knows_auth(const struct session *);
int session_offers_auth(const struct session *);

/* The name that this host goes by in trace fields. */
const char *session_name(const struct session *);

/*
 * Begin a line of the log that names the session and the client; then as
 * base/log.h has it.
 */
void session_log(const struct session *, struct log_line *, const char *event);

/*
 * Log that a file of settings cannot be used, as `failed` says: of control/,
 * or of another folder.
 */
void session_log_fault(const struct session *);
void session_log_fault_of(const struct session *, const struct control *);

#endif
