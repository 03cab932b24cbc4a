/* badmailfrom - the reverse-path is one that the operator listed */
#include "base/list.h"
#include "filter/table.h"

static enum verdict
mail(const struct session *session, struct own *own, struct finding *finding)
{
	const stralloc *sender = &session->mail.reverse_path.mailbox;
	struct list *list = own->session;

	if (list_read(session->control, "badmailfrom", list) != OK)
		return finding_fault(finding, session);
	if (!list_has_mailbox(list, sender->s, sender->len, &finding->reason))
		return PASS;
	finding_set(finding, "badmailfrom", 553, "5.7.1",
	    "this reverse-path is in badmailfrom here (#5.7.1)");
	return REJECT;
}

static void
stop(struct own *own)
{
	list_free(own->session);
}

const struct filter filter_badmailfrom = {
	.name = "badmailfrom",
	.file = "badmailfrom",
	.session = sizeof(struct list),
	.spares = SPARES_ACCEPTED,
	.is_on = 1,
	.judges_postmaster = 1,
	.stop = stop,
	.on = { [ON_MAIL] = mail },
};
