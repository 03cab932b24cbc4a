/* forceesmtp - the client is in a DNS list, and said HELO */
#include "filter/dnslists.h"
#include "filter/table.h"

/* For clients of IPv4 and of IPv6. */
static const struct dnslists lists[2] = {
	{
		.filter = "forceesmtp", .blocked = "forceesmtp",
		.subject = "your host", .verb = " has to say EHLO here, it is "
		    "listed by ",
	}, {
		.filter = "forceesmtp", .blocked = "forceesmtpv6",
		.subject = "your host", .verb = " has to say EHLO here, it is "
		    "listed by ",
	},
};

static const struct dnslists *
lists_for(const struct session *session)
{
	return session->greeted == VERB_HELO ?
	    dnslists_of_client(session, lists) : NULL;
}

static void
ask(const struct session *session, struct own *own, struct asking *asking)
{
	const struct dnslists *ours = lists_for(session);
	struct dnsnames names = { .count = 0 };
	char text[ADDRESS_REVERSED];

	if (ours == NULL)
		return;
	dnsnames_add_client(&names, session, text);
	dnslists_ask(ours, session, own, asking, &names);
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	const struct dnslists *ours = lists_for(session);

	return ours != NULL ? dnslists_say(ours, session, own, finding) :
	    PASS;
}

static const char *const keys[] = { DNSLISTS_FAULT, NULL };

const struct filter filter_forceesmtp = {
	.name = "forceesmtp",
	.file = "forceesmtp",
	.file6 = "forceesmtpv6",
	.keys = keys,
	.session = sizeof(struct dnslists_session),
	.transaction = sizeof(struct dnslists_memory),
	.spares = SPARES_TRUSTED,
	.reset = dnslists_reset,
	.ask = { [ON_MAIL] = ask, [ON_RCPT] = ask },
	.on = { [ON_RCPT] = rcpt },
};
