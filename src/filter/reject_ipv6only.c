/* reject_ipv6only - mail to the sender's domain needs IPv6 */
#include "filter/exchangers.h"
#include "filter/table.h"

struct memory {
	unsigned logged;
};

static void
ask(const struct session *session, struct own *own, struct asking *asking)
{
	exchangers_ask(session, own->transaction, asking);
}

static int
is_ipv6(const struct address *address, const void *how)
{
	(void)how;
	return address->family == 6;
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	struct memory *memory = own->session;
	enum exchangers_all all;

	exchangers_reason(finding, session);
	all = exchangers_all(session, own->transaction, is_ipv6, NULL);
	if (all == EXCHANGERS_PERHAPS || exchangers_state(session,
	    own->transaction) == EXCHANGERS_UNKNOWN)
		finding_log_undecided(finding, session, "reject_ipv6only",
		    &memory->logged);
	if (all != EXCHANGERS_ALL)
		return PASS;
	finding_set(finding, "reject_ipv6only", 550, "5.4.0",
	    "mail to the sender's domain needs IPv6, which we have not "
	    "(reject_ipv6only) (#5.4.0)");
	return REJECT;
}

const struct filter filter_reject_ipv6only = {
	.name = "reject_ipv6only",
	.session = sizeof(struct memory),
	.transaction = sizeof(struct exchangers),
	.spares = SPARES_TRUSTED,
	.ask = { [ON_MAIL] = ask, [ON_RCPT] = ask },
	.on = { [ON_RCPT] = rcpt },
};
