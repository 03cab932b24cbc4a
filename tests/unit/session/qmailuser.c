#include "session/qmailuser.h"

#include <errno.h>

#include "../suite.h"
#include "../users.h"

/*
 * Homes are $PWD/joe and $PWD/alias; the program knows joe, and, as one who
 * says so, some users in trouble.
 */
static const char getpw[] = "#!/bin/sh\n"
    "say() { printf '%s\\0001\\0002\\000%s\\000%s\\000%s\\000' \"$@\"; }\n"
    "case $1 in\n"
    "joe)	say joe \"$PWD/joe\" '' '' ;;\n"
    "joe-*)	say joe \"$PWD/joe\" - \"${1#joe-}\" ;;\n"
    "moved)	say moved \"$PWD/nowhere\" '' '' ;;\n"
    "file)	say file \"$PWD/control/me\" '' '' ;;\n"
    "fails)	exit 111 ;;\n"
    "odd)	echo odd ;;\n"
    "*)		say alias \"$PWD/alias\" - \"$1\" ;;\n"
    "esac\n";

static void
make_homes(void)
{
	static char value[128];
	struct cdb_record records[] = {
		ASSIGN("!set\0", "a\0" "1\0" "2\0/nowhere\0-\0x"),
		{ TEXT("!wild-"), value, 0 },
		ASSIGN("!bad\0", "a\0" "1\0"),
		ASSIGN("", "-"),
	};

	memcpy(value, "joe\0" "1\0" "2", 7);
	records[1].value_len = 8 + (size_t)snprintf(value + 8, 64, "%s/joe",
	    home_path) + 1;
	memcpy(value + records[1].value_len, "-\0a-", 4);
	records[1].value_len += 4;
	users_assign(records, ROWS(records));
	home_program("bin/qmail-getpw", getpw);
	home_file("control/me", "mail.test\n");
	home_file("control/locals", "local.test\n");
	home_file("control/virtualdomains",
	    "virt.test:joe-v\nnone.test:nothing\n");
	home_file("joe", NULL);
	home_file("joe/.qmail-list", "");
	home_file("joe/.qmail-a-default", "");
	home_file("joe/.qmail-v-user", "");
	home_file("alias", NULL);
	home_file("alias/.qmail-postmaster", "");
	home_file("alias/.qmail-john:doe", "");
}

static const struct {
	const char *mailbox;
	enum existence existence;
} rows[] = {
	{ "joe@local.test",		USER_EXISTS },
	{ "JOE@Local.test",		USER_EXISTS },
	{ "joe-list@local.test",	USER_EXISTS },
	{ "joe-a-x@local.test",		USER_EXISTS },
	{ "joe-a@local.test",		USER_ABSENT },
	{ "joe-b@local.test",		USER_ABSENT },
	{ "wild-x@local.test",		USER_EXISTS },
	{ "wildx@local.test",		USER_ABSENT },
	{ "postmaster@local.test",	USER_EXISTS },
	{ "John.Doe@local.test",	USER_EXISTS },
	{ "nobody@local.test",		USER_ABSENT },
	{ "../joe@local.test",		USER_ABSENT },
	{ "@local.test",		USER_EXISTS },
	{ "user@virt.test",		USER_EXISTS },
	{ "other@virt.test",		USER_ABSENT },
	{ "other@none.test",		USER_ABSENT },
	{ "joe@other.test",		USER_UNCHECKED },
};

START_TEST(each_mailbox)
{
	home_file("control/recipientcheck", ":qmail\n");
	make_homes();
	ck_assert_int_eq(users_ask(rows[_i].mailbox), OK);
	ck_assert_int_eq(user.existence, rows[_i].existence);
	if (user.existence != USER_UNCHECKED)
		ck_assert_str_eq(user.back_end, "qmail");
	ck_assert_uint_eq(user.domain_folder.len, 0);
}
END_TEST

static const struct {
	const char *mailbox;
	const char *failed;	/* ends with this */
} faults[] = {
	/* A home may come back. */
	{ "moved@local.test",		"/nowhere" },
	{ "file@local.test",		"/control/me" },
	{ "set@local.test",		"/nowhere" },
	{ "fails@local.test",		"bin/qmail-getpw" },
	{ "odd@local.test",		"bin/qmail-getpw" },
	{ "bad@local.test",		"users/cdb" },
};

START_TEST(each_fault)
{
	size_t len = strlen(faults[_i].failed);

	home_file("control/recipientcheck", ":qmail\n");
	make_homes();
	ck_assert_int_eq(users_ask(faults[_i].mailbox), TEMPFAIL);
	ck_assert_uint_ge(strlen(users_control.failed), len);
	ck_assert_str_eq(users_control.failed +
	    strlen(users_control.failed) - len, faults[_i].failed);
	ck_assert_int_ne(users_control.error, 0);
}
END_TEST

START_TEST(closed_home)
{
	home_file("control/recipientcheck", ":qmail\n");
	make_homes();
	ck_assert_int_eq(chmod(".", 0755), 0);
	ck_assert_int_eq(chmod("joe", 0700), 0);
	if (!users_be_nobody())
		return;
	ck_assert_int_eq(users_ask("joe-none@local.test"), OK);
	ck_assert_int_eq(user.existence, USER_EXISTS);
	ck_assert_ptr_nonnull(user.note);
	ck_assert_ptr_nonnull(strstr(user.noted.s, "/joe"));
	ck_assert_int_eq(users_ask("joe@local.test"), OK);
	ck_assert_int_eq(user.existence, USER_EXISTS);
	ck_assert_ptr_null(user.note);
	ck_assert_int_eq(users_ask("nobody@local.test"), OK);
	ck_assert_int_eq(user.existence, USER_ABSENT);
	users_be_root();
}
END_TEST

SUITE("qmailuser",
    { each_mailbox, ROWS(rows), users_make, users_end },
    { each_fault, ROWS(faults), users_make, users_end },
    { closed_home, 1, users_make, users_end })
