#include "filter/table.h"

#include "../judge.h"
#include "../suite.h"

/* Mails that each break another rule, and the phase that refuses them. */
#define NEVER	PHASE_COUNT
static const struct {
	const char *reverse_path, *forward_path;
	uint64_t recipients, size;
	unsigned hops;
	enum phase phase;
	const char *setting;
} mails[] = {
	{ "a@good.test", "joe@x",	0, 10, 0,	NEVER, NULL },
	{ "", "postmaster",		0, 10, 0,	NEVER, NULL },
	{ "a@bad.test", "joe@x",	0, 10, 0,	ON_RCPT, "badmailfrom" },
	{ "a@good.test", "gone@x",	0, 10, 0,	ON_RCPT, "badrcptto" },
	{ "a@good.test", "joe@x",	2, 10, 0,	ON_RCPT, "maxrcpt" },
	{ "a@good.test", "joe@x",	0, 11, 0,	ON_MESSAGE,
	    "databytes" },
	{ "a@good.test", "joe@x",	0, 10, 3,	ON_MESSAGE,
	    "maxhops" },
};

/* Returns the phase that refuses the mail. */
static enum phase
send_mail(int mail)
{
	if (judge_mail(mails[mail].reverse_path) != PASS)
		return ON_MAIL;
	session.mail.recipients = mails[mail].recipients;
	if (judge_rcpt(mails[mail].forward_path) != PASS)
		return ON_RCPT;
	if (judge(ON_DATA) != PASS)
		return ON_DATA;
	session.mail.size = mails[mail].size;
	session.mail.hops = mails[mail].hops;
	return judge(ON_MESSAGE) != PASS ? ON_MESSAGE : NEVER;
}

/* Every filter, and two mails of one session: each as if it were alone. */
START_TEST(each_pair)
{
	const int pair[] = { _i / ROWS(mails), _i % ROWS(mails) };
	int i;

	home_file("control/badmailfrom", "@bad.test\n");
	home_file("control/badrcptto", "gone@x\n");
	config.maxrcpt = 2;
	config.databytes = 10;
	config.maxhops = 3;
	judge_start(filters, filter_count);
	ck_assert_int_eq(judge(ON_CONNECT), PASS);
	ck_assert(stralloc_copys(&session.helo, "client.test"));
	ck_assert_int_eq(judge(ON_HELO), PASS);
	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(send_mail(pair[i]), mails[pair[i]].phase);
		if (mails[pair[i]].phase != NEVER)
			ck_assert_str_eq(outcome.setting,
			    mails[pair[i]].setting);
		judge_reset();
	}
}
END_TEST

/* A row that does nothing, or that settings could not name, is a mistake. */
START_TEST(rows_make_sense)
{
	size_t i, j;
	int hooks;

	for (i = 0; i < filter_count; i++) {
		for (hooks = 0, j = 0; j < PHASE_COUNT; j++)
			hooks += filters[i]->on[j] != NULL;
		ck_assert_int_gt(hooks, 0);
		ck_assert_uint_eq(strcspn(filters[i]->name, "= \t#"),
		    strlen(filters[i]->name));
		for (j = 0; j < i; j++)
			ck_assert_str_ne(filters[i]->name, filters[j]->name);
	}
}
END_TEST

SUITE("table",
    { each_pair, ROWS(mails) * ROWS(mails), judge_make, judge_end },
    { rows_make_sense, 1, NULL, NULL })
