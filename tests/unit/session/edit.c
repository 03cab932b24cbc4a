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
	/* A name without an end is nobody's name. */
	{ "", { "A" }, "A: 1\nB", "B", 0 },
	{ "", { "A" }, "B: 1\nA", "B: 1\nA", 0 },
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

static void
append(stralloc *result, const struct iovec parts[EDIT_PARTS])
{
	size_t i;

	for (i = 0; i < EDIT_PARTS; i++)
		if (parts[i].iov_len > 0 && !stralloc_catb(result,
		    parts[i].iov_base, parts[i].iov_len))
			ck_abort_msg("out of memory");
}

/* Give a block in memory of its own and take what is to be written. */
static void
take(struct edit *edit, const char *text, size_t len, stralloc *result)
{
	struct iovec parts[EDIT_PARTS];
	char *block = malloc(len > 0 ? len : 1);

	if (block == NULL)
		ck_abort_msg("out of memory");
	memcpy(block, text, len);
	edit_take(edit, block, len, parts);
	append(result, parts);
	free(block);
}

static void
start(struct edit *edit, const struct edits *edits)
{
	/* What is left in memory from before means nothing. */
	memset(edit, 0x5a, sizeof *edit);
	ck_assert_int_eq(edit_start(edit, edits), OK);
}

static void
end(struct edit *edit, stralloc *result)
{
	struct iovec parts[EDIT_PARTS];

	edit_end(edit, parts);
	append(result, parts);
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

		start(&edit, &edits);
		take(&edit, message, 0, &result);
		for (at = 0; at < len; at = next) {
			next = piece_end(at, len, cut);
			take(&edit, message + at, next - at, &result);
		}
		end(&edit, &result);
		assert_holds(&result, rows[_i].result);
		ck_assert_uint_eq(edit.hops, rows[_i].hops);
		ck_assert_uint_eq(edit.size, len);
		ck_assert_ptr_null(edit.captured.s);
		edit_free(&edit);
		stralloc_free(&result);
	}
	edits_free(&edits);
}
END_TEST

/* The completions of all these rows, and From is captured. */
#define DATE	"Date: now\n"
#define ID	"Message-ID: <1@x>\n"
#define BOTH	DATE ID

