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

enum status
reply_status(const struct reply *reply)
{
	switch (reply->code / 100) {
	case 2:
	case 3:
		return OK;
	case 4:
		return TEMPFAIL;
	default:
		return PERMFAIL;
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
	text_make_printable(line + prefix, len, 0);
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
