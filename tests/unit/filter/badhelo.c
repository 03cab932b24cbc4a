#include "filter/table.h"

#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = { &filter_badhelo };

static const struct {
	const char *helo;
	int listed;
} rows[] = {
	{ "bad.test",		1 },
	{ "BAD.Test",		1 },
	{ "x.bad.test",		0 },
	{ "x.dyn.test",		1 },
	{ "dyn.test",		0 },
	{ "good.test",		0 },
	{ "localhost",		1 },
	{ "[192.0.2.1]",	1 },
	{ "bad.test extra",	0 },
	{ "",			0 },
};

START_TEST(each_row)
{
	home_file("control/badhelo",
	    "bad.test\n.dyn.test\nlocalhost\n[192.0.2.1]\n");
	judge_start(table, 1);
	ck_assert(stralloc_copys(&session.helo, rows[_i].helo));
	ck_assert_int_eq(judge(ON_HELO), PASS);
	judge_mail("a@b");
	judge_rcpt("c@d");
	judge_listed(rows[_i].listed, 550, "badhelo");
	/* The next mail of the session comes from the same client. */
	judge_reset();
	judge_mail("a@b");
	judge_rcpt("postmaster");
	judge_listed(rows[_i].listed, 550, "badhelo");
}
END_TEST

/* Who greets again is judged by the new name. */
START_TEST(second_helo)
{
	home_file("control/badhelo", "bad.test\n");
	judge_start(table, 1);
	ck_assert(stralloc_copys(&session.helo, "bad.test"));
	judge(ON_HELO);
	ck_assert_int_eq(judge_rcpt("c@d"), REJECT);
	judge_reset();
	ck_assert(stralloc_copys(&session.helo, "good.test"));
	judge(ON_HELO);
	ck_assert_int_eq(judge_rcpt("c@d"), PASS);
}
END_TEST

START_TEST(spared)
{
	home_file("control/badhelo", "bad.test\n");
	session.relay = RELAY_ADDRESS;
	judge_start(table, 1);
	ck_assert(stralloc_copys(&session.helo, "bad.test"));
	judge(ON_HELO);
	ck_assert_int_eq(judge_rcpt("c@d"), PASS);
}
END_TEST

START_TEST(unreadable)
{
	judge_unreadable(&filter_badhelo, ON_RCPT);
}
END_TEST

SUITE("badhelo",
    { each_row, ROWS(rows), judge_make, judge_end },
    { second_helo, 1, judge_make, judge_end },
    { spared, 1, judge_make, judge_end },
    { unreadable, 1, judge_make, judge_end })
