#include "mail/spfrecord.h"

#include <stdio.h>

#include "../suite.h"

static const struct {
	const char *text;
	int is_one;
} versions[] = {
	{ "v=spf1", 1 }, { "v=spf1 ", 1 }, { "V=SPF1 -all", 1 },
	{ "v=spf1-all", 0 }, { "v=spf10", 0 }, { "v=spf1\t-all", 0 },
	{ "v=spf2.0/pra", 0 }, { " v=spf1", 0 }, { "v=spf", 0 }, { "", 0 },
};

START_TEST(each_version)
{
	assert_row(spf_record_is(versions[_i].text,
	    strlen(versions[_i].text)) == versions[_i].is_one);
}
END_TEST

static char
letter_of(enum spf_kind kind)
{
	static const char letters[] = {
		[SPF_ALL] = '*', [SPF_INCLUDE] = 'i', [SPF_A] = 'a',
		[SPF_MX] = 'm', [SPF_PTR] = 'p', [SPF_IP4] = '4',
		[SPF_IP6] = '6', [SPF_EXISTS] = 'e', [SPF_REDIRECT] = 'R',
		[SPF_EXP] = 'E', [SPF_OTHER] = 'O',
	};

	return letters[kind];
}

static const struct {
	const char *terms, *kinds;	/* qualifier and letter of each */
} good[] = {
	{ "", "" },
	{ "   ", "" },
	{ "all", "+*" },
	{ "  -all  ~ALL ?all +all ", "-*~*?*+*" },
	{ "include:a.test -include:%{d}", "+i-i" },
	{ "a A/24 a//64 a/24//64 a/0//0 a:b.test a:b.test/32//128",
	    "+a+a+a+a+a+a+a" },
	{ "mx mx:a.test/8 -MX//0", "+m+m-m" },
	{ "ptr ptr:a.test", "+p+p" },
	{ "ip4:192.0.2.1 ip4:0.0.0.0/0 ~IP4:10.1.2.3/8", "+4+4~4" },
	{ "ip6:::1 ip6:2001:DB8::/32 ip6:::ffff:192.0.2.1/0", "+6+6+6" },
	{ "exists:%{ir}.a.test", "+e" },
	{ "redirect=a.test exp=%{d}", "+R+E" },
	{ "EXP=a.test x=1 a-b_c.d=%{s}:/ foo=", "+E+O+O+O" },
	/* A slash may be of the name, and digits of the label. */
	{ "a:b/c.test a:b/1.test/24 a:a.b2", "+a+a+a" },
	{ "a:%{l/}.a.test/24 exists:%{i/}", "+a+e" },
};

static void
read_good(const char *terms, const char *kinds)
{
	stralloc text = { 0 }, seen = { 0 };
	struct spf_record record;
	struct spf_term term;
	const char *problem = NULL;
	size_t at = 0;

	ck_assert(stralloc_copys(&text, "v=spf1 "));
	ck_assert(stralloc_cats(&text, terms));
	ck_assert_msg(spf_record_read(text.s, text.len, &record, &problem) ==
	    OK, "\"%s\": %s", terms, problem);
	while (spf_record_next(&record, &at, &term)) {
		char letter = letter_of(term.kind);

		ck_assert(stralloc_append(&seen, &term.qualifier));
		ck_assert(stralloc_append(&seen, &letter));
	}
	ck_assert(stralloc_0(&seen));
	ck_assert_str_eq(seen.s, kinds);
	stralloc_free(&text);
	stralloc_free(&seen);
}

START_TEST(each_good)
{
	read_good(good[_i].terms, good[_i].kinds);
}
END_TEST

