/* wildcard - a line of control/wildcardns */
#include "filter/wildcard.h"

#include <string.h>

/* A letter, a digit or a hyphen: `xn--p1ai` is a top-level domain. */
static int
is_of_label(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-';
}

enum status
wildcard_parse(const char *line, size_t len, struct wildcard *wildcard)
{
	struct address address;
	size_t i;

	for (i = 0; i < len && is_of_label(line[i]); i++)
		;
	if (i == 0 || i > WILDCARD_DOMAIN || i == len || line[i] != '_')
		return PERMFAIL;
	if (memchr(line, '%', len) != NULL || address_parse(line + i + 1,
	    len - i - 1, &address) != OK)
		return PERMFAIL;
	wildcard->domain = line;
	wildcard->len = i;
	wildcard->address = address;
	return OK;
}
