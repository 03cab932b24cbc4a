#include "session/rcptcdb.h"

#include <errno.h>

#include "../suite.h"
#include "../users.h"

static const struct cdb_record records[] = {
	ASSIGN("joe@a.test",		""),
	ASSIGN("no@a.test",		"-"),
	ASSIGN("both@a.test",		""),
	ASSIGN("-both@a.test",		""),
	ASSIGN("list-default@a.test",	""),
	ASSIGN("list-not-default@a.test", "-"),
	ASSIGN("-list-never-default@a.test", ""),
	ASSIGN("@all.test",		""),
	ASSIGN("-gone@all.test",	""),
	ASSIGN("dead@all.test",		"-x"),
	ASSIGN("@none.test",		"-"),
	ASSIGN("-@nobody.test",		""),
	ASSIGN("one@nobody.test",	""),
};

static const struct {
	const char *mailbox;
	enum existence existence;
} rows[] = {
	{ "joe@a.test",			USER_EXISTS },
	{ "JOE@A.test",			USER_EXISTS },
	{ "joe@b.test",			USER_ABSENT },
	{ "nobody@a.test",		USER_ABSENT },
	{ "no@a.test",			USER_ABSENT },
	{ "both@a.test",		USER_EXISTS },
	{ "list-x@a.test",		USER_EXISTS },
	{ "list-x-y@a.test",		USER_EXISTS },
	{ "list-not-y@a.test",		USER_ABSENT },
	{ "list-never-y@a.test",	USER_ABSENT },
	{ "list@a.test",		USER_ABSENT },
	{ "any@all.test",		USER_EXISTS },
	{ "@all.test",			USER_EXISTS },
	{ "gone@all.test",		USER_ABSENT },
	{ "dead@all.test",		USER_ABSENT },
	/* The key that refuses is nobody's mailbox. */
	{ "-gone@all.test",		USER_ABSENT },
	{ "-@nobody.test",		USER_ABSENT },
	{ "any@none.test",		USER_ABSENT },
	{ "any@nobody.test",		USER_ABSENT },
	{ "one@nobody.test",		USER_EXISTS },
	{ "any@sub.all.test",		USER_ABSENT },
};

START_TEST(each_mailbox)
{
	home_file("control/recipientcheck", ":cdb\n");
	cdb_write("control/validrcptto.cdb", records, ROWS(records));
	ck_assert_int_eq(users_ask(rows[_i].mailbox), OK);
	ck_assert_int_eq(user.existence, rows[_i].existence);
	ck_assert_str_eq(user.back_end, "cdb");
}
END_TEST

START_TEST(other_file)
{
	const struct cdb_record one = ASSIGN("joe@a.test", "");

	home_file("control/recipientcheck", ":cdb:other.cdb\n");
	cdb_write("control/other.cdb", &one, 1);
	ck_assert_int_eq(users_ask("joe@a.test"), OK);
	ck_assert_int_eq(user.existence, USER_EXISTS);
	ck_assert_int_eq(users_ask("no@a.test"), OK);
	ck_assert_int_eq(user.existence, USER_ABSENT);
}
END_TEST

static const struct {
	const char *text;		/* "": absent; NULL: a folder */
	int error;
} faults[] = {
	{ "", ENOENT }, { NULL, 0 }, { "no database", 0 },
};

START_TEST(each_fault)
{
	home_file("control/recipientcheck", ":cdb\n");
	if (faults[_i].error == 0)
		home_file("control/validrcptto.cdb", faults[_i].text);
	ck_assert_int_eq(users_ask("joe@a.test"), TEMPFAIL);
	ck_assert_str_eq(users_control.failed, "control/validrcptto.cdb");
	ck_assert_int_ne(users_control.error, 0);
	if (faults[_i].error != 0)
		ck_assert_int_eq(users_control.error, faults[_i].error);
}
END_TEST

SUITE("rcptcdb",
    { each_mailbox, ROWS(rows), users_make, users_end },
    { other_file, 1, users_make, users_end },
    { each_fault, ROWS(faults), users_make, users_end })
