#include "smtp/mailbox.h"

#include "../suite.h"

#define BARE		PATH_BARE
#define LOCAL		PATH_NO_DOMAIN
#define LENIENT		(PATH_BARE | PATH_NO_DOMAIN)

/* In an allocation of its own, so that a sanitizer sees every step outside. */
static char *
copy(const char *text, size_t len)
{
	char *alone = malloc(len > 0 ? len : 1);

	ck_assert_ptr_nonnull(alone);
	if (len > 0)
		memcpy(alone, text, len);
	return alone;
}

/* What a path is, and how its mailbox is printed (NULL: as it is kept). */
static const struct {
	const char *text;
	size_t len;
	unsigned leniency;
	const char *mailbox, *domain, *rest, *printed;
} paths[] = {
	{ TEXT("<joe@example.org>"), 0, "joe@example.org", "example.org",
	    NULL, NULL },
	{ TEXT("<Joe@Example.ORG>"), 0, "Joe@Example.ORG", "Example.ORG",
	    NULL, NULL },
	{ TEXT("<>"), 0, "", NULL, NULL, NULL },
	{ TEXT("<joe@example.org> SIZE=1"), 0, "joe@example.org",
	    "example.org", " SIZE=1", NULL },
	{ TEXT("<joe@example.org>\tSIZE=1"), 0, "joe@example.org",
	    "example.org", "\tSIZE=1", NULL },
	{ TEXT("<> BODY=7BIT"), 0, "", NULL, " BODY=7BIT", NULL },
	{ TEXT("<!#$%&'*+-/=?^_`{|}~.x@a>"), 0, "!#$%&'*+-/=?^_`{|}~.x@a",
	    "a", NULL, NULL },
	{ TEXT("<joe@a_b.example>"), 0, "joe@a_b.example", "a_b.example",
	    NULL, NULL },
	{ TEXT("<joe@1.2>"), 0, "joe@1.2", "1.2", NULL, NULL },
	/* VERP and SRS. */
	{ TEXT("<list-return-1-joe=example.org@x.test>"), 0,
	    "list-return-1-joe=example.org@x.test", "x.test", NULL, NULL },
	{ TEXT("<SRS0+a/b=cc=dd=example.org=joe@x>"), 0,
	    "SRS0+a/b=cc=dd=example.org=joe@x", "x", NULL, NULL },
	{ TEXT("<user%host@example.org>"), 0, "user%host@example.org",
	    "example.org", NULL, NULL },
	/* Dots that the RFC does not have there. */
	{ TEXT("<a..b@x>"), 0, "a..b@x", "x", "", "\"a..b\"@x" },
	{ TEXT("<.a@x>"), 0, ".a@x", "x", "", "\".a\"@x" },
	{ TEXT("<a.@x>"), 0, "a.@x", "x", "", "\"a.\"@x" },
	/* Quoted local-parts. */
	{ TEXT("<\"joe smith\"@x>"), 0, "joe smith@x", "x", "",
	    "\"joe smith\"@x" },
	{ TEXT("<\"joe\"@x>"), 0, "joe@x", "x", NULL, NULL },
	{ TEXT("<\"j\\o\\e\"@x>"), 0, "joe@x", "x", NULL, NULL },
	{ TEXT("<\"a\\\"b\\\\c\"@x>"), 0, "a\"b\\c@x", "x", "",
	    "\"a\\\"b\\\\c\"@x" },
	{ TEXT("<\"a@b\"@x>"), 0, "a@b@x", "x", "", "\"a@b\"@x" },
	{ TEXT("<\"<a@b>\"@x>"), 0, "<a@b>@x", "x", "", "\"<a@b>\"@x" },
	{ TEXT("<\"@a:b\"@x>"), 0, "@a:b@x", "x", "", "\"@a:b\"@x" },
	{ TEXT("<\"\"@x>"), 0, "@x", "x", "", "\"\"@x" },
	{ TEXT("<\" \"@x>"), 0, " @x", "x", "", "\" \"@x" },
	{ TEXT("<\"a,b(c)\"@x> A"), 0, "a,b(c)@x", "x", " A",
	    "\"a,b(c)\"@x" },
	/* Source routes are dropped. */
	{ TEXT("<@relay.test:joe@x>"), 0, "joe@x", "x", NULL, NULL },
	{ TEXT("<@one,@two:joe@x>"), 0, "joe@x", "x", NULL, NULL },
	{ TEXT("<@one:\"joe\"@x>"), 0, "joe@x", "x", NULL, NULL },
	/* Postmaster needs no domain. */
	{ TEXT("<postmaster>"), 0, "postmaster", NULL, NULL, NULL },
	{ TEXT("<PostMaster>"), 0, "PostMaster", NULL, NULL, NULL },
	{ TEXT("<\"postmaster\">"), 0, "postmaster", NULL, NULL, NULL },
	{ TEXT("<postmaster> X"), 0, "postmaster", NULL, " X", NULL },
	{ TEXT("<@one:postmaster>"), 0, "postmaster", NULL, NULL, NULL },
	/* What clients that may relay are forgiven. */
	{ TEXT("<joe>"), LOCAL, "joe", NULL, NULL, NULL },
	{ TEXT("<\"joe smith\">"), LOCAL, "joe smith", NULL, "",
	    "\"joe smith\"" },
	{ TEXT("joe@x"), BARE, "joe@x", "x", NULL, NULL },
	{ TEXT("joe@x SIZE=1"), BARE, "joe@x", "x", " SIZE=1", NULL },
	{ TEXT("joe"), LENIENT, "joe", NULL, NULL, NULL },
	{ TEXT("\"joe smith\"@x A"), BARE, "joe smith@x", "x", " A",
	    "\"joe smith\"@x" },
	{ TEXT("postmaster"), BARE, "postmaster", NULL, NULL, NULL },
	{ TEXT("@one:joe@x"), BARE, "joe@x", "x", NULL, NULL },
	{ TEXT("joe@[192.0.2.1]"), BARE, "joe@[192.0.2.1]", "[192.0.2.1]",
	    NULL, NULL },
};

