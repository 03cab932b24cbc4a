#include "session/getpw.h"

#include <errno.h>

#include "../suite.h"
#include "../users.h"

/* A program that says what it was asked, and writes down that it was. */
static const char says[] = "#!/bin/sh\necho >>asked\n"
    "printf 'u\\0001\\0002\\000/h\\000-\\000%s\\000' \"$1\"\n";

static enum status
ask(const char *local, const stralloc **said)
{
	stralloc text = { 0 };
	enum status status;

	ck_assert(stralloc_copys(&text, local) && stralloc_0(&text));
	status = getpw_ask(&users, &users_control, &text, said);
	stralloc_free(&text);
	return status;
}

static off_t
times_asked(void)
{
	struct stat facts;

	ck_assert_int_eq(stat("asked", &facts), 0);
	return facts.st_size;
}

START_TEST(answers_are_kept)
{
	const stralloc *said;

	home_program("bin/qmail-getpw", says);
	ck_assert_int_eq(control_open(&users_control), OK);
	ck_assert_int_eq(ask("joe", &said), OK);
	assert_octets(said->s, said->len, "u\0" "1\0" "2\0/h\0-\0joe\0", 15);
	ck_assert_int_eq(ask("joe", &said), OK);
	assert_octets(said->s, said->len, "u\0" "1\0" "2\0/h\0-\0joe\0", 15);
	ck_assert_int_eq(times_asked(), 1);
	ck_assert_int_eq(ask("jo", &said), OK);
	ck_assert_int_eq(ask("$(touch x) *", &said), OK);
	assert_octets(said->s + 11, said->len - 11, "$(touch x) *", 13);
	ck_assert_int_eq(times_asked(), 3);
}
END_TEST

/* The oldest goes when there is no place left. */
START_TEST(places_are_few)
{
	const stralloc *said;
	char local[16];
	int i;

	home_program("bin/qmail-getpw", says);
	ck_assert_int_eq(control_open(&users_control), OK);
	for (i = 0; i <= USERS_ANSWERS; i++) {
		snprintf(local, sizeof local, "u%d", i);
		ck_assert_int_eq(ask(local, &said), OK);
	}
	ck_assert_int_eq(times_asked(), USERS_ANSWERS + 1);
	ck_assert_int_eq(ask("u1", &said), OK);
	ck_assert_int_eq(times_asked(), USERS_ANSWERS + 1);
	ck_assert_int_eq(ask("u0", &said), OK);
	ck_assert_int_eq(times_asked(), USERS_ANSWERS + 2);
}
END_TEST

static const struct {
	const char *program;		/* NULL: there is none */
	int error;
} faults[] = {
	{ NULL,				ENOENT },
	{ "#!/bin/sh\nexit 111\n",	EPROTO },
	{ "#!/bin/sh\nexit 0\n",	EPROTO },
	{ "#!/bin/sh\nkill -9 $$\n",	EPROTO },
	{ "#!/bin/sh\necho a; exit 1\n", EPROTO },
	{ "#!/bin/sh\nhead -c 5000 /dev/zero\n", EPROTO },
	{ "no program\n",		ENOEXEC },
};

START_TEST(each_fault)
{
	const stralloc *said;

	ck_assert_int_eq(setenv("PATH", "/usr/bin:/bin", 1), 0);
	if (faults[_i].program != NULL)
		home_program("bin/qmail-getpw", faults[_i].program);
	ck_assert_int_eq(control_open(&users_control), OK);
	ck_assert_int_eq(ask("joe", &said), TEMPFAIL);
	ck_assert_str_eq(users_control.failed, "bin/qmail-getpw");
	ck_assert_int_eq(users_control.error, faults[_i].error);
	/* And it is asked again. */
	home_program("bin/qmail-getpw", says);
	ck_assert_int_eq(ask("joe", &said), OK);
}
END_TEST

SUITE("getpw",
    { answers_are_kept, 1, users_make, users_end },
    { places_are_few, 1, users_make, users_end },
    { each_fault, ROWS(faults), users_make, users_end })
