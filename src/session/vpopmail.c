/* vpopmail - the folders of vpopmail's domains */
#include "session/vpopmail.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session/assign.h"
#include "session/dotqmail.h"

#define BOUNCE		"vpopbounce"
#define BOUNCE_SIZE	4096	/* a longer file says nothing */

/* The assignment of the domain, if it has one. */
static enum status
find_domain(struct users *users, struct control *control,
    const struct user_question *question, stralloc *value, int *found)
{
	enum status status = TEMPFAIL;
	stralloc key = { 0 };

	if (!stralloc_copys(&key, "!") || users_append_lower(&key,
	    question->mailbox + question->domain,
	    question->len - question->domain) != OK ||
	    !stralloc_cats(&key, "-"))
		users_refuse(control, ASSIGN_FILE, ENOMEM);
	else
		status = assign_find(users, control, key.s, key.len, value,
		    found);
	stralloc_free(&key);
	return status;
}

/* What a catch-all file holds that only bounces. */
static enum status
read_bounce(struct users *users, struct control *control)
{
	int found;

	if (users->bounce_is_read)
		return OK;
	if (control_has(control, BOUNCE) && control_read(control, BOUNCE,
	    &users->bounce, &found) != OK)
		return TEMPFAIL;
	if (users->bounce.len > BOUNCE_SIZE)
		users->bounce.len = 0;
	users->bounce_is_read = 1;
	return OK;
}

/* Whether the file holds just this; one that cannot be read does not. */
static int
holds(const char *path, const stralloc *text)
{
	char read_text[BOUNCE_SIZE + 1];
	size_t len = 0;
	ssize_t n;
	int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (file == -1)
		return 0;
	while ((n = read(file, read_text + len, text->len + 1 - len)) > 0)
		len += (size_t)n;
	close(file);
	return n == 0 && len == text->len &&
	    memcmp(read_text, text->s, len) == 0;
}

/* A file that is there, but for a catch-all that only bounces. */
static enum status
judge_file(struct users *users, struct control *control, const char *path,
    int is_catch_all, struct user *user)
{
	user->existence = USER_EXISTS;
	if (!is_catch_all)
		return OK;
	if (read_bounce(users, control) != OK)
		return TEMPFAIL;
	if (users->bounce.len > 0 && holds(path, &users->bounce))
		user->existence = USER_ABSENT;
	return OK;
}

/* We may not look: that says nothing against the mailbox. */
static enum status
take_unseen(struct users *users, struct control *control, const char *path,
    struct user *user)
{
	user->existence = USER_EXISTS;
	if (users_note(users, user, USERS_UNSEARCHABLE, path) == OK)
		return OK;
	return users_refuse(control, path, ENOMEM);
}

/* LOCAL-default is for LOCAL, too, which it is not for qmail. */
static enum status
find_file(const struct assignment *assignment, size_t of_domain,
    enum dotqmail *found, stralloc *path, size_t *prefix)
{
	size_t len = assignment->ext_len;

	if (dotqmail_find(assignment, found, path, prefix) != OK)
		return TEMPFAIL;
	if (len == of_domain || !(*found == DOTQMAIL_ABSENT ||
	    (*found == DOTQMAIL_DEFAULT && *prefix <= of_domain)))
		return OK;
	if (dotqmail_name(assignment, len, "-default", path) != OK ||
	    dotqmail_look(path->s, found) != OK)
		return TEMPFAIL;
	if (*found != DOTQMAIL_ABSENT)
		return OK;
	return dotqmail_find(assignment, found, path, prefix);
}

/* `of_domain` is how much of the extension is the domain's. */
static enum status
look_for_files(struct users *users, struct control *control,
    const struct assignment *assignment, size_t of_domain, struct user *user)
{
	const char *home = assignment->home;
	enum status status;
	enum dotqmail found;
	stralloc path = { 0 };
	size_t prefix;

	status = find_file(assignment, of_domain, &found, &path, &prefix);
	if (status != OK)
		users_refuse(control, home, errno);
	else if (found == DOTQMAIL_ABSENT)
		user->existence = USER_ABSENT;
	else if (found == DOTQMAIL_UNSEARCHABLE)
		status = take_unseen(users, control, home, user);
	else
		status = judge_file(users, control, path.s,
		    found == DOTQMAIL_DEFAULT && prefix <= of_domain, user);
	stralloc_free(&path);
	return status;
}

/* The folder HOME/LOCAL is that of a user. */
static enum status
look_for_folder(struct users *users, struct control *control,
    const char *home, const char *local, size_t len, struct user *user)
{
	enum status status = TEMPFAIL;
	stralloc path = { 0 };
	int found;

	if (!users_is_name(local, len))
		return OK;
	if (!stralloc_copys(&path, home) || !stralloc_cats(&path, "/") ||
	    users_append_lower(&path, local, len) != OK || !stralloc_0(&path))
		users_refuse(control, home, ENOMEM);
	else if (users_look_for_folder(path.s, &user->user_folder,
	    &found) != OK)
		status = errno == EACCES ?
		    take_unseen(users, control, path.s, user) :
		    users_refuse(control, home, errno);
	else {
		if (found)
			user->existence = USER_EXISTS;
		status = OK;
	}
	stralloc_free(&path);
	return status;
}

/* The domain's folder is there; its assignment has the prefix of its files. */
static enum status
look_in_domain(struct users *users, struct control *control,
    const struct user_question *question, struct assignment *assignment,
    struct user *user)
{
	size_t len = question->domain - 1, of_domain = assignment->ext_len;
	enum status status = TEMPFAIL;
	stralloc ext = { 0 };

	if (look_for_folder(users, control, assignment->home,
	    question->mailbox, len, user) != OK)
		return TEMPFAIL;
	if (user->existence != USER_UNCHECKED)
		return OK;
	if (!stralloc_copyb(&ext, assignment->ext, of_domain) ||
	    !stralloc_catb(&ext, question->mailbox, len))
		users_refuse(control, assignment->home, ENOMEM);
	else {
		assignment->ext = ext.s;
		assignment->ext_len = ext.len;
		status = look_for_files(users, control, assignment, of_domain,
		    user);
	}
	stralloc_free(&ext);
	return status;
}

enum status
vpopmail_find(struct users *users, struct control *control,
    const struct user_question *question, const char *argument,
    struct user *user)
{
	struct assignment assignment;
	enum status status;
	stralloc value = { 0 };
	int found;

	(void)argument;
	status = find_domain(users, control, question, &value, &found);
	if (status != OK || !found)
		goto done;
	status = assign_parse(value.s, value.len, &assignment);
	if (status != OK)
		status = users_refuse(control, ASSIGN_FILE, EPROTO);
	else if (users_look_for_folder(assignment.home, &user->domain_folder,
	    &found) != OK)
		status = errno == EACCES ?
		    take_unseen(users, control, assignment.home, user) :
		    users_refuse(control, assignment.home, errno);
	else if (!found)
		user->existence = USER_ABSENT;
	else
		status = look_in_domain(users, control, question, &assignment,
		    user);
done:
	stralloc_free(&value);
	return status;
}
