/* checker - ask the checkpassword program */
#include "smtpd/checker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/deadline.h"

#define MESSAGE_FD	3	/* where the program reads */
#define MISUSED		2	/* exit code: called wrongly */
#define LAST_BAD	99	/* from 100 on: trouble, 111 above all */
#define MOST_ARGUMENTS	16

extern char **environ;

static void
close_end(int end)
{
	if (end != -1)
		close(end);
}

/*
 * The program's own name is the path that was found, the other arguments are
 * as they came.  Its standard input and output are not the connection.
 */
static enum status
start(const struct auth *auth, int message, pid_t *pid, const char **why)
{
	char *arguments[MOST_ARGUMENTS + 1] = { auth->path.s };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), error;
	const struct child_fd fds[] = {
		{ null, STDIN_FILENO },
		{ null, STDOUT_FILENO },
		{ message, MESSAGE_FD },
	};
	enum status status = TEMPFAIL;
	size_t i;

	for (i = 1; i < MOST_ARGUMENTS && auth->program[i] != NULL; i++)
		arguments[i] = auth->program[i];
	if (null == -1)
		*why = strerror(errno);
	else if (auth->program[i] != NULL)
		*why = "too many arguments";
	else {
		status = child_start(pid, arguments, environ, fds,
		    sizeof fds / sizeof fds[0], &error);
		if (status != OK)
			*why = strerror(error);
	}
	close_end(null);
	return status;
}

/* All of the message, or as much as the program takes in time. */
static enum status
write_message(int end, const char *message, size_t len, struct deadline until)
{
	while (len > 0) {
		struct pollfd room = { end, POLLOUT, 0 };
		ssize_t written = write(end, message, len);

		if (written >= 0) {
			message += written;
			len -= (size_t)written;
		} else if (errno == EAGAIN) {
			int64_t left = deadline_left_ms(until);

			if (left == 0 || (poll(&room, 1, (int)left) == -1 &&
			    errno != EINTR))
				return TEMPFAIL;
		} else if (errno != EINTR)
			/* It may know enough already. */
			return errno == EPIPE ? OK : TEMPFAIL;
	}
	return OK;
}

static enum check
judge(int code, const char **why)
{
	if (code == 0)
		return CHECK_GOOD;
	if (code > 0 && code <= LAST_BAD && code != MISUSED)
		return CHECK_BAD;
	*why = code < 0 ? "the program crashed" : "the program failed";
	return CHECK_FAILED;
}

enum check
checker_ask(const struct auth *auth, const char *message, size_t len,
    int *code, const char **why)
{
	struct deadline until = deadline_in((int64_t)auth->timeout_s * 1000);
	int ends[2] = { -1, -1 };
	enum status status = TEMPFAIL;
	pid_t pid = -1;

	*code = CHECK_NO_CODE;
	*why = "";
	if (pipe2(ends, O_CLOEXEC) == -1 ||
	    fcntl(ends[1], F_SETFL, O_NONBLOCK) == -1)
		*why = strerror(errno);
	else
		status = start(auth, ends[0], &pid, why);
	close_end(ends[0]);
	if (status == OK)
		status = write_message(ends[1], message, len, until);
	close_end(ends[1]);
	if (pid == -1)
		return CHECK_FAILED;
	if (status == OK)
		status = child_wait(pid, (int)deadline_left_ms(until), code);
	if (status == OK)
		return judge(*code, why);
	*why = child_kill(pid) == OK ? "the program took too long" :
	    "the program took too long and cannot be killed";
	return CHECK_FAILED;
}
