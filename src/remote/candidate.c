/* candidate - the addresses to try for a host, in order */
#include "remote/candidate.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define HOSTS		20	/* exchangers whose addresses are asked for */
#define HOST_ADDRESSES	8	/* of one family that are looked at */
#define FOREVER_MS	(24 * 3600 * 1000)	/* net/dns has its own budget */

/* A mail exchanger, or the host itself where it has none. */
struct exchanger {
	const char *name;
	unsigned preference;
	uint32_t chance;	/* decides among equals */
	const struct dns_question *by_family[2];	/* AAAA, A; or NULL */
	int is_literal;
	struct address literal;
};

struct search {
	struct candidates *found;
	struct dns *dns;
	const struct config *config;
	const char *host;
	struct exchanger hosts[HOSTS];
	size_t count;
	int by_relay;
};

static void
fail(struct search *search, enum message_report letter, const char *before,
    const char *name, const char *after)
{
	struct candidates *found = search->found;

	/* Without memory for the words there is none: for now, then. */
	found->letter = letter;
	if (!stralloc_copym(&found->text, before, name, after) ||
	    !stralloc_0(&found->text)) {
		found->letter = REPORT_DEFERRED;
		stralloc_free(&found->text);
	}
}

static void
fail_for_now(struct search *search, const char *name)
{
	fail(search, REPORT_DEFERRED, "Sorry, I couldn't find any host by the "
	    "name ", name, " for now. (#4.1.2)\n");
}

static int
wants_family(const struct config *config, int family)
{
	return config->family == 0 || config->family == family;
}

/* Ask for the addresses of a host; memory that is gone shows in collect. */
static void
ask_addresses(struct search *search, struct exchanger *host)
{
	if (host->is_literal)
		return;
	if (wants_family(search->config, 6))
		host->by_family[0] = dns_ask(search->dns, host->name,
		    DNS_AAAA);
	if (wants_family(search->config, 4))
		host->by_family[1] = dns_ask(search->dns, host->name, DNS_A);
}

/* An address, with brackets or without; a route may have IPv6 in plain ones. */
static int
is_literal(const char *name, struct address *address)
{
	size_t len = strlen(name);

	return address_parse_literal(name, len, address) == OK ||
	    address_parse(name, len, address) == OK || (len > 2 &&
	    name[0] == '[' && name[len - 1] == ']' &&
	    address_parse(name + 1, len - 2, address) == OK);
}

static void
set_host(struct exchanger *host, const char *name, unsigned preference)
{
	memset(host, 0, sizeof *host);
	host->name = name;
	host->preference = preference;
	host->is_literal = is_literal(name, &host->literal);
}

static int
compare(const void *one, const void *other)
{
	const struct exchanger *first = one, *second = other;

	if (first->preference != second->preference)
		return first->preference < second->preference ? -1 : 1;
	if (first->chance != second->chance)
		return first->chance < second->chance ? -1 : 1;
	return 0;
}

/* The exchangers of an MX answer, best first; the null one counts no more. */
static void
take_exchangers(struct search *search, const struct dns_question *mx)
{
	struct exchanger all[DNS_RECORDS];
	size_t i, count = 0;

	for (i = 0; i < mx->count && count < DNS_RECORDS; i++) {
		const struct dns_record *record = &mx->records[i];

		if (record->name[0] == '\0')
			continue;
		set_host(&all[count], record->name, record->preference);
		if (getrandom(&all[count].chance, sizeof all[count].chance,
		    0) == -1)
			all[count].chance = (uint32_t)i;
		count++;
	}
	qsort(all, count, sizeof *all, compare);
	if (count > HOSTS)
		count = HOSTS;
	memcpy(search->hosts, all, count * sizeof *all);
	search->count = count;
}

/* Whether an operator's list of addresses has this one, however written. */
static int
is_listed(const struct list *list, const struct address *address)
{
	const char *line = list->lines.s;
	const char *end = line + list->lines.len;
	struct address each;

	while (line < end) {
		const char *feed = memchr(line, '\n', (size_t)(end - line));
		size_t len = (size_t)((feed != NULL ? feed : end) - line);

		if (len > 0 && address_parse(line, len, &each) == OK &&
		    address_equal(&each, address))
			return 1;
		line += len + 1;
	}
	return 0;
}

