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

/*
 * What a server says: `code` and `text` of the first reply, and how many octets
 * of the input it takes; the same in every two pieces.  Code 0: more must come;
 * GARBAGE: it is no reply.
 */
#define GARBAGE	1

static const struct {
	const char *input;
	size_t len;
	unsigned code;
	const char *text;
	size_t used;
} replies[] = {
	{ TEXT("250 ok\r\n"),		250, "250 ok\n", 8 },
	{ TEXT("250 ok\n"),		250, "250 ok\n", 7 },
	{ TEXT("250\r\n"),		250, "250\n", 5 },
	{ TEXT("250 \r\n"),		250, "250 \n", 6 },
	{ TEXT("220 a\r\n250 b\r\n"),	220, "220 a\n", 7 },
	{ TEXT("250-a\r\n250-b\r\n250 c\r\n"), 250,
	    "250-a\n250-b\n250 c\n", 21 },
	{ TEXT("250-a\r\n250\r\n"),	250, "250-a\n250\n", 12 },
	{ TEXT("599 a\r\n"),		599, "599 a\n", 7 },
	{ TEXT("200 a\r\n"),		200, "200 a\n", 7 },
	/* Lines of one class are one answer; the first one's code counts. */
	{ TEXT("550-a\r\n554 b\r\n"),	550, "550-a\n554 b\n", 14 },
	{ TEXT("250-a\r\n550 b\r\n"),	GARBAGE, NULL, 0 },
	{ TEXT("450-a\r\n250 b\r\n"),	GARBAGE, NULL, 0 },
	/* More has to come. */
	{ TEXT(""),			0, "", 0 },
	{ TEXT("250 ok"),		0, "", 0 },
	{ TEXT("250 ok\r"),		0, "", 0 },
	{ TEXT("250-a\r\n"),		0, "250-a\n", 7 },
	{ TEXT("250-a\r\n250 b"),	0, "250-a\n", 7 },
	/* No replies. */
	{ TEXT("\r\n"),			GARBAGE, NULL, 0 },
	{ TEXT("\n"),			GARBAGE, NULL, 0 },
	{ TEXT("25\r\n"),		GARBAGE, NULL, 0 },
	{ TEXT("2500 ok\r\n"),		GARBAGE, NULL, 0 },
	{ TEXT("250\tok\r\n"),		GARBAGE, NULL, 0 },
	{ TEXT(" 250 ok\r\n"),		GARBAGE, NULL, 0 },
	{ TEXT("+OK pop3\r\n"),		GARBAGE, NULL, 0 },
	{ TEXT("SSH-2.0-x\r\n"),	GARBAGE, NULL, 0 },
	{ TEXT("150 a\r\n"),		GARBAGE, NULL, 0 },
	{ TEXT("650 a\r\n"),		GARBAGE, NULL, 0 },
	{ TEXT("000 a\r\n"),		GARBAGE, NULL, 0 },
	{ TEXT("2a0 a\r\n"),		GARBAGE, NULL, 0 },
	{ TEXT("250-a\r\nhello\r\n"),	GARBAGE, NULL, 0 },
	{ TEXT("250-a\r\n\r\n"),	GARBAGE, NULL, 0 },
	{ TEXT("\0\0\0\0\n"),		GARBAGE, NULL, 0 },
	/* Nothing of it may change what a report or a terminal says. */
	{ TEXT("250 a\0b\r\n"),	250, "250 a?b\n", 9 },
	{ TEXT("250 a\rb\r\n"),	250, "250 a?b\n", 9 },
	{ TEXT("250 \t\033[1m\177\303\244\r\n"), 250,
	    "250 ??[1m?\303\244\n", 14 },
	{ TEXT("250 a\r\r\n"),		250, "250 a?\n", 8 },
};

START_TEST(each_reply)
{
	size_t cut, len = replies[_i].len;

	for (cut = 0; cut <= len; cut++) {
		struct reply_reader reader = { 0 };
		size_t at = 0, to = 0, used;
		int whole = 0;

		reply_start(&reader);
		while (to < len && !whole) {
			to = piece_end(to, len, cut);
			whole = reply_read(&reader, replies[_i].input + at,
			    to - at, &used);
			ck_assert_uint_le(used, to - at);
			at += used;
		}
		ck_assert_int_eq(whole, replies[_i].code != 0);
		ck_assert_int_eq(reader.garbage, replies[_i].code == GARBAGE);
		if (replies[_i].code != GARBAGE) {
			ck_assert_uint_eq(at, replies[_i].used);
			assert_holds(&reader.text, replies[_i].text);
		}
		if (whole && !reader.garbage)
			ck_assert_uint_eq(reader.code, replies[_i].code);
		stralloc_free(&reader.text);
	}
}
END_TEST

