#include "base/list.h"

#include <errno.h>
#include <stdio.h>

#include "../home.h"
#include "../suite.h"

static struct control control;
static struct list list;

static void
begin(void)
{
	home_make();
	memset(&list, 0, sizeof list);
}

static void
end(void)
{
	list_free(&list);
	control_close(&control);
	home_remove();
}

static void
read_list(const char *file, size_t len)
{
	home_octets("control/list", file, len);
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(list_read(&control, "list", &list), OK);
	ck_assert_int_eq(list.found, 1);
}

/* What is a line of a file, and what is none. */
static const struct {
	const char *file;
	size_t file_len;
	const char *text;
	size_t len;
	int has;
} lines[] = {
	{ TEXT("example.org\n"),	TEXT("example.org"),	1 },
	{ TEXT("example.org"),		TEXT("example.org"),	1 },
	{ TEXT("example.org \t\n"),	TEXT("example.org"),	1 },
	{ TEXT("Example.ORG\n"),	TEXT("eXAMPLE.org"),	1 },
	{ TEXT("a\nb\nc"),		TEXT("a"),		1 },
	{ TEXT("a\nb\nc"),		TEXT("b"),		1 },
	{ TEXT("a\nb\nc"),		TEXT("c"),		1 },
	{ TEXT("a\n\n\nb\n"),		TEXT("b"),		1 },
	{ TEXT("#a\nb\n"),		TEXT("b"),		1 },
	{ TEXT("a#b\n"),		TEXT("a#b"),		1 },
	{ TEXT("example.org\n"),	TEXT("example.or"),	0 },
	{ TEXT("example.org\n"),	TEXT("xample.org"),	0 },
	{ TEXT("example.org\n"),	TEXT("example.org."),	0 },
	{ TEXT("a\nb\n"),		TEXT("a\nb"),		0 },
	{ TEXT("a\nb\n"),		TEXT("\n"),		0 },
	{ TEXT("a\nb\n"),		TEXT(""),		0 },
	{ TEXT("a\n\nb\n"),		TEXT(""),		0 },
	{ TEXT("#a\n"),			TEXT("#a"),		0 },
	{ TEXT("#a\n"),			TEXT("a"),		0 },
	{ TEXT(" a\n"),			TEXT("a"),		0 },
	{ TEXT(" #a\n"),		TEXT(" #a"),		1 },
	{ TEXT("a\r\n"),		TEXT("a"),		0 },
	{ TEXT("a\0\n"),		TEXT("a"),		0 },
	{ TEXT(""),			TEXT("a"),		0 },
	{ TEXT("\n"),			TEXT("a"),		0 },
	{ TEXT(" \t\n"),		TEXT("a"),		0 },
};

START_TEST(each_line)
{
	read_list(lines[_i].file, lines[_i].file_len);
	ck_assert_int_eq(list_has(&list, lines[_i].text, lines[_i].len),
	    lines[_i].has);
}
END_TEST

#define MANY	1000	/* lines; so many are found by an index */

/* Lines that nobody looks for, and room for more. */
static size_t
fill(char *file)
{
	size_t i, len = 0;

	for (i = 0; i < MANY; i++)
		len += (size_t)sprintf(file + len, "Host%zu.example\n", i);
	return len;
}

START_TEST(each_line_of_many)
{
	char file[MANY * 32];
	size_t len = fill(file);

	memcpy(file + len, lines[_i].file, lines[_i].file_len);
	read_list(file, len + lines[_i].file_len);
	ck_assert_ptr_nonnull(list.index);
	ck_assert_int_eq(list_has(&list, lines[_i].text, lines[_i].len),
	    lines[_i].has);
}
END_TEST

START_TEST(all_of_many)
{
	char file[MANY * 32], text[64];
	size_t i;

	read_list(file, fill(file));
	for (i = 0; i < 2 * MANY; i++) {
		sprintf(text, "hOST%zu.example", i);
		ck_assert_int_eq(list_has(&list, text, strlen(text)), i < MANY);
		ck_assert_int_eq(list_has(&list, text, strlen(text) - 1), 0);
		ck_assert_int_eq(list_has(&list, text + 1, strlen(text) - 1),
		    0);
	}
}
END_TEST

/* They do not fill the index, nor take longer the more there are. */
START_TEST(one_line_many_times)
{
	static char file[MANY * 600];
	size_t at;

	for (at = 0; at + 6 < sizeof file; at += 6)
		memcpy(file + at, "a.org\n", 6);
	read_list(file, at);
	ck_assert_int_eq(list_has(&list, "a.org", 5), 1);
	ck_assert_int_eq(list_has(&list, "b.org", 5), 0);
}
END_TEST

START_TEST(long_texts)
{
	char text[4096];
	size_t len;

	memset(text, 'a', sizeof text);
	read_list(text, 1000);
	for (len = 1; len <= sizeof text; len++)
		ck_assert_int_eq(list_has(&list, text, len), len == 1000);
}
END_TEST

