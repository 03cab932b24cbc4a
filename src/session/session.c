/* session - the state of one session and of its mail transaction */
#include "session/session.h"

#include <stdlib.h>
#include <string.h>

#include "smtp/extension.h"

void
session_reset(struct session *session)
{
	struct transaction *mail = &session->mail;

	path_free(&mail->reverse_path);
	path_free(&mail->forward_path);
	user_free(&mail->user);
	stralloc_free(&mail->envelope);
	stralloc_free(&mail->asked);
	memset(mail, 0, sizeof *mail);
}

void
session_free(struct session *session)
{
	session_reset(session);
	stralloc_free(&session->helo);
	stralloc_free(&session->user);
	senders_free(&session->senders);
	stralloc_free(&session->totals.reverse_path);
	local_free(&session->local);
	users_free(&session->users);
	free(session->tls);
}

int
session_may_relay(const struct session *session)
{
	return session->relay != RELAY_NONE;
}

int
session_spares_client(const struct session *session)
{
	return session_may_relay(session) ||
	    session->config->auth.is_submission;
}

int
session_is_authenticated(const struct session *session)
{
	return session->relay == RELAY_AUTH ||
	    session->relay == RELAY_CERTIFICATE;
}

const char *
session_relay_name(const struct session *session)
{
	static const char *const names[] = {
		[RELAY_NONE] = "none",
		[RELAY_ADDRESS] = "address",
		[RELAY_CERTIFICATE] = "certificate",
		[RELAY_AUTH] = "auth",
	};

	return names[session->relay];
}

enum status
session_ask(struct session *session, const stralloc *mailbox)
{
	struct transaction *mail = &session->mail;

	if (mail->asked.len + mailbox->len + 1 > SESSION_ASKED) {
		mail->asked_is_cut = 1;
		return OK;
	}
	if (stralloc_readyplus(&mail->asked, mailbox->len + 1) &&
	    stralloc_cat(&mail->asked, mailbox) && stralloc_0(&mail->asked))
		return OK;
	return TEMPFAIL;
}

int
session_is_off_lists(const struct session *session)
{
	return session->peer.listed != NULL && session->peer.listed[0] == '\0';
}

int
session_is_encrypted(const struct session *session)
{
	return session->peer.tls != NULL;
}

int
session_knows_auth(const struct session *session)
{
	return session->config->auth.mechanisms != 0 &&
	    (session->config->extensions & EXTENSION_AUTH) != 0;
}

int
session_offers_auth(const struct session *session)
{
	return session_knows_auth(session) && session->relay != RELAY_AUTH &&
	    (session_is_encrypted(session) ||
	    !session->config->auth.needs_tls);
}

const char *
session_name(const struct session *session)
{
	const char *greeting = session->config->greeting.s;

	if (session->config->me.len > 1)
		return session->config->me.s;
	if (session->peer.local_host != NULL &&
	    session->peer.local_host[0] != '\0')
		return session->peer.local_host;
	return greeting[0] != '\0' ? greeting : "unknown";
}

void
session_log(const struct session *session, struct log_line *line,
    const char *event)
{
	log_begin(line, &session->log, event);
	log_text(line, "session", session->id);
	log_text(line, "client", session->peer.text);
}

void
session_log_fault_of(const struct session *session,
    const struct control *control)
{
	struct log_line line;

	session_log(session, &line, "fault");
	log_text(&line, "file", control->failed);
	log_text(&line, "reason", strerror(control->error));
	log_end(&line);
}

void
session_log_fault(const struct session *session)
{
	session_log_fault_of(session, session->control);
}
