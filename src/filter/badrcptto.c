/* badrcptto - the forward-path is one that the operator listed */
#include "base/list.h"
#include "filter/table.h"

static int
has_recipient(const struct list *list, const struct session *session,
    stralloc *reason)
{
	const stralloc *recipient = &session->mail.forward_path.mailbox;

	return list_has_mailbox(list, recipient->s, recipient->len, reason);
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	enum verdict verdict;
	int listed;

	(void)own;
	verdict = finding_lists(finding, session, "badrcptto", 0,
	    has_recipient, &listed);
	if (verdict != PASS || !listed)
		return verdict;
	finding_set(finding, "badrcptto", 553, "5.7.1",
	    "this forward-path is in badrcptto here (#5.7.1)");
	return REJECT;
}

const struct filter filter_badrcptto = {
	.name = "badrcptto",
	.file = "badrcptto",
	.spares = SPARES_ACCEPTED,
	.is_on = 1,
	.judges_postmaster = 1,
	.on = { [ON_RCPT] = rcpt },
};
