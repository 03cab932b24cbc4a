/* policyline - a line of control/tlspolicy */
#include "remote/policyline.h"

#include <string.h>

#include "base/text.h"
#include "net/tls.h"
#include "smtp/mailbox.h"

/* Each may stand in a line once. */
#define SEEN_NAMES		1u
#define SEEN_CA			2u
#define SEEN_MINIMUM		4u
#define SEEN_FINGERPRINTS	8u

/* A part of a line. */
struct words {
	const char *at, *end;
};

static int
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

const char *
policyline_key_end(const char *line, size_t len)
{
	const char *end = line + len, *at = line;
	const char *bracket = line[0] == '[' ? memchr(line, ']', len) : NULL;

	/* A colon in an address literal does not count. */
	if (bracket != NULL)
		at = bracket;
	while (at < end && *at != ':' && !is_blank(*at))
		at++;
	return at;
}

/* Without a zone, which nothing can be made out to, and which may be odd. */
static enum status
parse_address(const char *text, size_t len, struct address *address)
{
	return memchr(text, '%', len) != NULL ? PERMFAIL :
	    address_parse(text, len, address);
}

enum status
policyline_address(const char *text, size_t len, struct address *address)
{
	if (address_parse_literal(text, len, address) == OK)
		return OK;
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	return parse_address(text, len, address);
}

int
policyline_key_is_valid(const char *key, size_t len)
{
	struct address address;

	if (len == 0)
		return 1;
	if (key[0] == '[')
		return policyline_address(key, len, &address) == OK;
	if (key[0] == '.')
		return domain_is_valid(key + 1, len - 1);
	return domain_is_valid(key, len);
}

enum status
policyline_add_name(stralloc *names, const char *name, size_t len)
{
	size_t i, begin = names->len;

	if (!stralloc_catb(names, name, len) || !stralloc_0(names))
		return TEMPFAIL;
	for (i = begin; i < begin + len; i++)
		if (names->s[i] >= 'A' && names->s[i] <= 'Z')
			names->s[i] = (char)(names->s[i] + ('a' - 'A'));
	return OK;
}

/* What stands between commas, be it nothing; 0: that was the last. */
static int
next_item(struct words *list, struct words *item)
{
	const char *comma;

	if (list->at == NULL)
		return 0;
	comma = memchr(list->at, ',', (size_t)(list->end - list->at));
	item->at = list->at;
	item->end = comma != NULL ? comma : list->end;
	list->at = comma != NULL ? comma + 1 : NULL;
	return 1;
}

static enum status
take_name(stralloc *names, const char *name, size_t len)
{
	size_t dot = len > 0 && name[0] == '.';
	char text[ADDRESS_TEXT];
	struct address address;

	if (len > POLICY_NAME)
		return PERMFAIL;
	if (parse_address(name, len, &address) == OK) {
		address_print(&address, text);
		return policyline_add_name(names, text, strlen(text));
	}
	return domain_is_valid(name + dot, len - dot) ?
	    policyline_add_name(names, name, len) : PERMFAIL;
}

static enum status
take_names(struct policy *policy, struct words list)
{
	enum status status = OK;
	struct words name;
	size_t count = 0;

	while (status == OK && next_item(&list, &name))
		status = ++count > POLICY_NAMES ? PERMFAIL :
		    take_name(&policy->names, name.at,
		    (size_t)(name.end - name.at));
	return status;
}

static int
digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* All octets in hexadecimal; colons stand between each two, or nowhere. */
static enum status
read_digest(unsigned char digest[RECORD_DIGEST], struct words hex)
{
	size_t len = (size_t)(hex.end - hex.at), i;
	size_t step = len == 3 * RECORD_DIGEST - 1 ? 3 : 2;

	if (len != step * RECORD_DIGEST - (step - 2))
		return PERMFAIL;
	for (i = 0; i < RECORD_DIGEST; i++) {
		const char *at = hex.at + i * step;
		int high = digit_of(at[0]), low = digit_of(at[1]);

		if (high == -1 || low == -1 ||
		    (step == 3 && at + 2 < hex.end && at[2] != ':'))
			return PERMFAIL;
		digest[i] = (unsigned char)(high << 4 | low);
	}
	return OK;
}

