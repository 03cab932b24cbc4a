/* localsender - the reverse-path is of a domain of ours and does not exist */
#include "filter/table.h"

#define SETTING	"localsender"

/* Of its own: what a filter reads of the session it does not change. */
struct memory {
	struct local local;
	struct users users;
	int is_logged;			/* that it cannot be asked */
};

/* What is known of the sender of this mail. */
struct sender {
	int is_known;
	enum existence existence;
	const char *back_end;
};

/* Not for good, and not the end of the session: others may fare better. */
static enum verdict
defer(const struct session *session, struct memory *memory,
    struct finding *finding)
{
	if (!memory->is_logged)
		session_log_fault(session);
	memory->is_logged = 1;
	finding_set(finding, SETTING, 451, "4.3.0",
	    "cannot check the sender now (#4.3.0)");
	finding->is_ours = 1;
	return DEFER;
}

static enum status
look_up(const struct session *session, struct memory *memory,
    struct sender *sender)
{
	const struct path *path = &session->mail.reverse_path;
	const struct user_question question = {
		.mailbox = path->mailbox.s,
		.len = path->mailbox.len,
		.domain = path->domain,
		.helo = session->helo.s,
		.helo_len = session->helo.len,
	};
	struct user user = { .existence = USER_UNCHECKED };
	enum status status = OK;
	int is_local = 0;

	if (path->domain > 0)
		status = local_has(&memory->local, session->control,
		    path->mailbox.s + path->domain,
		    path->mailbox.len - path->domain, &is_local);
	if (status == OK && is_local)
		status = users_find(&memory->users, session->control,
		    &question, &user);
	if (status == OK) {
		sender->is_known = 1;
		sender->existence = user.existence;
		sender->back_end = user.back_end;
	}
	user_free(&user);
	return status;
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	struct sender *sender = own->transaction;

	if (!sender->is_known &&
	    look_up(session, own->session, sender) != OK)
		return defer(session, own->session, finding);
	if (sender->existence != USER_ABSENT &&
	    sender->existence != USER_REFUSED)
		return PASS;
	finding_set(finding, SETTING, 550, "5.1.8",
	    "this sender does not exist here (#5.1.8)");
	if (!stralloc_copys(&finding->reason, sender->back_end))
		stralloc_zero(&finding->reason);
	return REJECT;
}

static void
stop(struct own *own)
{
	struct memory *memory = own->session;

	local_free(&memory->local);
	users_free(&memory->users);
}

const struct filter filter_localsender = {
	.name = "localsender",
	.session = sizeof(struct memory),
	.transaction = sizeof(struct sender),
	.spares = SPARES_TRUSTED,
	.judges_postmaster = 1,
	.stop = stop,
	.on = { [ON_RCPT] = rcpt },
};
