/* rule - the lines of recipientcheck, see qsmtp-control(5) */
#include "session/rule.h"

#include <case.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/text.h"
#include "session/rcptprogram.h"

#define RULES	"recipientcheck"

/* What the argument of a line is. */
enum argument {
	ARGUMENT_NONE,
	ARGUMENT_FILE,		/* a name in control/, or nothing */
	ARGUMENT_PATH		/* or nothing */
};

static const struct {
	const char *name;
	enum argument argument;
} back_ends[] = {
	[BACK_END_NONE] = { "none", ARGUMENT_NONE },
	[BACK_END_VPOPMAIL] = { "vpopmail", ARGUMENT_NONE },
	[BACK_END_QMAIL] = { "qmail", ARGUMENT_NONE },
	[BACK_END_CDB] = { "cdb", ARGUMENT_FILE },
	[BACK_END_PROGRAM] = { "program", ARGUMENT_PATH },
};
#define BACK_ENDS	(sizeof back_ends / sizeof back_ends[0])

/* A line; its strings lie in the file's text. */
struct rule {
	const char *domain, *argument;
	size_t domain_len, argument_len;
	enum back_end back_end;
	int found;
};

/* Cut the next field, which a colon ends; `rest` NULL: it was the last. */
static const char *
cut_field(const char **rest, const char *end, size_t *len)
{
	const char *field = *rest;
	const char *colon = memchr(field, ':', (size_t)(end - field));

	*len = (size_t)((colon != NULL ? colon : end) - field);
	*rest = colon != NULL ? colon + 1 : NULL;
	return field;
}

static int
is_argument(const struct rule *rule)
{
	if (rule->argument == NULL)
		return 1;
	switch (back_ends[rule->back_end].argument) {
	case ARGUMENT_FILE:
		return users_is_name(rule->argument, rule->argument_len);
	case ARGUMENT_PATH:
		return rule->argument_len > 0 && rule->argument_len < PATH_MAX
		    && memchr(rule->argument, '\0', rule->argument_len) ==
		    NULL;
	default:
		return 0;
	}
}

/* PERMFAIL: the line makes no sense. */
static enum status
parse_rule(const char *line, size_t len, struct rule *rule)
{
	const char *rest = line, *end = line + len, *name;
	size_t i, name_len;

	memset(rule, 0, sizeof *rule);
	rule->domain = cut_field(&rest, end, &rule->domain_len);
	if (rest == NULL || memchr(line, ' ', rule->domain_len) != NULL ||
	    memchr(line, '\t', rule->domain_len) != NULL)
		return PERMFAIL;
	name = cut_field(&rest, end, &name_len);
	for (i = 0; i < BACK_ENDS; i++)
		if (text_is(name, name_len, back_ends[i].name)) {
			rule->back_end = (enum back_end)i;
			rule->found = 1;
		}
	if (rest != NULL) {
		rule->argument = rest;
		rule->argument_len = (size_t)(end - rest);
	}
	return rule->found && is_argument(rule) ? OK : PERMFAIL;
}

/* Whether a line is for the domain, and better than one of `best` octets. */
static int
is_better(const struct rule *rule, const char *domain, size_t len,
    const struct rule *best)
{
	size_t suffix = rule->domain_len;

	if (best->found && suffix <= best->domain_len)
		return 0;
	if (suffix > len || (suffix > 0 && suffix < len &&
	    rule->domain[0] != '.'))
		return 0;
	return case_diffb(domain + len - suffix, suffix, rule->domain) == 0;
}

/* The lines of the file that are more than a comment, one after the other. */
struct reader {
	const char *at, *end;	/* what is left */
	const char *line;
	size_t len;
	unsigned number;
};

static int
next_line(struct reader *reader)
{
	while (reader->at < reader->end) {
		const char *line = reader->at;
		const char *feed = memchr(line, '\n',
		    (size_t)(reader->end - line));
		const char *stop = feed != NULL ? feed : reader->end;

		reader->line = line;
		reader->len = text_trimmed(line, (size_t)(stop - line));
		reader->at = stop + 1;
		reader->number++;
		if (reader->len > 0 && line[0] != '#')
			return 1;
	}
	return 0;
}

unsigned
rule_bad_line(const char *text, size_t len, unsigned after)
{
	struct reader reader = { .at = text, .end = text + len };
	struct rule rule;

	while (next_line(&reader))
		if (reader.number > after &&
		    parse_rule(reader.line, reader.len, &rule) != OK)
			return reader.number;
	return 0;
}

/* The line of a domain; each is judged, so `bad` is the first bad one. */
static void
find_rule(const stralloc *text, const char *domain, size_t len,
    struct rule *best, unsigned *bad)
{
	struct reader reader = { .at = text->s, .end = text->s + text->len };
	struct rule rule;

	memset(best, 0, sizeof *best);
	while (*bad == 0 && next_line(&reader))
		if (parse_rule(reader.line, reader.len, &rule) != OK)
			*bad = reader.number;
		else if (is_better(&rule, domain, len, best))
			*best = rule;
}

static enum status
refuse_rule(struct control *control, unsigned line)
{
	char name[sizeof RULES + sizeof " line " + TEXT_NUMBER] = RULES
	    " line ";

	text_print_number(name + strlen(name), line);
	return control_refuse(control, name, EINVAL);
}

enum status
rule_find(struct users *users, struct control *control, const char *domain,
    size_t len, enum back_end *back_end, stralloc *argument)
{
	struct rule rule;

	if (!users->rules_are_read && control_has(control, RULES) &&
	    control_read(control, RULES, &users->rules,
	    &users->has_rules) != OK)
		return TEMPFAIL;
	users->rules_are_read = 1;
	if (!users->has_rules) {
		*back_end = rcptprogram_is_wanted() ? BACK_END_PROGRAM :
		    BACK_END_VPOPMAIL;
		return OK;
	}
	find_rule(&users->rules, domain, len, &rule, &users->bad_rule);
	if (users->bad_rule != 0)
		return refuse_rule(control, users->bad_rule);
	if (rule.argument != NULL && (!stralloc_copyb(argument,
	    rule.argument, rule.argument_len) || !stralloc_0(argument)))
		return control_refuse(control, RULES, ENOMEM);
	*back_end = rule.back_end;
	return OK;
}
