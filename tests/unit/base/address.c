#include "base/address.h"

#include "../suite.h"

#define NONE	0	/* family of what is no address */

static const struct {
	const char *text;
	size_t len;
	int family;
	const char *printed;
} texts[] = {
	{ TEXT("192.0.2.1"),		4, "192.0.2.1" },
	{ TEXT("0.0.0.0"),		4, "0.0.0.0" },
	{ TEXT("255.255.255.255"),	4, "255.255.255.255" },
	{ TEXT("2001:db8::1"),		6, "2001:db8::1" },
	{ TEXT("2001:DB8:0:0:0::1"),	6, "2001:db8::1" },
	{ TEXT("::"),			6, "::" },
	{ TEXT("::1"),			6, "::1" },
	/* tcpserver on IPv6 says this of a client on IPv4. */
	{ TEXT("::ffff:192.0.2.1"),	4, "192.0.2.1" },
	{ TEXT("::FFFF:c000:201"),	4, "192.0.2.1" },
	{ TEXT("::192.0.2.1"),		6, "::192.0.2.1" },
	{ TEXT("::fffe:192.0.2.1"),	6, "::fffe:c000:201" },
	{ TEXT("fe80::1%eth0"),		6, "fe80::1" },
	{ TEXT("fe80::1%"),		6, "fe80::1" },
	/* The longest text there is. */
	{ TEXT("2001:0db8:0000:0000:0000:0000:255.255.255.255"),
	    6, "2001:db8::ffff:ffff" },
	{ TEXT(""),			NONE, NULL },
	{ TEXT("%eth0"),		NONE, NULL },
	{ TEXT("192.0.2"),		NONE, NULL },
	{ TEXT("192.0.2.1."),		NONE, NULL },
	{ TEXT("192.0.2.1.1"),		NONE, NULL },
	{ TEXT("192.0.2.256"),		NONE, NULL },
	{ TEXT("192.0.2.-1"),		NONE, NULL },
	{ TEXT("192.0.2.0x1"),		NONE, NULL },
	{ TEXT("3221225985"),		NONE, NULL },
	{ TEXT(" 192.0.2.1"),		NONE, NULL },
	{ TEXT("192.0.2.1 "),		NONE, NULL },
	{ TEXT("192.0.2.1\0"),		NONE, NULL },
	{ TEXT("192.0.2.1\0.x"),	NONE, NULL },
	{ TEXT("[192.0.2.1]"),		NONE, NULL },
	{ TEXT("2001:db8::1::2"),	NONE, NULL },
	{ TEXT("2001:db8:1:2:3:4:5:6:7"), NONE, NULL },
	{ TEXT("20011:db8::1"),		NONE, NULL },
	{ TEXT("localhost"),		NONE, NULL },
	{ TEXT("2001:0db8:0000:0000:0000:0000:255.255.255.2555"),
	    NONE, NULL },
	{ TEXT("00000000000000000000000000000000000000000000::1"),
	    NONE, NULL },
};

/* An address to be found again where nothing was read. */
static const struct address before = { 4, { 203, 0, 113, 9 } };

START_TEST(each_text)
{
	struct address address = before;
	char printed[ADDRESS_TEXT];
	enum status status = address_parse(texts[_i].text, texts[_i].len,
	    &address);

	if (texts[_i].family == NONE) {
		ck_assert_int_eq(status, PERMFAIL);
		ck_assert(address_equal(&address, &before));
		return;
	}
	ck_assert_int_eq(status, OK);
	ck_assert_int_eq(address.family, texts[_i].family);
	address_print(&address, printed);
	ck_assert_str_eq(printed, texts[_i].printed);
}
END_TEST

static const struct {
	const char *text;
	size_t len;
	int family;
	const char *printed;
} literals[] = {
	{ TEXT("[192.0.2.1]"),			4, "192.0.2.1" },
	{ TEXT("[IPv6:2001:db8::1]"),		6, "2001:db8::1" },
	{ TEXT("[ipv6:2001:db8::1]"),		6, "2001:db8::1" },
	{ TEXT("[IPv6:::]"),			6, "::" },
	{ TEXT("[IPv6:::ffff:192.0.2.1]"),	4, "192.0.2.1" },
	{ TEXT("192.0.2.1"),			NONE, NULL },
	{ TEXT("[192.0.2.1"),			NONE, NULL },
	{ TEXT("192.0.2.1]"),			NONE, NULL },
	{ TEXT("[192.0.2.1]]"),			NONE, NULL },
	{ TEXT("[[192.0.2.1]"),			NONE, NULL },
	{ TEXT("[]"),				NONE, NULL },
	{ TEXT("["),				NONE, NULL },
	{ TEXT("]"),				NONE, NULL },
	{ TEXT(""),				NONE, NULL },
	{ TEXT("[2001:db8::1]"),		NONE, NULL },
	{ TEXT("[IPv6:192.0.2.1]"),		NONE, NULL },
	{ TEXT("[IPv6:]"),			NONE, NULL },
	{ TEXT("[IPv6:fe80::1%eth0]"),		NONE, NULL },
	{ TEXT("[192.0.2.1%eth0]"),		NONE, NULL },
	{ TEXT("[x400:192.0.2.1]"),		NONE, NULL },
	{ TEXT("[ 192.0.2.1 ]"),		NONE, NULL },
};

