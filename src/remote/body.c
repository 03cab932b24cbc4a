/* body - the message file as it goes over the wire */
#include "remote/body.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The next octets of the file; 0: its end, -1: it cannot be read. */
static ssize_t
read_block(struct body *body, char block[BODY_BLOCK])
{
	ssize_t len;

	/* What is not there need not be asked for. */
	if (body->is_seekable && body->at >= body->end)
		return 0;
	do
		len = body->is_seekable ? pread(body->file, block, BODY_BLOCK,
		    body->at) : read(body->file, block, BODY_BLOCK);
	while (len == -1 && errno == EINTR);
	if (len > 0)
		body->at += len;
	return len;
}

static int
has_8bit(const char *text, size_t len)
{
	const uint64_t high = 0x8080808080808080u;
	uint64_t seen = 0, word;
	size_t i;

	for (i = 0; i + sizeof word <= len; i += sizeof word) {
		memcpy(&word, text + i, sizeof word);
		seen |= word;
	}
	for (; i < len; i++)
		seen |= (uint64_t)(unsigned char)text[i];
	return (seen & high) != 0;
}

/* How many LF have no CR before them, and so become two octets. */
static size_t
count_bare(const char *text, size_t len, char before)
{
	const char *at = text, *end = text + len, *feed;
	size_t bare = 0;

	while ((feed = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		bare += (feed > text ? feed[-1] : before) != '\r';
		at = feed + 1;
	}
	return bare;
}

static enum status
count(struct body *body)
{
	char block[BODY_BLOCK], last = '\n';
	ssize_t len;

	while ((len = read_block(body, block)) > 0) {
		body->size += (uint64_t)len + count_bare(block, (size_t)len,
		    last);
		body->is_8bit |= has_8bit(block, (size_t)len);
		last = block[len - 1];
	}
	/* A last line without its end gets one. */
	if (last != '\n')
		body->size += last == '\r' ? 1 : 2;
	body->is_known = 1;
	return len == 0 ? OK : TEMPFAIL;
}

enum status
body_open(struct body *body, int file)
{
	struct stat facts;

	memset(body, 0, sizeof *body);
	body->file = file;
	/* A device is no message, nor is what was closed. */
	if (fstat(file, &facts) == -1 || (!S_ISREG(facts.st_mode) &&
	    !S_ISFIFO(facts.st_mode) && !S_ISSOCK(facts.st_mode)))
		return TEMPFAIL;
	if (!S_ISREG(facts.st_mode))
		return OK;
	body->begin = body->at = lseek(file, 0, SEEK_CUR);
	if (body->begin == -1)
		return TEMPFAIL;
	body->is_seekable = 1;
	body->end = facts.st_size;
	if (count(body) != OK)
		return TEMPFAIL;
	return body_rewind(body);
}

enum status
body_rewind(struct body *body)
{
	if (!body->is_seekable && body->at != body->begin)
		return PERMFAIL;
	body->at = body->begin;
	body->in_line = body->after_cr = 0;
	return OK;
}

/* A stretch without LF; a CR at its end waits for what follows. */
static char *
put_text(struct body *body, char *out, const char *text, size_t len)
{
	char *cr, *from = out;

	if (len == 0)
		return out;
	if (body->after_cr) {
		*out++ = ' ';
		body->in_line = 1;
		body->after_cr = 0;
	}
	if (text[len - 1] == '\r') {
		body->after_cr = 1;
		len--;
	}
	if (len == 0)
		return out;
	if (!body->in_line && text[0] == '.')
		*out++ = '.';
	memcpy(out, text, len);
	out += len;
	body->in_line = 1;
	while ((cr = memchr(from, '\r', (size_t)(out - from))) != NULL) {
		*cr = ' ';
		from = cr + 1;
	}
	return out;
}

static char *
end_line(struct body *body, char *out)
{
	memcpy(out, "\r\n", 2);
	body->in_line = body->after_cr = 0;
	return out + 2;
}

static char *
put_block(struct body *body, char *out, const char *in, size_t len)
{
	const char *end = in + len, *feed;

	while ((feed = memchr(in, '\n', (size_t)(end - in))) != NULL) {
		out = put_text(body, out, in, (size_t)(feed - in));
		out = end_line(body, out);
		in = feed + 1;
	}
	return put_text(body, out, in, (size_t)(end - in));
}

enum status
body_next(struct body *body, char out[BODY_ROOM], size_t *len)
{
	char block[BODY_BLOCK];
	char *at = out;
	ssize_t n;

	/* A block of one CR gives nothing yet, and is not the end. */
	do {
		n = read_block(body, block);
		if (n == -1)
			return TEMPFAIL;
		at = put_block(body, at, block, (size_t)n);
	} while (n > 0 && at == out);
	/* Half a message is none. */
	if (n == 0 && body->is_known && body->at != body->end)
		return TEMPFAIL;
	if (n == 0 && (body->in_line || body->after_cr))
		at = end_line(body, at);
	*len = (size_t)(at - out);
	return OK;
}
