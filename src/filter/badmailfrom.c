/* badmailfrom - the reverse-path is one that the operator listed */
#include "base/list.h"
#include "filter/table.h"

static int
has_sender(const struct list *list, const struct session *session,
    stralloc *reason)
{
	const stralloc *sender = &session->mail.reverse_path.mailbox;

	return list_has_mailbox(list, sender->s, sender->len, reason);
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	enum verdict verdict;
	int listed;

	(void)own;
	verdict = finding_lists(finding, session, "badmailfrom", 0,
	    has_sender, &listed);
	if (verdict != PASS || !listed)
		return verdict;
	finding_set(finding, "badmailfrom", 553, "5.7.1",
	    "this reverse-path is in badmailfrom here (#5.7.1)");
	return REJECT;
}

const struct filter filter_badmailfrom = {
	.name = "badmailfrom",
	.file = "badmailfrom",
	.spares = SPARES_ACCEPTED,
	.is_on = 1,
	.judges_postmaster = 1,
	.on = { [ON_RCPT] = rcpt },
};
