/* rules - what the lines of recipientcheck name */
#include <stdio.h>
#include <string.h>

#include "remote/lines.h"
#include "session/getpw.h"
#include "session/rule.h"
#include "tools/check.h"

#define RULES		"recipientcheck"
#define LISTING		"validrcptto.cdb"	/* where a line names none */
#define PATH_SIZE	300
#define MOST_LOOKED	(1u << 28)	/* octets of rules, for all lines */

static void
check_listing(struct check *check, const char *name)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof path, "control/%s", name);
	if (control_has(&check->control, name))
		check_map(check, path);
	else
		check_say(check, FAULT, "control/" RULES, 0,
		    "names %s, which is absent: mail to its domains is put "
		    "off", path);
}

static void
check_back_end(struct check *check, enum back_end back_end,
    const char *argument)
{
	struct stat facts;

	if (back_end == BACK_END_CDB)
		check_listing(check, argument != NULL ? argument : LISTING);
	else if (back_end == BACK_END_QMAIL)
		check_program(check, GETPW_PROGRAM, FAULT, "mail to users "
		    "that users/cdb does not have is put off", &facts);
	else if (back_end == BACK_END_PROGRAM && argument != NULL &&
	    check_program(check, argument, FAULT, "mail to the domains that "
	    "it tells of is put off", &facts) &&
	    !account_may(&check->qmaild, &facts, 1))
		check_say(check, FAULT, argument, 0, "cannot be executed by "
		    "qmaild: mail to the domains that it tells of is put off");
}

static const char *
domain_end(const char *line, size_t len)
{
	return memchr(line, ':', len);
}

int
rules_name(struct check *check, const char *name)
{
	static const char word[] = "cdb:";
	size_t len = strlen(name), before = sizeof word - 1;
	struct line line = { 0 };
	stralloc text = { 0 };
	int found, is_named = 0;

	if (control_read(&check->control, RULES, &text, &found) != OK)
		text.len = 0;
	while (!is_named && lines_next(&text, domain_end, &line))
		is_named = line.behind != NULL &&
		    line.value_len == before + len &&
		    memcmp(line.value, word, before) == 0 &&
		    memcmp(line.value + before, name, len) == 0;
	stralloc_free(&text);
	return is_named;
}

static void
say_bad_lines(struct check *check)
{
	stralloc text = { 0 };
	unsigned line = 0, said = 0;
	int found;

	if (control_read(&check->control, RULES, &text, &found) != OK)
		check_say_failed(check, FAULT, &check->control);
	else
		while (said++ < CHECK_LINES && (line = rule_bad_line(text.s,
		    text.len, line)) != 0)
			check_say(check, FAULT, "control/" RULES, line,
			    "makes no sense");
	stralloc_free(&text);
}

/* What counts for each domain that a line has; with the first, all lines. */
void
check_rules(struct check *check)
{
	struct control *control = &check->control;
	struct users users = { .rules = { 0 } };
	struct line line = { 0 };
	stralloc argument = { 0 };
	enum back_end back_end;
	size_t looked = 0;

	if (control_has(control, RULES) && rule_find(&users,
	    control, "", 0, &back_end, &argument) != OK)
		say_bad_lines(check);
	else
		while (looked < MOST_LOOKED && lines_next(&users.rules,
		    domain_end, &line) && line.behind != NULL) {
			looked += users.rules.len;
			argument.len = 0;
			if (rule_find(&users, control, line.text,
			    (size_t)(line.behind - line.text), &back_end,
			    &argument) == OK)
				check_back_end(check, back_end,
				    argument.len > 0 ? argument.s : NULL);
		}
	stralloc_free(&argument);
	users_free(&users);
}