START_TEST(comments)
{
	list.has_comments = 1;
	read_list(TEXT("a # b\nc\t#\nd#e\nf #g#h\n # i\n#j\nk \t # l\n"));
	ck_assert_int_eq(list_has(&list, "a", 1), 1);
	ck_assert_int_eq(list_has(&list, "a # b", 5), 0);
	ck_assert_int_eq(list_has(&list, "c", 1), 1);
	ck_assert_int_eq(list_has(&list, "d#e", 3), 1);
	ck_assert_int_eq(list_has(&list, "d", 1), 0);
	ck_assert_int_eq(list_has(&list, "f", 1), 1);
	ck_assert_int_eq(list_has(&list, "k", 1), 1);
	ck_assert_uint_eq(list.lines.len, sizeof "\na\nc\nd#e\nf\nk\n" - 1);
}
END_TEST

static const char domains_file[] =
    "example.org\n.example.net\norg\n.sub.example.com\n";

static const struct {
	const char *domain;
	int has;
} domains[] = {
	{ "example.org",		1 },
	{ "EXAMPLE.ORG",		1 },
	{ "mail.example.org",		0 },
	{ "example.net",		0 },
	{ "mail.example.net",		1 },
	{ "a.b.example.net",		1 },
	{ "badexample.net",		0 },
	{ "sub.example.com",		0 },
	{ "x.sub.example.com",		1 },
	{ "example.com",		0 },
	{ "org",			1 },
	{ "example.info",		0 },
	{ "mail.example.net.",		0 },
	{ "",				0 },
	{ ".",				0 },
};

START_TEST(each_domain)
{
	read_list(TEXT(domains_file));
	ck_assert_int_eq(list_has_domain(&list, domains[_i].domain,
	    strlen(domains[_i].domain)), domains[_i].has);
}
END_TEST

/* badmailfrom: stock lines, then Qsmtp's, which match nothing in stock. */
static const char mailboxes_file[] =
    "joe@example.org\n@example.net\nspam.test\n.dyn.test\n@.dot.test\nbob\n";

static const struct {
	const char *mailbox, *line;
} mailboxes[] = {
	{ "joe@example.org",		"joe@example.org" },
	{ "JOE@Example.ORG",		"JOE@Example.ORG" },
	{ "jim@example.org",		NULL },
	{ "xjoe@example.org",		NULL },
	{ "any@example.net",		"@example.net" },
	{ "any@mail.example.net",	NULL },
	{ "a@b@example.net",		"@example.net" },
	{ "any@spam.test",		"spam.test" },
	{ "any@mail.spam.test",		"spam.test" },
	{ "any@a.b.spam.test",		"spam.test" },
	{ "any@badspam.test",		NULL },
	{ "any@dyn.test",		NULL },
	{ "any@host.dyn.test",		".dyn.test" },
	{ "any@a.host.dyn.test",	".dyn.test" },
	{ "any@hostdyn.test",		NULL },
	/* The local-part is no domain. */
	{ "x.spam.test@example.com",	NULL },
	{ "spam.test@example.com",	NULL },
	{ "any@x.dot.test",		NULL },
	{ "bob",			"bob" },
	{ "bob@example.com",		NULL },
	/* The null reverse-path is never listed. */
	{ "",				NULL },
	{ "@",				NULL },
	{ "a@",				NULL },
};

START_TEST(each_mailbox)
{
	const char *mailbox = mailboxes[_i].mailbox;
	stralloc line = { 0 };
	int has = mailboxes[_i].line != NULL;

	read_list(TEXT(mailboxes_file));
	ck_assert_int_eq(list_has_mailbox(&list, mailbox, strlen(mailbox),
	    NULL), has);
	ck_assert_int_eq(list_has_mailbox(&list, mailbox, strlen(mailbox),
	    &line), has);
	if (has)
		assert_holds(&line, mailboxes[_i].line);
	else
		ck_assert_uint_eq(line.len, 0);
	stralloc_free(&line);
}
END_TEST

START_TEST(absent_is_empty)
{
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(list_read(&control, "list", &list), OK);
	ck_assert_int_eq(list.found, 0);
	ck_assert_int_eq(list_has(&list, "a", 1), 0);
	ck_assert_int_eq(list_has_domain(&list, "a.b", 3), 0);
	ck_assert_int_eq(list_has_mailbox(&list, "a@b", 3, NULL), 0);
}
END_TEST

/* Unreadable is not absent, and is asked again. */
START_TEST(unreadable)
{
	home_file("control/list", NULL);
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(list_read(&control, "list", &list), TEMPFAIL);
	ck_assert_str_eq(control.failed, "control/list");
	ck_assert_int_eq(list_read(&control, "list", &list), TEMPFAIL);
	ck_assert_int_eq(list_has(&list, "a", 1), 0);
}
END_TEST

/* One session has one list: what is read stays as it was. */
START_TEST(read_once)
{
	read_list(TEXT("a\n"));
	home_file("control/list", "b\n");
	ck_assert_int_eq(list_read(&control, "list", &list), OK);
	ck_assert_int_eq(list_has(&list, "a", 1), 1);
	ck_assert_int_eq(list_has(&list, "b", 1), 0);
}
END_TEST

SUITE("list",
    { each_line, ROWS(lines), begin, end },
    { each_line_of_many, ROWS(lines), begin, end },
    { all_of_many, 1, begin, end },
    { one_line_many_times, 1, begin, end },
    { comments, 1, begin, end },
    { long_texts, 1, begin, end },
    { each_domain, ROWS(domains), begin, end },
    { each_mailbox, ROWS(mailboxes), begin, end },
    { absent_is_empty, 1, begin, end },
    { unreadable, 1, begin, end },
    { read_once, 1, begin, end })
