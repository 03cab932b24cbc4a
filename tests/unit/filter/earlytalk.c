#include "filter/table.h"

#include <sys/socket.h>

#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = { &filter_earlytalk };

/* A client that hangs up shows that it is silent without our waiting. */
static const struct {
	const char *setting, *says;
	enum relay relay;
	int greets;
	enum verdict verdict;
} rows[] = {
	{ "earlytalk",		"EHLO a\r\n",	RELAY_NONE,	1, DROP },
	{ "earlytalk",		"",		RELAY_NONE,	1, PASS },
	{ "earlytalk",		"EHLO a\r\n",	RELAY_ADDRESS,	1, PASS },
	/* Whoever greeted in our place has let it speak. */
	{ "earlytalk",		"EHLO a\r\n",	RELAY_NONE,	0, PASS },
	{ "earlytalk=monitor",	"EHLO a\r\n",	RELAY_NONE,	1, PASS },
	{ "earlytalk=off",	"EHLO a\r\n",	RELAY_NONE,	1, PASS },
	/* Off by default. */
	{ "",			"EHLO a\r\n",	RELAY_NONE,	1, PASS },
};

START_TEST(each_row)
{
	size_t len = strlen(rows[_i].says);
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	session.link = link_open(pair[0], pair[0], 60);
	ck_assert_ptr_nonnull(session.link);
	ck_assert_int_eq(write(pair[1], rows[_i].says, len), (ssize_t)len);
	close(pair[1]);
	setenv("QSMTP_FILTERS", rows[_i].setting, 1);
	config.greets = rows[_i].greets;
	session.relay = rows[_i].relay;
	judge_start(table, 1);
	ck_assert_int_eq(judge(ON_CONNECT), rows[_i].verdict);
	if (rows[_i].verdict == DROP) {
		ck_assert_uint_eq(outcome.reply.code, 554);
		ck_assert_str_eq(outcome.reply.enhanced, "5.5.1");
	}
	link_close(session.link);
	close(pair[0]);
}
END_TEST

SUITE("earlytalk",
    { each_row, ROWS(rows), judge_make, judge_end })
