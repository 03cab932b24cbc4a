#include "filter/table.h"

#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = {
	&filter_whitelistauth, &filter_badmailfrom, &filter_nobounce,
	&filter_limits,
};

/* Settings of a level; whether badmailfrom is heard. */
static const struct {
	const char *folder, *text;
	const char *user;		/* who logged in, or NULL */
	enum relay relay;
	int is_refused;
} rows[] = {
	{ "control", "",			"joe", RELAY_AUTH,	1 },
	{ "control", "whitelistauth\n",		"joe", RELAY_AUTH,	0 },
	{ "control", "whitelistauth=1\n",	"joe", RELAY_AUTH,	0 },
	{ "control", "whitelistauth=-1\n",	"joe", RELAY_AUTH,	1 },
	{ "domain", "whitelistauth\n",		"joe", RELAY_AUTH,	0 },
	{ "user", "whitelistauth\n",		"joe", RELAY_AUTH,	0 },
	/* A certificate is as good as a login. */
	{ "control", "whitelistauth\n",		NULL, RELAY_CERTIFICATE, 0 },
	/* Who may relay by its address, or not at all, did not log in. */
	{ "control", "whitelistauth\n",		NULL, RELAY_ADDRESS,	1 },
	{ "control", "whitelistauth\n",		NULL, RELAY_NONE,	1 },
};

START_TEST(each_row)
{
	judge_file(rows[_i].folder, "filterconf", rows[_i].text);
	judge_file("control", "badmailfrom", "@bad.test\n");
	session.relay = rows[_i].relay;
	if (rows[_i].user != NULL)
		ck_assert(stralloc_copys(&session.user, rows[_i].user) &&
		    stralloc_0(&session.user));
	judge_start(table, ROWS(table));
	judge_mail("a@bad.test");
	judge_rcpt("c@d");
	judge_wants(_i, rows[_i].is_refused ? 553 : 0, "5.7.1", LEVEL_GLOBAL);
	judge_rcpt("postmaster@d");
	judge_wants(_i, rows[_i].is_refused ? 553 : 0, "5.7.1", LEVEL_GLOBAL);
	ck_assert_int_eq(session.relay, rows[_i].relay);
}
END_TEST

/* One user's wish spares nobody else's filters. */
START_TEST(of_one_user)
{
	judge_file("user", "filterconf", "whitelistauth\n");
	judge_file("other", "filterconf", "whitelistauth=-1\n");
	judge_file("control", "badmailfrom", "@bad.test\n");
	session.relay = RELAY_AUTH;
	ck_assert(stralloc_copys(&session.user, "joe") &&
	    stralloc_0(&session.user));
	judge_start(table, ROWS(table));
	judge_mail("a@bad.test");
	ck_assert_int_eq(judge_take("c@d"), PASS);
	judge_enter("domain", "other");
	ck_assert_int_eq(judge_take("e@d"), REJECT);
	judge_enter("domain", "user");
	ck_assert_int_eq(judge_take("f@d"), PASS);
}
END_TEST

/* Limits spare nobody. */
START_TEST(limits)
{
	judge_file("control", "filterconf", "whitelistauth\n");
	config.maxrcptrelay = 1;
	session.relay = RELAY_AUTH;
	ck_assert(stralloc_copys(&session.user, "joe") &&
	    stralloc_0(&session.user));
	judge_start(table, ROWS(table));
	judge_mail("a@b");
	ck_assert_int_eq(judge_take("c@d"), PASS);
	ck_assert_int_eq(judge_take("e@d"), DEFER);
	ck_assert_uint_eq(outcome.reply.code, 452);
}
END_TEST

/* It comes before every filter that it spares. */
START_TEST(is_first)
{
	ck_assert_ptr_eq(filters[0], &filter_whitelistauth);
}
END_TEST

SUITE("whitelistauth",
    { each_row, ROWS(rows), judge_make, judge_end },
    { of_one_user, 1, judge_make, judge_end },
    { limits, 1, judge_make, judge_end },
    { is_first, 1, NULL, NULL })
