#include "filter/table.h"

#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = { &filter_noapos };

static const struct {
	const char *reverse_path;
	unsigned code;
} rows[] = {
	{ "o'neill@b.test",	550 },
	{ "'@b.test",		550 },
	{ "'",			550 },
	{ "oneill@b.test",	0 },
	{ "oneill@b'.test",	0 },
	{ "",			0 },
};

START_TEST(each_row)
{
	judge_file("user", "filterconf", "noapos\n");
	judge_start(table, 1);
	judge_mail(rows[_i].reverse_path);
	judge_rcpt("postmaster@d");
	judge_wants(_i, 0, "", 0);
	judge_rcpt("c@d");
	judge_wants(_i, rows[_i].code, "5.7.1", LEVEL_USER);
}
END_TEST

START_TEST(off)
{
	judge_start(table, 1);
	judge_mail("o'neill@b.test");
	ck_assert_int_eq(judge_rcpt("c@d"), PASS);
}
END_TEST

SUITE("noapos",
    { each_row, ROWS(rows), judge_make, judge_end },
    { off, 1, judge_make, judge_end })
