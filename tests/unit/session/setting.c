#include "session/setting.h"

#include "../home.h"
#include "../suite.h"

static struct control control;
static struct settings settings;

static void
end(void)
{
	settings_free(&settings);
	control_close(&control);
	home_remove();
}

static void
read_settings(const char *file, const char *environment)
{
	if (file != NULL)
		home_file("control/filterconf", file);
	if (environment != NULL)
		ck_assert_int_eq(setenv("QSMTP_FILTERS", environment, 1), 0);
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(settings_read(&settings, &control), OK);
}

/* What two levels say of the filter `dnsbl`, whose own mode is UNSET. */
#define UNSET	((enum mode)-1)
static const struct {
	const char *file, *environment;	/* NULL: absent */
	enum status status;
	enum mode mode;
	enum level level;
} rows[] = {
	{ NULL, NULL,			OK, UNSET, LEVEL_DEFAULT },
	{ "", "",			OK, UNSET, LEVEL_DEFAULT },
	{ "\n\n", " \t ",		OK, UNSET, LEVEL_DEFAULT },
	{ "dnsbl=off\n", NULL,		OK, MODE_OFF, LEVEL_GLOBAL },
	{ "dnsbl=monitor\n", NULL,	OK, MODE_MONITOR, LEVEL_GLOBAL },
	{ "dnsbl=defer\n", NULL,	OK, MODE_DEFER, LEVEL_GLOBAL },
	{ "dnsbl=reject", NULL,		OK, MODE_REJECT, LEVEL_GLOBAL },
	{ "dnsbl=Monitor\n", NULL,	OK, MODE_MONITOR, LEVEL_GLOBAL },
	/* Qsmtp's numbers, and the key alone. */
	{ "dnsbl\n", NULL,		OK, MODE_REJECT, LEVEL_GLOBAL },
	{ "dnsbl=1\n", NULL,		OK, MODE_REJECT, LEVEL_GLOBAL },
	{ "dnsbl=99999999999999999999\n", NULL,
	    OK, MODE_REJECT, LEVEL_GLOBAL },
	{ "dnsbl=-1\n", NULL,		OK, MODE_OFF, LEVEL_GLOBAL },
	{ "dnsbl=0\n", NULL,		OK, UNSET, LEVEL_DEFAULT },
	{ "dnsbl=-0\n", NULL,		OK, UNSET, LEVEL_DEFAULT },
	/* The last counts; other keys do not. */
	{ "dnsbl=off\ndnsbl=defer\n", NULL, OK, MODE_DEFER, LEVEL_GLOBAL },
	{ "dnsbl2=off\nxdnsbl=off\nDNSBL=off\n", NULL,
	    OK, UNSET, LEVEL_DEFAULT },
	/* Comments, from a # that is not escaped. */
	{ "# a\ndnsbl=off # why\n", NULL, OK, MODE_OFF, LEVEL_GLOBAL },
	{ "#dnsbl=off\n", NULL,		OK, UNSET, LEVEL_DEFAULT },
	{ "dnsbl=off#\n", NULL,		OK, MODE_OFF, LEVEL_GLOBAL },
	{ "x=a\\#b\ndnsbl=off \t\n", NULL, OK, MODE_OFF, LEVEL_GLOBAL },
	/* The environment wins, where it says something. */
	{ "dnsbl=off\n", "dnsbl=defer",	OK, MODE_DEFER, LEVEL_ENVIRONMENT },
	{ NULL, "spf=off dnsbl",	OK, MODE_REJECT, LEVEL_ENVIRONMENT },
	{ NULL, "\tdnsbl=off  spf\t",	OK, MODE_OFF, LEVEL_ENVIRONMENT },
	{ "dnsbl=off\n", "spf=monitor",	OK, MODE_OFF, LEVEL_GLOBAL },
	{ "dnsbl=monitor\n", "dnsbl=0",	OK, MODE_MONITOR, LEVEL_GLOBAL },
	{ NULL, "dnsbl=0",		OK, UNSET, LEVEL_DEFAULT },
	/* Values that make no sense, of which nothing is taken. */
	{ "dnsbl=on\n", NULL,		PERMFAIL, UNSET, LEVEL_GLOBAL },
	{ "dnsbl=1x\n", NULL,		PERMFAIL, UNSET, LEVEL_GLOBAL },
	{ "dnsbl=--1\n", NULL,		PERMFAIL, UNSET, LEVEL_GLOBAL },
	{ "dnsbl=-\n", NULL,		PERMFAIL, UNSET, LEVEL_GLOBAL },
	{ "dnsbl=rejects\n", NULL,	PERMFAIL, UNSET, LEVEL_GLOBAL },
	{ "dnsbl==off\n", NULL,		PERMFAIL, UNSET, LEVEL_GLOBAL },
	{ "dnsbl=off\n", "dnsbl=yes",	PERMFAIL, UNSET, LEVEL_ENVIRONMENT },
};

