#include "base/network.h"

#include "../suite.h"

/* What is no network has no text. */
static const struct {
	const char *text;
	size_t len;
	const char *printed;
} texts[] = {
	{ TEXT("10.1.2.3"),		"10.1.2.3/32" },
	{ TEXT("10.1.2.3/32"),		"10.1.2.3/32" },
	{ TEXT("10.1.0.0/16"),		"10.1.0.0/16" },
	{ TEXT("10.1.2.3/16"),		"10.1.0.0/16" },
	{ TEXT("255.255.255.255/9"),	"255.128.0.0/9" },
	{ TEXT("255.255.255.255/31"),	"255.255.255.254/31" },
	{ TEXT("127.0.0.0/8"),		"127.0.0.0/8" },
	{ TEXT("0.0.0.0/8"),		"0.0.0.0/8" },
	{ TEXT("10."),			"10.0.0.0/8" },
	{ TEXT("0."),			"0.0.0.0/8" },
	{ TEXT("255."),			"255.0.0.0/8" },
	{ TEXT("10.1."),		"10.1.0.0/16" },
	{ TEXT("10.1.2."),		"10.1.2.0/24" },
	{ TEXT("2001:db8::1"),		"2001:db8::1/128" },
	{ TEXT("2001:db8::"),		"2001:db8::/128" },
	{ TEXT("::"),			"::/128" },
	{ TEXT("2001:db8::/32"),	"2001:db8::/32" },
	{ TEXT("2001:DB8:ffff::1/33"),	"2001:db8:8000::/33" },
	{ TEXT("2001:db8::1/127"),	"2001:db8::/127" },
	{ TEXT("2001:db8::1/128"),	"2001:db8::1/128" },
	{ TEXT("ff00::/8"),		"ff00::/8" },
	{ TEXT("2001:"),		"2001::/16" },
	{ TEXT("2001:db8:"),		"2001:db8::/32" },
	{ TEXT("2001:0DB8:"),		"2001:db8::/32" },
	{ TEXT("1:2:3:4:5:6:7:"),	"1:2:3:4:5:6:7:0/112" },
	/* What is IPv4-mapped is IPv4. */
	{ TEXT("::ffff:10.1.2.3"),	"10.1.2.3/32" },
	{ TEXT("::ffff:10.1.2.3/128"),	"10.1.2.3/32" },
	{ TEXT("::ffff:10.1.2.3/112"),	"10.1.0.0/16" },
	{ TEXT("::ffff:10.1.2.3/104"),	"10.0.0.0/8" },
	{ TEXT("0:0:0:0:0:ffff:a01:"),	"10.1.0.0/16" },
	{ TEXT("::/96"),		"::/96" },
	/* The longest text there is. */
	{ TEXT("2001:0db8:0000:0000:0000:0000:255.255.255.255/128"),
	    "2001:db8::ffff:ffff/128" },
	{ TEXT("::ffff:10.1.2.3/103"),	NULL },
	{ TEXT("::ffff:10.1.2.3/96"),	NULL },
	{ TEXT("::ffff:10.1.2.3/32"),	NULL },
	{ TEXT("::ffff:10.1.2.3/129"),	NULL },
	{ TEXT("0:0:0:0:0:ffff:"),	NULL },
	/* Too wide for a list, or too long for an address. */
	{ TEXT("10.0.0.0/7"),		NULL },
	{ TEXT("0.0.0.0/0"),		NULL },
	{ TEXT("10.1.2.3/33"),		NULL },
	{ TEXT("10.1.2.3/128"),		NULL },
	{ TEXT("::/0"),			NULL },
	{ TEXT("2001:db8::/7"),		NULL },
	{ TEXT("2001:db8::/129"),	NULL },
	{ TEXT("2001:db8::/1280"),	NULL },
	/* In 32 bits it would be 8. */
	{ TEXT("10.0.0.0/4294967304"),	NULL },
	/* Not whole, or too much. */
	{ TEXT("10.1"),			NULL },
	{ TEXT("10.1.2"),		NULL },
	{ TEXT("10"),			NULL },
	{ TEXT("10.1.2.3."),		NULL },
	{ TEXT("10.1.2.3.4"),		NULL },
	{ TEXT("."),			NULL },
	{ TEXT(".10."),			NULL },
	{ TEXT("10..1."),		NULL },
	{ TEXT("10.."),			NULL },
	{ TEXT("256."),			NULL },
	{ TEXT("1000."),		NULL },
	{ TEXT("10.256."),		NULL },
	{ TEXT("a."),			NULL },
	{ TEXT("2001"),			NULL },
	{ TEXT("2001:db8"),		NULL },
	{ TEXT(":"),			NULL },
	{ TEXT(":2001:"),		NULL },
	{ TEXT("2001::db8:"),		NULL },
	{ TEXT("::1:"),			NULL },
	{ TEXT("2001:::"),		NULL },
	{ TEXT("20011:"),		NULL },
	{ TEXT("g:"),			NULL },
	{ TEXT("1:2:3:4:5:6:7:8:"),	NULL },
	{ TEXT("::10.1."),		NULL },
	{ TEXT("10.1:"),		NULL },
	{ TEXT("10:1."),		NULL },
	{ TEXT("10./8"),		NULL },
	{ TEXT("10.1./16"),		NULL },
	{ TEXT("2001:db8:/32"),		NULL },
	/* Numbers that are written another way. */
	{ TEXT("010.1.2.3"),		NULL },
	{ TEXT("010."),			NULL },
	{ TEXT("00."),			NULL },
	{ TEXT("10.01."),		NULL },
	{ TEXT("10.1.2.3/08"),		NULL },
	{ TEXT("10.1.2.3/032"),		NULL },
	{ TEXT("10.1.2.3/+16"),		NULL },
	{ TEXT("10.1.2.3/-16"),		NULL },
	{ TEXT("10.1.2.3/0x10"),	NULL },
	{ TEXT("0x0a.1.2.3"),		NULL },
	{ TEXT("167838211"),		NULL },
	{ TEXT("+10."),			NULL },
	{ TEXT("-10."),			NULL },
	{ TEXT("10.1.2.3/"),		NULL },
	{ TEXT("10.1.2.3/16/16"),	NULL },
	{ TEXT("10.1.2.3//16"),		NULL },
	{ TEXT("10.1.2.3/255.255.0.0"),	NULL },
	{ TEXT("/16"),			NULL },
	{ TEXT("/"),			NULL },
	/* What is not of it. */
	{ TEXT(""),			NULL },
	{ TEXT(" 10.1.2.3"),		NULL },
	{ TEXT("10.1.2.3 "),		NULL },
	{ TEXT("10.1.2.3 /16"),		NULL },
	{ TEXT("10.1.2.3/ 16"),		NULL },
	{ TEXT("10. "),			NULL },
	{ TEXT("10.\n"),		NULL },
	{ TEXT("10.1.2.3\0"),		NULL },
	{ TEXT("10.1.2.3/16\0"),	NULL },
	{ TEXT("10\0."),		NULL },
	{ TEXT("1\0:"),			NULL },
	{ TEXT("\0:"),			NULL },
	{ TEXT("fe80::1%eth0"),		NULL },
	{ TEXT("fe80::%eth0/64"),	NULL },
	{ TEXT("fe80::1%"),		NULL },
	{ TEXT("[2001:db8::1]"),	NULL },
	{ TEXT("localhost"),		NULL },
	{ TEXT("2001:0db8:0000:0000:0000:0000:255.255.255.255/1280"), NULL },
};

