#include "filter/table.h"

#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = { &filter_nomail };

#define OURS	"this recipient takes no mail"

static const struct {
	const char *line;
	unsigned code;
	const char *enhanced, *text;
} rows[] = {
	{ "550 5.2.1 gone for good\n",	550, "5.2.1", "gone for good" },
	{ "450 4.2.1 away till May\n",	450, "4.2.1", "away till May" },
	{ "gone, write to joe@x\n",	550, "5.7.1", "gone, write to joe@x" },
	{ "no line end",		550, "5.7.1", "no line end" },
	{ "first\nsecond\n",		550, "5.7.1", "first" },
	{ "# why\n\n \t\n552 5.2.2 full # now\n", 552, "5.2.2", "full" },
	{ "see \\#3\n",			550, "5.7.1", "see #3" },
	{ "550 5.2.1 \n",		550, "5.2.1", OURS },
	{ "550 5.2.1\n",		550, "5.2.1", OURS },
	{ "",				550, "5.7.1", OURS },
	{ "\n\n",			550, "5.7.1", OURS },
	{ "# nothing",			550, "5.7.1", OURS },
	/* What is no pair of codes is text. */
	{ "450 5.2.1 x\n",		550, "5.7.1", "450 5.2.1 x" },
	{ "550 4.2.1 x\n",		550, "5.7.1", "550 4.2.1 x" },
	{ "250 2.1.5 x\n",		550, "5.7.1", "250 2.1.5 x" },
	{ "550 5.2.10 x\n",		550, "5.7.1", "550 5.2.10 x" },
	{ "550 5.2.1x\n",		550, "5.7.1", "550 5.2.1x" },
	{ "550  5.2.1 x\n",		550, "5.7.1", "550  5.2.1 x" },
	{ "550-5.2.1 x\n",		550, "5.7.1", "550-5.2.1 x" },
	{ "5\n",			550, "5.7.1", "5" },
	/* Codes that would end the session, or blame the client. */
	{ "421 4.3.2 x\n",		450, "4.3.2", "x" },
	{ "501 5.1.1 x\n",		550, "5.1.1", "x" },
	{ "555 5.1.1 x\n",		550, "5.1.1", "x" },
	{ "511 5.1.1 x\n",		511, "5.1.1", "x" },
	{ "550 5.2.1 a\x01\x80\r\n",	550, "5.2.1", "a???" },
};

START_TEST(each_row)
{
	judge_file("user", "nomail", rows[_i].line);
	judge_start(table, 1);
	judge_mail("a@b");
	judge_rcpt("c@d");
	judge_wants(_i, rows[_i].code, rows[_i].enhanced, LEVEL_USER);
	ck_assert_str_eq(outcome.reply.text, rows[_i].text);
	ck_assert_int_eq(judge_rcpt("postmaster@d"), PASS);
}
END_TEST

/* The user's counts alone, then the domain's; control/nomail never. */
static const struct {
	const char *control, *domain, *user, *filterconf, *text;
	enum level level;
} levels[] = {
	{ "g\n", NULL, NULL, NULL,		NULL, LEVEL_DEFAULT },
	{ "g\n", "d\n", NULL, NULL,		"d", LEVEL_DOMAIN },
	{ "g\n", "d\n", "u\n", NULL,		"u", LEVEL_USER },
	{ NULL, NULL, "u\n", NULL,		"u", LEVEL_USER },
	{ NULL, NULL, NULL, "nomail=reject\n",	NULL, LEVEL_DEFAULT },
	{ NULL, "d\n", NULL, "nomail=off\n",	NULL, LEVEL_DEFAULT },
};

START_TEST(each_level)
{
	judge_file("control", "nomail", levels[_i].control);
	judge_file("domain", "nomail", levels[_i].domain);
	judge_file("user", "nomail", levels[_i].user);
	judge_file("user", "filterconf", levels[_i].filterconf);
	judge_start(table, 1);
	judge_mail("a@b");
	judge_rcpt("c@d");
	judge_wants(_i, levels[_i].text != NULL ? 550 : 0, "5.7.1",
	    levels[_i].level);
	if (levels[_i].text != NULL)
		ck_assert_str_eq(outcome.reply.text, levels[_i].text);
}
END_TEST

START_TEST(unreadable)
{
	judge_file("user", "filterconf", "");
	home_file("user/nomail", NULL);
	judge_start(table, 1);
	judge_rcpt("c@d");
	judge_wants(0, 451, "4.3.0", LEVEL_USER);
	ck_assert_int_eq(outcome.is_ours, 1);
}
END_TEST

START_TEST(long_line)
{
	char line[5000];

	memset(line, 'x', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	judge_file("user", "nomail", line);
	judge_start(table, 1);
	ck_assert_int_eq(judge_rcpt("c@d"), REJECT);
	ck_assert_uint_lt(strlen(outcome.reply.text), 450);
}
END_TEST

/* By Qsmtp's key a refusal for now becomes one for good. */
START_TEST(fail_hard)
{
	judge_file("user", "nomail", "450 4.2.1 away\n");
	judge_file("user", "filterconf", "fail_hard_on_temp\n");
	judge_start(table, 1);
	judge_rcpt("c@d");
	judge_wants(0, 550, "5.2.1", LEVEL_USER);
}
END_TEST

SUITE("nomail",
    { each_row, ROWS(rows), judge_make, judge_end },
    { each_level, ROWS(levels), judge_make, judge_end },
    { unreadable, 1, judge_make, judge_end },
    { long_line, 1, judge_make, judge_end },
    { fail_hard, 1, judge_make, judge_end })
