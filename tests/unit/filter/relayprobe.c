#include "filter/table.h"

#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = { &filter_relayprobe };

static const struct {
	const char *forward_path;
	enum relay relay;
	unsigned code;
} rows[] = {
	{ "a%b.test@example.test",	RELAY_NONE,	550 },
	{ "b.test!a@example.test",	RELAY_NONE,	550 },
	{ "a@b.test@example.test",	RELAY_NONE,	550 },
	{ "%@example.test",		RELAY_NONE,	550 },
	{ "a@example.test",		RELAY_NONE,	0 },
	{ "a=b.test@example.test",	RELAY_NONE,	0 },
	{ "postmaster",			RELAY_NONE,	0 },
	{ "a%b.test@example.test",	RELAY_ADDRESS,	0 },
	{ "a%b.test@example.test",	RELAY_AUTH,	0 },
};

START_TEST(each_row)
{
	judge_file("control", "filterconf", "relayprobe\n");
	session.relay = rows[_i].relay;
	judge_start(table, 1);
	judge_mail("a@b");
	judge_rcpt(rows[_i].forward_path);
	judge_wants(_i, rows[_i].code, "5.7.1", LEVEL_GLOBAL);
}
END_TEST

START_TEST(off)
{
	judge_start(table, 1);
	ck_assert_int_eq(judge_rcpt("a%b.test@example.test"), PASS);
}
END_TEST

SUITE("relayprobe",
    { each_row, ROWS(rows), judge_make, judge_end },
    { off, 1, judge_make, judge_end })
