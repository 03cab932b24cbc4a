/* envelope - MAIL and RCPT */
#include "smtpd/envelope.h"

#include <errno.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/text.h"
#include "filter/table.h"
#include "smtp/command.h"
#include "smtpd/journal.h"
#include "smtpd/permit.h"

#define SIZE_DIGITS	20	/* RFC 1870 4 */
#define FAULTS_LOGGED	20	/* of those that put recipients off */

/* Which syntax is forgiven, and what this mail is noted for. */
static unsigned
leniency(const struct session *session)
{
	return session_may_relay(session) ? PATH_BARE | PATH_NO_DOMAIN : 0;
}

static void
explain_path(enum path_fault fault, const char *enhanced, struct reply *reply)
{
	switch (fault) {
	case PATH_MISSING:
		reply_set(reply, 501, "5.5.4",
		    "a path in angle brackets is needed (#5.5.4)");
		break;
	case PATH_TOO_LONG:
		reply_set(reply, 555, "5.5.4", "the path is too long (#5.5.4)");
		break;
	default:
		reply_set(reply, 501, enhanced, "the path is malformed");
		break;
	}
}

/* An address literal of our own is what localiphost says. */
static enum status
name_own_literal(struct session *session, struct path *path)
{
	stralloc name = { 0 };
	enum status status = OK;
	int own;

	if (path->literal.family == 0)
		return OK;
	own = address_equal(&path->literal, &session->peer.local);
	if (!own && address_is_own(&path->literal, &own) != OK)
		return control_refuse(session->control, "localiphost", errno);
	if (own)
		status = local_literal_name(session->control, &name);
	if (status == OK && name.len > 0) {
		path->mailbox.len = path->domain;
		if (!stralloc_cat(&path->mailbox, &name))
			status = control_refuse(session->control,
			    "localiphost", ENOMEM);
	}
	stralloc_free(&name);
	return status;
}

/*
 * The argument of MAIL or RCPT: `FROM:` or `TO:`, then a path.  Returns
 * whether it is good; `rest` gets the parameters.
 */
static int
read_path(struct server *server, const char *keyword, const char *enhanced,
    const char **rest, size_t *len, struct path *path, struct reply *reply)
{
	struct session *session = &server->session;
	enum path_fault fault = PATH_MISSING;
	size_t blanks, colon = strlen(keyword);
	enum status status = PERMFAIL;

	if (text_begins(*rest, *len, keyword)) {
		*rest += colon;
		*len -= colon;
		blanks = text_blanks(*rest, *len);
		if (blanks > 0)
			session->mail.notes |= NOTE_BLANK_BEFORE_PATH;
		*rest += blanks;
		*len -= blanks;
		if (*len > 0 && **rest != '<')
			session->mail.notes |= NOTE_NO_BRACKETS;
		status = path_parse(*rest, *len, leniency(session), path, rest,
		    len, &fault);
	}
	if (status == TEMPFAIL)
		server_out_of_memory(server, reply);
	else if (status != OK)
		explain_path(fault, enhanced, reply);
	else if (name_own_literal(session, path) != OK) {
		session_log_fault(session);
		server_fault(reply);
		status = TEMPFAIL;
	}
	return status == OK;
}

/* 555 for a parameter that nobody knows, 501 for one that is malformed. */
static void
refuse_parameter(int unknown, struct reply *reply)
{
	if (unknown)
		reply_set(reply, 555, "5.5.4",
		    "a parameter is not known here (#5.5.4)");
	else
		reply_set(reply, 501, "5.5.4",
		    "a parameter is malformed or given twice (#5.5.4)");
}

/* `<>`, or octets of which some are +XX (RFC 3461 4). */
static int
is_xtext(const char *text, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t i;

	if (len == 2 && text[0] == '<' && text[1] == '>')
		return 1;
	for (i = 0; i < len; i++)
		if (text[i] == '+' && (len - i < 3 ||
		    memchr(digits, text[i + 1], 16) == NULL ||
		    memchr(digits, text[i + 2], 16) == NULL))
			return 0;
	return 1;
}

/*
 * SIZE= (RFC 1870), BODY= (RFC 6152) and, where there is AUTH, AUTH= (RFC 4954
 * 5), which nobody needs here.  Returns whether all is good.
 */
static int
read_mail_parameters(struct session *session, const char *rest, size_t len,
    struct reply *reply)
{
	struct transaction *mail = &session->mail;
	int has_size = 0, has_body = 0, has_auth = 0;
	struct parameter each;

