/* limits - too many recipients, or too large a message */
#include "filter/table.h"

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	int trusted = session_may_relay(session);
	uint64_t most = trusted ? session->config->maxrcptrelay :
	    session->config->maxrcpt;

	(void)own;
	if (most == 0 || session->mail.recipients < most)
		return PASS;
	finding_set(finding, trusted ? "maxrcptrelay" : "maxrcpt", 452,
	    "4.5.3", "too many recipients in one transaction (#4.5.3)");
	return DEFER;
}

static enum verdict
message(const struct session *session, struct own *own, struct finding *finding)
{
	(void)own;
	if (session->config->databytes == 0 ||
	    session->mail.size <= session->config->databytes)
		return PASS;
	finding_set(finding, "databytes", 552, "5.3.4",
	    "the message exceeds databytes here (#5.3.4)");
	return REJECT;
}

const struct filter filter_limits = {
	.name = "limits",
	.spares = SPARES_NOBODY,
	.is_on = 1,
	.judges_postmaster = 1,
	.on = { [ON_RCPT] = rcpt, [ON_MESSAGE] = message },
};