START_TEST(each_path)
{
	struct path path = { .domain = 4711, .literal.family = 9 };
	const char *domain, *rest = NULL, *printed = paths[_i].printed;
	char *text = copy(paths[_i].text, paths[_i].len);
	size_t rest_len = 0, len = 0;
	enum path_fault fault = PATH_TOO_LONG;
	stralloc out = { 0 };

	ck_assert_int_eq(path_parse(text, paths[_i].len, paths[_i].leniency,
	    &path, &rest, &rest_len, &fault), OK);
	ck_assert_int_eq(fault, PATH_GOOD);
	assert_holds(&path.mailbox, paths[_i].mailbox);
	assert_octets(rest, rest_len,
	    paths[_i].rest != NULL ? paths[_i].rest : "",
	    paths[_i].rest != NULL ? strlen(paths[_i].rest) : 0);
	if (paths[_i].domain == NULL)
		ck_assert_uint_eq(path.domain, 0);
	else {
		assert_octets(path.mailbox.s + path.domain,
		    path.mailbox.len - path.domain, paths[_i].domain,
		    strlen(paths[_i].domain));
		domain = mailbox_domain(path.mailbox.s, path.mailbox.len,
		    &len);
		ck_assert_ptr_eq(domain, path.mailbox.s + path.domain);
		ck_assert_uint_eq(len, strlen(paths[_i].domain));
	}
	ck_assert_int_eq(mailbox_print(path.mailbox.s, path.mailbox.len,
	    &out), OK);
	assert_holds(&out, printed != NULL ? printed : paths[_i].mailbox);
	stralloc_free(&out);
	path_free(&path);
	free(text);
}
END_TEST

