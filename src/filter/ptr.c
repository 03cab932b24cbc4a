/* ptr - the client has no reverse name, or one that does not lead back */
#include "filter/asking.h"
#include "filter/table.h"

#define MOST_NAMES	10	/* RFC 8601 3: iprev */

static const char *const keys[] = { "ptrconfirmed", "ptrdefer", NULL };

enum reverse {
	NOT_JUDGED,
	CONFIRMED,		/* a name has the address of the client */
	UNCONFIRMED,		/* names, none of which has it */
	NAMELESS,
	NAMED,			/* nobody wants to know more */
	UNKNOWN			/* the DNS does not say now */
};

struct memory {
	enum reverse reverse;	/* once it is known */
	unsigned logged;
};

struct questions {
	const struct dns_question *names;
	const struct dns_question *addresses[MOST_NAMES];
	size_t count;
};

/* The answer lives as long as the session: it is the same for all mails. */
static void
ask_early(const struct session *session, struct own *own,
    struct asking *asking)
{
	(void)own;
	if (session->peer.address.family != 0)
		asking_ask_reverse(asking, &session->peer.address);
}

/* Whether the names have to lead back; a senseless value is the hook's. */
static int
wants_addresses(const struct session *session)
{
	enum level level;
	uint64_t wanted;

	return setting_number(session->settings, "ptrconfirmed", &wanted,
	    &level) == OK && wanted > 0;
}

static void
ask(const struct session *session, struct own *own, struct asking *asking)
{
	const struct address *client = &session->peer.address;
	const struct memory *memory = own->session;
	struct questions *questions = own->transaction;
	const struct dns_question *names;
	size_t i;

	if (client->family == 0 || memory->reverse != NOT_JUDGED)
		return;
	if (questions->names == NULL)
		questions->names = asking_ask_reverse(asking, client);
	names = questions->names;
	if (names->state != DNS_DATA || questions->count > 0 ||
	    !wants_addresses(session))
		return;
	for (i = 0; i < names->count && i < MOST_NAMES; i++)
		questions->addresses[questions->count++] = asking_ask(asking,
		    names->records[i].name,
		    client->family == 4 ? DNS_A : DNS_AAAA);
}

static int
has_client(const struct dns_question *answer, const struct address *client)
{
	size_t i;

	for (i = 0; answer->state == DNS_DATA && i < answer->count; i++)
		if (address_equal(&answer->records[i].address, client))
			return 1;
	return 0;
}

static int
is_unknown(const struct dns_question *answer)
{
	return answer->state == DNS_TEMPFAIL || answer->state == DNS_WAITING;
}

static enum reverse
find_reverse(const struct questions *questions, const struct address *client)
{
	enum reverse reverse = UNCONFIRMED;
	size_t i;

	if (questions->names == NULL || is_unknown(questions->names))
		return UNKNOWN;
	if (questions->names->state != DNS_DATA)
		return NAMELESS;
	if (questions->count == 0)
		return NAMED;
	for (i = 0; i < questions->count; i++) {
		if (has_client(questions->addresses[i], client))
			return CONFIRMED;
		if (is_unknown(questions->addresses[i]))
			reverse = UNKNOWN;
	}
	return reverse;
}

/* The first name of the client, as far as it has one. */
static void
take_reason(struct finding *finding, const struct questions *questions)
{
	const struct dns_question *names = questions->names;

	if (names != NULL && names->state == DNS_DATA && names->count > 0 &&
	    !stralloc_copys(&finding->reason, names->records[0].name))
		stralloc_zero(&finding->reason);
}

static enum verdict
judge_unknown(const struct session *session, struct own *own,
    struct finding *finding)
{
	const struct questions *questions = own->transaction;
	struct memory *memory = own->session;
	enum verdict verdict;
	uint64_t defers;

	verdict = finding_number(finding, session, "ptrdefer", &defers);
	if (verdict != PASS)
		return verdict;
	if (defers == 0) {
		finding_log_undecided(finding, session, "ptr",
		    &memory->logged);
		return PASS;
	}
	finding_set(finding, "ptrdefer", 451, "4.7.25",
	    "the DNS does not say now what name your host has (ptr) "
	    "(#4.7.25)");
	finding->is_for_now = asking_failed(questions->names);
	return DEFER;
}

static enum verdict
judge_unconfirmed(const struct session *session, struct finding *finding)
{
	enum verdict verdict;
	uint64_t refuses;

	verdict = finding_number(finding, session, "ptrconfirmed", &refuses);
	if (verdict != PASS || refuses == 0)
		return verdict;
	finding_set(finding, "ptrconfirmed", 550, "5.7.25",
	    "the reverse name of your host does not have its address (ptr) "
	    "(#5.7.25)");
	return REJECT;
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	struct memory *memory = own->session;
	enum reverse reverse = memory->reverse;

	if (session->peer.address.family == 0)
		return PASS;
	if (reverse == NOT_JUDGED)
		reverse = find_reverse(own->transaction,
		    &session->peer.address);
	take_reason(finding, own->transaction);
	if (reverse == UNKNOWN)
		return judge_unknown(session, own, finding);
	if (reverse != NAMED)
		memory->reverse = reverse;
	if (reverse == UNCONFIRMED || reverse == NAMED)
		return judge_unconfirmed(session, finding);
	if (reverse != NAMELESS)
		return PASS;
	finding_set(finding, "ptr", 550, "5.7.25",
	    "your host has no reverse name (ptr) (#5.7.25)");
	return REJECT;
}

const struct filter filter_ptr = {
	.name = "ptr",
	.keys = keys,
	.session = sizeof(struct memory),
	.transaction = sizeof(struct questions),
	.spares = SPARES_TRUSTED,
	.ask = { [ON_CONNECT] = ask_early, [ON_MAIL] = ask, [ON_RCPT] = ask },
	.on = { [ON_RCPT] = rcpt },
};
