#include "filter/table.h"

#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = {
	&filter_badcc, &filter_badrcptto,
};

#define MOST	4

/*
 * Recipients in their order, each with the folder of its settings, and which
 * are refused by badcc.  gone@d is refused by the filter behind it.
 */
static const struct {
	const char *control, *domain, *joe, *jim;	/* their badcc */
	struct {
		const char *folder, *mailbox;
		int is_refused;
	} asked[MOST];
} rows[] = {
	{ NULL, NULL, NULL, NULL, { { "joe", "joe@d", 0 },
	    { "jim", "jim@d", 0 }, { "joe", "joe@d", 0 } } },
	/* Earlier ones. */
	{ NULL, NULL, NULL, "joe@d\n", { { "joe", "joe@d", 0 },
	    { "jim", "jim@d", 1 } } },
	{ NULL, NULL, NULL, "JOE@D\n", { { "joe", "Joe@d", 0 },
	    { "jim", "jim@d", 1 } } },
	{ NULL, NULL, NULL, "@d\n", { { "joe", "joe@d", 0 },
	    { "jim", "jim@d", 1 }, { "", "x@e", 0 } } },
	{ NULL, NULL, NULL, "@d\n", { { "jim", "jim@d", 0 },
	    { "jim", "JIM@d", 0 } } },
	{ NULL, NULL, NULL, "x@d\n", { { "joe", "joe@d", 0 },
	    { "jim", "jim@d", 0 } } },
	/* Earlier ones that were refused count, too. */
	{ NULL, NULL, NULL, "gone@d\n", { { "", "gone@d", 0 },
	    { "jim", "jim@d", 1 } } },
	/* Levels. */
	{ "joe@d\n", NULL, NULL, NULL, { { "joe", "joe@d", 0 },
	    { "jim", "jim@d", 1 } } },
	{ "joe@d\n", NULL, NULL, "x@d\n", { { "joe", "joe@d", 0 },
	    { "jim", "jim@d", 0 } } },
	{ "joe@d\n", "", "", "x@d\n", { { "joe", "joe@d", 0 },
	    { "jim", "jim@d", 0 } } },
	{ "joe@d\n", "x@d\n!inherit\n", "", "!inherit\n",
	    { { "joe", "joe@d", 0 }, { "jim", "jim@d", 1 } } },
	/* Later ones, which Qsmtp never looks at. */
	{ NULL, NULL, "jim@d\n", NULL, { { "joe", "joe@d", 0 },
	    { "jim", "jim@d", 1 }, { "", "x@d", 0 } } },
	{ NULL, NULL, "jim@d\n", NULL, { { "joe", "joe@d", 0 },
	    { "", "x@d", 0 }, { "jim", "jim@d", 1 } } },
	{ NULL, NULL, "jim@d\n", "y@d\n", { { "joe", "joe@d", 0 },
	    { "", "jim@d", 1 }, { "", "y@d", 0 } } },
	{ NULL, NULL, "jim@d\n", "y@d\n", { { "joe", "joe@d", 0 },
	    { "jim", "jam@d", 0 }, { "", "y@d", 1 }, { "", "jim@d", 1 } } },
	/* The list of one that was refused binds nobody. */
	{ NULL, NULL, "jim@d\n", NULL, { { "joe", "gone@d", 0 },
	    { "jim", "jim@d", 0 } } },
	{ NULL, NULL, "jim@d\n", NULL, { { "joe", "gone@d", 0 },
	    { "", "x@d", 0 }, { "jim", "jim@d", 0 } } },
	/* Whoever is taken already may be asked for again. */
	{ "joe@d\n", NULL, NULL, NULL, { { "joe", "joe@d", 0 },
	    { "joe", "joe@d", 0 } } },
	{ NULL, NULL, "gone@d\n", NULL, { { "joe", "joe@d", 0 },
	    { "joe", "joe@d", 0 }, { "", "gone@d", 1 } } },
};

static void
start(int row)
{
	judge_file("control", "badrcptto", "gone@d\n");
	judge_file("control", "badcc", rows[row].control);
	judge_file("domain", "badcc", rows[row].domain);
	judge_file("joe", "badcc", rows[row].joe);
	judge_file("jim", "badcc", rows[row].jim);
	judge_start(table, 2);
}

static void
ask_all(int row)
{
	int i;

	judge_mail("a@b");
	for (i = 0; i < MOST && rows[row].asked[i].mailbox != NULL; i++) {
		int is_refused;

		judge_enter("domain", rows[row].asked[i].folder);
		judge_take(rows[row].asked[i].mailbox);
		is_refused = outcome.verdict == REJECT &&
		    strcmp(outcome.setting, "badcc") == 0;
		ck_assert_msg(is_refused == rows[row].asked[i].is_refused,
		    "row %d: %s, refused %d", row,
		    rows[row].asked[i].mailbox, is_refused);
		if (is_refused)
			ck_assert_uint_eq(outcome.reply.code, 550);
	}
	judge_reset();
}

/* And once more: nothing of a mail is left for the next one. */
START_TEST(each_row)
{
	start(_i);
	ask_all(_i);
	ask_all(_i);
}
END_TEST

START_TEST(next_mail)
{
	judge_file("joe", "badcc", "jim@d\n");
	judge_start(table, 2);
	judge_mail("a@b");
	judge_enter("", "joe");
	ck_assert_int_eq(judge_take("joe@d"), PASS);
	judge_reset();
	judge_mail("a@b");
	judge_enter("", "");
	ck_assert_int_eq(judge_take("jim@d"), PASS);
	judge_enter("", "joe");
	ck_assert_int_eq(judge_take("joe@d"), REJECT);
	ck_assert_int_eq(outcome.level, LEVEL_USER);
	ck_assert_str_eq(outcome.reason, "jim@d");
}
END_TEST

