#include "filter/table.h"

#include <fcntl.h>

#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = { &filter_strict };

#define FROM	"From: a@b\n"
#define DATE	"Date: Thu, 1 Jan 1970 00:00:00 +0000\n"
#define FORM	FROM DATE

#define X50	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X249	X50 X50 X50 X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X998	X249 X249 X249 X249 "xx"

static struct spool spool;

static void
begin(void)
{
	judge_make();
	spool_start(&spool, ".", ".");
}

static void
end(void)
{
	session.mail.spool = NULL;
	spool_free(&spool);
	judge_end();
}

static void
set_message(const char *text, size_t len)
{
	spool_free(&spool);
	spool_start(&spool, ".", ".");
	ck_assert_int_eq(spool_write(&spool, text, len), OK);
	session.mail.spool = &spool;
}

/* What a message is refused for; NULL: it is taken. */
static const struct {
	const char *message, *why;
	int is_8bit;
} rows[] = {
	{ FORM "\ntext\n", NULL, 0 },
	{ FORM "\n", NULL, 0 },
	{ FORM, NULL, 0 },
	{ "date: x\nFROM: a@b\n\n", NULL, 0 },
	{ FORM "Sender: a@b\nReply-To: a@b\nTo: a@b\nCc: a@b\nBcc: a@b\n"
	    "Message-ID: <a@b>\nIn-Reply-To: <a@b>\nReferences: <a@b>\n"
	    "Subject: one\n\n", NULL, 0 },
	/* Those that must be there, */
	{ "", "no From", 0 },
	{ "\n", "no From", 0 },
	{ "text\n", "no From", 0 },
	{ DATE "\n", "no From", 0 },
	{ FROM "\n", "no Date", 0 },
	{ "\n" FORM, "no From", 0 },
	{ "X: y\n From: a@b\n" DATE "\n", "no From", 0 },
	{ FROM "X-Date: x\n\n", "no Date", 0 },
	{ FROM "Date-X: x\n\n", "no Date", 0 },
	/* and once, */
	{ FORM FROM "\n", "more than one From", 0 },
	{ FORM "from: a@b\n\n", "more than one From", 0 },
	{ FORM DATE "\n", "more than one Date", 0 },
	{ FORM "\n" FORM, NULL, 0 },
	{ FORM "Sender: a@b\nSender: a@b\n\n", "more than one Sender", 0 },
	{ FORM "Reply-To: a@b\nReply-To: a@b\n\n", "more than one Reply-To",
	    0 },
	{ FORM "To: a@b\nto: a@b\n\n", "more than one To", 0 },
	{ FORM "Cc: a@b\nX: y\nCC: a@b\n\n", "more than one Cc", 0 },
	{ FORM "Bcc:\nBcc:\n\n", "more than one Bcc", 0 },
	{ FORM "Message-ID: <a@b>\nMessage-Id: <a@b>\n\n",
	    "more than one Message-ID", 0 },
	{ FORM "In-Reply-To: <a@b>\nIn-Reply-To: <a@b>\n\n",
	    "more than one In-Reply-To", 0 },
	{ FORM "References: <a@b>\nReferences: <a@b>\n\n",
	    "more than one References", 0 },
	{ FORM "Subject: a\nSubject:\n\n", "more than one Subject", 0 },
	/* while others may come as often as they like. */
	{ FORM "Received: a\nReceived: b\nComments: a\nComments: b\n"
	    "Keywords: a\nKeywords: b\nResent-From: a@b\nResent-From: a@b\n"
	    "Subject-X: a\nSubject-X: b\n\n", NULL, 0 },
	/* A field has a colon; one of a folder of mails is none. */
	{ "From a@b Thu Jan  1 00:00:00 1970\n" FORM "\n", NULL, 0 },
	{ "From a@b Thu Jan  1 00:00:00 1970\n" DATE "\n", "no From", 0 },
	{ FROM "Date\n\n", "no Date", 0 },
	{ FROM "Date Thu: x\n\n", "no Date", 0 },
	{ FROM "Date : x\n\n", NULL, 0 },
	{ FROM "Date \t: x\n\n", NULL, 0 },
	{ FROM "Date\n : x\n\n", NULL, 0 },
	{ FROM "Date\n x: y\n\n", "no Date", 0 },
	{ FORM "Date : x\n\n", "more than one Date", 0 },
	{ FROM "Dat\ne: x\n\n", "no Date", 0 },
	/* From is a list of mailboxes. */
	{ "From: A B <a@b>, (c) c@d\n" DATE "\n", NULL, 0 },
	{ "From:\n a@b\n" DATE "\n", NULL, 0 },
	{ "From:\n" DATE "\n", "no list of mailboxes", 0 },
	{ "From: a\n" DATE "\n", "no list of mailboxes", 0 },
	{ "From: a@b c@d\n" DATE "\n", "no list of mailboxes", 0 },
	{ "From: <a@b\n" DATE "\n", "no list of mailboxes", 0 },
	{ "From: nobody:;\n" DATE "\n", "no list of mailboxes", 0 },
	/* Octets above 127, */
	{ FORM "Subject: gr\xc3\xbcn\n\n", "not in ASCII", 0 },
	{ FORM "Subject: gr\xc3\xbcn\n\n", "not in ASCII", 1 },
	{ FORM "Subject: x\n gr\xc3\xbcn\n\n", "not in ASCII", 1 },
	{ FORM "\x80: x\n\n", "not in ASCII", 1 },
	{ "From: \"\xfc\" <a@b>\n" DATE "\n", "not in ASCII", 1 },
	{ FORM "\ngr\xc3\xbcn\n", "BODY=8BITMIME", 0 },
	{ FORM "\ngr\xc3\xbcn\n", NULL, 1 },
	{ FORM "\n\x7f\n", NULL, 0 },
	{ FORM "\n\x80\n", "BODY=8BITMIME", 0 },
	/* and lines that are too long. */
	{ FORM "\n" X998 "\n", NULL, 0 },
	{ FORM "\n" X998 "\n" X998 "\n", NULL, 0 },
	{ FORM "\n" X998 "x\n", "more than 998", 0 },
	{ FORM "\n" X998 X998 "\n", "more than 998", 0 },
	{ FORM "\nx\n" X998 "x\nx\n", "more than 998", 0 },
	{ FORM "X:" X998 "\n\n", "more than 998", 0 },
	{ FORM "X:\n " X249 X249 X249 X249 "\n " X998 "\n\n", "more than 998",
	    0 },
	/* The first rule that is broken is the one that is named. */
	{ FROM "Subject: \xfc\n\n\xfc" X998 "\n", "no Date", 0 },
	{ FORM "Subject: \xfc\n\n\xfc" X998 "\n", "not in ASCII", 0 },
	{ FORM "\n\xfc" X998 "\n", "BODY=8BITMIME", 0 },
	{ FORM "\n\xfc" X998 "\n", "more than 998", 1 },
};

