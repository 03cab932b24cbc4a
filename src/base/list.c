/* list - the lines of a control file as a set */
#include "base/list.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

#define KEY_SIZE	1024	/* longer than any mailbox or domain */

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Rewrite a file in place: the wanted lines, each with its line feed. */
static size_t
keep_lines(char *text, size_t len)
{
	const char *line = text;
	const char *end = text + len;
	size_t kept = 0;

	while (line < end) {
		const char *feed = memchr(line, '\n', (size_t)(end - line));
		const char *next = feed != NULL ? feed + 1 : end;
		size_t n = (size_t)((feed != NULL ? feed : end) - line);
		size_t i;

		n = text_trimmed(line, n);
		if (n > 0 && line[0] != '#') {
			for (i = 0; i < n; i++)
				text[kept++] = lower(line[i]);
			text[kept++] = '\n';
		}
		line = next;
	}
	return kept;
}

enum status
list_read(struct control *control, const char *name, struct list *list)
{
	stralloc *lines = &list->lines;
	enum status status;

	if (list->is_read)
		return OK;
	status = control_read(control, name, lines, &list->found);
	list->is_read = status == OK;
	if (status != OK || !list->found)
		return status;
	/* Room for the line feeds before the first line and after the last. */
	if (!stralloc_readyplus(lines, 2))
		return control_refuse(control, name, ENOMEM);
	memmove(lines->s + 1, lines->s, lines->len);
	lines->s[0] = '\n';
	lines->len = 1 + keep_lines(lines->s + 1, lines->len);
	return OK;
}

void
list_free(struct list *list)
{
	stralloc_free(&list->lines);
	list->found = list->is_read = 0;
}

int
list_has(const struct list *list, const char *text, size_t len)
{
	char key[KEY_SIZE + 2];
	size_t i;

	if (list->lines.len < 2 || len == 0 || len > KEY_SIZE ||
	    memchr(text, '\n', len) != NULL)
		return 0;
	key[0] = '\n';
	for (i = 0; i < len; i++)
		key[i + 1] = lower(text[i]);
	key[len + 1] = '\n';
	return memmem(list->lines.s, list->lines.len, key, len + 2) != NULL;
}

int
list_has_domain(const struct list *list, const char *domain, size_t len)
{
	size_t i;

	if (list_has(list, domain, len))
		return 1;
	for (i = 1; i < len; i++)
		if (domain[i] == '.' && list_has(list, domain + i, len - i))
			return 1;
	return 0;
}

/* The domain with its `@`, or nothing. */
static const char *
at_domain(const char *mailbox, size_t len)
{
	return memrchr(mailbox, '@', len);
}

/* Whether this part of the mailbox is a line; if so, say which. */
static int
is_line(const struct list *list, const char *part, const char *end,
    stralloc *line)
{
	if (!list_has(list, part, (size_t)(end - part)))
		return 0;
	/* Memory that is gone costs the log a word, not the answer. */
	if (line != NULL && !stralloc_copyb(line, part, (size_t)(end - part)))
		stralloc_zero(line);
	return 1;
}

int
list_has_mailbox(const struct list *list, const char *mailbox, size_t len,
    stralloc *line)
{
	const char *end = mailbox + len;
	const char *domain, *dot;

	if (list->lines.len < 2)
		return 0;
	if (is_line(list, mailbox, end, line))
		return 1;
	domain = at_domain(mailbox, len);
	if (domain == NULL)
		return 0;
	if (is_line(list, domain, end, line) ||
	    is_line(list, domain + 1, end, line))
		return 1;
	for (dot = domain + 1; dot < end; dot++)
		if (*dot == '.' && dot > domain + 1 &&
		    (is_line(list, dot, end, line) ||
		    is_line(list, dot + 1, end, line)))
			return 1;
	return 0;
}