static struct network
network_of(const char *text)
{
	struct network network;

	ck_assert_int_eq(network_parse(text, strlen(text), &network), OK);
	return network;
}

START_TEST(each_text)
{
	const struct network before = network_of("203.0.113.9/31");
	struct network network = before;
	char printed[NETWORK_TEXT];
	enum status status = network_parse(texts[_i].text, texts[_i].len,
	    &network);

	if (texts[_i].printed == NULL) {
		assert_row(status == PERMFAIL);
		assert_row(memcmp(&network, &before, sizeof before) == 0);
		return;
	}
	assert_row(status == OK);
	network_print(&network, printed);
	ck_assert_str_eq(printed, texts[_i].printed);
}
END_TEST

static const struct {
	const char *network, *address;
	int has;
} pairs[] = {
	{ "10.1.0.0/16",	"10.1.0.0",		1 },
	{ "10.1.0.0/16",	"10.1.255.255",		1 },
	{ "10.1.0.0/16",	"10.2.0.0",		0 },
	{ "10.1.0.0/16",	"10.0.255.255",		0 },
	{ "10.1.128.0/17",	"10.1.128.0",		1 },
	{ "10.1.128.0/17",	"10.1.127.255",		0 },
	{ "192.0.2.1",		"192.0.2.1",		1 },
	{ "192.0.2.1",		"192.0.2.0",		0 },
	{ "192.0.2.0/31",	"192.0.2.1",		1 },
	{ "192.0.2.0/31",	"192.0.2.2",		0 },
	{ "10.1.0.0/16",	"::ffff:10.1.2.3",	1 },
	{ "2001:db8::/32",	"2001:db8:ffff::1",	1 },
	{ "2001:db8::/32",	"2001:db9::",		0 },
	{ "2001:db8::/33",	"2001:db8:8000::",	0 },
	{ "2001:db8::1",	"2001:db8::1",		1 },
	{ "2001:db8::1",	"2001:db8::2",		0 },
	{ "2001:db8::/127",	"2001:db8::1",		1 },
	/* The same octets, and another family. */
	{ "32.1.13.184/32",	"2001:db8::",		0 },
	{ "2001:db8::/32",	"32.1.13.184",		0 },
	{ "::/8",		"0.0.0.1",		0 },
	{ "0.0.0.0/8",		"",			0 },
};