/* What is printed reads as the same mailbox again. */
START_TEST(each_round)
{
	struct path path = { .domain = 0 }, again = { .domain = 0 };
	const char *rest;
	size_t rest_len;
	enum path_fault fault;
	stralloc out = { 0 };

	ck_assert_int_eq(path_parse(paths[_i].text, paths[_i].len,
	    paths[_i].leniency, &path, &rest, &rest_len, &fault), OK);
	ck_assert(stralloc_copys(&out, "<"));
	ck_assert_int_eq(mailbox_print(path.mailbox.s, path.mailbox.len,
	    &out), OK);
	ck_assert(stralloc_cats(&out, ">"));
	ck_assert_int_eq(path_parse(out.s, out.len, paths[_i].leniency, &again,
	    &rest, &rest_len, &fault), OK);
	ck_assert_uint_eq(rest_len, 0);
	assert_octets(again.mailbox.s, again.mailbox.len, path.mailbox.s,
	    path.mailbox.len);
	ck_assert_uint_eq(again.domain, path.domain);
	stralloc_free(&out);
	path_free(&path);
	path_free(&again);
}
END_TEST

static const struct {
	const char *text;
	size_t len;
	unsigned leniency;
	enum path_fault fault;
} faults[] = {
	{ TEXT(""),			0,	PATH_MISSING },
	{ TEXT(""),			LENIENT, PATH_MISSING },
	{ TEXT("joe@x"),		0,	PATH_MISSING },
	{ TEXT("joe@x>"),		0,	PATH_MISSING },
	{ TEXT("joe@x"),		LOCAL,	PATH_MISSING },
	{ TEXT("SIZE=1"),		0,	PATH_MISSING },
	{ TEXT("\"joe\" <joe@x>"),	0,	PATH_MISSING },
	{ TEXT("<"),			0,	PATH_MALFORMED },
	{ TEXT("<joe@x"),		0,	PATH_MALFORMED },
	{ TEXT("<joe@"),		0,	PATH_MALFORMED },
	{ TEXT("<joe"),			LENIENT, PATH_MALFORMED },
	{ TEXT("<joe>"),		0,	PATH_MALFORMED },
	{ TEXT("<joe>"),		BARE,	PATH_MALFORMED },
	{ TEXT("<postmasters>"),	0,	PATH_MALFORMED },
	{ TEXT("joe@x>"),		BARE,	PATH_MALFORMED },
	{ TEXT("<@>"),			0,	PATH_MALFORMED },
	{ TEXT("<@x>"),			LENIENT, PATH_MALFORMED },
	{ TEXT("<joe@>"),		0,	PATH_MALFORMED },
	{ TEXT("<joe@@x>"),		0,	PATH_MALFORMED },
	{ TEXT("<a@b@x>"),		0,	PATH_MALFORMED },
	{ TEXT("<<joe@x>>"),		0,	PATH_MALFORMED },
	{ TEXT("<joe@x>>"),		0,	PATH_MALFORMED },
	{ TEXT("<joe@x>SIZE=1"),	0,	PATH_MALFORMED },
	{ TEXT("<joe@x><jim@x>"),	0,	PATH_MALFORMED },
	{ TEXT("<joe@x>,<jim@x>"),	0,	PATH_MALFORMED },
	{ TEXT("<joe @x>"),		0,	PATH_MALFORMED },
	{ TEXT("< joe@x>"),		0,	PATH_MALFORMED },
	{ TEXT("<joe@x >"),		0,	PATH_MALFORMED },
	{ TEXT("< >"),			0,	PATH_MALFORMED },
	{ TEXT("<joe@x y>"),		0,	PATH_MALFORMED },
	{ TEXT("<joe smith@x>"),	0,	PATH_MALFORMED },
	{ TEXT("<joe(c)@x>"),		0,	PATH_MALFORMED },
	{ TEXT("<j\"o\"e@x>"),		0,	PATH_MALFORMED },
	{ TEXT("<\"joe\"smith@x>"),	0,	PATH_MALFORMED },
	{ TEXT("<\"joe\".\"smith\"@x>"), 0,	PATH_MALFORMED },
	{ TEXT("<\"joe>"),		0,	PATH_MALFORMED },
	{ TEXT("<\"joe@x>"),		0,	PATH_MALFORMED },
	{ TEXT("<\""),			0,	PATH_MALFORMED },
	{ TEXT("<\"\\"),		0,	PATH_MALFORMED },
	{ TEXT("<\"joe\\"),		LENIENT, PATH_MALFORMED },
	{ TEXT("\"\\"),			LENIENT, PATH_MALFORMED },
	{ TEXT("<\"joe\\\"@x>"),	0,	PATH_MALFORMED },
	{ TEXT("<joe\\ smith@x>"),	0,	PATH_MALFORMED },
	/* Nothing but printable ASCII, quoted or not. */
	{ TEXT("<\"a\0b\"@x>"),		0,	PATH_MALFORMED },
	{ TEXT("<\"a\\\0b\"@x>"),	0,	PATH_MALFORMED },
	{ TEXT("<\"a\tb\"@x>"),		0,	PATH_MALFORMED },
	{ TEXT("<\"a\nb\"@x>"),		0,	PATH_MALFORMED },
	{ TEXT("<\"a\177\"@x>"),	0,	PATH_MALFORMED },
	{ TEXT("<\"j\303\266\"@x>"),	0,	PATH_MALFORMED },
	{ TEXT("<j\303\266@x>"),	0,	PATH_MALFORMED },
	{ TEXT("<joe@\303\266.test>"),	0,	PATH_MALFORMED },
	{ TEXT("<joe\0@x>"),		0,	PATH_MALFORMED },
	{ TEXT("<joe@x\0>"),		0,	PATH_MALFORMED },
	/* Domains that are none. */
	{ TEXT("<joe@.>"),		0,	PATH_MALFORMED },
	{ TEXT("<joe@.x>"),		0,	PATH_MALFORMED },
	{ TEXT("<joe@x.>"),		0,	PATH_MALFORMED },
	{ TEXT("<joe@x..y>"),		0,	PATH_MALFORMED },
	{ TEXT("<joe@-x>"),		0,	PATH_MALFORMED },
	{ TEXT("<joe@x->"),		0,	PATH_MALFORMED },
	{ TEXT("<joe@x!y>"),		0,	PATH_MALFORMED },
	{ TEXT("<joe@x\">"),		0,	PATH_MALFORMED },
	/* Literals that are none. */
	{ TEXT("<joe@[192.0.2.1>"),	0,	PATH_MALFORMED },
	{ TEXT("<joe@192.0.2.1]>"),	0,	PATH_MALFORMED },
	{ TEXT("<joe@[192.0.2]>"),	0,	PATH_MALFORMED },
	{ TEXT("<joe@[2001:db8::1]>"),	0,	PATH_MALFORMED },
	{ TEXT("<joe@[IPv6:192.0.2.1]>"), 0,	PATH_MALFORMED },
	{ TEXT("<joe@[]>"),		0,	PATH_MALFORMED },
	{ TEXT("<joe@x[192.0.2.1]>"),	0,	PATH_MALFORMED },
	/* Source routes that are none. */
	{ TEXT("<@one>"),		0,	PATH_MALFORMED },
	{ TEXT("<@one,joe@x>"),		0,	PATH_MALFORMED },
	{ TEXT("<one:joe@x>"),		0,	PATH_MALFORMED },
	{ TEXT("<@one:@two:joe@x>"),	0,	PATH_MALFORMED },
	{ TEXT("<@one> a:joe@x>"),	0,	PATH_MALFORMED },
	{ TEXT("<@one:"),		0,	PATH_MALFORMED },
	{ TEXT("<@one:>"),		0,	PATH_MALFORMED },
	{ TEXT("<@one,>"),		0,	PATH_MALFORMED },
	{ TEXT("<@one,two:joe@x>"),	0,	PATH_MALFORMED },
	{ TEXT("<@one,@:joe@x>"),	0,	PATH_MALFORMED },
	{ TEXT("<@:joe@x>"),		0,	PATH_MALFORMED },
	{ TEXT("<@one\0:joe@x>"),	0,	PATH_MALFORMED },
	{ TEXT("<@o ne:joe@x>"),	0,	PATH_MALFORMED },
	/* At-domain has a Domain, no literal. */
	{ TEXT("<@[192.0.2.1]:joe@x>"),	0,	PATH_MALFORMED },
	{ TEXT("@"),			LENIENT, PATH_MALFORMED },
	/* An `@` that is quoted ends in no domain, and nobody could tell. */
	{ TEXT("<\"a@b\">"),		LOCAL,	PATH_MALFORMED },
	{ TEXT("<\"a@b c\">"),		LOCAL,	PATH_MALFORMED },
};

