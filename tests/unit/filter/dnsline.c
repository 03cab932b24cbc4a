#include "filter/dnsline.h"

#include "../suite.h"

static const struct {
	const char *text;
	enum dnsline_form form;
	const char *zone;		/* NULL: it makes no sense */
	const char *pattern;
	unsigned weight;
	int is_soft;
} lines[] = {
#define OWN	DNSLINE_OWN
#define DASHED	DNSLINE_DASHED
#define PERLS	DNSLINE_TEXT
	{ "bl.test", OWN, "bl.test", NULL, 1, 0 },
	{ "bl_1.test", OWN, "bl_1.test", NULL, 1, 0 },
	{ "bl.test*2", OWN, "bl.test", NULL, 2, 0 },
	{ "bl.test*1000", OWN, "bl.test", NULL, 1000, 0 },
	{ "bl.test=127.0.0.2", OWN, "bl.test", "127.0.0.2", 1, 0 },
	{ "bl.test=127.0.0.[2..4]*2", OWN, "bl.test", "127.0.0.[2..4]", 2,
	    0 },
	{ "a=127.[0;1].0.[2;4;10..11]", OWN, "a", "127.[0;1].0.[2;4;10..11]",
	    1, 0 },
	{ "a=[127].0.0.2", OWN, "a", "[127].0.0.2", 1, 0 },
	{ "a=[0..255].0.0.2", OWN, "a", "[0..255].0.0.2", 1, 0 },
	/* Zones that are none. */
	{ "", OWN, NULL, NULL, 0, 0 },
	{ "=127.0.0.2", OWN, NULL, NULL, 0, 0 },
	{ "*2", OWN, NULL, NULL, 0, 0 },
	{ "a..b", OWN, NULL, NULL, 0, 0 },
	{ "-bl.test", OWN, NULL, NULL, 0, 0 },
	{ "bl.test:text", OWN, NULL, NULL, 0, 0 },
	{ "bl.test text", OWN, NULL, NULL, 0, 0 },
	{ "bl.test\r", OWN, NULL, NULL, 0, 0 },
	{ " bl.test", OWN, NULL, NULL, 0, 0 },
	/* Weights that are none. */
	{ "bl.test*", OWN, NULL, NULL, 0, 0 },
	{ "bl.test*0", OWN, NULL, NULL, 0, 0 },
	{ "bl.test*-1", OWN, NULL, NULL, 0, 0 },
	{ "bl.test*1001", OWN, NULL, NULL, 0, 0 },
	{ "bl.test*99999999999999999999999", OWN, NULL, NULL, 0, 0 },
	{ "bl.test*2x", OWN, NULL, NULL, 0, 0 },
	{ "bl.test*2*2", OWN, NULL, NULL, 0, 0 },
	{ "bl.test*2=127.0.0.2", OWN, NULL, NULL, 0, 0 },
	/* Patterns that are none, or that nothing can match. */
	{ "a=", OWN, NULL, NULL, 0, 0 },
	{ "a=*2", OWN, NULL, NULL, 0, 0 },
	{ "a=127.0.0", OWN, NULL, NULL, 0, 0 },
	{ "a=127.0.0.", OWN, NULL, NULL, 0, 0 },
	{ "a=127.0.0.2.3", OWN, NULL, NULL, 0, 0 },
	{ "a=127.0.0.2..4", OWN, NULL, NULL, 0, 0 },
	{ "a=127.0.0.256", OWN, NULL, NULL, 0, 0 },
	{ "a=127.0.0.0002", OWN, NULL, NULL, 0, 0 },
	{ "a=127.0.0.x", OWN, NULL, NULL, 0, 0 },
	{ "a=127.0.0.[]", OWN, NULL, NULL, 0, 0 },
	{ "a=127.0.0.[2", OWN, NULL, NULL, 0, 0 },
	{ "a=127.0.0.[2;]", OWN, NULL, NULL, 0, 0 },
	{ "a=127.0.0.[;2]", OWN, NULL, NULL, 0, 0 },
	{ "a=127.0.0.[2,4]", OWN, NULL, NULL, 0, 0 },
	{ "a=127.0.0.[4..2]", OWN, NULL, NULL, 0, 0 },
	{ "a=127.0.0.[2..]", OWN, NULL, NULL, 0, 0 },
	{ "a=127.0.0.[2.4]", OWN, NULL, NULL, 0, 0 },
	{ "a=10.0.0.2", OWN, NULL, NULL, 0, 0 },
	{ "a=[0..126].0.0.2", OWN, NULL, NULL, 0, 0 },
	{ "a=127.0.0.2 ", OWN, NULL, NULL, 0, 0 },
	/* Those of others. */
	{ "bl.test", DASHED, "bl.test", NULL, 1, 1 },
	{ "-bl.test", DASHED, "bl.test", NULL, 1, 0 },
	{ "-bl.test:go away", DASHED, "bl.test", NULL, 1, 0 },
	{ "-", DASHED, NULL, NULL, 0, 0 },
	{ "--bl.test", DASHED, NULL, NULL, 0, 0 },
	{ "", DASHED, NULL, NULL, 0, 0 },
	{ "bl.test*2", DASHED, NULL, NULL, 0, 0 },
	{ "bl.test", PERLS, "bl.test", NULL, 1, 0 },
	{ "bl.test:see http://x/?%IP%", PERLS, "bl.test", NULL, 1, 0 },
	{ "rhs.test go: away", PERLS, "rhs.test", NULL, 1, 0 },
	{ "rhs.test\tgo away", PERLS, "rhs.test", NULL, 1, 0 },
	{ "bl.test=127.0.0.2", PERLS, NULL, NULL, 0, 0 },
	{ "-bl.test", PERLS, NULL, NULL, 0, 0 },
};

