/* spfmacro - macros of SPF: their syntax, and what they expand to */
#include "mail/spfmacro.h"

#include <string.h>

#include "base/text.h"

/* `%{d1r.}`, or one of `%%`, `%_` and `%-`, of which the letter is the 2nd. */
struct macro {
	char letter;		/* lower case */
	int is_literal;
	int is_escaped;		/* it was upper case: RFC 7208 7.3 */
	int is_reversed;
	size_t parts;		/* how many on the right are kept; 0: all */
	const char *delimiters;
	size_t delimiter_count;
};

struct output {
	char *at;
	size_t left;
};

static int
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
has(const char *set, char c)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* The inside of the braces; 1: it is good. */
static int
read_inside(const char *at, const char *end, const char *letters,
    struct macro *macro)
{
	uint64_t parts;
	size_t digits;

	if (at == end || !is_alpha(*at))
		return 0;
	macro->is_escaped = *at <= 'Z';
	macro->letter = (char)(*at++ | ('a' - 'A'));
	if (!has(letters, macro->letter))
		return 0;
	digits = text_number(at, (size_t)(end - at), &parts);
	if (digits > 0) {
		if (parts == 0)
			return 0;
		macro->parts = parts > SIZE_MAX ? SIZE_MAX : (size_t)parts;
	}
	at += digits;
	if (at < end && (*at == 'r' || *at == 'R')) {
		macro->is_reversed = 1;
		at++;
	}
	macro->delimiters = at;
	macro->delimiter_count = (size_t)(end - at);
	for (; at < end; at++)
		if (!has(".-+,/_=", *at))
			return 0;
	return 1;
}

/* The macro that begins at the `%`; its length, 0: it is none. */
static size_t
read_macro(const char *text, size_t len, const char *letters,
    struct macro *macro)
{
	const char *close;

	memset(macro, 0, sizeof *macro);
	if (len < 2)
		return 0;
	if (has("%_-", text[1])) {
		macro->letter = text[1];
		macro->is_literal = 1;
		return 2;
	}
	if (text[1] != '{')
		return 0;
	close = memchr(text, '}', len);
	if (close == NULL || !read_inside(text + 2, close, letters, macro))
		return 0;
	return (size_t)(close - text) + 1;
}

static const char *
letters_of(enum spf_text what)
{
	return what == SPF_EXPLAIN_STRING ? "slodipvhcrt" : "slodipvh";
}

/* A label of the top: RFC 7208 7.1, toplabel. */
static int
is_top_label(const char *label, size_t len)
{
	size_t i, digits = 0;

	if (len == 0 || label[0] == '-' || label[len - 1] == '-')
		return 0;
	for (i = 0; i < len; i++) {
		if (!is_alpha(label[i]) && !is_digit(label[i]) &&
		    label[i] != '-')
			return 0;
		digits += is_digit(label[i]) != 0;
	}
	return digits < len;
}

/* `tail`: what follows the last macro. */
static int
ends_domain(const char *tail, size_t len)
{
	const char *dot;

	if (len > 0 && tail[len - 1] == '.')
		len--;
	dot = len > 0 ? memrchr(tail, '.', len) : NULL;
	return dot != NULL &&
	    is_top_label(dot + 1, (size_t)(tail + len - dot) - 1);
}

int
spf_macro_is(enum spf_text what, const char *text, size_t len)
{
	char least = what == SPF_EXPLAIN_STRING ? ' ' : '!';
	struct macro macro;
	size_t at = 0, tail = 0;

	while (at < len) {
		size_t n = 1;

		if (text[at] < least || text[at] > '~')
			return 0;
		if (text[at] == '%') {
			n = read_macro(text + at, len - at, letters_of(what),
			    &macro);
			if (n == 0)
				return 0;
			tail = at + n;
		}
		at += n;
	}
	if (what != SPF_DOMAIN_SPEC)
		return 1;
	return len > 0 && (tail == len || ends_domain(text + tail, len - tail));
}

int
spf_macro_asks(const char *text, size_t len)
{
	struct macro macro;
	size_t at = 0;

	while (at < len) {
		size_t n = 1;

		if (text[at] == '%') {
			n = read_macro(text + at, len - at,
			    letters_of(SPF_EXPLAIN_STRING), &macro);
			if (n == 0)
				return 0;
			if (macro.letter == 'p')
				return 1;
		}
		at += n;
	}
	return 0;
}

static void
put(struct output *output, char c)
{
	if (output->left > 0) {
		*output->at++ = c;
		output->left--;
	}
}

/* Of a value; only RFC 3986's unreserved ones stay when it is escaped. */
static void
put_octet(struct output *output, char c, int is_escaped)
{
	static const char digits[] = "0123456789ABCDEF";

	if (!is_escaped || is_alpha(c) || is_digit(c) || has("-._~", c)) {
		put(output, c);
		return;
	}
	put(output, '%');
	put(output, digits[(unsigned char)c >> 4]);
	put(output, digits[(unsigned char)c & 15]);
}