/* One reader takes one reply after the other, as answers to a group. */
START_TEST(replies_in_a_row)
{
	static const char input[] = "250-a\r\n250 b\r\n550 c\r\n354 d\r\n";
	static const unsigned codes[] = { 250, 550, 354 };
	struct reply_reader reader = { 0 };
	size_t i, at = 0, used;

	for (i = 0; i < 3; i++) {
		reply_start(&reader);
		ck_assert_int_eq(reply_read(&reader, input + at,
		    sizeof input - 1 - at, &used), 1);
		ck_assert_uint_eq(reader.code, codes[i]);
		at += used;
	}
	ck_assert_uint_eq(at, sizeof input - 1);
	assert_holds(&reader.text, "354 d\n");
	/* One that was no reply leaves nothing to the next. */
	reply_start(&reader);
	ck_assert_int_eq(reply_read(&reader, "hello\n", 6, &used), 1);
	ck_assert_int_eq(reader.garbage, 1);
	reply_start(&reader);
	ck_assert_int_eq(reply_read(&reader, "221 a\n", 6, &used), 1);
	ck_assert_int_eq(reader.garbage, 0);
	ck_assert_uint_eq(reader.code, 221);
	stralloc_free(&reader.text);
}
END_TEST

/* A reply of so many lines of so many octets, line ends counted. */
static const struct {
	size_t lines, len;
	int garbage;
	size_t kept;	/* most octets of text, least is one line less */
} bounds[] = {
	{ 1,			REPLY_INPUT,		0, REPLY_INPUT - 1 },
	{ 1,			REPLY_INPUT + 1,	1, 0 },
	{ 1,			100000,			1, 0 },
	{ REPLY_LINES,		10,			0, REPLY_LINES * 9 },
	{ REPLY_LINES + 1,	10,			1, 0 },
	{ 100,			100,			0, REPLY_TEXT },
	{ 2,			REPLY_INPUT,		0, REPLY_TEXT },
	{ 50,			100,			0, 50 * 99 },
	{ 51,			100,			0, REPLY_TEXT },
};

START_TEST(each_bound)
{
	static char input[200000];
	size_t lines = bounds[_i].lines, len = bounds[_i].len, i, used, at;
	struct reply_reader reader = { 0 };
	int whole = 0;

	memset(input, 'x', sizeof input);
	for (i = 0; i < lines; i++) {
		memcpy(input + i * len, i + 1 < lines ? "250-" : "250 ", 4);
		memcpy(input + (i + 1) * len - 2, "\r\n", 2);
	}
	reply_start(&reader);
	/* As they come: the buffer has never more than one octet to read. */
	for (i = at = 0; i < lines * len && !whole; i++) {
		whole = reply_read(&reader, input + at, i + 1 - at, &used);
		at += used;
	}
	ck_assert_int_eq(whole, 1);
	ck_assert_int_eq(reader.garbage, bounds[_i].garbage);
	if (!reader.garbage) {
		ck_assert_uint_eq(reader.code, 250);
		ck_assert_uint_le(reader.text.len, bounds[_i].kept);
		ck_assert_uint_gt(reader.text.len + len, bounds[_i].kept);
		ck_assert_int_eq(reader.text.s[reader.text.len - 1], '\n');
	}
	stralloc_free(&reader.text);
}
END_TEST

/* Who never ends a line is given up long before memory is. */
START_TEST(endless_line)
{
	static char input[REPLY_INPUT];
	struct reply_reader reader = { 0 };
	size_t used;

	memset(input, '2', sizeof input);
	reply_start(&reader);
	ck_assert_int_eq(reply_read(&reader, input, sizeof input - 1, &used),
	    0);
	ck_assert_uint_eq(used, 0);
	ck_assert_int_eq(reply_read(&reader, input, sizeof input, &used), 1);
	ck_assert_int_eq(reader.garbage, 1);
	stralloc_free(&reader.text);
}
END_TEST

/*
 * Text beyond what is kept is dropped by whole lines: half a line of an EHLO
 * reply would say something else, as SIZE 52 in place of SIZE 52428800.
 */
START_TEST(no_half_lines)
{
	static const char line[] = "250-SIZE 52428800\n";
	struct reply_reader reader = { 0 };
	size_t i, used;

	reply_start(&reader);
	for (i = 0; i < 40; i++) {
		char filler[120];

		memset(filler, 'x', sizeof filler);
		memcpy(filler, "250-", 4);
		filler[sizeof filler - 1 - i % 3] = '\n';
		reply_read(&reader, filler, sizeof filler - i % 3, &used);
	}
	while (i++ < 60)
		reply_read(&reader, line, sizeof line - 1, &used);
	ck_assert_int_eq(reader.garbage, 0);
	ck_assert_uint_gt(reader.text.len, sizeof line);
	assert_octets(reader.text.s + reader.text.len - (sizeof line - 1),
	    sizeof line - 1, line, sizeof line - 1);
	stralloc_free(&reader.text);
}
END_TEST

SUITE("reply",
    { each_print, ROWS(rows), NULL, NULL },
    { each_length, ROWS(lengths), NULL, NULL },
    { each_reply, ROWS(replies), NULL, NULL },
    { replies_in_a_row, 1, NULL, NULL },
    { each_bound, ROWS(bounds), NULL, NULL },
    { endless_line, 1, NULL, NULL },
    { no_half_lines, 1, NULL, NULL })