START_TEST(each_line)
{
	struct dnsline line;
	enum status status = dnsline_parse(lines[_i].text,
	    strlen(lines[_i].text), lines[_i].form, &line);

	assert_row(status == (lines[_i].zone != NULL ? OK : PERMFAIL));
	if (status != OK)
		return;
	assert_octets(line.zone, line.zone_len, lines[_i].zone,
	    strlen(lines[_i].zone));
	assert_row((line.pattern == NULL) == (lines[_i].pattern == NULL));
	if (line.pattern != NULL)
		assert_octets(line.pattern, line.pattern_len,
		    lines[_i].pattern, strlen(lines[_i].pattern));
	assert_row(line.weight == lines[_i].weight);
	assert_row(line.is_soft == lines[_i].is_soft);
}
END_TEST

/* Labels of 9 octets and a dot, and what is missing. */
static void
make_zone(char *zone, size_t len)
{
	memset(zone, 'a', len);
	while (len > 10)
		zone[(len -= 10) - 1] = '.';
}

START_TEST(longest_zone)
{
	char zone[DNSLINE_ZONE + 1];
	struct dnsline line;

	make_zone(zone, DNSLINE_ZONE);
	ck_assert_int_eq(dnsline_parse(zone, DNSLINE_ZONE, DNSLINE_OWN,
	    &line), OK);
	make_zone(zone, DNSLINE_ZONE + 1);
	ck_assert_int_eq(dnsline_parse(zone, DNSLINE_ZONE + 1, DNSLINE_OWN,
	    &line), PERMFAIL);
}
END_TEST

