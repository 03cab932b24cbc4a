/* mailbox - paths and mailboxes of the envelope */
#include "smtp/mailbox.h"

#include <string.h>

#include "base/text.h"

#define DOMAIN_SIZE	255	/* RFC 5321 4.5.3.1.2 */
#define LABEL_SIZE	63	/* RFC 1035 2.3.4 */

/* The text that is being read: from `at` to `end`. */
struct reader {
	const char *at, *end;
	stralloc *mailbox;
	enum path_fault fault;
};

static int
is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

int
mailbox_is_atext(char c)
{
	return is_alphanumeric(c) ||
	    (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

int
domain_is_valid(const char *text, size_t len)
{
	size_t i, label = 0;

	if (len == 0 || len > DOMAIN_SIZE)
		return 0;
	for (i = 0; i < len; i++) {
		if (text[i] == '.') {
			if (label == 0 || text[i - 1] == '-')
				return 0;
			label = 0;
			continue;
		}
		if (!is_alphanumeric(text[i]) && text[i] != '_' &&
		    (text[i] != '-' || label == 0))
			return 0;
		if (++label > LABEL_SIZE)
			return 0;
	}
	return label > 0 && text[len - 1] != '-';
}

static enum status
malformed(struct reader *reader, enum path_fault fault)
{
	reader->fault = fault;
	return PERMFAIL;
}

static enum status
put(struct reader *reader, char c)
{
	if (reader->mailbox->len >= MAILBOX_SIZE)
		return malformed(reader, PATH_TOO_LONG);
	return stralloc_append(reader->mailbox, &c) ? OK : TEMPFAIL;
}

/* Quoted-string: its quotes and backslashes are dropped. */
static enum status
read_quoted(struct reader *reader)
{
	enum status status;

	for (reader->at++; reader->at < reader->end; reader->at++) {
		char c = *reader->at;

		if (c == '"') {
			reader->at++;
			return OK;
		}
		if (c == '\\') {
			if (++reader->at == reader->end)
				break;
			c = *reader->at;
		}
		if (c < ' ' || c > '~')
			break;
		if ((status = put(reader, c)) != OK)
			return status;
	}
	return malformed(reader, PATH_MALFORMED);
}

/*
 * Dot-string.  Dots may stand anywhere, though the RFC wants one between two
 * atoms: telephone companies gave out mailboxes like a..b.@example.org.
 */
static enum status
read_dot_string(struct reader *reader)
{
	const char *from = reader->at;
	enum status status;

	while (reader->at < reader->end &&
	    (mailbox_is_atext(*reader->at) || *reader->at == '.'))
		if ((status = put(reader, *reader->at++)) != OK)
			return status;
	return reader->at > from ? OK : malformed(reader, PATH_MALFORMED);
}

/* The domain or address literal behind the `@`. */
static enum status
read_domain(struct reader *reader, struct path *path)
{
	const char *from = reader->at;
	enum status status;
	size_t len;

	path->domain = reader->mailbox->len + 1;
	if ((status = put(reader, '@')) != OK)
		return status;
	while (reader->at < reader->end && *reader->at != '>' &&
	    *reader->at > ' ' && *reader->at <= '~')
		if ((status = put(reader, *reader->at++)) != OK)
			return status;
	len = (size_t)(reader->at - from);
	if (len > 0 && from[0] == '[' ?
	    address_parse_literal(from, len, &path->literal) == OK :
	    domain_is_valid(from, len))
		return OK;
	return malformed(reader, PATH_MALFORMED);
}

/*
 * The source route, `@one.example,@two.example:`, is read and dropped
 * (RFC 5321 appendix C).
 */
static enum status
skip_route(struct reader *reader)
{
	while (reader->at < reader->end && *reader->at == '@') {
		const char *from = ++reader->at;
		char next;

		while (reader->at < reader->end &&
		    strchr(",:>", *reader->at) == NULL)
			reader->at++;
		if (reader->at == reader->end ||
		    !domain_is_valid(from, (size_t)(reader->at - from)))
			return malformed(reader, PATH_MALFORMED);
		next = *reader->at++;
		if (next == ':')
			return OK;
		if (next != ',' || reader->at == reader->end ||
		    *reader->at != '@')
			return malformed(reader, PATH_MALFORMED);
	}
	return OK;
}

static enum status
read_mailbox(struct reader *reader, unsigned leniency, struct path *path)
{
	enum status status;

	if (reader->at < reader->end && *reader->at == '"')
		status = read_quoted(reader);
	else
		status = read_dot_string(reader);
	if (status != OK)
		return status;
	if (reader->at < reader->end && *reader->at == '@') {
		reader->at++;
		return read_domain(reader, path);
	}
	/* Unquoted, its `@` would make a domain of what is none. */
	if (memchr(path->mailbox.s, '@', path->mailbox.len) != NULL)
		return malformed(reader, PATH_MALFORMED);
	if ((leniency & PATH_NO_DOMAIN) != 0 || text_is(path->mailbox.s,
	    path->mailbox.len, "postmaster"))
		return OK;
	return malformed(reader, PATH_MALFORMED);
}

static enum status
read_path(struct reader *reader, unsigned leniency, struct path *path)
{
	int bracket = reader->at < reader->end && *reader->at == '<';
	const char *begin;
	enum status status;

	if (reader->at == reader->end)
		return malformed(reader, PATH_MISSING);
	if (!bracket && (leniency & PATH_BARE) == 0)
		return malformed(reader, PATH_MISSING);
	reader->at += bracket;
	begin = reader->at;
	if ((status = skip_route(reader)) != OK)
		return status;
	if (!bracket || reader->at > begin || reader->at == reader->end ||
	    *reader->at != '>')
		status = read_mailbox(reader, leniency, path);
	if (status != OK)
		return status;
	if (bracket) {
		if (reader->at == reader->end || *reader->at != '>')
			return malformed(reader, PATH_MALFORMED);
		reader->at++;
	}
	if (reader->at < reader->end && *reader->at != ' ' &&
	    *reader->at != '\t')
		return malformed(reader, PATH_MALFORMED);
	return OK;
}

enum status
path_parse(const char *text, size_t len, unsigned leniency, struct path *path,
    const char **rest, size_t *rest_len, enum path_fault *fault)
{
	struct reader reader = { text, text + len, &path->mailbox, PATH_GOOD };
	enum status status;

	path->domain = 0;
	path->literal.family = 0;
	if (!stralloc_copyb(&path->mailbox, "", 0))
		return TEMPFAIL;
	status = read_path(&reader, leniency, path);
	*fault = reader.fault;
	if (status == OK) {
		*rest = reader.at;
		*rest_len = (size_t)(reader.end - reader.at);
	}
	return status;
}

void
path_free(struct path *path)
{
	stralloc_free(&path->mailbox);
}

const char *
mailbox_domain(const char *mailbox, size_t len, size_t *domain_len)
{
	const char *at = len > 0 ? memrchr(mailbox, '@', len) : NULL;

	if (at == NULL)
		return NULL;
	*domain_len = (size_t)(mailbox + len - ++at);
	return at;
}

/* Dot-string as RFC 5321 has it, with no empty atom. */
static int
is_dot_string(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		int dot = text[i] == '.';

		if (!dot && !mailbox_is_atext(text[i]))
			return 0;
		if (dot && (i == 0 || i == len - 1 || text[i - 1] == '.'))
			return 0;
	}
	return len > 0;
}

enum status
mailbox_print(const char *mailbox, size_t len, stralloc *out)
{
	size_t i, domain, local = len;

	if (mailbox_domain(mailbox, len, &domain) != NULL)
		local = len - domain - 1;

	if (len == 0 || is_dot_string(mailbox, local))
		return stralloc_catb(out, mailbox, len) ? OK : TEMPFAIL;
	if (!stralloc_cats(out, "\""))
		return TEMPFAIL;
	for (i = 0; i < local; i++) {
		if ((mailbox[i] == '"' || mailbox[i] == '\\') &&
		    !stralloc_cats(out, "\\"))
			return TEMPFAIL;
		if (!stralloc_append(out, mailbox + i))
			return TEMPFAIL;
	}
	return stralloc_cats(out, "\"") &&
	    stralloc_catb(out, mailbox + local, len - local) ? OK : TEMPFAIL;
}
