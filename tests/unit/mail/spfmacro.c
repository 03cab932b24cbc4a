#include "mail/spfmacro.h"

#include "../suite.h"

static const struct {
	enum spf_text what;
	const char *text;
	int is_good;
} forms[] = {
	{ SPF_DOMAIN_SPEC, "a.test", 1 },
	{ SPF_DOMAIN_SPEC, "a.test.", 1 },
	{ SPF_DOMAIN_SPEC, ".test", 1 },
	{ SPF_DOMAIN_SPEC, "a.b1", 1 },
	{ SPF_DOMAIN_SPEC, "a.1-2", 1 },
	{ SPF_DOMAIN_SPEC, "a.1-b", 1 },
	{ SPF_DOMAIN_SPEC, "a.xn--p1ai", 1 },
	{ SPF_DOMAIN_SPEC, "a:b/c!.test", 1 },
	{ SPF_DOMAIN_SPEC, "", 0 },
	{ SPF_DOMAIN_SPEC, ".", 0 },
	{ SPF_DOMAIN_SPEC, "test", 0 },
	{ SPF_DOMAIN_SPEC, "test.", 0 },
	{ SPF_DOMAIN_SPEC, "a.test..", 0 },
	{ SPF_DOMAIN_SPEC, "a.123", 0 },
	{ SPF_DOMAIN_SPEC, "192.0.2.1", 0 },
	{ SPF_DOMAIN_SPEC, "a.-b", 0 },
	{ SPF_DOMAIN_SPEC, "a.b-", 0 },
	{ SPF_DOMAIN_SPEC, "a.b_c", 0 },
	{ SPF_DOMAIN_SPEC, "a b.test", 0 },
	{ SPF_DOMAIN_SPEC, "a\t.test", 0 },
	{ SPF_DOMAIN_SPEC, "\303\244.test", 0 },
	{ SPF_DOMAIN_SPEC, "a.test\177", 0 },
	/* What ends in a macro is not looked at before it is expanded. */
	{ SPF_DOMAIN_SPEC, "%{d}", 1 },
	{ SPF_DOMAIN_SPEC, "a.%{d}", 1 },
	{ SPF_DOMAIN_SPEC, "a%%", 1 },
	{ SPF_DOMAIN_SPEC, "a%_", 1 },
	{ SPF_DOMAIN_SPEC, "a%-", 1 },
	{ SPF_DOMAIN_SPEC, "%{d}.test", 1 },
	{ SPF_DOMAIN_SPEC, "%{d}test", 0 },
	{ SPF_DOMAIN_SPEC, "a.%{d}test", 0 },
	{ SPF_DOMAIN_SPEC, "%{d}.", 0 },
	/* Macros. */
	{ SPF_DOMAIN_SPEC, "%{s}%{l}%{o}%{d}%{i}%{p}%{h}%{v}", 1 },
	{ SPF_DOMAIN_SPEC, "%{S}%{L}%{O}%{D}%{I}%{P}%{H}%{V}", 1 },
	{ SPF_DOMAIN_SPEC, "%{c}", 0 },
	{ SPF_DOMAIN_SPEC, "%{r}", 0 },
	{ SPF_DOMAIN_SPEC, "%{t}", 0 },
	{ SPF_DOMAIN_SPEC, "%{x}", 0 },
	{ SPF_DOMAIN_SPEC, "%{}", 0 },
	{ SPF_DOMAIN_SPEC, "%{1}", 0 },
	{ SPF_DOMAIN_SPEC, "%{d", 0 },
	{ SPF_DOMAIN_SPEC, "%d}", 0 },
	{ SPF_DOMAIN_SPEC, "%", 0 },
	{ SPF_DOMAIN_SPEC, "%.test", 0 },
	{ SPF_DOMAIN_SPEC, "%{d1}", 1 },
	{ SPF_DOMAIN_SPEC, "%{d0}", 0 },
	{ SPF_DOMAIN_SPEC, "%{d00}", 0 },
	{ SPF_DOMAIN_SPEC, "%{d99999999999999999999}", 1 },
	{ SPF_DOMAIN_SPEC, "%{dr}%{dR}", 1 },
	{ SPF_DOMAIN_SPEC, "%{d2r.-+,/_=}", 1 },
	{ SPF_DOMAIN_SPEC, "%{dr2}", 0 },
	{ SPF_DOMAIN_SPEC, "%{drr}", 0 },
	{ SPF_DOMAIN_SPEC, "%{d.r}", 0 },
	{ SPF_DOMAIN_SPEC, "%{d:}", 0 },
	{ SPF_DOMAIN_SPEC, "%{d }", 0 },
	{ SPF_MACRO_STRING, "", 1 },
	{ SPF_MACRO_STRING, "man:dog/cat", 1 },
	{ SPF_MACRO_STRING, "%{d}123", 1 },
	{ SPF_MACRO_STRING, "%abc", 0 },
	{ SPF_MACRO_STRING, "%{c}", 0 },
	{ SPF_MACRO_STRING, "a b", 0 },
	{ SPF_EXPLAIN_STRING, "", 1 },
	{ SPF_EXPLAIN_STRING, "See %{c} %{r} %{t} 100%%.", 1 },
	{ SPF_EXPLAIN_STRING, "100%", 0 },
	{ SPF_EXPLAIN_STRING, "a\nb", 0 },
	{ SPF_EXPLAIN_STRING, "\303\244", 0 },
};

START_TEST(each_form)
{
	assert_row(spf_macro_is(forms[_i].what, forms[_i].text,
	    strlen(forms[_i].text)) == forms[_i].is_good);
}
END_TEST

