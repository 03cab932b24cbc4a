/* submission - what a message needs and gets where it enters the mail system */
#include "smtpd/submission.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "mail/header.h"
#include "mail/mailboxes.h"
#include "mail/trace.h"
#include "smtp/mailbox.h"
#include "smtpd/journal.h"
#include "smtpd/permit.h"

/* Whoever is bound to some senders is so wherever it sends. */
static int
wants_author(const struct session *session)
{
	return session->config->auth.is_submission || session->user_is_bound;
}

static enum status
add_date(struct edits *edits, stralloc *field)
{
	if (!stralloc_copys(field, "Date: ") ||
	    trace_date((int64_t)time(NULL), field) != OK ||
	    !stralloc_cats(field, "\n"))
		return TEMPFAIL;
	return edits_complete(edits, "Date", field->s, field->len);
}

/* The mail's id is unique on this host, and the log has it too. */
static enum status
add_message_id(const struct session *session, struct edits *edits,
    stralloc *field)
{
	static const char file[] = "msgidhost";
	stralloc host = { 0 };
	enum status status = OK;
	int found = 0;

	if (control_has(session->control, file))
		status = control_line(session->control, file, &host, &found);
	if (status == OK && found && !domain_is_valid(host.s, host.len))
		status = control_refuse(session->control, file, EINVAL);
	else if (status == OK && ((!found && !stralloc_copys(&host,
	    session_name(session))) || !stralloc_0(&host) ||
	    !stralloc_copym(field, "Message-ID: <", session->mail.id, "@",
	    host.s, ">\n") || edits_complete(edits, "Message-ID", field->s,
	    field->len) != OK))
		status = control_refuse(session->control, "", ENOMEM);
	stralloc_free(&host);
	return status;
}

enum status
submission_edit(const struct session *session, struct edits *edits)
{
	stralloc field = { 0 };
	enum status status = OK;

	if (wants_author(session))
		edits_capture(edits, "From");
	if (session->config->auth.is_submission) {
		if (add_date(edits, &field) != OK)
			status = control_refuse(session->control, "", ENOMEM);
		else
			status = add_message_id(session, edits, &field);
	}
	stralloc_free(&field);
	return status;
}

static int
refuse(struct server *server, struct reply *reply, const char *setting,
    const char *reason)
{
	journal_refused_by(&server->session, reply, setting, reason);
	return 1;
}

/* Whether each author is one that the login may send as. */
static int
may_write(const struct session *session, const struct edit *edit)
{
	struct mailboxes mailboxes;
	stralloc mailbox = { 0 };
	const char *body;
	size_t len, authors = 0;
	int all = !edit->capture_cut;

	header_field(edit->captured.s, edit->captured.len, &body, &len);
	mailboxes_start(&mailboxes, body, len);
	while (all) {
		all = mailboxes_next(&mailboxes, &mailbox) == OK;
		if (!all || mailbox.len == 0)
			break;
		all = permit_sender(session, mailbox.s, mailbox.len);
		authors++;
	}
	stralloc_free(&mailbox);
	return all && authors > 0;
}

static int
has_author(const struct edit *edit)
{
	const char *body;
	size_t len, i;

	header_field(edit->captured.s, edit->captured.len, &body, &len);
	for (i = 0; i < len && strchr(" \t\n", body[i]) != NULL; i++)
		;
	return i < len;
}

int
submission_refuses(struct server *server, const struct edit *edit,
    struct reply *reply)
{
	const struct session *session = &server->session;

	if (!wants_author(session))
		return 0;
	if (edit->captures != 1 || !has_author(edit)) {
		reply_set(reply, 550, "5.6.0",
		    "the message needs one From (#5.6.0)");
		return refuse(server, reply, "submission", edit->captures > 1 ?
		    "several From fields" : "no From field, or an empty one");
	}
	if (!session->user_is_bound || may_write(session, edit))
		return 0;
	reply_set(reply, 553, "5.7.1",
	    "this login may not write as that author (#5.7.1)");
	return refuse(server, reply, "authsenders-allowed",
	    "From is not listed for the login");
}