static const struct {
	const char *top, *removed;
	const char *message, *result;
	const char *captured;
	unsigned captures;
} completions[] = {
	{ "", NULL, "A: 1\n\nb\n", "A: 1\n" BOTH "\nb\n", "", 0 },
	{ "T: 1\n", NULL, "A: 1\n\nb\n", "T: 1\nA: 1\n" BOTH "\nb\n", "", 0 },
	{ "", NULL, "A: 1\n 2\n\n\nb\n", "A: 1\n 2\n" BOTH "\n\nb\n", "", 0 },
	/* One is there, or both, or not with that name. */
	{ "", NULL, "Date: then\nA: 1\n\nb\n",
	    "Date: then\nA: 1\n" ID "\nb\n", "", 0 },
	{ "", NULL, "message-id : <0@y>\n\nb\n",
	    "message-id : <0@y>\n" DATE "\nb\n", "", 0 },
	{ "", NULL, "DATE: then\nMessage-Id:\n <0@y>\n\nb\n",
	    "DATE: then\nMessage-Id:\n <0@y>\n\nb\n", "", 0 },
	{ "", NULL, "Dates: 1\nDat: 2\n\n",
	    "Dates: 1\nDat: 2\n" BOTH "\n", "", 0 },
	{ "", NULL, "A: 1\n Date: 2\n\nDate: 3\n",
	    "A: 1\n Date: 2\n" BOTH "\nDate: 3\n", "", 0 },
	/* One that is removed is not there. */
	{ "", "Date", "Date: then\nA: 1\n\nb\n", "A: 1\n" BOTH "\nb\n",
	    "", 0 },
	{ "", "Date", "A: 1\nDate: then\n x\n\nb\n", "A: 1\n" BOTH "\nb\n",
	    "", 0 },
	{ "T: 1\n", "A", "A: 1\nDate: then\nA: 2\n\nb\n",
	    "T: 1\nDate: then\n" ID "\nb\n", "", 0 },
	{ "T: 1\n", "A", "A: 1\n\nb\n", "T: 1\n" BOTH "\nb\n", "", 0 },
	/* The header section that never ends, and none. */
	{ "T: 1\n", NULL, "", "T: 1\n" BOTH, "", 0 },
	{ "", NULL, "", BOTH, "", 0 },
	{ "T: 1\n", NULL, "\n", "T: 1\n" BOTH "\n", "", 0 },
	{ "", NULL, "\nb\n", BOTH "\nb\n", "", 0 },
	{ "", NULL, "A: 1\nB: 2\n", "A: 1\nB: 2\n" BOTH, "", 0 },
	{ "", "A", "B: 1\nA: 2\n", "B: 1\n" BOTH, "", 0 },
	{ "", "A", "A: 2\n", BOTH, "", 0 },
	/* Lines that are no fields stand before the empty line. */
	{ "T: 1\n", NULL, "Hello world\n\nb\n",
	    "T: 1\nHello world\n" BOTH "\nb\n", "", 0 },
	{ "", NULL, "Hello world\nDate: then\n",
	    "Hello world\nDate: then\n" ID, "", 0 },
	{ "T: 1\n", NULL, " x\n\nb\n",
	    "T: 1\nX-Qsmtp-Folded:\n x\n" BOTH "\nb\n", "", 0 },
	/* What is captured: of each field, folded, but for the body. */
	{ "", NULL, "From: a@b\n\nFrom: x\n",
	    "From: a@b\n" BOTH "\nFrom: x\n", "From: a@b\n", 1 },
	{ "", NULL, "From:a\n <b@c>\n\td\nTo: e\n\n",
	    "From:a\n <b@c>\n\td\nTo: e\n" BOTH "\n",
	    "From:a\n <b@c>\n\td\n", 1 },
	{ "", NULL, "FROM \t: a\nTo: b\nfrom:\n c\n\n",
	    "FROM \t: a\nTo: b\nfrom:\n c\n" BOTH "\n",
	    "FROM: a\nfrom:\n c\n", 2 },
	{ "", NULL, "From: a\nFrom: b\n", "From: a\nFrom: b\n" BOTH,
	    "From: a\nFrom: b\n", 2 },
	{ "", NULL, "From:\n\n", "From:\n" BOTH "\n", "From:\n", 1 },
	{ "", NULL, "From::a: b\n\n", "From::a: b\n" BOTH "\n",
	    "From::a: b\n", 1 },
	{ "", NULL, "From\n : a\nB: 1\n\n", "From\n : a\nB: 1\n" BOTH "\n",
	    "From: a\n", 1 },
	{ "", "A", "A: 1\nFrom: x\nA: 2\n y\nFrom: z\n\n",
	    "From: x\nFrom: z\n" BOTH "\n", "From: x\nFrom: z\n", 2 },
	/* No field, or none that stays. */
	{ "", NULL, "From a b: 1\nFroms: 2\nFro: 3\n\n",
	    "From a b: 1\nFroms: 2\nFro: 3\n" BOTH "\n", "", 0 },
	{ "", NULL, ">From a\nFrom\nB: c\n\n", ">From a\nFrom\nB: c\n" BOTH
	    "\n", "", 0 },
	{ "", NULL, "From a\n : b\n\n", "From a\n : b\n" BOTH "\n", "", 0 },
	{ "", "from", "From: a\nB: 1\n\n", "B: 1\n" BOTH "\n", "", 0 },
};

static void
complete_with(struct edits *edits, const char *name, const char *field)
{
	ck_assert_int_eq(edits_complete(edits, name, field, strlen(field)),
	    OK);
}

/* Judge row `_i` with these cuts. */
static void
judge_cuts(int _i, const struct edits *edits, const size_t cuts[4])
{
	const char *message = completions[_i].message;
	stralloc result = { 0 };
	struct edit edit;
	size_t i, at = 0;

	start(&edit, edits);
	for (i = 0; i < 4; at = cuts[i++])
		take(&edit, message + at, cuts[i] - at, &result);
	end(&edit, &result);
	assert_holds(&result, completions[_i].result);
	assert_holds(&edit.captured, completions[_i].captured);
	ck_assert_uint_eq(edit.captures, completions[_i].captures);
	ck_assert_int_eq(edit.capture_cut, 0);
	ck_assert_uint_eq(edit.size, strlen(message));
	edit_free(&edit);
	stralloc_free(&result);
}

START_TEST(each_completion)
{
	size_t len = strlen(completions[_i].message);
	struct edits edits = { .captured = NULL };
	size_t cuts[4] = { 0, 0, 0, len };

	ck_assert_int_eq(edits_add(&edits, completions[_i].top,
	    strlen(completions[_i].top)), OK);
	if (completions[_i].removed != NULL)
		ck_assert_int_eq(edits_remove(&edits,
		    completions[_i].removed), OK);
	complete_with(&edits, "Date", DATE);
	complete_with(&edits, "Message-ID", ID);
	edits_capture(&edits, "From");
	for (cuts[0] = 0; cuts[0] <= len; cuts[0]++)
		for (cuts[1] = cuts[0]; cuts[1] <= len; cuts[1]++)
			for (cuts[2] = cuts[1]; cuts[2] <= len; cuts[2]++)
				judge_cuts(_i, &edits, cuts);
	edits_free(&edits);
}
END_TEST

