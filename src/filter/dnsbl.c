/* dnsbl - the client's address is in a DNS list */
#include "filter/dnslists.h"
#include "filter/table.h"

/* For clients of IPv4 and of IPv6; others' lists know the former only. */
static const struct dnslists lists[2] = {
	{
		.filter = "dnsbl",
		.blocked = "dnsbl", .spared = "whitednsbl",
		.threshold = "dnsblthreshold",
		.others = {
			{ .file = "dnsbllist", .form = DNSLINE_DASHED },
			{ .file = "dnsbl_zones", .form = DNSLINE_TEXT },
		},
		.subject = "your host", .verb = " is listed by ",
		.has_words = 1,
	}, {
		.filter = "dnsbl",
		.blocked = "dnsblv6", .spared = "whitednsblv6",
		.threshold = "dnsblthreshold",
		.subject = "your host", .verb = " is listed by ",
		.has_words = 1,
	},
};

static void
ask(const struct session *session, struct own *own, struct asking *asking)
{
	const struct dnslists *ours = dnslists_of_client(session, lists);
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
	const struct dnslists *ours = dnslists_of_client(session, lists);

	return ours != NULL ? dnslists_say(ours, session, own, finding) :
	    PASS;
}

static const char *const keys[] = {
	"dnsblthreshold", DNSLISTS_FAULT, NULL
};
static const char *const others[] = { "dnsbllist", "dnsbl_zones", NULL };

const struct filter filter_dnsbl = {
	.name = "dnsbl",
	.file = "dnsbl",
	.file6 = "dnsblv6",
	.others = others,
	.keys = keys,
	.session = sizeof(struct dnslists_session),
	.transaction = sizeof(struct dnslists_memory),
	.spares = SPARES_TRUSTED,
	.reset = dnslists_reset,
	.ask = { [ON_CONNECT] = ask, [ON_RCPT] = ask },
	.on = { [ON_RCPT] = rcpt },
};
