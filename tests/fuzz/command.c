/* command - command lines: the verb, its argument, parameters */
#include <string.h>

#include "smtp/command.h"
#include "target.h"

static int
is_within(const char *part, size_t part_len, const char *text, size_t len)
{
	return part >= text && part + part_len <= text + len;
}

static int
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Parameters: each within the text, getting on, until the end or a fault. */
static void
read_parameters(const char *text, size_t len)
{
	const char *rest = text;
	size_t rest_len = len;
	struct parameter each;
	size_t i;

	for (;;) {
		const char *before = rest;

		if (command_parameter(&rest, &rest_len, &each) != OK)
			return;
		MUST(rest + rest_len == text + len);
		if (each.keyword_len == 0)
			break;
		MUST(rest > before);
		MUST(is_within(each.keyword, each.keyword_len, text, len));
		MUST(each.keyword[0] != '-');
		for (i = 0; i < each.keyword_len; i++)
			MUST(strchr("= \t", each.keyword[i]) == NULL);
		if (each.value == NULL)
			continue;
		MUST(each.value_len > 0);
		MUST(is_within(each.value, each.value_len, text, len));
		MUST(each.value == each.keyword + each.keyword_len + 1);
		for (i = 0; i < each.value_len; i++)
			MUST(each.value[i] > ' ' && each.value[i] <= '~' &&
			    each.value[i] != '=');
	}
	/* No parameter is the end and nothing else. */
	MUST(rest_len == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data, *argument, *again;
	size_t len, again_len;
	enum smtp_verb verb;

	if (size == 0)
		line = "";
	verb = command_verb(line, size, &argument, &len);
	MUST(verb <= VERB_COUNT);
	MUST(is_within(argument, len, line, size));
	MUST(len == 0 || (!is_blank(argument[0]) &&
	    !is_blank(argument[len - 1])));
	if (verb < VERB_COUNT) {
		MUST(size >= 4);
		MUST(command_verb(command_name(verb), 4, &again,
		    &again_len) == verb && again_len == 0);
		MUST(!command_is_http(line, size));
	}
	read_parameters(argument, len);
	read_parameters(line, size);
	return 0;
}
