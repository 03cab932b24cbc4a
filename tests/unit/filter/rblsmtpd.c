#include "filter/table.h"

#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = { &filter_rblsmtpd };

static const struct {
	const char *listed;
	enum relay relay;
	unsigned code;
	const char *enhanced, *text;
} rows[] = {
	{ NULL,			RELAY_NONE,	0, "", NULL },
	{ "",			RELAY_NONE,	0, "", NULL },
	{ "-go away",		RELAY_NONE,	553, "5.7.1", "go away" },
	{ "come later",		RELAY_NONE,	451, "4.7.1", "come later" },
	{ "-",			RELAY_NONE,	553, "5.7.1",
	    "your host is on a list here" },
	{ "--",			RELAY_NONE,	553, "5.7.1", "-" },
	{ "-a\r\n250 \x80",	RELAY_NONE,	553, "5.7.1", "a??250 ?" },
	{ "-go away",		RELAY_ADDRESS,	0, "", NULL },
	{ "come later",		RELAY_AUTH,	0, "", NULL },
};

START_TEST(each_row)
{
	if (rows[_i].listed != NULL)
		setenv("RBLSMTPD", rows[_i].listed, 1);
	peer_read(&session.peer);
	session.relay = rows[_i].relay;
	judge_start(table, 1);
	judge_mail("a@b");
	judge_rcpt("c@d");
	judge_wants(_i, rows[_i].code, rows[_i].enhanced, LEVEL_DEFAULT);
	judge_rcpt("postmaster@d");
	judge_wants(_i, rows[_i].code, rows[_i].enhanced, LEVEL_DEFAULT);
	if (rows[_i].text != NULL)
		ck_assert_str_eq(outcome.reply.text, rows[_i].text);
}
END_TEST

/* Empty, it lets the client off DNS lists, and off nothing else. */
START_TEST(off_lists)
{
	ck_assert_int_eq(session_is_off_lists(&session), 0);
	session.peer.listed = "-no";
	ck_assert_int_eq(session_is_off_lists(&session), 0);
	session.peer.listed = "";
	ck_assert_int_eq(session_is_off_lists(&session), 1);
}
END_TEST

START_TEST(long_text)
{
	char text[5000];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	session.peer.listed = text;
	judge_start(table, 1);
	ck_assert_int_eq(judge_rcpt("c@d"), DEFER);
	ck_assert_uint_lt(strlen(outcome.reply.text), 450);
}
END_TEST

SUITE("rblsmtpd",
    { each_row, ROWS(rows), judge_make, judge_end },
    { off_lists, 1, judge_make, judge_end },
    { long_text, 1, judge_make, judge_end })
