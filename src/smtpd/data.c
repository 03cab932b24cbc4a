/* data - DATA, from 354 to the reply to the end of mail data */
#include "smtpd/data.h"

#include <errno.h>
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
	/* A certificate is no AUTH. */
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
		.tls = peer->tls,
		.cipher = peer->cipher,
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
	return session_is_authenticated(session) ?
	    session->config->auth_queue : session->config->queue;
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

static void
refuse_memory(struct server *server, struct reply *reply)
{
	reply_set(reply, 451, "4.3.0", "out of memory (#4.3.0)");
	journal_refused_by(&server->session, reply, "memory", "out of memory");
}

static int
start_queue(const struct session *session, struct queue *queue,
    struct reply *reply)
{
	int error;

	if (queue_open(queue, queue_program(session),
	    session->config->timeout_s, &error) == OK)
		return 1;
	reply_set(reply, 451, "4.3.0", "unable to exec qq (#4.3.0)");
	log_queue_fault(session, reply);
	return 0;
}

static int
start_edit(struct server *server, struct edits *edits, struct edit *edit,
    struct reply *reply)
{
	if (collect_edits(server, edits) == OK && edit_start(edit, edits) == OK)
		return 1;
	refuse_memory(server, reply);
	return 0;
}

/* Say 354 and take the mail data.  Returns whether it came to its end. */
static int
take(struct server *server, const struct sink *sink, struct reply *reply)
{
	struct session *session = &server->session;

	reply_set(reply, 354, "", "go ahead");
	if (server_reply(server, reply) == OK && session->state != AT_QUIT)
		session->state = AT_DATA;
	if (session->state == AT_DATA && link_flush(session->link) == OK &&
	    intake_read(server, sink) == OK)
		return 1;
	explain_end(server, reply);
	return 0;
}

/* Whether the mail, which is whole, is refused. */
static int
is_refused(struct server *server, const struct edit *edit, struct reply *reply)
{
	if (server->session.mail.data_faults != 0) {
		refuse_form(server, reply);
		return 1;
	}
	return submission_refuses(server, edit, reply) ||
	    server_is_refused(server, ON_MESSAGE, reply);
}

/* Let the queue program have the mail for good. */
static void
commit(struct server *server, struct queue *queue, struct reply *reply)
{
	struct session *session = &server->session;
	struct transaction *mail = &session->mail;

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
transfer(struct server *server, struct edits *edits, struct reply *reply)
{
	struct edit edit = { .begun = 0 };
	struct queue queue;
	const struct sink sink = { &edit, &queue, NULL };

	if (!start_edit(server, edits, &edit, reply) ||
	    !start_queue(&server->session, &queue, reply))
		goto done;
	if (take(server, &sink, reply) && !is_refused(server, &edit, reply))
		commit(server, &queue, reply);
	else
		take_back(&server->session, &queue);
done:
	edit_free(&edit);
}

/* Where spools are made when their own folder cannot be used. */
static void
note_folder(struct session *session, const struct spool *spool)
{
	struct log_line line;

	if (spool->folder_error == 0 || session->totals.spool_is_noted)
		return;
	session->totals.spool_is_noted = 1;
	session_log(session, &line, "spool");
	log_text(&line, "file", spool->folder);
	log_text(&line, "reason", strerror(spool->folder_error));
	log_text(&line, "used", spool->temporary);
	log_end(&line);
}

static void
refuse_spool(const struct session *session, const struct spool *spool,
    int error, struct reply *reply)
{
	struct log_line line;

	reply_set(reply, 451, "4.3.0",
	    "cannot keep the message now, try again later (#4.3.0)");
	session_log(session, &line, "fault");
	log_text(&line, "file", spool->folder_error == 0 ? spool->folder :
	    spool->temporary);
	log_number(&line, "code", reply->code);
	log_text(&line, "enhanced", reply->enhanced);
	log_text(&line, "reason", strerror(error));
	log_end(&line);
}

/* Stream the spooled message into the queue. */
static enum status
pour(const struct spool *spool, struct edit *edit, struct queue *queue)
{
	struct iovec parts[EDIT_PARTS];
	char block[SPOOL_BLOCK];
	size_t len;

	for (;;) {
		if (spool_read(spool, edit->size, block, sizeof block,
		    &len) != OK)
			return TEMPFAIL;
		if (len == 0)
			break;
		edit_take(edit, block, len, parts);
		queue_write(queue, parts, EDIT_PARTS);
	}
	edit_end(edit, parts);
	queue_write(queue, parts, EDIT_PARTS);
	return OK;
}

/* A spooled message is taken: only now does the queue hear of it. */
static void
forward(struct server *server, struct edits *edits, const struct spool *spool,
    struct reply *reply)
{
	struct session *session = &server->session;
	struct edit edit = { .begun = 0 };
	struct queue queue;

	if (!start_edit(server, edits, &edit, reply) ||
	    !start_queue(session, &queue, reply))
		goto done;
	if (pour(spool, &edit, &queue) == OK)
		commit(server, &queue, reply);
	else {
		refuse_spool(session, spool, errno, reply);
		take_back(session, &queue);
	}
done:
	edit_free(&edit);
}

/* All of it has come, and the spool has it unless it is too large. */
static void
finish_spool(struct server *server, struct edits *edits,
    const struct edit *edit, const struct spool *spool, struct reply *reply)
{
	struct transaction *mail = &server->session.mail;
	int is_whole = !spool->is_broken && spool->size == mail->size;

	note_folder(&server->session, spool);
	if (spool->is_broken && mail->data_faults == 0) {
		refuse_spool(&server->session, spool, spool->error, reply);
		return;
	}
	mail->spool = is_whole ? spool : NULL;
	if (is_refused(server, edit, reply))
		return;
	if (is_whole)
		forward(server, edits, spool, reply);
	else
		refuse_spool(&server->session, spool, EFBIG, reply);
}

/*
 * The message is kept until all of it was judged.  What is captured of it is
 * captured on the way in; what is changed in it is changed on the way out, and
 * filters that saw all of it have their say in that.
 */
static void
transfer_by_spool(struct server *server, struct edits *edits,
    struct reply *reply)
{
	struct session *session = &server->session;
	const struct edits none = { .captured = edits->captured };
	struct edit edit = { .begun = 0 };
	struct spool spool;
	const struct sink sink = { &edit, NULL, &spool };

	spool_start(&spool, session->config->spool.s,
	    session->config->temporary);
	edits->captured = NULL;
	if (edit_start(&edit, &none) != OK)
		refuse_memory(server, reply);
	else if (take(server, &sink, reply))
		finish_spool(server, edits, &edit, &spool, reply);
	session->mail.spool = NULL;
	spool_free(&spool);
	edit_free(&edit);
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

	memset(&edits, 0, sizeof edits);
	set_id(&server->session);
	if (server_is_refused(server, ON_DATA, reply))
		return;
	if (submission_edit(&server->session, &edits) != OK) {
		session_log_fault(&server->session);
		server_fault(reply);
	} else if (chain_needs_spool(&server->chain))
		transfer_by_spool(server, &edits, reply);
	else
		transfer(server, &edits, reply);
	edits_free(&edits);
}
