#include "session/auth.h"

#include "../home.h"
#include "../suite.h"
#include "smtp/sasl.h"

#define WORDS	6

static struct control control;
static struct auth auth;

static void
begin(void)
{
	home_make();
	home_program("checker", "#!/bin/sh\n");
	home_program("control/true", "#!/bin/sh\n");
	home_file("plain", "text\n");
}

static void
end(void)
{
	auth_free(&auth);
	control_close(&control);
	home_remove();
}

/* A word of arguments: "CHECKER" is the program of this home, by its path. */
static void
read_all(const char *const *words, const char *port, enum status wanted)
{
	static char path[sizeof home_path + 16];
	static char *arguments[WORDS + 1];
	struct peer peer = { .local_port = port };
	size_t i;

	memset(arguments, 0, sizeof arguments);
	snprintf(path, sizeof path, "%s/checker", home_path);
	for (i = 0; i < WORDS && words[i] != NULL; i++)
		arguments[i] = strcmp(words[i], "CHECKER") == 0 ? path :
		    (char *)words[i];
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(auth_read(&auth, &control, arguments, &peer), wanted);
}

#define HOST	"the first argument is no full host name"
#define FEW	"a program and a subprogram are needed"
#define ALL	"the program would let everybody in"
#define NONE	"the program cannot be executed"

static const struct {
	const char *arguments[WORDS];
	const char *fault;	/* "": none, NULL: nothing is wanted */
	const char *host;
	const char *second;	/* what the program gets first */
} rows[] = {
	{ { NULL },				NULL, NULL, NULL },
	{ { "mx.test", "CHECKER", "true" },	"", "mx.test", "true" },
	{ { "mx.test", "CHECKER", "a", "b" },	"", "mx.test", "a" },
	{ { "CHECKER", "true" },		"", NULL, "true" },
	{ { "CHECKER", "true", "x" },		"", NULL, "true" },
	{ { "mx.test", "checker", "true" },	"", "mx.test", "true" },
	{ { "mx.test", "./checker", "true" },	"", "mx.test", "true" },
	{ { "mx.test", "CHECKER" },		FEW, NULL, NULL },
	{ { "CHECKER" },			FEW, NULL, NULL },
	{ { "mx.test" },			FEW, NULL, NULL },
	{ { "mx", "CHECKER", "true" },		HOST, NULL, NULL },
	{ { "", "CHECKER", "true" },		HOST, NULL, NULL },
	{ { "checker", "true", "x" },		HOST, NULL, NULL },
	{ { "./checker", "true", "x" },		HOST, NULL, NULL },
	{ { "mx..test", "CHECKER", "true" },	HOST, NULL, NULL },
	{ { "mx.test\r\n", "CHECKER", "true" },	HOST, NULL, NULL },
	{ { "checker.pl", "true", "x" },	ALL, NULL, NULL },
	{ { "mx.test", "/bin/true", "true" },	ALL, NULL, NULL },
	{ { "/bin/true", "true" },		ALL, NULL, NULL },
	{ { "mx.test", "/nowhere/checker", "x" }, NONE, NULL, NULL },
	{ { "mx.test", "no-such", "x" },	NONE, NULL, NULL },
	{ { "mx.test", "plain", "x" },		NONE, NULL, NULL },
	{ { "mx.test", "control", "x" },	NONE, NULL, NULL },
	{ { "mx.test", "./plain", "x" },	NONE, NULL, NULL },
	{ { "mx.test", "", "x" },		NONE, NULL, NULL },
};

START_TEST(each_row)
{
	char path[64];

	snprintf(path, sizeof path, "/nowhere:%s:/usr/bin", home_path);
	setenv("PATH", path, 1);
	read_all(rows[_i].arguments, "25", OK);
	ck_assert_int_eq(auth.is_submission, 0);
	if (rows[_i].fault == NULL || rows[_i].fault[0] != '\0') {
		ck_assert_uint_eq(auth.mechanisms, 0);
		if (rows[_i].fault == NULL)
			ck_assert_ptr_null(auth.fault);
		else
			ck_assert_str_eq(auth.fault, rows[_i].fault);
		return;
	}
	ck_assert_ptr_null(auth.fault);
	ck_assert_uint_eq(auth.mechanisms, MECHANISM_PLAIN | MECHANISM_LOGIN);
	ck_assert_str_eq(auth.names.s, "PLAIN LOGIN");
	ck_assert_int_eq(access(auth.path.s, X_OK), 0);
	ck_assert_str_eq(auth.program[1], rows[_i].second);
	if (rows[_i].host == NULL)
		ck_assert_ptr_null(auth.host);
	else
		ck_assert_str_eq(auth.host, rows[_i].host);
}
END_TEST

