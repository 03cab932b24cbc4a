/* namebl - the sender's domain, or one that it lies in, is in a DNS list */
#include <string.h>

#include "filter/dnslists.h"
#include "filter/table.h"
#include "smtp/mailbox.h"

static const struct dnslists lists = {
	.filter = "namebl", .blocked = "namebl",
	.threshold = "nameblthreshold",
	.subject = "", .verb = " is listed by ",
	.has_names = 1, .has_words = 1,
};

/* The domain behind the next dot; its length, 0: there is none. */
static size_t
go_up(const char **domain, size_t len)
{
	const char *dot = memchr(*domain, '.', len);

	if (dot == NULL)
		return 0;
	len -= (size_t)(dot + 1 - *domain);
	*domain = dot + 1;
	return len;
}

/* Of a domain with very many labels itself, and those nearest to the root. */
static void
add_domains(struct dnsnames *names, const char *domain, size_t len)
{
	const char *at;
	size_t count = 0, left;

	dnsnames_add(names, domain, len);
	if (names->count == 0)
		return;
	for (at = domain, left = len; left > 0; left = go_up(&at, left))
		count++;
	/* The last one has no dot, and is asked for as Qsmtp does. */
	for (at = domain, left = go_up(&at, len); left > 0;
	    left = go_up(&at, left))
		if (--count < DNSNAMES) {
			names->names[names->count] = at;
			names->lens[names->count++] = left;
		}
}

static void
ask(const struct session *session, struct own *own, struct asking *asking)
{
	const struct path *sender = &session->mail.reverse_path;
	struct dnsnames names = { .count = 0 };

	if (sender->domain > 0)
		add_domains(&names, sender->mailbox.s + sender->domain,
		    sender->mailbox.len - sender->domain);
	dnslists_ask(&lists, session, own, asking, &names);
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	return dnslists_say(&lists, session, own, finding);
}

static const char *const keys[] = {
	"nameblthreshold", DNSLISTS_FAULT, NULL
};

const struct filter filter_namebl = {
	.name = "namebl",
	.file = "namebl",
	.keys = keys,
	.session = sizeof(struct dnslists_session),
	.transaction = sizeof(struct dnslists_memory),
	.spares = SPARES_TRUSTED,
	.reset = dnslists_reset,
	.ask = { [ON_MAIL] = ask, [ON_RCPT] = ask },
	.on = { [ON_RCPT] = rcpt },
};
