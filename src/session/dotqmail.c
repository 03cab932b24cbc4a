/* dotqmail - the .qmail files of a home, see dot-qmail(5) */
#include "session/dotqmail.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

enum status
dotqmail_name(const struct assignment *assignment, size_t len,
    const char *rest, stralloc *path)
{
	size_t i, at;

	if (!stralloc_copys(path, assignment->home) ||
	    !stralloc_cats(path, "/.qmail") ||
	    !stralloc_cats(path, assignment->dash))
		return TEMPFAIL;
	at = path->len;
	if (users_append_lower(path, assignment->ext, len) != OK)
		return TEMPFAIL;
	for (i = at; i < path->len; i++)
		if (path->s[i] == '.')
			path->s[i] = ':';
	return stralloc_cats(path, rest) && stralloc_0(path) ? OK : TEMPFAIL;
}

enum status
dotqmail_look(const char *path, enum dotqmail *found)
{
	struct stat facts;

	*found = DOTQMAIL_ABSENT;
	if (stat(path, &facts) == 0) {
		if (S_ISREG(facts.st_mode))
			*found = DOTQMAIL_OWN;
		return OK;
	}
	switch (errno) {
	case EACCES:
		*found = DOTQMAIL_UNSEARCHABLE;
		return OK;
	case ENOENT:
	case ENOTDIR:
	case ENAMETOOLONG:
	case ELOOP:
		return OK;
	default:
		return TEMPFAIL;
	}
}

/* Whether a name is too long to be one, which saves asking. */
static int
is_too_long(const struct assignment *assignment, size_t len)
{
	return len + strlen(assignment->dash) > NAME_MAX;
}

enum status
dotqmail_find(const struct assignment *assignment, enum dotqmail *found,
    stralloc *path, size_t *prefix)
{
	size_t i, len = assignment->ext_len;

	*prefix = len;
	*found = DOTQMAIL_ABSENT;
	if (!is_too_long(assignment, len) &&
	    (dotqmail_name(assignment, len, "", path) != OK ||
	    dotqmail_look(path->s, found) != OK))
		return TEMPFAIL;
	for (i = len + 1; i-- > 0 && *found == DOTQMAIL_ABSENT; ) {
		if ((i > 0 && assignment->ext[i - 1] != '-') ||
		    is_too_long(assignment, i))
			continue;
		*prefix = i;
		if (dotqmail_name(assignment, i, "default", path) != OK ||
		    dotqmail_look(path->s, found) != OK)
			return TEMPFAIL;
		if (*found == DOTQMAIL_OWN)
			*found = DOTQMAIL_DEFAULT;
	}
	return OK;
}