static int
is_ourselves(const struct search *search, const struct own_addresses *own,
    const struct address *address)
{
	if (is_listed(&search->config->notipme, address))
		return 0;
	return is_listed(&search->config->moreipme, address) ||
	    own_addresses_have(own, address);
}

/* Whether any of a host's addresses, tried or not, is our own. */
static int
leads_to_us(const struct search *search, const struct own_addresses *own,
    const struct exchanger *host)
{
	size_t i, family;

	if (host->is_literal)
		return is_ourselves(search, own, &host->literal);
	for (family = 0; family < 2; family++) {
		const struct dns_question *answer = host->by_family[family];

		if (answer == NULL || answer->state != DNS_DATA)
			continue;
		for (i = 0; i < answer->count; i++)
			if (is_ourselves(search, own,
			    &answer->records[i].address))
				return 1;
	}
	return 0;
}

/* The addresses of one host, IPv6 and IPv4 in turn. */
static size_t
take_turns(const struct search *search, const struct exchanger *host,
    const struct address *turns[])
{
	size_t i, family, count = 0;

	if (host->is_literal) {
		turns[0] = &host->literal;
		return (size_t)wants_family(search->config,
		    host->literal.family);
	}
	for (i = 0; i < HOST_ADDRESSES; i++)
		for (family = 0; family < 2; family++) {
			const struct dns_question *answer =
			    host->by_family[family];

			if (answer != NULL && answer->state == DNS_DATA &&
			    i < answer->count)
				turns[count++] = &answer->records[i].address;
		}
	return count;
}

/* The preference of the best host that is ourselves; they are in order. */
static enum status
find_ourselves(const struct search *search, unsigned *limit)
{
	struct own_addresses own;
	size_t i;

	*limit = ~0u;
	/* Nobody asks whether a relay is ourselves. */
	if (search->by_relay)
		return OK;
	if (own_addresses_open(&own) != OK)
		return TEMPFAIL;
	for (i = 0; i < search->count && *limit == ~0u; i++)
		if (leads_to_us(search, &own, &search->hosts[i]))
			*limit = search->hosts[i].preference;
	own_addresses_close(&own);
	return OK;
}

static void
add(struct candidates *found, const struct exchanger *host,
    const struct address *address)
{
	struct candidate *candidate = &found->list[found->count++];
	size_t len = strlen(host->name);

	memset(candidate, 0, sizeof *candidate);
	candidate->address = *address;
	candidate->preference = host->preference;
	if (len >= sizeof candidate->host)
		len = sizeof candidate->host - 1;
	memcpy(candidate->host, host->name, len);
}

static void
add_all(struct search *search, unsigned limit)
{
	const struct address *turns[2 * HOST_ADDRESSES];
	size_t i, j, count, hosts = 0;

	for (i = 0; i < search->count && hosts < CANDIDATE_HOSTS; i++) {
		const struct exchanger *host = &search->hosts[i];

		if (host->preference >= limit)
			break;
		count = take_turns(search, host, turns);
		hosts += count > 0;
		for (j = 0; j < count && search->found->count < CANDIDATES;
		    j++)
			add(search->found, host, turns[j]);
		search->found->is_partial |= j < count;
	}
	search->found->is_partial |= i < search->count &&
	    search->hosts[i].preference < limit;
}

/*
 * Whether something that we needed was not answered, of hosts that are
 * preferred to `limit`.
 */
static int
is_missing(const struct search *search, unsigned limit)
{
	size_t i, family;

	for (i = 0; i < search->count &&
	    search->hosts[i].preference < limit; i++)
		for (family = 0; family < 2; family++) {
			const struct dns_question *answer =
			    search->hosts[i].by_family[family];

			if (answer == NULL ? !search->hosts[i].is_literal &&
			    wants_family(search->config, family == 0 ? 6 : 4) :
			    answer->state == DNS_TEMPFAIL)
				return 1;
		}
	return 0;
}

/* Whether a host may have addresses of the family that is not to be asked. */
static int
is_half_asked(const struct search *search)
{
	size_t i, family;

	for (i = 0; i < search->count && search->config->family != 0; i++)
		for (family = 0; family < 2; family++) {
			const struct dns_question *answer =
			    search->hosts[i].by_family[family];

			if (answer != NULL && answer->state == DNS_NODATA)
				return 1;
		}
	return 0;
}