/* Nor of a recipient that was refused: only lists of this mail's count. */
START_TEST(lists_of_others)
{
	judge_file("control", "badrcptto", "gone@d\n");
	judge_file("joe", "badcc", "jim@d\n");
	judge_file("ann", "badcc", "x@d\n");
	judge_start(table, 2);
	judge_enter("", "joe");
	ck_assert_int_eq(judge_take("joe@d"), PASS);
	judge_reset();
	judge_enter("", "ann");
	ck_assert_int_eq(judge_take("ann@d"), PASS);
	judge_enter("", "");
	ck_assert_int_eq(judge_take("jim@d"), PASS);
	judge_reset();
	judge_enter("", "joe");
	ck_assert_int_eq(judge_take("gone@d"), REJECT);
	judge_enter("", "ann");
	ck_assert_int_eq(judge_take("ann@d"), PASS);
	judge_enter("", "");
	ck_assert_int_eq(judge_take("jim@d"), PASS);
	ck_assert_int_eq(judge_take("x@d"), REJECT);
}
END_TEST

START_TEST(later_reason)
{
	judge_file("joe", "badcc", "@d\n");
	judge_start(table, 2);
	judge_enter("", "joe");
	ck_assert_int_eq(judge_take("joe@e"), PASS);
	judge_enter("", "");
	ck_assert_int_eq(judge_take("jim@d"), REJECT);
	ck_assert_str_eq(outcome.reason,
	    "a recipient accepted before lists @d");
	ck_assert_ptr_nonnull(strstr(outcome.reply.text, "of another one"));
}
END_TEST

/* Who only monitors, or is off, binds nobody; who is off is not judged. */
static const struct {
	const char *joe, *jim;
	int is_refused;
} modes[] = {
	{ "", "",			1 },
	{ "badcc=monitor\n", "",	0 },
	{ "badcc=off\n", "",		0 },
	{ "badcc=defer\n", "",		1 },
	{ "", "badcc=off\n",		0 },
	{ "", "badcc=monitor\n",	0 },
};

START_TEST(each_mode)
{
	judge_file("joe", "badcc", "jim@d\n");
	judge_file("joe", "filterconf", modes[_i].joe);
	judge_file("jim", "filterconf", modes[_i].jim);
	judge_start(table, 2);
	judge_enter("", "joe");
	ck_assert_int_eq(judge_take("joe@d"), PASS);
	judge_enter("", "jim");
	ck_assert_int_eq(judge_take("jim@d"), modes[_i].is_refused ? REJECT :
	    PASS);
}
END_TEST

/* RELAYCLIENT's value stands behind the forward-paths of the envelope. */
START_TEST(suffix)
{
	judge_file("joe", "badcc", "jim@d\n");
	session.relay_suffix = "@relay";
	judge_start(table, 2);
	judge_enter("", "joe");
	ck_assert_int_eq(judge_rcpt("joe@d"), PASS);
	ck_assert(stralloc_copyb(&session.mail.envelope,
	    TEXT("Tjoe@d@relay\0")));
	session.mail.recipients++;
	judge_enter("", "");
	ck_assert_int_eq(judge_rcpt("jim@d"), REJECT);
}
END_TEST

/* Too many to remember: who depends on them comes back alone. */
START_TEST(too_many)
{
	char mailbox[600];
	int i;

	memset(mailbox, 'x', sizeof mailbox);
	strcpy(mailbox + sizeof mailbox - 3, "@d");
	judge_file("jim", "badcc", "y@d\n");
	judge_start(table, 2);
	judge_enter("", "");
	for (i = 0; i < 150; i++)
		judge_rcpt(mailbox);
	ck_assert_uint_le(session.mail.asked.len, SESSION_ASKED);
	ck_assert_int_eq(judge_rcpt("joe@d"), PASS);
	judge_enter("", "jim");
	judge_rcpt("jim@d");
	judge_wants(0, 452, "4.5.3", LEVEL_USER);
	judge_reset();
	ck_assert_int_eq(judge_rcpt("jim@d"), PASS);
}
END_TEST

/* So with lists that are too long to be kept for all. */
START_TEST(long_lists)
{
	static char text[900000];
	size_t at;

	for (at = 0; at + 10 < sizeof text; at += 6)
		strcpy(text + at, "abc@d\n");
	judge_file("joe", "badcc", text);
	text[0] = 'x';
	judge_file("jim", "badcc", text);
	judge_start(table, 2);
	judge_enter("", "joe");
	ck_assert_int_eq(judge_take("joe@d"), PASS);
	judge_enter("", "jim");
	judge_take("jim@d");
	judge_wants(0, 452, "4.5.3", LEVEL_USER);
	judge_enter("", "joe");
	ck_assert_int_eq(judge_take("jam@d"), PASS);
}
END_TEST

START_TEST(unreadable)
{
	judge_unreadable(&filter_badcc, ON_RCPT);
}
END_TEST

SUITE("badcc",
    { each_row, ROWS(rows), judge_make, judge_end },
    { next_mail, 1, judge_make, judge_end },
    { lists_of_others, 1, judge_make, judge_end },
    { later_reason, 1, judge_make, judge_end },
    { each_mode, ROWS(modes), judge_make, judge_end },
    { suffix, 1, judge_make, judge_end },
    { too_many, 1, judge_make, judge_end },
    { long_lists, 1, judge_make, judge_end },
    { unreadable, 1, judge_make, judge_end })
