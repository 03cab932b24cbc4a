/* journal - one event, one line on standard error */
#include "crypt/journal.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VALUE	512		/* most octets of a value that are shown */
#define WAIT_MS	100		/* for a log that is full */

/* The last octet of the line is kept for its line feed. */
static void
put(struct journal *line, const char *text, size_t len)
{
	size_t room = sizeof line->text - 1 - line->len;

	if (len > room)
		len = room;
	memcpy(line->text + line->len, text, len);
	line->len += len;
}

static void
put_escaped(struct journal *line, unsigned char c)
{
	char text[5];

	if (c == '"' || c == '\\')
		snprintf(text, sizeof text, "\\%c", c);
	else if (c < ' ' || c > '~')
		snprintf(text, sizeof text, "\\x%02x", c);
	else
		snprintf(text, sizeof text, "%c", c);
	put(line, text, strlen(text));
}

void
journal_begin(struct journal *line, const char *event)
{
	line->len = 0;
	put(line, "event=", 6);
	put(line, event, strlen(event));
}

void
journal_text(struct journal *line, const char *key, const char *value)
{
	size_t i, len = strlen(value);
	int quotes = len == 0 || strpbrk(value, " \"") != NULL;

	put(line, " ", 1);
	put(line, key, strlen(key));
	put(line, "=\"", quotes ? 2 : 1);
	for (i = 0; i < len && i < VALUE; i++)
		put_escaped(line, (unsigned char)value[i]);
	if (len > VALUE)
		put(line, "...", 3);
	if (quotes)
		put(line, "\"", 1);
}

void
journal_number(struct journal *line, const char *key, unsigned long value)
{
	char text[24];

	snprintf(text, sizeof text, "%lu", value);
	journal_text(line, key, text);
}

void
journal_end(struct journal *line)
{
	struct pollfd log = { STDERR_FILENO, POLLOUT, 0 };
	ssize_t written;

	line->text[line->len++] = '\n';
	/* A log that is full or gone must not stop mail. */
	if (poll(&log, 1, WAIT_MS) != 1)
		return;
	/* A pipe that is ready takes so little at once. */
	written = write(STDERR_FILENO, line->text, line->len);
	(void)written;
}

void
journal_fault(const char *key, const char *value, const char *reason)
{
	struct journal line;

	journal_begin(&line, "fault");
	journal_text(&line, key, value);
	journal_text(&line, "reason", reason);
	journal_end(&line);
}
