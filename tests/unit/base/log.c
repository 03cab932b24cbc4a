#include "base/log.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../capture.h"
#include "../suite.h"

static const struct log to_stderr = { 0 };

static const struct {
	const char *value;
	size_t len;
	const char *line;
} values[] = {
	{ TEXT("plain"),	"event=end key=plain\n" },
	{ TEXT("a=b"),		"event=end key=a=b\n" },
	{ TEXT(""),		"event=end key=\"\"\n" },
	{ NULL, 0,		"event=end key=\"\"\n" },
	{ TEXT("two words"),	"event=end key=\"two words\"\n" },
	{ TEXT("a\"b"),		"event=end key=\"a\\\"b\"\n" },
	{ TEXT("a\\b"),		"event=end key=a\\\\b\n" },
	/* Nobody writes a second line, or another key, into our log. */
	{ TEXT("a\nevent=accepted"),
	    "event=end key=a\\x0aevent=accepted\n" },
	{ TEXT("a\r\tb"),	"event=end key=a\\x0d\\x09b\n" },
	{ TEXT("a\" x=\"y"),	"event=end key=\"a\\\" x=\\\"y\"\n" },
	{ TEXT("\0\177\200\377"), "event=end key=\\x00\\x7f\\x80\\xff\n" },
	{ TEXT("\033[31m"),	"event=end key=\\x1b[31m\n" },
};

START_TEST(each_value)
{
	struct log_line line;
	char text[LOG_LINE + 1];

	log_begin(&line, &to_stderr, "end");
	log_octets(&line, "key", values[_i].value, values[_i].len);
	capture_start();
	log_end(&line);
	capture_stop(text, sizeof text);
	ck_assert_str_eq(text, values[_i].line);
}
END_TEST

START_TEST(kinds_of_values)
{
	struct log_line line;
	char text[LOG_LINE + 1];

	log_begin(&line, &to_stderr, "accepted");
	log_text(&line, "helo", "mail.example.org");
	log_number(&line, "bytes", UINT64_MAX);
	log_number(&line, "code", 0);
	capture_start();
	log_end(&line);
	capture_stop(text, sizeof text);
	ck_assert_str_eq(text, "event=accepted helo=mail.example.org "
	    "bytes=18446744073709551615 code=0\n");
}
END_TEST

/* Octets of a value, and how many of them are shown. */
static const struct {
	size_t len, shown;
	int cut;
} lengths[] = {
	{ LOG_VALUE - 1,	LOG_VALUE - 1,	0 },
	{ LOG_VALUE,		LOG_VALUE,	0 },
	{ LOG_VALUE + 1,	LOG_VALUE,	1 },
	{ 100000,		LOG_VALUE,	1 },
};

START_TEST(each_length)
{
	static char value[100000];
	struct log_line line;

	memset(value, 'v', sizeof value);
	log_begin(&line, &to_stderr, "e");
	log_octets(&line, "k", value, lengths[_i].len);
	ck_assert_uint_eq(line.len, strlen("event=e k=") + lengths[_i].shown +
	    (lengths[_i].cut ? 3 : 0));
	ck_assert_int_eq(line.text[line.len - 1], lengths[_i].cut ? '.' : 'v');
}
END_TEST

/* However much there is to say, it stays one line. */
START_TEST(long_line)
{
	char value[LOG_VALUE], text[LOG_LINE + 1];
	struct log_line line;
	int i;

	memset(value, '\n', sizeof value);
	log_begin(&line, &to_stderr, "e");
	for (i = 0; i < 100; i++)
		log_octets(&line, "k", value, sizeof value);
	capture_start();
	log_end(&line);
	capture_stop(text, sizeof text);
	ck_assert_uint_eq(strlen(text), LOG_LINE);
	ck_assert_ptr_eq(strchr(text, '\n'), text + LOG_LINE - 1);
}
END_TEST

/* What standard error is, and where events go then. */
enum error_is { A_PIPE, CLOSED, THE_SOCKET, ALL_CLOSED, NULL_DEVICE };
static const struct {
	enum error_is error_is;
	int to_syslog;
} places[] = {
	{ A_PIPE,	0 },
	{ CLOSED,	1 },
	{ THE_SOCKET,	1 },	/* inetd */
	{ ALL_CLOSED,	1 },
	/* Everything on /dev/null is not a connection. */
	{ NULL_DEVICE,	0 },
};

static void
arrange(enum error_is error_is)
{
	int fd, pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		_exit(10);
	dup2(pair[0], 0);
	dup2(pair[0], 1);
	if (error_is == THE_SOCKET)
		dup2(pair[0], 2);
	if (error_is == A_PIPE && (pipe(pair) == -1 || dup2(pair[1], 2) == -1))
		_exit(10);
	if (error_is == CLOSED)
		close(2);
	for (fd = 0; fd < 3; fd++)
		if (error_is == ALL_CLOSED)
			close(fd);
		else if (error_is == NULL_DEVICE)
			dup2(open("/dev/null", O_RDWR), fd);
}

/* In a process of its own, for it closes the descriptors of this one. */
START_TEST(each_place)
{
	struct log log = { -1 };
	struct stat in, error;
	int code, fd;
	pid_t pid = fork();

	if (pid == 0) {
		arrange(places[_i].error_is);
		log_open(&log);
		for (fd = 0; fd < 3; fd++)
			if (fcntl(fd, F_GETFD) == -1)
				_exit(11);
		/* What a program that we start says there goes nowhere. */
		if (fstat(0, &in) == -1 || fstat(2, &error) == -1 ||
		    (S_ISSOCK(error.st_mode) && in.st_ino == error.st_ino))
			_exit(12);
		_exit(log.to_syslog);
	}
	ck_assert_int_eq(waitpid(pid, &code, 0), pid);
	ck_assert(WIFEXITED(code));
	ck_assert_int_eq(WEXITSTATUS(code), places[_i].to_syslog);
}
END_TEST

SUITE("log",
    { each_value, ROWS(values), NULL, NULL },
    { kinds_of_values, 1, NULL, NULL },
    { each_length, ROWS(lengths), NULL, NULL },
    { long_line, 1, NULL, NULL },
    { each_place, ROWS(places), NULL, NULL })
