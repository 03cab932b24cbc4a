/* data - DATA, from 354 to the reply to the end of mail data */
#include "smtpd/data.h"

#include <string.h>
#include <time.h>

#include "base/text.h"
#include "mail/trace.h"
#include "smtp/transparency.h"
#include "smtpd/intake.h"
#include "smtpd/journal.h"
#include "smtpd/queue.h"
#include "smtpd/submission.h"

/* The one recipient; nobody learns of others by the trace field. */
static void
name_recipient(const struct transaction *mail, struct trace *trace)
{
	if (mail->recipients != 1 || mail->envelope.len < 3)
		return;
	trace->recipient = mail->envelope.s + 1;
	trace->recipient_len = mail->envelope.len - 2;
}

/* RFC 3848 */
static const char *
protocol_name(const struct session *session)
{
	int has_auth = session->relay == RELAY_AUTH;

	if (session->greeted != VERB_EHLO)
		return "SMTP";
	if (session_is_encrypted(session))
		return has_auth ? "ESMTPSA" : "ESMTPS";
	return has_auth ? "ESMTPA" : "ESMTP";
}

/* What goes on top of the message: Received, then what filters want there. */
static enum status
collect_edits(struct server *server, struct edits *edits)
{
	const struct session *session = &server->session;
	const struct peer *peer = &session->peer;
	const struct edits *wanted;
	struct trace trace = {
		.helo = session->helo.s,
		.helo_len = session->helo.len,
		.host = peer->host,
		.address = peer->address,
		.info = peer->info,
		.name = session_name(session),
		.user = session->user.len > 0 ? session->user.s : NULL,
		.is_hidden = session->user.len > 0 &&
		    session->config->auth.hides,
		.protocol = protocol_name(session),
		.id = session->mail.id,
		.relay = session_may_relay(session) ?
		    session_relay_name(session) : NULL,
		.relay_by = session->relay_by,
		.time = (int64_t)time(NULL),
	};

	name_recipient(&session->mail, &trace);
	if (chain_edits(&server->chain, &wanted) != OK ||
	    trace_received(&trace, &edits->top) != OK ||
	    edits_add(edits, wanted->top.s, wanted->top.len) != OK)
		return TEMPFAIL;
	return stralloc_catb(&edits->removed, wanted->removed.s,
	    wanted->removed.len) ? OK : TEMPFAIL;
}

/* Mail data that is refused for its form. */
static void
refuse_form(struct server *server, struct reply *reply)
{
	unsigned faults = server->session.mail.data_faults;
	const char *found = "a NUL";

	if ((faults & DATA_BARE_LF) != 0)
		found = "a bare LF";
	else if ((faults & DATA_BARE_CR) != 0)
		found = "a bare CR";
	reply_set(reply, 550, "5.6.0",
	    "lines must end with CR LF, and no octet be NUL (#5.6.0)");
	journal_refused_by(&server->session, reply, "barelf", found);
}

/* Why mail data stopped before its end; the session is over. */
static void
explain_end(struct server *server, struct reply *reply)
{
	struct session *session = &server->session;

	if (session->mail.data_faults != 0 &&
	    link_ended(session->link) == LINK_IS_OPEN)
		refuse_form(server, reply);
	else
		reply_set(reply, 421, "4.4.2", "no end of mail data (#4.4.2)");
	session->state = AT_QUIT;
}

static const char *
queue_program(const struct session *session)
{
	return session->relay == RELAY_AUTH ? session->config->auth_queue :
	    session->config->queue;
}

static void
log_queue_fault(const struct session *session, const struct reply *reply)
{
	struct log_line line;

	session_log(session, &line, "fault");
	log_text(&line, "program", queue_program(session));
	log_number(&line, "code", reply->code);
	log_text(&line, "enhanced", reply->enhanced);
	log_text(&line, "reason", reply->text);
	log_end(&line);
}

/* A program that does not end when it should is not given company. */
static void
take_back(struct session *session, struct queue *queue)
{
	struct log_line line;

	if (queue_abort(queue))
		return;
	session_log(session, &line, "fault");
	log_text(&line, "program", queue_program(session));
	log_text(&line, "reason", "does not end");
	log_end(&line);
	session->state = AT_QUIT;
}

/* The mail is whole: refuse it, or hand it over. */
static void
finish(struct server *server, const struct edit *edit, struct queue *queue,
    struct reply *reply)
{
	struct session *session = &server->session;
	struct transaction *mail = &session->mail;

	if (mail->data_faults != 0)
		refuse_form(server, reply);
	if (mail->data_faults != 0 ||
	    submission_refuses(server, edit, reply) ||
	    server_is_refused(server, ON_MESSAGE, reply)) {
		take_back(session, queue);
		return;
	}
	mail->queue_id = (unsigned long)queue->pid;
	if (!queue_commit(queue, &mail->reverse_path.mailbox, &mail->envelope,
	    reply, &server->words)) {
		log_queue_fault(session, reply);
		if (queue->is_stuck)
			session->state = AT_QUIT;
		return;
	}
	journal_accepted(session);
}

/* The message streams into the queue while it comes in. */
static void
transfer(struct server *server, struct edit *edit, struct reply *reply)
{
	struct session *session = &server->session;
	struct queue queue;
	int error;

	if (queue_open(&queue, queue_program(session),
	    session->config->timeout_s, &error) != OK) {
		reply_set(reply, 451, "4.3.0", "unable to exec qq (#4.3.0)");
		log_queue_fault(session, reply);
		return;
	}
	reply_set(reply, 354, "", "go ahead");
	if (server_reply(server, reply) == OK && session->state != AT_QUIT)
		session->state = AT_DATA;
	if (session->state != AT_DATA || link_flush(session->link) != OK ||
	    intake_read(server, edit, &queue) != OK) {
		take_back(session, &queue);
		explain_end(server, reply);
		return;
	}
	finish(server, edit, &queue, reply);
}

/* `SECONDS.PID.MAIL`: the session's id, and which of its mails this is. */
static void
set_id(struct session *session)
{
	struct transaction *mail = &session->mail;

	strcpy(mail->id, session->id);
	strcat(mail->id, ".");
	text_print_number(mail->id + strlen(mail->id),
	    ++session->totals.mails);
}

void
data_take(struct server *server, struct reply *reply)
{
	struct edits edits;
	struct edit edit = { .begun = 0 };

	memset(&edits, 0, sizeof edits);
	set_id(&server->session);
	if (server_is_refused(server, ON_DATA, reply))
		return;
	if (submission_edit(&server->session, &edits) != OK) {
		session_log_fault(&server->session);
		server_fault(reply);
	} else if (collect_edits(server, &edits) != OK ||
	    edit_start(&edit, &edits) != OK) {
		reply_set(reply, 451, "4.3.0", "out of memory (#4.3.0)");
		journal_refused_by(&server->session, reply, "memory",
		    "out of memory");
	} else
		transfer(server, &edit, reply);
	edit_free(&edit);
	edits_free(&edits);
}
