#ifndef SESSION_ASSIGN_H
#define SESSION_ASSIGN_H

#include <stddef.h>
#include <stralloc.h>

#include "base/control.h"
#include "base/status.h"
#include "session/users.h"

/* Assignments of local parts to users, as qmail-users(5) has them. */

#define ASSIGN_FILE	"users/cdb"

/* What handles a local part: HOME/.qmail DASH EXT. */
struct assignment {
	const char *home, *dash;
	const char *ext;		/* without a NUL */
	size_t ext_len;
};

/*
 * Read USER NUL UID NUL GID NUL HOME NUL DASH NUL EXT, with a NUL or without
 * one; the strings stay in `text`.  PERMFAIL: it is no such thing.
 */
enum status assign_parse(const char *text, size_t len, struct assignment *);

/*
 * The value of a key of users/cdb, which begins with `!`.  TEMPFAIL: users/cdb
 * cannot be read, see control->failed.
 */
enum status assign_find(struct users *, struct control *, const char *key,
    size_t len, stralloc *value, int *found);

/*
 * Who handles a local part, which is in lower case: its assignment, or that
 * of the longest wildcard, with the rest of the local part behind it.
 */
enum status assign_find_local(struct users *, struct control *,
    const char *local, size_t len, stralloc *value, int *found);

#endif
