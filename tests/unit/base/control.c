#include "base/control.h"

#include <errno.h>
#include <unistd.h>

#include "../home.h"
#include "../suite.h"

#define NAME	"databytes"
#define PATH	"control/" NAME
#define UNTOUCHED 4711u

static struct control control;
static stralloc text;

static void
begin(void)
{
	home_make();
	memset(&text, 0, sizeof text);
}

static void
end(void)
{
	stralloc_free(&text);
	control_close(&control);
	home_remove();
}

/* What qmail reads from the first line of a file. */
static const struct {
	const char *file;
	size_t file_len;
	const char *line;
	size_t len;
	uint64_t number;
} lines[] = {
	{ TEXT("1000\n"),		TEXT("1000"), 1000 },
	{ TEXT("1000"),			TEXT("1000"), 1000 },
	{ TEXT("1000 \t \n"),		TEXT("1000"), 1000 },
	{ TEXT("1000\n2000\n"),		TEXT("1000"), 1000 },
	{ TEXT("1000 # octets\n"),	TEXT("1000 # octets"), 1000 },
	{ TEXT("1000\r\n"),		TEXT("1000\r"), 1000 },
	{ TEXT(" 1000\n"),		TEXT(" 1000"), UNTOUCHED },
	{ TEXT("#1000\n"),		TEXT("#1000"), UNTOUCHED },
	{ TEXT("-1\n"),			TEXT("-1"), UNTOUCHED },
	{ TEXT("ten\n"),		TEXT("ten"), UNTOUCHED },
	{ TEXT("\n1000\n"),		TEXT(""), UNTOUCHED },
	{ TEXT(" \t\n"),		TEXT(""), UNTOUCHED },
	{ TEXT(""),			TEXT(""), UNTOUCHED },
	{ TEXT("1\0002\n"),		TEXT("1\0002"), 1 },
	{ TEXT("99999999999999999999\n"),
	    TEXT("99999999999999999999"), UINT64_MAX },
};

START_TEST(each_line)
{
	uint64_t number = UNTOUCHED;
	int found = -1, file = -1;

	home_octets(PATH, lines[_i].file, lines[_i].file_len);
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert(control_has(&control, NAME));
	ck_assert_int_eq(control_line(&control, NAME, &text, &found), OK);
	ck_assert_int_eq(found, 1);
	assert_octets(text.s, text.len, lines[_i].line, lines[_i].len);
	ck_assert_int_eq(control_number(&control, NAME, &number), OK);
	ck_assert_uint_eq(number, lines[_i].number);
	ck_assert_int_eq(control_read(&control, NAME, &text, &found), OK);
	ck_assert_int_eq(found, 1);
	assert_octets(text.s, text.len, lines[_i].file, lines[_i].file_len);
	ck_assert_int_eq(control_open_file(&control, NAME, &file), OK);
	ck_assert_int_ne(file, -1);
	ck_assert_int_eq(lseek(file, 0, SEEK_END), (off_t)lines[_i].file_len);
	close(file);
	ck_assert_str_eq(control.failed, "");
}
END_TEST

/* Where a file is not there, is something else, or cannot be read. */
enum kind {
	NOTHING, NO_FOLDER, FOLDER_IS_FILE, FOLDER, LINK_LOOP, LINK_TO_NOTHING,
	FIFO, TOO_LARGE
};
static const struct {
	enum kind kind;
	enum status status;
	int error, has;
} kinds[] = {
	{ NOTHING,		OK,		0,		0 },
	/* Nobody knows: each file is opened. */
	{ NO_FOLDER,		OK,		0,		1 },
	{ FOLDER_IS_FILE,	TEMPFAIL,	ENOTDIR,	1 },
	{ FOLDER,		TEMPFAIL,	EISDIR,		1 },
	{ LINK_LOOP,		TEMPFAIL,	ELOOP,		1 },
	{ LINK_TO_NOTHING,	TEMPFAIL,	ENOENT,		1 },
	{ FIFO,			TEMPFAIL,	EINVAL,		1 },
	{ TOO_LARGE,		TEMPFAIL,	EFBIG,		1 },
};

