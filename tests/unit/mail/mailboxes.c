#include "mail/mailboxes.h"

#include "smtp/mailbox.h"

#include "../suite.h"

#define FOUR(text)	text text text text
#define TWENTY(text)	FOUR(text) FOUR(text) FOUR(text) FOUR(text) FOUR(text)
#define LABEL_20	TWENTY("a")
#define LABEL_63	LABEL_20 LABEL_20 LABEL_20 "aaa"

/* A list and its mailboxes, each in brackets; NULL: malformed. */
static const struct {
	const char *text;
	size_t len;
	const char *mailboxes;
} rows[] = {
	/* RFC 5322 A.1.1 to A.1.3. */
	{ TEXT(" John Doe <jdoe@machine.example>"),
	    "[jdoe@machine.example]" },
	{ TEXT(" Mary Smith <mary@example.net>"), "[mary@example.net]" },
	{ TEXT(" \"Joe Q. Public\" <john.q.public@example.com>"),
	    "[john.q.public@example.com]" },
	{ TEXT(" Mary Smith <mary@x.test>, jdoe@example.org, Who? "
	    "<one@y.test>"),
	    "[mary@x.test][jdoe@example.org][one@y.test]" },
	{ TEXT(" <boss@nil.test>, \"Giant; \\\"Big\\\" Box\" "
	    "<sysservices@example.net>"),
	    "[boss@nil.test][sysservices@example.net]" },
	{ TEXT(" Pete <pete@silly.example>"), "[pete@silly.example]" },
	{ TEXT(" A Group:Ed Jones <c@a.test>,joe@where.test,John "
	    "<jdoe@one.test>;"),
	    "[c@a.test][joe@where.test][jdoe@one.test]" },
	{ TEXT(" Undisclosed recipients:;"), "" },
	/* A.5: comments and folds wherever they may stand. */
	{ TEXT(" Pete(A nice \\) chap) <pete(his account)@silly.test"
	    "(his host)>"), "[pete@silly.test]" },
	{ TEXT("A Group(Some people)\n     :Chris Jones <c@(Chris's host.)"
	    "public.example>,\n         joe@example.org,\n"
	    "  John <jdoe@one.test> (my dear friend); (the end of the group)"),
	    "[c@public.example][joe@example.org][jdoe@one.test]" },
	{ TEXT("(Empty list)(start)Hidden recipients  :(nobody(that I know))"
	    "  ;"), "" },
	/* A.6.1 to A.6.3: obsolete, and all of it in real mail. */
	{ TEXT(" Joe Q. Public <john.q.public@example.com>"),
	    "[john.q.public@example.com]" },
	{ TEXT(" Mary Smith <@node.test:mary@example.net>, , "
	    "jdoe@test  . example"),
	    "[mary@example.net][jdoe@test.example]" },
	{ TEXT(" John Doe <jdoe@machine(comment).  example>"),
	    "[jdoe@machine.example]" },
	{ TEXT(" Mary Smith\n  \n          <mary@example.net>"),
	    "[mary@example.net]" },
	/* No mailbox is no fault. */
	{ TEXT(""), "" },
	{ TEXT(" \t\n "), "" },
	{ TEXT(" , ,, (x) ,"), "" },
	{ TEXT("a:;, b: , ;"), "" },
	/* Addresses by themselves. */
	{ TEXT("a@b"), "[a@b]" },
	{ TEXT("Joe@Example.ORG"), "[Joe@Example.ORG]" },
	{ TEXT("<a@b>"), "[a@b]" },
	{ TEXT("a@b,c@d"), "[a@b][c@d]" },
	{ TEXT(",a@b,,c@d,"), "[a@b][c@d]" },
	{ TEXT("a@b (Joe)"), "[a@b]" },
	{ TEXT("a @\n b"), "[a@b]" },
	{ TEXT("(x)a(x)@(x)b(x)"), "[a@b]" },
	{ TEXT("< (x) a@b\n\t>"), "[a@b]" },
	{ TEXT("a . b@c"), "[a.b@c]" },
	{ TEXT("a(x).(x)b@c"), "[a.b@c]" },
	{ TEXT("!#$%&'*+-/=?^_`{|}~@c"), "[!#$%&'*+-/=?^_`{|}~@c]" },
	{ TEXT("a..b.@c"), "[a..b.@c]" },
	{ TEXT(".a@c"), "[.a@c]" },
	/* Quoted local-parts. */
	{ TEXT("\"a\"@c"), "[a@c]" },
	{ TEXT("\"a b\"@c"), "[a b@c]" },
	{ TEXT("\"a\n b\"@c"), "[a b@c]" },
	{ TEXT("\"a@b\"@c"), "[a@b@c]" },
	{ TEXT("<\"a\\\"\\\\b\\c\"@d>"), "[a\"\\bc@d]" },
	{ TEXT("\"<a@b>\"@c"), "[<a@b>@c]" },
	{ TEXT("\"a\".b.\"c d\"@e"), "[a.b.c d@e]" },
	{ TEXT("\"(a)\"@c"), "[(a)@c]" },
	/* Display names. */
	{ TEXT("\"a@b\" <c@d>"), "[c@d]" },
	{ TEXT("\"a@b\"<c@d>"), "[c@d]" },
	{ TEXT("\"<a@b>,\" <c@d>"), "[c@d]" },
	{ TEXT("\"\" <c@d>"), "[c@d]" },
	{ TEXT("\"a\tb\" <c@d>"), "[c@d]" },
	{ TEXT("a\"b\"c <c@d>"), "[c@d]" },
	{ TEXT("Dr. J. Doe Jr. <c@d>"), "[c@d]" },
	{ TEXT("a .b <c@d>"), "[c@d]" },
	{ TEXT("=?utf-8?Q?J=C3=B6?=\n =?utf-8?B?w7Y=?= <c@d>"), "[c@d]" },
	{ TEXT("=?utf-8?Q?=22a=40b=22?= <c@d>"), "[c@d]" },
	{ TEXT("J\303\266 \"\303\266\" (\303\266) <c@d>"), "[c@d]" },
	{ TEXT("\"\\\303\266\" (\\\303\266) <c@d>"), "[c@d]" },
	{ TEXT("(a@b) c@d"), "[c@d]" },
	{ TEXT("(<a@b>,) <c@d> (<e@f>)"), "[c@d]" },
	{ TEXT("(a \"b) <c@d> (\" e)"), "[c@d]" },
	{ TEXT("\"(\" <c@d> (\")"), "[c@d]" },
	{ TEXT(TWENTY("(") TWENTY(")") "a@b"), "[a@b]" },
	{ TEXT(TWENTY("(()) ") "a@b"), "[a@b]" },
	/* Literals. */
	{ TEXT("a@[192.0.2.1]"), "[a@[192.0.2.1]]" },
	{ TEXT("<a@ [ IPv6:2001:db8::1\n ] >"),
	    "[a@[IPv6:2001:db8::1]]" },
	/* Routes. */
	{ TEXT("<@a,@b:c@d>"), "[c@d]" },
	{ TEXT("<@a, , @b.c (x) : e@d>"), "[e@d]" },
	{ TEXT("<,@a:c@d>"), "[c@d]" },
	{ TEXT("<@[192.0.2.1]:c@d>"), "[c@d]" },
	/* Groups. */
	{ TEXT("a:b@c;"), "[b@c]" },
	{ TEXT("\"a@b\":c@d;"), "[c@d]" },
	{ TEXT("a.b: <c@d>, ,; , e@f"), "[c@d][e@f]" },
	{ TEXT("a:b@c;,d:e@f;"), "[b@c][e@f]" },

	/* Who of the two is it? */
	{ TEXT("a@b <c@d>"), NULL },
	{ TEXT("<a@b> <c@d>"), NULL },
	{ TEXT("<a@b> c@d"), NULL },
	{ TEXT("a@b c@d"), NULL },
	{ TEXT("a@b@c"), NULL },
	{ TEXT("<a@b@c>"), NULL },
	{ TEXT("<a@b>c"), NULL },
	{ TEXT("<<a@b>>"), NULL },
	{ TEXT("<a@b"), NULL },
	{ TEXT("a@b>"), NULL },
	{ TEXT("<a@b><"), NULL },
	{ TEXT("a@b; c@d"), NULL },
	{ TEXT("a@b;"), NULL },
	{ TEXT("a b@c"), NULL },
	{ TEXT("\"a\"b@c"), NULL },
	{ TEXT("a\"b\"@c"), NULL },
	{ TEXT("a(x)b@c"), NULL },
	{ TEXT("\"a\" \"b\"@c"), NULL },
	{ TEXT("<Joe a@b>"), NULL },
	{ TEXT("\"a\\\" <b@c>"), NULL },
	{ TEXT("(a\\) <b@c>"), NULL },
	/* Names that have to be quoted. */
	{ TEXT("Doe, Joe <c@d>"), NULL },
	{ TEXT("Joe [x] <c@d>"), NULL },
	{ TEXT("=?utf-8?Q?Doe,_Joe?= <c@d>"), NULL },
	{ TEXT("=?utf-8?Q?a@b?= <c@d>"), NULL },
	{ TEXT(". <c@d>"), NULL },
	{ TEXT(".Joe <c@d>"), NULL },
	{ TEXT("Joe \\x <c@d>"), NULL },
	/* No mailbox at all, or half of one. */
	{ TEXT("Joe"), NULL },
	{ TEXT("<>"), NULL },
	{ TEXT("Joe <>"), NULL },
	{ TEXT("<a>"), NULL },
	{ TEXT("@b"), NULL },
	{ TEXT("<@b>"), NULL },
	{ TEXT("a@"), NULL },
	{ TEXT("a@,b@c"), NULL },
	{ TEXT("\"\"@b"), NULL },
	{ TEXT(".@b"), NULL },
	{ TEXT("\"a@b\""), NULL },
	{ TEXT("a@b,c"), NULL },
	/* Domains. */
	{ TEXT("a@b."), NULL },
	{ TEXT("a@.b"), NULL },
	{ TEXT("a@b..c"), NULL },
	{ TEXT("a@b c.d"), NULL },
	{ TEXT("a@-b"), NULL },
	{ TEXT("a@b!c"), NULL },
	{ TEXT("a@\"b\""), NULL },
	{ TEXT("a@" LABEL_63 "a"), NULL },
	{ TEXT("a@[192.0.2]"), NULL },
	{ TEXT("a@[1 92.0.2.1]"), NULL },
	{ TEXT("a@[192.0.2.1"), NULL },
	{ TEXT("a@[\\192.0.2.1]"), NULL },
	{ TEXT("a@[192.0.2.1].b"), NULL },
	{ TEXT("a@[x]"), NULL },
	{ TEXT("a@[]"), NULL },
	{ TEXT("a@["), NULL },
	/* Encoded-words in the mailbox; the last is none. */
	{ TEXT("=?utf-8?Q?a?=@b"), NULL },
	{ TEXT("<x.=?utf-8?Q?a=40c=3E?=.y@b>"), NULL },
	{ TEXT("<\"=?utf-8?Q?a=40c?=\"@b>"), NULL },
	{ TEXT("=?.?=@b"), NULL },
	{ TEXT("=?=@b, a=?@b, a?=b=?@b"), "[=?=@b][a=?@b][a?=b=?@b]" },
	/* Octets of 8 bits in the mailbox. */
	{ TEXT("\303\266@b"), NULL },
	{ TEXT("\"\303\266\"@b"), NULL },
	{ TEXT("a@\303\266"), NULL },
	{ TEXT("a@b\303\266"), NULL },
	{ TEXT("a@[\303\266]"), NULL },
	/* Routes that are none. */
	{ TEXT("<a@b:c@d>"), NULL },
	{ TEXT("<@a:>"), NULL },
	{ TEXT("<:c@d>"), NULL },
	{ TEXT("<,:c@d>"), NULL },
	{ TEXT("<,c@d>"), NULL },
	{ TEXT("<@a c@d>"), NULL },
	{ TEXT("<@a,c@d>"), NULL },
	{ TEXT("<@a:@b:c@d>"), NULL },
	{ TEXT("<@:c@d>"), NULL },
	{ TEXT("@a:c@d"), NULL },
	/* Groups that are none. */
	{ TEXT("a:b@c"), NULL },
	{ TEXT("a:"), NULL },
	{ TEXT(":a@b;"), NULL },
	{ TEXT(".:a@b;"), NULL },
	{ TEXT("a:b:c@d;"), NULL },
	{ TEXT("a:b:c@d;;"), NULL },
	{ TEXT("a:b@c,"), NULL },
	{ TEXT("a:b@c;;"), NULL },
	{ TEXT("a:b@c; d@e"), NULL },
	{ TEXT("a:b@c;."), NULL },
	{ TEXT("<a>:b@c;"), NULL },
	{ TEXT("a@b:c@d;"), NULL },
	{ TEXT(";"), NULL },
	{ TEXT(",;"), NULL },
	/* What never ends. */
	{ TEXT("(a@b"), NULL },
	{ TEXT("a@b ("), NULL },
	{ TEXT("a@b (()"), NULL },
	{ TEXT("a@b )"), NULL },
	{ TEXT("a@b (\\"), NULL },
	{ TEXT("\"a@b"), NULL },
	{ TEXT("\"a\\"), NULL },
	{ TEXT("\""), NULL },
	{ TEXT("(" TWENTY("(") ")" TWENTY(")") "a@b"), NULL },
	/* Control characters, and line ends that fold nothing. */
	{ TEXT("a\0@b"), NULL },
	{ TEXT("a@b\0"), NULL },
	{ TEXT("a@b\0,c@d"), NULL },
	{ TEXT("\0"), NULL },
	{ TEXT("\"\0\" <a@b>"), NULL },
	{ TEXT("\"\\\0\" <a@b>"), NULL },
	{ TEXT("(\0) a@b"), NULL },
	{ TEXT("(\\\0) a@b"), NULL },
	{ TEXT("\"\033\" <a@b>"), NULL },
	{ TEXT("\"\177\" <a@b>"), NULL },
	{ TEXT("(\177) a@b"), NULL },
	{ TEXT("\r a@b"), NULL },
	{ TEXT("a\r@b"), NULL },
	{ TEXT("\"a\tb\"@c"), NULL },
	{ TEXT("a@b\n"), NULL },
	{ TEXT("\na@b"), NULL },
	{ TEXT("a@b\n,"), NULL },
	{ TEXT("(\n) a@b"), NULL },
	{ TEXT("(\\\n ) a@b"), NULL },
	{ TEXT("\"a\nb\" <c@d>"), NULL },
	{ TEXT("\"a\\\n b\" <c@d>"), NULL },
	{ TEXT("a@[\n192.0.2.1]"), NULL },
};

