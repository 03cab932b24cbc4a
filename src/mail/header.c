/* header - the header section as it streams by */
#include "mail/header.h"

#include <string.h>

#include "base/text.h"

void
header_start(struct header *header)
{
	header->place = HEADER_LINE;
	header->name_len = 0;
}

int
header_is(const struct header *header, const char *name)
{
	return text_is(header->name, header->name_len, name);
}

/* Where a line begins: a field, the rest of one, or the body. */
static enum header_place
begin_line(struct header *header, char first)
{
	if (first == '\n')
		return HEADER_BODY;
	if (first == ' ' || first == '\t')
		return HEADER_FIELD;
	header->name_len = 0;
	return HEADER_NAME;
}

/* Take octets of a name and leave HEADER_NAME at its end; returns how many. */
static size_t
take_name(struct header *header, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		char c = text[i];

		if (c == ':' || c == ' ' || c == '\t' || c == '\n') {
			header->place = HEADER_FIELD;
			break;
		}
		if (header->name_len < FIELD_NAME)
			header->name[header->name_len++] = c;
	}
	if (header->place == HEADER_FIELD && header->name_len == FIELD_NAME)
		header->name_len = 0;
	return i;
}

void
header_next(struct header *header, const char *text, size_t len,
    struct header_piece *piece)
{
	const char *feed;
	size_t taken = 0;

	memset(piece, 0, sizeof *piece);
	piece->len = len;
	if (header->place == HEADER_LINE)
		header->place = begin_line(header, text[0]);
	if (header->place == HEADER_BODY)
		return;
	if (header->place == HEADER_NAME) {
		piece->begins = 1;
		taken = take_name(header, text, len);
		if (header->place == HEADER_NAME)
			return;
		piece->named = 1;
	}
	feed = memchr(text + taken, '\n', len - taken);
	if (feed != NULL) {
		piece->len = (size_t)(feed + 1 - text);
		header->place = HEADER_LINE;
	}
}

size_t
header_field(const char *text, size_t len, const char **body, size_t *body_len)
{
	const char *feed, *end = text + len, *next = text;

	do {
		feed = next < end ?
		    memchr(next, '\n', (size_t)(end - next)) : NULL;
		next = feed != NULL ? feed + 1 : end;
	} while (next < end && (*next == ' ' || *next == '\t'));
	if (feed == NULL)
		feed = end;
	*body = len > 0 ? memchr(text, ':', (size_t)(feed - text)) : NULL;
	*body_len = 0;
	if (*body != NULL)
		*body_len = (size_t)(feed - ++*body);
	return (size_t)(next - text);
}