START_TEST(each_fault)
{
	struct path path = { .domain = 0 };
	char *text = copy(faults[_i].text, faults[_i].len);
	const char *rest = text;
	size_t rest_len = faults[_i].len;
	enum path_fault fault = PATH_GOOD;

	ck_assert_int_eq(path_parse(text, faults[_i].len, faults[_i].leniency,
	    &path, &rest, &rest_len, &fault), PERMFAIL);
	ck_assert_int_eq(fault, faults[_i].fault);
	/* Whatever is said of the rest, it is of this text. */
	ck_assert_uint_le(rest_len, faults[_i].len);
	ck_assert_ptr_eq(rest + rest_len, text + faults[_i].len);
	path_free(&path);
	free(text);
}
END_TEST

static const struct {
	const char *text;
	int family;
	const char *printed;
} literals[] = {
	{ "<joe@[192.0.2.1]>",			4, "192.0.2.1" },
	{ "<joe@[IPv6:2001:db8::1]>",		6, "2001:db8::1" },
	{ "<joe@[IPv6:::ffff:192.0.2.1]>",	4, "192.0.2.1" },
	{ "<@relay:joe@[192.0.2.1]>",		4, "192.0.2.1" },
	{ "<joe@192.0.2.1>",			0, "unknown" },
	{ "<\"[192.0.2.1]\"@x>",		0, "unknown" },
	{ "<>",					0, "unknown" },
};

