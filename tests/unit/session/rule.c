#include "session/rule.h"

#include <errno.h>

#include "../suite.h"
#include "../users.h"

static const char rules[] =
    "# a comment\n"
    "\n"
    "example.test:qmail \n"
    ".example.test:cdb\n"
    ".sub.example.test:cdb:other.cdb\n"
    "Mixed.TEST:Program:/bin/check -x\n"
    "colon.test:program:bin/a:b\n"
    "open.test:none\n"
    "twice.test:qmail\n"
    "twice.test:none\n"
    ":vpopmail";

static const struct {
	const char *domain;
	enum back_end back_end;
	const char *argument;
} rows[] = {
	{ "example.test",	BACK_END_QMAIL,		"" },
	{ "EXAMPLE.Test",	BACK_END_QMAIL,		"" },
	{ "a.example.test",	BACK_END_CDB,		"" },
	{ "a.b.example.test",	BACK_END_CDB,		"" },
	{ "a.sub.example.test",	BACK_END_CDB,		"other.cdb" },
	{ "sub.example.test",	BACK_END_CDB,		"" },
	{ "mixed.test",		BACK_END_PROGRAM,	"/bin/check -x" },
	{ "colon.test",		BACK_END_PROGRAM,	"bin/a:b" },
	{ "open.test",		BACK_END_NONE,		"" },
	{ "a.open.test",	BACK_END_VPOPMAIL,	"" },
	{ "xexample.test",	BACK_END_VPOPMAIL,	"" },
	/* The first of two counts. */
	{ "twice.test",		BACK_END_QMAIL,		"" },
	{ "test",		BACK_END_VPOPMAIL,	"" },
};

static enum status
find(const char *domain, enum back_end *back_end, stralloc *argument)
{
	if (users_control.names.s == NULL)
		ck_assert_int_eq(control_open(&users_control), OK);
	return rule_find(&users, &users_control, domain, strlen(domain),
	    back_end, argument);
}

START_TEST(each_domain)
{
	enum back_end back_end;
	stralloc argument = { 0 };

	home_file("control/recipientcheck", rules);
	/* Not asked where the file is there. */
	putenv((char *)"RCPTCHECK=/bin/true");
	ck_assert_int_eq(find(rows[_i].domain, &back_end, &argument), OK);
	ck_assert_int_eq(back_end, rows[_i].back_end);
	ck_assert_str_eq(argument.len > 0 ? argument.s : "",
	    rows[_i].argument);
	stralloc_free(&argument);
}
END_TEST

/* Without the file. */
static const struct {
	const char *program;
	enum back_end back_end;
} absent[] = {
	{ NULL,				BACK_END_VPOPMAIL },
	{ "RCPTCHECK=",			BACK_END_VPOPMAIL },
	{ "RCPTCHECK=bin/check",	BACK_END_PROGRAM },
};

START_TEST(each_absence)
{
	enum back_end back_end;
	stralloc argument = { 0 };

	if (absent[_i].program != NULL)
		putenv((char *)absent[_i].program);
	ck_assert_int_eq(find("a.test", &back_end, &argument), OK);
	ck_assert_int_eq(back_end, absent[_i].back_end);
	ck_assert_uint_eq(argument.len, 0);
}
END_TEST

/* A file that has nothing for the domain. */
static const char *const empty[] = { "", "#\n", "other.test:qmail\n" };

START_TEST(each_empty)
{
	enum back_end back_end;
	stralloc argument = { 0 };

	home_file("control/recipientcheck", empty[_i]);
	ck_assert_int_eq(find("a.test", &back_end, &argument), OK);
	ck_assert_int_eq(back_end, BACK_END_NONE);
}
END_TEST

static const struct {
	const char *text;		/* NULL: a folder */
	const char *failed;
} faults[] = {
	{ "a.test\n",		"control/recipientcheck line 1" },
	{ "#\n\na.test:\n",	"control/recipientcheck line 3" },
	{ ":ldap\n",		"control/recipientcheck line 1" },
	{ ":qmail:x\n",		"control/recipientcheck line 1" },
	{ ":vpopmail:\n",	"control/recipientcheck line 1" },
	{ ":none:\n",		"control/recipientcheck line 1" },
	{ ":cdb:\n",		"control/recipientcheck line 1" },
	{ ":cdb:../a.cdb\n",	"control/recipientcheck line 1" },
	{ ":cdb:/a.cdb\n",	"control/recipientcheck line 1" },
	{ ":cdb:.a\n",		"control/recipientcheck line 1" },
	{ ":program:\n",	"control/recipientcheck line 1" },
	{ ": qmail\n",		"control/recipientcheck line 1" },
	{ "a test:qmail\n",	"control/recipientcheck line 1" },
	{ " a.test:qmail\n",	"control/recipientcheck line 1" },
	/* Whatever domain is asked. */
	{ "a.test:none\nb.test:no\n", "control/recipientcheck line 2" },
	{ NULL,			"control/recipientcheck" },
};

START_TEST(each_fault)
{
	enum back_end back_end;
	stralloc argument = { 0 };
	int again;

	home_file("control/recipientcheck", faults[_i].text);
	for (again = 0; again < 2; again++) {
		ck_assert_int_eq(find("a.test", &back_end, &argument),
		    TEMPFAIL);
		ck_assert_str_eq(users_control.failed, faults[_i].failed);
		ck_assert_int_ne(users_control.error, 0);
	}
	stralloc_free(&argument);
}
END_TEST

static const struct {
	const char *text;
	unsigned after, bad;
} lines[] = {
	{ "",					0, 0 },
	{ ":none\n",				0, 0 },
	{ "# no rule\nx:ldap\n:none\ny\n",	0, 2 },
	{ "# no rule\nx:ldap\n:none\ny\n",	2, 4 },
	{ "# no rule\nx:ldap\n:none\ny\n",	4, 0 },
	{ "x:ldap",				0, 1 },
};

START_TEST(each_bad_line)
{
	ck_assert_uint_eq(rule_bad_line(lines[_i].text,
	    strlen(lines[_i].text), lines[_i].after), lines[_i].bad);
}
END_TEST

SUITE("rule",
    { each_bad_line, ROWS(lines), NULL, NULL },
    { each_domain, ROWS(rows), users_make, users_end },
    { each_absence, ROWS(absent), users_make, users_end },
    { each_empty, ROWS(empty), users_make, users_end },
    { each_fault, ROWS(faults), users_make, users_end })