/* SMTPAUTH and authtypes; names "": nobody can log in. */
static const struct {
	const char *smtpauth, *types;	/* NULL: absent */
	const char *names;
	int is_required, has_fault;
} words[] = {
	{ NULL,		NULL,	"PLAIN LOGIN",			0, 0 },
	{ "",		NULL,	"PLAIN LOGIN",			0, 0 },
	{ "+cram",	NULL,	"PLAIN LOGIN CRAM-MD5",		0, 0 },
	{ "cram",	NULL,	"CRAM-MD5",			0, 0 },
	{ "CRAM",	NULL,	"CRAM-MD5",			0, 0 },
	{ "!",		NULL,	"PLAIN LOGIN",			1, 0 },
	{ "!cram",	NULL,	"CRAM-MD5",			1, 0 },
	{ "!+cram",	NULL,	"PLAIN LOGIN CRAM-MD5",		1, 0 },
	{ "-",		NULL,	"",				0, 0 },
	{ "0",		NULL,	"",				0, 0 },
	{ "-",		"PLAIN", "",				0, 0 },
	{ "anything",	NULL,	"PLAIN LOGIN",			0, 0 },
	{ NULL,		"LOGIN\n", "LOGIN",			0, 0 },
	{ NULL,		"cram-md5\nplain", "CRAM-MD5 PLAIN",	0, 0 },
	{ NULL,		"LOGIN,PLAIN", "LOGIN PLAIN",		0, 0 },
	{ NULL,		" LOGIN\tPLAIN \r\n", "LOGIN PLAIN",	0, 0 },
	{ NULL,		"PLAIN PLAIN\nplain", "PLAIN",		0, 0 },
	{ NULL,		"# LOGIN\nPLAIN # CRAM-MD5", "PLAIN",	0, 0 },
	{ NULL,		"PLAIN\n#", "PLAIN",			0, 0 },
	{ NULL,		"SCRAM PLAIN", "PLAIN",			0, 0 },
	{ NULL,		"PLAIN#LOGIN\n", "",			0, 1 },
	{ NULL,		"",	"",				0, 1 },
	{ NULL,		"\n\n",	"",				0, 1 },
	{ NULL,		"# PLAIN", "",				0, 1 },
	{ NULL,		"EXTERNAL", "",				0, 1 },
	{ "!",		"EXTERNAL", "",				1, 1 },
	{ "cram",	"PLAIN", "CRAM-MD5",			0, 0 },
	{ "+cram",	"PLAIN", "PLAIN CRAM-MD5",		0, 0 },
	{ "+cram",	"CRAM-MD5", "CRAM-MD5",			0, 0 },
	{ "+cram",	"EXTERNAL", "CRAM-MD5",			0, 0 },
};

START_TEST(each_word)
{
	static const char *const arguments[WORDS] = { "CHECKER", "true" };

	if (words[_i].smtpauth != NULL)
		setenv("SMTPAUTH", words[_i].smtpauth, 1);
	if (words[_i].types != NULL)
		home_file("control/authtypes", words[_i].types);
	read_all(arguments, NULL, OK);
	assert_row((auth.mechanisms != 0) == (words[_i].names[0] != '\0'));
	assert_row((auth.fault != NULL) == words[_i].has_fault);
	assert_row(auth.is_required == words[_i].is_required);
	if (auth.mechanisms != 0)
		ck_assert_str_eq(auth.names.s, words[_i].names);
}
END_TEST

/* Submission: a port alone is nothing, and a program that is off is none. */
static const struct {
	const char *port, *submission, *smtpauth;
	const char *arguments[WORDS];
	int is_submission;
	int is_required;	/* besides that: by SMTPAUTH */
} ports[] = {
	{ "587",	NULL, NULL,	{ NULL },		0, 0 },
	{ "587",	NULL, "!",	{ NULL },		0, 1 },
	{ "587",	NULL, NULL,	{ "CHECKER", "x" },	1, 0 },
	{ "587",	NULL, NULL,	{ "CHECKER" },		1, 0 },
	{ "587",	NULL, NULL,	{ "mx", "CHECKER" },	1, 0 },
	{ "587",	NULL, "-",	{ "CHECKER", "x" },	0, 0 },
	{ "25",		NULL, NULL,	{ "CHECKER", "x" },	0, 0 },
	{ "5870",	NULL, NULL,	{ "CHECKER", "x" },	0, 0 },
	{ "465",	NULL, NULL,	{ "CHECKER", "x" },	0, 0 },
	{ "",		NULL, NULL,	{ "CHECKER", "x" },	0, 0 },
	{ NULL,		NULL, NULL,	{ "CHECKER", "x" },	0, 0 },
	{ NULL,		"",   NULL,	{ NULL },		1, 0 },
	{ "25",		"1",  "-",	{ "CHECKER", "x" },	1, 0 },
};

