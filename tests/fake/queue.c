/* queue - a qmail-queue that does as the environment says */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/*
 * Without any variable it reads a message (fd 0) and an envelope (fd 1),
 * keeps nothing and exits 0, or 54 when the envelope is not complete.
 *
 * FAKE_QUEUE_DIR=path		a complete mail becomes the folder path/TIME.PID
 *				with the files message, envelope, environment
 *				and process; it is renamed into place when
 *				it is complete
 * FAKE_QUEUE_EXIT=n		reads all, queues nothing, exits n
 * FAKE_QUEUE_SIGNAL=n		reads all, queues nothing, dies by signal n
 * FAKE_QUEUE_TEXT=text		written to the custom text descriptor
 * FAKE_QUEUE_TEXT_FD=4|6	that descriptor; 4
 * FAKE_QUEUE_FLOOD=n		writes n octets x after the text
 * FAKE_QUEUE_GRANDCHILD=s	leaves a grandchild that keeps 4 and 6 open for
 *				s seconds
 * FAKE_QUEUE_BLOCK=place	stops before it reads the message (read), after
 *				its first octet (message), before the envelope
 *				(envelope) or before it exits (exit)
 * FAKE_QUEUE_GATE=fifo		where it stops, it goes on when an octet comes
 *				out of this FIFO; else it stops for good
 * FAKE_QUEUE_CLOSE=early	closes 0 and 1 and exits at once, reads nothing
 * FAKE_QUEUE_SENDER=1		a local part exit-N, signal-N or text-N of the
 *				reverse-path stands for FAKE_QUEUE_EXIT, _SIGNAL
 *				or for _TEXT and exit N: one session, many codes
 * FAKE_QUEUE_LOG=1		says start and end on fd 2
 */

/* Whatever is forgotten ends by itself. */
#define LIFE_S 120
#define ENVELOPE_MAX (1u << 20)

/* Its own descriptors stay away from 4 and 6, also where those are closed. */
#define OWN_FD 10

static char buffer[1 << 16];
static char envelope[ENVELOPE_MAX];

static const char *
setting(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static int
number(const char *name, int otherwise)
{
	const char *value = setting(name);

	return value ? atoi(value) : otherwise;
}

static void
say(const char *what, const char *more)
{
	char line[256];
	int len;

	if (!setting("FAKE_QUEUE_LOG"))
		return;
	len = snprintf(line, sizeof(line), "fake-queue: %s %ld %s\n", what,
	    (long)getpid(), more);
	if (write(2, line, (size_t)len) != len)
		_exit(53);
}

static void
leave(int code)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", code);
	say("end", text);
	_exit(code);
}

static int
open_own(int dir, const char *path, int flags)
{
	int low = openat(dir, path, flags, 0644);
	int fd = low == -1 ? -1 : fcntl(low, F_DUPFD_CLOEXEC, OWN_FD);

	if (fd == -1)
		leave(62);
	close(low);
	return fd;
}

static void
stop_at(const char *place)
{
	const char *block = setting("FAKE_QUEUE_BLOCK");
	const char *gate = setting("FAKE_QUEUE_GATE");
	char octet;
	int fd;

	if (!block || strcmp(block, place) != 0)
		return;
	say("blocked", place);
	if (!gate)
		for (;;)
			pause();
	fd = open_own(AT_FDCWD, gate, O_RDONLY);
	if (read(fd, &octet, 1) != 1)
		leave(61);
	close(fd);
}

static void
put(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n == -1)
			leave(53);
		data += n;
		len -= (size_t)n;
	}
}

static void
put_file(int dir, const char *name, const char *data, size_t len)
{
	int fd = open_own(dir, name, O_WRONLY | O_CREAT | O_EXCL);

	put(fd, data, len);
	close(fd);
}

/* The whole of fd 0, to `fd` where that is not -1. */
static void
read_message(int fd)
{
	size_t want = 1;
	ssize_t n;

	while ((n = read(0, buffer, want)) > 0) {
		if (fd != -1)
			put(fd, buffer, (size_t)n);
		if (want == 1)
			stop_at("message");
		want = sizeof(buffer);
	}
	if (n == -1)
		leave(54);
}

static size_t
read_envelope(void)
{
	size_t len = 0;
	ssize_t n;

	while ((n = read(1, envelope + len, sizeof(envelope) - len)) > 0)
		len += (size_t)n;
	if (n == -1)
		leave(54);
	return len;
}

/* F sender NUL, (T recipient NUL)*, NUL and nothing after. */
static int
is_complete(size_t len)
{
	size_t i = 0;
	char want = 'F';

	while (i < len && envelope[i] == want) {
		const char *end = memchr(envelope + i, 0, len - i);

		if (!end)
			return 0;
		i = (size_t)(end - envelope) + 1;
		want = 'T';
	}
	return want == 'T' && i + 1 == len && envelope[i] == 0;
}

__attribute__((format(printf, 2, 3)))
static void
add(size_t *len, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(buffer + *len, sizeof(buffer) - *len, format, args);
	va_end(args);
	if (n > 0 && (size_t)n < sizeof(buffer) - *len)
		*len += (size_t)n;
}

