/* virtual - which mailboxes are delivered here, see qmail-send(8) */
#include "session/virtual.h"

#include <case.h>
#include <errno.h>
#include <string.h>

#include "base/text.h"

#define VIRTUAL	"virtualdomains"

static enum status
is_local(struct users *users, struct control *control, const char *domain,
    size_t len, int *found)
{
	enum status status;
	stralloc me = { 0 };
	int has_me;

	if (list_read(control, "locals", &users->locals) != OK)
		return TEMPFAIL;
	*found = list_has(&users->locals, domain, len);
	if (users->locals.found)
		return OK;
	status = control_line(control, "me", &me, &has_me);
	if (status == OK && has_me && me.len == len)
		*found = case_diffb(me.s, len, domain) == 0;
	stralloc_free(&me);
	return status;
}

static enum status
read_virtual(struct users *users, struct control *control)
{
	int found;

	if (users->virtual_is_read)
		return OK;
	if (control_has(control, VIRTUAL) && control_read(control, VIRTUAL,
	    &users->virtual, &found) != OK)
		return TEMPFAIL;
	users->virtual_is_read = 1;
	return OK;
}

/*
 * What follows the colon of the line that begins with this; the last one
 * counts.  NULL: there is no such line.
 */
static const char *
find_line(const stralloc *text, const char *name, size_t len, size_t *size)
{
	const char *line = text->s, *value = NULL;
	const char *end = text->s + text->len;

	while (line < end) {
		const char *feed = memchr(line, '\n', (size_t)(end - line));
		const char *stop = feed != NULL ? feed : end;
		size_t whole = text_trimmed(line, (size_t)(stop - line));

		if (whole > len && line[0] != '#' && line[len] == ':' &&
		    case_diffb(line, len, name) == 0) {
			value = line + len + 1;
			*size = whole - len - 1;
		}
		line = stop + 1;
	}
	return value;
}

/* The mailbox, its domain, then each suffix that begins with a dot, "". */
static const char *
find_prefix(const stralloc *text, const struct user_question *question,
    size_t *size)
{
	const char *mailbox = question->mailbox;
	const char *value = find_line(text, mailbox, question->len, size);
	size_t i;

	for (i = question->domain; value == NULL && i <= question->len; i++)
		if (i == question->domain || i == question->len ||
		    mailbox[i] == '.')
			value = find_line(text, mailbox + i,
			    question->len - i, size);
	return value;
}

enum status
virtual_find_local(struct users *users, struct control *control,
    const struct user_question *question, stralloc *local, int *found)
{
	const char *mailbox = question->mailbox;
	const char *prefix = NULL;
	size_t size = 0;

	local->len = 0;
	if (is_local(users, control, mailbox + question->domain,
	    question->len - question->domain, found) != OK)
		return TEMPFAIL;
	if (!*found) {
		if (read_virtual(users, control) != OK)
			return TEMPFAIL;
		if (users->virtual.len > 0)
			prefix = find_prefix(&users->virtual, question, &size);
		if (prefix == NULL || size == 0)
			return OK;
		*found = 1;
	}
	if ((size > 0 && (users_append_lower(local, prefix, size) != OK ||
	    !stralloc_cats(local, "-"))) ||
	    users_append_lower(local, mailbox, question->domain - 1) != OK)
		return control_refuse(control, VIRTUAL, ENOMEM);
	return OK;
}
