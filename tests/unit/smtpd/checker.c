#include "smtpd/checker.h"

#include <signal.h>
#include <sys/wait.h>

#include "../home.h"
#include "../suite.h"

#define LARGE	(300 * 1024)	/* more than any pipe takes at once */
#define LONG_S	60		/* a time-out that no test waits for */

#define MESSAGE	"anna\0secret\0"	/* and the NUL of the literal */

static char *program[20];
static struct auth auth;

static void
begin(void)
{
	home_make();
	signal(SIGPIPE, SIG_IGN);
	memset(&auth, 0, sizeof auth);
	memset(program, 0, sizeof program);
	program[0] = (char *)"checker";
	program[1] = (char *)"subprogram";
	auth.program = program;
	auth.timeout_s = LONG_S;
}

/* Whatever came of it, no child is left. */
static void
end(void)
{
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	stralloc_free(&auth.path);
	home_remove();
}

static void
use(const char *script)
{
	home_program("checker", script);
	ck_assert(stralloc_copys(&auth.path, "./checker"));
	ck_assert(stralloc_0(&auth.path));
}

/* Only as many descriptors are open behind it as were before. */
static int
next_descriptor(void)
{
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC);

	close(file);
	return file;
}

static const struct {
	const char *script;
	enum check check;
	int code;
	const char *why;
} codes[] = {
	{ "exit 0",		CHECK_GOOD,	0,	"" },
	{ "exit 1",		CHECK_BAD,	1,	"" },
	{ "exit 2",		CHECK_FAILED,	2,	"the program failed" },
	{ "exit 3",		CHECK_BAD,	3,	"" },
	{ "exit 99",		CHECK_BAD,	99,	"" },
	{ "exit 100",		CHECK_FAILED,	100,	"the program failed" },
	{ "exit 111",		CHECK_FAILED,	111,	"the program failed" },
	{ "exit 255",		CHECK_FAILED,	255,	"the program failed" },
	{ "kill -9 $$",		CHECK_FAILED,	CHECK_NO_CODE,
	    "the program crashed" },
	{ "kill -11 $$",	CHECK_FAILED,	CHECK_NO_CODE,
	    "the program crashed" },
	{ "exec /nowhere/program", CHECK_FAILED, 127,	"the program failed" },
	/* It need not read, nor to the end. */
	{ "exec 3<&-\nexit 0",	CHECK_GOOD,	0,	"" },
	{ "exec 3<&-\nexit 1",	CHECK_BAD,	1,	"" },
	{ "read line <&3\nexit 0", CHECK_GOOD,	0,	"" },
	/* What it says reaches nobody. */
	{ "echo 235 welcome\nexit 1", CHECK_BAD, 1,	"" },
};

static void
ask(int row, const char *message, size_t len)
{
	int _i = row, code = 7, before = next_descriptor();
	const char *why = NULL;
	char script[256];

	snprintf(script, sizeof script, "#!/bin/sh\n%s\n", codes[row].script);
	use(script);
	ck_assert_int_eq(checker_ask(&auth, message, len, &code, &why),
	    codes[row].check);
	assert_row(code == codes[row].code);
	ck_assert_str_eq(why, codes[row].why);
	ck_assert_int_eq(next_descriptor(), before);
}

START_TEST(each_code)
{
	ask(_i, MESSAGE, sizeof MESSAGE);
}
END_TEST

/* The same when there is more to write than it takes. */
START_TEST(each_code_unread)
{
	char *message = calloc(1, LARGE);

	ck_assert_ptr_nonnull(message);
	ask(_i, message, LARGE);
	free(message);
}
END_TEST

