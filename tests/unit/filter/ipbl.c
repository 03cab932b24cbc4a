#include "filter/table.h"

#include "../capture.h"
#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = { &filter_ipbl };

/* Text and binary lists; a level that has one is used alone. */
static const struct {
	const char *client;
	const char *control, *domain, *user;	/* ipbl */
	const char *spared_at, *spared;		/* ipwl */
	unsigned code;
	enum level level;
} rows[] = {
	{ "192.0.2.1", NULL, NULL, NULL, "control", NULL,	0, 0 },
	{ "192.0.2.1", "192.0.2.0/24\n", NULL, NULL, "control", NULL,
	    550, LEVEL_GLOBAL },
	{ "192.0.3.1", "192.0.2.0/24\n", NULL, NULL, "control", NULL, 0, 0 },
	{ "192.0.2.1", "192.0.2.0/24\n", "", NULL, "control", NULL, 0, 0 },
	{ "192.0.2.1", "", "192.0.2.0/24\n", NULL, "control", NULL,
	    550, LEVEL_DOMAIN },
	{ "192.0.2.1", "192.0.2.0/24\n", "192.0.2.0/24\n", "10.0.0.0/8\n",
	    "control", NULL, 0, 0 },
	{ "192.0.2.1", NULL, NULL, "192.0.2.1\n", "control", NULL,
	    550, LEVEL_USER },
	/* Exceptions of the levels. */
	{ "192.0.2.1", "192.0.2.0/24\n", NULL, NULL,
	    "control", "192.0.2.1\n", 0, 0 },
	{ "192.0.2.2", "192.0.2.0/24\n", NULL, NULL,
	    "control", "192.0.2.1\n", 550, LEVEL_GLOBAL },
	{ "192.0.2.1", "192.0.2.0/24\n", NULL, NULL,
	    "user", "192.0.2.1\n", 0, 0 },
	{ "192.0.2.1", NULL, NULL, "192.0.2.0/24\n",
	    "control", "192.0.2.1\n", 0, 0 },
	/* IPv6 has lists of its own; a mapped address is IPv4. */
	{ "2001:db8::1", "192.0.2.0/24\n", NULL, NULL, "control", NULL,
	    0, 0 },
	{ "::ffff:192.0.2.1", "192.0.2.0/24\n", NULL, NULL, "control", NULL,
	    550, LEVEL_GLOBAL },
	{ "", "0.0.0.0/0\n", NULL, NULL, "control", NULL,	0, 0 },
};

static void
start(const char *client)
{
	address_parse(client, strlen(client), &session.peer.address);
	judge_start(table, 1);
	judge_mail("a@b");
}

START_TEST(each_row)
{
	judge_file("control", "ipbl", rows[_i].control);
	judge_file("domain", "ipbl", rows[_i].domain);
	judge_file("user", "ipbl", rows[_i].user);
	judge_file(rows[_i].spared_at, "ipwl", rows[_i].spared);
	start(rows[_i].client);
	judge_rcpt("c@d");
	judge_wants(_i, rows[_i].code, "5.7.1", rows[_i].level);
	judge_rcpt("postmaster@d");
	judge_wants(_i, rows[_i].code, "5.7.1", rows[_i].level);
}
END_TEST

static const struct {
	const char *client, *blocked, *spared;
	int is_refused;
} rows6[] = {
	{ "2001:db8::1", "2001:db8::/32\n", NULL,		1 },
	{ "2001:db8::1", "2001:db8::/32\n", "2001:db8::1\n",	0 },
	{ "2001:db8::2", "2001:db8::/32\n", "2001:db8::1\n",	1 },
	{ "2001:db9::1", "2001:db8::/32\n", NULL,		0 },
	{ "192.0.2.1", "192.0.2.0/24\n", NULL,			0 },
};

START_TEST(ipv6)
{
	judge_file("user", "ipblv6", rows6[_i].blocked);
	judge_file("user", "ipwlv6", rows6[_i].spared);
	start(rows6[_i].client);
	judge_rcpt("c@d");
	judge_wants(_i, rows6[_i].is_refused ? 550 : 0, "5.7.1", LEVEL_USER);
	if (rows6[_i].is_refused)
		ck_assert_str_eq(outcome.setting, "ipblv6");
}
END_TEST

START_TEST(binary)
{
	home_octets("control/ipbl", "\xc0\0\2\0\x18", 5);
	start("192.0.2.77");
	ck_assert_int_eq(judge_rcpt("c@d"), REJECT);
	address_parse("192.0.3.77", 10, &session.peer.address);
	ck_assert_int_eq(judge_rcpt("c@d"), PASS);
}
END_TEST

START_TEST(exception_is_logged)
{
	char log[1024];

	judge_file("control", "ipbl", "192.0.2.0/24\n");
	judge_file("domain", "ipwl", "192.0.2.1\n");
	start("192.0.2.1");
	capture_start();
	judge_rcpt("c@d");
	judge_rcpt("e@d");
	capture_stop(log, sizeof log);
	ck_assert_ptr_nonnull(strstr(log, "event=spared "));
	ck_assert_ptr_nonnull(strstr(log,
	    " filter=ipbl level=domain setting=ipwl\n"));
	ck_assert_ptr_null(strstr(strstr(log, "event=spared ") + 1,
	    "event=spared "));
}
END_TEST

/* Qsmtp ignores lists that it cannot use: then nobody is refused. */
static const struct {
	const char *folder, *name, *text;	/* NULL: a folder */
	enum verdict verdict;
	const char *words;			/* of the log */
} bad[] = {
	{ "control", "ipbl", "192.0.2\n", DROP, "control/ipbl line 1" },
	{ "control", "ipbl", "\xc0\1\2\3\x21", DROP, "control/ipbl record 1" },
	{ "control", "ipbl", NULL, DROP, "control/ipbl" },
	{ "control", "ipwl", "192.0.2\n", DROP, "control/ipwl line 1" },
	{ "domain", "ipbl", "192.0.2\n", DEFER, "domain/ipbl line 1" },
	{ "user", "ipbl", NULL, DEFER, "user/ipbl" },
	{ "user", "ipwl", "1.2.3.4/33\n", DEFER, "user/ipwl line 1" },
};

START_TEST(malformed)
{
	char log[1024], path[64];

	judge_file("control", "ipbl", "192.0.2.0/24\n");
	if (bad[_i].text != NULL)
		judge_file(bad[_i].folder, bad[_i].name, bad[_i].text);
	else {
		judge_file(bad[_i].folder, "filterconf", "");
		snprintf(path, sizeof path, "%s/%s", bad[_i].folder,
		    bad[_i].name);
		unlink(path);
		home_file(path, NULL);
	}
	start("192.0.2.1");
	capture_start();
	ck_assert_int_eq(judge_rcpt("c@d"), bad[_i].verdict);
	capture_stop(log, sizeof log);
	ck_assert_int_eq(outcome.is_ours, 1);
	ck_assert_uint_eq(outcome.reply.code,
	    bad[_i].verdict == DROP ? 421 : 451);
	ck_assert_msg(strstr(log, bad[_i].words) != NULL, "row %d: %s", _i,
	    log);
}
END_TEST

SUITE("ipbl",
    { each_row, ROWS(rows), judge_make, judge_end },
    { ipv6, ROWS(rows6), judge_make, judge_end },
    { binary, 1, judge_make, judge_end },
    { exception_is_logged, 1, judge_make, judge_end },
    { malformed, ROWS(bad), judge_make, judge_end })
