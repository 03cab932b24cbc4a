/* serve - the session: a line, its command, the reply, until the end */
#include "smtpd/serve.h"

#include <string.h>

#include "base/text.h"
#include "filter/table.h"
#include "net/line.h"
#include "smtp/command.h"
#include "smtp/sasl.h"
#include "smtpd/command.h"
#include "smtpd/journal.h"
#include "smtpd/permit.h"
#include "smtpd/server.h"
#include "smtpd/starttls.h"
#include "smtpd/tarpit.h"

#define LINGER_MS	2000	/* wait for a client to read our last words */

/* Whether the reply says that the command itself was bad. */
static int
is_bad_command(const struct reply *reply)
{
	return (reply->code >= 500 && reply->code <= 504) ||
	    reply->code == 555;
}

/* The last of too many bad commands in a row is answered by our leave. */
static void
count_bad_command(struct session *session, struct reply *reply)
{
	struct totals *totals = &session->totals;

	if (reply->code < 400)
		totals->bad_commands = 0;
	/* A group of commands behind a refused MAIL is one mistake. */
	if (!is_bad_command(reply) ||
	    (reply->code == 503 && totals->mail_refused))
		return;
	totals->bad_commands++;
	if (session->config->maxerrors > 0 &&
	    totals->bad_commands >= session->config->maxerrors)
		reply_set(reply, 421, "4.7.0", "too many errors (#4.7.0)");
}

static void
explain_sequence(const struct session *session, enum smtp_verb verb,
    struct reply *reply)
{
	const char *text = "HELO or EHLO first (#5.5.1)";

	if (session->state >= AT_MAIL && (verb == VERB_MAIL ||
	    verb == VERB_STARTTLS || verb == VERB_AUTH))
		text = "a mail transaction is open (#5.5.1)";
	else if (session->state == AT_READY)
		text = "MAIL first (#5.5.1)";
	else if (session->state == AT_MAIL)
		text = "RCPT first (#5.5.1)";
	reply_set(reply, 503, "5.5.1", text);
}

/* A line whose form tells of a broken client, or of worse. */
static int
is_malformed(const struct session *session, enum line_form form,
    struct reply *reply)
{
	switch (form) {
	case LINE_GOOD:
		return 0;
	case LINE_BARE_LF:
		if (session->config->mend_bare_lf && session_may_relay(session))
			return 0;
		reply_set(reply, 500, "5.5.2",
		    "lines must end with CR LF (#5.5.2)");
		return 1;
	case LINE_BAD_OCTET:
		reply_set(reply, 500, "5.5.2",
		    "a bare CR or NUL in the line (#5.5.2)");
		return 1;
	default:
		reply_set(reply, 500, "5.5.2", "the line is too long (#5.5.2)");
		return 1;
	}
}

/* Run a verb that stands in its place, and move by its reply. */
static void
run_verb(struct server *server, enum smtp_verb verb, const char *argument,
    size_t len, struct reply *reply)
{
	struct session *session = &server->session;
	enum smtp_state before = session->state;

	command_run(server, verb, argument, len, reply);
	if (verb == VERB_DATA && session->totals.mails > 0 &&
	    session->mail.id[0] != '\0') {
		journal_remember(session);
		if (session->state != AT_QUIT)
			session->state = smtp_after_data(reply->code);
		server_reset(server);
	} else if (session->state == before)
		session->state = smtp_next(before, verb, reply->code);
	if (verb == VERB_RCPT && reply->code >= 400)
		session->totals.refused++;
	if (verb == VERB_MAIL || reply->code < 400)
		session->totals.mail_refused = reply->code >= 400;
	if (verb == VERB_MAIL && reply->code >= 400)
		server_reset(server);
}

/*
 * EHLO and DATA end a group of pipelined commands (RFC 2920 3.1): who goes on
 * before the reply does not listen, and what came may be mail data.
 */
static void
refuse_impatient(struct server *server, enum smtp_verb verb,
    struct reply *reply)
{
	reply_set(reply, 554, "5.5.0", verb == VERB_DATA ?
	    "input before the reply to DATA (#5.5.0)" :
	    "input before the reply to EHLO (#5.5.0)");
	server->session.state = AT_QUIT;
	journal_refused_by(&server->session, reply, "pipelining",
	    command_name(verb));
}

/* Returns the verb, whatever became of it. */
static enum smtp_verb
obey(struct server *server, const char *line, size_t len, struct reply *reply)
{
	struct session *session = &server->session;
	const char *argument;
	size_t argument_len;
	enum smtp_verb verb = command_verb(line, len, &argument, &argument_len);

	if (verb == VERB_COUNT)
		reply_set(reply, 502, "5.5.1", "unimplemented (#5.5.1)");
	else if (verb == VERB_DATA && server_is_impatient(server))
		refuse_impatient(server, verb, reply);
	else if (starttls_refuses(server, verb, reply))
		;
	else if (!smtp_allowed(session->state, verb))
		explain_sequence(session, verb, reply);
	else {
		if (text_trimmed(line, len) != len)
			session->mail.notes |= NOTE_BLANK_AT_END;
		run_verb(server, verb, argument, argument_len, reply);
	}
	return verb;
}

/* AUTH may carry a response, which may be long. */
static int
is_for_auth(const char *line, size_t len)
{
	return text_begins(line, len, "AUTH ");
}

/*
 * A response is a secret, with AUTH or behind it; behind an AUTH that is
 * refused it comes as a command that nobody knows.
 */
static int
is_secret(enum smtp_verb verb)
{
	return verb == VERB_AUTH || verb == VERB_COUNT;
}

