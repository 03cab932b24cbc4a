#include "mail/trace.h"

#include <time.h>

#include "../suite.h"

static const struct {
	int64_t time;
	const char *date;
} dates[] = {
	{ INT64_C(0),	"Thu, 01 Jan 1970 00:00:00 +0000" },
	{ INT64_C(951782399),	"Mon, 28 Feb 2000 23:59:59 +0000" },
	{ INT64_C(951825600),	"Tue, 29 Feb 2000 12:00:00 +0000" },
	{ INT64_C(951868800),	"Wed, 01 Mar 2000 00:00:00 +0000" },
	{ INT64_C(1677628799),	"Tue, 28 Feb 2023 23:59:59 +0000" },
	{ INT64_C(1709164800),	"Thu, 29 Feb 2024 00:00:00 +0000" },
	{ INT64_C(1735689599),	"Tue, 31 Dec 2024 23:59:59 +0000" },
	{ INT64_C(1735689600),	"Wed, 01 Jan 2025 00:00:00 +0000" },
	{ INT64_C(2147483648),	"Tue, 19 Jan 2038 03:14:08 +0000" },
	{ INT64_C(4107542399),	"Sun, 28 Feb 2100 23:59:59 +0000" },
	{ INT64_C(4107542400),	"Mon, 01 Mar 2100 00:00:00 +0000" },
	{ INT64_C(1795251903),	"Sat, 21 Nov 2026 09:05:03 +0000" },
	{ INT64_C(253402300799),	"Fri, 31 Dec 9999 23:59:59 +0000" },
};

START_TEST(each_date)
{
	stralloc text = { 0 };

	ck_assert_int_eq(trace_date(dates[_i].time, &text), OK);
	assert_holds(&text, dates[_i].date);
	stralloc_free(&text);
}
END_TEST

/* A second of each day until 2110, as the C library has it. */
START_TEST(each_day)
{
	stralloc text = { 0 };
	char wanted[64];
	time_t time;

	for (time = 0; time < INT64_C(141) * 31556952; time += 86400 + 41) {
		struct tm tm;

		gmtime_r(&time, &tm);
		strftime(wanted, sizeof wanted, "%a, %d %b %Y %T +0000", &tm);
		text.len = 0;
		if (trace_date(time, &text) != OK ||
		    text.len != strlen(wanted) ||
		    memcmp(text.s, wanted, text.len) != 0)
			ck_abort_msg("seen \"%.*s\", wanted \"%s\"",
			    (int)text.len, text.s, wanted);
	}
	stralloc_free(&text);
}
END_TEST

#define IPV4	{ 4, { 192, 0, 2, 1 } }
#define IPV6	{ 6, { 0x20, 1, 0xd, 0xb8, [15] = 1 } }
#define WORD_50	"0123456789abcdefghijABCDEFGHIJ0123456789abcdefghij"
#define WORD_250 WORD_50 WORD_50 WORD_50 WORD_50 WORD_50

/* The least there is; a row sets the rest. */
#define LEAST	.name = "mx.test", .protocol = "SMTP", .id = "1.2.3"

