/* session - one session, from the request to the end of both streams */
#include "crypt/session.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "crypt/facts.h"
#include "crypt/journal.h"
#include "crypt/pump.h"

#define REQUEST_MS	10000	/* for a request to come */
#define GO_MS		330000	/* between Y and G a host may take 5 minutes */
#define ANSWER_MS	2000	/* for the program to take a record */

void
session_refuse(int channel, enum record_code code, const char *why)
{
	struct record record;

	record_begin(&record, RECORD_REFUSAL);
	record_add_number(&record, TAG_CODE, code);
	record_add_text(&record, TAG_TEXT, why);
	record_send(channel, &record, NULL, 0, 0);
}

static void
log_begin(struct journal *line, const struct request *request)
{
	journal_begin(line, "tls");
	journal_text(line, "session", request->session);
	journal_text(line, request->role == ROLE_SERVER ? "client" : "host",
	    request->peer);
}

/* There is no TLS: say so to the program and to the log. */
static int
refuse(const struct request *request, enum record_code code, const char *why)
{
	struct journal line;

	session_refuse(SESSION_CHANNEL, code, why);
	log_begin(&line, request);
	journal_text(&line, "result", code == CODE_HANDSHAKE ? "failed" :
	    "refused");
	journal_text(&line, "reason", why);
	journal_end(&line);
	return 1;
}

/* 0: there is no request, and nobody to tell. */
static int
receive_request(struct request *request, const char **why)
{
	struct record record;
	int fds[RECORD_FDS];
	size_t count;
	enum record_end end = record_receive(SESSION_CHANNEL, &record, fds,
	    &count, REQUEST_MS);

	if (end == RECORD_DONE && record.type == RECORD_REQUEST) {
		request_read(request, &record, fds, count, why);
		return 1;
	}
	while (count > 0)
		close(fds[--count]);
	memset(request, 0, sizeof *request);
	*why = "not a request";
	if (end == RECORD_DONE || end == RECORD_MALFORMED)
		return 1;
	if (end == RECORD_ALIEN)
		session_refuse(SESSION_CHANNEL, CODE_OTHER_VERSION,
		    "another version of the protocol");
	return 0;
}

/* Y out, G in.  0: the program has given up, or is confused. */
static int
receive_connection(int *in, int *out)
{
	struct record record;
	int fds[RECORD_FDS];
	size_t count;

	record_begin(&record, RECORD_READY);
	if (record_send(SESSION_CHANNEL, &record, NULL, 0,
	    ANSWER_MS) != RECORD_DONE)
		return 0;
	if (record_receive(SESSION_CHANNEL, &record, fds, &count,
	    GO_MS) != RECORD_DONE || record.type != RECORD_GO ||
	    count == 0 || count > 2)
		return 0;
	*in = fds[0];
	*out = fds[count - 1];
	return 1;
}

static int
carry(const struct handshake *handshake, const struct request *request)
{
	struct record record;
	struct journal line;
	const char *why;
	int broken;

	log_begin(&line, request);
	facts_compose(handshake, &record, &line);
	journal_end(&line);
	if (record_send(SESSION_CHANNEL, &record, NULL, 0,
	    ANSWER_MS) != RECORD_DONE) {
		/* The program is gone; the other side is told so properly. */
		SSL_shutdown(handshake->ssl);
		pump_hang_up(handshake->in, handshake->out);
		return 1;
	}
	why = pump(handshake, SESSION_CHANNEL, &broken);
	if (!broken)
		return 0;
	log_begin(&line, request);
	journal_text(&line, "result", "broken");
	journal_text(&line, "reason", why);
	journal_end(&line);
	return 1;
}

static int
speak(struct handshake *handshake, const struct request *request,
    const struct confinement *confinement)
{
	int in, out;

	if (!confine(confinement))
		return refuse(request, CODE_INTERNAL, strerror(errno));
	if (!receive_connection(&in, &out))
		return 1;
	if (!handshake_run(handshake, in, out)) {
		refuse(request, handshake->code, handshake->why);
		pump_hang_up(in, out);
		return 1;
	}
	return carry(handshake, request);
}

int
session_run(const struct contexts *contexts,
    const struct confinement *confinement)
{
	struct handshake handshake;
	struct request request;
	const char *why;

	if (!receive_request(&request, &why))
		return 1;
	if (why != NULL)
		return refuse(&request, CODE_BAD_REQUEST, why);
	if (contexts == NULL)
		contexts = contexts_read(NULL, request.role == ROLE_SERVER);
	if (contexts == NULL)
		return refuse(&request, CODE_INTERNAL, "OpenSSL fails");
	/*
	 * Nothing is freed: the end of the process gives all back, and to free
	 * would first copy pages that are shared with the parent.
	 */
	return handshake_prepare(&handshake, contexts, &request) ?
	    speak(&handshake, &request, confinement) :
	    refuse(&request, handshake.code, handshake.why);
}
