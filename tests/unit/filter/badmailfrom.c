#include "filter/table.h"

#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = { &filter_badmailfrom };

static const struct {
	const char *reverse_path;
	enum relay relay;
	int listed;
	const char *reason;
} rows[] = {
	{ "joe@bad.test",	RELAY_NONE,	1, "joe@bad.test" },
	{ "JOE@bad.test",	RELAY_NONE,	1, "JOE@bad.test" },
	{ "jim@bad.test",	RELAY_NONE,	0, NULL },
	{ "any@worse.test",	RELAY_NONE,	1, "@worse.test" },
	{ "a@x.worse.test",	RELAY_NONE,	0, NULL },
	{ "a@x.worst.test",	RELAY_NONE,	1, "worst.test" },
	{ "",			RELAY_NONE,	0, NULL },
	/* In stock qmail it holds for clients that may relay, too. */
	{ "joe@bad.test",	RELAY_ADDRESS,	1, "joe@bad.test" },
};

START_TEST(each_row)
{
	int again;

	home_file("control/badmailfrom",
	    "joe@bad.test\n@worse.test\nworst.test\n");
	session.relay = rows[_i].relay;
	judge_start(table, 1);
	/* Each mail of a session is judged as if it were alone. */
	for (again = 0; again < 2; again++) {
		ck_assert_int_eq(judge_mail(rows[_i].reverse_path), PASS);
		judge_rcpt("postmaster");
		judge_listed(rows[_i].listed, 553, "badmailfrom");
		judge_rcpt("c@d");
		judge_listed(rows[_i].listed, 553, "badmailfrom");
		ck_assert_str_eq(outcome.reason, rows[_i].listed ?
		    rows[_i].reason : "");
		judge_reset();
		judge_mail("good@good.test");
		ck_assert_int_eq(judge_rcpt("c@d"), PASS);
		judge_reset();
	}
}
END_TEST

START_TEST(unreadable)
{
	judge_unreadable(&filter_badmailfrom, ON_RCPT);
}
END_TEST

START_TEST(absent)
{
	judge_start(table, 1);
	ck_assert_int_eq(judge_mail("a@b"), PASS);
	ck_assert_int_eq(judge_rcpt("c@d"), PASS);
}
END_TEST

SUITE("badmailfrom",
    { each_row, ROWS(rows), judge_make, judge_end },
    { unreadable, 1, judge_make, judge_end },
    { absent, 1, judge_make, judge_end })
