/* forcestarttls - the recipient takes mail only over TLS */
#include "filter/table.h"

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	(void)own;
	if (session_is_encrypted(session))
		return PASS;
	/* RFC 3207 4. */
	finding_set(finding, "forcestarttls", 530, "5.7.0",
	    "this recipient takes mail over TLS only, STARTTLS first "
	    "(forcestarttls) (#5.7.0)");
	return REJECT;
}

const struct filter filter_forcestarttls = {
	.name = "forcestarttls",
	.spares = SPARES_ACCEPTED,
	.on = { [ON_RCPT] = rcpt },
};
