/* user - does a mailbox of ours exist, and where are its settings */
#include "session/user.h"

#include <errno.h>
#include <string.h>

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
