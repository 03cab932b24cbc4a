/* log - one event, one line of key=value */
#include "base/log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "base/text.h"

/* A descriptor as it was when we were started. */
struct given {
	int is_open;
	struct stat facts;
};

/* Whether both are the same socket or file; a terminal does not count. */
static int
is_same(const struct given *one, const struct given *other)
{
	return one->is_open && other->is_open &&
	    one->facts.st_dev == other->facts.st_dev &&
	    one->facts.st_ino == other->facts.st_ino &&
	    !S_ISCHR(one->facts.st_mode);
}

/* Programs that we start may write there, and it may be the connection. */
static void
leave_stderr(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null != -1) {
		dup2(null, STDERR_FILENO);
		close(null);
	}
	openlog("Qsmtpd", LOG_PID, LOG_MAIL);
}

void
log_open(struct log *log)
{
	struct given given[STDERR_FILENO + 1];
	const struct given *err = &given[STDERR_FILENO];
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		given[fd].is_open = fstat(fd, &given[fd].facts) == 0;
	log->to_syslog = !err->is_open ||
	    is_same(err, &given[STDIN_FILENO]) ||
	    is_same(err, &given[STDOUT_FILENO]);
	/* open() takes the lowest that is closed, so the order matters. */
	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (!given[fd].is_open && open("/dev/null", O_RDWR) == -1)
			break;
	if (log->to_syslog)
		leave_stderr();
}

/* The last octet of the line is kept for its line feed. */
static void
put(struct log_line *line, const char *text, size_t len)
{
	size_t room = LOG_LINE - 1 - line->len;

	if (len > room)
		len = room;
	memcpy(line->text + line->len, text, len);
	line->len += len;
}

void
log_begin(struct log_line *line, const struct log *log, const char *event)
{
	line->log = log;
	line->len = 0;
	put(line, "event=", 6);
	put(line, event, strlen(event));
}

static void
put_escaped(struct log_line *line, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";
	char escaped[4] = { '\\', 'x', digits[c >> 4], digits[c & 15] };

	if (c == '"' || c == '\\') {
		escaped[1] = (char)c;
		put(line, escaped, 2);
	} else if (c < ' ' || c > '~')
		put(line, escaped, 4);
	else
		put(line, (const char *)&c, 1);
}

static int
needs_quotes(const char *value, size_t len)
{
	return len == 0 || memchr(value, ' ', len) != NULL ||
	    memchr(value, '"', len) != NULL;
}

void
log_octets(struct log_line *line, const char *key, const char *value,
    size_t len)
{
	int quotes = needs_quotes(value, len);
	size_t shown = len > LOG_VALUE ? LOG_VALUE : len;
	size_t i;

	put(line, " ", 1);
	put(line, key, strlen(key));
	put(line, "=\"", quotes ? 2 : 1);
	for (i = 0; i < shown; i++)
		put_escaped(line, (unsigned char)value[i]);
	if (shown < len)
		put(line, "...", 3);
	if (quotes)
		put(line, "\"", 1);
}

void
log_text(struct log_line *line, const char *key, const char *value)
{
	log_octets(line, key, value, strlen(value));
}

void
log_number(struct log_line *line, const char *key, uint64_t value)
{
	char digits[TEXT_NUMBER];

	log_octets(line, key, digits, text_print_number(digits, value));
}

void
log_end(struct log_line *line)
{
	ssize_t written;

	if (line->log->to_syslog) {
		line->text[line->len] = '\0';
		syslog(LOG_MAIL | LOG_INFO, "%s", line->text);
		return;
	}
	line->text[line->len++] = '\n';
	/* A log that is full or gone must not stop mail. */
	written = write(STDERR_FILENO, line->text, line->len);
	(void)written;
}
