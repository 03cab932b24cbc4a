#include "smtp/transparency.h"

#include <stralloc.h>

#include "../suite.h"

#define CR	DATA_BARE_CR
#define LF	DATA_BARE_LF
#define NUL	DATA_NUL
#define MEND	1

/* Where mail data ends: -1 nowhere, else before so many octets of the row. */
#define NEVER	-1

/*
 * What the client sends, what is taken of it, and the message that it makes.
 * `lone_dot`: a client that waits now believes it has ended its mail.
 */
static const struct {
	const char *sent;
	size_t len;
	int mend;
	const char *message;
	size_t message_len;
	unsigned faults;
	long behind;		/* octets behind the end; NEVER: no end */
	int lone_dot;
} rows[] = {
	/* The end, and nothing else is it. */
	{ TEXT(".\r\n"), 0, TEXT(""), 0, 0, 0 },
	{ TEXT("a\r\n.\r\n"), 0, TEXT("a\n"), 0, 0, 0 },
	{ TEXT("a\r\n.\r\nQUIT\r\n"), 0, TEXT("a\n"), 0, 6, 0 },
	{ TEXT("a\r\n.\r\n.\r\n"), 0, TEXT("a\n"), 0, 3, 0 },
	{ TEXT("\r\n.\r\n"), 0, TEXT("\n"), 0, 0, 0 },
	{ TEXT("\r\n\r\n\r\n.\r\n"), 0, TEXT("\n\n\n"), 0, 0, 0 },
	{ TEXT("a.\r\n.\r\n"), 0, TEXT("a.\n"), 0, 0, 0 },
	{ TEXT("a\r\n. \r\n.\r\n"), 0, TEXT("a\n \n"), 0, 0, 0 },
	/* Stuffed dots. */
	{ TEXT("..\r\n.\r\n"), 0, TEXT(".\n"), 0, 0, 0 },
	{ TEXT("...\r\n.\r\n"), 0, TEXT("..\n"), 0, 0, 0 },
	{ TEXT("a\r\n..b\r\n.\r\n"), 0, TEXT("a\n.b\n"), 0, 0, 0 },
	{ TEXT(".a\r\n.\r\n"), 0, TEXT("a\n"), 0, 0, 0 },
	{ TEXT("a..b\r\n.\r\n"), 0, TEXT("a..b\n"), 0, 0, 0 },
	{ TEXT("..\r\n..\r\n.\r\n"), 0, TEXT(".\n.\n"), 0, 0, 0 },
	/* Octets that pass. */
	{ TEXT("\377\200\001\t\r\n.\r\n"), 0, TEXT("\377\200\001\t\n"), 0, 0,
	    0 },
	/* No end yet. */
	{ TEXT(""), 0, TEXT(""), 0, NEVER, 0 },
	{ TEXT("a\r\n"), 0, TEXT("a\n"), 0, NEVER, 0 },
	{ TEXT("a\r\n."), 0, TEXT("a\n"), 0, NEVER, 0 },
	{ TEXT("a\r\n.\r"), 0, TEXT("a\n"), 0, NEVER, 0 },
	{ TEXT("a\r\n.b"), 0, TEXT("a\nb"), 0, NEVER, 0 },
	{ TEXT("a\r"), 0, TEXT("a"), 0, NEVER, 0 },
	/* Bare LF: a fault, and never part of an end. */
	{ TEXT("a\nb\r\n.\r\n"), 0, TEXT("a\nb\n"), LF, 0, 0 },
	{ TEXT("\n.\r\n.\r\n"), 0, TEXT("\n.\n"), LF, 0, 1 },
	{ TEXT("a\n.\r\n"), 0, TEXT("a\n.\n"), LF, NEVER, 1 },
	{ TEXT("a\n.\n"), 0, TEXT("a\n.\n"), LF, NEVER, 1 },
	{ TEXT("a\r\n.\n"), 0, TEXT("a\n.\n"), LF, NEVER, 1 },
	{ TEXT("a\r\n.\nb\r\n.\r\n"), 0, TEXT("a\n.\nb\n"), LF, 0, 0 },
	{ TEXT("a\n.\nb\r\n.\r\n"), 0, TEXT("a\n.\nb\n"), LF, 0, 0 },
	{ TEXT("a\n.\r\nMAIL FROM:<e@vil>\r\n.\r\n"), 0,
	    TEXT("a\n.\nMAIL FROM:<e@vil>\n"), LF, 0, 0 },
	{ TEXT("a\n.\r\n."), 0, TEXT("a\n.\n"), LF, NEVER, 1 },
	{ TEXT("a\n.\n\n"), 0, TEXT("a\n.\n\n"), LF, NEVER, 0 },
	{ TEXT("a\r\n..\n"), 0, TEXT("a\n.\n"), LF, NEVER, 0 },
	{ TEXT(".\n"), 0, TEXT(".\n"), LF, NEVER, 1 },
	{ TEXT("\n"), 0, TEXT("\n"), LF, NEVER, 0 },
	{ TEXT("\n\r\n.\r\n"), 0, TEXT("\n\n"), LF, 0, 0 },
	/* Bare CR: a fault, and never part of an end. */
	{ TEXT("a\rb\r\n.\r\n"), 0, TEXT("ab\n"), CR, 0, 0 },
	{ TEXT("a\r.\r\r\n.\r\n"), 0, TEXT("a.\n"), CR, 0, 0 },
	{ TEXT("a\r\n.\r\r\n.\r\n"), 0, TEXT("a\n\n"), CR, 0, 0 },
	{ TEXT("a\r\n.\r.\r\n"), 0, TEXT("a\n.\n"), CR, NEVER, 0 },
	{ TEXT("a\r.\r\n"), 0, TEXT("a.\n"), CR, NEVER, 0 },
	{ TEXT("\r.\r\n"), 0, TEXT(".\n"), CR, NEVER, 0 },
	{ TEXT("a\r\r\n.\r\n"), 0, TEXT("a\n"), CR, 0, 0 },
	{ TEXT("\r\r\r\r\n.\r\n"), 0, TEXT("\n"), CR, 0, 0 },
	{ TEXT("a\n\r.\r\n"), 0, TEXT("a\n.\n"), CR | LF, NEVER, 0 },
	{ TEXT("a\n\r\n.\r\n"), 0, TEXT("a\n\n"), LF, 0, 0 },
	{ TEXT("\r\n.\r\r\n"), 0, TEXT("\n\n"), CR, NEVER, 0 },
	/* NUL: a fault wherever it stands. */
	{ TEXT("\0\r\n.\r\n"), 0, TEXT("\0\n"), NUL, 0, 0 },
	{ TEXT("a\r\n.\0\r\n.\r\n"), 0, TEXT("a\n\0\n"), NUL, 0, 0 },
	{ TEXT("a\r\0\n.\r\n"), 0, TEXT("a\0\n.\n"), NUL | CR | LF, NEVER,
	    1 },
	{ TEXT("a\r\n.\r\0\n"), 0, TEXT("a\n\0\n"), NUL | CR | LF, NEVER, 0 },
	{ TEXT("a\0\nb\rc\r\n.\r\n"), 0, TEXT("a\0\nbc\n"), NUL | CR | LF, 0,
	    0 },
	{ TEXT("a\r\n.\r\n\0"), 0, TEXT("a\n"), 0, 1, 0 },
	/* Mended: LF ends a line, but LF . CR LF ends nothing. */
	{ TEXT("a\nb\n\r\n.\r\n"), MEND, TEXT("a\nb\n\n"), 0, 0, 0 },
	{ TEXT("a\n.\r\nb\r\n.\r\n"), MEND, TEXT("a\n.\nb\n"), 0, 0, 0 },
	{ TEXT("a\n.\r\n"), MEND, TEXT("a\n.\n"), 0, NEVER, 1 },
	{ TEXT("a\n.\n"), MEND, TEXT("a\n.\n"), 0, NEVER, 1 },
	{ TEXT("a\r\n.\n"), MEND, TEXT("a\n.\n"), 0, NEVER, 1 },
	{ TEXT("a\r\n.\n.\r\n"), MEND, TEXT("a\n.\n.\n"), 0, NEVER, 1 },
	/* Only a dot before a dot was stuffed behind a bare LF. */
	{ TEXT("a\n.b\n..c\n\r\n.\r\n"), MEND, TEXT("a\n.b\n.c\n\n"), 0, 0,
	    0 },
	{ TEXT("a\n..\r\n.\r\n"), MEND, TEXT("a\n.\n"), 0, 0, 0 },
	{ TEXT("a\n...\n\r\n.\r\n"), MEND, TEXT("a\n..\n\n"), 0, 0, 0 },
	{ TEXT("\n.\r\n.\r\n"), MEND, TEXT("\n.\n"), 0, 0, 1 },
	/* What is mended is LF, nothing else. */
	{ TEXT("a\rb\n\r\n.\r\n"), MEND, TEXT("ab\n\n"), CR, 0, 0 },
	{ TEXT("a\0\n\r\n.\r\n"), MEND, TEXT("a\0\n\n"), NUL, 0, 0 },
	{ TEXT("a\n\r.\r\n"), MEND, TEXT("a\n.\n"), CR, NEVER, 0 },
};