static const struct {
	struct trace trace;
	const char *field;	/* behind "Received: from ", before the date */
} rows[] = {
	{ { LEAST }, "[unknown] (unknown [unknown])\n"
	    "  by mx.test with SMTP id 1.2.3" },
	{ { LEAST, .helo = "a.test", .helo_len = 6, .host = "b.test",
	    .address = IPV4 }, "a.test (b.test [192.0.2.1])\n"
	    "  by mx.test with SMTP id 1.2.3" },
	{ { LEAST, .helo = "a.test", .helo_len = 6, .host = "",
	    .address = IPV6 }, "a.test (unknown [IPv6:2001:db8::1])\n"
	    "  by mx.test with SMTP id 1.2.3" },
	{ { LEAST, .helo = "", .host = "b", .address = IPV4 },
	    "[192.0.2.1] (b [192.0.2.1])\n"
	    "  by mx.test with SMTP id 1.2.3" },
	{ { LEAST, .helo = "[192.0.2.1]", .helo_len = 11, .address = IPV4,
	    .info = "joe", .relay = "address", .recipient = "a@b",
	    .recipient_len = 3 },
	    "[192.0.2.1] (unknown [192.0.2.1]) (ident=joe)\n"
	    "  by mx.test with SMTP id 1.2.3 (relay=address)\n"
	    "  for <a@b>" },
	{ { LEAST, .info = "" }, "[unknown] (unknown [unknown])\n"
	    "  by mx.test with SMTP id 1.2.3" },
	/* A greeting may be more than a name. */
	{ { .name = "mx.test ESMTP ready", .protocol = "ESMTP", .id = "x" },
	    "[unknown] (unknown [unknown])\n  by mx.test with ESMTP id x" },
	/* Words from outside cannot become another field or clause. */
	{ { LEAST, .helo = "a (b [1.2.3.4])\r\nX: y", .helo_len = 21 },
	    "a??b?[1.2.3.4]???X:?y (unknown [unknown])\n"
	    "  by mx.test with SMTP id 1.2.3" },
	{ { LEAST, .helo = "a\0b;\303\244\"\\<>,", .helo_len = 11 },
	    "a?b???????? (unknown [unknown])\n"
	    "  by mx.test with SMTP id 1.2.3" },
	{ { LEAST, .host = "evil) (x", .info = "x) by y;" },
	    "[unknown] (evil???x [unknown]) (ident=x??by?y?)\n"
	    "  by mx.test with SMTP id 1.2.3" },
	{ { LEAST, .helo = WORD_250 WORD_250, .helo_len = 500 },
	    WORD_250 "01234 (unknown [unknown])\n"
	    "  by mx.test with SMTP id 1.2.3" },
	/* One that would make a line too long is left out. */
	{ { LEAST, .recipient = WORD_250 WORD_250 WORD_250 WORD_250 "@x",
	    .recipient_len = 1002 }, "[unknown] (unknown [unknown])\n"
	    "  by mx.test with SMTP id 1.2.3" },
	/* The forward-path is quoted again. */
	{ { LEAST, .recipient = "joe smith>;@b", .recipient_len = 13 },
	    "[unknown] (unknown [unknown])\n"
	    "  by mx.test with SMTP id 1.2.3\n  for <\"joe smith>;\"@b>" },
	/* Who logged in counts more than what ident said. */
	{ { LEAST, .helo = "a.test", .helo_len = 6, .address = IPV4,
	    .info = "joe", .user = "anna", .relay = "auth" },
	    "a.test (unknown [192.0.2.1]) (auth=anna)\n"
	    "  by mx.test with SMTP id 1.2.3 (relay=auth)" },
	{ { LEAST, .user = "anna@b.test) by x;\r\n\303\244" },
	    "[unknown] (unknown [unknown]) (auth=anna@b.test??by?x?????" ")\n"
	    "  by mx.test with SMTP id 1.2.3" },
	{ { LEAST, .user = WORD_250 WORD_250 },
	    "[unknown] (unknown [unknown]) (auth=" WORD_250 "01234)\n"
	    "  by mx.test with SMTP id 1.2.3" },
	{ { LEAST, .user = "", .info = "joe" },
	    "[unknown] (unknown [unknown])\n"
	    "  by mx.test with SMTP id 1.2.3" },
	/* What granted the right, where it was not AUTH. */
	{ { LEAST, .relay = "address", .relay_by = "relayclients6" },
	    "[unknown] (unknown [unknown])\n"
	    "  by mx.test with SMTP id 1.2.3 (relay=address by=relayclients6)"
	},
	{ { LEAST, .relay_by = "RELAYCLIENT" },
	    "[unknown] (unknown [unknown])\n"
	    "  by mx.test with SMTP id 1.2.3" },
	/* TLS, known to us or told by another program. */
	{ { LEAST, .tls = "TLSv1.3", .cipher = "TLS_AES_256_GCM_SHA384",
	    .relay = "certificate", .relay_by = "tlsclients",
	    .recipient = "a@b", .recipient_len = 3 },
	    "[unknown] (unknown [unknown])\n  by mx.test with SMTP id 1.2.3 "
	    "(relay=certificate by=tlsclients)\n"
	    "  (TLSv1.3 TLS_AES_256_GCM_SHA384)\n  for <a@b>" },
	{ { LEAST, .tls = "TLS" }, "[unknown] (unknown [unknown])\n"
	    "  by mx.test with SMTP id 1.2.3\n  (TLS)" },
	{ { LEAST, .tls = "a) b\n", .cipher = "(c;\nX: y" },
	    "[unknown] (unknown [unknown])\n"
	    "  by mx.test with SMTP id 1.2.3\n  (a??b? ?c??X:?y)" },
	{ { LEAST, .cipher = "c" }, "[unknown] (unknown [unknown])\n"
	    "  by mx.test with SMTP id 1.2.3" },
	/* authhide: nothing of the client, all of the mail. */
	{ { LEAST, .is_hidden = 1, .helo = "a.test", .helo_len = 6,
	    .host = "b.test", .address = IPV4, .info = "joe", .user = "anna",
	    .relay = "auth", .recipient = "a@b", .recipient_len = 3 },
	    "unknown\n  by mx.test with SMTP id 1.2.3 (relay=auth)\n"
	    "  for <a@b>" },
};

START_TEST(each_row)
{
	static const char begin[] = "Received: from ";
	static const char end[] = ";\n  Thu, 01 Jan 1970 00:00:00 +0000\n";
	stralloc field = { 0 }, wanted = { 0 };

	ck_assert(stralloc_copys(&field, "X: above\n"));
	ck_assert_int_eq(trace_received(&rows[_i].trace, &field), OK);
	ck_assert(stralloc_copys(&wanted, "X: above\n"));
	ck_assert(stralloc_cats(&wanted, begin));
	ck_assert(stralloc_cats(&wanted, rows[_i].field));
	ck_assert(stralloc_cats(&wanted, end));
	assert_octets(field.s, field.len, wanted.s, wanted.len);
	stralloc_free(&field);
	stralloc_free(&wanted);
}
END_TEST

SUITE("trace",
    { each_date, ROWS(dates), NULL, NULL },
    { each_day, 1, NULL, NULL },
    { each_row, ROWS(rows), NULL, NULL })
