/* badrcptto - the forward-path is one that the operator listed */
#include "base/list.h"
#include "filter/table.h"

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	const stralloc *recipient = &session->mail.forward_path.mailbox;
	struct list *list = own->session;

	if (list_read(session->control, "badrcptto", list) != OK)
		return finding_fault(finding, session);
	if (!list_has_mailbox(list, recipient->s, recipient->len,
	    &finding->reason))
		return PASS;
	finding_set(finding, "badrcptto", 553, "5.7.1",
	    "this forward-path is in badrcptto here (#5.7.1)");
	return REJECT;
}

static void
stop(struct own *own)
{
	list_free(own->session);
}

const struct filter filter_badrcptto = {
	.name = "badrcptto",
	.file = "badrcptto",
	.session = sizeof(struct list),
	.spares = SPARES_ACCEPTED,
	.is_on = 1,
	.judges_postmaster = 1,
	.stop = stop,
	.on = { [ON_RCPT] = rcpt },
};
