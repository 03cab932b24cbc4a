#ifndef SMTP_COMMAND_H
#define SMTP_COMMAND_H

#include <stddef.h>

#include "base/status.h"
#include "smtp/machine.h"

/* Command lines (RFC 5321 4.1.1).  Lines come without their CR LF. */

#define COMMAND_LINE	2048	/* octets, CR LF counted; RFC 5321 asks 512 */

/*
 * The verb that a line begins with, VERB_COUNT if nobody knows it; `argument`
 * and `len` get what follows it, without blanks around it.
 */
enum smtp_verb command_verb(const char *line, size_t line_len,
    const char **argument, size_t *len);

/* The verb's name in capitals. */
const char *command_name(enum smtp_verb);

/* Whether a first line is a request of HTTP, sent here by a browser. */
int command_is_http(const char *line, size_t len);

/* One esmtp-param (RFC 5321 4.1.2). */
struct parameter {
	const char *keyword;
	size_t keyword_len;
	const char *value;	/* NULL: no `=` */
	size_t value_len;
};

/*
 * Take the next parameter off the front of `rest`.  A parameter with an empty
 * keyword is the end.  PERMFAIL: malformed.
 */
enum status command_parameter(const char **rest, size_t *len,
    struct parameter *);

#endif
