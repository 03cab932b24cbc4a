#include "smtpd/queue.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "../home.h"
#include "../suite.h"
#include "base/deadline.h"

#define PROGRAM		"./queue"
#define TIMEOUT_S	60	/* that no test waits for */
#define FOR_GOOD_MS	3000	/* nothing here takes so long */

/* Takes message and envelope, keeps them, and ends as the row says. */
#define TAKE	"#!/bin/sh\ncat >message; cat <&1 >envelope\n"

static struct queue queue;
static stralloc words, from, to;
static struct reply reply;

static void
begin(void)
{
	home_make();
	signal(SIGPIPE, SIG_IGN);
	memset(&reply, 0, sizeof reply);
	ck_assert(stralloc_copys(&from, "joe@a.test"));
	ck_assert(stralloc_copyb(&to, "Tjim@b.test\0Tjane@b.test\0", 25));
}

static void
end(void)
{
	/* No program is left, whatever became of it. */
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	ck_assert_int_eq(queue.message, -1);
	ck_assert_int_eq(queue.envelope, -1);
	ck_assert_int_eq(queue.text, -1);
	stralloc_free(&words);
	stralloc_free(&from);
	stralloc_free(&to);
	signal(SIGPIPE, SIG_DFL);
	home_remove();
}

static void
start(const char *script, unsigned timeout_s)
{
	int error = 0;

	home_program(PROGRAM, script);
	ck_assert_int_eq(queue_open(&queue, PROGRAM, timeout_s, &error), OK);
}

static void
write_text(const char *text, size_t len)
{
	struct iovec part = { (char *)text, len };

	queue_write(&queue, &part, 1);
}

static int
commit(void)
{
	return queue_commit(&queue, &from, &to, &reply, &words);
}

START_TEST(mail_is_taken)
{
	char seen[256], wanted[64];

	start(TAKE "exit 0\n", TIMEOUT_S);
	write_text(TEXT("Subject: x\n\n"));
	write_text(TEXT("a\0b\n"));
	ck_assert_int_eq(commit(), 1);
	ck_assert_uint_eq(reply.code, 250);
	ck_assert_str_eq(reply.enhanced, "2.0.0");
	snprintf(wanted, sizeof wanted, " qp %ld", (long)queue.pid);
	ck_assert_int_eq(strncmp(reply.text, "ok ", 3), 0);
	ck_assert_uint_eq(strspn(reply.text + 3, "0123456789"), 10);
	ck_assert_str_eq(reply.text + 13, wanted);
	assert_octets(seen, home_read("message", seen, sizeof seen),
	    "Subject: x\n\na\0b\n", 16);
	assert_octets(seen, home_read("envelope", seen, sizeof seen),
	    "Fjoe@a.test\0Tjim@b.test\0Tjane@b.test\0", 38);
}
END_TEST

/* Parts of which some are empty, of a message larger than any pipe. */
START_TEST(large_message)
{
	enum { SIZE = 3000000 };
	char *text = malloc(SIZE), *seen = malloc(SIZE + 100), empty[1];
	size_t at;

	ck_assert(text != NULL && seen != NULL);
	for (at = 0; at < SIZE; at++)
		text[at] = (char)('a' + at / 7 % 26);
	start(TAKE "exit 0\n", TIMEOUT_S);
	for (at = 0; at < SIZE; at += 50000) {
		struct iovec parts[] = {
			{ empty, 0 }, { text + at, 20000 }, { empty, 0 },
			{ text + at + 20000, 30000 },
		};

		queue_write(&queue, parts, 4);
	}
	ck_assert_int_eq(commit(), 1);
	ck_assert_uint_eq(home_read("message", seen, SIZE + 100), SIZE);
	ck_assert_int_eq(memcmp(seen, text, SIZE), 0);
	free(text);
	free(seen);
}
END_TEST

START_TEST(null_reverse_path)
{
	char seen[64];

	start(TAKE "exit 0\n", TIMEOUT_S);
	from.len = 0;
	ck_assert_int_eq(commit(), 1);
	ck_assert_uint_eq(home_read("message", seen, sizeof seen), 0);
	assert_octets(seen, home_read("envelope", seen, sizeof seen),
	    "F\0Tjim@b.test\0Tjane@b.test\0", 28);
}
END_TEST

