#include "mail/header.h"

#include <stralloc.h>

#include "../suite.h"

#define NAME_21	"xxxxxxxxxxxxxxxxxxxxx"
#define NAME_63	NAME_21 NAME_21 NAME_21

/*
 * A message, and what its header section is: each field as NAME and its
 * octets, one line of either a row of `fields`; then the body.
 */
static const struct {
	const char *message;
	size_t len;
	const char *fields;	/* "NAME{octets}" a field */
	const char *body;
} rows[] = {
	{ TEXT("A: 1\nB: 2\n\nbody\n"), "A{A: 1\n}B{B: 2\n}", "\nbody\n" },
	{ TEXT("A: 1\n"), "A{A: 1\n}", "" },
	{ TEXT("\nA: 1\n"), "", "\nA: 1\n" },
	{ TEXT("\n"), "", "\n" },
	{ TEXT(""), "", "" },
	/* Folded, by blank and by tab. */
	{ TEXT("A: 1\n 2\n\t3\nB: 4\n\nx"),
	    "A{A: 1\n 2\n\t3\n}B{B: 4\n}", "\nx" },
	{ TEXT("A:\n b\n\n"), "A{A:\n b\n}", "\n" },
	/* Obsolete syntax, and none. */
	{ TEXT("A : 1\n\n"), "A{A : 1\n}", "\n" },
	{ TEXT("A\t: 1\n\n"), "A{A\t: 1\n}", "\n" },
	{ TEXT("no colon\nB: 2\n\n"), "no{no colon\n}B{B: 2\n}", "\n" },
	{ TEXT("nocolon\n\n"), "nocolon{nocolon\n}", "\n" },
	{ TEXT(": 1\n\n"), "{: 1\n}", "\n" },
	{ TEXT("A:1\n\n"), "A{A:1\n}", "\n" },
	{ TEXT("A:B:C\n\n"), "A{A:B:C\n}", "\n" },
	{ TEXT(">From x\nA: 1\n\n"), ">From{>From x\n}A{A: 1\n}", "\n" },
	/* A line of blanks only folds; it is not the end. */
	{ TEXT("A: 1\n \nB: 2\n\n"), "A{A: 1\n \n}B{B: 2\n}", "\n" },
	{ TEXT("A: 1\n\n\nB: 2\n"), "A{A: 1\n}", "\n\nB: 2\n" },
	/* The longest name that is remembered, and a longer one. */
	{ TEXT(NAME_63 ": 1\n\n"), NAME_63 "{" NAME_63 ": 1\n}", "\n" },
	{ TEXT(NAME_63 "x: 1\n\n"), "{" NAME_63 "x: 1\n}", "\n" },
	{ TEXT(NAME_63 NAME_63 ": 1\nA: 2\n\n"),
	    "{" NAME_63 NAME_63 ": 1\n}A{A: 2\n}", "\n" },
	/* The message ends where it likes. */
	{ TEXT("A: 1\nRec"), "A{A: 1\n}?{Rec}", "" },
	{ TEXT("A: 1\nB:"), "A{A: 1\n}B{B:}", "" },
	{ TEXT("A: 1\n "), "A{A: 1\n }", "" },
};

/* Put together again what comes in pieces. */
struct collector {
	stralloc fields, body;
	stralloc field;		/* the octets of the current one */
	stralloc name;
	int in_field;
};

static void
end_field(struct collector *all)
{
	if (!all->in_field)
		return;
	if (!stralloc_cat(&all->fields, &all->name) ||
	    !stralloc_cats(&all->fields, "{") ||
	    !stralloc_cat(&all->fields, &all->field) ||
	    !stralloc_cats(&all->fields, "}") ||
	    !stralloc_copys(&all->field, ""))
		ck_abort_msg("out of memory");
	all->in_field = 0;
}

