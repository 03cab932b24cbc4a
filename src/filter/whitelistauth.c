/* whitelistauth - who logged in is spared the filters */
#include "filter/table.h"

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	(void)own;
	(void)finding;
	return session->user.len > 0 ? ACCEPT : PASS;
}

const struct filter filter_whitelistauth = {
	.name = "whitelistauth",
	.spares = SPARES_NOBODY,
	.judges_postmaster = 1,
	.on = { [ON_RCPT] = rcpt },
};
