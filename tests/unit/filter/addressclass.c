#include "filter/addressclass.h"

#include <string.h>

#include "../suite.h"

/* The first and the last address of each network, and their neighbours. */
static const struct {
	const char *address;
	enum address_class class;
} rows[] = {
	{ "0.0.0.0", ADDRESS_LOOPBACK },
	{ "0.255.255.255", ADDRESS_LOOPBACK },
	{ "1.0.0.0", ADDRESS_PUBLIC },
	{ "126.255.255.255", ADDRESS_PUBLIC },
	{ "127.0.0.0", ADDRESS_LOOPBACK },
	{ "127.255.255.255", ADDRESS_LOOPBACK },
	{ "128.0.0.0", ADDRESS_PUBLIC },
	{ "::", ADDRESS_LOOPBACK },
	{ "::1", ADDRESS_LOOPBACK },
	{ "::2", ADDRESS_PUBLIC },
	{ "::ffff:127.0.0.1", ADDRESS_LOOPBACK },
	{ "9.255.255.255", ADDRESS_PUBLIC },
	{ "10.0.0.0", ADDRESS_PRIVATE },
	{ "10.255.255.255", ADDRESS_PRIVATE },
	{ "11.0.0.0", ADDRESS_PUBLIC },
	{ "::ffff:10.1.2.3", ADDRESS_PRIVATE },
	{ "172.15.255.255", ADDRESS_PUBLIC },
	{ "172.16.0.0", ADDRESS_PRIVATE },
	{ "172.31.255.255", ADDRESS_PRIVATE },
	{ "172.32.0.0", ADDRESS_PUBLIC },
	{ "192.167.255.255", ADDRESS_PUBLIC },
	{ "192.168.0.0", ADDRESS_PRIVATE },
	{ "192.168.255.255", ADDRESS_PRIVATE },
	{ "192.169.0.0", ADDRESS_PUBLIC },
	{ "100.63.255.255", ADDRESS_PUBLIC },
	{ "100.64.0.0", ADDRESS_PRIVATE },
	{ "100.127.255.255", ADDRESS_PRIVATE },
	{ "100.128.0.0", ADDRESS_PUBLIC },
	{ "169.253.255.255", ADDRESS_PUBLIC },
	{ "169.254.0.0", ADDRESS_PRIVATE },
	{ "169.254.255.255", ADDRESS_PRIVATE },
	{ "169.255.0.0", ADDRESS_PUBLIC },
	{ "192.0.1.255", ADDRESS_PUBLIC },
	{ "192.0.2.0", ADDRESS_PRIVATE },
	{ "192.0.2.255", ADDRESS_PRIVATE },
	{ "192.0.3.0", ADDRESS_PUBLIC },
	{ "198.51.99.255", ADDRESS_PUBLIC },
	{ "198.51.100.0", ADDRESS_PRIVATE },
	{ "198.51.100.255", ADDRESS_PRIVATE },
	{ "198.51.101.0", ADDRESS_PUBLIC },
	{ "203.0.112.255", ADDRESS_PUBLIC },
	{ "203.0.113.0", ADDRESS_PRIVATE },
	{ "203.0.113.255", ADDRESS_PRIVATE },
	{ "203.0.114.0", ADDRESS_PUBLIC },
	/* Not 192.18/15, as Qsmtp has it. */
	{ "192.18.0.1", ADDRESS_PUBLIC },
	{ "198.17.255.255", ADDRESS_PUBLIC },
	{ "198.18.0.0", ADDRESS_PRIVATE },
	{ "198.19.255.255", ADDRESS_PRIVATE },
	{ "198.20.0.0", ADDRESS_PUBLIC },
	{ "223.255.255.255", ADDRESS_PUBLIC },
	{ "224.0.0.0", ADDRESS_PRIVATE },
	{ "255.255.255.255", ADDRESS_PRIVATE },
	{ "fbff:ffff::1", ADDRESS_PUBLIC },
	{ "fc00::", ADDRESS_PRIVATE },
	{ "fdff:ffff::1", ADDRESS_PRIVATE },
	{ "fe00::1", ADDRESS_PUBLIC },
	{ "fe7f:ffff::1", ADDRESS_PUBLIC },
	{ "fe80::1", ADDRESS_PRIVATE },
	{ "febf:ffff::1", ADDRESS_PRIVATE },
	{ "fec0::1", ADDRESS_PRIVATE },
	{ "feff:ffff::1", ADDRESS_PRIVATE },
	{ "ff02::1", ADDRESS_PRIVATE },
	{ "2001:db7:ffff::1", ADDRESS_PUBLIC },
	{ "2001:db8::", ADDRESS_PRIVATE },
	{ "2001:db8:ffff::1", ADDRESS_PRIVATE },
	{ "2001:db9::", ADDRESS_PUBLIC },
	{ "3ffe:ffff::1", ADDRESS_PUBLIC },
	{ "3fff::1", ADDRESS_PRIVATE },
	{ "3fff:fff:ffff::1", ADDRESS_PRIVATE },
	{ "3fff:1000::1", ADDRESS_PUBLIC },
	{ "2001:f::1", ADDRESS_PUBLIC },
	{ "2001:10::1", ADDRESS_PRIVATE },
	{ "2001:1f::1", ADDRESS_PRIVATE },
	{ "2001:20::1", ADDRESS_PRIVATE },
	{ "2001:2f::1", ADDRESS_PRIVATE },
	{ "2001:30::1", ADDRESS_PUBLIC },
	{ "100::1", ADDRESS_PRIVATE },
	{ "100:0:0:1::1", ADDRESS_PUBLIC },
	{ "2a00:1450::1", ADDRESS_PUBLIC },
};

START_TEST(each_row)
{
	const char *text = rows[_i].address;
	struct address address;

	ck_assert_int_eq(address_parse(text, strlen(text), &address), OK);
	ck_assert_msg(address_class(&address) == rows[_i].class, "%s", text);
}
END_TEST

START_TEST(not_known)
{
	struct address address = { 0 };

	ck_assert_int_eq(address_class(&address), ADDRESS_PUBLIC);
}
END_TEST

SUITE("addressclass",
    { each_row, ROWS(rows), NULL, NULL },
    { not_known, 1, NULL, NULL })
