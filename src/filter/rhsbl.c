/* rhsbl - a name of the client's, or the sender's domain, is in a DNS list */
#include <string.h>

#include "filter/dnslists.h"
#include "filter/table.h"

static const struct dnslists lists = {
	.filter = "rhsbl", .blocked = "rhsbl",
	.threshold = "rhsblthreshold",
	.others = { { .file = "rhsbl_zones", .form = DNSLINE_TEXT } },
	.subject = "", .verb = " is listed by ",
	.has_names = 1, .has_words = 1,
};

/* The sender's domain is first: others' lists are asked for nothing else. */
static void
ask(const struct session *session, struct own *own, struct asking *asking)
{
	const struct path *sender = &session->mail.reverse_path;
	const char *host = session->peer.host;
	struct dnsnames names = { .count = 0 };

	if (sender->domain > 0)
		dnsnames_add(&names, sender->mailbox.s + sender->domain,
		    sender->mailbox.len - sender->domain);
	names.for_others = names.count;
	dnsnames_add(&names, session->helo.s, session->helo.len);
	if (host != NULL)
		dnsnames_add(&names, host, strlen(host));
	dnslists_ask(&lists, session, own, asking, &names);
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	return dnslists_say(&lists, session, own, finding);
}

static const char *const keys[] = {
	"rhsblthreshold", DNSLISTS_FAULT, NULL
};
static const char *const others[] = { "rhsbl_zones", NULL };

const struct filter filter_rhsbl = {
	.name = "rhsbl",
	.file = "rhsbl",
	.others = others,
	.keys = keys,
	.session = sizeof(struct dnslists_session),
	.transaction = sizeof(struct dnslists_memory),
	.spares = SPARES_TRUSTED,
	.reset = dnslists_reset,
	.ask = { [ON_MAIL] = ask, [ON_RCPT] = ask },
	.on = { [ON_RCPT] = rcpt },
};