/* More envelope than a pipe holds. */
START_TEST(many_recipients)
{
	static char seen[400000];
	size_t i, len;

	for (i = 0; i < 20000; i++)
		ck_assert(stralloc_catb(&to, "Tsomebody@b.test", 17));
	start(TAKE "exit 0\n", TIMEOUT_S);
	ck_assert_int_eq(commit(), 1);
	len = home_read("envelope", seen, sizeof seen);
	ck_assert_uint_eq(len, 1 + from.len + 1 + to.len + 1);
	ck_assert_int_eq(seen[len - 1], '\0');
	ck_assert_int_eq(seen[len - 2], '\0');
}
END_TEST

/* qmail-queue(8) and what qmail-smtpd says of it. */
static const struct {
	int from, to;
	unsigned code;
	const char *enhanced, *text;
} codes[] = {
	{ 1, 10, 451, "4.3.0", "qq temporary problem (#4.3.0)" },
	{ 11, 11, 554, "5.1.3", "envelope address too long for qq (#5.1.3)" },
	{ 12, 30, 554, "5.3.0", "qq permanent problem (#5.3.0)" },
	{ 31, 31, 554, "5.3.0",
	    "mail server permanently rejected message (#5.3.0)" },
	{ 32, 40, 554, "5.3.0", "qq permanent problem (#5.3.0)" },
	{ 41, 50, 451, "4.3.0", "qq temporary problem (#4.3.0)" },
	{ 51, 51, 451, "4.3.0", "qq out of memory (#4.3.0)" },
	{ 52, 52, 451, "4.3.0", "qq timeout (#4.3.0)" },
	{ 53, 53, 451, "4.3.0", "qq write error or disk full (#4.3.0)" },
	{ 54, 54, 451, "4.3.0", "qq read error (#4.3.0)" },
	{ 55, 55, 451, "4.3.0", "qq unable to read configuration (#4.3.0)" },
	{ 56, 56, 451, "4.3.0",
	    "qq trouble making network connection (#4.3.0)" },
	{ 57, 60, 451, "4.3.0", "qq temporary problem (#4.3.0)" },
	{ 61, 61, 451, "4.3.0", "qq trouble in home directory (#4.3.0)" },
	{ 62, 66, 451, "4.3.0", "qq trouble creating files in queue (#4.3.0)" },
	{ 67, 70, 451, "4.3.0", "qq temporary problem (#4.3.0)" },
	{ 71, 71, 451, "4.3.0",
	    "mail server temporarily rejected message (#4.3.0)" },
	{ 72, 72, 451, "4.4.1",
	    "connection to mail server timed out (#4.4.1)" },
	{ 73, 73, 451, "4.4.1", "connection to mail server rejected (#4.4.1)" },
	{ 74, 74, 451, "4.4.2",
	    "communication with mail server failed (#4.4.2)" },
	{ 75, 80, 451, "4.3.0", "qq temporary problem (#4.3.0)" },
	{ 81, 81, 451, "4.3.0", "qq internal bug (#4.3.0)" },
	/* 82 and 88 without a text. */
	{ 82, 90, 451, "4.3.0", "qq temporary problem (#4.3.0)" },
	{ 91, 91, 451, "4.3.0", "qq internal bug (#4.3.0)" },
	{ 92, 114, 451, "4.3.0", "qq temporary problem (#4.3.0)" },
	{ 115, 115, 554, "5.1.3", "envelope address too long for qq (#5.1.3)" },
	{ 116, 119, 451, "4.3.0", "qq temporary problem (#4.3.0)" },
	{ 120, 120, 451, "4.3.0", "unable to exec qq (#4.3.0)" },
	{ 121, 255, 451, "4.3.0", "qq temporary problem (#4.3.0)" },
};

START_TEST(each_code)
{
	char script[64];
	int code = _i + 1, row = 0;

	while (code > codes[row].to)
		row++;
	ck_assert_int_ge(code, codes[row].from);
	/* The program may be gone before it has its envelope. */
	snprintf(script, sizeof script, "#!/bin/sh\nexit %d\n", code);
	start(script, TIMEOUT_S);
	write_text(TEXT("x\n"));
	ck_assert_int_eq(commit(), 0);
	ck_assert_uint_eq(reply.code, codes[row].code);
	ck_assert_str_eq(reply.enhanced, codes[row].enhanced);
	ck_assert_str_eq(reply.text, codes[row].text);
}
END_TEST

