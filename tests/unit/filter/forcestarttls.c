#include "filter/table.h"

#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = { &filter_forcestarttls };

static const struct {
	const char *folder, *text, *tls, *forward_path;
	unsigned code;
	enum level level;
} rows[] = {
	{ "user", "", NULL, "c@d",			0, 0 },
	{ "user", "forcestarttls\n", NULL, "c@d",	530, LEVEL_USER },
	{ "user", "forcestarttls\n", "TLSv1.3", "c@d",	0, 0 },
	{ "user", "forcestarttls\n", NULL, "Postmaster@d", 0, 0 },
	{ "domain", "forcestarttls=1\n", NULL, "c@d",	530, LEVEL_DOMAIN },
	{ "control", "forcestarttls\n", NULL, "c@d",	530, LEVEL_GLOBAL },
	{ "user", "forcestarttls=-1\n", NULL, "c@d",	0, 0 },
	{ "user", "forcestarttls=defer\n", NULL, "c@d",	450, LEVEL_USER },
};

START_TEST(each_row)
{
	judge_file(rows[_i].folder, "filterconf", rows[_i].text);
	session.peer.tls = rows[_i].tls;
	judge_start(table, 1);
	judge_mail("a@b");
	judge_rcpt(rows[_i].forward_path);
	judge_wants(_i, rows[_i].code, rows[_i].code < 500 ? "4.7.0" :
	    "5.7.0", rows[_i].level);
}
END_TEST

SUITE("forcestarttls", { each_row, ROWS(rows), judge_make, judge_end })