/* In memory of its own, so that a sanitizer sees every step outside. */
static char *
copy(const char *text, size_t len)
{
	char *alone = malloc(len > 0 ? len : 1);

	ck_assert_ptr_nonnull(alone);
	memcpy(alone, text, len);
	return alone;
}

/* Read them all, each in brackets; how it ended, and again. */
static enum status
read_all(const char *text, size_t len, stralloc *all)
{
	struct mailboxes list;
	stralloc mailbox = { 0 };
	enum status status;

	mailboxes_start(&list, text, len);
	while ((status = mailboxes_next(&list, &mailbox)) == OK &&
	    mailbox.len > 0)
		ck_assert(stralloc_cats(all, "[") && stralloc_cat(all,
		    &mailbox) && stralloc_cats(all, "]"));
	ck_assert_uint_eq(mailbox.len, 0);
	ck_assert_int_eq(mailboxes_next(&list, &mailbox), status);
	ck_assert_uint_eq(mailbox.len, 0);
	stralloc_free(&mailbox);
	return status;
}

START_TEST(each_row)
{
	const char *wanted = rows[_i].mailboxes;
	char *text = copy(rows[_i].text, rows[_i].len);
	stralloc all = { 0 };
	enum status status = read_all(text, rows[_i].len, &all);

	ck_assert_msg(status == (wanted != NULL ? OK : PERMFAIL),
	    "row %d: \"%s\" ended with %d", _i, rows[_i].text, (int)status);
	if (wanted != NULL)
		assert_holds(&all, wanted);
	stralloc_free(&all);
	free(text);
}
END_TEST

