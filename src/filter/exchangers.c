/* exchangers - the hosts that take mail for the sender's domain */
#include "filter/exchangers.h"

#include <string.h>

#define LONGEST_NAME	255	/* octets, RFC 1035 2.3.4 */

static const enum dns_type families[EXCHANGERS_FAMILIES] = { DNS_A, DNS_AAAA };

/* The domain; NULL: there is none to ask for. */
static const char *
domain_of(const struct session *session, char domain[LONGEST_NAME + 1])
{
	const struct path *path = &session->mail.reverse_path;
	size_t len;

	if (path->domain == 0 || path->literal.family != 0)
		return NULL;
	len = path->mailbox.len - path->domain;
	if (len == 0 || len > LONGEST_NAME)
		return NULL;
	memcpy(domain, path->mailbox.s + path->domain, len);
	domain[len] = '\0';
	return domain;
}

static void
ask_addresses(const struct dns_question *questions[EXCHANGERS_FAMILIES],
    const char *name, struct asking *asking)
{
	size_t i;

	for (i = 0; i < EXCHANGERS_FAMILIES; i++)
		questions[i] = asking_ask(asking, name, families[i]);
}

/* The best that was not taken yet; the root, of a null MX, is no host. */
static const struct dns_record *
next_best(const struct dns_question *mx, const char *is_taken)
{
	const struct dns_record *best = NULL;
	size_t i;

	for (i = 0; i < mx->count && i < DNS_RECORDS; i++) {
		const struct dns_record *record = &mx->records[i];

		if (!is_taken[i] && record->name[0] != '\0' &&
		    (best == NULL || record->preference < best->preference))
			best = record;
	}
	return best;
}

static void
ask_hosts(struct exchangers *exchangers, struct asking *asking)
{
	const struct dns_question *mx = exchangers->mx;
	char is_taken[DNS_RECORDS] = { 0 };

	while (exchangers->count < EXCHANGERS_MOST) {
		const struct dns_record *host = next_best(mx, is_taken);

		if (host == NULL)
			break;
		is_taken[host - mx->records] = 1;
		ask_addresses(exchangers->hosts[exchangers->count++],
		    host->name, asking);
	}
}

/*
 * The domain's own addresses are asked for where it has no exchanger, and not
 * before: a server that does not answer that must not cost the time which
 * those of its exchangers need.
 */
void
exchangers_ask(const struct session *session, struct exchangers *exchangers,
    struct asking *asking)
{
	char domain[LONGEST_NAME + 1];

	if (domain_of(session, domain) == NULL)
		return;
	if (exchangers->mx == NULL)
		exchangers->mx = asking_ask(asking, domain, DNS_MX);
	if (exchangers->count > 0)
		return;
	if (exchangers->mx->state == DNS_DATA)
		ask_hosts(exchangers, asking);
	else if (exchangers->mx->state == DNS_NODATA)
		ask_addresses(exchangers->hosts[exchangers->count++], domain,
		    asking);
}

/* Whether any answer with addresses has this state. */
static int
has_state(const struct exchangers *exchangers, enum dns_state state)
{
	size_t i, family;

	for (i = 0; i < exchangers->count; i++)
		for (family = 0; family < EXCHANGERS_FAMILIES; family++)
			if (exchangers->hosts[i][family]->state == state)
				return 1;
	return 0;
}

static int
has_unknown(const struct exchangers *exchangers)
{
	return has_state(exchangers, DNS_TEMPFAIL) ||
	    has_state(exchangers, DNS_WAITING);
}

enum exchangers_state
exchangers_state(const struct session *session,
    const struct exchangers *exchangers)
{
	if (session->mail.reverse_path.literal.family != 0)
		return EXCHANGERS_FOUND;
	if (exchangers->mx == NULL)
		return EXCHANGERS_NOT_ASKED;
	switch (exchangers->mx->state) {
	case DNS_WAITING:
	case DNS_TEMPFAIL:
		return EXCHANGERS_UNKNOWN;
	case DNS_NXDOMAIN:
		return EXCHANGERS_NONE;	/* of no type: RFC 8020 */
	case DNS_DATA:
		if (exchangers->count == 0)
			return EXCHANGERS_NULL;
		break;
	case DNS_NODATA:
		break;
	}
	if (has_state(exchangers, DNS_DATA))
		return EXCHANGERS_FOUND;
	return has_unknown(exchangers) ? EXCHANGERS_UNKNOWN : EXCHANGERS_NONE;
}

/* Whether an answer has an address that is not so. */
static int
has_other(const struct dns_question *answer, exchangers_is_fn *is,
    const void *how)
{
	size_t i;

	for (i = 0; answer->state == DNS_DATA && i < answer->count; i++)
		if (!is(&answer->records[i].address, how))
			return 1;
	return 0;
}

enum exchangers_all
exchangers_all(const struct session *session,
    const struct exchangers *exchangers, exchangers_is_fn *is, const void *how)
{
	const struct address *literal = &session->mail.reverse_path.literal;
	size_t i, family;

	if (literal->family != 0)
		return is(literal, how) ? EXCHANGERS_ALL : EXCHANGERS_NOT_ALL;
	if (exchangers_state(session, exchangers) != EXCHANGERS_FOUND)
		return EXCHANGERS_NOT_ALL;
	for (i = 0; i < exchangers->count; i++)
		for (family = 0; family < EXCHANGERS_FAMILIES; family++)
			if (has_other(exchangers->hosts[i][family], is, how))
				return EXCHANGERS_NOT_ALL;
	return has_unknown(exchangers) ? EXCHANGERS_PERHAPS : EXCHANGERS_ALL;
}

void
exchangers_reason(struct finding *finding, const struct session *session)
{
	const struct path *path = &session->mail.reverse_path;

	if (path->domain > 0 && !stralloc_copyb(&finding->reason,
	    path->mailbox.s + path->domain, path->mailbox.len - path->domain))
		stralloc_zero(&finding->reason);
}

enum verdict
exchangers_judge(const struct session *session,
    const struct exchangers *exchangers, struct finding *finding,
    const char *setting)
{
	enum verdict verdict = REJECT;

	switch (exchangers_state(session, exchangers)) {
	case EXCHANGERS_UNKNOWN:
		finding_set(finding, setting, 451, "4.4.3",
		    "the DNS does not say now where mail to the sender's "
		    "domain would go (#4.4.3)");
		finding->is_for_now = asking_failed(exchangers->mx);
		verdict = DEFER;
		break;
	case EXCHANGERS_NONE:
		finding_set(finding, setting, 550, "5.1.8",
		    "the sender's domain cannot get mail: it has no host "
		    "with an address (#5.1.8)");
		break;
	case EXCHANGERS_NULL:
		finding_set(finding, setting, 550, "5.7.27",
		    "the sender's domain takes no mail: it has a null MX "
		    "(#5.7.27)");
		break;
	default:
		return PASS;
	}
	exchangers_reason(finding, session);
	return verdict;
}
