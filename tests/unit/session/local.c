#include "session/local.h"

#include <errno.h>

#include "../cdb.h"
#include "../suite.h"

static struct control control;
static struct local local;

static void
end(void)
{
	local_free(&local);
	control_close(&control);
	home_remove();
}

static const char *const more[] = { "more.test", ".sub.more.test",
    "az.test" };

static void
make_lists(int has_rcpthosts, int has_more)
{
	if (has_rcpthosts)
		home_file("control/rcpthosts",
		    "example.org\n.example.net\nMixed.TEST\n");
	if (has_more)
		cdb_make("control/morercpthosts.cdb", more,
		    sizeof more / sizeof more[0]);
	ck_assert_int_eq(control_open(&control), OK);
}

static const struct {
	const char *domain;
	int in_rcpthosts, in_more;
} domains[] = {
	{ "example.org",	1, 0 },
	{ "Example.ORG",	1, 0 },
	{ "mail.example.org",	0, 0 },
	{ "mail.example.net",	1, 0 },
	{ "a.b.example.net",	1, 0 },
	{ "example.net",	0, 0 },
	{ "mixed.test",		1, 0 },
	{ "more.test",		0, 1 },
	{ "MORE.Test",		0, 1 },
	{ "AZ.TEST",		0, 1 },
	{ "x.more.test",	0, 0 },
	{ "x.sub.more.test",	0, 1 },
	{ "x.y.sub.more.test",	0, 1 },
	{ "sub.more.test",	0, 0 },
	{ "example.com",	0, 0 },
	{ "org",		0, 0 },
	{ "[192.0.2.1]",	0, 0 },
	{ "",			0, 0 },
};

/* Which of the lists there are: morercpthosts counts only beside rcpthosts. */
START_TEST(each_domain)
{
	const char *domain = domains[_i / 4].domain;
	int has_rcpthosts = _i & 1, has_more = _i >> 1 & 1, found = -1;

	make_lists(has_rcpthosts, has_more);
	ck_assert_int_eq(local_has(&local, &control, domain, strlen(domain),
	    &found), OK);
	ck_assert_int_eq(found, has_rcpthosts && (domains[_i / 4].in_rcpthosts
	    || (has_more && domains[_i / 4].in_more)));
	/* And again, from what was read. */
	ck_assert_int_eq(local_has(&local, &control, domain, strlen(domain),
	    &found), OK);
	ck_assert_int_eq(found, has_rcpthosts && (domains[_i / 4].in_rcpthosts
	    || (has_more && domains[_i / 4].in_more)));
}
END_TEST

START_TEST(long_domain)
{
	static char domain[4096];
	int found = -1;

	memset(domain, '.', sizeof domain);
	make_lists(1, 1);
	ck_assert_int_eq(local_has(&local, &control, domain, sizeof domain,
	    &found), OK);
	ck_assert_int_eq(found, 0);
}
END_TEST

/* Lists that cannot be read: nobody is told that a domain is not ours. */
static const struct {
	const char *rcpthosts, *more, *failed;
} faults[] = {
	{ NULL, "", "control/rcpthosts" },
	{ "example.org\n", NULL, "control/morercpthosts.cdb" },
	{ "example.org\n", "", "control/morercpthosts.cdb" },
	{ "example.org\n", "no database", "control/morercpthosts.cdb" },
};

START_TEST(each_fault)
{
	int found, again;

	home_file("control/rcpthosts", faults[_i].rcpthosts);
	home_file("control/morercpthosts.cdb", faults[_i].more);
	ck_assert_int_eq(control_open(&control), OK);
	for (again = 0; again < 2; again++) {
		ck_assert_int_eq(local_has(&local, &control, "other.test", 10,
		    &found), TEMPFAIL);
		ck_assert_str_eq(control.failed, faults[_i].failed);
		ck_assert_int_ne(control.error, 0);
	}
}
END_TEST

static const struct {
	const char *localiphost, *me;	/* NULL: absent */
	const char *name;
} names[] = {
	{ "ip.test\n",	"mx.test\n",	"ip.test" },
	{ NULL,		"mx.test\n",	"mx.test" },
	{ "ip.test \n",	NULL,		"ip.test" },
	{ NULL,		NULL,		"" },
	/* An empty file is there. */
	{ "",		"mx.test\n",	"" },
};

START_TEST(each_name)
{
	stralloc name = { 0 };

	if (names[_i].localiphost != NULL)
		home_file("control/localiphost", names[_i].localiphost);
	if (names[_i].me != NULL)
		home_file("control/me", names[_i].me);
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(local_literal_name(&control, &name), OK);
	assert_holds(&name, names[_i].name);
	stralloc_free(&name);
}
END_TEST

static const char *const literal_files[] = { "localiphost", "me" };

START_TEST(each_unreadable_name)
{
	stralloc name = { 0 };
	char path[64];

	snprintf(path, sizeof path, "control/%s", literal_files[_i]);
	home_file(path, NULL);
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(local_literal_name(&control, &name), TEMPFAIL);
	ck_assert_str_eq(control.failed, path);
	stralloc_free(&name);
}
END_TEST

SUITE("local",
    { each_domain, 4 * ROWS(domains), home_make, end },
    { long_domain, 1, home_make, end },
    { each_fault, ROWS(faults), home_make, end },
    { each_name, ROWS(names), home_make, end },
    { each_unreadable_name, ROWS(literal_files), home_make, end })
