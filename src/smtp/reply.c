/* reply - what the server says */
#include "smtp/reply.h"

#include <string.h>

#include "base/text.h"

void
reply_set(struct reply *reply, unsigned code, const char *enhanced,
    const char *text)
{
	reply->code = code;
	reply->enhanced = enhanced;
	reply->text = text;
}

void
reply_start(struct reply_reader *reader)
{
	reader->code = 0;
	reader->lines = 0;
	reader->garbage = 0;
	stralloc_zero(&reader->text);
}

/* Three digits of RFC 5321 4.2; 0 when there is something else. */
static unsigned
parse_code(const char *line, size_t len)
{
	unsigned code = 0;
	size_t i;

	if (len < 3 || line[0] < '2' || line[0] > '5')
		return 0;
	for (i = 0; i < 3; i++) {
		if (line[i] < '0' || line[i] > '9')
			return 0;
		code = code * 10 + (unsigned)(line[i] - '0');
	}
	if (len > 3 && line[3] != ' ' && line[3] != '-')
		return 0;
	return code;
}

static void
keep_text(struct reply_reader *reader, const char *line, size_t len)
{
	stralloc *text = &reader->text;

	/* Half a line could say something else. */
	if (len >= REPLY_TEXT - text->len || !stralloc_readyplus(text, len + 1))
		return;
	memcpy(text->s + text->len, line, len);
	text_mask_controls(text->s + text->len, len);
	text->s[text->len + len] = '\n';
	text->len += len + 1;
}

/* Returns whether this line is the last of its reply. */
static int
take_line(struct reply_reader *reader, const char *line, size_t len)
{
	unsigned code = parse_code(line, len);

	/* Lines of one class are one answer, whatever their last digits. */
	if (code == 0 || ++reader->lines > REPLY_LINES ||
	    (reader->code != 0 && reader->code / 100 != code / 100)) {
		reader->garbage = 1;
		return 1;
	}
	if (reader->code == 0)
		reader->code = code;
	keep_text(reader, line, len);
	return len < 4 || line[3] != '-';
}

int
reply_read(struct reply_reader *reader, const char *input, size_t len,
    size_t *used)
{
	*used = 0;
	for (;;) {
		const char *line = input + *used;
		size_t left = len - *used;
		const char *feed = memchr(line, '\n', left);
		size_t line_len;

		if (feed == NULL || (size_t)(feed - line) >= REPLY_INPUT) {
			reader->garbage = left >= REPLY_INPUT;
			return reader->garbage;
		}
		line_len = (size_t)(feed - line);
		*used += line_len + 1;
		if (line_len > 0 && line[line_len - 1] == '\r')
			line_len--;
		if (take_line(reader, line, line_len))
			return 1;
	}
}

static enum status
print_line(const struct reply *reply, const char *text, size_t len, int last,
    stralloc *out)
{
	size_t enhanced = strlen(reply->enhanced);
	size_t prefix = 4 + (enhanced > 0 ? enhanced + 1 : 0);
	char *line;

	if (len > REPLY_LINE - 2 - prefix)
		len = REPLY_LINE - 2 - prefix;
	if (!stralloc_readyplus(out, prefix + len + 2))
		return TEMPFAIL;
	line = out->s + out->len;
	line[0] = (char)('0' + reply->code / 100 % 10);
	line[1] = (char)('0' + reply->code / 10 % 10);
	line[2] = (char)('0' + reply->code % 10);
	line[3] = last ? ' ' : '-';
	if (enhanced > 0) {
		memcpy(line + 4, reply->enhanced, enhanced);
		line[prefix - 1] = ' ';
	}
	memcpy(line + prefix, text, len);
	text_make_printable(line + prefix, len);
	memcpy(line + prefix + len, "\r\n", 2);
	out->len += prefix + len + 2;
	return OK;
}

enum status
reply_print(const struct reply *reply, stralloc *out)
{
	const char *text = reply->text;
	const char *feed;

	for (; (feed = strchr(text, '\n')) != NULL; text = feed + 1)
		if (print_line(reply, text, (size_t)(feed - text), 0,
		    out) != OK)
			return TEMPFAIL;
	return print_line(reply, text, strlen(text), 1, out);
}
