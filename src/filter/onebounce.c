/* onebounce - a bounce goes to one recipient */
#include "filter/table.h"

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	(void)own;
	if (session->mail.reverse_path.mailbox.len > 0 ||
	    session->mail.recipients == 0)
		return PASS;
	finding_set(finding, "onebounce", 550, "5.5.3",
	    "a bounce can have one recipient only (onebounce) (#5.5.3)");
	return REJECT;
}

const struct filter filter_onebounce = {
	.name = "onebounce",
	.spares = SPARES_ACCEPTED,
	.on = { [ON_RCPT] = rcpt },
};
