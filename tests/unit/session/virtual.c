#include "session/virtual.h"

#include "../suite.h"
#include "../users.h"

static const struct {
	const char *mailbox;
	const char *local;		/* NULL: delivered elsewhere */
} rows[] = {
	{ "joe@local.test",		"joe" },
	{ "Joe@LOCAL.test",		"joe" },
	{ "joe@a.local.test",		NULL },
	{ "joe@me.test",		NULL },
	/* locals comes before virtualdomains. */
	{ "joe@both.test",		"joe" },
	{ "joe@virt.test",		"alias-virt-joe" },
	{ "JOE@Virt.Test",		"alias-virt-joe" },
	{ "sole@virt.test",		"one-sole" },
	{ "Sole@virt.test",		"one-sole" },
	{ "a@b.wild.test",		"wild-a" },
	{ "a@c.b.wild.test",		"wild-a" },
	{ "a@wild.test",		NULL },
	{ "a@out.wild.test",		NULL },
	{ "a@b.out.wild.test",		"wild-a" },
	/* The last of two counts. */
	{ "a@twice.test",		"second-a" },
	{ "a@nocolon.test",		NULL },
	{ "a@colon.test",		"x:y-a" },
	{ "a@other.test",		NULL },
	{ "@virt.test",			"alias-virt-" },
};

static void
find(const char *mailbox, const char *wanted)
{
	const char *at = strrchr(mailbox, '@');
	const struct user_question question = {
		.mailbox = mailbox, .len = strlen(mailbox),
		.domain = (size_t)(at + 1 - mailbox),
	};
	stralloc local = { 0 };
	int found = -1;

	ck_assert_int_eq(control_open(&users_control), OK);
	ck_assert_int_eq(virtual_find_local(&users, &users_control, &question,
	    &local, &found), OK);
	ck_assert_int_eq(found, wanted != NULL);
	if (wanted != NULL)
		ck_assert_msg(local.len == strlen(wanted) && memcmp(local.s,
		    wanted, local.len) == 0, "%s: seen %.*s", mailbox,
		    (int)local.len, local.s);
	stralloc_free(&local);
}

START_TEST(each_mailbox)
{
	home_file("control/me", "me.test\n");
	home_file("control/locals", "local.test\nboth.test\n");
	home_file("control/virtualdomains",
	    "#\nvirt.test:alias-virt \nboth.test:no\nsole@virt.test:one\n"
	    ".wild.test:wild\nout.wild.test:\ntwice.test:first\n"
	    "twice.test:second\nnocolon.test\n#a:b\ncolon.test:x:y\n");
	find(rows[_i].mailbox, rows[_i].local);
}
END_TEST

/* Other sets of files. */
static const struct {
	const char *me, *locals, *virtual;	/* NULL: absent */
	const char *mailbox, *local;
} sets[] = {
	{ "me.test\n", NULL, NULL,	"a@Me.test",	"a" },
	{ "me.test\n", NULL, NULL,	"a@x.test",	NULL },
	{ "me.test\n", "", NULL,	"a@me.test",	NULL },
	{ NULL, NULL, NULL,		"a@me.test",	NULL },
	{ NULL, NULL, ":all\n",		"a@me.test",	"all-a" },
	{ NULL, NULL, ":all\nb.test:", "a@b.test",	NULL },
	{ NULL, NULL, "",		"a@b.test",	NULL },
};

START_TEST(each_set)
{
	if (sets[_i].me != NULL)
		home_file("control/me", sets[_i].me);
	if (sets[_i].locals != NULL)
		home_file("control/locals", sets[_i].locals);
	if (sets[_i].virtual != NULL)
		home_file("control/virtualdomains", sets[_i].virtual);
	find(sets[_i].mailbox, sets[_i].local);
}
END_TEST

static const char *const files[] = { "locals", "me", "virtualdomains" };

START_TEST(each_unreadable)
{
	const struct user_question question = { .mailbox = "a@b.test",
	    .len = 8, .domain = 2 };
	stralloc local = { 0 };
	char path[64];
	int found;

	snprintf(path, sizeof path, "control/%s", files[_i]);
	home_file(path, NULL);
	ck_assert_int_eq(control_open(&users_control), OK);
	ck_assert_int_eq(virtual_find_local(&users, &users_control, &question,
	    &local, &found), TEMPFAIL);
	ck_assert_str_eq(users_control.failed, path);
	stralloc_free(&local);
}
END_TEST

SUITE("virtual",
    { each_mailbox, ROWS(rows), users_make, users_end },
    { each_set, ROWS(sets), users_make, users_end },
    { each_unreadable, ROWS(files), users_make, users_end })
