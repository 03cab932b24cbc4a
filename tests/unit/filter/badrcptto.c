#include "filter/table.h"

#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = { &filter_badrcptto };

static const struct {
	const char *forward_path;
	int listed;
} rows[] = {
	{ "gone@example.org",		1 },
	{ "Gone@Example.ORG",		1 },
	{ "here@example.org",		0 },
	{ "any@old.test",		1 },
	{ "a@x.older.test",		1 },
	/* What the operator lists by name is refused to postmaster, too. */
	{ "postmaster@old.test",	1 },
	{ "postmaster",			0 },
};

START_TEST(each_row)
{
	home_file("control/badrcptto",
	    "gone@example.org\n@old.test\nolder.test\n");
	judge_start(table, 1);
	judge_mail("a@b");
	judge_rcpt(rows[_i].forward_path);
	judge_listed(rows[_i].listed, 553, "badrcptto");
	/* One forward-path says nothing of the next. */
	ck_assert_int_eq(judge_rcpt("here@example.org"), PASS);
	judge_rcpt(rows[_i].forward_path);
	judge_listed(rows[_i].listed, 553, "badrcptto");
}
END_TEST

START_TEST(unreadable)
{
	judge_unreadable(&filter_badrcptto, ON_RCPT);
}
END_TEST

SUITE("badrcptto",
    { each_row, ROWS(rows), judge_make, judge_end },
    { unreadable, 1, judge_make, judge_end })
