#include "filter/table.h"

#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = { &filter_usersize };

static const struct {
	const char *domain, *user;
	uint64_t declared;
	unsigned code;
	const char *enhanced;
	enum level level;
} rows[] = {
	{ NULL, NULL, 1000000,			0, "", 0 },
	{ NULL, "usersize=1000\n", 0,		0, "", 0 },
	{ NULL, "usersize=1000\n", 1000,	0, "", 0 },
	{ NULL, "usersize=1000\n", 1001,	552, "5.2.3", LEVEL_USER },
	{ "usersize=1000\n", NULL, 1001,	552, "5.2.3", LEVEL_DOMAIN },
	{ "usersize=1000\n", "usersize=2000\n", 1001,	0, "", 0 },
	{ "usersize=1000\n", "usersize=0\n", 1001, 552, "5.2.3", LEVEL_DOMAIN },
	{ "usersize=1000\n", "usersize=-1\n", 1001,	0, "", 0 },
	{ "usersize=1000\n", "usersize=defer\n", 1001,
	    452, "4.2.3", LEVEL_DOMAIN },
	{ NULL, "usersize=99999999999999999999\n", UINT64_MAX, 0, "", 0 },
	{ NULL, "usersize=x\n", 1,		451, "4.3.0", LEVEL_DEFAULT },
	{ "usersize=x\n", "usersize=reject\n", 1,
	    451, "4.3.0", LEVEL_DOMAIN },
};

START_TEST(each_row)
{
	judge_file("domain", "filterconf", rows[_i].domain);
	judge_file("user", "filterconf", rows[_i].user);
	judge_start(table, 1);
	judge_mail("a@b");
	session.mail.declared_size = rows[_i].declared;
	judge_rcpt("c@d");
	judge_wants(_i, rows[_i].code, rows[_i].enhanced, rows[_i].level);
	if (rows[_i].code == 552)
		ck_assert_str_eq(outcome.reason, "SIZE=1001");
}
END_TEST

SUITE("usersize", { each_row, ROWS(rows), judge_make, judge_end })
