#ifndef SESSION_USER_H
#define SESSION_USER_H

#include <stddef.h>
#include <stralloc.h>

#include "base/control.h"
#include "base/status.h"

/*
 * Does a mailbox of ours exist, and where are its settings?  A back end tells,
 * which control/recipientcheck names for the domain.
 */

enum existence {
	USER_UNCHECKED,		/* nobody tells: it is taken */
	USER_EXISTS,
	USER_ABSENT,
	USER_REFUSED,		/* a program refuses it for its own reasons, */
	USER_DEFERRED		/* or for now */
};

/* What is known of one mailbox; zeroed memory is nothing.  user_free() it. */
struct user {
	enum existence existence;
	const char *back_end;	/* who told, for the log; constant, or NULL */
	const char *enhanced;	/* USER_REFUSED, USER_DEFERRED: its code; or */
	stralloc text;		/* NULL, and its words, with a NUL; or empty */
	/* Folders of settings, with a NUL; empty: there is none. */
	stralloc domain_folder, user_folder;
};

/* What the back ends keep of a session; zeroed memory is nothing yet. */
struct users;

#endif