/* What the program says on 4 or 6 before it ends. */
static const struct {
	const char *script;
	unsigned code;
	const char *enhanced, *text;
} texts[] = {
#define OWN	"qq temporary problem (#4.3.0)"
	{ "echo Dno viruses here >&6; exit 82", 554, "5.3.0",
	    "no viruses here" },
	{ "echo Dno viruses here >&4; exit 82", 554, "5.3.0",
	    "no viruses here" },
	{ "echo Dno >&6; exit 88", 554, "5.3.0", "no" },
	{ "echo Zlater >&6; exit 82", 451, "4.3.0", "later" },
	{ "echo later >&6; exit 82", 451, "4.3.0", "ater" },
	{ "printf Dno >&6; exit 82", 554, "5.3.0", "no" },
	{ "printf D >&4; printf 'no more' >&6; exit 82", 554, "5.3.0",
	    "no more" },
	/* Nothing that it says ends our line or leaves ASCII. */
	{ "printf 'Dno\\r\\n250 ok\\r\\n' >&6; exit 82", 554, "5.3.0", "no" },
	{ "printf 'Da\\tb\\303\\244c' >&6; exit 82", 554, "5.3.0", "a?b??c" },
	{ "printf 'Dno\\0yes' >&6; exit 82", 554, "5.3.0", "no" },
	/* No text worth the name. */
	{ "printf D >&6; exit 82", 451, "4.3.0", OWN },
	{ "printf 'D\\n\\n' >&6; exit 82", 554, "5.3.0",
	    "mail server permanently rejected message (#5.3.0)" },
	{ "printf 'D\\nno\\n' >&6; exit 82", 554, "5.3.0", "no" },
	{ "exit 82", 451, "4.3.0", OWN },
	/* It counts with its codes only. */
	{ "echo Dno >&6; exit 31", 554, "5.3.0",
	    "mail server permanently rejected message (#5.3.0)" },
	{ "echo Dno >&6; exit 1", 451, "4.3.0", OWN },
	{ "echo Dno >&6; kill -KILL $$", 451, "4.3.0",
	    "qq crashed (#4.3.0)" },
	{ "kill -SEGV $$", 451, "4.3.0", "qq crashed (#4.3.0)" },
};

START_TEST(each_text)
{
	char script[256];

	snprintf(script, sizeof script, TAKE "%s\n", texts[_i].script);
	start(script, TIMEOUT_S);
	ck_assert_int_eq(commit(), 0);
	ck_assert_uint_eq(reply.code, texts[_i].code);
	ck_assert_str_eq(reply.enhanced, texts[_i].enhanced);
	ck_assert_str_eq(reply.text, texts[_i].text);
}
END_TEST

/* A text longer than we want, and than a pipe holds. */
static const unsigned lengths[] = { QUEUE_TEXT, QUEUE_TEXT + 1, 200000 };

START_TEST(each_length)
{
	char script[256];

	snprintf(script, sizeof script, TAKE "printf D >&6\n"
	    "head -c %u /dev/zero | tr '\\0' x >&6 2>/dev/null\nexit 82\n",
	    lengths[_i]);
	start(script, TIMEOUT_S);
	ck_assert_int_eq(commit(), 0);
	ck_assert_uint_eq(reply.code, 554);
	ck_assert_uint_eq(strlen(reply.text), QUEUE_TEXT - 1);
	ck_assert_uint_eq(strspn(reply.text, "x"), QUEUE_TEXT - 1);
}
END_TEST

/* A child that the program leaves behind holds every pipe. */
static const char *const left_behind[] = {
	"exit 0\n", "echo Dno >&6\nexit 82\n",
};

START_TEST(each_left_behind)
{
	int64_t before;
	char script[256], number[16];
	pid_t pid;

	snprintf(script, sizeof script, TAKE "sleep 60 2>/dev/null &\n"
	    "echo $! >left\n%s", left_behind[_i]);
	start(script, TIMEOUT_S);
	before = clock_ms();
	ck_assert_int_eq(commit(), _i == 0);
	ck_assert_int_lt(clock_ms() - before, FOR_GOOD_MS);
	ck_assert_uint_eq(reply.code, _i == 0 ? 250 : 554);
	number[home_read("left", number, sizeof number - 1)] = '\0';
	pid = (pid_t)atoi(number);
	ck_assert_int_gt(pid, 1);
	ck_assert_int_eq(kill(pid, SIGTERM), 0);
}
END_TEST

