/* ipbl - the client's address is in a list, and in no list of exceptions */
#include "filter/table.h"

/* The lists for clients of IPv4 and of IPv6. */
static const struct lists {
	const char *blocked, *spared;
} lists4 = { .blocked = "ipbl", .spared = "ipwl" },
    lists6 = { .blocked = "ipblv6", .spared = "ipwlv6" };

/* Whether the list of exceptions has it; that is logged. */
static enum verdict
look_for_exception(const struct session *session, struct own *own,
    const char *list, struct finding *finding, int *spared)
{
	struct finding exception = { 0 };
	enum verdict verdict;

	verdict = finding_client(&exception, session, list, spared);
	if (verdict != PASS) {
		finding_free(finding);
		*finding = exception;
		return verdict;
	}
	if (*spared)
		finding_log_exception(&exception, session, own, "ipbl", list);
	finding_free(&exception);
	return PASS;
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	int family = session->peer.address.family;
	const struct lists *lists = family == 4 ? &lists4 : &lists6;
	enum verdict verdict;
	int listed, spared;

	if (family == 0)
		return PASS;
	verdict = finding_client(finding, session, lists->blocked, &listed);
	if (verdict != PASS || !listed)
		return verdict;
	verdict = look_for_exception(session, own, lists->spared, finding,
	    &spared);
	if (verdict != PASS || spared)
		return verdict;
	finding_set(finding, lists->blocked, 550, "5.7.1",
	    "the address of your host is in ipbl here (#5.7.1)");
	return REJECT;
}

const struct filter filter_ipbl = {
	.name = "ipbl",
	.file = "ipbl",
	.file6 = "ipblv6",
	.session = sizeof(struct exceptions),
	.transaction = sizeof(struct exceptions),
	.spares = SPARES_ACCEPTED,
	.judges_postmaster = 1,
	.on = { [ON_RCPT] = rcpt },
};