START_TEST(each_port)
{
	if (ports[_i].submission != NULL)
		setenv("SUBMISSION", ports[_i].submission, 1);
	if (ports[_i].smtpauth != NULL)
		setenv("SMTPAUTH", ports[_i].smtpauth, 1);
	read_all(ports[_i].arguments, ports[_i].port, OK);
	assert_row(auth.is_submission == ports[_i].is_submission);
	assert_row(auth.is_required ==
	    (ports[_i].is_submission || ports[_i].is_required));
}
END_TEST

/* A control file and what it says; NULL: absent. */
static const struct {
	const char *file, *text;
	unsigned delay_s, timeout_s, failures;
	int needs_tls, hides;
} files[] = {
	{ NULL, NULL,			2, 30, 3, 1, 0 },
	{ "authdelay", "0\n",		0, 30, 3, 1, 0 },
	{ "authdelay", "7",		7, 30, 3, 1, 0 },
	{ "authdelay", "99999999999999999999", 3600, 30, 3, 1, 0 },
	{ "authtimeout", "5",		2, 5, 3, 1, 0 },
	{ "authtimeout", "0",		2, 1, 3, 1, 0 },
	{ "authtimeout", "4294967296",	2, 3600, 3, 1, 0 },
	{ "maxauthfailures", "0",	2, 30, 0, 1, 0 },
	{ "maxauthfailures", "9",	2, 30, 9, 1, 0 },
	{ "authcleartext", "1",		2, 30, 3, 0, 0 },
	{ "authcleartext", "0",		2, 30, 3, 1, 0 },
	{ "authcleartext", "2",		2, 30, 3, 0, 0 },
	{ "forcesslauth", "1",		2, 30, 3, 1, 0 },
	{ "authhide", "1",		2, 30, 3, 1, 1 },
	{ "authhide", "0",		2, 30, 3, 1, 0 },
};

START_TEST(each_file)
{
	static const char *const arguments[WORDS] = { "CHECKER", "true" };
	char path[64];

	snprintf(path, sizeof path, "control/%s",
	    files[_i].file != NULL ? files[_i].file : "other");
	home_file(path, files[_i].text != NULL ? files[_i].text : "");
	read_all(arguments, NULL, OK);
	ck_assert_uint_eq(auth.delay_s, files[_i].delay_s);
	ck_assert_uint_eq(auth.timeout_s, files[_i].timeout_s);
	ck_assert_uint_eq(auth.failures, files[_i].failures);
	ck_assert_int_eq(auth.needs_tls, files[_i].needs_tls);
	ck_assert_int_eq(auth.hides, files[_i].hides);
}
END_TEST

/* FORCETLS against the files; NULL: not set, absent. */
static const struct {
	const char *word, *cleartext, *forces;
	int needs_tls;
} forced[] = {
	{ NULL,	NULL,	NULL,	1 },
	{ "",	NULL,	NULL,	1 },
	{ "",	"1",	NULL,	0 },
	{ "",	"1",	"1",	1 },
	{ "1",	NULL,	NULL,	1 },
	{ "1",	"1",	NULL,	1 },
	{ "yes", "1",	"0",	1 },
	{ "00",	"1",	NULL,	1 },
	{ "0",	NULL,	NULL,	0 },
	{ "0",	"0",	NULL,	0 },
	{ "0",	NULL,	"1",	1 },
	{ "0",	"1",	"1",	1 },
	{ "0",	"1",	"0",	0 },
};

START_TEST(each_forced)
{
	static const char *const arguments[WORDS] = { "CHECKER", "true" };

	if (forced[_i].word != NULL)
		setenv("FORCETLS", forced[_i].word, 1);
	if (forced[_i].cleartext != NULL)
		home_file("control/authcleartext", forced[_i].cleartext);
	if (forced[_i].forces != NULL)
		home_file("control/forcesslauth", forced[_i].forces);
	read_all(arguments, NULL, OK);
	assert_row(auth.needs_tls == forced[_i].needs_tls);
}
END_TEST

/* Both ways of those that cannot be read: with a program and without. */
static const char *const unreadable[] = {
	"authtypes", "authdelay", "authtimeout", "maxauthfailures",
	"authcleartext", "forcesslauth", "authhide",
};

START_TEST(each_unreadable)
{
	static const char *const programs[][WORDS] = {
		{ "CHECKER", "true" }, { NULL },
	};
	const char *name = unreadable[_i / 2];
	char path[64];

	snprintf(path, sizeof path, "control/%s", name);
	home_file(path, NULL);
	read_all(programs[_i % 2], "587", _i % 2 == 0 ? TEMPFAIL : OK);
	if (_i % 2 == 0)
		ck_assert_str_eq(control.failed, path);
}
END_TEST

SUITE("auth",
    { each_row, ROWS(rows), begin, end },
    { each_word, ROWS(words), begin, end },
    { each_port, ROWS(ports), begin, end },
    { each_file, ROWS(files), begin, end },
    { each_forced, ROWS(forced), begin, end },
    { each_unreadable, 2 * ROWS(unreadable), begin, end })
