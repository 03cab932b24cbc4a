/* assign - users/cdb, see qmail-users(5) */
#include "session/assign.h"

#include <errno.h>
#include <string.h>

#define STRINGS	5	/* that end with a NUL: all but the extension */

enum status
assign_parse(const char *text, size_t len, struct assignment *assignment)
{
	const char *strings[STRINGS];
	const char *end;
	size_t i;

	for (i = 0; i < STRINGS; i++) {
		end = len > 0 ? memchr(text, '\0', len) : NULL;
		if (end == NULL)
			return PERMFAIL;
		strings[i] = text;
		len -= (size_t)(end + 1 - text);
		text = end + 1;
	}
	if (strings[3][0] != '/')
		return PERMFAIL;
	end = len > 0 ? memchr(text, '\0', len) : NULL;
	assignment->home = strings[3];
	assignment->dash = strings[4];
	assignment->ext = text;
	assignment->ext_len = end != NULL ? (size_t)(end - text) : len;
	return OK;
}

static enum status
open_file(struct users *users, struct control *control)
{
	if (users->assign_is_open)
		return OK;
	if (map_open(&users->assign, ASSIGN_FILE) != OK)
		return users_refuse(control, ASSIGN_FILE, errno);
	users->assign_is_open = 1;
	return OK;
}

enum status
assign_find(struct users *users, struct control *control, const char *key,
    size_t len, stralloc *value, int *found)
{
	if (open_file(users, control) != OK)
		return TEMPFAIL;
	if (map_find(&users->assign, key, len, value, found) != OK)
		return users_refuse(control, ASSIGN_FILE, EPROTO);
	return OK;
}

/* `key` is `!`, the local part, and a NUL. */
static enum status
find_wildcard(struct users *users, struct control *control,
    const stralloc *key, stralloc *value, int *found)
{
	const stralloc *wildcards = &users->wildcards;
	size_t i;

	for (i = key->len - 1; i > 0 && !*found; i--) {
		if (i > 1 && (wildcards->len == 0 ||
		    memchr(wildcards->s, key->s[i - 1], wildcards->len) ==
		    NULL))
			continue;
		if (assign_find(users, control, key->s, i, value, found) != OK)
			return TEMPFAIL;
		if (*found && !stralloc_catb(value, key->s + i,
		    key->len - i))
			return users_refuse(control, ASSIGN_FILE, ENOMEM);
	}
	return OK;
}

enum status
assign_find_local(struct users *users, struct control *control,
    const char *local, size_t len, stralloc *value, int *found)
{
	enum status status = TEMPFAIL;
	stralloc key = { 0 };
	int has;

	if (!stralloc_copyb(&key, "!", 1) ||
	    !stralloc_catb(&key, local, len) || !stralloc_0(&key))
		users_refuse(control, ASSIGN_FILE, ENOMEM);
	else
		status = assign_find(users, control, key.s, key.len, value,
		    found);
	/* Which octets a wildcard may end with. */
	if (status == OK && !*found)
		status = assign_find(users, control, "", 0, &users->wildcards,
		    &has);
	if (status == OK && !*found)
		status = find_wildcard(users, control, &key, value, found);
	stralloc_free(&key);
	return status;
}
