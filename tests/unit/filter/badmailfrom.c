#include "filter/table.h"

#include "../capture.h"
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

/* Lists of the levels, and the level that refuses; LEVEL_DEFAULT: none. */
static const struct {
	const char *bad[3], *good[3];	/* control/, domain/, user/ */
	const char *reverse_path;
	enum level level;
} levels[] = {
	{ { "@bad.test\n" }, { 0 }, "a@bad.test", LEVEL_GLOBAL },
	{ { "@bad.test\n", "@worse.test\n" }, { 0 },
	    "a@bad.test", LEVEL_DEFAULT },
	{ { "@bad.test\n", "@worse.test\n!inherit\n" }, { 0 },
	    "a@bad.test", LEVEL_GLOBAL },
	{ { "@bad.test\n", "@worse.test\n!inherit\n", "!inherit\n" }, { 0 },
	    "a@worse.test", LEVEL_DOMAIN },
	{ { "@bad.test\n", "!inherit\n", "" }, { 0 },
	    "a@bad.test", LEVEL_DEFAULT },
	{ { NULL, NULL, "a@bad.test\n" }, { 0 }, "a@bad.test", LEVEL_USER },
	/* Exceptions, which may stand at another level. */
	{ { "bad.test\n" }, { "a@bad.test\n" }, "a@bad.test",
	    LEVEL_DEFAULT },
	{ { "bad.test\n" }, { "a@bad.test\n" }, "b@bad.test",
	    LEVEL_GLOBAL },
	{ { "bad.test\n" }, { NULL, NULL, ".bad.test\n" }, "a@x.bad.test",
	    LEVEL_DEFAULT },
	{ { NULL, NULL, "bad.test\n" }, { "@bad.test\n" }, "a@bad.test",
	    LEVEL_DEFAULT },
	{ { "bad.test\n" }, { "@bad.test\n", NULL, "@x.test\n" },
	    "a@bad.test", LEVEL_GLOBAL },
	{ { "bad.test\n" }, { "@bad.test\n", NULL, "!inherit\n" },
	    "a@bad.test", LEVEL_DEFAULT },
	{ { "!inherit\nbad.test\n" }, { "!inherit\n" }, "a@bad.test",
	    LEVEL_GLOBAL },
};

START_TEST(each_level)
{
	static const char *const folders[] = { "control", "domain", "user" };
	int i;

	for (i = 0; i < 3; i++) {
		judge_file(folders[i], "badmailfrom", levels[_i].bad[i]);
		judge_file(folders[i], "goodmailfrom", levels[_i].good[i]);
	}
	judge_start(table, 1);
	judge_mail(levels[_i].reverse_path);
	judge_rcpt("c@d");
	judge_wants(_i, levels[_i].level != LEVEL_DEFAULT ? 553 : 0, "5.7.1",
	    levels[_i].level);
	judge_reset();
	judge_mail("");
	ck_assert_int_eq(judge_rcpt("c@d"), PASS);
}
END_TEST

/* Once a mail, with the list and its line. */
START_TEST(exception_is_logged)
{
	char log[1024];
	const char *line;
	int i;

	judge_file("control", "badmailfrom", "bad.test\n");
	judge_file("user", "goodmailfrom", "@bad.test\n");
	judge_start(table, 1);
	capture_start();
	judge_mail("a@bad.test");
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(judge_rcpt("c@d"), PASS);
	judge_reset();
	judge_mail("a@bad.test");
	judge_rcpt("c@d");
	capture_stop(log, sizeof log);
	for (line = log, i = 0; (line = strstr(line, "event=spared ")) != NULL;
	    line++, i++)
		ck_assert_ptr_nonnull(strstr(line, " filter=badmailfrom "
		    "level=user setting=goodmailfrom reason=@bad.test\n"));
	ck_assert_int_eq(i, 2);
}
END_TEST

/* Nobody can fill the log with them. */
START_TEST(exceptions_are_bounded)
{
	static char log[16384];
	const char *line;
	int i;

	judge_file("control", "badmailfrom", "bad.test\n");
	judge_file("control", "goodmailfrom", "bad.test\n");
	judge_start(table, 1);
	capture_start();
	for (i = 0; i < 50; i++) {
		judge_mail("a@bad.test");
		judge_rcpt("c@d");
		judge_reset();
	}
	capture_stop(log, sizeof log);
	for (line = log, i = 0; (line = strstr(line, "event=spared ")) != NULL;
	    line++, i++)
		;
	ck_assert_int_eq(i, 20);
}
END_TEST

/* One that is needed and cannot be read is no exception and no refusal. */
START_TEST(unreadable_exceptions)
{
	judge_file("control", "badmailfrom", "bad.test\n");
	home_file("control/goodmailfrom", NULL);
	judge_start(table, 1);
	judge_mail("a@good.test");
	ck_assert_int_eq(judge_rcpt("c@d"), PASS);
	judge_mail("a@bad.test");
	ck_assert_int_eq(judge_rcpt("c@d"), DROP);
	ck_assert_uint_eq(outcome.reply.code, 421);
	ck_assert_int_eq(outcome.is_ours, 1);
}
END_TEST

/* Of one recipient's, it puts off that one. */
START_TEST(unreadable_of_a_user)
{
	judge_file("user", "filterconf", "");
	home_file("user/badmailfrom", NULL);
	judge_start(table, 1);
	judge_mail("a@good.test");
	judge_rcpt("c@d");
	judge_wants(0, 451, "4.3.0", LEVEL_USER);
	judge_enter("", "");
	ck_assert_int_eq(judge_rcpt("e@d"), PASS);
}
END_TEST

SUITE("badmailfrom",
    { each_level, ROWS(levels), judge_make, judge_end },
    { exception_is_logged, 1, judge_make, judge_end },
    { exceptions_are_bounded, 1, judge_make, judge_end },
    { unreadable_exceptions, 1, judge_make, judge_end },
    { unreadable_of_a_user, 1, judge_make, judge_end },
    { each_row, ROWS(rows), judge_make, judge_end },
    { unreadable, 1, judge_make, judge_end },
    { absent, 1, judge_make, judge_end })