/*
 * Give `sent` in pieces as a link would: what was not taken comes again, with
 * the next piece behind it.  Each call has memory of its own, so that a
 * sanitizer sees every step outside.  Returns how much was taken.
 */
static size_t
undo(struct transparency *data, const char *sent, size_t len, size_t cut,
    stralloc *message)
{
	size_t from = 0, to = 0;

	while (to < len && !data->ended) {
		size_t used, left;
		char *piece;

		to = piece_end(to, len, cut);
		piece = malloc(to - from);
		if (piece == NULL)
			ck_abort_msg("out of memory");
		memcpy(piece, sent + from, to - from);
		left = transparency_undo(data, piece, to - from, &used);
		/* At most a dot and a CR have to wait. */
		if (left > used || used > to - from ||
		    (!data->ended && to - from - used > 2))
			ck_abort_msg("of %zu used %zu, left %zu", to - from,
			    used, left);
		if (!stralloc_catb(message, piece, left))
			ck_abort_msg("out of memory");
		free(piece);
		from += used;
	}
	return from;
}

START_TEST(each_row)
{
	size_t cut, used, len = rows[_i].len;

	for (cut = 0; cut <= len; cut++) {
		struct transparency data;
		stralloc message = { 0 };

		ck_assert(stralloc_copys(&message, ""));
		transparency_start(&data, rows[_i].mend);
		used = undo(&data, rows[_i].sent, len, cut, &message);
		assert_octets(message.s, message.len, rows[_i].message,
		    rows[_i].message_len);
		ck_assert_uint_eq(data.faults, rows[_i].faults);
		ck_assert_int_eq(data.ended, rows[_i].behind != NEVER);
		if (data.ended)
			ck_assert_int_eq((long)(len - used), rows[_i].behind);
		else
			ck_assert_int_eq(data.lone_dot, rows[_i].lone_dot);
		stralloc_free(&message);
	}
}
END_TEST

