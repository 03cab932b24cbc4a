#include "session/folder.h"

#include "../home.h"
#include "../suite.h"

static struct control control;
static struct folder folder;

static void
end(void)
{
	folder_close(&folder);
	control_close(&control);
	home_remove();
}

/* The line that counts is the last one. */
static const struct {
	const char *key;
	unsigned line;
} lines[] = {
	{ "a",		6 },
	{ "b",		4 },
	{ "c",		0 },
	{ "d",		7 },
	{ "ab",		3 },
	{ "a=1",	6 },
};

START_TEST(each_line_of)
{
	home_file("control/filterconf",
	    "a\n# c=1\nab=1\nb=2 # c\n\na=1\nd");
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(folder_open_control(&folder, &control), OK);
	ck_assert_uint_eq(folder_line_of(&folder, lines[_i].key),
	    lines[_i].line);
}
END_TEST

START_TEST(line_of_absent)
{
	ck_assert_int_eq(folder_open(&folder, "control"), OK);
	ck_assert_uint_eq(folder_line_of(&folder, "a"), 0);
	home_file("control/filterconf", "a\n");
	ck_assert_uint_eq(folder_line_of(&folder, "a"), 0);
}
END_TEST

SUITE("folder",
    { each_line_of, ROWS(lines), home_make, end },
    { line_of_absent, 1, home_make, end })
