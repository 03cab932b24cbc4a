/* spfrecord - the syntax of an SPF record */
#include "mail/spfrecord.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"
#include "mail/spfmacro.h"

#define VERSION		"v=spf1"
#define PREFIX_DIGITS	3

/* What may follow the name of a term. */
enum {
	MAY_HAVE_DOMAIN = 1, HAS_DOMAIN = 2, MAY_HAVE_PREFIX = 4,
	HAS_NETWORK = 8
};

static const struct {
	const char *name;
	unsigned has;
} kinds[] = {
	[SPF_ALL] = { "all", 0 },
	[SPF_INCLUDE] = { "include", HAS_DOMAIN },
	[SPF_A] = { "a", MAY_HAVE_DOMAIN | MAY_HAVE_PREFIX },
	[SPF_MX] = { "mx", MAY_HAVE_DOMAIN | MAY_HAVE_PREFIX },
	[SPF_PTR] = { "ptr", MAY_HAVE_DOMAIN },
	[SPF_IP4] = { "ip4", HAS_NETWORK },
	[SPF_IP6] = { "ip6", HAS_NETWORK },
	[SPF_EXISTS] = { "exists", HAS_DOMAIN },
	[SPF_REDIRECT] = { "redirect", HAS_DOMAIN },
	[SPF_EXP] = { "exp", HAS_DOMAIN },
};

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The length of a prefix, without zeros for show. */
static const char *
read_prefix(const char *text, size_t len, unsigned most, unsigned *prefix)
{
	uint64_t number;

	if (len == 0 || len > PREFIX_DIGITS || (len > 1 && text[0] == '0') ||
	    text_number(text, len, &number) != len || number > most)
		return "length of a prefix";
	*prefix = (unsigned)number;
	return NULL;
}

/* Where the digits begin that end the text behind a slash; len: nowhere. */
static size_t
find_prefix(const char *text, size_t len)
{
	size_t at = len;

	while (at > 0 && is_digit(text[at - 1]))
		at--;
	return at > 0 && at < len && text[at - 1] == '/' ? at : len;
}

/*
 * Cut `/24`, `//64` or `/24//64` from the end.  A slash may also be part of
 * the domain-spec, so this is read from behind.
 */
static const char *
cut_prefixes(const char *text, size_t *len, struct spf_term *term)
{
	size_t at = find_prefix(text, *len);
	const char *problem;

	if (at < *len && at > 1 && text[at - 2] == '/') {
		problem = read_prefix(text + at, *len - at,
		    NETWORK_PREFIX_IPV6, &term->prefix6);
		if (problem != NULL)
			return problem;
		*len = at - 2;
		at = find_prefix(text, *len);
	}
	if (at < *len) {
		problem = read_prefix(text + at, *len - at,
		    NETWORK_PREFIX_IPV4, &term->prefix4);
		if (problem != NULL)
			return problem;
		*len = at - 1;
	}
	return NULL;
}

/*
 * Not address_parse(): what is IPv4-mapped is of ip6 here, and the client
 * never is.
 */
static const char *
read_network(const char *text, size_t len, struct spf_term *term)
{
	struct network *network = &term->network;
	int is_ipv6 = term->kind == SPF_IP6;
	const char *slash = memchr(text, '/', len), *problem;
	char copy[ADDRESS_TEXT];
	size_t n = slash != NULL ? (size_t)(slash - text) : len;

	network->address.family = is_ipv6 ? 6 : 4;
	network->prefix = is_ipv6 ? NETWORK_PREFIX_IPV6 : NETWORK_PREFIX_IPV4;
	if (slash != NULL) {
		problem = read_prefix(slash + 1, len - n - 1, network->prefix,
		    &network->prefix);
		if (problem != NULL)
			return problem;
	}
	if (n >= sizeof copy)
		return "address";
	memcpy(copy, text, n);
	copy[n] = '\0';
	if (strlen(copy) != n || inet_pton(is_ipv6 ? AF_INET6 : AF_INET, copy,
	    network->address.octets) != 1)
		return "address";
	return NULL;
}

