#include "session/rcptprogram.h"

#include <errno.h>

#include "../suite.h"
#include "../users.h"

/* What a program does, and what becomes of the mailbox. */
static const struct {
	const char *script;
	enum existence existence;
	int is_full;
	const char *text;
} rows[] = {
	{ "exit 0",			USER_EXISTS, 0, "" },
	{ "exit 1",			USER_EXISTS, 0, "" },
	{ "echo no >&4; exit 0",	USER_EXISTS, 0, "" },
	{ "exit 99",			USER_EXISTS, 0, "" },
	{ "exit 100",			USER_REFUSED, 0, "" },
	{ "exit 111",			USER_DEFERRED, 0, "" },
	{ "exit 112",			USER_EXISTS, 0, "" },
	{ "exit 113",			USER_DEFERRED, 1, "" },
	{ "exit 121",			USER_EXISTS, 0, "" },
	{ "echo moved away >&4; exit 100", USER_REFUSED, 0, "moved away" },
	{ "printf moved >&4; exit 100",	USER_REFUSED, 0, "moved" },
	{ "printf 'a\\r\\nb\\n' >&4; exit 100", USER_REFUSED, 0, "a" },
	{ "printf '\\nb' >&4; exit 100", USER_REFUSED, 0, "" },
	{ "printf 'a\\tb\\001\\377\\000c ' >&4; exit 111", USER_DEFERRED, 0,
	    "a?b???c" },
	/* A reply code is ours to choose. */
	{ "echo 553 go away >&4; exit 100", USER_REFUSED, 0, "go away" },
	{ "echo 250 welcome >&4; exit 100", USER_REFUSED, 0, "250 welcome" },
	{ "echo 5531 x >&4; exit 100",	USER_REFUSED, 0, "5531 x" },
	{ "echo 553 >&4; exit 100",	USER_REFUSED, 0, "553" },
	{ "echo full >&4; exit 113",	USER_DEFERRED, 1, "full" },
	/* What it is told, and by whom it is not heard. */
	{ "[ \"$SENDER,$RECIPIENT,$HELO,$USE_FD4,$OURS\" = "
	    "'sender@far.test,A.b@c.test,client.test,1,x' ] && exit 100",
	    USER_REFUSED, 0, "" },
	{ "PATH=/usr/bin:/bin; [ $(tr '\\0' '\\n' </proc/$$/environ |"
	    " grep -c '^SENDER=') = 1 ] && exit 100", USER_REFUSED, 0, "" },
	{ "[ $# = 0 ] && ! read x && echo heard && exit 100",
	    USER_REFUSED, 0, "" },
	{ "[ -e /proc/self/fd/3 ] || [ -e /proc/self/fd/5 ] || exit 100",
	    USER_REFUSED, 0, "" },
};

START_TEST(each_answer)
{
	char script[256];

	snprintf(script, sizeof script, "#!/bin/sh\n%s\n", rows[_i].script);
	home_program("bin/check", script);
	putenv((char *)"RCPTCHECK=bin/check");
	putenv((char *)"SENDER=old");
	putenv((char *)"OURS=x");
	ck_assert_int_eq(users_ask("A.b@c.test"), OK);
	ck_assert_int_eq(user.existence, rows[_i].existence);
	ck_assert_int_eq(user.is_full, rows[_i].is_full);
	ck_assert_str_eq(user.text.len > 0 ? user.text.s : "",
	    rows[_i].text);
	ck_assert_str_eq(user.back_end, "program");
	/* Nothing of it stays in the environment of the queue program. */
	ck_assert_str_eq(getenv("SENDER"), "old");
	ck_assert_ptr_null(getenv("RECIPIENT"));
}
END_TEST

START_TEST(long_text)
{
	home_program("bin/check", "#!/bin/sh\nPATH=/usr/bin:/bin\n"
	    "head -c 100000 /dev/zero | tr '\\0' x >&4; exit 100\n");
	putenv((char *)"RCPTCHECK=bin/check");
	ck_assert_int_eq(users_ask("a@b.test"), OK);
	ck_assert_int_eq(user.existence, USER_REFUSED);
	ck_assert_uint_eq(strlen(user.text.s), 512);
}
END_TEST

/* Trouble with the program is none with the mailbox. */
static const struct {
	const char *script;		/* NULL: there is none */
	mode_t mode;
	int error;
} faults[] = {
	{ "#!/bin/sh\nexit 120\n",	0755, ENOEXEC },
	{ "#!/bin/sh\nkill -9 $$\n",	0755, EPROTO },
	{ "#!/bin/sh\n",		0644, EACCES },
	{ "",				0755, ENOEXEC },
	{ NULL,				0, ENOENT },
};

START_TEST(each_fault)
{
	home_file("control/recipientcheck", ":program:bin/check\n");
	if (faults[_i].script != NULL) {
		home_file("bin/check", faults[_i].script);
		ck_assert_int_eq(chmod("bin/check", faults[_i].mode), 0);
	}
	ck_assert_int_eq(users_ask("a@b.test"), TEMPFAIL);
	ck_assert_str_eq(users_control.failed, "bin/check");
	ck_assert_int_eq(users_control.error, faults[_i].error);
}
END_TEST

START_TEST(no_program)
{
	home_file("control/recipientcheck", ":program\n");
	ck_assert_int_eq(users_ask("a@b.test"), TEMPFAIL);
	ck_assert_str_eq(users_control.failed, "$RCPTCHECK");
}
END_TEST

SUITE("rcptprogram",
    { each_answer, ROWS(rows), users_make, users_end },
    { long_text, 1, users_make, users_end },
    { each_fault, ROWS(faults), users_make, users_end },
    { no_program, 1, users_make, users_end })