static void
take(struct collector *all, struct header *header, const char *text,
    size_t len, int *unnamed)
{
	struct header_piece piece;
	size_t at;

	for (at = 0; at < len; at += piece.len) {
		header_next(header, text + at, len - at, &piece);
		if (piece.len == 0 || piece.len > len - at)
			ck_abort_msg("a piece of %zu octets", piece.len);
		if (header->place == HEADER_BODY) {
			end_field(all);
			if (!stralloc_catb(&all->body, text + at, piece.len))
				ck_abort_msg("out of memory");
			continue;
		}
		/* Where a name was cut off the field goes on. */
		if (piece.begins && !*unnamed)
			end_field(all);
		all->in_field = 1;
		*unnamed = piece.begins && !piece.named;
		if (!stralloc_catb(&all->field, text + at, piece.len) ||
		    (*unnamed && !stralloc_copys(&all->name, "?")) ||
		    (piece.named && !stralloc_copyb(&all->name, header->name,
		    header->name_len)))
			ck_abort_msg("out of memory");
	}
}

START_TEST(each_row)
{
	size_t cut, at, next, len = rows[_i].len;

	for (cut = 0; cut <= len; cut++) {
		struct collector all;
		struct header header;
		int unnamed = 0;

		memset(&all, 0, sizeof all);
		header_start(&header);
		for (at = 0; at < len; at = next) {
			next = piece_end(at, len, cut);
			take(&all, &header, rows[_i].message + at, next - at,
			    &unnamed);
		}
		end_field(&all);
		assert_holds(&all.fields, rows[_i].fields);
		assert_holds(&all.body, rows[_i].body);
		stralloc_free(&all.fields);
		stralloc_free(&all.body);
		stralloc_free(&all.field);
		stralloc_free(&all.name);
	}
}
END_TEST

static const struct {
	const char *message, *name;
	int is;
} names[] = {
	{ "Received: x\n",	"received",	1 },
	{ "RECEIVED: x\n",	"Received",	1 },
	{ "Received : x\n",	"Received",	1 },
	{ "Received-SPF: x\n",	"Received",	0 },
	{ "Receive: x\n",	"Received",	0 },
	{ "Received\n",		"Received",	1 },
	{ ": x\n",		"Received",	0 },
};

START_TEST(each_name)
{
	struct header header;
	struct header_piece piece;

	header_start(&header);
	header_next(&header, names[_i].message, strlen(names[_i].message),
	    &piece);
	ck_assert(piece.begins && piece.named);
	ck_assert_int_eq(header_is(&header, names[_i].name), names[_i].is);
}
END_TEST

/* Whole fields, and the bodies of them, each in brackets. */
static const struct {
	const char *text, *bodies;
} fields[] = {
	{ "", "" },
	{ "A: 1\n", "[ 1]" },
	{ "A:1", "[1]" },
	{ "A:\n", "[]" },
	{ "A:\n 1\n\t2\nB: 3\n", "[\n 1\n\t2][ 3]" },
	{ "A: b:c\nA: d\n", "[ b:c][ d]" },
	{ "A: 1\n \nB:\n", "[ 1\n ][]" },
	{ "A\nB: 1\n", "none[ 1]" },
	{ "A\n : 1\n", "[ 1]" },
	{ "\nB: 1\n", "none[ 1]" },
};

START_TEST(each_field)
{
	const char *body, *text = fields[_i].text;
	size_t at, taken, body_len, len = strlen(text);
	stralloc bodies = { 0 };

	for (at = 0; at < len; at += taken) {
		taken = header_field(text + at, len - at, &body, &body_len);
		ck_assert_uint_ge(taken, 1);
		ck_assert_uint_le(taken, len - at);
		if (body == NULL) {
			ck_assert(stralloc_cats(&bodies, "none"));
			continue;
		}
		ck_assert(stralloc_cats(&bodies, "[") && stralloc_catb(
		    &bodies, body, body_len) && stralloc_cats(&bodies, "]"));
	}
	ck_assert_uint_eq(header_field(text + at, 0, &body, &body_len), 0);
	ck_assert_ptr_null(body);
	assert_holds(&bodies, fields[_i].bodies);
	stralloc_free(&bodies);
}
END_TEST

SUITE("header",
    { each_row, ROWS(rows), NULL, NULL },
    { each_name, ROWS(names), NULL, NULL },
    { each_field, ROWS(fields), NULL, NULL })