#define IPV4	{ 4, { 192, 0, 2, 3 } }
#define IPV6	{ 6, { 0x20, 1, 0xd, 0xb8, [14] = 0xcb, 1 } }

/* Who is asked about in RFC 7208 7.4. */
#define EXAMPLE								\
	.local = "strong-bad", .local_len = 10,				\
	.sender = "email.example.com", .sender_len = 17,		\
	.domain = "email.example.com", .domain_len = 17,		\
	.helo = "mail.example.org", .helo_len = 16,			\
	.receiver = "mx.test", .name = "unknown", .time = 1234567890

static const struct spf_facts facts[] = {
	{ EXAMPLE, .client = IPV4 },
	{ EXAMPLE, .client = IPV6 },
	{ .local = "a..b.", .local_len = 5, .sender = "", .domain = "x.test",
	    .domain_len = 6, .helo = "\"o o\"/\303\244\n", .helo_len = 9,
	    .receiver = "", .name = "mx.x.test", .client = { 0, { 0 } } },
};

static const struct {
	size_t who;
	const char *text, *wanted;
} expansions[] = {
	{ 0, "%{s}", "strong-bad@email.example.com" },
	{ 0, "%{o}", "email.example.com" },
	{ 0, "%{d}", "email.example.com" },
	{ 0, "%{d4}", "email.example.com" },
	{ 0, "%{d3}", "email.example.com" },
	{ 0, "%{d2}", "example.com" },
	{ 0, "%{d1}", "com" },
	{ 0, "%{dr}", "com.example.email" },
	{ 0, "%{d2r}", "example.email" },
	{ 0, "%{d1r}", "email" },
	{ 0, "%{d9r}", "com.example.email" },
	{ 0, "%{l}", "strong-bad" },
	{ 0, "%{l-}", "strong.bad" },
	{ 0, "%{lr}", "strong-bad" },
	{ 0, "%{lr-}", "bad.strong" },
	{ 0, "%{l1r-}", "strong" },
	{ 0, "%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com" },
	{ 0, "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com" },
	{ 0, "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
	    "bad.strong.lp.3.2.0.192.in-addr._spf.example.com" },
	{ 0, "%{d2}.trusted-domains.example.net",
	    "example.com.trusted-domains.example.net" },
	{ 1, "%{ir}.%{v}._spf.%{d2}",
	    "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2"
	    ".ip6._spf.example.com" },
	{ 0, "%{c}|%{i1}|%{i2r}", "192.0.2.3|3|0.192" },
	{ 1, "%{c}", "2001:db8::cb01" },
	{ 0, "%{h} %{r} %{t} %{p}",
	    "mail.example.org mx.test 1234567890 unknown" },
	{ 0, "%%%_%-.", "% %20." },
	{ 0, "%{s2.@}", "" },		/* no macro: it ends there */
	{ 0, "a%{d1}b", "acomb" },
	{ 0, "%{S}", "strong-bad%40email.example.com" },
	{ 0, "", "" },
	{ 2, "%{l}|%{lr}|%{l2}|%{l1}|%{l2r}", "a..b.|.b..a|b.||.a" },
	{ 2, "%{o}|%{or}|%{o3}|%{s}", "|||a..b.@" },
	{ 2, "%{H}", "%22o%20o%22%2F%C3%A4%0A" },
	{ 2, "%{h}", "\"o o\"/\303\244\n" },
	{ 2, "%{p2}", "x.test" },
	{ 2, "%{i}|%{ir}|%{c}", "||unknown" },
};

START_TEST(each_expansion)
{
	stralloc out = { 0 };
	const char *text = expansions[_i].text;

	ck_assert(stralloc_copys(&out, "x"));
	ck_assert_int_eq(spf_macro_expand(text, strlen(text),
	    &facts[expansions[_i].who], 4096, &out), OK);
	assert_octets(out.s + 1, out.len - 1, expansions[_i].wanted,
	    strlen(expansions[_i].wanted));
	stralloc_free(&out);
}
END_TEST

/* What does not fit is dropped, wherever the end comes. */
START_TEST(each_length)
{
	static const char text[] = "a%{S}%-%{dr}%{t}", whole[] =
	    "astrong-bad%40email.example.com%20com.example.email1234567890";
	size_t most;

	for (most = 0; most < sizeof whole + 2; most++) {
		stralloc out = { 0 };
		size_t wanted = most < sizeof whole - 1 ? most :
		    sizeof whole - 1;

		ck_assert_int_eq(spf_macro_expand(text, sizeof text - 1,
		    facts, most, &out), OK);
		assert_octets(out.s, out.len, whole, wanted);
		stralloc_free(&out);
	}
}
END_TEST

static const struct {
	const char *text;
	int asks;
} asking[] = {
	{ "", 0 }, { "p", 0 }, { "%%{p}", 0 }, { "%{p}", 1 },
	{ "%{P1r.}.test", 1 }, { "a.%{d}.%{p}", 1 }, { "%{d}%_p", 0 },
};

START_TEST(each_asking)
{
	assert_row(spf_macro_asks(asking[_i].text, strlen(asking[_i].text)) ==
	    asking[_i].asks);
}
END_TEST

SUITE("spfmacro",
    { each_form, ROWS(forms), NULL, NULL },
    { each_expansion, ROWS(expansions), NULL, NULL },
    { each_length, 1, NULL, NULL },
    { each_asking, ROWS(asking), NULL, NULL })
