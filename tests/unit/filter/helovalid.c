#include "filter/table.h"

#include "../judge.h"
#include "../suite.h"

static const struct filter *const table[] = { &filter_helovalid };

#define ANY	(1u | 2u | 4u | 8u | 16u | 32u | 64u)

/* The one bit that refuses the argument; 0: none does. */
static const struct {
	const char *local, *helo;
	uint64_t bit;
} rows[] = {
	{ "192.0.2.5", "client.example",	0 },
	{ "192.0.2.5", "client_1.example",	0 },
	{ "192.0.2.5", "xn--bcher-kva.example",	0 },
	{ "192.0.2.5", "client.example.",	0 },
	/* Our own name, which Qsmtp never finds. */
	{ "192.0.2.5", "mx.test",		2 },
	{ "192.0.2.5", "MX.Test",		2 },
	{ "192.0.2.5", "mx.test.",		2 },
	{ "192.0.2.5", "a.mx.test",		0 },
	{ "192.0.2.5", "[192.0.2.5]",		4 },
	{ "192.0.2.5", "[192.0.2.6]",		0 },
	{ "192.0.2.5", "192.0.2.5",		32 },
	{ "192.0.2.5", "192.0.2.6",		8 },
	/* IPv6, which Qsmtp takes for invalid. */
	{ "192.0.2.5", "[IPv6:2001:db8::1]",	0 },
	{ "2001:db8::5", "[IPv6:2001:db8::1]",	0 },
	{ "2001:db8::5", "[IPv6:2001:db8::5]",	4 },
	{ "2001:db8::5", "[ipv6:2001:DB8:0::5]", 4 },
	{ "2001:db8::5", "2001:db8::5",		32 },
	{ "192.0.2.5", "[IPv6:2001:db8::1",	8 },
	{ "192.0.2.5", "[2001:db8::1]",		8 },
	{ "", "[192.0.2.5]",			0 },
	{ "", "192.0.2.5",			8 },
	/* Nothing that a host could be called. */
	{ "192.0.2.5", "localhost",		8 },
	{ "192.0.2.5", "",			8 },
	{ "192.0.2.5", ".",			8 },
	{ "192.0.2.5", "..",			8 },
	{ "192.0.2.5", ".example",		8 },
	{ "192.0.2.5", "a..example",		8 },
	{ "192.0.2.5", "a.-b.example",		8 },
	{ "192.0.2.5", "a b.example",		8 },
	{ "192.0.2.5", "a.b!example",		8 },
	{ "192.0.2.5", "[192.0.2]",		8 },
	{ "192.0.2.5", "[]",			8 },
	{ "192.0.2.5", "[",			8 },
	{ "192.0.2.5", "host.123",		8 },
	{ "192.0.2.5", "1.2.3.4.5",		8 },
};

static void
start(const char *local, const char *helo, uint64_t mask)
{
	char text[64];

	snprintf(text, sizeof text, "helovalid=%u\n", (unsigned)mask);
	judge_file("control", "filterconf", text);
	ck_assert(stralloc_copys(&config.me, "mx.test") &&
	    stralloc_0(&config.me));
	address_parse(local, strlen(local), &session.peer.local);
	judge_start(table, 1);
	ck_assert(stralloc_copys(&session.helo, helo));
	judge_mail("a@b");
}

static void
end(void)
{
	stralloc_free(&config.me);
	judge_end();
}

/* Each bit alone, and all but the one: no other may refuse it. */
START_TEST(its_bit)
{
	start(rows[_i].local, rows[_i].helo, rows[_i].bit);
	judge_rcpt("c@d");
	judge_wants(_i, rows[_i].bit != 0 ? 550 : 0, "5.7.1", LEVEL_GLOBAL);
	ck_assert_int_eq(judge_rcpt("postmaster"), PASS);
}
END_TEST

START_TEST(other_bits)
{
	start(rows[_i].local, rows[_i].helo, ANY & ~rows[_i].bit);
	judge_rcpt("c@d");
	judge_wants(_i, 0, "", 0);
}
END_TEST

/* The words tell which. */
static const struct {
	const char *helo, *words;
} texts[] = {
	{ "mx.test", "name given with HELO is our own" },
	{ "[192.0.2.5]", "address given with HELO is our own (" },
	{ "localhost", "neither a full host name" },
	{ "192.0.2.5", "our own, and without brackets" },
};

START_TEST(each_text)
{
	start("192.0.2.5", texts[_i].helo, 46);
	ck_assert_int_eq(judge_rcpt("c@d"), REJECT);
	ck_assert_ptr_nonnull(strstr(outcome.reply.text, texts[_i].words));
	ck_assert_str_eq(outcome.reason, texts[_i].helo);
}
END_TEST

START_TEST(spared)
{
	session.relay = RELAY_ADDRESS;
	start("192.0.2.5", "localhost", 46);
	ck_assert_int_eq(judge_rcpt("c@d"), PASS);
}
END_TEST

/* A user's mask counts alone; 18, of Qsmtp's manual, is our own name. */
START_TEST(levels)
{
	judge_file("user", "filterconf", "helovalid=18\n");
	start("192.0.2.5", "localhost", 46);
	ck_assert_int_eq(judge_rcpt("c@d"), PASS);
	ck_assert(stralloc_copys(&session.helo, "mx.test"));
	judge_rcpt("c@d");
	judge_wants(0, 550, "5.7.1", LEVEL_USER);
}
END_TEST

SUITE("helovalid",
    { its_bit, ROWS(rows), judge_make, end },
    { other_bits, ROWS(rows), judge_make, end },
    { each_text, ROWS(texts), judge_make, end },
    { spared, 1, judge_make, end },
    { levels, 1, judge_make, end })
