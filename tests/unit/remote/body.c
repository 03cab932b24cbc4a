#include "remote/body.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../home.h"
#include "../suite.h"

#define B	((size_t)BODY_BLOCK)
#define MOST	(4 * BODY_ROOM)

static char wire[MOST];
static char wanted[MOST];

/* All of the message as it goes out; blocks must fit what is made for them. */
static size_t
read_wire(struct body *body)
{
	static char out[BODY_ROOM];
	size_t len = 0, n;

	for (;;) {
		ck_assert_int_eq(body_next(body, out, &n), OK);
		ck_assert_uint_le(n, BODY_ROOM);
		if (n == 0)
			return len;
		ck_assert_uint_le(len + n, sizeof wire);
		memcpy(wire + len, out, n);
		len += n;
	}
}

static int
open_file(const char *text, size_t len)
{
	int file;

	home_octets("message", text, len);
	file = open("message", O_RDONLY | O_CLOEXEC);
	ck_assert_int_ne(file, -1);
	return file;
}

/*
 * What the wire may never carry: a CR or LF alone, a dot that no other
 * follows at the begin of a line, a last line without its end.
 */
static int
is_clean(size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((wire[i] == '\r' && (i + 1 == len ||
		    wire[i + 1] != '\n')) ||
		    (wire[i] == '\n' && (i == 0 || wire[i - 1] != '\r')) ||
		    (wire[i] == '.' && (i == 0 || wire[i - 1] == '\n') &&
		    (i + 1 == len || wire[i + 1] != '.')))
			return 0;
	return len == 0 || wire[len - 1] == '\n';
}

/* `size`: octets on the wire without the dots that were put in. */
static const struct {
	const char *file;
	size_t len;
	const char *wire;
	size_t wire_len, size;
} rows[] = {
	{ TEXT(""),		TEXT(""),			0 },
	{ TEXT("\n"),		TEXT("\r\n"),			2 },
	{ TEXT("a: b\n\nc\n"),	TEXT("a: b\r\n\r\nc\r\n"),	11 },
	/* The last line has no end. */
	{ TEXT("a"),		TEXT("a\r\n"),			3 },
	{ TEXT("a\nb"),		TEXT("a\r\nb\r\n"),		6 },
	{ TEXT("."),		TEXT("..\r\n"),			3 },
	{ TEXT("a\r"),		TEXT("a\r\n"),			3 },
	{ TEXT("\r"),		TEXT("\r\n"),			2 },
	{ TEXT("a\n\r"),	TEXT("a\r\n\r\n"),		5 },
	/* Dots. */
	{ TEXT(".\n"),		TEXT("..\r\n"),			3 },
	{ TEXT("..\n"),		TEXT("...\r\n"),		4 },
	{ TEXT("a.\n.b\n"),	TEXT("a.\r\n..b\r\n"),		8 },
	{ TEXT("\n.\n"),	TEXT("\r\n..\r\n"),		5 },
	{ TEXT("a\n.\nMAIL FROM:<>\n"),
	    TEXT("a\r\n..\r\nMAIL FROM:<>\r\n"),		20 },
	/* Stored CR LF is a line end. */
	{ TEXT("a\r\nb\r\n"),	TEXT("a\r\nb\r\n"),		6 },
	{ TEXT("\r\n.\r\n"),	TEXT("\r\n..\r\n"),		5 },
	{ TEXT("\r\n\r\n"),	TEXT("\r\n\r\n"),		4 },
	/* A stray CR begins no line: what follows it is not the end of mail. */
	{ TEXT("x\r.\nMAIL\n"),	TEXT("x .\r\nMAIL\r\n"),	11 },
	{ TEXT("x\n\r.\r\n"),	TEXT("x\r\n .\r\n"),		7 },
	{ TEXT("a\rb\n"),	TEXT("a b\r\n"),		5 },
	{ TEXT("\ra\n"),	TEXT(" a\r\n"),			4 },
	{ TEXT("a\r\r\n"),	TEXT("a \r\n"),			4 },
	{ TEXT("\r\r\n"),	TEXT(" \r\n"),			3 },
	{ TEXT("\r\r\r"),	TEXT("  \r\n"),			4 },
	{ TEXT("a\r\rb\n"),	TEXT("a  b\r\n"),		6 },
	{ TEXT(".\r.\n"),	TEXT(".. .\r\n"),		5 },
	/* NUL and 8 bits go as they are. */
	{ TEXT("a\0b\n"),	TEXT("a\0b\r\n"),		5 },
	{ TEXT("\377\200\n"),	TEXT("\377\200\r\n"),		4 },
	{ TEXT("\0"),		TEXT("\0\r\n"),			3 },
};

