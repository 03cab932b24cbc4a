/* qmailuser - whether qmail itself would deliver to a mailbox */
#include "session/qmailuser.h"

#include <errno.h>

#include "session/assign.h"
#include "session/dotqmail.h"
#include "session/getpw.h"
#include "session/virtual.h"

/* Who handles it, from users/cdb or else from qmail-getpw. */
static enum status
find_assignment(struct users *users, struct control *control,
    const stralloc *local, stralloc *value, struct assignment *assignment)
{
	const stralloc *said = value;
	const char *source = ASSIGN_FILE;
	int found;

	if (assign_find_local(users, control, local->s, local->len - 1, value,
	    &found) != OK)
		return TEMPFAIL;
	if (!found) {
		source = GETPW_PROGRAM;
		if (getpw_ask(users, control, local, &said) != OK)
			return TEMPFAIL;
	}
	if (assign_parse(said->s, said->len, assignment) != OK)
		return users_refuse(control, source, EPROTO);
	return OK;
}

static enum status
take_unseen(struct users *users, struct control *control, const char *home,
    struct user *user)
{
	user->existence = USER_EXISTS;
	if (users_note(users, user, USERS_UNSEARCHABLE, home) == OK)
		return OK;
	return users_refuse(control, home, ENOMEM);
}

/* Without dash there needs to be no file: the default delivery counts. */
static enum status
look_in_home(struct users *users, struct control *control,
    const struct assignment *assignment, struct user *user)
{
	const char *home = assignment->home;
	enum dotqmail file = DOTQMAIL_OWN;
	stralloc path = { 0 };
	enum status status;
	size_t prefix;
	int found;

	status = users_look_for_folder(home, &path, &found);
	if (status == OK && !found) {
		/* It may come back, says qmail-local: a disk of its own. */
		errno = ENOENT;
		status = TEMPFAIL;
	}
	if (status == OK && assignment->dash[0] != '\0')
		status = dotqmail_find(assignment, &file, &path, &prefix);
	else if (status != OK && errno == EACCES) {
		file = DOTQMAIL_UNSEARCHABLE;
		status = OK;
	}
	if (status != OK)
		users_refuse(control, home, errno);
	else if (file == DOTQMAIL_UNSEARCHABLE)
		status = take_unseen(users, control, home, user);
	else
		user->existence = file == DOTQMAIL_ABSENT ? USER_ABSENT :
		    USER_EXISTS;
	stralloc_free(&path);
	return status;
}

enum status
qmailuser_find(struct users *users, struct control *control,
    const struct user_question *question, const char *argument,
    struct user *user)
{
	struct assignment assignment;
	stralloc local = { 0 }, value = { 0 };
	enum status status;
	int found;

	(void)argument;
	status = virtual_find_local(users, control, question, &local, &found);
	if (status != OK || !found)
		goto done;
	/* qmail-lspawn throws away what has no local part. */
	if (local.len == 0) {
		user->existence = USER_EXISTS;
		goto done;
	}
	if (!stralloc_0(&local))
		status = users_refuse(control, ASSIGN_FILE, ENOMEM);
	else
		status = find_assignment(users, control, &local, &value,
		    &assignment);
	if (status == OK)
		status = look_in_home(users, control, &assignment, user);
done:
	stralloc_free(&local);
	stralloc_free(&value);
	return status;
}