static enum status
take_fingerprints(struct policy *policy, struct words list)
{
	unsigned char digest[RECORD_DIGEST];
	struct words hex;
	size_t count = 0;

	while (next_item(&list, &hex)) {
		if (++count > POLICY_FINGERPRINTS ||
		    read_digest(digest, hex) != OK)
			return PERMFAIL;
		if (!stralloc_catb(&policy->fingerprints, (char *)digest,
		    sizeof digest))
			return TEMPFAIL;
	}
	return OK;
}

static enum status
take_minimum(struct policy *policy, struct words version)
{
	return tls_version(version.at, (size_t)(version.end - version.at),
	    &policy->minimum);
}

static enum status
take_ca(struct policy *policy, struct words path)
{
	size_t len = (size_t)(path.end - path.at), i;

	for (i = 0; i < len; i++)
		if (path.at[i] <= ' ' || path.at[i] == 0x7f)
			return PERMFAIL;
	if (len == 0 || len > POLICY_CA)
		return PERMFAIL;
	return stralloc_copyb(&policy->ca, path.at, len) &&
	    stralloc_0(&policy->ca) ? OK : TEMPFAIL;
}

static const struct setting {
	const char *key;
	unsigned seen;
	enum status (*take)(struct policy *, struct words value);
} settings[] = {
	{ "names", SEEN_NAMES, take_names },
	{ "ca", SEEN_CA, take_ca },
	{ "minimum", SEEN_MINIMUM, take_minimum },
	{ "sha256", SEEN_FINGERPRINTS, take_fingerprints },
};

static enum status
take_setting(struct policy *policy, struct words word, unsigned *seen)
{
	const char *equal = memchr(word.at, '=',
	    (size_t)(word.end - word.at));
	struct words value = { NULL, word.end };
	size_t i;

	if (equal == NULL)
		return PERMFAIL;
	value.at = equal + 1;
	for (i = 0; i < sizeof settings / sizeof settings[0]; i++)
		if (text_is(word.at, (size_t)(equal - word.at),
		    settings[i].key)) {
			if ((*seen & settings[i].seen) != 0)
				return PERMFAIL;
			*seen |= settings[i].seen;
			return settings[i].take(policy, value);
		}
	return PERMFAIL;
}

static enum status
take_level(struct policy *policy, struct words word)
{
	enum policy_level level;

	for (level = LEVEL_NONE; level <= LEVEL_FINGERPRINT; level++)
		if (text_is(word.at, (size_t)(word.end - word.at),
		    policy_name(level))) {
			policy->level = level;
			return OK;
		}
	return PERMFAIL;
}

/* Whether these settings mean something at that level. */
static int
fits(enum policy_level level, unsigned seen)
{
	unsigned allowed = level == LEVEL_NONE ? 0 : SEEN_MINIMUM;

	if (level == LEVEL_VERIFY)
		allowed |= SEEN_NAMES | SEEN_CA;
	if (level == LEVEL_FINGERPRINT) {
		allowed |= SEEN_FINGERPRINTS;
		if ((seen & SEEN_FINGERPRINTS) == 0)
			return 0;
	}
	return (seen & ~allowed) == 0;
}

enum status
policyline_parse(struct policy *policy, const char *behind, const char *end)
{
	struct words words = { behind, end }, word;
	enum status status = PERMFAIL;
	int has_level = 0;
	unsigned seen = 0;

	if (behind == end || *behind != ':')
		return PERMFAIL;
	words.at++;
	for (;;) {
		while (words.at < end && is_blank(*words.at))
			words.at++;
		if (words.at == end)
			break;
		word.at = words.at;
		while (words.at < end && !is_blank(*words.at))
			words.at++;
		word.end = words.at;
		status = has_level ? take_setting(policy, word, &seen) :
		    take_level(policy, word);
		if (status != OK)
			return status;
		has_level = 1;
	}
	return has_level && fits(policy->level, seen) ? OK : PERMFAIL;
}
