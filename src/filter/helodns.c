/* helodns - the name given with HELO is in no DNS */
#include <string.h>

#include "filter/asking.h"
#include "filter/table.h"

#define LONGEST_NAME	255	/* octets, RFC 1035 2.3.4 */

static const enum dns_type types[] = { DNS_A, DNS_AAAA, DNS_MX };
#define TYPES	(sizeof types / sizeof types[0])

struct memory {
	unsigned logged;
};

struct questions {
	const struct dns_question *list[TYPES];
};

/* The DNS has nothing to say of an address in brackets. */
static void
ask(const struct session *session, struct own *own, struct asking *asking)
{
	struct questions *questions = own->transaction;
	const stralloc *helo = &session->helo;
	char name[LONGEST_NAME + 1];
	size_t i;

	if (questions->list[0] != NULL || helo->len == 0 ||
	    helo->len > LONGEST_NAME || helo->s[0] == '[')
		return;
	memcpy(name, helo->s, helo->len);
	name[helo->len] = '\0';
	for (i = 0; i < TYPES; i++)
		questions->list[i] = asking_ask(asking, name, types[i]);
}

/* Whether any question has this answer. */
static int
has_state(const struct questions *questions, enum dns_state state)
{
	size_t i;

	for (i = 0; i < TYPES; i++)
		if (questions->list[i]->state == state)
			return 1;
	return 0;
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	const struct questions *questions = own->transaction;
	struct memory *memory = own->session;

	if (questions->list[0] == NULL || has_state(questions, DNS_DATA))
		return PASS;
	if (!stralloc_copyb(&finding->reason, session->helo.s,
	    session->helo.len))
		stralloc_zero(&finding->reason);
	if (has_state(questions, DNS_TEMPFAIL) ||
	    has_state(questions, DNS_WAITING)) {
		finding_log_undecided(finding, session, "helodns",
		    &memory->logged);
		return PASS;
	}
	finding_set(finding, "helodns", 550, "5.7.1",
	    "the name given with HELO is not in the DNS (helodns) (#5.7.1)");
	return REJECT;
}

/* RFC 5321 4.1.4: mail must not be refused for this alone. */
const struct filter filter_helodns = {
	.name = "helodns",
	.session = sizeof(struct memory),
	.transaction = sizeof(struct questions),
	.spares = SPARES_TRUSTED,
	.is_mild = 1,
	.ask = { [ON_MAIL] = ask, [ON_RCPT] = ask },
	.on = { [ON_RCPT] = rcpt },
};
