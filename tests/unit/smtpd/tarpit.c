#include "smtpd/tarpit.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../suite.h"

static const struct {
	uint64_t first, before;
	unsigned seconds;
} lengths[] = {
	{ 0, 0, 0 },
	{ 0, 100, 0 },
	{ 1, 0, 1 },
	{ 5, 0, 5 },
	{ 5, 1, 6 },
	{ 5, 54, 59 },
	{ 5, 55, 60 },
	{ 5, 56, 60 },
	{ 5, UINT64_MAX, 60 },
	{ 60, 0, 60 },
	{ 61, 0, 60 },
	{ UINT64_MAX, UINT64_MAX, 60 },
};

START_TEST(each_length)
{
	ck_assert_uint_eq(tarpit_seconds(lengths[_i].first,
	    lengths[_i].before), lengths[_i].seconds);
}
END_TEST

static struct config config;
static struct session session;
static int ends[2];

static void
begin(void)
{
	signal(SIGPIPE, SIG_IGN);
	memset(&config, 0, sizeof config);
	memset(&session, 0, sizeof session);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	session.config = &config;
	session.link = link_open(ends[0], ends[0], 60);
	session.until_ms = INT64_MAX;
	config.tarpit_s = 60;
}

static void
end(void)
{
	link_close(session.link);
	close(ends[0]);
	if (ends[1] != -1)
		close(ends[1]);
}

#define SOON_MS		100
#define LONG_MS		30000	/* far less than what would be waited */

static enum status
hold(enum smtp_verb verb, unsigned code)
{
	struct reply reply = { .code = code };
	int64_t before = clock_ms();
	enum status status = tarpit_hold(&session, verb, &reply);

	ck_assert_int_lt(clock_ms() - before, LONG_MS);
	return status;
}

/* What waits is counted; the session's end bounds the wait. */
static const struct {
	enum smtp_verb verb;
	unsigned code;
	enum relay relay;
	int is_held;
} replies[] = {
	{ VERB_HELO, 501, RELAY_NONE,	1 },
	{ VERB_EHLO, 501, RELAY_NONE,	1 },
	{ VERB_MAIL, 451, RELAY_NONE,	1 },
	{ VERB_RCPT, 550, RELAY_NONE,	1 },
	{ VERB_DATA, 554, RELAY_NONE,	1 },
	{ VERB_COUNT, 500, RELAY_NONE,	1 },
	{ VERB_RCPT, 250, RELAY_NONE,	0 },
	{ VERB_RCPT, 421, RELAY_NONE,	0 },
	{ VERB_AUTH, 535, RELAY_NONE,	0 },
	{ VERB_VRFY, 502, RELAY_NONE,	0 },
	{ VERB_RCPT, 550, RELAY_ADDRESS, 0 },
	{ VERB_RCPT, 550, RELAY_AUTH,	0 },
};

START_TEST(each_reply)
{
	int64_t before = clock_ms();

	session.relay = replies[_i].relay;
	session.until_ms = before + SOON_MS;
	ck_assert_int_eq(hold(replies[_i].verb, replies[_i].code), OK);
	ck_assert_int_eq(clock_ms() - before >= SOON_MS, replies[_i].is_held);
	ck_assert_uint_eq(session.totals.refusals,
	    (uint64_t)replies[_i].is_held);
}
END_TEST

START_TEST(off)
{
	config.tarpit_s = 0;
	ck_assert_int_eq(hold(VERB_RCPT, 550), OK);
	ck_assert_uint_eq(session.totals.refusals, 0);
}
END_TEST

/* What was said before is not held back; commands that wait change nothing. */
START_TEST(earlier_replies)
{
	char text[16];

	session.until_ms = clock_ms() + SOON_MS;
	ck_assert_int_eq(write(ends[1], "QUIT\r\n", 6), 6);
	ck_assert_int_eq(link_put(session.link, "250 ok\r\n", 8), OK);
	ck_assert_int_eq(hold(VERB_RCPT, 550), OK);
	ck_assert_int_ge(clock_ms(), session.until_ms);
	ck_assert_int_eq(recv(ends[1], text, sizeof text, MSG_DONTWAIT), 8);
}
END_TEST

START_TEST(client_hangs_up)
{
	close(ends[1]);
	ends[1] = -1;
	ck_assert_int_eq(hold(VERB_RCPT, 550), TEMPFAIL);
}
END_TEST

SUITE("tarpit",
    { each_length, ROWS(lengths), NULL, NULL },
    { each_reply, ROWS(replies), begin, end },
    { off, 1, begin, end },
    { earlier_replies, 1, begin, end },
    { client_hangs_up, 1, begin, end })
