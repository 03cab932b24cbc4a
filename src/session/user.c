/* user - does a mailbox of ours exist, and where are its settings */
#include "session/user.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "session/qmailuser.h"
#include "session/rcptcdb.h"
#include "session/rcptprogram.h"
#include "session/rule.h"
#include "session/vpopmail.h"

#define FOLDERS	"domains"

static const struct {
	const char *name;
	back_end_fn *find;
} back_ends[] = {
	[BACK_END_NONE] = { "none", NULL },
	[BACK_END_VPOPMAIL] = { "vpopmail", vpopmail_find },
	[BACK_END_QMAIL] = { "qmail", qmailuser_find },
	[BACK_END_CDB] = { "cdb", rcptcdb_find },
	[BACK_END_PROGRAM] = { "program", rcptprogram_find },
};

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

/* Append a name in lower case and see whether this is a folder. */
static enum status
enter(struct control *control, stralloc *path, const char *name, size_t len,
    stralloc *folder, int *found)
{
	*found = 0;
	if (!users_is_name(name, len))
		return OK;
	if (!stralloc_cats(path, "/") ||
	    users_append_lower(path, name, len) != OK || !stralloc_0(path))
		return control_refuse(control, FOLDERS, ENOMEM);
	path->len--;
	if (users_look_for_folder(path->s, folder, found) != OK)
		return users_refuse(control, path->s, errno);
	return OK;
}

/* control/domains/DOMAIN and control/domains/DOMAIN/LOCAL. */
static enum status
find_folders(struct control *control, const struct user_question *question,
    struct user *user)
{
	enum status status;
	stralloc path = { 0 };
	int found;

	if (!control_has(control, FOLDERS))
		return OK;
	if (!stralloc_copys(&path, "control/" FOLDERS))
		return control_refuse(control, FOLDERS, ENOMEM);
	status = enter(control, &path, question->mailbox + question->domain,
	    question->len - question->domain, &user->domain_folder, &found);
	if (status == OK && found)
		status = enter(control, &path, question->mailbox,
		    question->domain - 1, &user->user_folder, &found);
	stralloc_free(&path);
	return status;
}

/* Ask the back end of the domain, if it has one. */
static enum status
ask(struct users *users, struct control *control,
    const struct user_question *question, struct user *user)
{
	enum back_end back_end = BACK_END_NONE;
	stralloc argument = { 0 };
	enum status status;

	status = rule_find(users, control,
	    question->mailbox + question->domain,
	    question->len - question->domain, &back_end, &argument);
	if (status != OK || back_ends[back_end].find == NULL)
		goto done;
	/* No file and no program can be asked for such a name. */
	if (memchr(question->mailbox, '\0', question->len) != NULL)
		user->existence = USER_ABSENT;
	else
		status = back_ends[back_end].find(users, control, question,
		    argument.len > 0 ? argument.s : NULL, user);
	if (user->existence != USER_UNCHECKED)
		user->back_end = back_ends[back_end].name;
done:
	stralloc_free(&argument);
	return status;
}

enum status
users_find(struct users *users, struct control *control,
    const struct user_question *question, struct user *user)
{
	if (question->domain == 0 || question->domain >= question->len)
		return OK;
	if (ask(users, control, question, user) != OK)
		return TEMPFAIL;
	/* vpopmail has folders of its own. */
	if (user->back_end == back_ends[BACK_END_VPOPMAIL].name)
		return OK;
	return find_folders(control, question, user);
}