/* An answer, and what a line makes of it. */
static const struct {
	const char *line;
	enum dns_state state;
	const char *found[3];
	enum dnsline_answer answer;
	const char *address;	/* that says so */
} answers[] = {
	{ "a", DNS_WAITING, { NULL }, DNSLINE_WAITING, NULL },
	{ "a", DNS_NXDOMAIN, { NULL }, DNSLINE_ABSENT, NULL },
	{ "a", DNS_NODATA, { NULL }, DNSLINE_ABSENT, NULL },
	{ "a", DNS_TEMPFAIL, { NULL }, DNSLINE_SILENT, NULL },
	{ "a", DNS_DATA, { NULL }, DNSLINE_ABSENT, NULL },
	{ "a", DNS_DATA, { "127.0.0.2" }, DNSLINE_LISTED, "127.0.0.2" },
	{ "a", DNS_DATA, { "127.0.0.1" }, DNSLINE_LISTED, "127.0.0.1" },
	{ "a", DNS_DATA, { "127.255.254.255" }, DNSLINE_LISTED,
	    "127.255.254.255" },
	{ "a", DNS_DATA, { "127.0.0.3", "127.0.0.2" }, DNSLINE_LISTED,
	    "127.0.0.3" },
	/* The list says that something is wrong. */
	{ "a", DNS_DATA, { "127.255.255.252" }, DNSLINE_ODD,
	    "127.255.255.252" },
	{ "a", DNS_DATA, { "127.255.255.0" }, DNSLINE_ODD, "127.255.255.0" },
	{ "a", DNS_DATA, { "126.0.0.2" }, DNSLINE_ODD, "126.0.0.2" },
	{ "a", DNS_DATA, { "128.0.0.2" }, DNSLINE_ODD, "128.0.0.2" },
	{ "a", DNS_DATA, { "0.0.0.0" }, DNSLINE_ODD, "0.0.0.0" },
	{ "a", DNS_DATA, { "127.0.0.2", "1.2.3.4" }, DNSLINE_ODD, "1.2.3.4" },
	{ "a=127.0.0.3", DNS_DATA, { "1.2.3.4" }, DNSLINE_ODD, "1.2.3.4" },
	{ "a=127.255.255.254", DNS_DATA, { "127.255.255.254" }, DNSLINE_ODD,
	    "127.255.255.254" },
	{ "a=[1..127].2.3.4", DNS_DATA, { "1.2.3.4" }, DNSLINE_ODD,
	    "1.2.3.4" },
	/* Patterns. */
	{ "a=127.0.0.2", DNS_DATA, { "127.0.0.2" }, DNSLINE_LISTED,
	    "127.0.0.2" },
	{ "a=127.0.0.2", DNS_DATA, { "127.0.0.3" }, DNSLINE_ABSENT, NULL },
	{ "a=127.0.0.2", DNS_DATA, { "127.0.1.2" }, DNSLINE_ABSENT, NULL },
	{ "a=127.0.0.2", DNS_DATA, { "127.0.0.3", "127.0.0.2" },
	    DNSLINE_LISTED, "127.0.0.2" },
	{ "a=127.0.0.[2..4]", DNS_DATA, { "127.0.0.1" }, DNSLINE_ABSENT,
	    NULL },
	{ "a=127.0.0.[2..4]", DNS_DATA, { "127.0.0.2" }, DNSLINE_LISTED,
	    "127.0.0.2" },
	{ "a=127.0.0.[2..4]", DNS_DATA, { "127.0.0.4" }, DNSLINE_LISTED,
	    "127.0.0.4" },
	{ "a=127.0.0.[2..4]", DNS_DATA, { "127.0.0.5" }, DNSLINE_ABSENT,
	    NULL },
	{ "a=127.0.0.[2;4;10..11]", DNS_DATA, { "127.0.0.3" },
	    DNSLINE_ABSENT, NULL },
	{ "a=127.0.0.[2;4;10..11]", DNS_DATA, { "127.0.0.4" },
	    DNSLINE_LISTED, "127.0.0.4" },
	{ "a=127.0.0.[2;4;10..11]", DNS_DATA, { "127.0.0.11" },
	    DNSLINE_LISTED, "127.0.0.11" },
	{ "a=127.0.[0..255].[0..255]", DNS_DATA, { "127.0.9.9" },
	    DNSLINE_LISTED, "127.0.9.9" },
	{ "a=127.0.[0..255].[0..255]", DNS_DATA, { "127.1.9.9" },
	    DNSLINE_ABSENT, NULL },
};

START_TEST(each_answer)
{
	struct dns_record records[3] = { { .name = NULL } };
	struct dns_question question = {
		.state = answers[_i].state, .records = records,
	};
	struct address address = { 0 }, wanted = { 0 };
	struct dnsline line;
	size_t i;

	for (i = 0; i < 3 && answers[_i].found[i] != NULL; i++)
		ck_assert_int_eq(address_parse(answers[_i].found[i],
		    strlen(answers[_i].found[i]), &records[i].address), OK);
	question.count = i;
	ck_assert_int_eq(dnsline_parse(answers[_i].line,
	    strlen(answers[_i].line), DNSLINE_OWN, &line), OK);
	assert_row(dnsline_judge(&line, &question, &address) ==
	    answers[_i].answer);
	if (answers[_i].address != NULL)
		address_parse(answers[_i].address,
		    strlen(answers[_i].address), &wanted);
	assert_row(address.family == wanted.family);
	assert_row(memcmp(address.octets, wanted.octets, 4) == 0);
}
END_TEST

SUITE("dnsline",
    { each_line, ROWS(lines), NULL, NULL },
    { longest_zone, 1, NULL, NULL },
    { each_answer, ROWS(answers), NULL, NULL })
