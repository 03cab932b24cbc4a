/* badhelo - the client calls itself by a name that the operator listed */
#include "base/list.h"
#include "filter/table.h"

static enum verdict
helo(const struct session *session, struct own *own, struct finding *finding)
{
	struct list *list = own->session;

	if (list_read(session->control, "badhelo", list) != OK)
		return finding_fault(finding, session);
	if (!list_has_domain(list, session->helo.s, session->helo.len))
		return PASS;
	finding_set(finding, "badhelo", 550, "5.7.1",
	    "the name given with HELO is in badhelo here (#5.7.1)");
	return REJECT;
}

static void
stop(struct own *own)
{
	list_free(own->session);
}

const struct filter filter_badhelo = {
	.name = "badhelo",
	.file = "badhelo",
	.session = sizeof(struct list),
	.spares = SPARES_TRUSTED,
	.is_on = 1,
	.judges_postmaster = 1,
	.stop = stop,
	.on = { [ON_HELO] = helo },
};
