/* line - lines from a link, bounded */
#include "net/line.h"

#include <string.h>

/* Skip to the end of a line that is longer than a line may be. */
static enum status
skip(struct link *link, struct deadline until)
{
	for (;;) {
		size_t waiting;
		char *input = link_input(link, &waiting);
		char *feed = memchr(input, '\n', waiting);

		if (feed != NULL) {
			link_consume(link, (size_t)(feed + 1 - input));
			return OK;
		}
		link_consume(link, waiting);
		if (link_fill(link, until) != OK)
			return TEMPFAIL;
	}
}

static enum line_form
judge(const char *line, size_t *len)
{
	int has_cr = *len > 0 && line[*len - 1] == '\r';

	if (has_cr)
		(*len)--;
	if (memchr(line, '\r', *len) != NULL ||
	    memchr(line, '\0', *len) != NULL)
		return LINE_BAD_OCTET;
	return has_cr ? LINE_GOOD : LINE_BARE_LF;
}

enum status
line_read(struct link *link, size_t most, struct deadline until,
    const char **line, size_t *len, enum line_form *form)
{
	size_t waiting, searched = 0;
	char *input, *feed;

	for (;;) {
		input = link_input(link, &waiting);
		feed = memchr(input + searched, '\n', waiting - searched);
		if (feed != NULL || waiting >= most)
			break;
		searched = waiting;
		if (link_fill(link, until) != OK)
			return TEMPFAIL;
	}
	if (feed == NULL || (size_t)(feed + 1 - input) > most) {
		*line = "";
		*len = 0;
		*form = LINE_TOO_LONG;
		return skip(link, until);
	}
	*line = input;
	*len = (size_t)(feed - input);
	*form = judge(input, len);
	link_consume(link, (size_t)(feed + 1 - input));
	return OK;
}
