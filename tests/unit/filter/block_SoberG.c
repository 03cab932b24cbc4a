#include "filter/table.h"

#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = { &filter_block_SoberG };

static const struct {
	const char *helo, *reverse_path;
	unsigned code;
} rows[] = {
	{ "joe.com",		"joe@mail.example.com",	550 },
	{ "JOE.com",		"joe@mail.example.COM",	550 },
	{ "joe.example.com",	"joe@mail.example.com",	0 },
	{ "joe.net",		"joe@mail.example.com",	0 },
	{ "joecom",		"joe@mail.example.com",	0 },
	{ "xjoe.com",		"joe@mail.example.com",	0 },
	{ "joe.com.",		"joe@mail.example.com",	0 },
	{ "joe.com",		"joe@com",		0 },
	{ ".com",		"@example.com",		0 },
	{ "joe.com",		"joe",			0 },
	{ "",			"joe@example.com",	0 },
	{ "joe.com",		"",			0 },
};

START_TEST(each_row)
{
	judge_file("control", "filterconf", "block_SoberG\n");
	judge_start(table, 1);
	ck_assert(stralloc_copys(&session.helo, rows[_i].helo));
	judge_mail(rows[_i].reverse_path);
	judge_rcpt("c@d");
	judge_wants(_i, rows[_i].code, "5.7.1", LEVEL_GLOBAL);
}
END_TEST

START_TEST(off)
{
	judge_start(table, 1);
	ck_assert(stralloc_copys(&session.helo, "joe.com"));
	judge_mail("joe@example.com");
	ck_assert_int_eq(judge_rcpt("c@d"), PASS);
}
END_TEST

SUITE("block_SoberG",
    { each_row, ROWS(rows), judge_make, judge_end },
    { off, 1, judge_make, judge_end })
