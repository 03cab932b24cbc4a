/* extension - EHLO keywords */
#include "smtp/extension.h"

#include <string.h>

#include "base/text.h"
#include "smtp/sasl.h"

#define MOST_RCPTMAX	999999	/* RFC 9422 4: six digits */

static const struct row {
	enum extension extension;
	const char *keyword;
} rows[] = {
	{ EXTENSION_PIPELINING,			"PIPELINING" },
	{ EXTENSION_8BITMIME,			"8BITMIME" },
	{ EXTENSION_SIZE,			"SIZE" },
	{ EXTENSION_ENHANCEDSTATUSCODES,	"ENHANCEDSTATUSCODES" },
	{ EXTENSION_LIMITS,			"LIMITS" },
	{ EXTENSION_STARTTLS,			"STARTTLS" },
	{ EXTENSION_AUTH,			"AUTH" },
};
#define ROWS	(sizeof rows / sizeof rows[0])

unsigned
extension_of(const char *keyword, size_t len)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (text_is(keyword, len, rows[i].keyword))
			return rows[i].extension;
	return 0;
}

static enum status
add_value(stralloc *text, const char *before, uint64_t value)
{
	char digits[TEXT_NUMBER];

	text_print_number(digits, value);
	return stralloc_cats(text, before) && stralloc_cats(text, digits) ?
	    OK : TEMPFAIL;
}

enum status
extension_announce(unsigned set, const struct extension_values *values,
    stralloc *text)
{
	size_t i;

	for (i = 0; i < ROWS; i++) {
		uint64_t value = 0;
		const char *before = " ";

		if ((set & rows[i].extension) == 0)
			continue;
		if (rows[i].extension == EXTENSION_SIZE)
			value = values->size;
		if (rows[i].extension == EXTENSION_LIMITS) {
			value = values->rcptmax;
			before = " RCPTMAX=";
			if (value == 0 || value > MOST_RCPTMAX)
				continue;
		}
		if (rows[i].extension == EXTENSION_AUTH && values->auth == NULL)
			continue;
		if (!stralloc_cats(text, "\n") ||
		    !stralloc_cats(text, rows[i].keyword))
			return TEMPFAIL;
		if (rows[i].extension == EXTENSION_AUTH &&
		    !stralloc_catm(text, " ", values->auth))
			return TEMPFAIL;
		if (value > 0 && add_value(text, before, value) != OK)
			return TEMPFAIL;
	}
	return OK;
}

/* A parameter of LIMITS: NAME=VALUE. */
static void
take_limit(const char *word, size_t len, struct extension_values *values)
{
	static const char rcptmax[] = "RCPTMAX=";

	if (text_begins(word, len, rcptmax))
		text_number(word + sizeof rcptmax - 1,
		    len - (sizeof rcptmax - 1), &values->rcptmax);
}

static void
take_mechanism(const char *word, size_t len, struct extension_values *values)
{
	values->mechanisms |= mechanism_of(word, len);
}

/* The words of a line, separated by blanks. */
static void
take_words(const char *text, size_t len, struct extension_values *values,
    void (*take)(const char *word, size_t len, struct extension_values *))
{
	const char *end = text + len;
	size_t n;

	for (; text < end; text += n) {
		text += text_blanks(text, (size_t)(end - text));
		for (n = 0; text + n < end && text[n] != ' '; n++)
			;
		take(text, n, values);
	}
}

unsigned
extension_understand(const char *line, size_t len,
    struct extension_values *values)
{
	const char *space = memchr(line, ' ', len);
	size_t keyword = space != NULL ? (size_t)(space - line) : len;
	unsigned extension = extension_of(line, keyword);
	size_t rest = len - keyword;

	if (extension == EXTENSION_SIZE && rest > 1)
		text_number(line + keyword + 1, rest - 1, &values->size);
	if (extension == EXTENSION_LIMITS && rest > 1)
		take_words(line + keyword + 1, rest - 1, values, take_limit);
	if (extension == EXTENSION_AUTH && rest > 1)
		take_words(line + keyword + 1, rest - 1, values,
		    take_mechanism);
	return extension;
}
