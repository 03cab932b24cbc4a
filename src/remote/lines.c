/* lines - control files of lines that begin with a key */
#include "remote/lines.h"

#include <string.h>

#include "base/text.h"

const char *
lines_find(const stralloc *file, lines_key_end *key_end, const char *key,
    size_t key_len, size_t *len)
{
	const char *line = file->s, *end = file->s + file->len;
	const char *value = NULL;

	while (line < end) {
		const char *feed = memchr(line, '\n', (size_t)(end - line));
		const char *next = feed != NULL ? feed + 1 : end;
		size_t n = text_trimmed(line, (size_t)((feed != NULL ? feed :
		    end) - line));
		const char *behind = n > 0 && line[0] != '#' ?
		    key_end(line, n) : NULL;

		if (behind != NULL && (size_t)(behind - line) == key_len &&
		    strncasecmp(line, key, key_len) == 0) {
			value = behind < line + n ? behind + 1 : behind;
			*len = n - (size_t)(value - line);
		}
		line = next;
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