static void
trace_line(const struct server *server, const char *line, size_t len)
{
	const char *shown = is_for_auth(line, len) ? "AUTH ..." : "...";
	const char *argument;
	size_t argument_len;

	if (!server->session.config->debug)
		return;
	if (is_secret(command_verb(line, len, &argument, &argument_len)))
		server_trace(server, "received", shown, strlen(shown));
	else
		server_trace(server, "received", line, len);
}

static enum status
serve_line(struct server *server, const char *line, size_t len,
    enum line_form form)
{
	struct session *session = &server->session;
	enum smtp_verb verb = VERB_COUNT;
	struct reply reply = { 0 };
	enum status status;

	if (form == LINE_GOOD && !is_for_auth(line, len) &&
	    len + 2 > COMMAND_LINE)
		form = LINE_TOO_LONG;
	trace_line(server, line, len);
	if (!is_malformed(session, form, &reply))
		verb = obey(server, line, len, &reply);
	if (is_secret(verb))
		link_wipe(session->link);
	count_bad_command(session, &reply);
	if (reply.code == 421)
		session->state = AT_QUIT;
	/* Nothing is left to say. */
	if (reply.code == 0)
		return OK;
	status = tarpit_hold(session, verb, &reply);
	if (server_reply(server, &reply) != OK)
		status = TEMPFAIL;
	if (status == OK && verb == VERB_EHLO && session->state != AT_QUIT &&
	    server_is_impatient(server)) {
		refuse_impatient(server, verb, &reply);
		status = server_reply(server, &reply);
	}
	return status;
}

/* Whether a whole line waits; else what we said has to go out first. */
static int
has_line(const struct link *link)
{
	size_t len;
	const char *input = link_input(link, &len);

	return memchr(input, '\n', len) != NULL;
}

static struct deadline
line_deadline(const struct session *session)
{
	struct deadline end = { session->until_ms };

	return deadline_sooner(end,
	    deadline_in((int64_t)session->config->timeout_s * 1000));
}

/* Why the link has ended, in the log's words. */
static const char *
why_ended(const struct link *link)
{
	switch (link_ended(link)) {
	case LINK_TIMEOUT:
		return "timeout";
	case LINK_EOF:
		return "closed by client";
	default:
		return "connection broken";
	}
}

/* No more lines come: say so where somebody may listen. */
static const char *
say_goodbye(struct server *server)
{
	const struct link *link = server->session.link;
	struct reply reply;

	if (link_ended(link) == LINK_TIMEOUT) {
		reply_set(&reply, 421, "4.4.2", "timeout (#4.4.2)");
		server_reply(server, &reply);
	}
	return why_ended(link);
}

static enum status
say_hello(struct server *server)
{
	struct session *session = &server->session;
	struct reply reply;

	if (server_is_refused(server, ON_CONNECT, &reply))
		return server_reply(server, &reply);
	if (!session->config->greets)
		return OK;
	if (!stralloc_copys(&server->words, session->config->greeting.s) ||
	    !stralloc_cats(&server->words, " ESMTP") ||
	    !stralloc_0(&server->words)) {
		server_out_of_memory(server, &reply);
		session->state = AT_QUIT;
	} else
		reply_set(&reply, 220, "", server->words.s);
	return server_reply(server, &reply);
}

static const char *
converse(struct server *server)
{
	struct session *session = &server->session;
	struct link *link = session->link;
	struct reply reply;
	int first = 1;

	if (say_hello(server) != OK)
		return say_goodbye(server);
	while (session->state != AT_QUIT) {
		const char *line;
		enum line_form form;
		size_t len;

		if (!has_line(link) && link_flush(link) != OK)
			return say_goodbye(server);
		/* Whoever always has a line ready must come to an end, too. */
		if (clock_ms() >= session->until_ms) {
			reply_set(&reply, 421, "4.4.2",
			    "this session is too long (#4.4.2)");
			server_reply(server, &reply);
			return "too long";
		}
		if (line_read(link, SASL_LINE, line_deadline(session),
		    &line, &len, &form) != OK)
			return say_goodbye(server);
		if (first && command_is_http(line, len))
			return "request of HTTP";
		first = 0;
		if (serve_line(server, line, len, form) != OK)
			return say_goodbye(server);
	}
	if (server->ending != NULL)
		return server->ending;
	if (link_ended(link) != LINK_IS_OPEN)
		return why_ended(link);
	return session->totals.last_code == 221 ? "quit" : "ended by us";
}

/* Logins that are wanted and cannot be had: why, once a session. */
static void
log_auth_fault(const struct session *session)
{
	struct log_line line;

	if (session->config->auth.fault == NULL)
		return;
	session_log(session, &line, "fault");
	log_text(&line, "setting", "auth");
	log_text(&line, "reason", session->config->auth.fault);
	log_end(&line);
}

int
serve(struct server *server)
{
	struct session *session = &server->session;
	const char *reason;

	permit_client(session);
	log_auth_fault(session);
	if (session->peer.begins_tls && starttls_begin(server) != OK) {
		reason = server->ending;
		goto done;
	}
	server_begin(server);
	if (chain_start(&server->chain, filters, filter_count,
	    session) == OK)
		reason = converse(server);
	else {
		struct reply reply;

		server_out_of_memory(server, &reply);
		server_reply(server, &reply);
		reason = "out of memory";
	}
done:
	link_flush(session->link);
	link_linger(session->link, LINGER_MS);
	journal_end(session, reason);
	chain_stop(&server->chain);
	stralloc_free(&server->words);
	stralloc_free(&server->output);
	return session->totals.last_code == 221 ? 0 : 1;
}
