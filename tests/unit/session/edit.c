#include "session/edit.h"

#include "../suite.h"

#define NAME_60	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
	const char *top;
	const char *removed[3];
	const char *message, *result;
	unsigned hops;
} rows[] = {
	{ "", { NULL }, "A: 1\n\nbody\n", "A: 1\n\nbody\n", 0 },
	{ "T: 1\n", { NULL }, "A: 1\n\nb\n", "T: 1\nA: 1\n\nb\n", 0 },
	{ "T: 1\nU: 2\n", { NULL }, "\nb\n", "T: 1\nU: 2\n\nb\n", 0 },
	/* A field, folded or not, and each of that name. */
	{ "", { "A" }, "A: 1\nB: 2\n\nA: b\n", "B: 2\n\nA: b\n", 0 },
	{ "", { "A" }, "B: 2\nA: 1\n 2\n\t3\nC: 4\n\n", "B: 2\nC: 4\n\n", 0 },
	{ "", { "a" }, "A: 1\nB: 2\nA : 3\nA\n\n", "B: 2\n\n", 0 },
	{ "", { "A" }, "A: 1\n\n 2\n", "\n 2\n", 0 },
	{ "", { "A" }, "A: 1\n", "", 0 },
	{ "", { "A" }, "AB: 1\nX-A: 2\nA-: 3\n\n",
	    "AB: 1\nX-A: 2\nA-: 3\n\n", 0 },
	{ "T: 1\n", { "A", "B", "T" }, "T: 0\nA: 1\nC: 2\nB: 3\n\nb\n",
	    "T: 1\nC: 2\n\nb\n", 0 },
	{ "T: 1\n", { "A" }, "A: 1\nA: 2\nB: 3\n\nb\n",
	    "T: 1\nB: 3\n\nb\n", 0 },
	{ "", { "X-Qsmtp-Monitor" },
	    "X-Qsmtp-Monitor: forged\nX-Qsmtp: y\n\n", "X-Qsmtp: y\n\n", 0 },
	/* Names that are too long to be removed or counted just pass. */
	{ "", { "A" }, "A: 1\n" NAME_60 "12345: 2\nA: 3\nB: 4\n\n",
	    NAME_60 "12345: 2\nB: 4\n\n", 0 },
	{ "", { "A" }, NAME_60 "123: 2\nA: 3\n\n", NAME_60 "123: 2\n\n", 0 },
	{ "", { "A" }, "B: 1\n" NAME_60 NAME_60 ": 2\nA: 3\n\n",
	    "B: 1\n" NAME_60 NAME_60 ": 2\n\n", 0 },
	{ "", { "A" }, "A: 1\n" NAME_60 NAME_60 "\n\n",
	    NAME_60 NAME_60 "\n\n", 0 },
	/* Hops, removed or not; the body has none. */
	{ "", { NULL }, "Received: a\nRECEIVED: b\nreceived : c\n"
	    "Received-SPF: d\nDelivered-To: e\n\nReceived: f\n",
	    "Received: a\nRECEIVED: b\nreceived : c\n"
	    "Received-SPF: d\nDelivered-To: e\n\nReceived: f\n", 4 },
	{ "Received: ours\n", { "Delivered-To" },
	    "Delivered-To: x\nReceived: y\n\n",
	    "Received: ours\nReceived: y\n\n", 2 },
	{ "", { NULL }, "\nReceived: a\n", "\nReceived: a\n", 0 },
	{ "", { NULL }, "A: 1\n Received: a\n\n", "A: 1\n Received: a\n\n",
	    0 },
	/* A folded line that no field stands before is none of ours. */
	{ "T: 1\n", { NULL }, " x\nA: 1\n\nb\n",
	    "T: 1\nX-Qsmtp-Folded:\n x\nA: 1\n\nb\n", 0 },
	{ "T: 1\n", { "A" }, "\tx\n\n",
	    "T: 1\nX-Qsmtp-Folded:\n\tx\n\n", 0 },
	{ "T: 1\n", { "A" }, "A: 1\n x\nB: 1\n\n", "T: 1\nB: 1\n\n", 0 },
	{ "", { NULL }, " x\n\n", " x\n\n", 0 },
	/* No header section worth the name. */
	{ "T: 1\n", { "A" }, "", "T: 1\n", 0 },
	{ "", { "A" }, "\n", "\n", 0 },
	{ "", { "A" }, "just text\nA: 1\nmore\n", "just text\nmore\n", 0 },
};

static void
make_edits(int row, struct edits *edits)
{
	size_t i;

	memset(edits, 0, sizeof *edits);
	ck_assert_int_eq(edits_add(edits, rows[row].top,
	    strlen(rows[row].top)), OK);
	for (i = 0; i < 3 && rows[row].removed[i] != NULL; i++)
		ck_assert_int_eq(edits_remove(edits, rows[row].removed[i]),
		    OK);
}

/* Give a block in memory of its own and take what is to be written. */
static void
take(struct edit *edit, const char *text, size_t len, stralloc *result)
{
	struct iovec parts[EDIT_PARTS];
	char *block = malloc(len > 0 ? len : 1);
	size_t i;

	if (block == NULL)
		ck_abort_msg("out of memory");
	memcpy(block, text, len);
	edit_take(edit, block, len, parts);
	for (i = 0; i < EDIT_PARTS; i++)
		if (parts[i].iov_len > 0 && !stralloc_catb(result,
		    parts[i].iov_base, parts[i].iov_len))
			ck_abort_msg("out of memory");
	free(block);
}

START_TEST(each_row)
{
	const char *message = rows[_i].message;
	size_t cut, at, next, len = strlen(message);
	struct edits edits;

	make_edits(_i, &edits);
	for (cut = 0; cut <= len; cut++) {
		stralloc result = { 0 };
		struct edit edit;

		/* What is left in memory from before means nothing. */
		memset(&edit, 0x5a, sizeof edit);
		edit_start(&edit, &edits);
		take(&edit, message, 0, &result);
		for (at = 0; at < len; at = next) {
			next = piece_end(at, len, cut);
			take(&edit, message + at, next - at, &result);
		}
		assert_holds(&result, rows[_i].result);
		ck_assert_uint_eq(edit.hops, rows[_i].hops);
		ck_assert_uint_eq(edit.size, len);
		stralloc_free(&result);
	}
	edits_free(&edits);
}
END_TEST

SUITE("edit",
    { each_row, ROWS(rows), NULL, NULL })
