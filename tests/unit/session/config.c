#include "session/config.h"

#include <errno.h>
#include <stddef.h>

#include "../home.h"
#include "../suite.h"
#include "smtp/extension.h"

static struct control control;
static struct config config;

static void
end(void)
{
	config_free(&config);
	control_close(&control);
	home_remove();
}

static enum status
read_config(void)
{
	char *const arguments[] = { NULL };
	const struct peer peer = { .port = NULL };

	ck_assert_int_eq(control_open(&control), OK);
	return config_read(&config, &control, arguments, &peer);
}

START_TEST(defaults)
{
	home_file("control/me", "mx.test\n");
	ck_assert_int_eq(read_config(), OK);
	ck_assert_str_eq(config.greeting.s, "mx.test");
	ck_assert_str_eq(config.me.s, "mx.test");
	ck_assert_uint_eq(config.timeout_s, 1200);
	ck_assert_uint_eq(config.databytes, 0);
	ck_assert_uint_eq(config.maxrcpt, 500);
	ck_assert_uint_eq(config.maxrcptrelay, 0);
	ck_assert_uint_eq(config.maxhops, 100);
	ck_assert_uint_eq(config.maxerrors, 10);
	ck_assert_uint_eq(config.maxsession_s, 3600);
	ck_assert_uint_eq(config.extensions, EXTENSION_ALL);
	ck_assert_int_eq(config.mend_bare_lf, 0);
	ck_assert_int_eq(config.debug, 0);
	ck_assert_int_eq(config.greets, 1);
	ck_assert_str_eq(config.queue, "bin/qmail-queue");
}
END_TEST

static const struct {
	const char *me, *smtpgreeting;	/* NULL: absent */
	const char *greeting, *name;	/* NULL: TEMPFAIL for want of one */
} greetings[] = {
	{ "mx.test\n",	NULL,			"mx.test", "mx.test" },
	{ "mx.test\n",	"hi there  \nx\n",	"hi there", "mx.test" },
	{ NULL,		"hi there\n",		"hi there", "" },
	{ "mx.test\n",	"",			"", "mx.test" },
	{ "",		NULL,			"", "" },
	{ "mx.test",	NULL,			"mx.test", "mx.test" },
	{ NULL,		NULL,			NULL, NULL },
};

START_TEST(each_greeting)
{
	if (greetings[_i].me != NULL)
		home_file("control/me", greetings[_i].me);
	if (greetings[_i].smtpgreeting != NULL)
		home_file("control/smtpgreeting", greetings[_i].smtpgreeting);
	if (greetings[_i].greeting == NULL) {
		ck_assert_int_eq(read_config(), TEMPFAIL);
		ck_assert_str_eq(control.failed, "control/me");
		ck_assert_int_eq(control.error, ENOENT);
		return;
	}
	ck_assert_int_eq(read_config(), OK);
	ck_assert_str_eq(config.greeting.s, greetings[_i].greeting);
	ck_assert_str_eq(config.me.s, greetings[_i].name);
}
END_TEST

#define NUMBER(field)	offsetof(struct config, field)

static const struct {
	const char *file, *text;
	size_t field;
	uint64_t number;
} numbers[] = {
	{ "databytes",		"1000\n",	NUMBER(databytes), 1000 },
	{ "databytes",		"x\n",		NUMBER(databytes), 0 },
	{ "databytes",		"99999999999999999999\n",
	    NUMBER(databytes), UINT64_MAX },
	{ "maxrcpt",		"1\n",		NUMBER(maxrcpt), 1 },
	{ "maxrcpt",		"0\n",		NUMBER(maxrcpt), 0 },
	{ "maxrcpt",		"none\n",	NUMBER(maxrcpt), 500 },
	{ "maxrcptrelay",	"9\n",		NUMBER(maxrcptrelay), 9 },
	{ "maxhops",		"3\n",		NUMBER(maxhops), 3 },
	{ "maxerrors",		"0\n",		NUMBER(maxerrors), 0 },
	{ "maxsession",		"60\n",		NUMBER(maxsession_s), 60 },
};

START_TEST(each_number)
{
	char path[64];

	snprintf(path, sizeof path, "control/%s", numbers[_i].file);
	home_file("control/me", "mx.test\n");
	home_file(path, numbers[_i].text);
	ck_assert_int_eq(read_config(), OK);
	ck_assert_uint_eq(*(const uint64_t *)((const char *)&config +
	    numbers[_i].field), numbers[_i].number);
}
END_TEST

static const struct {
	const char *text;
	unsigned timeout_s;
} timeouts[] = {
	{ "30\n",			30 },
	/* Stock qmail takes 0 as 1. */
	{ "0\n",			1 },
	{ "soon\n",			1200 },
	{ "4294967296\n",		24 * 3600 },
	{ "99999999999999999999\n",	24 * 3600 },
};

START_TEST(each_timeout)
{
	home_file("control/me", "mx.test\n");
	home_file("control/timeoutsmtpd", timeouts[_i].text);
	ck_assert_int_eq(read_config(), OK);
	ck_assert_uint_eq(config.timeout_s, timeouts[_i].timeout_s);
}
END_TEST

/* DATABYTES wins over databytes, by stock qmail's reading. */
static const struct {
	const char *environment[1];
	uint64_t databytes;
} databytes[] = {
	{ { "DATABYTES=5" },	5 },
	{ { "DATABYTES=0" },	0 },
	{ { "DATABYTES=" },	0 },
	{ { "DATABYTES=x" },	0 },
	{ { "DATABYTES=7x" },	7 },
	{ { NULL },		1000 },
};

