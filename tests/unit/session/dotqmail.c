#include "session/dotqmail.h"

#include <errno.h>
#include <limits.h>

#include "../suite.h"
#include "../users.h"

static const char *const files[] = {
	".qmail", ".qmail-a", ".qmail-b:c", ".qmail-d-default",
	".qmail-d-e-default", ".qmail-f-default",
};

static const struct {
	const char *dash, *ext;
	enum dotqmail found;
	const char *file;
	size_t prefix;
} rows[] = {
	{ "", "",	DOTQMAIL_OWN,		".qmail", 0 },
	{ "-", "a",	DOTQMAIL_OWN,		".qmail-a", 1 },
	{ "-", "A",	DOTQMAIL_OWN,		".qmail-a", 1 },
	{ "-", "b.c",	DOTQMAIL_OWN,		".qmail-b:c", 3 },
	{ "-", "b:c",	DOTQMAIL_OWN,		".qmail-b:c", 3 },
	{ "-", "d-x",	DOTQMAIL_DEFAULT,	".qmail-d-default", 2 },
	{ "-", "d-",	DOTQMAIL_DEFAULT,	".qmail-d-default", 2 },
	{ "-", "d-e",	DOTQMAIL_DEFAULT,	".qmail-d-default", 2 },
	{ "-", "D-E-f",	DOTQMAIL_DEFAULT,	".qmail-d-e-default", 4 },
	{ "-", "d",	DOTQMAIL_ABSENT,	"", 0 },
	{ "-", "x",	DOTQMAIL_ABSENT,	"", 0 },
	{ "-", "",	DOTQMAIL_ABSENT,	"", 0 },
	{ "-", "x-f-y",	DOTQMAIL_ABSENT,	"", 0 },
	{ "-x-", "f-y",	DOTQMAIL_ABSENT,	"", 0 },
	{ "-", "a/../b", DOTQMAIL_ABSENT,	"", 0 },
	{ "-", "../x",	DOTQMAIL_ABSENT,	"", 0 },
	/* What is no regular file is not there, and nobody waits for it. */
	{ "-", "fifo",	DOTQMAIL_ABSENT,	"", 0 },
	{ "-", "folder", DOTQMAIL_ABSENT,	"", 0 },
	{ "-", "loop",	DOTQMAIL_ABSENT,	"", 0 },
};

static void
make_files(void)
{
	char path[64];
	size_t i;

	ck_assert_int_eq(mkdir("home", 0755), 0);
	for (i = 0; i < sizeof files / sizeof files[0]; i++) {
		snprintf(path, sizeof path, "home/%s", files[i]);
		home_file(path, "");
	}
	ck_assert_int_eq(mkfifo("home/.qmail-fifo", 0644), 0);
	ck_assert_int_eq(mkdir("home/.qmail-folder", 0755), 0);
	ck_assert_int_eq(symlink(".qmail-loop", "home/.qmail-loop"), 0);
}

START_TEST(each_address)
{
	const struct assignment assignment = {
		"home", rows[_i].dash, rows[_i].ext, strlen(rows[_i].ext)
	};
	enum dotqmail found;
	stralloc path = { 0 };
	size_t prefix;
	char wanted[64];

	make_files();
	ck_assert_int_eq(dotqmail_find(&assignment, &found, &path, &prefix),
	    OK);
	ck_assert_int_eq(found, rows[_i].found);
	if (found != DOTQMAIL_ABSENT) {
		snprintf(wanted, sizeof wanted, "home/%s", rows[_i].file);
		ck_assert_str_eq(path.s, wanted);
		ck_assert_uint_eq(prefix, rows[_i].prefix);
	}
	stralloc_free(&path);
}
END_TEST

/* What no file can be called does not keep a -default from being found. */
START_TEST(long_extension)
{
	static char ext[4096];
	const struct assignment assignment = { "home", "-", ext, sizeof ext };
	enum dotqmail found;
	stralloc path = { 0 };
	size_t prefix;

	memset(ext, '-', sizeof ext);
	ext[0] = 'd';
	make_files();
	ck_assert_int_eq(dotqmail_find(&assignment, &found, &path, &prefix),
	    OK);
	ck_assert_int_eq(found, DOTQMAIL_DEFAULT);
	ck_assert_str_eq(path.s, "home/.qmail-d-default");
	stralloc_free(&path);
}
END_TEST

START_TEST(closed_home)
{
	const struct assignment assignment = { "home", "-", "x", 1 };
	enum dotqmail found;
	stralloc path = { 0 };
	size_t prefix;

	make_files();
	ck_assert_int_eq(chmod("home", 0700), 0);
	ck_assert_int_eq(chmod(".", 0755), 0);
	if (!users_be_nobody())
		return;
	ck_assert_int_eq(dotqmail_find(&assignment, &found, &path, &prefix),
	    OK);
	users_be_root();
	ck_assert_int_eq(found, DOTQMAIL_UNSEARCHABLE);
	stralloc_free(&path);
}
END_TEST

SUITE("dotqmail",
    { each_address, ROWS(rows), users_make, users_end },
    { long_extension, 1, users_make, users_end },
    { closed_home, 1, users_make, users_end })
