/* mailboxes - the address list in the body of a header field */
#include "mail/mailboxes.h"

#include <string.h>

#include "base/address.h"
#include "smtp/mailbox.h"

/*
 * Words and dots, of which only what follows says whether they are a display
 * name or a local-part.
 */
struct words {
	stralloc *text;		/* the local-part that they would be */
	int none;		/* neither word nor dot */
	int has_word;
	int is_phrase;		/* begins with a word */
	int is_local;		/* dots between words, ASCII, short enough */
	int after_word;
};

void
mailboxes_start(struct mailboxes *list, const char *text, size_t len)
{
	memset(list, 0, sizeof *list);
	list->at = text;
	list->end = text + len;
	list->status = OK;
}

/* The next octet; NUL at the end, and NUL itself has no place anywhere. */
static char
peek(const struct mailboxes *list)
{
	return list->at < list->end ? *list->at : '\0';
}

static int
is_eight_bit(char c)
{
	return ((unsigned char)c & 0x80) != 0;
}

/* What may stand in comments and quoted strings. */
static int
is_text(char c)
{
	return (c >= ' ' && c <= '~') || c == '\t' || is_eight_bit(c);
}

/* Whether the LF that is next only folds. */
static int
is_fold(const struct mailboxes *list)
{
	return list->end - list->at > 1 &&
	    (list->at[1] == ' ' || list->at[1] == '\t');
}

/* Go to the octet behind the backslash. */
static enum status
read_pair(struct mailboxes *list)
{
	list->at++;
	return list->at < list->end && is_text(*list->at) ? OK : PERMFAIL;
}

static enum status
skip_comment(struct mailboxes *list)
{
	unsigned depth = 0;

	for (; list->at < list->end; list->at++) {
		char c = *list->at;

		if (c == '(') {
			if (++depth > MAILBOXES_DEPTH)
				return PERMFAIL;
		} else if (c == ')') {
			if (--depth == 0) {
				list->at++;
				return OK;
			}
		} else if (c == '\\') {
			if (read_pair(list) != OK)
				return PERMFAIL;
		} else if (c == '\n' ? !is_fold(list) : !is_text(c))
			return PERMFAIL;
	}
	return PERMFAIL;
}

static enum status
skip_blanks(struct mailboxes *list)
{
	for (;; list->at++) {
		char c = peek(list);

		if (c == '\n' && !is_fold(list))
			return PERMFAIL;
		if (c != ' ' && c != '\t' && c != '\n')
			return OK;
	}
}

/* Comments and folding white space. */
static enum status
skip_space(struct mailboxes *list)
{
	while (skip_blanks(list) == OK) {
		if (peek(list) != '(')
			return OK;
		if (skip_comment(list) != OK)
			break;
	}
	return PERMFAIL;
}

/* An octet of the mailbox. */
static enum status
put(stralloc *mailbox, char c)
{
	if (mailbox->len >= MAILBOX_SIZE)
		return PERMFAIL;
	return stralloc_append(mailbox, &c) ? OK : TEMPFAIL;
}

/* An octet of a word: a display name may have more than a local-part. */
static enum status
put_word(struct words *words, char c)
{
	enum status status;

	if (c < ' ' || c > '~')
		words->is_local = 0;
	if (!words->is_local)
		return OK;
	status = put(words->text, c);
	if (status == PERMFAIL)
		words->is_local = 0;
	return status == TEMPFAIL ? TEMPFAIL : OK;
}

static enum status
read_quoted(struct mailboxes *list, struct words *words)
{
	for (list->at++; list->at < list->end; list->at++) {
		char c = *list->at;

		if (c == '"') {
			list->at++;
			return OK;
		}
		if (c == '\n') {
			if (!is_fold(list))
				return PERMFAIL;
			continue;
		}
		if (c == '\\') {
			if (read_pair(list) != OK)
				return PERMFAIL;
			c = *list->at;
		} else if (!is_text(c))
			return PERMFAIL;
		if (put_word(words, c) != OK)
			return TEMPFAIL;
	}
	return PERMFAIL;
}

static int
is_in_atom(const struct mailboxes *list)
{
	char c = peek(list);

	return mailbox_is_atext(c) || is_eight_bit(c);
}

static enum status
read_word(struct mailboxes *list, struct words *words)
{
	if (words->after_word)
		words->is_local = 0;
	words->after_word = words->has_word = 1;
	if (words->none)
		words->is_phrase = 1;
	if (peek(list) == '"')
		return read_quoted(list, words);
	for (; is_in_atom(list); list->at++)
		if (put_word(words, *list->at) != OK)
			return TEMPFAIL;
	return OK;
}

/* Read words and dots, as many as there are, and the space behind them. */
static enum status
read_words(struct mailboxes *list, struct words *words, stralloc *text)
{
	enum status status = OK;

	memset(words, 0, sizeof *words);
	words->text = text;
	text->len = 0;
	words->none = words->is_local = 1;
	while (status == OK && (status = skip_space(list)) == OK) {
		if (peek(list) == '.') {
			words->after_word = 0;
			status = put_word(words, *list->at++);
		} else if (peek(list) == '"' || is_in_atom(list))
			status = read_word(list, words);
		else
			return OK;
		words->none = 0;
	}
	return status;
}

/* Behind the `[`, which was put. */
static enum status
read_literal(struct mailboxes *list, stralloc *mailbox)
{
	enum status status;

	if (skip_blanks(list) != OK)
		return PERMFAIL;
	while (peek(list) > ' ' && peek(list) <= '~' &&
	    strchr("[]\\", peek(list)) == NULL)
		if ((status = put(mailbox, *list->at++)) != OK)
			return status;
	if (skip_blanks(list) != OK || peek(list) != ']')
		return PERMFAIL;
	return put(mailbox, *list->at++);
}

