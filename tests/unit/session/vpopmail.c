#include "session/vpopmail.h"

#include <errno.h>

#include "../suite.h"
#include "../users.h"

#define BOUNCE	"| /home/vpopmail/bin/vdelivermail '' bounce-no-mailbox\n"

static char folder[64];		/* of the domain, absolute */

/* The value of an assignment: its home is `folder` and what follows. */
static void
assign(const char *key, const char *below, const char *ext)
{
	static char value[256];
	struct cdb_record records[2] = {
		{ key, strlen(key), value, 0 }, ASSIGN("", "-"),
	};
	size_t len = 0;

	snprintf(folder, sizeof folder, "%s/vdom", home_path);
	memcpy(value, "vdom.test\0" "89\0" "89", 15);
	len = 16;
	len += (size_t)snprintf(value + len, 128, "%s%s", folder, below) + 1;
	value[len++] = '-';
	value[len++] = '\0';
	strcpy(value + len, ext);
	records[0].value_len = len + strlen(ext);
	users_assign(records, 2);
}

static void
make_domain(const char *catch_all)
{
	assign("!vdom.test-", "", "");
	home_file("vdom", NULL);
	home_file("vdom/joe", NULL);
	home_file("vdom/joe/sub", NULL);
	home_file("vdom/.hidden", NULL);
	home_file("vdom/vpasswd", "");
	home_file("vdom/.qmail-forward", "");
	home_file("vdom/.qmail-with:dot", "");
	home_file("vdom/.qmail-list-default", "");
	home_file("vdom/.qmail-same-default", BOUNCE);
	ck_assert_int_eq(mkfifo("vdom/.qmail-fifo", 0644), 0);
	if (catch_all != NULL)
		home_file("vdom/.qmail-default", catch_all);
}

/* With a catch-all that bounces. */
static const struct {
	const char *mailbox;
	enum existence existence;
	const char *user;		/* its folder below the domain's */
} rows[] = {
	{ "joe@vdom.test",		USER_EXISTS, "/joe" },
	{ "JOE@VDOM.test",		USER_EXISTS, "/joe" },
	{ "forward@vdom.test",		USER_EXISTS, "" },
	{ "with.dot@vdom.test",		USER_EXISTS, "" },
	{ "with:dot@vdom.test",		USER_EXISTS, "" },
	{ "list-a@vdom.test",		USER_EXISTS, "" },
	{ "list-a-b@vdom.test",		USER_EXISTS, "" },
	{ "list@vdom.test",		USER_EXISTS, "" },
	/* Only a catch-all is compared with vpopbounce. */
	{ "same-a@vdom.test",		USER_EXISTS, "" },
	{ "nobody@vdom.test",		USER_ABSENT, "" },
	{ "nobody-a@vdom.test",		USER_ABSENT, "" },
	{ "vpasswd@vdom.test",		USER_ABSENT, "" },
	{ "fifo@vdom.test",		USER_ABSENT, "" },
	{ "joe/sub@vdom.test",		USER_ABSENT, "" },
	{ "joe/@vdom.test",		USER_ABSENT, "" },
	{ ".@vdom.test",		USER_ABSENT, "" },
	{ "..@vdom.test",		USER_ABSENT, "" },
	{ "../vdom/joe@vdom.test",	USER_ABSENT, "" },
	{ ".hidden@vdom.test",		USER_ABSENT, "" },
	{ "/@vdom.test",		USER_ABSENT, "" },
	{ "@vdom.test",			USER_ABSENT, "" },
	{ "joe@other.test",		USER_UNCHECKED, NULL },
	{ "joe@a.vdom.test",		USER_UNCHECKED, NULL },
};

START_TEST(each_mailbox)
{
	char path[128];

	home_file("control/vpopbounce", BOUNCE);
	make_domain(BOUNCE);
	ck_assert_int_eq(users_ask(rows[_i].mailbox), OK);
	ck_assert_int_eq(user.existence, rows[_i].existence);
	ck_assert_ptr_null(user.note);
	if (rows[_i].user == NULL) {
		ck_assert_ptr_null(user.back_end);
		ck_assert_uint_eq(user.domain_folder.len, 0);
		return;
	}
	ck_assert_str_eq(user.back_end, "vpopmail");
	ck_assert_str_eq(user.domain_folder.s, folder);
	path[0] = '\0';
	if (rows[_i].user[0] != '\0')
		snprintf(path, sizeof path, "%s%s", folder, rows[_i].user);
	ck_assert_str_eq(user.user_folder.s != NULL ? user.user_folder.s : "",
	    path);
}
END_TEST

/* NULL: there is no such file. */
static const struct {
	const char *catch_all, *bounce;
	enum existence existence;
} catch_alls[] = {
	{ NULL,		NULL,		USER_ABSENT },
	{ NULL,		BOUNCE,		USER_ABSENT },
	{ BOUNCE,	BOUNCE,		USER_ABSENT },
	{ BOUNCE,	NULL,		USER_EXISTS },
	{ BOUNCE "#\n",	BOUNCE,		USER_EXISTS },
	{ "",		BOUNCE,		USER_EXISTS },
	{ "|x\n",	BOUNCE,		USER_EXISTS },
	{ "|x",		"|x\n",		USER_EXISTS },
	/* An empty one is no bounce. */
	{ "",		"",		USER_EXISTS },
};

