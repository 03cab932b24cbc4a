/* tlspolicy - the lines of control/tlspolicy: checked, read, and read again */
#include <string.h>

#include "net/tls.h"
#include "remote/policy.h"
#include "remote/policyline.h"
#include "smtp/mailbox.h"
#include "target.h"

static void
check_names(const stralloc *names)
{
	struct address address;
	size_t at, len, count = 0;

	MUST(names->len == 0 || names->s[names->len - 1] == '\0');
	for (at = 0; at < names->len; at += len + 1) {
		const char *name = names->s + at;

		len = strlen(name);
		MUST(len <= POLICY_NAME && ++count <= POLICY_NAMES);
		MUST(domain_is_valid(name + (name[0] == '.'),
		    len - (name[0] == '.')) ||
		    address_parse(name, len, &address) == OK);
	}
}

static void
check(const struct policy *policy)
{
	int is_verified = policy->level == LEVEL_VERIFY;

	MUST(policy->level <= LEVEL_FINGERPRINT);
	MUST(policy->minimum == 0 || (policy->minimum >= 0x0301 &&
	    policy->minimum <= 0x0304 && policy->level != LEVEL_NONE));
	MUST(is_verified || (policy->names.len == 0 && policy->ca.len == 0));
	MUST((policy->level == LEVEL_FINGERPRINT) ==
	    (policy->fingerprints.len > 0));
	MUST(policy->fingerprints.len % RECORD_DIGEST == 0);
	MUST(policy->fingerprints.len <= POLICY_FINGERPRINTS * RECORD_DIGEST);
	MUST(policy->ca.len != 1 && policy->ca.len <= POLICY_CA + 1);
	if (policy->ca.len > 0)
		MUST(strlen(policy->ca.s) == policy->ca.len - 1);
	check_names(&policy->names);
	MUST(policy->source[0] == '\0');
}

static void
add_names(stralloc *line, const stralloc *names)
{
	size_t at;

	for (at = 0; at < names->len; at += strlen(names->s + at) + 1)
		MUST(stralloc_catm(line, at == 0 ? " names=" : ",",
		    names->s + at));
}

static void
add_fingerprints(stralloc *line, const stralloc *digests)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t i;

	for (i = 0; i < digests->len; i++) {
		unsigned octet = (unsigned char)digests->s[i];

		if (i % RECORD_DIGEST == 0)
			MUST(stralloc_cats(line, i == 0 ? " sha256=" : ","));
		else
			MUST(stralloc_cats(line, ":"));
		MUST(stralloc_catb(line, digits + (octet >> 4), 1) &&
		    stralloc_catb(line, digits + (octet & 15), 1));
	}
}

static int
is_same(const stralloc *one, const stralloc *other)
{
	return one->len == other->len && (one->len == 0 ||
	    memcmp(one->s, other->s, one->len) == 0);
}

/* The policy as a line says the same. */
static void
read_again(const struct policy *policy)
{
	static const char *const versions[] = { "1.0", "1.1", "1.2", "1.3" };
	struct policy again = { 0 };
	stralloc line = { 0 };

	MUST(stralloc_catm(&line, ":", policy_name(policy->level)));
	add_names(&line, &policy->names);
	if (policy->ca.len > 0)
		MUST(stralloc_catm(&line, "\tca=", policy->ca.s));
	if (policy->minimum != 0)
		MUST(stralloc_catm(&line, "  minimum=",
		    versions[policy->minimum - 0x0301]));
	add_fingerprints(&line, &policy->fingerprints);
	MUST(policyline_parse(&again, line.s, line.s + line.len) == OK);
	MUST(again.level == policy->level);
	MUST(again.minimum == policy->minimum);
	MUST(is_same(&again.names, &policy->names));
	MUST(is_same(&again.ca, &policy->ca));
	MUST(is_same(&again.fingerprints, &policy->fingerprints));
	policy_free(&again);
	stralloc_free(&line);
}

/* What policy_check() has found good of one line. */
static void
check_line(const struct line *line, int is_bad)
{
	struct policy policy = { 0 };
	enum status status = policyline_parse(&policy, line->behind,
	    line->text + line->len);

	MUST(status == OK || status == PERMFAIL);
	if (status == OK) {
		check(&policy);
		read_again(&policy);
	}
	if (!policyline_key_is_valid(line->text,
	    (size_t)(line->behind - line->text)))
		status = PERMFAIL;
	MUST((status == PERMFAIL) == is_bad);
	policy_free(&policy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* In memory of its own, where a step outside is seen. */
	char *text = malloc(size > 0 ? size : 1);
	stralloc file = { .s = text, .len = size, .a = size };
	struct line line = { 0 };
	unsigned bad;

	MUST(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	policy_check(&file, 0, &bad);
	while (lines_next(&file, policyline_key_end, &line)) {
		MUST(line.behind != NULL && line.behind <= line.text +
		    line.len);
		check_line(&line, line.number == bad);
		if (line.number == bad)
			policy_check(&file, bad, &bad);
	}
	MUST(bad == 0);
	free(text);
	return 0;
}
