/* users - what the back ends that know of mailboxes have in common */
#include "session/users.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

void
user_free(struct user *user)
{
	stralloc_free(&user->text);
	stralloc_free(&user->domain_folder);
	stralloc_free(&user->user_folder);
	stralloc_free(&user->noted);
	memset(user, 0, sizeof *user);
}

void
users_free(struct users *users)
{
	size_t i;

	for (i = 0; i < USERS_ANSWERS; i++) {
		stralloc_free(&users->answers[i].local);
		stralloc_free(&users->answers[i].said);
	}
	stralloc_free(&users->rules);
	map_close(&users->assign);
	stralloc_free(&users->wildcards);
	list_free(&users->locals);
	stralloc_free(&users->virtual);
	stralloc_free(&users->bounce);
	memset(users, 0, sizeof *users);
}

enum status
users_note(struct users *users, struct user *user, unsigned which,
    const char *path)
{
	if ((users->noted & which) != 0)
		return OK;
	if (!stralloc_copys(&user->noted, path) || !stralloc_0(&user->noted))
		return TEMPFAIL;
	users->noted |= which;
	user->note = "the folder may not be searched, any mailbox is taken";
	return OK;
}

enum status
users_refuse(struct control *control, const char *path, int error)
{
	size_t len = strnlen(path, sizeof control->failed - 1);

	memcpy(control->failed, path, len);
	control->failed[len] = '\0';
	control->error = error;
	return TEMPFAIL;
}

enum status
users_append_lower(stralloc *out, const char *text, size_t len)
{
	size_t i;

	if (!stralloc_readyplus(out, len + 1))
		return TEMPFAIL;
	for (i = 0; i < len; i++)
		out->s[out->len++] = text[i] >= 'A' && text[i] <= 'Z' ?
		    (char)(text[i] + ('a' - 'A')) : text[i];
	return OK;
}

int
users_is_name(const char *text, size_t len)
{
	return len > 0 && len <= NAME_MAX && text[0] != '.' &&
	    memchr(text, '/', len) == NULL && memchr(text, '\0', len) == NULL;
}

enum status
users_look_for_folder(const char *path, stralloc *folder, int *found)
{
	struct stat facts;
	int error;

	*found = 0;
	/* With a dot: one that may not be searched says so. */
	if (!stralloc_copys(folder, path) || !stralloc_cats(folder, "/.") ||
	    !stralloc_0(folder)) {
		errno = ENOMEM;
		goto failed;
	}
	if (stat(folder->s, &facts) == 0) {
		folder->len -= 3;
		*found = 1;
		return stralloc_0(folder) ? OK : TEMPFAIL;
	}
	if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP &&
	    errno != ENAMETOOLONG)
		goto failed;
	stralloc_free(folder);
	return OK;
failed:
	error = errno;
	stralloc_free(folder);
	errno = error;
	return TEMPFAIL;
}
