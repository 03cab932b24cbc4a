#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stddef.h>
#include <stdint.h>

/*
 * One event is one line of key=value on standard error, or in syslog when
 * standard error is closed or is the connection itself (inetd).  A value that
 * holds blanks or quotes is quoted; what is not printable ASCII is \xHH.
 */
struct log {
	int to_syslog;
};

#define LOG_LINE	2048	/* longest line; a longer one is cut */
#define LOG_VALUE	300	/* longest value; a longer one ends in "..." */

struct log_line {
	const struct log *log;
	size_t len;
	char text[LOG_LINE];
};

/*
 * Decide where events go, and open descriptors 0 to 2 on /dev/null where they
 * are closed, so that no file of ours can become one of them.
 */
void log_open(struct log *);

/* An event and its keys, then log_end() writes the line at once. */
void log_begin(struct log_line *, const struct log *, const char *event);
void log_octets(struct log_line *, const char *key, const char *value,
    size_t len);
void log_text(struct log_line *, const char *key, const char *value);
void log_number(struct log_line *, const char *key, uint64_t value);
void log_end(struct log_line *);

#endif