static void
assert_judged(const char *why)
{
	judge(ON_MESSAGE);
	if (why == NULL) {
		ck_assert_msg(outcome.verdict == PASS, "%s",
		    outcome.reply.text);
		return;
	}
	ck_assert_int_eq(outcome.verdict, REJECT);
	ck_assert_uint_eq(outcome.reply.code, 550);
	ck_assert_str_eq(outcome.reply.enhanced, "5.6.0");
	ck_assert_msg(strstr(outcome.reply.text, why) != NULL, "%s",
	    outcome.reply.text);
	ck_assert_ptr_nonnull(strstr(outcome.reply.text, " (#5.6.0)"));
	ck_assert_ptr_nonnull(strstr(outcome.reason, why));
	ck_assert_ptr_null(strstr(outcome.reason, "(#"));
	ck_assert_str_eq(outcome.setting, "check_strict_rfc2822");
	ck_assert_int_eq(outcome.is_ours, 0);
}

START_TEST(each_message)
{
	setenv("QSMTP_FILTERS", "check_strict_rfc2822", 1);
	judge_start(table, 1);
	judge_mail("a@b");
	ck_assert_int_eq(judge_rcpt("c@d"), PASS);
	ck_assert_int_eq(judge(ON_DATA), PASS);
	ck_assert_int_eq(chain_needs_spool(&chain), 1);
	session.mail.is_8bit = rows[_i].is_8bit;
	set_message(rows[_i].message, strlen(rows[_i].message));
	assert_judged(rows[_i].why);
}
END_TEST

/*
 * Each message again, behind a field so long that a block ends at each of its
 * octets in turn: where blocks end makes no difference.
 */
START_TEST(each_border)
{
	static const char filler[] = "X:\n";
	size_t len = strlen(rows[_i].message), before, most = 700;
	char *text = malloc(SPOOL_BLOCK + len);

	ck_assert_ptr_nonnull(text);
	setenv("QSMTP_FILTERS", "check_strict_rfc2822", 1);
	judge_start(table, 1);
	judge_mail("a@b");
	ck_assert_int_eq(judge_rcpt("c@d"), PASS);
	session.mail.is_8bit = rows[_i].is_8bit;
	if (len < most)
		most = len;
	for (before = 0; before <= most; before++) {
		size_t at = 0, head = SPOOL_BLOCK - before;

		for (; head - at >= 2 * sizeof filler - 2; at += 3)
			memcpy(text + at, filler, 3);
		memset(text + at, 'X', head - at - 2);
		memcpy(text + head - 2, filler + 1, 2);
		memcpy(text + head, rows[_i].message, len);
		set_message(text, head + len);
		assert_judged(rows[_i].why);
	}
	free(text);
}
END_TEST