/* The hosts are known and their addresses answered: choose. */
static void
choose(struct search *search, const char *without)
{
	unsigned limit;

	if (find_ourselves(search, &limit) != OK) {
		fail(search, REPORT_DEFERRED, "", "",
		    "Unable to list my own addresses. (#4.3.0)\n");
		return;
	}
	add_all(search, limit);
	search->found->is_partial |= is_missing(search, limit);
	if (search->found->count > 0)
		return;
	if (search->found->is_partial)
		fail_for_now(search, search->by_relay ?
		    search->hosts[0].name : search->host);
	else if (limit != ~0u)
		fail(search, REPORT_PERMANENT, "Sorry. Although I'm listed as "
		    "a best-preference MX or A for that host,\nit isn't in my "
		    "control/locals file, so I don't treat it as local. "
		    "(#5.4.6)\n", "", "");
	else if (search->hosts[0].is_literal)
		fail(search, REPORT_DEFERRED, "The address ",
		    search->hosts[0].name, " is not of the family that "
		    "control/ipfamily allows. (#4.4.4)\n");
	else if (is_half_asked(search))
		fail(search, REPORT_DEFERRED, "The host ", search->host,
		    " has no address of the family that control/ipfamily "
		    "allows. (#4.4.4)\n");
	else
		fail(search, search->by_relay ? REPORT_DEFERRED :
		    REPORT_PERMANENT, "Sorry, I couldn't find ", without, "");
}

static void
find_by_address(struct search *search, const char *name)
{
	set_host(&search->hosts[0], name, 0);
	search->count = 1;
	if (!search->hosts[0].is_literal) {
		ask_addresses(search, &search->hosts[0]);
		dns_collect(search->dns, deadline_in(FOREVER_MS));
	}
	choose(search, search->by_relay ?
	    "an address of the relay that the route names. (#4.4.4)\n" :
	    "any host by that name. (#5.1.2)\n");
}

/* RFC 7505: one MX with an empty name means that no mail is wanted. */
static int
is_null_mx(const struct dns_question *mx)
{
	return mx->count == 1 && mx->records[0].name[0] == '\0';
}

static void
find_by_mx(struct search *search)
{
	const struct dns_question *mx;
	size_t i;

	/*
	 * Not together with the host's own addresses: where those are not
	 * answered, nothing of the budget would be left for the exchangers'.
	 */
	mx = dns_ask(search->dns, search->host, DNS_MX);
	dns_collect(search->dns, deadline_in(FOREVER_MS));
	if (mx == NULL || mx->state == DNS_TEMPFAIL ||
	    mx->state == DNS_WAITING)
		fail_for_now(search, search->host);
	else if (mx->state == DNS_NXDOMAIN)
		fail(search, REPORT_PERMANENT, "Sorry, I couldn't find any "
		    "host named ", search->host, ". (#5.1.2)\n");
	else if (mx->state == DNS_NODATA)
		find_by_address(search, search->host);
	else if (is_null_mx(mx))
		fail(search, REPORT_PERMANENT, "Sorry, ", search->host,
		    " does not take mail: it has a null MX. (#5.1.10)\n");
	else {
		take_exchangers(search, mx);
		for (i = 0; i < search->count; i++)
			ask_addresses(search, &search->hosts[i]);
		dns_collect(search->dns, deadline_in(FOREVER_MS));
		choose(search, "a mail exchanger with an address. (#5.4.4)\n");
	}
}

int
candidates_need_dns(const struct route *route, const char *host)
{
	struct address literal;

	return !is_literal(route->relay.len > 0 ? route->relay.s : host,
	    &literal);
}

void
candidates_find(struct candidates *found, struct dns *dns,
    const struct config *config, const struct route *route, const char *host)
{
	struct search search = {
		.found = found, .dns = dns, .config = config, .host = host,
		.by_relay = route->relay.len > 0,
	};
	struct address literal;

	memset(found, 0, sizeof *found);
	if (search.by_relay)
		find_by_address(&search, route->relay.s);
	else if (is_literal(host, &literal))
		find_by_address(&search, host);
	else
		find_by_mx(&search);
}

void
candidates_free(struct candidates *found)
{
	stralloc_free(&found->text);
}
