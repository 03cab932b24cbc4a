#ifndef CRYPT_JOURNAL_H
#define CRYPT_JOURNAL_H

#include <stddef.h>

/*
 * One event, one line of key=value on standard error, escaped: the same form
 * as the log of Qsmtpd(8), for the same tools.
 */
struct journal {
	size_t len;
	char text[2048];
};

void journal_begin(struct journal *, const char *event);
void journal_text(struct journal *, const char *key, const char *value);
void journal_number(struct journal *, const char *key, unsigned long);
void journal_end(struct journal *);

/* A line of one file or other thing and what is wrong with it. */
void journal_fault(const char *key, const char *value, const char *reason);

#endif
