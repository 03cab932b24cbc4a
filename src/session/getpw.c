/* getpw - ask qmail-getpw who handles a local part */
#include "session/getpw.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/deadline.h"

#define TIME_MS		10000
#define SAID_SIZE	4096	/* more than six strings of a user */

extern char **environ;

static const stralloc *
find_answer(const struct users *users, const stralloc *local)
{
	size_t i, n = users->answered < USERS_ANSWERS ? users->answered :
	    USERS_ANSWERS;

	for (i = 0; i < n; i++)
		if (users->answers[i].local.len == local->len &&
		    memcmp(users->answers[i].local.s, local->s,
		    local->len) == 0)
			return &users->answers[i].said;
	return NULL;
}

static enum status
start(const char *local, int end, pid_t *pid, int *error)
{
	char *const arguments[] = {
		(char *)GETPW_PROGRAM, (char *)local, NULL
	};
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	const struct child_fd fds[] = {
		{ null, STDIN_FILENO }, { end, STDOUT_FILENO },
	};
	enum status status;

	*error = errno;
	if (null == -1)
		return TEMPFAIL;
	status = child_start(pid, arguments, environ, fds,
	    sizeof fds / sizeof fds[0], error);
	close(null);
	return status;
}

/* Read what it says and wait for its end; an errno, or 0. */
static int
collect(pid_t pid, int end, char said[SAID_SIZE], size_t *len)
{
	struct deadline until = deadline_in(TIME_MS);
	int code;

	if (child_read(pid, end, TIME_MS, said, SAID_SIZE, len) != OK ||
	    child_wait(pid, (int)deadline_left_ms(until), &code) != OK) {
		child_kill(pid);
		return ETIMEDOUT;
	}
	return code == 0 && *len > 0 && *len <= SAID_SIZE ? 0 : EPROTO;
}

static int
run(const char *local, char said[SAID_SIZE], size_t *len)
{
	int ends[2], error;
	enum status status;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return errno;
	status = start(local, ends[1], &pid, &error);
	close(ends[1]);
	if (status == OK)
		error = collect(pid, ends[0], said, len);
	close(ends[0]);
	return error;
}

enum status
getpw_ask(struct users *users, struct control *control, const stralloc *local,
    const stralloc **said)
{
	struct users_answer *answer;
	char text[SAID_SIZE];
	size_t len;
	int error;

	*said = find_answer(users, local);
	if (*said != NULL)
		return OK;
	error = run(local->s, text, &len);
	if (error != 0)
		return users_refuse(control, GETPW_PROGRAM, error);
	answer = &users->answers[users->answered % USERS_ANSWERS];
	/* A place that is being filled is no answer to anything. */
	answer->local.len = 0;
	if (!stralloc_copyb(&answer->said, text, len) ||
	    !stralloc_copyb(&answer->local, local->s, local->len))
		return users_refuse(control, GETPW_PROGRAM, ENOMEM);
	users->answered++;
	*said = &answer->said;
	return OK;
}
