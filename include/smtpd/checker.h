#ifndef SMTPD_CHECKER_H
#define SMTPD_CHECKER_H

#include <stddef.h>

#include "session/auth.h"

/*
 * Asks the checkpassword program, whose interface is that of
 * https://cr.yp.to/checkpwd/interface.html: it reads the message from
 * descriptor 3 and its exit code is the answer.
 */

enum check {
	CHECK_GOOD,		/* exit code 0 */
	CHECK_BAD,		/* 1, and 3 to 99, which some programs use */
	CHECK_FAILED		/* anything else: nobody knows */
};

#define CHECK_NO_CODE	(-1)	/* it did not exit by itself */

/*
 * Run the program, which gets the message and nothing else of ours but the
 * log, and is killed when its time is up.  `code` gets its exit code or
 * CHECK_NO_CODE; `why`, for CHECK_FAILED, what went wrong.
 */
enum check checker_ask(const struct auth *, const char *message, size_t len,
    int *code, const char **why);

#endif