/* Exit 0 of a program that did not get everything is no success. */
static const struct {
	const char *script;
	size_t len;		/* octets of the message */
	unsigned timeout_s;
	const char *text;
} shorts[] = {
	/* It reads no message, and more than a pipe holds was written. */
	{ "#!/bin/sh\ncat <&1 >envelope; exit 0\n", 200000, 0,
	    "qq read error (#4.3.0)" },
	{ "#!/bin/sh\nexec <&-; cat <&1 >envelope; exit 0\n", 200000,
	    TIMEOUT_S, "qq read error (#4.3.0)" },
	{ "#!/bin/sh\ncat <&1 >envelope; exit 53\n", 200000, 0,
	    "qq write error or disk full (#4.3.0)" },
};

START_TEST(each_short)
{
	char *text = calloc(1, shorts[_i].len), seen[64];

	ck_assert_ptr_nonnull(text);
	start(shorts[_i].script, shorts[_i].timeout_s);
	write_text(text, shorts[_i].len);
	ck_assert_int_eq(queue.is_broken, 1);
	/* What comes after that is lost, and costs no waiting. */
	write_text(text, shorts[_i].len);
	ck_assert_int_eq(commit(), 0);
	ck_assert_uint_eq(reply.code, 451);
	ck_assert_str_eq(reply.text, shorts[_i].text);
	ck_assert_uint_eq(home_read("envelope", seen, sizeof seen), 0);
	free(text);
}
END_TEST

/* The program ends before it gets its envelope. */
START_TEST(ends_too_early)
{
	siginfo_t facts;

	start("#!/bin/sh\nexit 0\n", TIMEOUT_S);
	ck_assert_int_eq(waitid(P_PID, (id_t)queue.pid, &facts,
	    WEXITED | WNOWAIT), 0);
	ck_assert_int_eq(commit(), 0);
	ck_assert_uint_eq(reply.code, 451);
	ck_assert_str_eq(reply.text, "qq read error (#4.3.0)");
}
END_TEST

/* Taken back: the program finds no envelope at all. */
START_TEST(aborted)
{
	char seen[64];

	start(TAKE "exit 0\n", TIMEOUT_S);
	write_text(TEXT("x\n"));
	ck_assert_int_eq(queue_abort(&queue), 1);
	ck_assert_uint_eq(home_read("message", seen, sizeof seen), 2);
	ck_assert_uint_eq(home_read("envelope", seen, sizeof seen), 0);
}
END_TEST

static const struct {
	const char *program;
	int error;
} absent[] = {
	{ "./absent",	ENOENT },
	{ "",		ENOENT },
	{ ".",		EACCES },
	{ "control/x",	ENOENT },
};

START_TEST(each_absent)
{
	int error = 0;

	ck_assert_int_eq(queue_open(&queue, absent[_i].program, TIMEOUT_S,
	    &error), TEMPFAIL);
	ck_assert_int_eq(error, absent[_i].error);
}
END_TEST

/* Too few descriptors for its pipes: what was opened is closed again. */
#define PIPE_ENDS	6

START_TEST(each_lack)
{
	struct rlimit before, few;
	int next = dup(STDERR_FILENO), error = 0, after;

	close(next);
	home_program(PROGRAM, TAKE "exit 0\n");
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = (rlim_t)(next + _i);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	ck_assert_int_eq(queue_open(&queue, PROGRAM, TIMEOUT_S, &error),
	    TEMPFAIL);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	ck_assert_int_eq(error, EMFILE);
	after = dup(STDERR_FILENO);
	close(after);
	ck_assert_int_eq(after, next);
}
END_TEST

SUITE("queue",
    { mail_is_taken, 1, begin, end },
    { large_message, 1, begin, end },
    { null_reverse_path, 1, begin, end },
    { many_recipients, 1, begin, end },
    { each_code, 255, begin, end },
    { each_text, ROWS(texts), begin, end },
    { each_length, ROWS(lengths), begin, end },
    { each_left_behind, ROWS(left_behind), begin, end },
    { each_short, ROWS(shorts), begin, end },
    { ends_too_early, 1, begin, end },
    { aborted, 1, begin, end },
    { each_absent, ROWS(absent), begin, end },
    { each_lack, PIPE_ENDS, begin, end })
