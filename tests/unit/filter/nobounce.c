#include "filter/table.h"

#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = { &filter_nobounce };

static const struct {
	const char *folder, *text, *reverse_path, *forward_path;
	unsigned code;
	enum level level;
} rows[] = {
	{ "user", "", "", "c@d",			0, 0 },
	{ "user", "nobounce\n", "", "c@d",		550, LEVEL_USER },
	{ "user", "nobounce\n", "a@b", "c@d",		0, 0 },
	{ "user", "nobounce\n", "", "postmaster@d",	0, 0 },
	{ "domain", "nobounce\n", "", "c@d",		550, LEVEL_DOMAIN },
	{ "control", "nobounce\n", "", "c@d",		550, LEVEL_GLOBAL },
	{ "user", "nobounce=0\n", "", "c@d",		0, 0 },
};

START_TEST(each_row)
{
	judge_file(rows[_i].folder, "filterconf", rows[_i].text);
	judge_start(table, 1);
	judge_mail(rows[_i].reverse_path);
	judge_rcpt(rows[_i].forward_path);
	judge_wants(_i, rows[_i].code, "5.7.1", rows[_i].level);
}
END_TEST

/* What the user of Qsmtp said with this key was never heard. */
START_TEST(nonexist_on_block)
{
	judge_file("user", "filterconf", "nobounce\nnonexist_on_block\n");
	judge_start(table, 1);
	judge_mail("");
	judge_rcpt("c@d");
	judge_wants(_i, 550, "5.1.1", LEVEL_USER);
}
END_TEST

SUITE("nobounce",
    { each_row, ROWS(rows), judge_make, judge_end },
    { nonexist_on_block, 1, judge_make, judge_end })
