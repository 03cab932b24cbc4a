/* journal - what the log says of mails and sessions */
#include "smtpd/journal.h"

#include <string.h>

#define LOG_LINES	20	/* refusals, and as many failed logins */
#define RECIPIENTS_LOGGED 3	/* of an accepted mail */

/* "none", or the protocol and what else is known. */
static void
log_tls(const struct session *session, struct log_line *line)
{
	const struct peer *peer = &session->peer;

	log_text(line, "tls", peer->tls != NULL ? peer->tls : "none");
	if (peer->cipher != NULL)
		log_text(line, "cipher", peer->cipher);
	if (session->tls == NULL)
		return;
	if (session->tls->sni[0] != '\0')
		log_text(line, "sni", session->tls->sni);
	if (session->tls->verdict == VERDICT_VERIFIED)
		log_text(line, "certificate", session->tls->subject);
}

/* How the right to relay was got, and by what or by whom. */
static void
log_relay(const struct session *session, struct log_line *line)
{
	log_text(line, "relay", session_relay_name(session));
	if (session->relay_by != NULL)
		log_text(line, "by", session->relay_by);
	if (session->user.len > 0)
		log_octets(line, "user", session->user.s,
		    session->user.len - 1);
}

static void
log_envelope(const struct session *session, struct log_line *line)
{
	const struct transaction *mail = &session->mail;

	if (session->state < AT_MAIL && mail->reverse_path.mailbox.s == NULL)
		return;
	log_octets(line, "reverse-path", mail->reverse_path.mailbox.s,
	    mail->reverse_path.mailbox.len);
	if (mail->forward_path.mailbox.len > 0)
		log_octets(line, "forward-path", mail->forward_path.mailbox.s,
		    mail->forward_path.mailbox.len);
}

void
journal_refused(struct session *session, const struct reply *reply,
    const struct outcome *outcome)
{
	struct log_line line;

	if (outcome->is_ours || session->totals.log_lines++ >= LOG_LINES)
		return;
	session_log(session, &line, session->state == AT_DATA ? "rejected" :
	    "refused");
	log_octets(&line, "helo", session->helo.s, session->helo.len);
	log_envelope(session, &line);
	log_number(&line, "code", reply->code);
	log_text(&line, "enhanced", reply->enhanced);
	if (outcome->filter != NULL) {
		log_text(&line, "filter", outcome->filter->name);
		log_text(&line, "level", level_name(outcome->level));
		log_text(&line, "mode", mode_name(outcome->mode));
	}
	log_text(&line, "setting", outcome->setting);
	if (outcome->reason[0] != '\0')
		log_text(&line, "reason", outcome->reason);
	log_end(&line);
}

void
journal_refused_by(struct session *session, const struct reply *reply,
    const char *setting, const char *reason)
{
	struct outcome outcome = { .setting = setting, .reason = reason };

	journal_refused(session, reply, &outcome);
}

void
journal_login(struct session *session, const struct login *login,
    enum mechanism mechanism, const char *result, int code, const char *reason)
{
	struct log_line line;

	/*
	 * One that succeeds comes once, and is never left out.  Refusals do
	 * not count, else some made on purpose would hide the guesses.
	 */
	if (session->relay != RELAY_AUTH &&
	    session->totals.auth_failures > LOG_LINES)
		return;
	session_log(session, &line, "login");
	log_text(&line, "result", result);
	log_octets(&line, "user", login->user, login->user_len);
	log_text(&line, "mechanism", mechanism_name(mechanism));
	log_tls(session, &line);
	if (code >= 0)
		log_number(&line, "exit", (uint64_t)code);
	if (reason[0] != '\0')
		log_text(&line, "reason", reason);
	log_end(&line);
}

static void
log_notes(const struct session *session, struct log_line *line)
{
	unsigned notes = session->mail.notes;

	if ((notes & NOTE_BLANK_BEFORE_PATH) != 0)
		log_text(line, "note", "blank-before-path");
	if ((notes & NOTE_BLANK_AT_END) != 0)
		log_text(line, "note", "blank-at-end");
	if ((notes & NOTE_NO_BRACKETS) != 0)
		log_text(line, "note", "no-brackets");
}

/* The first accepted forward-paths of the envelope, each after its "T". */
static void
log_recipients(const struct transaction *mail, struct log_line *line)
{
	const char *each = mail->envelope.s;
	const char *end = each + mail->envelope.len;
	int i;

	for (i = 0; i < RECIPIENTS_LOGGED && each < end; i++) {
		log_text(line, "forward-path", each + 1);
		each += strlen(each) + 1;
	}
}

void
journal_accepted(struct session *session)
{
	const struct transaction *mail = &session->mail;
	struct totals *totals = &session->totals;
	struct log_line line;

	totals->accepted++;
	totals->octets += mail->size;
	session_log(session, &line, "accepted");
	log_text(&line, "id", mail->id);
	log_octets(&line, "helo", session->helo.s, session->helo.len);
	log_relay(session, &line);
	log_octets(&line, "reverse-path", mail->reverse_path.mailbox.s,
	    mail->reverse_path.mailbox.len);
	log_recipients(mail, &line);
	log_number(&line, "recipients", mail->recipients);
	log_number(&line, "bytes", mail->size);
	log_number(&line, "qp", mail->queue_id);
	log_notes(session, &line);
	log_end(&line);
}

void
journal_end(const struct session *session, const char *reason)
{
	const struct totals *totals = &session->totals;
	struct log_line line;

	session_log(session, &line, "end");
	if (session->peer.port != NULL)
		log_text(&line, "port", session->peer.port);
	log_octets(&line, "helo", session->helo.s, session->helo.len);
	log_tls(session, &line);
	log_relay(session, &line);
	if (totals->auth_failures > 0)
		log_number(&line, "login-failures", totals->auth_failures);
	if (totals->mails > 0) {
		log_octets(&line, "reverse-path", totals->reverse_path.s,
		    totals->reverse_path.len);
		log_number(&line, "recipients", totals->recipients);
	}
	log_number(&line, "mails", totals->accepted);
	log_number(&line, "rejected", totals->mails - totals->accepted);
	log_number(&line, "refused", totals->refused);
	log_number(&line, "code", totals->last_code);
	log_number(&line, "bytes", totals->octets);
	log_number(&line, "ms", (uint64_t)(clock_ms() - session->started_ms));
	if (totals->queue_id != 0)
		log_number(&line, "qp", totals->queue_id);
	log_text(&line, "reason", reason);
	log_end(&line);
}

void
journal_remember(struct session *session)
{
	const struct transaction *mail = &session->mail;
	struct totals *totals = &session->totals;

	totals->recipients = mail->recipients;
	totals->queue_id = mail->queue_id;
	/* Memory that is gone costs a word of the log, no more. */
	if (!stralloc_copyb(&totals->reverse_path, mail->reverse_path.mailbox.s,
	    mail->reverse_path.mailbox.len))
		totals->reverse_path.len = 0;
}

