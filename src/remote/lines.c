/* lines - control files of lines that begin with a key */
#include "remote/lines.h"

#include <string.h>

#include "base/text.h"

int
lines_next(const stralloc *file, lines_key_end *key_end, struct line *line)
{
	while (line->next < file->len) {
		const char *text = file->s + line->next;
		size_t rest = file->len - line->next;
		const char *feed = memchr(text, '\n', rest);
		size_t whole = feed != NULL ? (size_t)(feed - text) : rest;

		line->next += whole + (feed != NULL);
		line->number++;
		line->text = text;
		line->len = text_trimmed(text, whole);
		if (line->len == 0 || text[0] == '#')
			continue;
		line->behind = key_end(text, line->len);
		if (line->behind == NULL)
			return 1;
		line->value = line->behind +
		    (line->behind < text + line->len);
		line->value_len = line->len - (size_t)(line->value - text);
		return 1;
	}
	return 0;
}

unsigned
lines_number(const stralloc *file, const char *at)
{
	const char *text = file->s;
	unsigned number = 1;

	while ((text = memchr(text, '\n', (size_t)(at - text))) != NULL) {
		text++;
		number++;
	}
	return number;
}

const char *
lines_find(const stralloc *file, lines_key_end *key_end, const char *key,
    size_t key_len, size_t *len)
{
	struct line line = { 0 };
	const char *value = NULL;

	while (lines_next(file, key_end, &line))
		if (line.behind != NULL &&
		    (size_t)(line.behind - line.text) == key_len &&
		    strncasecmp(line.text, key, key_len) == 0) {
			value = line.value;
			*len = line.value_len;
		}
	return value;
}

const char *
lines_find_domain(const stralloc *file, lines_key_end *key_end,
    const char *domain, size_t *len)
{
	size_t domain_len = strlen(domain), i;
	const char *value = NULL;

	for (i = 0; i <= domain_len && value == NULL; i++)
		if (i == 0 || i == domain_len || domain[i] == '.')
			value = lines_find(file, key_end, domain + i,
			    domain_len - i, len);
	return value;
}
