/* list - the lines of a control file as a set */
#include "base/list.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define KEY_SIZE	1024	/* longer than any mailbox or domain */
#define INDEX_FROM	128	/* octets; less is searched as fast without */
#define INDEX_AFTER	16	/* looks; to make one costs as much as some */
#define INDEX_LINES	(1u << 20)	/* more would take too much memory */

/* Where lines begin, by hash. */
struct list_index {
	unsigned looks;		/* before there was one */
	uint32_t *places;	/* of each line, plus 1; NULL: not made yet */
	size_t slots;		/* a power of 2 */
};

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

size_t
list_without_comment(const char *line, size_t len)
{
	size_t i;

	for (i = 1; i < len; i++)
		if (line[i] == '#' && (line[i - 1] == ' ' ||
		    line[i - 1] == '\t'))
			return text_trimmed(line, i);
	return len;
}

/* Rewrite a file in place: the wanted lines, each with its line feed. */
static size_t
keep_lines(char *text, size_t len, int has_comments)
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
		if (has_comments)
			n = list_without_comment(line, n);
		if (n > 0 && line[0] != '#') {
			for (i = 0; i < n; i++)
				text[kept++] = lower(line[i]);
			text[kept++] = '\n';
		}
		line = next;
	}
	return kept;
}

/* FNV-1a: short, and good enough for lines that the operator wrote. */
static uint32_t
hash(const char *text, size_t len)
{
	uint32_t sum = 2166136261u;
	size_t i;

	for (i = 0; i < len; i++)
		sum = (sum ^ (unsigned char)text[i]) * 16777619u;
	return sum;
}

/* The octets of a line that begins behind the line feed at `at`. */
static size_t
line_len(const stralloc *lines, size_t at)
{
	const char *line = lines->s + at + 1;
	const char *feed = memchr(line, '\n', lines->len - at - 1);

	return (size_t)(feed - line);
}

/* Put a line, of `len` octets with both line feeds, where it is looked for. */
static void
put_in_index(const stralloc *lines, struct list_index *index, size_t at,
    size_t len)
{
	const char *text = lines->s;
	size_t i = hash(text + at + 1, len - 2);

	for (; index->places[i &= index->slots - 1] != 0; i++)
		if (memcmp(text + index->places[i] - 1, text + at, len) == 0)
			return;	/* it comes twice */
	index->places[i] = (uint32_t)at + 1;
}

/* Without memory for it the list is searched from its begin to its end. */
static void
make_index(const stralloc *lines, struct list_index *index)
{
	size_t at, len, count = 0;

	for (at = 0; at + 1 < lines->len; at += len + 1) {
		len = line_len(lines, at);
		count++;
	}
	if (count > INDEX_LINES)
		return;
	for (index->slots = 16; index->slots < 2 * count; )
		index->slots *= 2;
	index->places = calloc(index->slots, sizeof *index->places);
	if (index->places == NULL)
		return;
	for (at = 0; at + 1 < lines->len; at += len + 1) {
		len = line_len(lines, at);
		put_in_index(lines, index, at, len + 2);
	}
}

/* Many recipients are looked for in a list; one or two need no index. */
static int
has_index(const struct list *list)
{
	struct list_index *index = list->index;

	if (index == NULL)
		return 0;
	if (index->places == NULL && index->looks++ == INDEX_AFTER)
		make_index(&list->lines, index);
	return index->places != NULL;
}

/* Whether the index has this line, given with both of its line feeds. */
static int
index_has(const struct list *list, const char *key, size_t len)
{
	const struct list_index *index = list->index;
	const stralloc *lines = &list->lines;
	size_t i = hash(key + 1, len - 2);

	for (; index->places[i &= index->slots - 1] != 0; i++) {
		size_t at = index->places[i] - 1;

		if (len <= lines->len - at &&
		    memcmp(lines->s + at, key, len) == 0)
			return 1;
	}
	return 0;
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
	lines->len = 1 + keep_lines(lines->s + 1, lines->len,
	    list->has_comments);
	if (lines->len >= INDEX_FROM && lines->len < UINT32_MAX)
		list->index = calloc(1, sizeof *list->index);
	return OK;
}

void
list_free(struct list *list)
{
	stralloc_free(&list->lines);
	if (list->index != NULL)
		free(list->index->places);
	free(list->index);
	list->index = NULL;
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
	if (has_index(list))
		return index_has(list, key, len + 2);
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
