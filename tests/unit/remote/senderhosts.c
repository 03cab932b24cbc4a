#include "remote/senderhosts.h"

#include <errno.h>

#include "../home.h"
#include "../suite.h"

static struct control control;
static struct senderhost host;

static void
end(void)
{
	senderhost_free(&host);
	control_close(&control);
	home_remove();
}

static enum status
find(const char *sender)
{
	ck_assert_int_eq(control_open(&control), OK);
	return senderhost_find(&host, &control, sender);
}

#define ALL	"|192.0.2.1||all.test\n"
#define NONE	"unknown"

/* `from4` and `from6` NONE, `helo` "": nothing is said. */
static const struct {
	const char *file, *sender, *from4, *from6, *helo;
} rows[] = {
	/* All fields, and fields that are empty or missing. */
	{ "x.test|192.0.2.2|2001:db8::2|h.test\n", "a@x.test",
	    "192.0.2.2", "2001:db8::2", "h.test" },
	{ "x.test|192.0.2.2\n", "a@x.test", "192.0.2.2", NONE, "" },
	{ "x.test||2001:db8::2\n", "a@x.test", NONE, "2001:db8::2", "" },
	{ "x.test|||h.test\n", "a@x.test", NONE, NONE, "h.test" },
	{ "x.test|192.0.2.2||h.test \t", "a@x.test", "192.0.2.2", NONE,
	    "h.test" },
	{ "x.test|||\n" ALL, "a@x.test", NONE, NONE, "" },
	{ "x.test\n" ALL, "a@x.test", NONE, NONE, "" },
	{ "x.test|||[192.0.2.2]\n", "a@x.test", NONE, NONE, "[192.0.2.2]" },
	/* The domain, its parents, then all others. */
	{ ALL ".test|||t\nx.test|||x\n", "a@x.test", NONE, NONE, "x" },
	{ ALL ".test|||t\nx.test|||x\n", "a@X.Test", NONE, NONE, "x" },
	{ ALL ".test|||t\nx.test|||x\n", "a@y.test", NONE, NONE, "t" },
	{ ".test|||t\n.y.test|||y\n", "a@x.y.test", NONE, NONE, "y" },
	{ ".test|||t\n", "a@test", NONE, NONE, "" },
	{ ".x.test|||x\n", "a@yx.test", NONE, NONE, "" },
	{ ALL "x.test|||x\n", "a@y.z", "192.0.2.1", NONE, "all.test" },
	{ ALL, "", "192.0.2.1", NONE, "all.test" },
	{ ALL, "a", "192.0.2.1", NONE, "all.test" },
	{ ALL "a|||a\n", "a", "192.0.2.1", NONE, "all.test" },
	{ "x.test|||x\n", "", NONE, NONE, "" },
	{ "x.test|||x\n", "a@x.test@y.test", NONE, NONE, "" },
	{ "x.test|||x\n", "a@y.test@x.test", NONE, NONE, "x" },
	/* The last of two lines; lines that do not count. */
	{ "x.test|||a\nx.test|||b\n", "a@x.test", NONE, NONE, "b" },
	{ "#x.test|||a\n\n x.test|||b\n", "a@x.test", NONE, NONE, "" },
	{ "y.test|what\n", "a@x.test", NONE, NONE, "" },
	{ "", "a@x.test", NONE, NONE, "" },
};

START_TEST(each_sender)
{
	char text[ADDRESS_TEXT];

	home_file("control/senderhosts", rows[_i].file);
	ck_assert_int_eq(find(rows[_i].sender), OK);
	address_print(&host.from4, text);
	ck_assert_str_eq(text, rows[_i].from4);
	address_print(&host.from6, text);
	ck_assert_str_eq(text, rows[_i].from6);
	ck_assert_str_eq(host.helo.len > 0 ? host.helo.s : "", rows[_i].helo);
}
END_TEST

START_TEST(absent)
{
	ck_assert_int_eq(find("a@x.test"), OK);
	ck_assert_int_eq(host.from4.family, 0);
	ck_assert_int_eq(host.from6.family, 0);
	ck_assert_uint_eq(host.helo.len, 0);
}
END_TEST

static const struct {
	const char *file;
	int error;
} odd[] = {
	{ NULL,				EISDIR },
	{ "#\n|192.0.2\n",			EINVAL },
	{ "#\n|2001:db8::1\n",		EINVAL },
	{ "#\n||192.0.2.1\n",		EINVAL },
	{ "#\n|[192.0.2.1]\n",		EINVAL },
	{ "#\n| 192.0.2.1\n",		EINVAL },
	{ "#\n|h.test\n",			EINVAL },
	{ "#\n|||h.test|\n",		EINVAL },
	{ "#\n|||h.test|x\n",		EINVAL },
	{ "#\n||||\n",			EINVAL },
	{ "#\n|||h test\n",		EINVAL },
	{ "#\n|||h.test\r\n",		EINVAL },
	{ "#\n||\r\n",			EINVAL },
	{ "#\n|||h\303\244.test\n",	EINVAL },
};

START_TEST(each_odd_line)
{
	home_file("control/senderhosts", odd[_i].file);
	ck_assert_int_eq(find("a@x.test"), TEMPFAIL);
	ck_assert_str_eq(control.failed, odd[_i].file != NULL ?
	    "control/senderhosts line 2" : "control/senderhosts");
	ck_assert_int_eq(control.error, odd[_i].error);
}
END_TEST

/* The longest name, and one octet more. */
START_TEST(longest_name)
{
	char text[SENDERHOST_NAME + 8] = "|||";
	size_t len = SENDERHOST_NAME + (size_t)_i;

	memset(text + 3, 'h', len);
	home_octets("control/senderhosts", text, 3 + len);
	ck_assert_int_eq(find(""), _i == 0 ? OK : TEMPFAIL);
}
END_TEST

/* Every line, whoever it is for. */
START_TEST(check_all)
{
	static const struct {
		unsigned after, number;
	} steps[] = { { 0, 2 }, { 2, 4 }, { 4, 0 }, { 9, 0 } };
	static const char text[] = "x.test|192.0.2.1\n|h\n#y|h\ny.test||::1|h|"
	    "\n\nz.test\n";
	stralloc file = { 0 };
	unsigned number = 9;
	size_t i;

	ck_assert_int_eq(stralloc_copys(&file, text), 1);
	for (i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		ck_assert_int_eq(senderhosts_check(&file, steps[i].after,
		    &number), steps[i].number != 0 ? PERMFAIL : OK);
		ck_assert_uint_eq(number, steps[i].number);
	}
	stralloc_free(&file);
}
END_TEST

SUITE("senderhosts",
    { check_all, 1, home_make, end },
    { each_sender, ROWS(rows), home_make, end },
    { absent, 1, home_make, end },
    { each_odd_line, ROWS(odd), home_make, end },
    { longest_name, 2, home_make, end })
