/* senders - whom a login may send as */
#include "session/senders.h"

#include <string.h>

#include "base/text.h"
#include "smtp/mailbox.h"

#define FILE_NAME	"authsenders-allowed"

enum status
senders_read(struct senders *senders, struct control *control)
{
	int found;

	if (senders->is_read)
		return OK;
	if (control_has(control, FILE_NAME) && control_read(control,
	    FILE_NAME, &senders->lines, &found) != OK)
		return TEMPFAIL;
	senders->is_read = 1;
	return OK;
}

void
senders_free(struct senders *senders)
{
	stralloc_free(&senders->lines);
}

/*
 * Blanks around a name never count: a line with some binds nevertheless, and
 * a login with some may be the same to the program that was asked.
 */
static int
is_same_name(const char *line, size_t len, const char *login)
{
	size_t blanks = text_blanks(line, len);

	login += text_blanks(login, strlen(login));
	len = text_trimmed(line + blanks, len - blanks);
	return len == text_trimmed(login, strlen(login)) &&
	    strncasecmp(line + blanks, login, len) == 0;
}

/*
 * The addresses of the next line of this login: what follows its first `|`.
 * `at` moves on; NULL: there is none.
 */
static const char *
next_line(const struct senders *senders, const char *login, size_t *at,
    size_t *len)
{
	const stralloc *lines = &senders->lines;

	while (*at < lines->len) {
		const char *line = lines->s + *at;
		const char *feed = memchr(line, '\n', lines->len - *at);
		size_t end = feed != NULL ? (size_t)(feed - line) :
		    lines->len - *at;
		size_t whole = end > 0 && line[end - 1] == '\r' ? end - 1 :
		    end;
		const char *bar = memchr(line, '|', whole);
		size_t name = bar != NULL ? (size_t)(bar - line) : whole;

		*at += end + 1;
		if (line[0] == '#' || !is_same_name(line, name, login))
			continue;
		*len = bar != NULL ? whole - name - 1 : 0;
		return bar != NULL ? bar + 1 : line + whole;
	}
	return NULL;
}

int
senders_bind(const struct senders *senders, const char *login)
{
	size_t at = 0, len;

	return next_line(senders, login, &at, &len) != NULL;
}

static int
is_same(const char *one, size_t len, const char *other, size_t other_len)
{
	return len == other_len && strncasecmp(one, other, len) == 0;
}

/* A field of a line: an address, or `@` and a domain. */
static int
has(const char *field, size_t len, const char *mailbox, size_t mailbox_len)
{
	size_t blanks = text_blanks(field, len), domain_len;
	const char *domain = mailbox_domain(mailbox, mailbox_len, &domain_len);

	field += blanks;
	len = text_trimmed(field, len - blanks);
	if (len > 1 && field[0] == '@' && domain != NULL)
		return is_same(field + 1, len - 1, domain, domain_len);
	return len > 0 && is_same(field, len, mailbox, mailbox_len);
}

int
senders_allow(const struct senders *senders, const char *login,
    const char *mailbox, size_t len)
{
	const char *line;
	size_t at = 0, line_len, field;

	while ((line = next_line(senders, login, &at, &line_len)) != NULL)
		while (line_len > 0) {
			const char *bar = memchr(line, '|', line_len);

			field = bar != NULL ? (size_t)(bar - line) : line_len;
			if (has(line, field, mailbox, len))
				return 1;
			line += field + (bar != NULL);
			line_len -= field + (bar != NULL);
		}
	return 0;
}

int
senders_without_address(const struct senders *senders, size_t *at,
    size_t *number)
{
	const stralloc *lines = &senders->lines;

	while (*at < lines->len) {
		const char *line = lines->s + *at;
		const char *feed = memchr(line, '\n', lines->len - *at);
		size_t whole = feed != NULL ? (size_t)(feed - line) :
		    lines->len - *at;
		const char *bar = memchr(line, '|', whole);
		size_t name = bar != NULL ? (size_t)(bar - line) : whole;
		size_t i = name;

		*at += whole + 1;
		++*number;
		while (i < whole && (line[i] == ' ' || line[i] == '\t' ||
		    line[i] == '|'))
			i++;
		if (i == whole && line[0] != '#' &&
		    text_trimmed(line, name) > 0)
			return 1;
	}
	return 0;
}
