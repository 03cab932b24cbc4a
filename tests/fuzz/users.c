/*
 * users - the lines of recipientcheck for the domain that is the last line,
 * and the same octets as a value of users/cdb
 */
#include <string.h>

#include "session/assign.h"
#include "session/rule.h"
#include "target.h"

static void
find_rule(const char *text, size_t len)
{
	const char *feed = len > 0 ? memrchr(text, '\n', len) : NULL;
	const char *domain = feed != NULL ? feed + 1 : text;
	struct users users = { .rules_are_read = 1, .has_rules = 1 };
	struct control control = { .folder = NULL };
	enum back_end back_end = BACK_END_NONE;
	stralloc argument = { 0 };
	enum status status;

	MUST(stralloc_copyb(&users.rules, text, (size_t)(domain - text)));
	status = rule_find(&users, &control, domain,
	    len - (size_t)(domain - text), &back_end, &argument);
	if (status == OK) {
		MUST(back_end <= BACK_END_PROGRAM);
		MUST(argument.len == 0 || (argument.len > 1 &&
		    argument.s[argument.len - 1] == '\0'));
		MUST(argument.len == 0 || back_end == BACK_END_CDB ||
		    back_end == BACK_END_PROGRAM);
		MUST(back_end != BACK_END_CDB || argument.len == 0 ||
		    users_is_name(argument.s, argument.len - 1));
	} else
		MUST(users.bad_rule > 0 && control.failed[0] != '\0');
	stralloc_free(&argument);
	stralloc_free(&users.rules);
}

static void
parse_assignment(const char *text, size_t len)
{
	struct assignment assignment;

	if (assign_parse(text, len, &assignment) != OK)
		return;
	MUST(assignment.home > text && assignment.home[0] == '/');
	MUST(assignment.dash > assignment.home);
	MUST(assignment.ext > assignment.dash);
	MUST(assignment.ext + assignment.ext_len <= text + len);
	MUST(assignment.ext_len == 0 || memchr(assignment.ext, '\0',
	    assignment.ext_len) == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = size > 0 ? (const char *)data : "";

	find_rule(text, size);
	parse_assignment(text, size);
	return 0;
}