START_TEST(each_file)
{
	struct body body;
	int file = open_file(rows[_i].file, rows[_i].len);
	size_t len;

	ck_assert_int_eq(body_open(&body, file), OK);
	ck_assert_int_eq(body.is_known, 1);
	ck_assert_uint_eq(body.size, rows[_i].size);
	len = read_wire(&body);
	assert_octets(wire, len, rows[_i].wire, rows[_i].wire_len);
	assert_row(is_clean(len));
	/* The same once more for another host. */
	ck_assert_int_eq(body_rewind(&body), OK);
	len = read_wire(&body);
	assert_octets(wire, len, rows[_i].wire, rows[_i].wire_len);
	/* Nobody else who has the file sees that we read it. */
	ck_assert_int_eq(lseek(file, 0, SEEK_CUR), 0);
	close(file);
}
END_TEST

/*
 * The same by a pipe, in every two pieces and octet by octet: each piece is
 * read before the next is there.
 */
START_TEST(each_pipe)
{
	size_t cut, len = rows[_i].len;

	for (cut = 0; cut <= len; cut++) {
		char out[BODY_ROOM];
		struct body body;
		size_t at = 0, got = 0, n;
		int ends[2];

		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends),
		    0);
		while (at < len) {
			size_t to = piece_end(at, len, cut);

			ck_assert_int_eq(write(ends[1], rows[_i].file + at,
			    to - at), (ssize_t)(to - at));
			at = to;
		}
		close(ends[1]);
		ck_assert_int_eq(body_open(&body, ends[0]), OK);
		ck_assert_int_eq(body.is_known, 0);
		for (;;) {
			ck_assert_int_eq(body_next(&body, out, &n), OK);
			if (n == 0)
				break;
			memcpy(wire + got, out, n);
			got += n;
		}
		assert_octets(wire, got, rows[_i].wire, rows[_i].wire_len);
		close(ends[0]);
	}
}
END_TEST

/* Where a block of the file ends, `before` it and `after` it. */
static const struct {
	const char *before, *after;
	const char *wire;
} borders[] = {
	{ "a",		"b\n",		"ab\r\n" },
	{ "a\n",	"b\n",		"a\r\nb\r\n" },
	{ "a\n",	".\n",		"a\r\n..\r\n" },
	{ "a",		".\n",		"a.\r\n" },
	{ "a\n.",	"\n",		"a\r\n..\r\n" },
	{ "a\n.",	".\n",		"a\r\n...\r\n" },
	{ "a\r",	"\nb\n",	"a\r\nb\r\n" },
	{ "a\r",	"\n.\n",	"a\r\n..\r\n" },
	{ "a\r",	"b\n",		"a b\r\n" },
	{ "a\r",	".\n",		"a .\r\n" },
	{ "a\n\r",	".\n",		"a\r\n .\r\n" },
	{ "a\n\r",	"\n.\n",	"a\r\n\r\n..\r\n" },
	{ "a\r",	"\r\n",		"a \r\n" },
	{ "a\r",	"\r",		"a \r\n" },
	{ "a\r",	"",		"a\r\n" },
	{ "a\n\r",	"",		"a\r\n\r\n" },
	{ "a",		"",		"a\r\n" },
	{ "a\n",	"",		"a\r\n" },
	/* A block of one CR gives nothing yet, and is not the end. */
	{ "a",		"\r",		"a\r\n" },
	{ "a\n",	"\r",		"a\r\n\r\n" },
};

/* One block before the border, or two; the first is filled in front. */
START_TEST(each_border)
{
	static char file[3 * BODY_BLOCK];
	size_t blocks = 1 + (size_t)_i % 2, row = (size_t)_i / 2;
	size_t before = strlen(borders[row].before);
	size_t after = strlen(borders[row].after);
	size_t fill = blocks * B - before, len, most = 0, i;
	struct body body;
	int in;

	memset(file, 'x', fill);
	memcpy(file + fill, borders[row].before, before);
	memcpy(file + fill + before, borders[row].after, after);
	in = open_file(file, blocks * B + after);
	ck_assert_int_eq(body_open(&body, in), OK);
	len = read_wire(&body);
	memset(wanted, 'x', fill);
	for (i = 0; borders[row].wire[i] != '\0'; i++)
		wanted[fill + most++] = borders[row].wire[i];
	ck_assert_uint_eq(len, fill + most);
	assert_octets(wire + fill, len - fill, wanted + fill, most);
	ck_assert_int_eq(memcmp(wire, wanted, fill), 0);
	assert_row(is_clean(len));
	close(in);
}
END_TEST

/* A block of one octet again and again: what needs most room. */
static const struct {
	const char *unit, *wire;
} longest[] = {
	{ "\n",		"\r\n" },
	{ ".\n",	"..\r\n" },
	{ "\r\n",	"\r\n" },
	{ "\r",		NULL },
	{ ".",		NULL },
	{ "\r\r\n.",	NULL },
};