static enum status
read_labels(struct mailboxes *list, stralloc *mailbox)
{
	enum status status;

	for (;;) {
		while (mailbox_is_atext(peek(list)))
			if ((status = put(mailbox, *list->at++)) != OK)
				return status;
		if (skip_space(list) != OK)
			return PERMFAIL;
		if (peek(list) != '.')
			return OK;
		if ((status = put(mailbox, *list->at++)) != OK)
			return status;
		if (skip_space(list) != OK)
			return PERMFAIL;
	}
}

/* The `@`, the domain or literal, and the space behind it. */
static enum status
read_domain(struct mailboxes *list, stralloc *mailbox)
{
	size_t from = mailbox->len + 1;
	int is_literal;
	struct address address;
	enum status status = put(mailbox, *list->at++);

	if (status != OK)
		return status;
	if (skip_space(list) != OK)
		return PERMFAIL;
	is_literal = peek(list) == '[';
	if (is_literal) {
		if ((status = put(mailbox, *list->at++)) == OK)
			status = read_literal(list, mailbox);
	} else
		status = read_labels(list, mailbox);
	if (status != OK)
		return status;
	if (is_literal ? address_parse_literal(mailbox->s + from,
	    mailbox->len - from, &address) != OK :
	    !domain_is_valid(mailbox->s + from, mailbox->len - from))
		return PERMFAIL;
	return skip_space(list);
}

/*
 * An encoded-word has no place in a mailbox (RFC 2047 5), and readers that
 * decode it there see another one.
 */
static int
is_encoded(const stralloc *text)
{
	const char *end = text->s + text->len;
	const char *begin = memmem(text->s, text->len, "=?", 2);

	return begin != NULL && memmem(begin + 2, (size_t)(end - begin) - 2,
	    "?=", 2) != NULL;
}

/* The words were a local-part: what is left of the addr-spec. */
static enum status
read_rest(struct mailboxes *list, const struct words *words)
{
	if (peek(list) != '@' || !words->is_local || !words->has_word ||
	    words->text->len == 0 || is_encoded(words->text))
		return PERMFAIL;
	return read_domain(list, words->text);
}

/* obs-route of RFC 5322 4.4: `@one.example, @two.example:` */
static enum status
skip_route(struct mailboxes *list, stralloc *domain)
{
	enum status status;
	int any = 0;

	for (;;) {
		if (skip_space(list) != OK)
			return PERMFAIL;
		if (peek(list) == ',') {
			list->at++;
			continue;
		}
		if (peek(list) != '@')
			break;
		domain->len = 0;
		if ((status = read_domain(list, domain)) != OK)
			return status;
		if (peek(list) != ',' && peek(list) != ':')
			return PERMFAIL;
		any = 1;
	}
	if (!any || peek(list) != ':')
		return PERMFAIL;
	list->at++;
	return OK;
}

static enum status
read_angle(struct mailboxes *list, stralloc *mailbox)
{
	struct words words;
	enum status status;

	list->at++;
	if (skip_space(list) != OK)
		return PERMFAIL;
	if (peek(list) == '@' || peek(list) == ',')
		if ((status = skip_route(list, mailbox)) != OK)
			return status;
	if ((status = read_words(list, &words, mailbox)) != OK ||
	    (status = read_rest(list, &words)) != OK)
		return status;
	if (peek(list) != '>')
		return PERMFAIL;
	list->at++;
	return skip_space(list);
}

/* Behind a mailbox or group there is a comma, or the end of what holds it. */
static enum status
end_element(struct mailboxes *list)
{
	if (list->at == list->end)
		return OK;
	if (*list->at == ';' && list->in_group)
		return OK;
	return *list->at++ == ',' ? OK : PERMFAIL;
}

static enum status
end_group(struct mailboxes *list)
{
	if (!list->in_group)
		return PERMFAIL;
	list->at++;
	list->in_group = 0;
	return skip_space(list) == OK ? end_element(list) : PERMFAIL;
}

/* What begins, goes on or ends without a mailbox: groups, and nothing. */
static enum status
read_other(struct mailboxes *list, const struct words *words)
{
	char next = peek(list);

	if (words->none && next == ',') {
		list->at++;
		return OK;
	}
	if (words->none && next == ';')
		return end_group(list);
	if (next != ':' || !words->is_phrase || list->in_group)
		return PERMFAIL;
	list->at++;
	list->in_group = 1;
	return OK;
}

static enum status
read_next(struct mailboxes *list, stralloc *mailbox)
{
	struct words words;
	enum status status;

	do {
		if ((status = read_words(list, &words, mailbox)) != OK)
			return status;
		if (peek(list) == '@' || peek(list) == '<')
			break;
		if (words.none && list->at == list->end)
			return list->in_group ? PERMFAIL : OK;
	} while ((status = read_other(list, &words)) == OK);
	if (status != OK)
		return status;
	if (++list->count > MAILBOXES_MOST)
		return PERMFAIL;
	if (*list->at == '@')
		status = read_rest(list, &words);
	else if (words.none || words.is_phrase)
		status = read_angle(list, mailbox);
	else
		return PERMFAIL;
	return status == OK ? end_element(list) : status;
}

enum status
mailboxes_next(struct mailboxes *list, stralloc *mailbox)
{
	if (list->status == OK)
		list->status = read_next(list, mailbox);
	if (list->status != OK)
		mailbox->len = 0;
	return list->status;
}
