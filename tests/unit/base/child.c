#include "base/child.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "../home.h"
#include "../suite.h"

#define WAIT_MS		50	/* for a child that does not end */

static char *const nothing[] = { NULL };
static char *const program[] = { (char *)"./program", NULL };

/* How a program ends, and the code that this makes. */
static const struct {
	const char *script;
	int code;
} ends[] = {
	{ "#!/bin/sh\nexit 0\n",		0 },
	{ "#!/bin/sh\nexit 1\n",		1 },
	{ "#!/bin/sh\nexit 82\n",		82 },
	{ "#!/bin/sh\nexit 120\n",		120 },
	{ "#!/bin/sh\nexit 255\n",		255 },
	{ "#!/bin/sh\nkill -KILL $$\n",		-1 },
	/* Ours are ignored and blocked; a program starts with neither. */
	{ "#!/bin/sh\nkill -PIPE $$\n",		-1 },
	{ "#!/bin/sh\nkill -TERM $$\n",		-1 },
	/* It gets no arguments but its name. */
	{ "#!/bin/sh\nexit $#\n",		0 },
	{ "#!/bin/sh\n[ \"$0\" = ./program ]\n", 0 },
};

START_TEST(each_end)
{
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	int code = -2, error = 0;
	sigset_t term, old;
	pid_t pid;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, &old);
	home_program("program", ends[_i].script);
	ck_assert_int_eq(child_start(&pid, program, nothing, NULL, 0,
	    &error), OK);
	ck_assert_int_eq(child_wait(pid, -1, &code), OK);
	ck_assert_int_eq(code, ends[_i].code);
	sigprocmask(SIG_SETMASK, &old, NULL);
	signal(SIGPIPE, before);
}
END_TEST

/* What cannot be started leaves nothing to be waited for. */
static const struct {
	const char *path, *script;
	mode_t mode;
	int error;
} faults[] = {
	{ "./absent",	"#!/bin/sh\n",		0755,	ENOENT },
	{ "",		"#!/bin/sh\n",		0755,	ENOENT },
	{ "program",	"#!/no/such/shell\n",	0755,	ENOENT },
	{ "./program",	"#!/bin/sh\n",		0644,	EACCES },
	{ ".",		"#!/bin/sh\n",		0755,	EACCES },
	{ "./program",	"exit 0\n",		0755,	ENOEXEC },
	{ "./program",	"",			0755,	ENOEXEC },
	{ "./program/x", "#!/bin/sh\n",		0755,	ENOTDIR },
};

