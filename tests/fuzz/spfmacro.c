/* spfmacro - macros of SPF: what is good expands, within its bound */
#include <string.h>

#include "mail/spfmacro.h"
#include "target.h"

#define MOST	400

static const struct spf_facts facts[] = {
	{ .local = "a-b+c", .local_len = 5, .sender = "x.test",
	    .sender_len = 6, .domain = "y.x.test", .domain_len = 8,
	    .helo = "\"\303\244\n", .helo_len = 4, .receiver = "mx.test",
	    .name = "unknown", .client = { 4, { 192, 0, 2, 1 } }, .time = 1 },
	{ .local = "", .sender = "", .domain = "...", .domain_len = 3,
	    .helo = "", .receiver = "", .name = "",
	    .client = { 6, { 0x20, 1, [15] = 1 } } },
};

/* The same however much there is room for; in memory of its own. */
static void
expand(const char *text, size_t len, const struct spf_facts *who)
{
	stralloc whole = { 0 }, part = { 0 };
	size_t most = MOST;

	MUST(spf_macro_expand(text, len, who, most, &whole) == OK);
	MUST(whole.len <= most);
	most = whole.len / 2;
	MUST(spf_macro_expand(text, len, who, most, &part) == OK);
	MUST(part.len == most);
	MUST(most == 0 || memcmp(part.s, whole.s, most) == 0);
	if (len > 0 && memchr(text, '%', len) == NULL)
		MUST(whole.len == (len < MOST ? len : MOST) &&
		    memcmp(whole.s, text, whole.len) == 0);
	stralloc_free(&whole);
	stralloc_free(&part);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size > 0 ? size : 1);
	int is_name, is_value, is_text;

	MUST(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	is_name = spf_macro_is(SPF_DOMAIN_SPEC, text, size);
	is_value = spf_macro_is(SPF_MACRO_STRING, text, size);
	is_text = spf_macro_is(SPF_EXPLAIN_STRING, text, size);
	/* Each may be more than the one before. */
	MUST(!is_name || is_value);
	MUST(!is_value || is_text);
	if (is_text) {
		size_t i;

		MUST(!spf_macro_asks(text, size) ||
		    memchr(text, '%', size) != NULL);
		for (i = 0; i < sizeof facts / sizeof facts[0]; i++)
			expand(text, size, &facts[i]);
	}
	free(text);
	return 0;
}
