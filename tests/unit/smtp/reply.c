#include "smtp/reply.h"

#include "../suite.h"

static const struct {
	struct reply reply;
	const char *wire;
} rows[] = {
	{ { 250, "2.0.0", "ok" },	"250 2.0.0 ok\r\n" },
	{ { 220, "", "mx ESMTP" },	"220 mx ESMTP\r\n" },
	{ { 354, "", "go ahead" },	"354 go ahead\r\n" },
	{ { 250, "", "" },		"250 \r\n" },
	{ { 221, "2.0.0", "" },		"221 2.0.0 \r\n" },
	{ { 250, "", "mx\nPIPELINING\nSIZE 5" },
	    "250-mx\r\n250-PIPELINING\r\n250 SIZE 5\r\n" },
	/* RFC 2034 4: each line has the enhanced status code. */
	{ { 550, "5.7.1", "no\nnever" },
	    "550-5.7.1 no\r\n550 5.7.1 never\r\n" },
	{ { 550, "5.7.1", "a\n\nb\n" },
	    "550-5.7.1 a\r\n550-5.7.1 \r\n550-5.7.1 b\r\n550 5.7.1 \r\n" },
	/* Words of others cannot end a line, nor leave ASCII. */
	{ { 554, "5.3.0", "a\r250 ok\t\303\244\177" },
	    "554 5.3.0 a?250 ok????\r\n" },
};

START_TEST(each_print)
{
	stralloc wire = { 0 };

	ck_assert(stralloc_copys(&wire, ">"));
	ck_assert_int_eq(reply_print(&rows[_i].reply, &wire), OK);
	ck_assert_int_eq(wire.s[0], '>');
	assert_octets(wire.s + 1, wire.len - 1, rows[_i].wire,
	    strlen(rows[_i].wire));
	stralloc_free(&wire);
}
END_TEST

/* Octets of text before and behind a line feed; each line is cut. */
static const struct {
	const char *enhanced;
	size_t first, second, wire;
} lengths[] = {
	{ "",		REPLY_LINE - 6,		1,	REPLY_LINE + 7 },
	{ "",		REPLY_LINE - 5,		1,	REPLY_LINE + 7 },
	{ "",		REPLY_LINE - 7,		1,	REPLY_LINE + 6 },
	{ "5.7.1",	REPLY_LINE - 12,	1,	REPLY_LINE + 13 },
	{ "5.7.1",	REPLY_LINE - 11,	1,	REPLY_LINE + 13 },
	{ "5.7.1",	2000,			2000,	2 * REPLY_LINE },
};

START_TEST(each_length)
{
	char text[4096];
	struct reply reply;
	stralloc wire = { 0 };

	memset(text, 'x', sizeof text);
	text[lengths[_i].first] = '\n';
	text[lengths[_i].first + 1 + lengths[_i].second] = '\0';
	reply_set(&reply, 550, lengths[_i].enhanced, text);
	ck_assert_int_eq(reply_print(&reply, &wire), OK);
	ck_assert_uint_eq(wire.len, lengths[_i].wire);
	assert_octets(wire.s + wire.len - 2, 2, "\r\n", 2);
	stralloc_free(&wire);
}
END_TEST

static const struct {
	unsigned code;
	enum status status;
} classes[] = {
	{ 200, OK },		{ 250, OK },		{ 252, OK },
	{ 354, OK },		{ 399, OK },		{ 400, TEMPFAIL },
	{ 421, TEMPFAIL },	{ 499, TEMPFAIL },	{ 500, PERMFAIL },
	{ 554, PERMFAIL },	{ 599, PERMFAIL },	{ 600, PERMFAIL },
	{ 199, PERMFAIL },	{ 0, PERMFAIL },
};

START_TEST(each_class)
{
	const struct reply reply = { classes[_i].code, "", "" };

	ck_assert_int_eq(reply_status(&reply), classes[_i].status);
}
END_TEST

SUITE("reply",
    { each_print, ROWS(rows), NULL, NULL },
    { each_length, ROWS(lengths), NULL, NULL },
    { each_class, ROWS(classes), NULL, NULL })