	while (command_parameter(&rest, &len, &each) == OK) {
		const char *value = each.value;
		int twice = 0, good = value != NULL;

		if (each.keyword_len == 0)
			return 1;
		if (text_is(each.keyword, each.keyword_len, "SIZE")) {
			twice = has_size++;
			good = good && each.value_len <= SIZE_DIGITS &&
			    text_number(value, each.value_len,
			    &mail->declared_size) == each.value_len;
		} else if (text_is(each.keyword, each.keyword_len, "BODY")) {
			twice = has_body++;
			mail->is_8bit = good && text_is(value, each.value_len,
			    "8BITMIME");
			good = mail->is_8bit || (good && text_is(value,
			    each.value_len, "7BIT"));
		} else if (text_is(each.keyword, each.keyword_len, "AUTH") &&
		    session_knows_auth(session)) {
			twice = has_auth++;
			good = good && is_xtext(value, each.value_len);
		} else {
			refuse_parameter(1, reply);
			return 0;
		}
		if (twice || !good)
			break;
	}
	refuse_parameter(0, reply);
	return 0;
}

/* Whether a message of the declared size could be taken at all. */
static int
has_room(struct server *server, struct reply *reply)
{
	const struct session *session = &server->session;
	enum mode mode = chain_mode(&server->chain, &filter_limits);
	uint64_t size = session->mail.declared_size;
	struct statfs queue;

	if (session->config->databytes > 0 &&
	    size > session->config->databytes && mode >= MODE_DEFER) {
		if (mode == MODE_DEFER)
			reply_set(reply, 452, "4.3.4",
			    "the message exceeds databytes here (#4.3.4)");
		else
			reply_set(reply, 552, "5.3.4",
			    "the message exceeds databytes here (#5.3.4)");
		journal_refused_by(&server->session, reply, "databytes",
		    "SIZE= is larger");
		return 0;
	}
	if (size == 0 || statfs("queue", &queue) == -1 || queue.f_bsize <= 0 ||
	    size / (uint64_t)queue.f_bsize < (uint64_t)queue.f_bavail)
		return 1;
	reply_set(reply, 452, "4.3.1", "no room in the queue now (#4.3.1)");
	journal_refused_by(&server->session, reply, "queue",
	    "its filesystem is full");
	return 0;
}

/* Where a right to relay is needed, MAIL waits for it. */
static int
may_send(struct server *server, struct reply *reply)
{
	struct session *session = &server->session;
	const struct auth *auth = &session->config->auth;

	if (!auth->is_required || session_may_relay(session))
		return 1;
	if (session->relay_is_unknown)
		server_fault(reply);
	else if (auth->fault != NULL)
		reply_set(reply, 454, "4.7.0",
		    "nobody can log in now, try again later (#4.7.0)");
	else
		reply_set(reply, 530, "5.7.0",
		    "authentication is required (#5.7.0)");
	journal_refused_by(session, reply, auth->is_submission ?
	    "submission" : "SMTPAUTH", "no right to relay");
	return 0;
}

static int
may_send_as(struct server *server, struct reply *reply)
{
	struct session *session = &server->session;
	const stralloc *mailbox = &session->mail.reverse_path.mailbox;

	if (permit_sender(session, mailbox->s, mailbox->len))
		return 1;
	reply_set(reply, 553, "5.7.1",
	    "this login may not send as that sender (#5.7.1)");
	journal_refused_by(session, reply, "authsenders-allowed",
	    "reverse-path is not listed for the login");
	return 0;
}

void
envelope_mail(struct server *server, const char *argument, size_t len,
    struct reply *reply)
{
	struct session *session = &server->session;
	struct transaction *mail = &session->mail;

	if (!may_send(server, reply))
		return;
	if (!read_path(server, "FROM:", "5.1.7", &argument, &len,
	    &mail->reverse_path, reply) ||
	    !read_mail_parameters(session, argument, len, reply) ||
	    !has_room(server, reply))
		return;
	if (!may_send_as(server, reply))
		return;
	if (server_is_refused(server, ON_MAIL, reply))
		return;
	reply_set(reply, 250, "2.1.0", "ok");
}

/* RELAYCLIENT's value goes behind the forward-path, as in stock qmail. */
static enum status
keep_forward_path(struct session *session)
{
	struct transaction *mail = &session->mail;
	const stralloc *mailbox = &mail->forward_path.mailbox;
	const char *suffix = session->relay_suffix;
	size_t whole = mail->envelope.len;

	if (stralloc_cats(&mail->envelope, "T") &&
	    stralloc_cat(&mail->envelope, mailbox) &&
	    stralloc_cats(&mail->envelope, suffix != NULL ? suffix : "") &&
	    stralloc_0(&mail->envelope)) {
		mail->recipients++;
		return OK;
	}
	mail->envelope.len = whole;
	return TEMPFAIL;
}

