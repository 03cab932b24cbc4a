#include "session/user.h"

#include <errno.h>

#include "../suite.h"
#include "../users.h"

/* Which folders of settings a mailbox of an unchecked domain has. */
static const struct {
	const char *mailbox;
	const char *domain, *user;
} folders[] = {
	{ "a@b.test",		"control/domains/b.test",
	    "control/domains/b.test/a" },
	{ "A@B.Test",		"control/domains/b.test",
	    "control/domains/b.test/a" },
	{ "x@b.test",		"control/domains/b.test", "" },
	/* Neither a file nor these name one. */
	{ "file@b.test",	"control/domains/b.test", "" },
	{ "a/sub@b.test",	"control/domains/b.test", "" },
	{ ".@b.test",		"control/domains/b.test", "" },
	{ "..@b.test",		"control/domains/b.test", "" },
	{ ".a@b.test",		"control/domains/b.test", "" },
	{ "@b.test",		"control/domains/b.test", "" },
	{ "../b.test/a@b.test",	"control/domains/b.test", "" },
	{ "a@other.test",	"", "" },
	{ "a@.hidden",		"", "" },
	{ "a@..",		"", "" },
	{ "a@b.test/a",		"", "" },
	{ "a",			"", "" },
	{ "a@",			"", "" },
};

static void
make_folders(void)
{
	home_file("control/domains", NULL);
	home_file("control/domains/b.test", NULL);
	home_file("control/domains/b.test/a", NULL);
	home_file("control/domains/b.test/a/sub", NULL);
	home_file("control/domains/b.test/.a", NULL);
	home_file("control/domains/b.test/file", "");
	home_file("control/domains/.hidden", NULL);
}

START_TEST(each_folder)
{
	make_folders();
	ck_assert_int_eq(users_ask(folders[_i].mailbox), OK);
	ck_assert_int_eq(user.existence, USER_UNCHECKED);
	ck_assert_ptr_null(user.back_end);
	ck_assert_str_eq(user.domain_folder.s != NULL ? user.domain_folder.s :
	    "", folders[_i].domain);
	ck_assert_str_eq(user.user_folder.s != NULL ? user.user_folder.s : "",
	    folders[_i].user);
}
END_TEST

/* Without control/domains nothing is looked for. */
START_TEST(no_folders)
{
	ck_assert_int_eq(users_ask("a@b.test"), OK);
	ck_assert_uint_eq(user.domain_folder.len + user.user_folder.len, 0);
}
END_TEST

/* One that may not be searched is not absent. */
START_TEST(closed_folder)
{
	make_folders();
	ck_assert_int_eq(chmod("control/domains/b.test/a", 0700), 0);
	ck_assert_int_eq(chmod(".", 0755), 0);
	if (!users_be_nobody())
		return;
	ck_assert_int_eq(users_ask("x@b.test"), OK);
	ck_assert_int_eq(users_ask("a@b.test"), TEMPFAIL);
	ck_assert_str_eq(users_control.failed, "control/domains/b.test/a");
	ck_assert_int_eq(users_control.error, EACCES);
	users_be_root();
}
END_TEST

static const struct {
	const char *text;
	size_t len;
	int is_name;
} names[] = {
	{ TEXT("a"),		1 },
	{ TEXT("a.b"),		1 },
	{ TEXT("a:b c"),	1 },
	{ TEXT(""),		0 },
	{ TEXT("."),		0 },
	{ TEXT(".."),		0 },
	{ TEXT(".a"),		0 },
	{ TEXT("a/b"),		0 },
	{ TEXT("/"),		0 },
	{ TEXT("a\0b"),		0 },
};

START_TEST(each_name)
{
	ck_assert_int_eq(users_is_name(names[_i].text, names[_i].len),
	    names[_i].is_name);
}
END_TEST

START_TEST(long_name)
{
	char text[256];

	memset(text, 'a', sizeof text);
	ck_assert_int_eq(users_is_name(text, 255), 1);
	ck_assert_int_eq(users_is_name(text, 256), 0);
}
END_TEST

/* No back end gets a NUL, whatever the caller was told. */
START_TEST(no_nul)
{
	static const char mailbox[] = "a\0b@c.test";
	const struct user_question question = {
		.mailbox = mailbox, .len = sizeof mailbox - 1, .domain = 4,
	};

	home_file("control/recipientcheck", ":program:/bin/true\n");
	ck_assert_int_eq(control_open(&users_control), OK);
	ck_assert_int_eq(users_find(&users, &users_control, &question,
	    &user), OK);
	ck_assert_int_eq(user.existence, USER_ABSENT);
	ck_assert_str_eq(user.back_end, "program");
}
END_TEST

SUITE("user",
    { each_folder, ROWS(folders), users_make, users_end },
    { no_folders, 1, users_make, users_end },
    { closed_folder, 1, users_make, users_end },
    { each_name, ROWS(names), NULL, NULL },
    { long_name, 1, NULL, NULL },
    { no_nul, 1, users_make, users_end })