START_TEST(each_catch_all)
{
	if (catch_alls[_i].bounce != NULL)
		home_file("control/vpopbounce", catch_alls[_i].bounce);
	make_domain(catch_alls[_i].catch_all);
	ck_assert_int_eq(users_ask("nobody@vdom.test"), OK);
	ck_assert_int_eq(user.existence, catch_alls[_i].existence);
	ck_assert_int_eq(users_ask("nobody@vdom.test"), OK);
	ck_assert_int_eq(user.existence, catch_alls[_i].existence);
}
END_TEST

START_TEST(unreadable_bounce)
{
	home_file("control/vpopbounce", NULL);
	make_domain(BOUNCE);
	ck_assert_int_eq(users_ask("joe@vdom.test"), OK);
	ck_assert_int_eq(users_ask("nobody@vdom.test"), TEMPFAIL);
	ck_assert_str_eq(users_control.failed, "control/vpopbounce");
}
END_TEST

/* An assign line with an extension: +vdom.test-:...:-:pre-: */
START_TEST(with_extension)
{
	home_file("control/vpopbounce", BOUNCE);
	make_domain(BOUNCE);
	assign("!vdom.test-", "", "pre-");
	home_file("vdom/.qmail-pre-list", "");
	home_file("vdom/.qmail-pre-a-default", "");
	ck_assert_int_eq(users_ask("list@vdom.test"), OK);
	ck_assert_int_eq(user.existence, USER_EXISTS);
	ck_assert_int_eq(users_ask("a-b@vdom.test"), OK);
	ck_assert_int_eq(user.existence, USER_EXISTS);
	ck_assert_int_eq(users_ask("forward@vdom.test"), OK);
	ck_assert_int_eq(user.existence, USER_ABSENT);
	home_file("vdom/.qmail-pre-default", "");
	ck_assert_int_eq(users_ask("forward@vdom.test"), OK);
	ck_assert_int_eq(user.existence, USER_EXISTS);
}
END_TEST

START_TEST(no_domain_folder)
{
	assign("!vdom.test-", "", "");
	ck_assert_int_eq(users_ask("joe@vdom.test"), OK);
	ck_assert_int_eq(user.existence, USER_ABSENT);
	ck_assert_ptr_null(user.domain_folder.s);
}
END_TEST

/* Values that nobody wrote in earnest. */
static const struct cdb_record damaged[] = {
	ASSIGN("!vdom.test-", ""),
	ASSIGN("!vdom.test-", "vdom.test"),
	ASSIGN("!vdom.test-", "a\0" "1\0" "1\0relative\0-\0"),
	ASSIGN("!vdom.test-", "a\0" "1\0" "1\0/home"),
};

START_TEST(each_damage)
{
	users_assign(&damaged[_i], 1);
	ck_assert_int_eq(users_ask("joe@vdom.test"), TEMPFAIL);
	ck_assert_str_eq(users_control.failed, "users/cdb");
	ck_assert_int_ne(users_control.error, 0);
}
END_TEST

/* What may not be searched: the domain's folder, a user's, and a catch-all. */
static const struct {
	const char *path;
	mode_t mode;
	const char *mailbox;
	int has_domain, is_noted;
} closed[] = {
	{ "vdom",		0700, "nobody@vdom.test",	0, 1 },
	{ "vdom/joe",		0700, "joe@vdom.test",		1, 1 },
	{ "vdom/.qmail-default", 0600, "nobody@vdom.test",	1, 0 },
	/* Searched, but not listed. */
	{ "vdom",		0711, "joe@vdom.test",		1, 0 },
};

START_TEST(each_closed)
{
	int again;

	home_file("control/vpopbounce", BOUNCE);
	make_domain(BOUNCE);
	ck_assert_int_eq(chmod(".", 0755), 0);
	ck_assert_int_eq(chmod(closed[_i].path, closed[_i].mode), 0);
	if (!users_be_nobody())
		return;
	for (again = 0; again < 2; again++) {
		ck_assert_int_eq(users_ask(closed[_i].mailbox), OK);
		ck_assert_int_eq(user.existence, USER_EXISTS);
		ck_assert_int_eq(user.domain_folder.len > 0,
		    closed[_i].has_domain);
		/* Said once. */
		ck_assert_int_eq(user.note != NULL,
		    closed[_i].is_noted && !again);
		if (user.note != NULL)
			ck_assert_ptr_nonnull(strstr(user.noted.s,
			    closed[_i].path));
	}
	users_be_root();
}
END_TEST

SUITE("vpopmail",
    { each_mailbox, ROWS(rows), users_make, users_end },
    { each_catch_all, ROWS(catch_alls), users_make, users_end },
    { unreadable_bounce, 1, users_make, users_end },
    { with_extension, 1, users_make, users_end },
    { no_domain_folder, 1, users_make, users_end },
    { each_damage, ROWS(damaged), users_make, users_end },
    { each_closed, ROWS(closed), users_make, users_end })
