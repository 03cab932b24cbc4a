/* whitelistauth - who proved who it is is spared the filters */
#include "filter/table.h"

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	(void)own;
	(void)finding;
	return session_is_authenticated(session) ? ACCEPT : PASS;
}

const struct filter filter_whitelistauth = {
	.name = "whitelistauth",
	.spares = SPARES_NOBODY,
	.judges_postmaster = 1,
	.on = { [ON_RCPT] = rcpt },
};
