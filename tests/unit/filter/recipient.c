#include "filter/table.h"

#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = { &filter_recipient };

/* What is known of the mailbox, and what is said of it. */
static const struct {
	enum existence existence;
	int is_full;
	const char *text;		/* a program's, or NULL */
	enum verdict verdict;
	unsigned code;
	const char *enhanced, *said;
} rows[] = {
	{ USER_UNCHECKED, 0, NULL,	PASS, 0, "", "" },
	{ USER_EXISTS, 0, NULL,		PASS, 0, "", "" },
	{ USER_ABSENT, 0, NULL,		REJECT, 550, "5.1.1", "(#5.1.1)" },
	{ USER_REFUSED, 0, NULL,	REJECT, 550, "5.1.1", "(#5.1.1)" },
	{ USER_REFUSED, 0, "moved",	REJECT, 550, "5.1.1", "moved" },
	{ USER_DEFERRED, 0, NULL,	DEFER, 451, "4.3.0", "(#4.3.0)" },
	{ USER_DEFERRED, 0, "soon",	DEFER, 451, "4.3.0", "soon" },
	{ USER_DEFERRED, 1, NULL,	DEFER, 452, "4.2.2", "(#4.2.2)" },
	{ USER_DEFERRED, 1, "full",	DEFER, 452, "4.2.2", "full" },
};

static void
know(int row)
{
	session.mail.user.existence = rows[row].existence;
	session.mail.user.is_full = rows[row].is_full;
	session.mail.user.back_end = "qmail";
	if (rows[row].text != NULL)
		ck_assert(stralloc_copys(&session.mail.user.text,
		    rows[row].text) && stralloc_0(&session.mail.user.text));
}

START_TEST(each_mailbox)
{
	judge_start(table, 1);
	know(_i);
	/* Whoever sends it. */
	session.relay = _i % 2 == 0 ? RELAY_ADDRESS : RELAY_NONE;
	ck_assert_int_eq(judge_rcpt("a@b.test"), rows[_i].verdict);
	if (rows[_i].verdict != PASS) {
		ck_assert_uint_eq(outcome.reply.code, rows[_i].code);
		ck_assert_str_eq(outcome.reply.enhanced, rows[_i].enhanced);
		ck_assert_ptr_nonnull(strstr(outcome.reply.text,
		    rows[_i].said));
		ck_assert_str_eq(outcome.setting, "recipientcheck");
		ck_assert_str_eq(outcome.reason, "qmail");
	}
	/* Mail to whom problems are reported is taken. */
	ck_assert_int_eq(judge_rcpt("Postmaster@b.test"), PASS);
}
END_TEST

SUITE("recipient",
    { each_mailbox, ROWS(rows), judge_make, judge_end })