/* What follows the name of a known term; `mark` is `:` or `=`. */
static const char *
read_rest(const char *text, size_t len, char mark, struct spf_term *term)
{
	unsigned has = kinds[term->kind].has;
	const char *problem;
	int is_marked = len > 0 && text[0] == mark;

	if (has & HAS_NETWORK)
		return is_marked ? read_network(text + 1, len - 1, term) :
		    "address";
	if (term->len > SPF_TERM)
		return "length of a term";
	if (has & MAY_HAVE_PREFIX) {
		problem = cut_prefixes(text, &len, term);
		if (problem != NULL)
			return problem;
	}
	if (len == 0)
		return has & HAS_DOMAIN ? "domain" : NULL;
	if (!is_marked || !(has & (HAS_DOMAIN | MAY_HAVE_DOMAIN)) ||
	    !spf_macro_is(SPF_DOMAIN_SPEC, text + 1, len - 1))
		return "domain";
	term->domain = text + 1;
	term->domain_len = len - 1;
	return NULL;
}

static enum spf_kind
find_kind(const char *name, size_t len, enum spf_kind from, enum spf_kind end)
{
	enum spf_kind kind;

	for (kind = from; kind < end; kind++)
		if (text_is(name, len, kinds[kind].name))
			break;
	return kind;
}

static const char *
read_modifier(const char *text, size_t len, size_t name, struct spf_term *term)
{
	size_t i;

	if (name == 0 || !is_alpha(text[0]))
		return "name of a modifier";
	for (i = 0; i < name; i++)
		if (!is_alpha(text[i]) && !is_digit(text[i]) &&
		    memchr("-_.", text[i], 3) == NULL)
			return "name of a modifier";
	term->kind = find_kind(text, name, SPF_REDIRECT, SPF_OTHER);
	if (term->kind != SPF_OTHER)
		return read_rest(text + name, len - name, '=', term);
	if (!spf_macro_is(SPF_MACRO_STRING, text + name + 1, len - name - 1))
		return "macro";
	return NULL;
}

/* NULL: it is good; else what is wrong about it. */
static const char *
read_term(const char *text, size_t len, struct spf_term *term)
{
	size_t name;

	*term = (struct spf_term){
		.text = text, .len = len, .qualifier = '+',
		.prefix4 = NETWORK_PREFIX_IPV4, .prefix6 = NETWORK_PREFIX_IPV6,
	};
	for (name = 0; name < len; name++)
		if (memchr(":/=", text[name], 3) != NULL)
			break;
	if (name < len && text[name] == '=')
		return read_modifier(text, len, name, term);
	if (name > 0 && memchr("+-~?", text[0], 4) != NULL) {
		term->qualifier = text[0];
		text++;
		len--;
		name--;
	}
	term->kind = find_kind(text, name, SPF_ALL, SPF_REDIRECT);
	if (term->kind == SPF_REDIRECT)
		return "name of a mechanism";
	return read_rest(text + name, len - name, ':', term);
}

int
spf_record_is(const char *text, size_t len)
{
	size_t version = sizeof VERSION - 1;

	return text_begins(text, len, VERSION) &&
	    (len == version || text[version] == ' ');
}

/* The next word: its length, 0 at the end; *at is moved to its begin. */
static size_t
next_word(const struct spf_record *record, size_t *at)
{
	const char *space;

	while (*at < record->len && record->terms[*at] == ' ')
		++*at;
	space = memchr(record->terms + *at, ' ', record->len - *at);
	return space != NULL ? (size_t)(space - (record->terms + *at)) :
	    record->len - *at;
}

static const char *
keep_modifier(struct spf_record *record, const struct spf_term *term)
{
	struct spf_term *kept = term->kind == SPF_REDIRECT ?
	    &record->redirect : &record->exp;

	if (term->kind != SPF_REDIRECT && term->kind != SPF_EXP)
		return NULL;
	if (kept->text != NULL)
		return "modifier twice";
	*kept = *term;
	return NULL;
}

enum status
spf_record_read(const char *text, size_t len, struct spf_record *record,
    const char **problem)
{
	size_t at = 0, word, version = sizeof VERSION - 1;
	struct spf_term term;

	*record = (struct spf_record){ text + version, len - version,
	    { 0 }, { 0 } };
	for (; (word = next_word(record, &at)) > 0; at += word) {
		const char *wrong = read_term(record->terms + at, word, &term);

		if (wrong == NULL)
			wrong = keep_modifier(record, &term);
		if (wrong != NULL) {
			*problem = wrong;
			return PERMFAIL;
		}
	}
	return OK;
}

int
spf_record_next(const struct spf_record *record, size_t *at,
    struct spf_term *term)
{
	size_t word = next_word(record, at);

	if (word == 0 || read_term(record->terms + *at, word, term) != NULL)
		return 0;
	*at += word;
	return 1;
}
