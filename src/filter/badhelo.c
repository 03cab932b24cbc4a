/* badhelo - the client calls itself by a name that the operator listed */
#include "base/list.h"
#include "filter/table.h"

static int
has_name(const struct list *list, const struct session *session,
    stralloc *reason)
{
	(void)reason;
	return list_has_domain(list, session->helo.s, session->helo.len);
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	enum verdict verdict;
	int listed;

	(void)own;
	verdict = finding_lists(finding, session, "badhelo", 0, has_name,
	    &listed);
	if (verdict != PASS || !listed)
		return verdict;
	finding_set(finding, "badhelo", 550, "5.7.1",
	    "the name given with HELO is in badhelo here (#5.7.1)");
	return REJECT;
}

const struct filter filter_badhelo = {
	.name = "badhelo",
	.file = "badhelo",
	.spares = SPARES_TRUSTED,
	.is_on = 1,
	.judges_postmaster = 1,
	.on = { [ON_RCPT] = rcpt },
};
