#include "filter/table.h"

#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = { &filter_loop };

static const struct {
	uint64_t maxhops;
	unsigned hops;
	enum relay relay;
	enum verdict verdict;
} rows[] = {
	{ 100, 0,	RELAY_NONE,	PASS },
	{ 100, 99,	RELAY_NONE,	PASS },
	{ 100, 100,	RELAY_NONE,	REJECT },
	{ 100, 101,	RELAY_NONE,	REJECT },
	{ 0, 100000,	RELAY_NONE,	PASS },
	{ 1, 1,		RELAY_NONE,	REJECT },
	{ 100, 100,	RELAY_ADDRESS,	REJECT },
};

START_TEST(each_row)
{
	config.maxhops = rows[_i].maxhops;
	session.relay = rows[_i].relay;
	judge_start(table, 1);
	judge_mail("a@b");
	ck_assert_int_eq(judge_rcpt("postmaster"), PASS);
	session.mail.hops = rows[_i].hops;
	ck_assert_int_eq(judge(ON_MESSAGE), rows[_i].verdict);
	if (rows[_i].verdict == PASS)
		return;
	ck_assert_uint_eq(outcome.reply.code, 554);
	ck_assert_str_eq(outcome.reply.enhanced, "5.4.6");
	judge_reset();
	ck_assert_int_eq(judge(ON_MESSAGE), PASS);
}
END_TEST

SUITE("loop",
    { each_row, ROWS(rows), judge_make, judge_end })