/* How it was started, as qmail-queue would find it. */
static size_t
describe_process(int argc, char **argv)
{
	struct sigaction action;
	sigset_t mask;
	char cwd[4096];
	size_t len = 0;
	int fd;

	add(&len, "argc %d\nargv0 %s\n", argc, argc ? argv[0] : "");
	add(&len, "cwd %s\n", getcwd(cwd, sizeof(cwd)) ? cwd : "?");
	add(&len, "fds");
	for (fd = 0; fd < 256; fd++)
		if (fcntl(fd, F_GETFD) != -1)
			add(&len, " %d", fd);
	sigaction(SIGPIPE, NULL, &action);
	add(&len, "\nsigpipe %s\n",
	    action.sa_handler == SIG_DFL ? "default" : "ignored");
	sigprocmask(SIG_SETMASK, NULL, &mask);
	add(&len, "sigmask %s\n", sigismember(&mask, SIGPIPE) == 1 ||
	    sigismember(&mask, SIGCHLD) == 1 || sigismember(&mask, SIGTERM) == 1
	    || sigismember(&mask, SIGALRM) == 1 ? "set" : "empty");
	return len;
}

static void
put_environment(int dir)
{
	int fd = open_own(dir, "environment", O_WRONLY | O_CREAT | O_EXCL);
	char **entry;

	for (entry = environ; *entry; entry++) {
		put(fd, *entry, strlen(*entry));
		put(fd, "", 1);
	}
	close(fd);
}

static void
discard(int dir, const char *folder)
{
	static const char *const names[] = {
		"message", "envelope", "environment", "process",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlinkat(dir, names[i], 0);
	rmdir(folder);
}

static void
leave_grandchild(int seconds)
{
	pid_t pid = fork();

	if (pid == -1)
		leave(51);
	if (pid)
		return;
	close(0);
	close(1);
	close(2);
	sleep((unsigned)seconds);
	_exit(0);
}

static void
speak(const char *text)
{
	long flood = number("FAKE_QUEUE_FLOOD", 0);
	int fd = number("FAKE_QUEUE_TEXT_FD", 4);

	if (text && write(fd, text, strlen(text)) == -1)
		say("text", strerror(errno));
	memset(buffer, 'x', sizeof(buffer));
	while (flood > 0) {
		size_t some = flood > 4096 ? 4096 : (size_t)flood;
		ssize_t n = write(fd, buffer, some);

		if (n == -1)
			break;
		flood -= n;
	}
}

/* What the reverse-path orders: 1 and the number if it begins so. */
static int
ordered(const char *word, int *value)
{
	size_t len = strlen(word);

	if (!setting("FAKE_QUEUE_SENDER") ||
	    strncmp(envelope + 1, word, len) != 0)
		return 0;
	*value = atoi(envelope + 1 + len);
	return 1;
}

int
main(int argc, char **argv)
{
	const char *path = setting("FAKE_QUEUE_DIR");
	const char *text = setting("FAKE_QUEUE_TEXT");
	const char *early = setting("FAKE_QUEUE_CLOSE");
	int code = number("FAKE_QUEUE_EXIT", -1);
	int sig = number("FAKE_QUEUE_SIGNAL", 0);
	int grandchild = number("FAKE_QUEUE_GRANDCHILD", 0);
	char folder[4200], place[4200];
	int dir = -1, message = -1;
	size_t process, len;
	struct timespec now;

	alarm(LIFE_S);
	say("start", "");
	process = describe_process(argc, argv);
	signal(SIGPIPE, SIG_IGN);
	if (early) {
		close(0);
		close(1);
		leave(code == -1 ? 0 : code);
	}
	stop_at("read");
	if (path) {
		snprintf(folder, sizeof(folder), "%s/.%ld", path,
		    (long)getpid());
		if (mkdir(folder, 0755) == -1)
			leave(62);
		dir = open_own(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY);
		put_file(dir, "process", buffer, process);
		put_environment(dir);
		message = open_own(dir, "message",
		    O_WRONLY | O_CREAT | O_EXCL);
	}
	read_message(message);
	stop_at("envelope");
	len = read_envelope();
	if (!is_complete(len)) {
		if (path)
			discard(dir, folder);
		leave(54);
	}
	ordered("exit-", &code);
	ordered("signal-", &sig);
	if (ordered("text-", &code))
		text = "Dspoken by the queue (#5.7.1)";
	if (grandchild)
		leave_grandchild(grandchild);
	speak(text);
	stop_at("exit");
	if (path && !sig && code <= 0) {
		put_file(dir, "envelope", envelope, len);
		clock_gettime(CLOCK_MONOTONIC, &now);
		snprintf(place, sizeof(place), "%s/%010ld.%09ld.%ld", path,
		    (long)now.tv_sec, now.tv_nsec, (long)getpid());
		if (rename(folder, place) == -1)
			leave(63);
	} else if (path) {
		discard(dir, folder);
	}
	if (sig) {
		say("end", "by signal");
		signal(sig, SIG_DFL);
		kill(getpid(), sig);
		pause();
	}
	leave(code == -1 ? 0 : code);
}
