#include "net/resolvers.h"

#include <errno.h>

#include "../home.h"
#include "../suite.h"

static struct control control;

static void
begin(void)
{
	home_make();
}

static void
end(void)
{
	control_close(&control);
	home_remove();
}

/* Servers as text: `ADDRESS#PORT;` each, then `trusted`. */
static void
show(const struct resolvers *resolvers, char *text)
{
	char address[ADDRESS_TEXT];
	size_t i;

	text[0] = '\0';
	for (i = 0; i < resolvers->count; i++) {
		address_print(&resolvers->list[i].address, address);
		text += sprintf(text, "%s#%d;", address,
		    resolvers->list[i].port);
	}
	if (resolvers->trusted)
		strcpy(text, "trusted");
}

#define SIX	"::1\n::2\n::3\n::4\n::5\n::6\n"

static const struct {
	const char *text;
	const char *servers;		/* NULL: makes no sense */
} files[] = {
	{ "127.0.0.1\n",		"127.0.0.1#53;" },
	{ "127.0.0.1",			"127.0.0.1#53;" },
	{ "127.0.0.1 \t\n",		"127.0.0.1#53;" },
	{ "  127.0.0.1\n",		"127.0.0.1#53;" },
	{ "127.0.0.1 trusted\n",	"127.0.0.1#53;trusted" },
	{ "127.0.0.1\tTrusted \n",	"127.0.0.1#53;trusted" },
	{ "127.0.0.1:5353 trusted",	"127.0.0.1#5353;trusted" },
	{ "127.0.0.1:1\n127.0.0.1:65535\n",
	    "127.0.0.1#1;127.0.0.1#65535;" },
	{ "::1\n",			"::1#53;" },
	{ "[::1]\n",			"::1#53;" },
	{ "[::1]:5353 trusted\n",	"::1#5353;trusted" },
	{ "[127.0.0.1]:5353\n",		"127.0.0.1#5353;" },
	{ "2001:db8::1:5353\n",		"2001:db8::1:5353#53;" },
	{ "::ffff:192.0.2.1\n",		"192.0.2.1#53;" },
	{ "# ours\n\n127.0.0.1\n #\n",	"127.0.0.1#53;" },
	{ SIX,	"::1#53;::2#53;::3#53;::4#53;::5#53;::6#53;" },
	/* Who has answered is not known: all are trusted, or none. */
	{ "::1 trusted\n::2 trusted\n",	"::1#53;::2#53;trusted" },
	{ "::1 trusted\n::2\n",		"::1#53;::2#53;" },
	{ "::1\n::2 trusted\n",		"::1#53;::2#53;" },
	{ "",				"" },
	{ "#\n",			"" },
	{ "\n \n",			"" },

	{ "localhost\n",		NULL },
	{ "trusted\n",			NULL },
	{ "127.0.0.1 127.0.0.2\n",	NULL },
	{ "127.0.0.1 secure\n",		NULL },
	{ "127.0.0.1 trusted x\n",	NULL },
	{ "127.0.0.1 # ours\n",		NULL },
	{ "127.0.0.1\r\n",		NULL },
	{ "127.0.0\n",			NULL },
	{ "127.0.0.1:\n",		NULL },
	{ "127.0.0.1:0\n",		NULL },
	{ "127.0.0.1:65536\n",		NULL },
	{ "127.0.0.1:99999\n",		NULL },
	{ "127.0.0.1:18446744073709551669\n", NULL },
	{ "127.0.0.1:53x\n",		NULL },
	{ "127.0.0.1:-1\n",		NULL },
	{ ":53\n",			NULL },
	{ "[::1\n",			NULL },
	{ "[]\n",			NULL },
	{ "[\n",			NULL },
	{ "[::1]53\n",			NULL },
	{ "[::1]:\n",			NULL },
	{ "[::1]:53:\n",		NULL },
	{ "::1]:53\n",			NULL },
	{ SIX "::7\n",			NULL },
};

static int
names_line(const char *failed)
{
	static const char file[] = "control/resolvers line ";

	return strncmp(failed, file, sizeof file - 1) == 0;
}

START_TEST(each_file)
{
	struct resolvers resolvers;
	enum status status;
	char text[512];

	home_file("control/resolvers", files[_i].text);
	ck_assert_int_eq(control_open(&control), OK);
	status = resolvers_parse(files[_i].text, strlen(files[_i].text),
	    &resolvers);
	ck_assert_int_eq(status, files[_i].servers != NULL ? OK : PERMFAIL);
	if (status == OK) {
		show(&resolvers, text);
		ck_assert_str_eq(text, files[_i].servers);
		return;
	}
	ck_assert_int_eq(resolvers_read(&resolvers, &control), TEMPFAIL);
	ck_assert(names_line(control.failed));
	ck_assert_int_eq(control.error, EINVAL);
}
END_TEST

static const struct {
	const char *text;
	const char *servers;		/* NULL: makes no sense */
} words[] = {
	{ "127.0.0.1",			"127.0.0.1#53;" },
	{ " 127.0.0.1\t::1 ",		"127.0.0.1#53;::1#53;" },
	{ "127.0.0.1:5353 [::1]:54",	"127.0.0.1#5353;::1#54;" },
	{ "",				"" },
	{ " ",				"" },
	{ "127.0.0.1 trusted",		NULL },
	{ "127.0.0.1,127.0.0.2",	NULL },
	{ "::1 ::2 ::3 ::4 ::5 ::6 ::7", NULL },
};

