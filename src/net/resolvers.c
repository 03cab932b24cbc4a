/* resolvers - which DNS servers are asked; see qsmtp-control(5) */
#include "net/resolvers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define VARIABLE	"$DNSCACHEIP"
#define SYSTEM_FILE	"/etc/resolv.conf"
#define SYSTEM_SERVERS	3	/* MAXNS of <resolv.h>: it asks no more */
#define PORT		53

/* Cut the next part off `text`: a line at '\n', a word at blanks. */
static size_t
cut_line(const char **text, const char *end, const char **line)
{
	const char *feed = memchr(*text, '\n', (size_t)(end - *text));

	*line = *text;
	*text = feed != NULL ? feed + 1 : end;
	return (size_t)((feed != NULL ? feed : end) - *line);
}

static size_t
cut_word(const char **text, const char *end, const char **word)
{
	*text += text_blanks(*text, (size_t)(end - *text));
	*word = *text;
	while (*text < end && **text != ' ' && **text != '\t')
		(*text)++;
	return (size_t)(*text - *word);
}

/*
 * ADDRESS, ADDRESS:PORT, [ADDRESS] or [ADDRESS]:PORT.  A lone IPv6 address has
 * colons of its own, so a port needs the brackets there.
 */
static enum status
parse_server(const char *text, size_t len, struct resolver *server)
{
	const char *colon = memchr(text, ':', len);
	size_t address = len;
	uint64_t port = PORT;

	if (len > 0 && text[0] == '[') {
		const char *bracket = memchr(text, ']', len);

		if (bracket == NULL)
			return PERMFAIL;
		text++;
		address = (size_t)(bracket - text);
		len -= address + 2;
		colon = len > 0 ? bracket + 1 : NULL;
	} else if (colon != NULL && memrchr(text, ':', len) == colon) {
		address = (size_t)(colon - text);
		len -= address;
	} else
		colon = NULL;
	/* c-ares would take 99999 for 34463. */
	if (colon != NULL && (colon[0] != ':' || len < 2 ||
	    text_number(colon + 1, len - 1, &port) != len - 1 ||
	    port == 0 || port > UINT16_MAX))
		return PERMFAIL;
	server->port = (uint16_t)port;
	return address_parse(text, address, &server->address);
}

static enum status
add(struct resolvers *resolvers, const char *text, size_t len)
{
	if (resolvers->count == RESOLVERS ||
	    parse_server(text, len, &resolvers->list[resolvers->count]) != OK)
		return PERMFAIL;
	resolvers->count++;
	return OK;
}

enum status
resolvers_parse_words(const char *text, size_t len, struct resolvers *resolvers)
{
	const char *end = text + len, *word;
	size_t n;

	memset(resolvers, 0, sizeof *resolvers);
	while ((n = cut_word(&text, end, &word)) > 0)
		if (add(resolvers, word, n) != OK)
			return PERMFAIL;
	return OK;
}

enum status
resolvers_parse(const char *text, size_t len, struct resolvers *resolvers)
{
	const char *end = text + len, *line, *word;
	int trusted = 1;

	memset(resolvers, 0, sizeof *resolvers);
	while (text < end) {
		size_t n = cut_line(&text, end, &line);
		const char *line_end = line + n;

		resolvers->line++;
		n = cut_word(&line, line_end, &word);
		if (n == 0 || word[0] == '#')
			continue;
		if (add(resolvers, word, n) != OK)
			return PERMFAIL;
		n = cut_word(&line, line_end, &word);
		if (n == 0)
			trusted = 0;
		else if (!text_is(word, n, "trusted") ||
		    cut_word(&line, line_end, &word) > 0)
			return PERMFAIL;
	}
	resolvers->trusted = trusted && resolvers->count > 0;
	return OK;
}

void
resolvers_parse_system(const char *text, size_t len,
    struct resolvers *resolvers)
{
	const char *end = text + len, *line, *word;

	memset(resolvers, 0, sizeof *resolvers);
	while (text < end) {
		size_t n = cut_line(&text, end, &line);
		const char *line_end = line + n;

		/* A keyword begins its line. */
		if (text_blanks(line, n) > 0)
			continue;
		n = cut_word(&line, line_end, &word);
		if (n == 10 && memcmp(word, "nameserver", n) == 0) {
			n = cut_word(&line, line_end, &word);
			if (resolvers->count < SYSTEM_SERVERS)
				add(resolvers, word, n);
		} else if (n == 7 && memcmp(word, "options", n) == 0) {
			while ((n = cut_word(&line, line_end, &word)) > 0)
				if (n == 8 && memcmp(word, "trust-ad", n) == 0)
					resolvers->trusted = 1;
		}
	}
}

static enum status
read_control(struct resolvers *resolvers, struct control *control)
{
	stralloc text = { 0 };
	enum status status;
	int found;

	if (!control_has(control, "resolvers"))
		return OK;
	status = control_read(control, "resolvers", &text, &found);
	if (status == OK && found &&
	    resolvers_parse(text.s, text.len, resolvers) != OK)
		status = control_refuse_at(control, "resolvers", "line",
		    resolvers->line, EINVAL);
	stralloc_free(&text);
	return status;
}

static enum status
read_system(struct resolvers *resolvers, struct control *control)
{
	stralloc text = { 0 };
	enum status status;
	int found;

	status = control_read(control, SYSTEM_FILE, &text, &found);
	if (status == OK && found)
		resolvers_parse_system(text.s, text.len, resolvers);
	stralloc_free(&text);
	return status;
}

enum status
resolvers_read(struct resolvers *resolvers, struct control *control)
{
	const char *variable = getenv("DNSCACHEIP");

	memset(resolvers, 0, sizeof *resolvers);
	if (variable != NULL && resolvers_parse_words(variable,
	    strlen(variable), resolvers) != OK)
		return control_refuse(control, VARIABLE, EINVAL);
	if (resolvers->count == 0 && read_control(resolvers, control) != OK)
		return TEMPFAIL;
	if (resolvers->count == 0 && read_system(resolvers, control) != OK)
		return TEMPFAIL;
	if (resolvers->count == 0)
		add(resolvers, "127.0.0.1", 9);
	return OK;
}