START_TEST(each_longest)
{
	static char file[2 * BODY_BLOCK + 5];
	size_t unit = strlen(longest[_i].unit), unit_wire, at, len, lead;
	struct body body;
	int in;

	for (lead = 0; lead < 3; lead++) {
		memset(file, 'y', lead);
		for (at = lead; at < sizeof file; at++)
			file[at] = longest[_i].unit[(at - lead) % unit];
		in = open_file(file, sizeof file);
		ck_assert_int_eq(body_open(&body, in), OK);
		len = read_wire(&body);
		assert_row(is_clean(len));
		close(in);
		if (longest[_i].wire == NULL)
			continue;
		unit_wire = strlen(longest[_i].wire);
		for (at = 0; lead == 0 && at < len; at++)
			if (wire[at] != longest[_i].wire[at % unit_wire])
				ck_abort_msg("row %d: octet %zu", _i, at);
	}
}
END_TEST

/* Octets with the eighth bit, wherever they stand, also behind whole words. */
static const struct {
	size_t len, at;
	int c, is_8bit;
} eights[] = {
	{ 1, 0, 0x80, 1 },	{ 1, 0, 0x7f, 0 },	{ 8, 7, 0xff, 1 },
	{ 9, 8, 0x80, 1 },	{ 15, 0, 0x80, 1 },	{ 16, 15, 0, 0 },
	{ B, B - 1, 0xc3, 1 },	{ B + 1, B, 0xc3, 1 },	{ B + 1, 0, 0xc3, 1 },
	{ 2 * B + 7, 2 * B + 6, 0xc3, 1 },	{ B, 5, 'a', 0 },
};

START_TEST(each_eight)
{
	static char file[3 * BODY_BLOCK];
	struct body body;
	int in;

	memset(file, 'a', eights[_i].len);
	file[eights[_i].at] = (char)eights[_i].c;
	in = open_file(file, eights[_i].len);
	ck_assert_int_eq(body_open(&body, in), OK);
	ck_assert_int_eq(!!body.is_8bit, eights[_i].is_8bit);
	close(in);
}
END_TEST

/* The message begins where the file stands, not at its front. */
START_TEST(begins_at_offset)
{
	struct body body;
	int file = open_file("Xmessage\n.\n", 11);
	size_t len;

	ck_assert_int_eq(lseek(file, 1, SEEK_SET), 1);
	ck_assert_int_eq(body_open(&body, file), OK);
	ck_assert_uint_eq(body.size, 12);
	len = read_wire(&body);
	assert_octets(wire, len, "message\r\n..\r\n", 13);
	ck_assert_int_eq(body_rewind(&body), OK);
	len = read_wire(&body);
	assert_octets(wire, len, "message\r\n..\r\n", 13);
	ck_assert_int_eq(lseek(file, 0, SEEK_CUR), 1);
	close(file);
}
END_TEST

/* A pipe that was read cannot be read again; one that was not can. */
START_TEST(pipe_is_read_once)
{
	struct body body;
	int ends[2];
	size_t len;

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], "a\n", 2), 2);
	close(ends[1]);
	ck_assert_int_eq(body_open(&body, ends[0]), OK);
	ck_assert_int_eq(body_rewind(&body), OK);
	len = read_wire(&body);
	assert_octets(wire, len, "a\r\n", 3);
	ck_assert_int_eq(body_rewind(&body), PERMFAIL);
	close(ends[0]);
}
END_TEST

/* What is no message: a fault of ours, so that mail is tried again later. */
enum odd { CLOSED, FOLDER, WRITE_ONLY, DEVICE, ODDS };

START_TEST(each_odd)
{
	struct body body;
	int file;

	home_file("message", "a\n");
	switch ((enum odd)_i) {
	case FOLDER:
		file = open("control", O_RDONLY | O_CLOEXEC);
		break;
	case WRITE_ONLY:
		file = open("message", O_WRONLY | O_CLOEXEC);
		break;
	case DEVICE:
		/* Descriptor 0 was closed, and something else took it. */
		file = open("/dev/null", O_RDWR | O_CLOEXEC);
		break;
	default:
		file = open("message", O_RDONLY | O_CLOEXEC);
		close(file);
	}
	ck_assert_int_eq(body_open(&body, file), TEMPFAIL);
	if (_i != CLOSED)
		close(file);
}
END_TEST

SUITE("body",
    { each_file, ROWS(rows), home_make, home_remove },
    { each_pipe, ROWS(rows), NULL, NULL },
    { each_border, 2 * ROWS(borders), home_make, home_remove },
    { each_longest, ROWS(longest), home_make, home_remove },
    { each_eight, ROWS(eights), home_make, home_remove },
    { begins_at_offset, 1, home_make, home_remove },
    { pipe_is_read_once, 1, NULL, NULL },
    { each_odd, ODDS, home_make, home_remove })
