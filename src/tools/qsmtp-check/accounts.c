/* accounts - the users of qmail, as /etc/passwd has them */
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "tools/check.h"

#define FILE_NAME	"/etc/passwd"

/* The number of a field that ends at a colon; 0: it is none. */
static int
take_number(const char **at, const char *end, uint64_t *number)
{
	size_t digits = text_number(*at, (size_t)(end - *at), number);

	*at += digits;
	if (digits == 0 || *at == end || **at != ':')
		return 0;
	++*at;
	return 1;
}

/* `name:password:user:group:...` */
static void
take_line(struct account *account, const char *name, const char *line,
    size_t len)
{
	const char *end = line + len, *at = line + strlen(name);
	uint64_t user, group;

	if (account->is_known || len <= strlen(name) ||
	    memcmp(line, name, strlen(name)) != 0 || *at != ':')
		return;
	at = memchr(at + 1, ':', (size_t)(end - at - 1));
	if (at == NULL)
		return;
	at++;
	if (!take_number(&at, end, &user) || !take_number(&at, end, &group) ||
	    user > UINT32_MAX || group > UINT32_MAX)
		return;
	account->is_known = 1;
	account->user = (uid_t)user;
	account->group = (gid_t)group;
}

/*
 * As a text: the name service would be linked in, and could ask a network.
 */
void
accounts_read(struct check *check)
{
	struct control system = { 0 };
	stralloc text = { 0 };
	const char *line, *end;
	int found;

	if (control_read(&system, FILE_NAME, &text, &found) != OK)
		check_say_failed(check, NOTE, &system);
	line = text.s;
	end = text.s + text.len;
	while (line < end) {
		const char *feed = memchr(line, '\n', (size_t)(end - line));
		size_t len = (size_t)((feed != NULL ? feed : end) - line);

		take_line(&check->qmaild, "qmaild", line, len);
		take_line(&check->qmailr, "qmailr", line, len);
		take_line(&check->qmailq, "qmailq", line, len);
		line += len + 1;
	}
	stralloc_free(&text);
	if (!check->qmaild.is_known || !check->qmailr.is_known)
		check_say(check, NOTE, FILE_NAME, 0, "has no qmaild and "
		    "qmailr, so nobody knows what they may read");
}

/* `bits`: 4 read, 2 write, 1 execute or search. */
int
account_may(const struct account *account, const struct stat *facts,
    unsigned bits)
{
	unsigned mode = facts->st_mode;

	if (!account->is_known || account->user == 0)
		return 1;
	if (facts->st_uid == account->user)
		mode >>= 6;
	else if (facts->st_gid == account->group)
		mode >>= 3;
	return (mode & bits) == bits;
}
