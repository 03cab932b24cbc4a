#include "filter/table.h"

#include "../cdb.h"
#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = { &filter_localsender };

static const struct cdb_record records[] = {
	{ TEXT("joe@b.test"), TEXT("") },
};

static const struct {
	const char *sender;		/* NULL: the null reverse-path */
	int refused;
} rows[] = {
	{ "joe@b.test",		0 },
	{ "JOE@B.test",		0 },
	{ "nobody@b.test",	1 },
	{ "postmaster@b.test",	1 },
	{ "nobody@far.test",	0 },
	{ "nobody",		0 },
	{ NULL,			0 },
};

static void
start(const char *wanted)
{
	home_file("control/rcpthosts", "b.test\n");
	home_file("control/recipientcheck", ":cdb\n");
	cdb_write("control/validrcptto.cdb", records, 1);
	if (wanted != NULL)
		ck_assert_int_eq(setenv("QSMTP_FILTERS", wanted, 1), 0);
	judge_start(table, 1);
}

static enum verdict
judge_sender(const char *sender)
{
	judge_reset();
	if (sender != NULL)
		judge_path(&session.mail.reverse_path, sender);
	return judge_rcpt("c@d.test");
}

START_TEST(each_sender)
{
	int again;

	start("localsender");
	ck_assert_int_eq(judge_sender("nobody@far.test"), PASS);
	for (again = 0; again < 2; again++)
		ck_assert_int_eq(again ? judge_rcpt("e@f.test") :
		    judge_sender(rows[_i].sender),
		    rows[_i].refused ? REJECT : PASS);
	if (!rows[_i].refused)
		return;
	ck_assert_uint_eq(outcome.reply.code, 550);
	ck_assert_str_eq(outcome.reply.enhanced, "5.1.8");
	ck_assert_str_eq(outcome.setting, "localsender");
	ck_assert_str_eq(outcome.reason, "cdb");
	/* The next mail is judged by its own sender. */
	ck_assert_int_eq(judge_sender("joe@b.test"), PASS);
}
END_TEST

/* Off where nobody wants it, and for clients that may relay. */
START_TEST(is_spared)
{
	start(_i == 0 ? NULL : "localsender");
	session.relay = _i == 0 ? RELAY_NONE : RELAY_ADDRESS;
	ck_assert_int_eq(judge_sender("nobody@b.test"), PASS);
}
END_TEST

/* Without an answer nobody is refused for good. */
static const char *const faults[] = {
	"control/validrcptto.cdb", "control/rcpthosts",
};

START_TEST(each_fault)
{
	start("localsender");
	ck_assert_int_eq(unlink(faults[_i]), 0);
	home_file(faults[_i], NULL);
	ck_assert_int_eq(judge_sender("joe@b.test"), DEFER);
	ck_assert_uint_eq(outcome.reply.code, 451);
	ck_assert_str_eq(outcome.reply.enhanced, "4.3.0");
	ck_assert_int_eq(outcome.is_ours, 1);
	ck_assert_str_eq(control.failed, faults[_i]);
}
END_TEST

SUITE("localsender",
    { each_sender, ROWS(rows), judge_make, judge_end },
    { is_spared, 2, judge_make, judge_end },
    { each_fault, ROWS(faults), judge_make, judge_end })
