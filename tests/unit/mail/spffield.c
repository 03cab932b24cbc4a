#include "mail/spffield.h"

#include "zone.h"

static const struct row rows[] = {
	{ "a.test", DNS_TXT, "v=spf1 ip4:192.0.2.1 a:%{h}.x/32 ?all" },
	{ "b.test", DNS_TXT, "v=spf1 -all" },
	{ "c.test", DNS_TXT, "v=spf1 ~all" },
	{ "d.test", DNS_TXT, "v=spf1 moo" },
	{ "e.test", 0, NULL },
};

#define LONG_50	"0123456789abcdefghijABCDEFGHIJ0123456789abcdefghij"
#define LONG_300 LONG_50 LONG_50 LONG_50 LONG_50 LONG_50 LONG_50

static const struct {
	const char *client, *helo, *mailbox;
	enum spf_identity identity;
	const char *field;
} fields[] = {
	{ "192.0.2.1", "h.test", "x@a.test", SPF_MAILFROM,
	    "Received-SPF: pass (mx.test: a.test lets 192.0.2.1 send its "
	    "mail)\n"
	    "  receiver=mx.test;\n  client-ip=192.0.2.1;\n  helo=h.test;\n"
	    "  envelope-from=\"x@a.test\";\n  identity=mailfrom;\n"
	    "  mechanism=\"ip4:192.0.2.1\"\n" },
	{ "2001:db8::1", "a.test", "", SPF_HELO_NAME,
	    "Received-SPF: neutral (mx.test: a.test does not say whether "
	    "2001:db8::1 may send its mail)\n"
	    "  receiver=mx.test;\n  client-ip=\"2001:db8::1\";\n"
	    "  helo=a.test;\n  envelope-from=\"\";\n  identity=helo;\n"
	    "  mechanism=\"?all\"\n" },
	{ "192.0.2.1", "h", "x@b.test", SPF_MAILFROM,
	    "Received-SPF: fail (mx.test: b.test does not let 192.0.2.1 send "
	    "its mail)\n"
	    "  receiver=mx.test;\n  client-ip=192.0.2.1;\n  helo=h;\n"
	    "  envelope-from=\"x@b.test\";\n  identity=mailfrom;\n"
	    "  mechanism=-all\n" },
	{ "192.0.2.1", "h..", "x@c.test", SPF_MAILFROM,
	    "Received-SPF: softfail (mx.test: c.test would rather not let "
	    "192.0.2.1 send its mail)\n"
	    "  receiver=mx.test;\n  client-ip=192.0.2.1;\n  helo=\"h..\";\n"
	    "  envelope-from=\"x@c.test\";\n  identity=mailfrom;\n"
	    "  mechanism=\"~all\"\n" },
	{ "192.0.2.1", "", "x@d.test", SPF_MAILFROM,
	    "Received-SPF: permerror (mx.test: d.test has a bad record, asked "
	    "about 192.0.2.1)\n"
	    "  receiver=mx.test;\n  client-ip=192.0.2.1;\n  helo=\"\";\n"
	    "  envelope-from=\"x@d.test\";\n  identity=mailfrom;\n"
	    "  problem=\"name of a mechanism\"\n" },
	{ "192.0.2.1", "h", "x@e.test", SPF_MAILFROM,
	    "Received-SPF: temperror (mx.test: e.test cannot be asked now "
	    "about 192.0.2.1)\n"
	    "  receiver=mx.test;\n  client-ip=192.0.2.1;\n  helo=h;\n"
	    "  envelope-from=\"x@e.test\";\n  identity=mailfrom;\n"
	    "  problem=\"DNS failure\"\n" },
	/* What came from outside stays within its value. */
	{ "192.0.2.1", "h\"; x=y\\\r\n\tZ: (", "a\"b\\c\n@f.te)st",
	    SPF_MAILFROM,
	    "Received-SPF: none (mx.test: f.te?st has no record that could "
	    "name 192.0.2.1)\n"
	    "  receiver=mx.test;\n  client-ip=192.0.2.1;\n"
	    "  helo=\"h\\\"; x=y\\\\???Z: (\";\n"
	    "  envelope-from=\"a\\\"b\\\\c?@f.te)st\";\n"
	    "  identity=mailfrom\n" },
	{ "192.0.2.1", "h", LONG_300 LONG_300 "@n.test", SPF_MAILFROM,
	    "Received-SPF: none (mx.test: n.test has no record that could "
	    "name 192.0.2.1)\n"
	    "  receiver=mx.test;\n  client-ip=192.0.2.1;\n  helo=h;\n"
	    "  envelope-from=" LONG_300 "0123456789abcdefghij;\n"
	    "  identity=mailfrom\n" },
};

START_TEST(each_field)
{
	static struct zone zone;
	const char *mailbox = fields[_i].mailbox;
	stralloc field = { 0 };
	struct spf spf = { 0 };
	struct address client;

	zone.rows = rows;
	zone.count = ROWS(rows);
	zone.asked = 0;
	ck_assert_int_eq(address_parse(fields[_i].client,
	    strlen(fields[_i].client), &client), OK);
	ck_assert_int_eq(spf_start(&spf, &client, fields[_i].helo,
	    strlen(fields[_i].helo), mailbox, strlen(mailbox), "mx.test", 0),
	    OK);
	zone_run(&zone, &spf, SPF_QUESTIONS, 0);
	ck_assert(stralloc_copys(&field, "X: above\n"));
	ck_assert_int_eq(spf_field(&spf, fields[_i].identity, mailbox,
	    strlen(mailbox), &field), OK);
	assert_octets(field.s + 9, field.len - 9, fields[_i].field,
	    strlen(fields[_i].field));
	stralloc_free(&field);
	spf_free(&spf);
}
END_TEST

SUITE("spffield",
    { each_field, ROWS(fields), NULL, NULL })