/*
 * All texts of up to LONGEST of these octets, and the first CR LF . CR LF in
 * each, found by looking for just that.
 */
#define OCTETS	4
#define LONGEST	8

static long
find_end(const char *sent, size_t len)
{
	size_t i;

	if (len >= 3 && memcmp(sent, ".\r\n", 3) == 0)
		return 3;
	for (i = 0; i + 5 <= len; i++)
		if (memcmp(sent + i, "\r\n.\r\n", 5) == 0)
			return (long)i + 5;
	return NEVER;
}

static unsigned
find_faults(const char *sent, size_t len)
{
	unsigned faults = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (sent[i] == '\n' && (i == 0 || sent[i - 1] != '\r'))
			faults |= LF;
		if (sent[i] == '\r' && i + 1 < len && sent[i + 1] != '\n')
			faults |= CR;
	}
	return faults;
}

START_TEST(each_short_text)
{
	static const char octets[OCTETS] = { '.', '\r', '\n', 'a' };
	unsigned long number, end = 1ul << (2 * _i);
	stralloc one = { 0 }, other = { 0 };
	size_t len = (size_t)_i, used, taken;
	char sent[LONGEST];
	long wanted;
	int i;

	ck_assert(stralloc_ready(&one, LONGEST));
	ck_assert(stralloc_ready(&other, LONGEST));
	for (number = 0; number < end; number++) {
		struct transparency whole, single;

		one.len = other.len = 0;
		for (i = 0; i < _i; i++)
			sent[i] = octets[number >> (2 * i) & (OCTETS - 1)];
		wanted = find_end(sent, len);
		transparency_start(&whole, 0);
		used = undo(&whole, sent, len, len, &one);
		transparency_start(&single, 0);
		taken = undo(&single, sent, len, 0, &other);
		/* An assertion that holds costs a system call: not here. */
		if ((whole.ended ? (long)used : NEVER) != wanted ||
		    whole.faults != find_faults(sent,
		    whole.ended ? used : len))
			ck_abort_msg("text %lu: end or faults", number);
		if (used != taken || memcmp(&whole, &single,
		    sizeof whole) != 0 || one.len != other.len ||
		    memcmp(one.s, other.s, one.len) != 0)
			ck_abort_msg("text %lu: differs in pieces", number);
	}
	stralloc_free(&one);
	stralloc_free(&other);
}
END_TEST

SUITE("transparency",
    { each_row, ROWS(rows), NULL, NULL },
    { each_short_text, LONGEST + 1, NULL, NULL })
