/* child - run a program with given pipes */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/deadline.h"

#define MOST_FDS	8
#define OUT_OF_THE_WAY	(CHILD_HIGHEST_FD + 1)
#define KILLED_MS	1000	/* wait for the end of who was killed */
#define NOT_EXECUTED	120	/* the exit code when exec fails */

/* Close all above standard error but the named ones. */
static void
close_others(const struct child_fd *fds, size_t n)
{
	unsigned from = 3;
	size_t i;

	for (i = 0; i < n; i++) {
		if (fds[i].as < 3)
			continue;
		if ((unsigned)fds[i].as > from)
			close_range(from, (unsigned)fds[i].as - 1, 0);
		from = (unsigned)fds[i].as + 1;
	}
	close_range(from, ~0u, 0);
}

/*
 * Between vfork and exec the child borrows our memory: system calls only,
 * and nothing but `error` is written.
 */
static void
become(char *const arguments[], char *const environment[],
    const struct child_fd *fds, size_t n, volatile int *error)
{
	int moved[MOST_FDS];
	sigset_t none;
	size_t i;

	for (i = 0; i < n; i++) {
		moved[i] = fcntl(fds[i].fd, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
		if (moved[i] == -1)
			goto failed;
	}
	for (i = 0; i < n; i++)
		if (dup2(moved[i], fds[i].as) == -1)
			goto failed;
	close_others(fds, n);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(arguments[0], arguments, environment);
failed:
	*error = errno;
	_exit(NOT_EXECUTED);
}

enum status
child_start(pid_t *pid, char *const arguments[], char *const environment[],
    const struct child_fd *fds, size_t n, int *error)
{
	volatile int failed = 0;
	pid_t child;
	int code;

	if (n > MOST_FDS || (n > 0 && fds[n - 1].as > CHILD_HIGHEST_FD)) {
		*error = EINVAL;
		return TEMPFAIL;
	}
	child = vfork();
	if (child == 0)
		become(arguments, environment, fds, n, &failed);
	if (child == -1) {
		*error = errno;
		return TEMPFAIL;
	}
	if (failed != 0) {
		child_wait(child, -1, &code);
		*error = failed;
		return TEMPFAIL;
	}
	*pid = child;
	return OK;
}

/* Whether the child ends in time; where nobody can tell, it has to be asked. */
static int
ends_within(pid_t pid, int ms)
{
	struct pollfd child = { pidfd_open(pid, 0), POLLIN, 0 };
	int result;

	if (child.fd == -1)
		return 1;
	do
		result = poll(&child, 1, ms);
	while (result == -1 && errno == EINTR);
	close(child.fd);
	return result == 1;
}

enum status
child_wait(pid_t pid, int ms, int *code)
{
	int flags = 0, result;
	pid_t done;

	if (ms >= 0 && !ends_within(pid, ms))
		return TEMPFAIL;
	if (ms >= 0)
		flags = WNOHANG;
	do
		done = waitpid(pid, &result, flags);
	while (done == -1 && errno == EINTR);
	if (done != pid)
		return TEMPFAIL;
	*code = WIFEXITED(result) ? WEXITSTATUS(result) : -1;
	return OK;
}

/* Read once; what there is no room for is dropped. */
static ssize_t
take(int end, char *text, size_t size, size_t *len)
{
	char dropped[512];
	int fits = *len < size;
	ssize_t n = read(end, fits ? text + *len : dropped,
	    fits ? size - *len : sizeof dropped);

	if (n > 0)
		*len += (size_t)n;
	return n;
}

enum status
child_read(pid_t pid, int end, int64_t ms, char *text, size_t size,
    size_t *len)
{
	struct deadline until = deadline_in(ms);
	struct pollfd fds[] = {
		{ end, POLLIN, 0 }, { pidfd_open(pid, 0), POLLIN, 0 }
	};
	enum status status = TEMPFAIL;
	int64_t left;

	*len = 0;
	fcntl(end, F_SETFL, O_NONBLOCK);
	while (status != OK && (left = deadline_left_ms(until)) > 0) {
		int waits, ended;
		ssize_t n;

		waits = poll(fds, 2, (int)left);
		/* Whom it started may hold the end when it is gone. */
		ended = waits > 0 && fds[1].revents != 0;
		n = take(end, text, size, len);
		if (n == 0 || (n == -1 && errno != EINTR &&
		    (errno != EAGAIN || ended)))
			status = OK;
	}
	if (fds[1].fd != -1)
		close(fds[1].fd);
	return status;
}

enum status
child_kill(pid_t pid)
{
	int code;

	if (kill(pid, SIGKILL) == -1)
		return TEMPFAIL;
	return child_wait(pid, KILLED_MS, &code);
}
