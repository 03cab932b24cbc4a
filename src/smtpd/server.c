/* server - what every command of the server needs */
#include "smtpd/server.h"

#include "smtpd/journal.h"

void
server_begin(struct server *server)
{
	struct session *session = &server->session;

	stralloc_free(&session->helo);
	session->greeted = VERB_COUNT;
	session->state = session_may_relay(session) ? AT_READY : AT_CONNECT;
}

void
server_reset(struct server *server)
{
	session_reset(&server->session);
	settings_enter(server->session.settings, NULL, NULL);
	chain_reset(&server->chain);
}

void
server_trace(const struct server *server, const char *direction,
    const char *text, size_t len)
{
	const struct session *session = &server->session;
	struct log_line line;

	if (!session->config->debug)
		return;
	session_log(session, &line, "debug");
	log_octets(&line, direction, text, len);
	log_end(&line);
}

static void
log_no_memory(const struct session *session)
{
	struct log_line line;

	session_log(session, &line, "fault");
	log_text(&line, "reason", "out of memory");
	log_end(&line);
}

enum status
server_reply(struct server *server, const struct reply *reply)
{
	struct session *session = &server->session;

	session->totals.last_code = reply->code;
	stralloc_zero(&server->output);
	if (reply_print(reply, &server->output) != OK) {
		static const char last[] = "421 4.3.0 out of memory\r\n";

		log_no_memory(session);
		session->totals.last_code = 421;
		session->state = AT_QUIT;
		return link_put(session->link, last, sizeof last - 1);
	}
	server_trace(server, "sent", server->output.s, server->output.len);
	return link_put(session->link, server->output.s, server->output.len);
}

int
server_is_impatient(const struct server *server)
{
	return !session_may_relay(&server->session) &&
	    link_has_input(server->session.link, 0);
}

void
server_fault(struct reply *reply)
{
	reply_set(reply, 421, "4.3.0",
	    "trouble here, try again later (#4.3.0)");
}

int
server_is_refused(struct server *server, enum phase phase, struct reply *reply)
{
	struct outcome outcome;

	chain_ask(&server->chain, phase, &outcome);
	if (outcome.verdict == PASS)
		return 0;
	if (server->session.relay_is_unknown && outcome.filter != NULL &&
	    outcome.filter->spares == SPARES_TRUSTED) {
		/* It may be one that the filter spares. */
		server_fault(reply);
		server->session.state = AT_QUIT;
		return 1;
	}
	*reply = outcome.reply;
	journal_refused(&server->session, reply, &outcome);
	if (outcome.verdict == DROP)
		server->session.state = AT_QUIT;
	return 1;
}

void
server_out_of_memory(const struct server *server, struct reply *reply)
{
	log_no_memory(&server->session);
	server_fault(reply);
}
