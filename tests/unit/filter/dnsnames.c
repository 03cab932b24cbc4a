#include "filter/dnsnames.h"

#include "../suite.h"

static const struct {
	const char *domain, *added;	/* NULL: it is left out */
} rows[] = {
	{ "mail.example.org", "mail.example.org" },
	{ "Mail.Example.ORG", "Mail.Example.ORG" },
	{ "mail.example.org.", "mail.example.org" },
	{ "x1.2", NULL },
	{ "a.2b", "a.2b" },
	{ "", NULL },
	{ ".", NULL },
	{ "localhost", NULL },
	{ "localhost.", NULL },
	{ "192.0.2.1", NULL },
	{ "[192.0.2.1]", NULL },
	{ "[IPv6:2001:db8::1]", NULL },
	{ "2001:db8::1", NULL },
	{ "a..b", NULL },
	{ "a b.test", NULL },
	{ "\344.test", NULL },
};

START_TEST(each_row)
{
	struct dnsnames names = { .count = 0 };

	dnsnames_add(&names, rows[_i].domain, strlen(rows[_i].domain));
	assert_row(names.count == (rows[_i].added != NULL));
	if (names.count > 0)
		assert_octets(names.names[0], names.lens[0], rows[_i].added,
		    strlen(rows[_i].added));
}
END_TEST

START_TEST(most)
{
	struct dnsnames names = { .count = 0 };
	int i;

	for (i = 0; i < DNSNAMES + 5; i++)
		dnsnames_add(&names, "a.test", 6);
	ck_assert_uint_eq(names.count, DNSNAMES);
}
END_TEST

static const struct {
	const char *client, *name;
} clients[] = {
	{ "192.0.2.1", "1.2.0.192" },
	{ "::ffff:192.0.2.1", "1.2.0.192" },
	{ "2001:db8::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"
	    ".0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2" },
};

START_TEST(each_client)
{
	struct dnsnames names = { .count = 0 };
	static struct session session;
	char text[ADDRESS_REVERSED];

	address_parse(clients[_i].client, strlen(clients[_i].client),
	    &session.peer.address);
	dnsnames_add_client(&names, &session, text);
	ck_assert_uint_eq(names.count, 1);
	ck_assert_uint_eq(names.for_others, 1);
	assert_octets(names.names[0], names.lens[0], clients[_i].name,
	    strlen(clients[_i].name));
}
END_TEST

SUITE("dnsnames",
    { each_row, ROWS(rows), NULL, NULL },
    { most, 1, NULL, NULL },
    { each_client, ROWS(clients), NULL, NULL })