START_TEST(each_fault)
{
	char *const arguments[] = { (char *)faults[_i].path, NULL };
	pid_t pid = -7;
	int error = 0;

	home_file("program", faults[_i].script);
	ck_assert_int_eq(chmod("program", faults[_i].mode), 0);
	ck_assert_int_eq(child_start(&pid, arguments, nothing, NULL, 0,
	    &error), TEMPFAIL);
	ck_assert_int_eq(error, faults[_i].error);
	ck_assert_int_eq(pid, -7);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

START_TEST(environment_is_given)
{
	char one[] = "ONE=1", two[] = "TWO=a b";
	char *const environment[] = { one, two, NULL };
	int code = -2, error = 0;
	pid_t pid;

	putenv((char *)"OURS=1");
	home_program("program", "#!/bin/sh\n"
	    "[ \"$ONE$TWO\" = '1a b' ] && [ -z \"$OURS\" ]\n");
	ck_assert_int_eq(child_start(&pid, program, environment, NULL, 0,
	    &error), OK);
	ck_assert_int_eq(child_wait(pid, -1, &code), OK);
	ck_assert_int_eq(code, 0);
}
END_TEST

/*
 * Which of the pipes A to C becomes which descriptor.  They are open as 4, 5
 * and 6 of ours, so that the rows cross them.
 */
#define PIPES	3
#define FIRST	4
static const struct {
	struct child_fd fds[4];
	size_t count;
	const char *script;	/* says its letters */
	const char *said[PIPES];
} crossings[] = {
	{ { { 4, 4 } }, 1, "echo a >&4", { "a\n" } },
	{ { { 4, 3 }, { 5, 4 }, { 6, 5 } }, 3,
	    "echo a >&3; echo b >&4; echo c >&5", { "a\n", "b\n", "c\n" } },
	{ { { 6, 4 }, { 5, 5 }, { 4, 6 } }, 3,
	    "echo c >&4; echo b >&5; echo a >&6", { "a\n", "b\n", "c\n" } },
	{ { { 5, 0 }, { 4, 1 } }, 2, "echo a; echo b >&0", { "a\n", "b\n" } },
	/* qmail-queue: the same pipe twice. */
	{ { { 4, 1 }, { 6, 4 }, { 6, 6 } }, 3,
	    "echo a; echo c >&4; echo d >&6", { "a\n", NULL, "c\nd\n" } },
	/* Nothing else is open but standard error. */
	{ { { 4, 1 }, { 5, 4 }, { 6, 6 } }, 3,
	    "for n in 0 1 2 3 4 5 6 7 8 9; do\n"
	    "[ -e /proc/self/fd/$n ] && printf $n; done", { "01246" } },
	{ { { 4, 1 } }, 1,
	    "for n in 3 4 5 6 7 8 9; do\n"
	    "[ -e /proc/self/fd/$n ] && printf $n; done", { "" } },
};

/*
 * Runs in a process of its own, for it does what it likes with descriptors;
 * so what it finds is its exit code, 0 for good.
 */
static int
cross(int row)
{
	int pipes[PIPES][2], code = -2, error = 0, i;
	char said[64];
	ssize_t len;
	pid_t pid;

	for (i = 0; i < PIPES; i++) {
		if (pipe2(pipes[i], O_CLOEXEC | O_NONBLOCK) == -1)
			return 1;
		pipes[i][0] = fcntl(pipes[i][0], F_DUPFD_CLOEXEC, 20);
		/* Not closed by exec: what is not named has to be. */
		pipes[i][1] = fcntl(pipes[i][1], F_DUPFD, 20);
	}
	for (i = 0; i < PIPES; i++)
		if (dup2(pipes[i][1], FIRST + i) != FIRST + i)
			return 2;
	if (child_start(&pid, program, nothing, crossings[row].fds,
	    crossings[row].count, &error) != OK ||
	    child_wait(pid, -1, &code) != OK)
		return 3;
	for (i = 0; i < PIPES; i++) {
		const char *wanted = crossings[row].said[i];

		len = read(pipes[i][0], said, sizeof said - 1);
		said[len > 0 ? len : 0] = '\0';
		if (strcmp(said, wanted != NULL ? wanted : "") != 0)
			return 10 + i;
	}
	return 0;
}

START_TEST(each_crossing)
{
	char script[256];
	int code;
	pid_t pid;

	snprintf(script, sizeof script, "#!/bin/sh\n%s\n",
	    crossings[_i].script);
	home_program("program", script);
	pid = fork();
	if (pid == 0)
		_exit(cross(_i));
	ck_assert_int_eq(waitpid(pid, &code, 0), pid);
	ck_assert(WIFEXITED(code));
	ck_assert_int_eq(WEXITSTATUS(code), 0);
}
END_TEST

START_TEST(bad_descriptors)
{
	const struct child_fd closed[] = { { 999, 0 } };
	const struct child_fd high[] = { { 0, 7 } };
	const struct child_fd many[9] = { { 0, 0 } };
	int error = 0;
	pid_t pid;

	home_program("program", "#!/bin/sh\n");
	ck_assert_int_eq(child_start(&pid, program, nothing, closed, 1,
	    &error), TEMPFAIL);
	ck_assert_int_eq(error, EBADF);
	/* Higher than there is room for would cross the rows. */
	ck_assert_int_eq(child_start(&pid, program, nothing, high, 1,
	    &error), TEMPFAIL);
	ck_assert_int_eq(error, EINVAL);
	ck_assert_int_eq(child_start(&pid, program, nothing, many, 9,
	    &error), TEMPFAIL);
	ck_assert_int_eq(error, EINVAL);
}
END_TEST

/* A child that does not end is left alone, and can be waited for again. */
START_TEST(wait_ends)
{
	int code = -2, error = 0;
	pid_t pid;

	home_program("program", "#!/bin/sh\nexec sleep 60\n");
	ck_assert_int_eq(child_start(&pid, program, nothing, NULL, 0,
	    &error), OK);
	ck_assert_int_eq(child_wait(pid, 0, &code), TEMPFAIL);
	ck_assert_int_eq(child_wait(pid, WAIT_MS, &code), TEMPFAIL);
	ck_assert_int_eq(code, -2);
	kill(pid, SIGTERM);
	ck_assert_int_eq(child_wait(pid, 60000, &code), OK);
	ck_assert_int_eq(code, -1);
	ck_assert_int_eq(child_wait(pid, -1, &code), TEMPFAIL);
}
END_TEST

START_TEST(arguments_are_given)
{
	char *const arguments[] = {
		(char *)"./program", (char *)"a b", (char *)"", NULL
	};
	int code = -2, error = 0;
	pid_t pid;

	home_program("program",
	    "#!/bin/sh\n[ $# = 2 ] && [ \"$1\" = 'a b' ] && [ -z \"$2\" ]\n");
	ck_assert_int_eq(child_start(&pid, arguments, nothing, NULL, 0,
	    &error), OK);
	ck_assert_int_eq(child_wait(pid, -1, &code), OK);
	ck_assert_int_eq(code, 0);
}
END_TEST

START_TEST(kill_ends_it)
{
	int code = -2, error = 0;
	pid_t pid;

	home_program("program", "#!/bin/sh\nexec sleep 60\n");
	ck_assert_int_eq(child_start(&pid, program, nothing, NULL, 0,
	    &error), OK);
	ck_assert_int_eq(child_kill(pid), OK);
	ck_assert_int_eq(child_wait(pid, -1, &code), TEMPFAIL);
	ck_assert_int_eq(child_kill(pid), TEMPFAIL);
}
END_TEST

/* What a child writes, and how the reading of it ends. */
#define READ_ROOM	8
static const struct {
	const char *script;
	const char *text;
	size_t len;
	enum status status;
} readings[] = {
	{ "printf a >&4; exit 3",	"a",		1,	OK },
	{ "exit 3",			"",		0,	OK },
	{ "exec 4>&-; exit 3",		"",		0,	OK },
	{ "printf 12345678 >&4; exit 3", "12345678",	8,	OK },
	/* What there is no room for does not stop it. */
	{ "printf 123456789 >&4; exit 3", "12345678",	9,	OK },
	{ "head -c 200000 /dev/zero | tr '\\0' x >&4; exit 3",
	    "xxxxxxxx",	200000,	OK },
	/* Somebody else holds the end when it is gone. */
	{ "printf a >&4; sh -c 'read x <gate' & exit 3", "a", 1, OK },
	{ "printf a >&4; read x <gate",	"a",		1,	TEMPFAIL },
	{ "exec yes >&4",		NULL,		0,	TEMPFAIL },
};

START_TEST(each_reading)
{
	const int ms = readings[_i].status == OK ? 10000 : WAIT_MS;
	char script[256], text[READ_ROOM];
	int pair[2], code = -2, error = 0;
	size_t len = 99;
	pid_t pid;

	snprintf(script, sizeof script, "#!/bin/sh\n%s\n",
	    readings[_i].script);
	home_program("program", script);
	ck_assert_int_eq(mkfifo("gate", 0600), 0);
	ck_assert_int_eq(setenv("PATH", "/usr/bin:/bin", 1), 0);
	ck_assert_int_eq(pipe2(pair, O_CLOEXEC), 0);
	ck_assert_int_eq(child_start(&pid, program, environ,
	    (const struct child_fd[]){ { pair[1], 4 } }, 1, &error), OK);
	close(pair[1]);
	ck_assert_int_eq(child_read(pid, pair[0], ms, text, sizeof text,
	    &len), readings[_i].status);
	if (readings[_i].text != NULL) {
		ck_assert_uint_eq(len, readings[_i].len);
		ck_assert_mem_eq(text, readings[_i].text,
		    strlen(readings[_i].text));
	}
	if (readings[_i].status == OK) {
		ck_assert_int_eq(child_wait(pid, 10000, &code), OK);
		ck_assert_int_eq(code, 3);
	} else
		ck_assert_int_eq(child_kill(pid), OK);
	close(pair[0]);
	/* Whoever waits at the gate goes home. */
	if (strstr(script, "& exit") != NULL)
		close(open("gate", O_WRONLY | O_CLOEXEC));
}
END_TEST

SUITE("child",
    { each_end, ROWS(ends), home_make, home_remove },
    { each_fault, ROWS(faults), home_make, home_remove },
    { environment_is_given, 1, home_make, home_remove },
    { each_reading, ROWS(readings), home_make, home_remove },
    { each_crossing, ROWS(crossings), home_make, home_remove },
    { bad_descriptors, 1, home_make, home_remove },
    { wait_ends, 1, home_make, home_remove },
    { arguments_are_given, 1, home_make, home_remove },
    { kill_ends_it, 1, home_make, home_remove })
