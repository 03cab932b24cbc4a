#include "filter/table.h"

#include "../capture.h"
#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = { &filter_smtp_space_bug };

/* What forgives a blank: EHLO, TLS, AUTH. */
static const struct {
	const char *value;
	unsigned codes[4];	/* of HELO, EHLO, EHLO in TLS, AUTH */
} rows[] = {
	{ "0",		{ 0, 0, 0, 0 } },
	{ "1",		{ 500, 0, 0, 0 } },
	{ "2",		{ 500, 500, 0, 0 } },
	{ "3",		{ 500, 500, 500, 0 } },
	{ "255",	{ 500, 500, 500, 500 } },
	{ "4",		{ 0, 0, 0, 0 } },
	{ "254",	{ 0, 0, 0, 0 } },
	{ "-1",		{ 0, 0, 0, 0 } },
};

START_TEST(each_row)
{
	char text[64];
	int i;

	snprintf(text, sizeof text, "smtp_space_bug=%s\n", rows[_i].value);
	judge_file("user", "filterconf", text);
	judge_start(table, 1);
	for (i = 0; i < 4; i++) {
		session.greeted = i == 0 ? VERB_HELO : VERB_EHLO;
		session.peer.tls = i == 2 ? "TLSv1.3" : NULL;
		if (i == 3)
			session.relay = RELAY_AUTH;
		judge_mail("a@b");
		ck_assert_int_eq(judge_rcpt("c@d"), PASS);
		session.mail.notes = NOTE_BLANK_AT_END | NOTE_NO_BRACKETS;
		ck_assert_int_eq(judge_rcpt("c@d"), PASS);
		session.mail.notes = NOTE_BLANK_BEFORE_PATH;
		judge_rcpt("c@d");
		judge_wants(_i, rows[_i].codes[i], "5.5.2", LEVEL_USER);
		ck_assert_int_eq(judge_rcpt("postmaster@d"), PASS);
		judge_reset();
	}
}
END_TEST

/* A value that nobody knows passes, and is told of once a session. */
START_TEST(unknown_is_logged_once)
{
	char log[1024];
	const char *first;
	int i;

	judge_file("user", "filterconf", "smtp_space_bug=4\n");
	judge_start(table, 1);
	capture_start();
	for (i = 0; i < 3; i++) {
		judge_mail("a@b");
		session.mail.notes = NOTE_BLANK_BEFORE_PATH;
		ck_assert_int_eq(judge_rcpt("c@d"), PASS);
		judge_reset();
	}
	capture_stop(log, sizeof log);
	first = strstr(log, "event=unknown ");
	ck_assert_ptr_nonnull(first);
	ck_assert_ptr_nonnull(strstr(first, " key=smtp_space_bug "));
	ck_assert_ptr_null(strstr(first + 1, "event=unknown "));
}
END_TEST

SUITE("smtp_space_bug",
    { each_row, ROWS(rows), judge_make, judge_end },
    { unknown_is_logged_once, 1, judge_make, judge_end })
