#ifndef SMTPD_SERVER_H
#define SMTPD_SERVER_H

#include "filter/chain.h"
#include "session/session.h"
#include "smtp/reply.h"

/* The server: its session and the filters that judge it. */
struct server {
	struct session session;
	struct chain chain;
	stralloc words;		/* of a reply that is put together */
	stralloc output;	/* of a reply on its way to the link */
	const char *ending;	/* why it ends, if no reply tells; or NULL */
};

/*
 * The state before the client says a word: at first, and once more within TLS
 * after STARTTLS.
 */
void server_begin(struct server *);

/* The one reset of a mail transaction, with what the filters know of it. */
void server_reset(struct server *);

/* Collect a reply for the client; TEMPFAIL: the link has ended. */
enum status server_reply(struct server *, const struct reply *);

/*
 * Whether the client has sent more although it had to wait for this reply
 * (RFC 2920 3.1).  Clients that may relay are forgiven.
 */
int server_is_impatient(const struct server *);

/* End the session with 421 4.3.0 for a fault of ours that was logged. */
void server_fault(struct reply *);

/* The same when memory is gone; this is logged here. */
void server_out_of_memory(const struct server *, struct reply *);

/*
 * Ask the filters.  When they refuse, that is the reply, it is logged, and 1
 * comes back; after DROP the session is at its end.
 */
int server_is_refused(struct server *, enum phase, struct reply *);

/* Log a line of the dialogue, where the operator wants that. */
void server_trace(const struct server *, const char *direction,
    const char *text, size_t len);

#endif
