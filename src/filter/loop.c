/* loop - the message has passed too many hosts */
#include "filter/table.h"

static enum verdict
message(const struct session *session, struct own *own, struct finding *finding)
{
	(void)own;
	if (session->config->maxhops == 0 ||
	    session->mail.hops < session->config->maxhops)
		return PASS;
	finding_set(finding, "maxhops", 554, "5.4.6",
	    "too many hops, this message is looping (#5.4.6)");
	return REJECT;
}

const struct filter filter_loop = {
	.name = "loop",
	.spares = SPARES_NOBODY,
	.is_on = 1,
	.judges_postmaster = 1,
	.on = { [ON_MESSAGE] = message },
};
