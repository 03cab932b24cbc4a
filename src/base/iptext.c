/* iptext - the text form of an IP list, as its octets come in */
#include "base/iptext.h"

static int
is_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static int
is_of_word(unsigned char c)
{
	return (c >= '0' && c <= ':') || c == '.' || c == '/' ||
	    (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

int
iptext_end_line(struct iptext *text, struct network *network)
{
	int has_network = text->len > 0 && !text->is_wrong &&
	    network_parse(text->word, text->len, network) == OK;

	text->line++;
	if (text->len > 0 && !has_network && text->bad == 0)
		text->bad = text->line;
	text->in_comment = text->has_ended = text->is_wrong = 0;
	text->len = 0;
	return has_network;
}

static void
take_octet(struct iptext *text, unsigned char c)
{
	if (text->in_comment)
		text->is_binary |= (c < ' ' && !is_blank(c)) || c == 0x7f;
	else if (c == '#')
		text->in_comment = 1;
	else if (is_blank(c))
		text->has_ended = text->len > 0;
	else if (!is_of_word(c))
		text->is_binary = 1;
	else if (text->has_ended || text->len == sizeof text->word)
		text->is_wrong = 1;
	else
		text->word[text->len++] = (char)c;
}

int
iptext_next(struct iptext *text, const unsigned char *block, size_t len,
    size_t *at, struct network *network)
{
	while (*at < len && !text->is_binary) {
		unsigned char c = block[(*at)++];

		if (c != '\n')
			take_octet(text, c);
		else if (iptext_end_line(text, network))
			return 1;
	}
	return 0;
}
