/* nobounce - the recipient sends no mail and so takes no bounces */
#include "filter/table.h"

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	(void)own;
	if (session->mail.reverse_path.mailbox.len > 0)
		return PASS;
	finding_set(finding, "nobounce", 550, "5.7.1",
	    "this recipient sends no mail and takes no bounces "
	    "(nobounce) (#5.7.1)");
	return REJECT;
}

const struct filter filter_nobounce = {
	.name = "nobounce",
	.spares = SPARES_ACCEPTED,
	.on = { [ON_RCPT] = rcpt },
};
