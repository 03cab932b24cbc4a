#include "filter/table.h"

#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = { &filter_limits };

static const struct {
	uint64_t maxrcpt, maxrcptrelay, recipients;
	enum relay relay;
	const char *setting;	/* NULL: one more is taken */
} counts[] = {
	{ 3, 0, 0,	RELAY_NONE,	NULL },
	{ 3, 0, 2,	RELAY_NONE,	NULL },
	{ 3, 0, 3,	RELAY_NONE,	"maxrcpt" },
	{ 3, 0, 4,	RELAY_NONE,	"maxrcpt" },
	{ 0, 3, 1000,	RELAY_NONE,	NULL },
	{ 3, 0, 1000,	RELAY_ADDRESS,	NULL },
	{ 3, 5, 4,	RELAY_ADDRESS,	NULL },
	{ 3, 5, 5,	RELAY_ADDRESS,	"maxrcptrelay" },
};

START_TEST(each_count)
{
	config.maxrcpt = counts[_i].maxrcpt;
	config.maxrcptrelay = counts[_i].maxrcptrelay;
	session.relay = counts[_i].relay;
	judge_start(table, 1);
	judge_mail("a@b");
	session.mail.recipients = counts[_i].recipients;
	judge_rcpt("postmaster");
	if (counts[_i].setting == NULL) {
		ck_assert_int_eq(outcome.verdict, PASS);
		return;
	}
	ck_assert_int_eq(outcome.verdict, DEFER);
	ck_assert_uint_eq(outcome.reply.code, 452);
	ck_assert_str_eq(outcome.reply.enhanced, "4.5.3");
	ck_assert_str_eq(outcome.setting, counts[_i].setting);
	/* The next mail begins with none. */
	judge_reset();
	judge_mail("a@b");
	ck_assert_int_eq(judge_rcpt("c@d"), PASS);
}
END_TEST

static const struct {
	uint64_t databytes, size;
	const char *setting;
	enum verdict verdict;
	unsigned code;
} sizes[] = {
	{ 1000, 999,		"",			PASS, 0 },
	{ 1000, 1000,		"",			PASS, 0 },
	{ 1000, 1001,		"",			REJECT, 552 },
	{ 0, UINT64_MAX,	"",			PASS, 0 },
	{ UINT64_MAX, UINT64_MAX, "",			PASS, 0 },
	{ 1000, 1001,		"limits=defer",		DEFER, 452 },
	{ 1000, 1001,		"limits=monitor",	PASS, 0 },
	{ 1000, 1001,		"limits=off",		PASS, 0 },
};

START_TEST(each_size)
{
	setenv("QSMTP_FILTERS", sizes[_i].setting, 1);
	config.databytes = sizes[_i].databytes;
	/* Nobody is spared. */
	session.relay = RELAY_ADDRESS;
	judge_start(table, 1);
	judge_mail("a@b");
	ck_assert_int_eq(judge_rcpt("c@d"), PASS);
	session.mail.size = sizes[_i].size;
	ck_assert_int_eq(judge(ON_MESSAGE), sizes[_i].verdict);
	ck_assert_uint_eq(outcome.reply.code, sizes[_i].code);
	if (sizes[_i].verdict != PASS)
		ck_assert_str_eq(outcome.setting, "databytes");
}
END_TEST

SUITE("limits",
    { each_count, ROWS(counts), judge_make, judge_end },
    { each_size, ROWS(sizes), judge_make, judge_end })