START_TEST(each_databytes)
{
	home_environment(databytes[_i].environment, 1);
	home_file("control/me", "mx.test\n");
	home_file("control/databytes", "1000\n");
	ck_assert_int_eq(read_config(), OK);
	ck_assert_uint_eq(config.databytes, databytes[_i].databytes);
}
END_TEST

static const struct {
	const char *text;
	unsigned without;
} discards[] = {
	{ "",				0 },
	{ "pipelining\n",		EXTENSION_PIPELINING },
	{ "SIZE, 8bitmime\n",		EXTENSION_SIZE | EXTENSION_8BITMIME },
	{ "size\nLIMITS",		EXTENSION_SIZE | EXTENSION_LIMITS },
	{ "\tsize\r\n\n,,limits ,\n",	EXTENSION_SIZE | EXTENSION_LIMITS },
	{ "chunking silent-discard\n",	0 },
};

START_TEST(each_discard)
{
	home_file("control/me", "mx.test\n");
	home_file("control/ehlodiscard", discards[_i].text);
	ck_assert_int_eq(read_config(), OK);
	ck_assert_uint_eq(config.extensions,
	    EXTENSION_ALL & ~discards[_i].without);
}
END_TEST

static const struct {
	const char *text;
	enum status status;
	int mend;
} barelfs[] = {
	{ "normalize\n",	OK, 1 },
	{ "Normalize  \n",	OK, 1 },
	{ "reject\n",		OK, 0 },
	{ "\n",			OK, 0 },
	{ "normalise\n",	TEMPFAIL, 0 },
	{ "1\n",		TEMPFAIL, 0 },
};

START_TEST(each_barelf)
{
	home_file("control/me", "mx.test\n");
	home_file("control/barelf", barelfs[_i].text);
	ck_assert_int_eq(read_config(), barelfs[_i].status);
	ck_assert_int_eq(config.mend_bare_lf, barelfs[_i].mend);
	ck_assert_str_eq(control.failed, barelfs[_i].status == OK ? "" :
	    "control/barelf");
}
END_TEST

static const struct {
	const char *environment[1], *file;
	int greets, debug;
	const char *queue;
} words[] = {
	{ { "BANNER=" },	NULL, 0, 0, "bin/qmail-queue" },
	{ { "BANNER=1" },	NULL, 0, 0, "bin/qmail-queue" },
	{ { "QSMTPD_DEBUG=" },	NULL, 1, 1, "bin/qmail-queue" },
	{ { NULL }, "control/Qsmtpd_debug", 1, 1, "bin/qmail-queue" },
	{ { "QMAILQUEUE=/bin/true" }, NULL, 1, 0, "/bin/true" },
	/* Empty is not unset: nothing can be started, and that is said. */
	{ { "QMAILQUEUE=" },	NULL, 1, 0, "" },
};

START_TEST(each_word)
{
	home_environment(words[_i].environment, 1);
	home_file("control/me", "mx.test\n");
	if (words[_i].file != NULL)
		home_file(words[_i].file, "");
	ck_assert_int_eq(read_config(), OK);
	ck_assert_int_eq(config.greets, words[_i].greets);
	ck_assert_int_eq(config.debug, words[_i].debug);
	ck_assert_str_eq(config.queue, words[_i].queue);
}
END_TEST

/* Where messages are spooled, and where else. */
static const struct {
	const char *file, *environment[1], *spool, *temporary;
} spools[] = {
	{ NULL,		{ NULL },	"spool", "/tmp" },
	{ NULL,		{ "TMPDIR=/x" },	"spool", "/x" },
	{ NULL,		{ "TMPDIR=" },	"spool", "/tmp" },
	{ "/x/y \n#z\n",	{ NULL },	"/x/y", "/tmp" },
	{ "x y",	{ "TMPDIR=z" },	"x y", "z" },
	{ "",		{ NULL },	"spool", "/tmp" },
	{ " \n",		{ NULL },	"spool", "/tmp" },
};

START_TEST(each_spool)
{
	home_environment(spools[_i].environment, 1);
	home_file("control/me", "mx.test\n");
	if (spools[_i].file != NULL)
		home_file("control/spooldir", spools[_i].file);
	ck_assert_int_eq(read_config(), OK);
	ck_assert_str_eq(config.spool.s, spools[_i].spool);
	ck_assert_str_eq(config.temporary, spools[_i].temporary);
}
END_TEST

/* Unreadable is never absent. */
static const char *const files[] = {
	"me", "smtpgreeting", "timeoutsmtpd", "databytes", "maxrcpt",
	"maxrcptrelay", "maxhops", "maxerrors", "maxsession", "ehlodiscard",
	"barelf", "spooldir",
};

START_TEST(each_unreadable)
{
	char path[64];

	snprintf(path, sizeof path, "control/%s", files[_i]);
	if (_i > 0)
		home_file("control/me", "mx.test\n");
	home_file(path, NULL);
	ck_assert_int_eq(read_config(), TEMPFAIL);
	ck_assert_str_eq(control.failed, path);
	ck_assert_int_eq(control.error, EISDIR);
}
END_TEST

SUITE("config",
    { defaults, 1, home_make, end },
    { each_greeting, ROWS(greetings), home_make, end },
    { each_number, ROWS(numbers), home_make, end },
    { each_timeout, ROWS(timeouts), home_make, end },
    { each_databytes, ROWS(databytes), home_make, end },
    { each_discard, ROWS(discards), home_make, end },
    { each_barelf, ROWS(barelfs), home_make, end },
    { each_spool, ROWS(spools), home_make, end },
    { each_word, ROWS(words), home_make, end },
    { each_unreadable, ROWS(files), home_make, end })