START_TEST(each_word)
{
	struct resolvers resolvers;
	enum status status;
	char text[512];

	status = resolvers_parse_words(words[_i].text, strlen(words[_i].text),
	    &resolvers);
	ck_assert_int_eq(status, words[_i].servers != NULL ? OK : PERMFAIL);
	if (status != OK)
		return;
	show(&resolvers, text);
	ck_assert_str_eq(text, words[_i].servers);
}
END_TEST

/* resolv.conf(5), as the C library reads it. */
static const struct {
	const char *text;
	const char *servers;
} systems[] = {
	{ "nameserver 192.0.2.1\n",	"192.0.2.1#53;" },
	{ "nameserver\t192.0.2.1 \n",	"192.0.2.1#53;" },
	{ "nameserver 192.0.2.1 # x",	"192.0.2.1#53;" },
	{ "search example.org\nnameserver ::1\noptions ndots:2\n",
	    "::1#53;" },
	{ "nameserver fe80::1%eth0\n",	"fe80::1#53;" },
	{ "# nameserver ::1\n; nameserver ::2\n#\n", "" },
	{ " nameserver ::1\n",		"" },
	{ "nameserver::1\n",		"" },
	{ "nameservers ::1\n",		"" },
	{ "Nameserver ::1\n",		"" },
	{ "nameserver\n",		"" },
	{ "nameserver localhost\nnameserver ::1\n", "::1#53;" },
	{ "nameserver ::1\nnameserver ::2\nnameserver ::3\nnameserver ::4\n",
	    "::1#53;::2#53;::3#53;" },
	{ "options edns0 trust-ad\nnameserver ::1\n", "::1#53;trusted" },
	{ "nameserver ::1\noptions trust-ad\noptions rotate\n",
	    "::1#53;trusted" },
	{ "nameserver ::1\noptions trust-ads\n", "::1#53;" },
	{ "nameserver ::1\n#options trust-ad\n", "::1#53;" },
	{ "nameserver ::1 trusted\n",	"::1#53;" },
	{ "options trust-ad\n",		"trusted" },
	{ "",				"" },
};

START_TEST(each_system)
{
	struct resolvers resolvers;
	char text[512];

	resolvers_parse_system(systems[_i].text, strlen(systems[_i].text),
	    &resolvers);
	show(&resolvers, text);
	ck_assert_str_eq(text, systems[_i].servers);
}
END_TEST

/* Which of the places counts; "*" is what resolv.conf says on this host. */
static const struct {
	const char *variable, *file;
	const char *servers;		/* NULL: not OK */
	const char *failed;
} places[] = {
	{ NULL,		NULL,		"*",		"" },
	{ NULL,		"::1\n",	"::1#53;",	"" },
	{ NULL,		"# none\n",	"*",		"" },
	{ "::2",	NULL,		"::2#53;",	"" },
	{ "::2",	"::1 trusted\n", "::2#53;",	"" },
	{ "::2",	"nonsense\n",	"::2#53;",	"" },
	{ "",		"::1 trusted\n", "::1#53;trusted", "" },
	{ " ",		NULL,		"*",		"" },
	{ "nonsense",	"::1\n",	NULL,		"$DNSCACHEIP" },
	{ NULL,		"nonsense\n",	NULL,
	    "control/resolvers line 1" },
};

START_TEST(each_place)
{
	struct resolvers resolvers;
	enum status status;
	char text[512];

	if (places[_i].variable != NULL)
		setenv("DNSCACHEIP", places[_i].variable, 1);
	if (places[_i].file != NULL)
		home_file("control/resolvers", places[_i].file);
	ck_assert_int_eq(control_open(&control), OK);
	status = resolvers_read(&resolvers, &control);
	ck_assert_int_eq(status, places[_i].servers != NULL ? OK : TEMPFAIL);
	ck_assert_str_eq(control.failed, places[_i].failed);
	if (status != OK)
		return;
	ck_assert_uint_ge(resolvers.count, 1);
	show(&resolvers, text);
	if (places[_i].servers[0] != '*')
		ck_assert_str_eq(text, places[_i].servers);
}
END_TEST

START_TEST(unreadable)
{
	struct resolvers resolvers;

	home_file("control/resolvers", NULL);
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(resolvers_read(&resolvers, &control), TEMPFAIL);
	ck_assert_str_eq(control.failed, "control/resolvers");
	ck_assert_int_eq(control.error, EISDIR);
}
END_TEST

START_TEST(line_of_fault)
{
	struct resolvers resolvers;

	home_file("control/resolvers", "# none\n\n127.0.0.1\nnone\n::1\n");
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(resolvers_read(&resolvers, &control), TEMPFAIL);
	ck_assert_str_eq(control.failed, "control/resolvers line 4");
}
END_TEST

SUITE("resolvers",
    { line_of_fault, 1, begin, end },
    { each_file, ROWS(files), begin, end },
    { each_word, ROWS(words), NULL, NULL },
    { each_system, ROWS(systems), NULL, NULL },
    { each_place, ROWS(places), begin, end },
    { unreadable, 1, begin, end })