START_TEST(each_row)
{
	enum mode mode = UNSET;
	enum level level = (enum level)-1;

	read_settings(rows[_i].file, rows[_i].environment);
	ck_assert_str_eq(settings.broken, "");
	ck_assert_int_eq(setting_mode(&settings, "dnsbl", MODE_REJECT,
	    &mode, &level), rows[_i].status);
	ck_assert_int_eq(mode, rows[_i].mode);
	ck_assert_int_eq(level, rows[_i].level);
}
END_TEST

/* A filter that usually does another thing than refuse. */
static const struct {
	const char *file;
	enum mode mode;
} usual[] = {
	{ "dnsbl\n", MODE_MONITOR },
	{ "dnsbl=7\n", MODE_MONITOR },
	{ "dnsbl=reject\n", MODE_REJECT },
	{ "dnsbl=defer\n", MODE_DEFER },
	{ "dnsbl=-1\n", MODE_OFF },
	{ "dnsbl=0\n", UNSET },
	{ "", UNSET },
};

START_TEST(each_usual)
{
	enum mode mode = UNSET;
	enum level level;

	read_settings(usual[_i].file, NULL);
	ck_assert_int_eq(setting_mode(&settings, "dnsbl", MODE_MONITOR,
	    &mode, &level), OK);
	ck_assert_int_eq(mode, usual[_i].mode);
}
END_TEST

#define LONG_64	\
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* Levels that cannot be followed: nothing of them is, but of the other. */
static const struct {
	const char *file, *environment, *broken;
	enum level level;	/* that still says something of dnsbl */
} broken[] = {
	{ "dnsbl=off\na b\n", NULL,
	    "control/filterconf line 2 makes no sense", LEVEL_DEFAULT },
	{ "dnsbl=off\n# c\n\n=x\n", NULL,
	    "control/filterconf line 4 makes no sense", LEVEL_DEFAULT },
	{ "dnsbl=\n", NULL,
	    "control/filterconf line 1 makes no sense", LEVEL_DEFAULT },
	{ " dnsbl=off\n", NULL,
	    "control/filterconf line 1 makes no sense", LEVEL_DEFAULT },
	{ "dnsbl=off\r\n", NULL,
	    "control/filterconf line 1 makes no sense", LEVEL_DEFAULT },
	{ "dnsbl = off\n", NULL,
	    "control/filterconf line 1 makes no sense", LEVEL_DEFAULT },
	{ "\303\244\n", NULL,
	    "control/filterconf line 1 makes no sense", LEVEL_DEFAULT },
	{ LONG_64 "x\n", NULL,
	    "control/filterconf line 1 makes no sense", LEVEL_DEFAULT },
	{ "a=" LONG_64 "\n", NULL,
	    "control/filterconf line 1 makes no sense", LEVEL_DEFAULT },
	{ NULL, "dnsbl=off =x",
	    "QSMTP_FILTERS word 2 makes no sense", LEVEL_DEFAULT },
	{ NULL, "dnsbl=off\n",
	    "QSMTP_FILTERS word 1 makes no sense", LEVEL_DEFAULT },
	{ "dnsbl=off\n", "dnsbl=defer x=",
	    "QSMTP_FILTERS word 2 makes no sense", LEVEL_GLOBAL },
	{ "dnsbl=off\na b\n", "dnsbl",
	    "control/filterconf line 2 makes no sense", LEVEL_ENVIRONMENT },
};

