#include "filter/wildcard.h"

#include <string.h>

#include "../suite.h"

#define LABEL_63	\
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* Lines, and what they say; a NULL domain: nothing. */
static const struct {
	const char *line, *domain, *address;
} rows[] = {
	{ "com_::ffff:64.94.110.11", "com", "64.94.110.11" },
	{ "com_64.94.110.11", "com", "64.94.110.11" },
	{ "ws_2001:db8::1", "ws", "2001:db8::1" },
	{ "WS_2001:DB8::1", "WS", "2001:db8::1" },
	{ "museum_1.2.3.4", "museum", "1.2.3.4" },
	/* Longer than Qsmtp knew them. */
	{ "photography_1.2.3.4", "photography", "1.2.3.4" },
	{ "xn--p1ai_1.2.3.4", "xn--p1ai", "1.2.3.4" },
	{ LABEL_63 "_1.2.3.4", LABEL_63, "1.2.3.4" },
	{ LABEL_63 "x_1.2.3.4", NULL, NULL },
	{ "", NULL, NULL },
	{ "com", NULL, NULL },
	{ "com_", NULL, NULL },
	{ "_1.2.3.4", NULL, NULL },
	{ ".com_1.2.3.4", NULL, NULL },
	{ "co.uk_1.2.3.4", NULL, NULL },
	{ "com 1.2.3.4", NULL, NULL },
	{ " com_1.2.3.4", NULL, NULL },
	{ "com_ 1.2.3.4", NULL, NULL },
	{ "com_1.2.3", NULL, NULL },
	{ "com_1.2.3.4.5", NULL, NULL },
	{ "com_1.2.3.256", NULL, NULL },
	{ "com_1.2.3.4/24", NULL, NULL },
	{ "com_[1.2.3.4]", NULL, NULL },
	{ "com_fe80::1%eth0", NULL, NULL },
	{ "com_::ffff:1.2.3.4x", NULL, NULL },
	{ "com__1.2.3.4", NULL, NULL },
	{ "c\303\266m_1.2.3.4", NULL, NULL },
};

START_TEST(each_row)
{
	const char *line = rows[_i].line, *domain = rows[_i].domain;
	struct wildcard wildcard;
	char text[ADDRESS_TEXT];

	memset(&wildcard, 'x', sizeof wildcard);
	if (domain == NULL) {
		ck_assert_int_eq(wildcard_parse(line, strlen(line),
		    &wildcard), PERMFAIL);
		return;
	}
	ck_assert_int_eq(wildcard_parse(line, strlen(line), &wildcard), OK);
	ck_assert_ptr_eq(wildcard.domain, line);
	ck_assert_uint_eq(wildcard.len, strlen(domain));
	address_print(&wildcard.address, text);
	ck_assert_str_eq(text, rows[_i].address);
}
END_TEST

SUITE("wildcard",
    { each_row, ROWS(rows), NULL, NULL })
