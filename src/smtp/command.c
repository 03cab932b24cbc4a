/* command - a command line into verb, argument and parameters */
#include "smtp/command.h"

#include <string.h>

#include "base/text.h"

static const char *const names[VERB_COUNT] = {
	[VERB_HELO] = "HELO",
	[VERB_EHLO] = "EHLO",
	[VERB_STARTTLS] = "STARTTLS",
	[VERB_AUTH] = "AUTH",
	[VERB_MAIL] = "MAIL",
	[VERB_RCPT] = "RCPT",
	[VERB_DATA] = "DATA",
	[VERB_RSET] = "RSET",
	[VERB_NOOP] = "NOOP",
	[VERB_VRFY] = "VRFY",
	[VERB_EXPN] = "EXPN",
	[VERB_HELP] = "HELP",
	[VERB_QUIT] = "QUIT",
};

enum smtp_verb
command_verb(const char *line, size_t line_len, const char **argument,
    size_t *len)
{
	const char *space = memchr(line, ' ', line_len);
	size_t verb_len = space != NULL ? (size_t)(space - line) :
	    text_trimmed(line, line_len);
	size_t blanks = text_blanks(line + verb_len, line_len - verb_len);
	enum smtp_verb verb;

	*argument = line + verb_len + blanks;
	*len = text_trimmed(*argument, line_len - verb_len - blanks);
	for (verb = 0; verb < VERB_COUNT; verb++)
		if (text_is(line, verb_len, names[verb]))
			break;
	return verb;
}

const char *
command_name(enum smtp_verb verb)
{
	return verb < VERB_COUNT ? names[verb] : "?";
}

int
command_is_http(const char *line, size_t len)
{
	static const char *const methods[] = {
		"GET ", "POST ", "PUT ", "HEAD ", "OPTIONS ", "CONNECT ",
		"DELETE ", "PATCH ", "TRACE ", "PRI * HTTP/",
	};
	size_t i;

	for (i = 0; i < sizeof methods / sizeof methods[0]; i++)
		if (text_begins(line, len, methods[i]))
			return 1;
	return 0;
}

static int
is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

/* esmtp-keyword: a letter or digit, then letters, digits and hyphens. */
static size_t
keyword_length(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && (is_alphanumeric(text[n]) ||
	    (n > 0 && text[n] == '-')))
		n++;
	return n;
}

/* esmtp-value: printable ASCII but `=` and space. */
static size_t
value_length(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && text[n] > ' ' && text[n] <= '~' && text[n] != '=')
		n++;
	return n;
}

enum status
command_parameter(const char **rest, size_t *len, struct parameter *parameter)
{
	const char *text = *rest;
	const char *end = text + *len;

	text += text_blanks(text, *len);
	memset(parameter, 0, sizeof *parameter);
	parameter->keyword = text;
	parameter->keyword_len = keyword_length(text, (size_t)(end - text));
	text += parameter->keyword_len;
	if (parameter->keyword_len > 0 && text < end && *text == '=') {
		parameter->value = ++text;
		parameter->value_len = value_length(text,
		    (size_t)(end - text));
		if (parameter->value_len == 0)
			return PERMFAIL;
		text += parameter->value_len;
	}
	if (text < end && *text != ' ' && *text != '\t')
		return PERMFAIL;
	*rest = text;
	*len = (size_t)(end - text);
	return OK;
}