/* Who is judged: the setting, the recipient, and what mode comes of it. */
static const struct {
	const char *setting, *recipient;
	int needs;
	enum verdict verdict;
	unsigned code;
} modes[] = {
	{ "", "c@d", 0, PASS, 0 },
	{ "check_strict_rfc2822=off", "c@d", 0, PASS, 0 },
	{ "check_strict_rfc2822=0", "c@d", 0, PASS, 0 },
	{ "check_strict_rfc2822=-1", "c@d", 0, PASS, 0 },
	{ "check_strict_rfc2822=1", "c@d", 1, REJECT, 550 },
	{ "check_strict_rfc2822=reject", "c@d", 1, REJECT, 550 },
	{ "check_strict_rfc2822=defer", "c@d", 1, DEFER, 450 },
	{ "check_strict_rfc2822=monitor", "c@d", 1, PASS, 0 },
	{ "check_strict_rfc2822", "postmaster", 0, PASS, 0 },
	{ "check_strict_rfc2822", "PostMaster@d", 0, PASS, 0 },
};

START_TEST(each_mode)
{
	int turn;

	setenv("QSMTP_FILTERS", modes[_i].setting, 1);
	/* Whoever may relay is not spared. */
	session.relay = RELAY_ADDRESS;
	judge_start(table, 1);
	for (turn = 0; turn < 2; turn++) {
		judge_mail("a@b");
		ck_assert_int_eq(judge_rcpt(modes[_i].recipient), PASS);
		ck_assert_int_eq(judge(ON_DATA), PASS);
		ck_assert_int_eq(chain_needs_spool(&chain), modes[_i].needs);
		if (modes[_i].needs)
			set_message("x\n", 2);
		ck_assert_int_eq(judge(ON_MESSAGE), modes[_i].verdict);
		ck_assert_uint_eq(outcome.reply.code, modes[_i].code);
		judge_reset();
	}
}
END_TEST

/* The recipients of mail after mail: one's wish is never another mail's. */
static const struct {
	const char *recipients[3];
	int needs;
} mails[] = {
	{ { "c@d", "postmaster" }, 1 },
	{ { "postmaster", "postmaster@d", "c@d" }, 0 },
	{ { "c@d", "e@d", "postmaster" }, 1 },
};

START_TEST(each_mail_by_itself)
{
	size_t i, turn, k;

	setenv("QSMTP_FILTERS", "check_strict_rfc2822", 1);
	judge_start(table, 1);
	for (turn = 0; turn < 6; turn++) {
		k = (turn + (size_t)_i) % (size_t)ROWS(mails);
		judge_mail("a@b");
		for (i = 0; i < 3 && mails[k].recipients[i] != NULL; i++) {
			enum verdict verdict =
			    judge_rcpt(mails[k].recipients[i]);
			int is_other = (strncmp(mails[k].recipients[i],
			    "postmaster", 10) == 0) == mails[k].needs;

			ck_assert_int_eq(verdict, is_other ? DEFER : PASS);
			if (is_other)
				ck_assert_uint_eq(outcome.reply.code, 452);
			else
				session.mail.recipients++;
		}
		ck_assert_int_eq(judge(ON_DATA), PASS);
		ck_assert_int_eq(chain_needs_spool(&chain), mails[k].needs);
		set_message("x\n", 2);
		ck_assert_int_eq(judge(ON_MESSAGE),
		    mails[k].needs ? REJECT : PASS);
		judge_reset();
	}
}
END_TEST

/* A spool that cannot be read is no fault of the message. */
START_TEST(unreadable)
{
	static char text[SPOOL_MEMORY + 1];

	setenv("QSMTP_FILTERS", "check_strict_rfc2822=monitor", 1);
	judge_start(table, 1);
	judge_mail("a@b");
	ck_assert_int_eq(judge_rcpt("c@d"), PASS);
	set_message(text, sizeof text);
	ck_assert_int_eq(ftruncate(spool.file, 100), 0);
	ck_assert_int_eq(judge(ON_MESSAGE), DEFER);
	ck_assert_uint_eq(outcome.reply.code, 451);
	ck_assert_str_eq(outcome.reply.enhanced, "4.3.0");
	ck_assert_int_eq(outcome.is_ours, 1);
	/* Nor is one that is not whole. */
	session.mail.spool = NULL;
	ck_assert_int_eq(judge(ON_MESSAGE), PASS);
}
END_TEST

SUITE("strict",
    { each_message, ROWS(rows), begin, end },
    { each_border, ROWS(rows), begin, end },
    { each_mode, ROWS(modes), begin, end },
    { each_mail_by_itself, ROWS(mails), begin, end },
    { unreadable, 1, begin, end })