static void
make_kind(enum kind kind)
{
	switch (kind) {
	case NOTHING:
		break;
	case NO_FOLDER:
	case FOLDER_IS_FILE:
		ck_assert_int_eq(rmdir("control"), 0);
		if (kind == FOLDER_IS_FILE)
			home_file("control", "");
		break;
	case FOLDER:
		home_file(PATH, NULL);
		break;
	case LINK_LOOP:
		ck_assert_int_eq(symlink(NAME, PATH), 0);
		break;
	case LINK_TO_NOTHING:
		ck_assert_int_eq(symlink("nothing", PATH), 0);
		break;
	case FIFO:
		ck_assert_int_eq(mkfifo(PATH, 0644), 0);
		break;
	case TOO_LARGE:
		home_file(PATH, "");
		ck_assert_int_eq(truncate(PATH, CONTROL_SIZE + 1), 0);
		break;
	}
}

START_TEST(each_kind)
{
	uint64_t number = UNTOUCHED;
	int found = -1, file = 0;

	make_kind(kinds[_i].kind);
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(control_has(&control, NAME), kinds[_i].has);
	ck_assert_int_eq(control_line(&control, NAME, &text, &found),
	    kinds[_i].status);
	ck_assert_int_eq(found, 0);
	ck_assert_int_eq(control_number(&control, NAME, &number),
	    kinds[_i].status);
	ck_assert_uint_eq(number, UNTOUCHED);
	ck_assert_int_eq(control_open_file(&control, NAME, &file),
	    kinds[_i].status);
	ck_assert_int_eq(file, -1);
	ck_assert_int_eq(control.error, kinds[_i].error);
	ck_assert_str_eq(control.failed, kinds[_i].error != 0 ? PATH : "");
}
END_TEST

/* A file of a folder, which is a link that leads nowhere, is not absent. */
START_TEST(folder_below)
{
	int found = -1;

	if (_i == 1)
		ck_assert_int_eq(symlink("nothing", "control/below"), 0);
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(control_read(&control, "below/" NAME, &text, &found),
	    _i == 1 ? TEMPFAIL : OK);
	ck_assert_int_eq(found, 0);
	ck_assert_str_eq(control.failed, _i == 1 ?
	    "control/below/" NAME : "");
}
END_TEST

/* Emptied the way that operators know. */
START_TEST(null_device)
{
	int found = -1;

	ck_assert_int_eq(symlink("/dev/null", PATH), 0);
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(control_read(&control, NAME, &text, &found), OK);
	ck_assert_int_eq(found, 1);
	ck_assert_uint_eq(text.len, 0);
}
END_TEST

/* Names that are there in part only are not there. */
static const char *const others[] = {
	"data", "bytes", "databytes2", "DATABYTES", "", "databyte",
};

START_TEST(each_other)
{
	int found = -1;

	home_file(PATH, "1\n");
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(control_has(&control, others[_i]), 0);
	ck_assert_int_eq(control_read(&control, others[_i], &text, &found),
	    OK);
	ck_assert_int_eq(found, 0);
	ck_assert_uint_eq(text.len, 0);
}
END_TEST

