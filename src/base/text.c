/* text - counted-string helpers */
#include "base/text.h"

#include <string.h>
#include <strings.h>

int
text_is(const char *text, size_t len, const char *word)
{
	return len == strlen(word) && strncasecmp(text, word, len) == 0;
}

int
text_begins(const char *text, size_t len, const char *word)
{
	size_t wanted = strlen(word);

	return len >= wanted && strncasecmp(text, word, wanted) == 0;
}

static int
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

size_t
text_trimmed(const char *text, size_t len)
{
	while (len > 0 && is_blank(text[len - 1]))
		len--;
	return len;
}

size_t
text_without_comment(const char *line, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (line[i] == '#' && (i == 0 || line[i - 1] != '\\'))
			break;
	return text_trimmed(line, i);
}

size_t
text_blanks(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && is_blank(text[n]))
		n++;
	return n;
}

size_t
text_number(const char *text, size_t len, uint64_t *number)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < len && text[i] >= '0' && text[i] <= '9'; i++) {
		unsigned digit = (unsigned)(text[i] - '0');

		if (value > (UINT64_MAX - digit) / 10)
			value = UINT64_MAX;
		else
			value = value * 10 + digit;
	}
	if (i > 0)
		*number = value;
	return i;
}

size_t
text_print_number(char out[TEXT_NUMBER], uint64_t number)
{
	char digits[TEXT_NUMBER];
	size_t at = sizeof digits;

	digits[--at] = '\0';
	do
		digits[--at] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	memcpy(out, digits + at, sizeof digits - at);
	return sizeof digits - at - 1;
}

void
text_make_printable(char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
}

void
text_mask_controls(char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (((unsigned char)text[i] < ' ' && text[i] != '\n') ||
		    text[i] == 0x7f)
			text[i] = '?';
}