/* It reads what was written and the end, and has the arguments. */
START_TEST(whole_message)
{
	size_t len = _i == 0 ? sizeof MESSAGE : LARGE, i;
	char *message = malloc(len), *seen = malloc(len + 1), words[256];
	const char *why;
	int code;

	ck_assert_ptr_nonnull(message);
	ck_assert_ptr_nonnull(seen);
	for (i = 0; i < len; i++)
		message[i] = (char)(i * 7 + i / 251);
	use("#!/bin/sh\n/bin/cat <&3 >seen\n"
	    "echo \"$0 $*\" $(readlink /proc/$$/fd/0 /proc/$$/fd/1) >words\n"
	    "exit 0\n");
	setenv("PATH", "/usr/bin:/bin", 1);
	ck_assert_int_eq(checker_ask(&auth, message, len, &code, &why),
	    CHECK_GOOD);
	i = home_read("seen", seen, len + 1);
	assert_row(i == len && memcmp(seen, message, len) == 0);
	words[home_read("words", words, sizeof words - 1)] = '\0';
	ck_assert_str_eq(words, "./checker subprogram /dev/null /dev/null\n");
	free(message);
	free(seen);
}
END_TEST

/* It hangs: with all read, with nothing read of much, after some of it. */
static const struct {
	const char *script;
	size_t len;
} hangs[] = {
	{ "#!/bin/sh\n/bin/cat <&3 >/dev/null\nexec /bin/sleep 60\n", 20 },
	{ "#!/bin/sh\nexec /bin/sleep 60\n", 20 },
	{ "#!/bin/sh\nexec /bin/sleep 60\n", LARGE },
	{ "#!/bin/sh\nread x <&3\nexec /bin/sleep 60\n", LARGE },
	{ "#!/bin/sh\ntrap '' TERM HUP INT\nexec /bin/sleep 60\n", 20 },
	/* It lets the end of the message go, and floods. */
	{ "#!/bin/sh\nexec 3<&-\nwhile :; do echo x; done\n", LARGE },
};

START_TEST(each_hang)
{
	char *message = calloc(1, hangs[_i].len);
	int code = 7, before = next_descriptor();
	const char *why;

	ck_assert_ptr_nonnull(message);
	message[hangs[_i].len / 2] = '\n';
	use(hangs[_i].script);
	auth.timeout_s = 1;
	ck_assert_int_eq(checker_ask(&auth, message, hangs[_i].len, &code,
	    &why), CHECK_FAILED);
	ck_assert_int_eq(code, CHECK_NO_CODE);
	ck_assert_str_eq(why, "the program took too long");
	ck_assert_int_eq(next_descriptor(), before);
	free(message);
}
END_TEST

static const struct {
	const char *script;	/* NULL: none */
	size_t arguments;
	const char *why;
} starts[] = {
	{ NULL,				2,	"No such file or directory" },
	{ "#!/nowhere/interpreter\n",	2,	"No such file or directory" },
	{ "#!/bin/sh\nexit 0\n",	17,	"too many arguments" },
	{ "#!/bin/sh\nexit 0\n",	16,	"" },
	{ "#!/bin/sh\nexit 0\n",	1,	"" },
};

START_TEST(each_start)
{
	int code = 7, before = next_descriptor();
	const char *why = NULL;
	size_t i;

	use(starts[_i].script != NULL ? starts[_i].script : "");
	if (starts[_i].script == NULL)
		ck_assert_int_eq(unlink("checker"), 0);
	for (i = 0; i < sizeof program / sizeof program[0]; i++)
		program[i] = (char *)(i < starts[_i].arguments ? "x" : NULL);
	ck_assert_int_eq(checker_ask(&auth, MESSAGE, sizeof MESSAGE, &code,
	    &why), starts[_i].why[0] == '\0' ? CHECK_GOOD : CHECK_FAILED);
	ck_assert_str_eq(why, starts[_i].why);
	ck_assert_int_eq(next_descriptor(), before);
}
END_TEST

SUITE("checker",
    { each_code, ROWS(codes), begin, end },
    { each_code_unread, ROWS(codes), begin, end },
    { whole_message, 2, begin, end },
    { each_hang, ROWS(hangs), begin, end },
    { each_start, ROWS(starts), begin, end })