/* A folder with more names than are kept: files are found all the same. */
START_TEST(many_names)
{
	char name[256];
	int i, found = -1;

	memset(name, 'x', sizeof name);
	memcpy(name, "control/", 8);
	for (i = 0; i < 400; i++) {
		snprintf(name + 200, sizeof name - 200, "%d", i);
		home_file(name, "");
	}
	home_file(PATH, "7\n");
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(control.listed, 0);
	ck_assert_int_eq(control_line(&control, NAME, &text, &found), OK);
	ck_assert_int_eq(found, 1);
	assert_holds(&text, "7");
	ck_assert_int_eq(control_line(&control, "me", &text, &found), OK);
	ck_assert_int_eq(found, 0);
	/* It may exist, says one; the other looks. */
	ck_assert_int_ne(control_has(&control, "me"), 0);
	ck_assert_int_eq(control_exists(&control, "me"), 0);
	ck_assert_int_ne(control_exists(&control, NAME), 0);
	ck_assert_int_eq(symlink("nowhere", "control/link"), 0);
	ck_assert_int_ne(control_exists(&control, "link"), 0);
	/* One that fits no path is nowhere. */
	memset(name, 'y', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	ck_assert_int_eq(control_exists(&control, name), 0);
}
END_TEST

static const struct {
	const char *name, *failed;
} refusals[] = {
	{ "barelf",	"control/barelf" },
	{ "",		"control/" },
	{ "/etc/file",	"/etc/file" },
	{ "$VARIABLE",	"$VARIABLE" },
	{ "a-name-of-a-control-file-that-nobody-would-ever-come-to-think-of",
	    "control/"
	    "a-name-of-a-control-file-that-nobody-would-ever-come-to-think-of" },
};

START_TEST(each_refusal)
{
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(control_refuse(&control, refusals[_i].name, EINVAL),
	    TEMPFAIL);
	ck_assert_str_eq(control.failed, refusals[_i].failed);
	ck_assert_int_eq(control.error, EINVAL);
}
END_TEST

/* Files elsewhere, with the home before their path: the same rules. */
static const struct {
	const char *path;
	enum kind kind;
	enum status status;
	int error, found;
} paths[] = {
	{ "file",		NOTHING,	OK,		0,	1 },
	{ "control/../file",	NOTHING,	OK,		0,	1 },
	{ "missing",		NOTHING,	OK,		0,	0 },
	{ "missing/file",	NOTHING,	OK,		0,	0 },
	{ "file/file",		NOTHING,	TEMPFAIL,	ENOTDIR, 0 },
	{ "control",		NOTHING,	TEMPFAIL,	EISDIR,	0 },
	{ PATH,			TOO_LARGE,	TEMPFAIL,	EFBIG,	0 },
	{ PATH,			LINK_LOOP,	TEMPFAIL,	ELOOP,	0 },
};

START_TEST(each_path)
{
	char path[sizeof control.failed], line[2 * sizeof control.failed];
	int found = -1;

	snprintf(path, sizeof path, "%s/%s", home_path, paths[_i].path);
	home_file("file", "text\n");
	make_kind(paths[_i].kind);
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(control_read(&control, path, &text, &found),
	    paths[_i].status);
	ck_assert_int_eq(found, paths[_i].found);
	ck_assert_int_eq(control.error, paths[_i].error);
	ck_assert_str_eq(control.failed, paths[_i].status != OK ? path : "");
	if (found)
		assert_holds(&text, "text\n");

	memset(line, 'x', sizeof line);
	line[0] = '/';
	line[sizeof line - 1] = '\0';
	ck_assert_int_eq(control_read(&control, line, &text, &found),
	    TEMPFAIL);
	ck_assert_int_eq(control.error, ENAMETOOLONG);
}
END_TEST

/* A file that is hidden is absent, its neighbours are not. */
START_TEST(hidden)
{
	int found = 1;

	home_file("control/me", "me\n");
	home_file("control/mex", "mex\n");
	ck_assert_int_eq(control_open(&control), OK);
	control_hide(&control, "other");
	control_hide(&control, "me");
	control_hide(&control, "me");
	ck_assert_int_eq(control_has(&control, "me"), 0);
	ck_assert_int_eq(control_exists(&control, "me"), 0);
	ck_assert_int_ne(control_exists(&control, "mex"), 0);
	ck_assert_int_eq(control_read(&control, "me", &text, &found), OK);
	ck_assert_int_eq(found, 0);
	ck_assert_int_eq(control_read(&control, "mex", &text, &found), OK);
	ck_assert_int_eq(found, 1);
}
END_TEST

START_TEST(refusal_of_a_line)
{
	char name[sizeof control.failed];

	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(control_refuse_at(&control, "list", "line", 3,
	    EINVAL), TEMPFAIL);
	ck_assert_str_eq(control.failed, "control/list line 3");
	ck_assert_int_eq(control.error, EINVAL);
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	ck_assert_int_eq(control_refuse_at(&control, name, "record",
	    SIZE_MAX, EINVAL), TEMPFAIL);
	ck_assert_uint_eq(strlen(control.failed), sizeof control.failed - 1);
}
END_TEST

SUITE("control",
    { hidden, 1, begin, end },
    { refusal_of_a_line, 1, begin, end },
    { each_line, ROWS(lines), begin, end },
    { each_kind, ROWS(kinds), begin, end },
    { folder_below, 2, begin, end },
    { null_device, 1, begin, end },
    { each_other, ROWS(others), begin, end },
    { many_names, 1, begin, end },
    { each_refusal, ROWS(refusals), begin, end },
    { each_path, ROWS(paths), begin, end })