START_TEST(each_literal)
{
	struct path path = { .literal.family = 9 };
	char printed[ADDRESS_TEXT];
	const char *rest;
	size_t rest_len;
	enum path_fault fault;

	ck_assert_int_eq(path_parse(literals[_i].text,
	    strlen(literals[_i].text), 0, &path, &rest, &rest_len, &fault),
	    OK);
	ck_assert_int_eq(path.literal.family, literals[_i].family);
	address_print(&path.literal, printed);
	ck_assert_str_eq(printed, literals[_i].printed);
	path_free(&path);
}
END_TEST

/* One path after another in the same memory: nothing of the first stays. */
START_TEST(memory_is_used_again)
{
	struct path path = { .domain = 0 };
	const char *rest;
	size_t rest_len;
	enum path_fault fault;

	ck_assert_int_eq(path_parse(TEXT("<joe@[192.0.2.1]>"), 0, &path,
	    &rest, &rest_len, &fault), OK);
	ck_assert_int_eq(path_parse(TEXT("<>"), 0, &path, &rest, &rest_len,
	    &fault), OK);
	ck_assert_uint_eq(path.mailbox.len, 0);
	ck_assert_uint_eq(path.domain, 0);
	ck_assert_int_eq(path.literal.family, 0);
	path_free(&path);
}
END_TEST

/* A local-part of so many octets before "@x"; each quoted, if `quoted`. */
static const struct {
	size_t local;
	int quoted;
	enum path_fault fault;
} sizes[] = {
	/* No limit of 64 octets: mailing lists go over it. */
	{ 65,			0, PATH_GOOD },
	{ MAILBOX_SIZE - 2,	0, PATH_GOOD },
	{ MAILBOX_SIZE - 1,	0, PATH_TOO_LONG },
	{ MAILBOX_SIZE,		0, PATH_TOO_LONG },
	{ MAILBOX_SIZE + 1,	0, PATH_TOO_LONG },
	/* What counts is the mailbox, not its quoting. */
	{ MAILBOX_SIZE - 2,	1, PATH_GOOD },
	{ MAILBOX_SIZE - 1,	1, PATH_TOO_LONG },
	{ 2000,			1, PATH_TOO_LONG },
};