START_TEST(each_pair)
{
	struct network network = network_of(pairs[_i].network);
	const char *text = pairs[_i].address;
	struct address address = { 0 };

	address_parse(text, strlen(text), &address);
	assert_row(network_has(&network, &address) == pairs[_i].has);
}
END_TEST

/* Each goes before all that follow. */
static const struct {
	const char *text;
	size_t covered;		/* how many of the next lie in it */
} order[] = {
	{ "9.255.255.255",	0 },
	{ "10.0.0.0/8",		4 },
	{ "10.0.0.0/9",		2 },
	{ "10.0.0.0/32",	0 },
	{ "10.1.0.0/16",	0 },
	{ "10.128.0.0/9",	0 },
	{ "192.0.2.1",		0 },
	{ "255.255.255.255",	0 },
	{ "::",			0 },
	{ "10::/16",		1 },
	{ "10:1::/32",		0 },
	{ "2001:db8::/32",	1 },
	{ "2001:db8::1",	0 },
};

START_TEST(each_order)
{
	struct network one = network_of(order[_i].text), other;
	int i;

	ck_assert_int_eq(network_compare(&one, &one), 0);
	ck_assert(network_covers(&one, &one));
	for (i = _i + 1; i < ROWS(order); i++) {
		other = network_of(order[i].text);
		ck_assert_int_lt(network_compare(&one, &other), 0);
		ck_assert_int_gt(network_compare(&other, &one), 0);
		ck_assert_int_eq(network_covers(&one, &other),
		    (size_t)(i - _i) <= order[_i].covered);
		ck_assert(!network_covers(&other, &one));
	}
}
END_TEST

/* A record of a list: its host bits are there until they are cleared. */
static const struct {
	int family;
	unsigned prefix;
	const char *octets, *printed, *masked;	/* NULL: not for a list */
} records[] = {
	{ 4, 32, "\12\1\2\3",	"10.1.2.3/32",	"10.1.2.3/32" },
	{ 4, 8,  "\12\1\2\3",	"10.1.2.3/8",	"10.0.0.0/8" },
	{ 4, 15, "\12\1\2\3",	"10.1.2.3/15",	"10.0.0.0/15" },
	{ 4, 7,  "\12\1\2\3",	NULL,		NULL },
	{ 4, 0,  "\12\1\2\3",	NULL,		NULL },
	{ 4, 33, "\12\1\2\3",	NULL,		NULL },
	{ 6, 128, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1",
	    "2001:db8::1/128",	"2001:db8::1/128" },
	{ 6, 30, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1",
	    "2001:db8::1/30",	"2001:db8::/30" },
	{ 6, 8, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1",
	    "2001:db8::1/8",	"2000::/8" },
	{ 6, 7, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", NULL, NULL },
	{ 6, 129, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", NULL, NULL },
	/* It stays what it says, for the family is that of the list. */
	{ 6, 104, "\0\0\0\0\0\0\0\0\0\0\xff\xff\12\1\2\3",
	    "::ffff:10.1.2.3/104", "::ffff:10.0.0.0/104" },
};

START_TEST(each_record)
{
	const unsigned char *octets = (const void *)records[_i].octets;
	char printed[NETWORK_TEXT];
	struct network network;
	enum status status = network_set(&network, records[_i].family, octets,
	    records[_i].prefix);

	if (records[_i].printed == NULL) {
		assert_row(status == PERMFAIL);
		return;
	}
	assert_row(status == OK);
	network_print(&network, printed);
	ck_assert_str_eq(printed, records[_i].printed);
	network_mask(&network);
	network_print(&network, printed);
	ck_assert_str_eq(printed, records[_i].masked);
}
END_TEST

/* Host bits of the network do not count when an address is looked for. */
START_TEST(host_bits)
{
	struct address address;
	struct network network;

	address_set(&address, 4, (const unsigned char *)"\12\7\7\7");
	ck_assert_int_eq(network_set(&network, 4,
	    (const unsigned char *)"\12\1\2\3", 8), OK);
	ck_assert(network_has(&network, &address));
}
END_TEST

SUITE("network",
    { each_text, ROWS(texts), NULL, NULL },
    { each_pair, ROWS(pairs), NULL, NULL },
    { each_order, ROWS(order), NULL, NULL },
    { each_record, ROWS(records), NULL, NULL },
    { host_bits, 1, NULL, NULL })
