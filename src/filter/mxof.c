/* mxof - the sender's domain cannot get mail */
#include "filter/exchangers.h"
#include "filter/table.h"

static void
ask(const struct session *session, struct own *own, struct asking *asking)
{
	exchangers_ask(session, own->transaction, asking);
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	return exchangers_judge(session, own->transaction, finding, "mxof");
}

const struct filter filter_mxof = {
	.name = "mxof",
	.transaction = sizeof(struct exchangers),
	.spares = SPARES_TRUSTED,
	.ask = { [ON_MAIL] = ask, [ON_RCPT] = ask },
	.on = { [ON_RCPT] = rcpt },
};