/* The begin of whatever there is ends, one way or the other. */
START_TEST(each_begin)
{
	size_t len;

	for (len = 0; len < rows[_i].len; len++) {
		char *text = copy(rows[_i].text, len);
		stralloc all = { 0 };

		ck_assert_int_ne(read_all(text, len, &all), TEMPFAIL);
		stralloc_free(&all);
		free(text);
	}
}
END_TEST

/* So many of a text between a begin and an end. */
static const struct {
	const char *begin, *text, *end;
	size_t many;
	enum status status;
	size_t octets;		/* of the mailboxes and their brackets */
} bounds[] = {
	{ "", "a@b,", "", MAILBOXES_MOST, OK, MAILBOXES_MOST * 5 },
	{ "", "a@b,", "", MAILBOXES_MOST + 1, PERMFAIL, MAILBOXES_MOST * 5 },
	{ "x:", "<a@b>,", ";", MAILBOXES_MOST, OK, MAILBOXES_MOST * 5 },
	{ "x:", "<a@b>,", ";", MAILBOXES_MOST + 1, PERMFAIL,
	    MAILBOXES_MOST * 5 },
	{ "a@b", ",", "", 5000, OK, 5 },
	/* The mailbox counts, not its quoting. */
	{ "", "a", "@x", MAILBOX_SIZE - 2, OK, MAILBOX_SIZE + 2 },
	{ "", "a", "@x", MAILBOX_SIZE - 1, PERMFAIL, 0 },
	{ "", "a", "@x", MAILBOX_SIZE, PERMFAIL, 0 },
	{ "", "a", "@x", 5000, PERMFAIL, 0 },
	{ "<\"", "\\a", "\"@x>", MAILBOX_SIZE - 2, OK, MAILBOX_SIZE + 2 },
	{ "<\"", "\\a", "\"@x>", MAILBOX_SIZE - 1, PERMFAIL, 0 },
	{ "a@", "b", "", 5000, PERMFAIL, 0 },
	{ "a@[", "1", "]", 5000, PERMFAIL, 0 },
	{ "<@", "b", ":a@b>", 5000, PERMFAIL, 0 },
	/* What is dropped has no bound of its own. */
	{ "", "a", " <a@b>", 5000, OK, 5 },
	{ "\"", "a", "\" <a@b>", 5000, OK, 5 },
	{ "(", "a", ") a@b", 5000, OK, 5 },
	{ "", "a.", "a: a@b;", 5000, OK, 5 },
	{ "<", "@a,", "@b:a@b>", 5000, OK, 5 },
	{ "", "(", "a@b", 5000, PERMFAIL, 0 },
};

START_TEST(each_bound)
{
	stralloc text = { 0 }, all = { 0 };
	size_t i;

	ck_assert(stralloc_cats(&text, bounds[_i].begin));
	for (i = 0; i < bounds[_i].many; i++)
		ck_assert(stralloc_cats(&text, bounds[_i].text));
	ck_assert(stralloc_cats(&text, bounds[_i].end));
	ck_assert_int_eq(read_all(text.s, text.len, &all),
	    bounds[_i].status);
	ck_assert_uint_eq(all.len, bounds[_i].octets);
	stralloc_free(&text);
	stralloc_free(&all);
}
END_TEST

SUITE("mailboxes",
    { each_row, ROWS(rows), NULL, NULL },
    { each_begin, ROWS(rows), NULL, NULL },
    { each_bound, ROWS(bounds), NULL, NULL })
