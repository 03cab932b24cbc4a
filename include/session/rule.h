#ifndef SESSION_RULE_H
#define SESSION_RULE_H

#include <stddef.h>
#include <stralloc.h>

#include "base/control.h"
#include "base/status.h"
#include "session/users.h"

/* Which back end tells whether the mailboxes of a domain exist. */
enum back_end {
	BACK_END_NONE,
	BACK_END_VPOPMAIL,
	BACK_END_QMAIL,
	BACK_END_CDB,
	BACK_END_PROGRAM
};

/*
 * By control/recipientcheck: the line of the domain itself, else that of its
 * longest suffix that begins with a dot, else the one for all; `argument`
 * gets what the line says, with a NUL, or stays empty.  Without the file it
 * is RCPTCHECK, where that is set, and vpopmail else.  TEMPFAIL: the file
 * cannot be read or makes no sense, see control->failed.
 */
enum status rule_find(struct users *, struct control *, const char *domain,
    size_t len, enum back_end *, stralloc *argument);

/* The first line behind `after` of such a file that makes no sense; 0: none. */
unsigned rule_bad_line(const char *text, size_t len, unsigned after);

#endif
