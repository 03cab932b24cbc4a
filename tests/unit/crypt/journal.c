#include "crypt/journal.h"

#include "../suite.h"

static const struct {
	const char *value, *line;
} rows[] = {
	{ "plain", "event=e k=plain" },
	{ "", "event=e k=\"\"" },
	{ "two words", "event=e k=\"two words\"" },
	{ "a\nevent=x", "event=e k=a\\x0aevent=x" },
	{ "\"\\", "event=e k=\"\\\"\\\\\"" },
	{ "\x7f\xff", "event=e k=\\x7f\\xff" },
};

START_TEST(values)
{
	struct journal line;

	journal_begin(&line, "e");
	journal_text(&line, "k", rows[_i].value);
	assert_octets(line.text, line.len, rows[_i].line,
	    strlen(rows[_i].line));
}
END_TEST

/* However much there is, it is one line. */
START_TEST(long_ones)
{
	struct journal line;
	char value[4096];
	int i;

	memset(value, '\n', sizeof value - 1);
	value[sizeof value - 1] = '\0';
	journal_begin(&line, "e");
	for (i = 0; i < 3; i++)
		journal_text(&line, "k", value);
	ck_assert_uint_eq(line.len, sizeof line.text - 1);
	ck_assert_ptr_null(memchr(line.text, '\n', line.len));
}
END_TEST

SUITE("journal",
    { values, ROWS(rows), NULL, NULL },
    { long_ones, 1, NULL, NULL })
