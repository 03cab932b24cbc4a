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

/* Whether goodmailfrom has it, too; that is logged. */
static enum verdict
look_for_exception(const struct session *session, struct own *own,
    struct finding *finding, int *spared)
{
	struct finding exception = { 0 };
	enum verdict verdict;

	verdict = finding_lists(&exception, session, "goodmailfrom", 0,
	    has_sender, spared);
	if (verdict != PASS) {
		finding_free(finding);
		*finding = exception;
		return verdict;
	}
	if (*spared)
		finding_log_exception(&exception, session, own, "badmailfrom",
		    "goodmailfrom");
	finding_free(&exception);
	return PASS;
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	enum verdict verdict;
	int listed, spared;

	verdict = finding_lists(finding, session, "badmailfrom", 0,
	    has_sender, &listed);
	if (verdict != PASS || !listed)
		return verdict;
	verdict = look_for_exception(session, own, finding, &spared);
	if (verdict != PASS || spared)
		return verdict;
	finding_set(finding, "badmailfrom", 553, "5.7.1",
	    "this reverse-path is in badmailfrom here (#5.7.1)");
	return REJECT;
}

const struct filter filter_badmailfrom = {
	.name = "badmailfrom",
	.file = "badmailfrom",
	.session = sizeof(struct exceptions),
	.transaction = sizeof(struct exceptions),
	.spares = SPARES_ACCEPTED,
	.is_on = 1,
	.judges_postmaster = 1,
	.on = { [ON_RCPT] = rcpt },
};