static int
may_take(struct server *server, struct reply *reply)
{
	struct session *session = &server->session;
	int permitted;
	enum status status = permit_forward_path(session, &permitted);

	if (status != OK) {
		if (status == TEMPFAIL)
			session_log_fault(session);
		server_fault(reply);
		return 0;
	}
	if (permitted)
		return 1;
	reply_set(reply, 553, "5.7.1",
	    "relaying denied: domain is not in rcpthosts (#5.7.1)");
	journal_refused_by(&server->session, reply, "rcpthosts",
	    session->local.rcpthosts.found ? "domain is not listed" :
	    "there is no control/rcpthosts");
	return 0;
}

/* What a back end has to say besides, once in a session. */
static void
log_note(const struct session *session, const struct user *user)
{
	struct log_line line;

	if (user->note == NULL)
		return;
	session_log(session, &line, "unchecked");
	log_text(&line, "file", user->noted.s);
	log_text(&line, "reason", user->note);
	log_end(&line);
}

/* Whether a mailbox of ours exists: what the filters will judge. */
static enum status
look_for_user(struct session *session)
{
	struct transaction *mail = &session->mail;
	const struct path *path = &mail->forward_path;
	const char *suffix = session->relay_suffix;
	const struct user_question question = {
		.mailbox = path->mailbox.s,
		.len = path->mailbox.len,
		.domain = path->domain,
		.sender = mail->reverse_path.mailbox.s,
		.sender_len = mail->reverse_path.mailbox.len,
		.helo = session->helo.s,
		.helo_len = session->helo.len,
	};
	enum status status = OK;
	/* Strangers send to domains of ours alone: permit_forward_path(). */
	int is_local = 1;

	user_free(&mail->user);
	/* What RELAYCLIENT appends makes another mailbox of it. */
	if (path->domain == 0 || (suffix != NULL && suffix[0] != '\0'))
		return OK;
	/* Who may relay needs no list of ours. */
	if (session_may_relay(session) && local_has(&session->local,
	    session->control, path->mailbox.s + path->domain,
	    path->mailbox.len - path->domain, &is_local) != OK)
		return OK;
	if (is_local)
		status = users_find(&session->users, session->control,
		    &question, &mail->user);
	log_note(session, &mail->user);
	return status;
}

/* Without an answer this recipient is put off, and the session goes on. */
static int
knows_user(struct session *session, struct reply *reply)
{
	if (look_for_user(session) == OK)
		return 1;
	if (session->totals.faults++ < FAULTS_LOGGED)
		session_log_fault(session);
	reply_set(reply, 451, "4.3.0",
	    "cannot check the mailbox now, try again later (#4.3.0)");
	return 0;
}

static void
out_of_memory(struct session *session, struct reply *reply)
{
	reply_set(reply, 451, "4.3.0", "out of memory (#4.3.0)");
	journal_refused_by(session, reply, "memory", "out of memory");
}

/* From now on the recipient's own settings count. */
static int
enter_settings(struct session *session, struct reply *reply)
{
	const struct user *user = &session->mail.user;

	if (settings_enter(session->settings,
	    user->domain_folder.len > 0 ? user->domain_folder.s : NULL,
	    user->user_folder.len > 0 ? user->user_folder.s : NULL) == OK)
		return 1;
	out_of_memory(session, reply);
	return 0;
}

void
envelope_rcpt(struct server *server, const char *argument, size_t len,
    struct reply *reply)
{
	struct session *session = &server->session;
	struct transaction *mail = &session->mail;
	struct parameter parameter;
	enum status status;

	if (!read_path(server, "TO:", "5.1.3", &argument, &len,
	    &mail->forward_path, reply))
		return;
	if (mail->forward_path.mailbox.len == 0) {
		reply_set(reply, 501, "5.1.3", "the null path has no mailbox");
		return;
	}
	/* None is known here; a malformed one is worse than unknown. */
	status = command_parameter(&argument, &len, &parameter);
	if (status != OK || parameter.keyword_len > 0) {
		refuse_parameter(status == OK, reply);
		return;
	}
	if (!may_take(server, reply) || !knows_user(session, reply) ||
	    !enter_settings(session, reply))
		return;
	if (session_ask(session, &mail->forward_path.mailbox) != OK) {
		out_of_memory(session, reply);
		return;
	}
	if (server_is_refused(server, ON_RCPT, reply))
		return;
	if (keep_forward_path(session) != OK) {
		out_of_memory(session, reply);
		return;
	}
	reply_set(reply, 250, "2.1.5", "ok");
}
