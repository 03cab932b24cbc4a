#ifndef SESSION_DOTQMAIL_H
#define SESSION_DOTQMAIL_H

#include <stddef.h>
#include <stralloc.h>

#include "base/status.h"
#include "session/assign.h"

/* Which file of a home handles an address, see dot-qmail(5). */

enum dotqmail {
	DOTQMAIL_ABSENT,
	DOTQMAIL_OWN,			/* .qmail DASH EXT */
	DOTQMAIL_DEFAULT,		/* a -default of it */
	DOTQMAIL_UNSEARCHABLE		/* we may not look */
};

/*
 * Look for the file of its own, then for those that end with `default`, the
 * longest first; only a regular file is one, whoever may read it.  `path` gets
 * it, with a NUL, and `prefix` how much of the extension is in the name of a
 * default.  Nothing is opened.  TEMPFAIL: nobody knows, errno tells why.
 */
enum status dotqmail_find(const struct assignment *, enum dotqmail *found,
    stralloc *path, size_t *prefix);

/* Whether one file is there: DOTQMAIL_OWN, or as above. */
enum status dotqmail_look(const char *path, enum dotqmail *found);

/*
 * Append HOME/.qmail DASH and `len` octets of EXT, dots as colons, in lower
 * case, then `rest` and a NUL.  TEMPFAIL: out of memory.
 */
enum status dotqmail_name(const struct assignment *, size_t len,
    const char *rest, stralloc *path);

#endif
