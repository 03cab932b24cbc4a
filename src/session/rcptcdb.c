/* rcptcdb - mailboxes that are listed in a .cdb */
#include "session/rcptcdb.h"

#include <errno.h>

#define FILE_NAME	"validrcptto.cdb"

/* A list that is being asked. */
struct listing {
	struct map map;
	stralloc key, value;
	int found;		/* something was said, */
	int refuses;		/* and it was no */
};

/* `sign`, the first `len` octets of the mailbox, `rest`. */
static enum status
ask(struct listing *list, const char *sign, const char *mailbox, size_t len,
    const char *rest, size_t rest_len)
{
	if (list->found)
		return OK;
	list->key.len = 0;
	if (!stralloc_cats(&list->key, sign) ||
	    users_append_lower(&list->key, mailbox, len) != OK ||
	    users_append_lower(&list->key, rest, rest_len) != OK) {
		errno = ENOMEM;
		return TEMPFAIL;
	}
	errno = EPROTO;
	if (map_find(&list->map, list->key.s, list->key.len, &list->value,
	    &list->found) != OK)
		return TEMPFAIL;
	list->refuses = list->key.s[0] == '-' ||
	    (list->value.len > 0 && list->value.s[0] == '-');
	return OK;
}

/* The same key as yes, and with a dash in front as no. */
static enum status
ask_both(struct listing *list, const char *mailbox, size_t len,
    const char *rest, size_t rest_len)
{
	if (ask(list, "", mailbox, len, rest, rest_len) != OK)
		return TEMPFAIL;
	return ask(list, "-", mailbox, len, rest, rest_len);
}

/* The mailbox, each LOCAL-default of it, its domain. */
static enum status
ask_all(struct listing *list, const struct user_question *question)
{
	const char *mailbox = question->mailbox;
	const char *at = mailbox + question->domain - 1;
	size_t i, size = question->len - (question->domain - 1);
	stralloc rest = { 0 };
	enum status status;

	status = ask_both(list, mailbox, question->len, "", 0);
	if (!stralloc_copys(&rest, "default") ||
	    !stralloc_catb(&rest, at, size)) {
		errno = ENOMEM;
		status = TEMPFAIL;
	}
	for (i = question->domain - 1; i > 0 && status == OK &&
	    !list->found; i--)
		if (mailbox[i - 1] == '-')
			status = ask_both(list, mailbox, i, rest.s, rest.len);
	if (status == OK)
		status = ask_both(list, at, size, "", 0);
	stralloc_free(&rest);
	return status;
}

enum status
rcptcdb_find(struct users *users, struct control *control,
    const struct user_question *question, const char *argument,
    struct user *user)
{
	const char *name = argument != NULL ? argument : FILE_NAME;
	struct listing list = { .found = 0 };
	enum status status = TEMPFAIL;
	stralloc path = { 0 };

	(void)users;
	if (!stralloc_copys(&path, "control/") ||
	    !stralloc_cats(&path, name) || !stralloc_0(&path))
		control_refuse(control, name, ENOMEM);
	else if (map_open(&list.map, path.s) != OK)
		control_refuse(control, name, errno);
	else if (list.map.data == NULL)
		control_refuse(control, name, ENOENT);
	else if (ask_all(&list, question) != OK)
		control_refuse(control, name, errno);
	else {
		user->existence = list.found && !list.refuses ? USER_EXISTS :
		    USER_ABSENT;
		status = OK;
	}
	map_close(&list.map);
	stralloc_free(&path);
	stralloc_free(&list.key);
	stralloc_free(&list.value);
	return status;
}
