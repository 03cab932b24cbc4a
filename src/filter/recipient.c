/* recipient - the mailbox of the forward-path does not exist */
#include "filter/table.h"

#define SETTING	"recipientcheck"

/* What the log says of it; memory that is gone costs the log a word. */
static void
name_back_end(struct finding *finding, const struct user *user)
{
	if (!stralloc_copys(&finding->reason, user->back_end))
		stralloc_zero(&finding->reason);
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	const struct user *user = &session->mail.user;
	const char *words = user->text.len > 0 ? user->text.s : NULL;

	(void)own;
	switch (user->existence) {
	case USER_ABSENT:
	case USER_REFUSED:
		finding_set(finding, SETTING, 550, "5.1.1", words != NULL ?
		    words : "no mailbox here by that name (#5.1.1)");
		name_back_end(finding, user);
		return REJECT;
	case USER_DEFERRED:
		if (user->is_full)
			finding_set(finding, SETTING, 452, "4.2.2",
			    words != NULL ? words :
			    "the mailbox is full (#4.2.2)");
		else
			finding_set(finding, SETTING, 451, "4.3.0",
			    words != NULL ? words :
			    "cannot check the mailbox now (#4.3.0)");
		name_back_end(finding, user);
		finding->is_for_now = 1;
		return DEFER;
	default:
		return PASS;
	}
}

const struct filter filter_recipient = {
	.name = "recipient",
	.spares = SPARES_NOBODY,
	.is_on = 1,
	.on = { [ON_RCPT] = rcpt },
};
