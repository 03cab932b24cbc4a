#include "filter/table.h"

#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = { &filter_onebounce };

static const struct {
	const char *text, *reverse_path;
	const char *forward_paths[3];
	unsigned codes[3];
} rows[] = {
	{ "", "", { "c@d", "e@d", "f@d" }, { 0, 0, 0 } },
	{ "onebounce\n", "a@b", { "c@d", "e@d", "f@d" }, { 0, 0, 0 } },
	{ "onebounce\n", "", { "c@d", "e@d", "f@d" }, { 0, 550, 550 } },
	{ "onebounce\n", "", { "postmaster@d", "e@d", "postmaster" },
	    { 0, 550, 0 } },
};

/* The recipients taken before stay: Qsmtp drops them, too. */
START_TEST(each_row)
{
	uint64_t taken = 0;
	int i;

	judge_file("user", "filterconf", rows[_i].text);
	judge_start(table, 1);
	judge_mail(rows[_i].reverse_path);
	for (i = 0; i < 3; i++) {
		judge_take(rows[_i].forward_paths[i]);
		judge_wants(_i, rows[_i].codes[i], "5.5.3", LEVEL_USER);
		taken += rows[_i].codes[i] == 0;
		ck_assert_uint_eq(session.mail.recipients, taken);
	}
	judge_reset();
	judge_mail("");
	ck_assert_int_eq(judge_take("c@d"), PASS);
}
END_TEST

SUITE("onebounce", { each_row, ROWS(rows), judge_make, judge_end })