/* As many as are taken, each needed or not; then one too many. */
START_TEST(completions_are_bounded)
{
	static const char *const names[] = { "A", "B", "C", "D" };
	static const char *const fields[] = { "A: 1\n", "B: 1\n", "C: 1\n",
	    "D: 1\n" };
	stralloc message = { 0 }, wanted = { 0 }, result = { 0 };
	struct edits edits = { .captured = NULL };
	struct edit edit;
	int i;

	ck_assert_int_eq(EDIT_COMPLETIONS, ROWS(names));
	for (i = 0; i < EDIT_COMPLETIONS; i++) {
		complete_with(&edits, names[i], fields[i]);
		if ((_i >> i & 1) == 0)
			ck_assert(stralloc_cats(&wanted, fields[i]));
		else
			ck_assert(stralloc_cats(&message, names[i]) &&
			    stralloc_cats(&message, ": 0\n"));
	}
	ck_assert_int_eq(edits_complete(&edits, "E", TEXT("E: 1\n")),
	    PERMFAIL);
	ck_assert(stralloc_cats(&message, "\nbody\n"));
	start(&edit, &edits);
	take(&edit, message.s, message.len, &result);
	end(&edit, &result);
	ck_assert(stralloc_0(&wanted));
	ck_assert_uint_eq(result.len, message.len + wanted.len - 1);
	ck_assert_ptr_nonnull(memmem(result.s, result.len, wanted.s,
	    wanted.len - 1));
	assert_octets(result.s + result.len - 6, 6, "\nbody\n", 6);
	edit_free(&edit);
	edits_free(&edits);
	stralloc_free(&message);
	stralloc_free(&wanted);
	stralloc_free(&result);
}
END_TEST

START_TEST(no_completion_has_a_nul)
{
	struct edits edits = { .captured = NULL };

	ck_assert_int_eq(edits_complete(&edits, "A", TEXT("A: \0\n")),
	    PERMFAIL);
	ck_assert_uint_eq(edits.completing.len, 0);
	edits_free(&edits);
}
END_TEST

/* A From of so many octets, in all; what is kept of it and of the next. */
static const struct {
	size_t len;
	int cut;
} captures[] = {
	{ EDIT_CAPTURED - 9,	0 },
	{ EDIT_CAPTURED - 8,	0 },
	{ EDIT_CAPTURED - 7,	1 },
	{ EDIT_CAPTURED,	1 },
	{ EDIT_CAPTURED + 1,	1 },
	{ 4 * EDIT_CAPTURED,	1 },
};

START_TEST(each_capture)
{
	size_t cut, at, next, len = captures[_i].len + 9;
	char *message = malloc(len);
	struct edits edits = { .captured = NULL };

	ck_assert_ptr_nonnull(message);
	memset(message, 'x', len);
	memcpy(message, "From: ", 6);
	memcpy(message + len - 10, "\nFrom: y\n\n", 10);
	edits_capture(&edits, "From");
	/* 0 is octet by octet, the others about the bound. */
	for (cut = 0; cut < len; cut += cut == 0 ? EDIT_CAPTURED - 12 : 1) {
		stralloc result = { 0 };
		struct edit edit;
		size_t most = len - 1;

		if (cut > EDIT_CAPTURED + 12)
			break;
		if (captures[_i].cut)
			most = EDIT_CAPTURED;
		start(&edit, &edits);
		for (at = 0; at < len; at = next) {
			next = piece_end(at, len, cut);
			take(&edit, message + at, next - at, &result);
		}
		end(&edit, &result);
		assert_octets(result.s, result.len, message, len);
		assert_octets(edit.captured.s, edit.captured.len, message,
		    most);
		ck_assert_int_eq(edit.capture_cut, captures[_i].cut);
		ck_assert_uint_eq(edit.captures, 2);
		edit_free(&edit);
		stralloc_free(&result);
	}
	edits_free(&edits);
	free(message);
}
END_TEST

SUITE("edit",
    { each_row, ROWS(rows), NULL, NULL },
    { each_completion, ROWS(completions), NULL, NULL },
    { completions_are_bounded, 1 << EDIT_COMPLETIONS, NULL, NULL },
    { no_completion_has_a_nul, 1, NULL, NULL },
    { each_capture, ROWS(captures), NULL, NULL })