static int
is_delimiter(const struct macro *macro, char c)
{
	if (macro->delimiter_count == 0)
		return c == '.';
	return memchr(macro->delimiters, c, macro->delimiter_count) != NULL;
}

/* The kept parts are the last ones, and stay in their order. */
static void
put_forward(struct output *output, const struct macro *macro,
    const char *value, size_t len)
{
	size_t begin = len, parts = 0;

	for (; begin > 0; begin--)
		if (is_delimiter(macro, value[begin - 1]) &&
		    ++parts == macro->parts)
			break;
	for (; begin < len; begin++)
		put_octet(output, is_delimiter(macro, value[begin]) ? '.' :
		    value[begin], macro->is_escaped);
}

/* Those kept are the first ones of the value, the last of them in front. */
static void
put_reversed(struct output *output, const struct macro *macro,
    const char *value, size_t len)
{
	size_t end = 0, begin, i, parts = 0;

	for (; end < len; end++)
		if (is_delimiter(macro, value[end]) && ++parts == macro->parts)
			break;
	for (;; end = begin - 1) {
		for (begin = end; begin > 0; begin--)
			if (is_delimiter(macro, value[begin - 1]))
				break;
		for (i = begin; i < end; i++)
			put_octet(output, value[i], macro->is_escaped);
		if (begin == 0)
			return;
		put(output, '.');
	}
}

/*
 * The address with dots, the octets of IPv4 or the digits of IPv6; capitals,
 * as the RFC's test suite has them.
 */
static size_t
print_dotted(const struct address *client, char text[ADDRESS_REVERSED])
{
	static const char digits[] = "0123456789ABCDEF";
	size_t i, len = 0;

	if (client->family == 4) {
		address_print(client, text);
		return strlen(text);
	}
	for (i = 0; i < 16 && client->family == 6; i++) {
		text[len++] = digits[client->octets[i] >> 4];
		text[len++] = '.';
		text[len++] = digits[client->octets[i] & 15];
		text[len++] = '.';
	}
	return len > 0 ? len - 1 : 0;
}

/* What needs no memory but `buffer`. */
static const char *
simple_value(char letter, const struct spf_facts *facts,
    char buffer[ADDRESS_REVERSED], size_t *len)
{
	const char *value = buffer;

	switch (letter) {
	case 'l':
		*len = facts->local_len;
		return facts->local;
	case 'o':
		*len = facts->sender_len;
		return facts->sender;
	case 'd':
		*len = facts->domain_len;
		return facts->domain;
	case 'h':
		*len = facts->helo_len;
		return facts->helo;
	case 'i':
		*len = print_dotted(&facts->client, buffer);
		return buffer;
	case 't':
		*len = text_print_number(buffer, (uint64_t)facts->time);
		return buffer;
	case 'p':
		value = facts->name;
		break;
	case 'r':
		value = facts->receiver;
		break;
	case 'v':
		value = facts->client.family == 6 ? "ip6" : "in-addr";
		break;
	default:
		address_print(&facts->client, buffer);
	}
	*len = strlen(value);
	return value;
}

static enum status
put_macro(struct output *output, const struct macro *macro,
    const struct spf_facts *facts)
{
	char buffer[ADDRESS_REVERSED];
	stralloc whole = { 0 };
	const char *value;
	size_t len;

	if (macro->letter == 's') {
		if (!stralloc_copyb(&whole, facts->local, facts->local_len) ||
		    !stralloc_cats(&whole, "@") || !stralloc_catb(&whole,
		    facts->sender, facts->sender_len)) {
			stralloc_free(&whole);
			return TEMPFAIL;
		}
		value = whole.s;
		len = whole.len;
	} else
		value = simple_value(macro->letter, facts, buffer, &len);
	if (macro->is_reversed)
		put_reversed(output, macro, value, len);
	else
		put_forward(output, macro, value, len);
	stralloc_free(&whole);
	return OK;
}

static void
put_literal(struct output *output, char letter)
{
	if (letter == '-') {
		put(output, '%');
		put(output, '2');
		put(output, '0');
	} else
		put(output, letter == '_' ? ' ' : '%');
}

enum status
spf_macro_expand(const char *text, size_t len, const struct spf_facts *facts,
    size_t most, stralloc *out)
{
	struct output output;
	struct macro macro;
	size_t at, n;

	if (!stralloc_readyplus(out, most))
		return TEMPFAIL;
	output = (struct output){ out->s + out->len, most };
	for (at = 0; at < len && output.left > 0; at += n) {
		n = 1;
		if (text[at] != '%') {
			put(&output, text[at]);
			continue;
		}
		n = read_macro(text + at, len - at,
		    letters_of(SPF_EXPLAIN_STRING), &macro);
		if (n == 0)
			break;
		if (macro.is_literal)
			put_literal(&output, macro.letter);
		else if (put_macro(&output, &macro, facts) != OK)
			return TEMPFAIL;
	}
	out->len += most - output.left;
	return OK;
}