/* Wherever it stands, the record is bad. */
static const struct {
	const char *term, *problem;
} bad[] = {
	{ "moo", "name of a mechanism" },
	{ "-", "name of a mechanism" },
	{ ":a.test", "name of a mechanism" },
	{ "--all", "name of a mechanism" },
	{ "+redirect:a.test", "name of a mechanism" },
	{ "exp:a.test", "name of a mechanism" },
	{ "al", "name of a mechanism" },
	{ "all.", "name of a mechanism" },
	{ "a\tmx", "name of a mechanism" },
	{ "all:a.test", "domain" },
	{ "all/8", "domain" },
	{ "include", "domain" },
	{ "include:", "domain" },
	{ "include:a.test/24", "domain" },
	{ "exists", "domain" },
	{ "exists:a", "domain" },
	{ "exists/8", "domain" },
	{ "a:", "domain" },
	{ "a:museum", "domain" },
	{ "a:a.123", "domain" },
	{ "a:192.0.2.1", "domain" },
	{ "a:/24", "domain" },
	{ "a/", "domain" },
	{ "a//", "domain" },
	{ "a/24/", "domain" },
	{ "a/24/24", "domain" },
	{ "a///64", "domain" },
	{ "a:%{d", "domain" },
	{ "a:%{z}", "domain" },
	{ "a/33", "length of a prefix" },
	{ "a//129", "length of a prefix" },
	{ "a/024", "length of a prefix" },
	{ "a//064", "length of a prefix" },
	{ "a/4294967328", "length of a prefix" },
	{ "mx/99", "length of a prefix" },
	{ "mx:", "domain" },
	{ "ptr:", "domain" },
	{ "ptr/0", "domain" },
	{ "ip4", "address" },
	{ "ip4:", "address" },
	{ "ip4/8", "address" },
	{ "ip4=1", NULL },		/* a modifier nobody knows */
	{ "ip4:192.0.2", "address" },
	{ "ip4:192.0.2.256", "address" },
	{ "ip4:192.0.2.01", "address" },
	{ "ip4:192.0.2.1:25", "address" },
	{ "ip4:::1", "address" },
	{ "ip4:192.0.2.1/33", "length of a prefix" },
	{ "ip4:192.0.2.1//32", "length of a prefix" },
	{ "ip4:192.0.2.1/", "length of a prefix" },
	{ "ip4:192.0.2.1/08", "length of a prefix" },
	{ "ip6:192.0.2.1", "address" },
	{ "ip6:2001:db8:", "address" },
	{ "ip6:::1%eth0", "address" },
	{ "ip6:::1/129", "length of a prefix" },
	{ "ip6:::1//64", "length of a prefix" },
	{ "redirect=", "domain" },
	{ "redirect=a", "domain" },
	{ "redirect=a.test/24", "domain" },
	{ "exp=", "domain" },
	{ "exp=%{c}", "domain" },
	{ "=a", "name of a modifier" },
	{ "1up=a", "name of a modifier" },
	{ "-exp=a.test", "name of a modifier" },
	{ "a\303\244=b", "name of a modifier" },
	{ "x=%", "macro" },
	{ "x=a\001", "macro" },
	{ "x=\303\244", "macro" },
	{ "redirect=a.test redirect=a.test", "modifier twice" },
	{ "exp=a.test EXP=b.test", "modifier twice" },
};

START_TEST(each_bad)
{
	static const char *const forms[] = {
		"v=spf1 %s", "v=spf1 -all %s", "v=spf1 %s -all",
	};
	size_t i;

	for (i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		struct spf_record record;
		const char *problem = NULL;
		char text[128];

		snprintf(text, sizeof text, forms[i], bad[_i].term);
		assert_row(spf_record_read(text, strlen(text), &record,
		    &problem) == (bad[_i].problem != NULL ? PERMFAIL : OK));
		if (bad[_i].problem != NULL)
			ck_assert_str_eq(problem, bad[_i].problem);
	}
}
END_TEST

START_TEST(nul_is_bad)
{
	static const char text[] = "v=spf1 a:a.test\0 ip4:192.0.2.1\0";
	struct spf_record record;
	const char *problem = NULL;

	ck_assert_int_eq(spf_record_read(text, 16, &record, &problem),
	    PERMFAIL);
	ck_assert_int_eq(spf_record_read(text, sizeof text - 1, &record,
	    &problem), PERMFAIL);
	ck_assert_int_eq(spf_record_read(text, 15, &record, &problem), OK);
}
END_TEST

START_TEST(terms_are_bounded)
{
	char text[SPF_TERM + 16];
	struct spf_record record;
	const char *problem = NULL;

	memset(text, 'a', sizeof text);
	memcpy(text, "v=spf1 a:", 9);
	memcpy(text + 7 + SPF_TERM - 5, ".test", 5);
	ck_assert_int_eq(spf_record_read(text, 7 + SPF_TERM, &record,
	    &problem), OK);
	memset(text + 7 + SPF_TERM - 5, 'a', 5);
	memcpy(text + 8 + SPF_TERM - 5, ".test", 5);
	ck_assert_int_eq(spf_record_read(text, 8 + SPF_TERM, &record,
	    &problem), PERMFAIL);
	ck_assert_str_eq(problem, "length of a term");
}
END_TEST

SUITE("spfrecord",
    { each_version, ROWS(versions), NULL, NULL },
    { each_good, ROWS(good), NULL, NULL },
    { each_bad, ROWS(bad), NULL, NULL },
    { nul_is_bad, 1, NULL, NULL },
    { terms_are_bounded, 1, NULL, NULL })