START_TEST(each_literal)
{
	struct address address = before;
	char printed[ADDRESS_TEXT];
	enum status status = address_parse_literal(literals[_i].text,
	    literals[_i].len, &address);

	if (literals[_i].family == NONE) {
		ck_assert_int_eq(status, PERMFAIL);
		ck_assert(address_equal(&address, &before));
		return;
	}
	ck_assert_int_eq(status, OK);
	ck_assert_int_eq(address.family, literals[_i].family);
	address_print(&address, printed);
	ck_assert_str_eq(printed, literals[_i].printed);
}
END_TEST

static const struct {
	const char *one, *other;
	int equal;
} pairs[] = {
	{ "192.0.2.1",	"192.0.2.1",		1 },
	{ "192.0.2.1",	"::ffff:192.0.2.1",	1 },
	{ "192.0.2.1",	"192.0.2.2",		0 },
	{ "192.0.2.1",	"::192.0.2.1",		0 },
	{ "0.0.0.0",	"::",			0 },
	{ "::1",	"::1",			1 },
	{ "::1",	"2001:db8::1",		0 },
	{ "fe80::1%a",	"fe80::1%b",		1 },
	/* Two clients of unknown address are not the same client. */
	{ "",		"",			0 },
	{ "",		"0.0.0.0",		0 },
};

static struct address
address_of(const char *text)
{
	struct address address = { 0 };

	address_parse(text, strlen(text), &address);
	return address;
}

START_TEST(each_pair)
{
	struct address one = address_of(pairs[_i].one);
	struct address other = address_of(pairs[_i].other);

	ck_assert_int_eq(address_equal(&one, &other), pairs[_i].equal);
	ck_assert_int_eq(address_equal(&other, &one), pairs[_i].equal);
}
END_TEST

START_TEST(unknown_is_printed)
{
	const struct address unknown = { 0 };
	char printed[ADDRESS_TEXT];

	address_print(&unknown, printed);
	ck_assert_str_eq(printed, "unknown");
}
END_TEST

static const struct {
	const char *text;
	int own;
} owns[] = {
	{ "127.0.0.1",	1 },
	{ "0.0.0.0",	1 },
	{ "::",		1 },
	/* Of RFC 5737 and 3849: on nobody's interface. */
	{ "192.0.2.1",	0 },
	{ "2001:db8::1", 0 },
	{ "",		0 },
};

START_TEST(each_own)
{
	struct address address = address_of(owns[_i].text);
	int own = -1;

	ck_assert_int_eq(address_is_own(&address, &own), OK);
	ck_assert_int_eq(own, owns[_i].own);
}
END_TEST

/* As the reverse zones and DNS lists have it. */
static const struct {
	const char *text, *reversed;
} reversals[] = {
	{ "192.0.2.1",		"1.2.0.192" },
	{ "255.255.255.255",	"255.255.255.255" },
	{ "0.0.0.10",		"10.0.0.0" },
	{ "::ffff:192.0.2.1",	"1.2.0.192" },
	{ "2001:db8::567:89ab",
	    "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2" },
	{ "",			"" },
};

START_TEST(each_reversal)
{
	const char *text = reversals[_i].text;
	struct address address = { 0 };
	char reversed[ADDRESS_REVERSED];

	address_parse(text, strlen(text), &address);
	ck_assert_uint_eq(address_print_reversed(&address, reversed),
	    strlen(reversals[_i].reversed));
	ck_assert_str_eq(reversed, reversals[_i].reversed);
}
END_TEST

/* What the same octets are as text. */
static const struct {
	int family;
	const char *octets;
	const char *text;
} octet_rows[] = {
	{ 4, "\xc0\0\2\1",	"192.0.2.1" },
	{ 6, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", "2001:db8::1" },
	{ 6, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1", "192.0.2.1" },
};

START_TEST(each_octets)
{
	struct address address, parsed;

	memset(&address, 'x', sizeof address);
	address_set(&address, octet_rows[_i].family,
	    (const unsigned char *)octet_rows[_i].octets);
	ck_assert_int_eq(address_parse(octet_rows[_i].text,
	    strlen(octet_rows[_i].text), &parsed), OK);
	ck_assert_int_eq(memcmp(&address, &parsed, sizeof parsed), 0);
}
END_TEST

SUITE("address",
    { each_text, ROWS(texts), NULL, NULL },
    { each_literal, ROWS(literals), NULL, NULL },
    { each_pair, ROWS(pairs), NULL, NULL },
    { unknown_is_printed, 1, NULL, NULL },
    { each_own, ROWS(owns), NULL, NULL },
    { each_reversal, ROWS(reversals), NULL, NULL },
    { each_octets, ROWS(octet_rows), NULL, NULL })