START_TEST(each_broken)
{
	enum mode mode = MODE_OFF;
	enum level level = (enum level)-1;

	read_settings(broken[_i].file, broken[_i].environment);
	ck_assert_str_eq(settings_broken(&settings), broken[_i].broken);
	ck_assert_int_eq(setting_mode(&settings, "dnsbl", MODE_REJECT,
	    &mode, &level), OK);
	ck_assert_int_eq(level, broken[_i].level);
}
END_TEST

START_TEST(unreadable)
{
	home_file("control/filterconf", NULL);
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(settings_read(&settings, &control), TEMPFAIL);
	ck_assert_str_eq(control.failed, "control/filterconf");
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(mode_name(MODE_OFF), "off");
	ck_assert_str_eq(mode_name(MODE_MONITOR), "monitor");
	ck_assert_str_eq(mode_name(MODE_DEFER), "defer");
	ck_assert_str_eq(mode_name(MODE_REJECT), "reject");
	ck_assert_str_eq(level_name(LEVEL_DEFAULT), "default");
	ck_assert_str_eq(level_name(LEVEL_GLOBAL), "global");
	ck_assert_str_eq(level_name(LEVEL_ENVIRONMENT), "environment");
}
END_TEST

/* Which level's file is used alone; also in a folder that is not listed. */
static const struct {
	unsigned flags;
	int in_control, in_domain, in_user;
	enum level level;
} files[] = {
	{ 0, 0, 0, 0,				LEVEL_DEFAULT },
	{ 0, 1, 0, 0,				LEVEL_GLOBAL },
	{ 0, 1, 1, 0,				LEVEL_DOMAIN },
	{ 0, 1, 0, 1,				LEVEL_USER },
	{ 0, 1, 1, 1,				LEVEL_USER },
	{ SETTING_NOT_GLOBAL, 1, 0, 0,		LEVEL_DEFAULT },
	{ SETTING_NOT_GLOBAL, 1, 1, 0,		LEVEL_DOMAIN },
};

START_TEST(each_file)
{
	int is_long = _i >= ROWS(files), row = _i % ROWS(files), i;
	struct folder *folder;
	enum level level;

	mkdir("domain", 0755);
	mkdir("user", 0755);
	if (files[row].in_control)
		home_file("control/ipbl", "");
	if (files[row].in_domain)
		home_file("domain/ipbl", "");
	if (files[row].in_user)
		home_file("user/ipbl", "");
	/* More names than are kept of a folder: each is opened. */
	for (i = 0; is_long && i < 1000; i++) {
		char path[32];

		snprintf(path, sizeof path, "user/name%d", i);
		home_file(path, "");
	}
	read_settings(NULL, NULL);
	ck_assert_int_eq(settings_enter(&settings, "domain", "user"), OK);
	ck_assert_int_eq(settings.user->control->listed, !is_long);
	ck_assert_int_eq(setting_find_file(&settings, "ipbl",
	    files[row].flags, &folder, &level), OK);
	ck_assert_int_eq(level, files[row].level);
	ck_assert_ptr_eq(folder, setting_folder(&settings, level));
}
END_TEST

SUITE("setting",
    { each_file, 2 * ROWS(files), home_make, end },
    { each_row, ROWS(rows), home_make, end },
    { each_usual, ROWS(usual), home_make, end },
    { each_broken, ROWS(broken), home_make, end },
    { unreadable, 1, home_make, end },
    { names, 1, NULL, NULL })