START_TEST(each_size)
{
	stralloc text = { 0 };
	struct path path = { .domain = 0 };
	const char *rest, *octet = sizes[_i].quoted ? "\\ " : "a";
	size_t i, rest_len;
	enum path_fault fault;

	ck_assert(stralloc_copys(&text, sizes[_i].quoted ? "<\"" : "<"));
	for (i = 0; i < sizes[_i].local; i++)
		ck_assert(stralloc_cats(&text, octet));
	ck_assert(stralloc_cats(&text, sizes[_i].quoted ? "\"@x>" : "@x>"));
	ck_assert_int_eq(path_parse(text.s, text.len, 0, &path, &rest,
	    &rest_len, &fault), sizes[_i].fault == PATH_GOOD ? OK : PERMFAIL);
	ck_assert_int_eq(fault, sizes[_i].fault);
	if (fault == PATH_GOOD)
		ck_assert_uint_eq(path.mailbox.len, sizes[_i].local + 2);
	path_free(&path);
	stralloc_free(&text);
}
END_TEST

#define LABEL_21 "aaaaaaaaaaaaaaaaaaaaa"
#define LABEL_63 LABEL_21 LABEL_21 LABEL_21

static const struct {
	const char *domain;
	size_t len;
	int valid;
} domains[] = {
	{ TEXT("example.org"),		1 },
	{ TEXT("EXAMPLE"),		1 },
	{ TEXT("a"),			1 },
	{ TEXT("1"),			1 },
	{ TEXT("a-b.c--d"),		1 },
	{ TEXT("_dmarc._x_"),		1 },
	{ TEXT("xn--bcher-kva.example"), 1 },
	{ TEXT(LABEL_63),		1 },
	{ TEXT(LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63), 1 },
	{ TEXT(LABEL_63 "a"),		0 },
	{ TEXT(LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63 "."), 0 },
	{ TEXT(LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63 ".a"), 0 },
	{ TEXT(""),			0 },
	{ TEXT("."),			0 },
	{ TEXT("a."),			0 },
	{ TEXT(".a"),			0 },
	{ TEXT("a..b"),			0 },
	{ TEXT("-a"),			0 },
	{ TEXT("a-"),			0 },
	{ TEXT("a-.b"),			0 },
	{ TEXT("a.-b"),			0 },
	{ TEXT("-"),			0 },
	{ TEXT("a b"),			0 },
	{ TEXT("a\0b"),			0 },
	{ TEXT("a@b"),			0 },
	{ TEXT("\303\266.test"),	0 },
	{ TEXT("[192.0.2.1]"),		0 },
};

START_TEST(each_domain)
{
	char *alone = copy(domains[_i].domain, domains[_i].len);

	ck_assert_int_eq(domain_is_valid(alone, domains[_i].len),
	    domains[_i].valid);
	free(alone);
}
END_TEST

static const struct {
	const char *mailbox, *domain;
} mailboxes[] = {
	{ "joe@example.org",	"example.org" },
	{ "a@b@c",		"c" },
	{ "@x",			"x" },
	{ "a@",			"" },
	{ "postmaster",		NULL },
	{ "",			NULL },
};

START_TEST(each_mailbox)
{
	const char *mailbox = mailboxes[_i].mailbox;
	size_t len = 0;
	const char *domain = mailbox_domain(mailbox, strlen(mailbox), &len);

	ck_assert_int_eq(domain != NULL, mailboxes[_i].domain != NULL);
	if (domain != NULL)
		assert_octets(domain, len, mailboxes[_i].domain,
		    strlen(mailboxes[_i].domain));
}
END_TEST

SUITE("mailbox",
    { each_path, ROWS(paths), NULL, NULL },
    { each_round, ROWS(paths), NULL, NULL },
    { each_fault, ROWS(faults), NULL, NULL },
    { each_literal, ROWS(literals), NULL, NULL },
    { memory_is_used_again, 1, NULL, NULL },
    { each_size, ROWS(sizes), NULL, NULL },
    { each_domain, ROWS(domains), NULL, NULL },
    { each_mailbox, ROWS(mailboxes), NULL, NULL })
