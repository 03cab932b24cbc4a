/* queue - a mail into qmail-queue(8) */
#include "smtpd/queue.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/child.h"
#include "base/text.h"

#define LARGE_MESSAGE	(256u << 10)	/* octets from which on a larger */
#define LARGE_PIPE	(1 << 20)	/* pipe pays */
#define ABANDON_MS	5000		/* for a program that took nothing */

#define TEXT_CODE	82	/* exit codes by which its text counts */
#define OTHER_TEXT_CODE	88
#define NO_CODE		(-2)	/* the program could not be waited for */

extern char **environ;

static void
close_end(int *end)
{
	if (*end != -1)
		close(*end);
	*end = -1;
}

/* Our end of the pipes to the program never blocks: we wait by poll(). */
static int
make_pipes(int message[2], int envelope[2], int text[2])
{
	return pipe2(message, O_CLOEXEC) == 0 &&
	    pipe2(envelope, O_CLOEXEC) == 0 &&
	    /* Nobody waits on this one: too much text is lost, no more. */
	    pipe2(text, O_CLOEXEC | O_NONBLOCK) == 0 &&
	    fcntl(message[1], F_SETFL, O_NONBLOCK) == 0 &&
	    fcntl(envelope[1], F_SETFL, O_NONBLOCK) == 0;
}

enum status
queue_open(struct queue *queue, const char *program, unsigned timeout_s,
    int *error)
{
	char *const arguments[] = { (char *)program, NULL };
	int message[2] = { -1, -1 }, envelope[2] = { -1, -1 };
	int text[2] = { -1, -1 };
	enum status status = TEMPFAIL;

	memset(queue, 0, sizeof *queue);
	queue->timeout_ms = (int)timeout_s * 1000;
	if (make_pipes(message, envelope, text)) {
		const struct child_fd fds[] = {
			{ message[0], STDIN_FILENO },
			{ envelope[0], STDOUT_FILENO },
			{ text[1], 4 },
			{ text[1], 6 },
		};

		status = child_start(&queue->pid, arguments, environ, fds,
		    sizeof fds / sizeof fds[0], error);
	} else
		*error = errno;
	queue->message = message[1];
	queue->envelope = envelope[1];
	queue->text = text[0];
	close_end(&message[0]);
	close_end(&envelope[0]);
	close_end(&text[1]);
	if (status != OK) {
		close_end(&queue->message);
		close_end(&queue->envelope);
		close_end(&queue->text);
	}
	return status;
}

static int
is_writable(int fd, int timeout_ms)
{
	struct pollfd poll_fd = { fd, POLLOUT, 0 };
	int result;

	do
		result = poll(&poll_fd, 1, timeout_ms);
	while (result == -1 && errno == EINTR);
	return result == 1;
}

/* Drop the first octets of the parts; returns how many parts are done. */
static size_t
advance(struct iovec *parts, size_t count, size_t written)
{
	size_t i;

	for (i = 0; i < count && written >= parts[i].iov_len; i++)
		written -= parts[i].iov_len;
	if (i < count) {
		parts[i].iov_base = (char *)parts[i].iov_base + written;
		parts[i].iov_len -= written;
	}
	return i;
}

static enum status
write_parts(int fd, struct iovec *parts, size_t count, int timeout_ms)
{
	size_t done = advance(parts, count, 0);

	while (done < count) {
		ssize_t written = writev(fd, parts + done,
		    (int)(count - done));

		if (written >= 0)
			done += advance(parts + done, count - done,
			    (size_t)written);
		else if (errno == EAGAIN) {
			if (!is_writable(fd, timeout_ms))
				return TEMPFAIL;
		} else if (errno != EINTR)
			return TEMPFAIL;
	}
	return OK;
}

void
queue_write(struct queue *queue, struct iovec *parts, size_t count)
{
	size_t i;

	if (queue->is_broken)
		return;
	for (i = 0; i < count; i++)
		queue->written += parts[i].iov_len;
	if (!queue->is_large && queue->written > LARGE_MESSAGE) {
		queue->is_large = 1;
		fcntl(queue->message, F_SETPIPE_SZ, LARGE_PIPE);
	}
	queue->is_broken = write_parts(queue->message, parts, count,
	    queue->timeout_ms) != OK;
}

/* What the exit codes of qmail-queue mean (qmail-queue(8)). */
static const struct row {
	int from, to;
	unsigned code;
	const char *enhanced, *text;
} rows[] = {
	{ NO_CODE, NO_CODE, 451, "4.3.0", "qq waitpid surprise (#4.3.0)" },
	{ -1, -1, 451, "4.3.0", "qq crashed (#4.3.0)" },
	{ 11, 11, 554, "5.1.3", "envelope address too long for qq (#5.1.3)" },
	{ 31, 31, 554, "5.3.0",
	    "mail server permanently rejected message (#5.3.0)" },
	{ 12, 40, 554, "5.3.0", "qq permanent problem (#5.3.0)" },
	{ 51, 51, 451, "4.3.0", "qq out of memory (#4.3.0)" },
	{ 52, 52, 451, "4.3.0", "qq timeout (#4.3.0)" },
	{ 53, 53, 451, "4.3.0", "qq write error or disk full (#4.3.0)" },
	{ 54, 54, 451, "4.3.0", "qq read error (#4.3.0)" },
	{ 55, 55, 451, "4.3.0", "qq unable to read configuration (#4.3.0)" },
	{ 56, 56, 451, "4.3.0",
	    "qq trouble making network connection (#4.3.0)" },
	{ 61, 61, 451, "4.3.0", "qq trouble in home directory (#4.3.0)" },
	{ 62, 66, 451, "4.3.0", "qq trouble creating files in queue (#4.3.0)" },
	{ 71, 71, 451, "4.3.0",
	    "mail server temporarily rejected message (#4.3.0)" },
	{ 72, 72, 451, "4.4.1",
	    "connection to mail server timed out (#4.4.1)" },
	{ 73, 73, 451, "4.4.1", "connection to mail server rejected (#4.4.1)" },
	{ 74, 74, 451, "4.4.2",
	    "communication with mail server failed (#4.4.2)" },
	{ 81, 81, 451, "4.3.0", "qq internal bug (#4.3.0)" },
	{ 91, 91, 451, "4.3.0", "qq internal bug (#4.3.0)" },
	{ 115, 115, 554, "5.1.3", "envelope address too long for qq (#5.1.3)" },
	{ 120, 120, 451, "4.3.0", "unable to exec qq (#4.3.0)" },
};

static void
explain(int code, struct reply *reply)
{
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (code >= rows[i].from && code <= rows[i].to) {
			reply_set(reply, rows[i].code, rows[i].enhanced,
			    rows[i].text);
			return;
		}
	reply_set(reply, 451, "4.3.0", "qq temporary problem (#4.3.0)");
}

/*
 * The program's own words: a letter, D for good, anything else for now, and
 * then the text, of which the first line counts.  Its end has exited, so
 * nothing is waited for even when it left a child that holds the pipe.
 */
static void
explain_by_text(struct queue *queue, struct reply *reply, stralloc *text)
{
	char words[QUEUE_TEXT + 1];
	ssize_t len = read(queue->text, words, QUEUE_TEXT);
	const char *line;

	if (len < 3)
		return;
	words[len] = '\0';
	explain(words[0] == 'D' ? 31 : 71, reply);
	line = words + 1 + strspn(words + 1, "\r\n");
	if (!stralloc_copyb(text, line, strcspn(line, "\r\n")) ||
	    text->len == 0)
		return;
	text_make_printable(text->s, text->len);
	if (stralloc_0(text))
		reply->text = text->s;
}

/* `250 2.0.0 ok <time> qp <pid>`: log tools find the mail by it. */
static void
confirm(const struct queue *queue, struct reply *reply, stralloc *text)
{
	char seconds[TEXT_NUMBER], pid[TEXT_NUMBER];

	text_print_number(seconds, (uint64_t)time(NULL));
	text_print_number(pid, (uint64_t)queue->pid);
	/* The mail is taken: nothing may turn that into a failure now. */
	reply_set(reply, 250, "2.0.0", "ok");
	if (stralloc_copym(text, "ok ", seconds, " qp ", pid) &&
	    stralloc_0(text))
		reply->text = text->s;
}

static void
write_envelope(struct queue *queue, const stralloc *reverse_path,
    const stralloc *forward_paths)
{
	char from[] = "F", end[] = "";
	struct iovec parts[] = {
		{ from, 1 },
		{ reverse_path->s, reverse_path->len },
		{ end, 1 },
		{ forward_paths->s, forward_paths->len },
		{ end, 1 },
	};

	if (!queue->is_broken)
		queue->is_broken = write_parts(queue->envelope, parts,
		    sizeof parts / sizeof parts[0], queue->timeout_ms) != OK;
}

int
queue_commit(struct queue *queue, const stralloc *reverse_path,
    const stralloc *forward_paths, struct reply *reply, stralloc *text)
{
	int code, taken = 0;

	close_end(&queue->message);
	write_envelope(queue, reverse_path, forward_paths);
	close_end(&queue->envelope);
	/* Without all of its envelope it cannot take the mail any more. */
	if (child_wait(queue->pid, queue->is_broken ? ABANDON_MS : -1,
	    &code) != OK) {
		queue->is_stuck = queue->is_broken;
		explain(queue->is_broken ? 52 : NO_CODE, reply);
	} else if (code == 0 && queue->is_broken)
		explain(54, reply);
	else if (code == 0) {
		taken = 1;
		confirm(queue, reply, text);
	} else {
		explain(code, reply);
		if (code == TEXT_CODE || code == OTHER_TEXT_CODE)
			explain_by_text(queue, reply, text);
	}
	close_end(&queue->text);
	return taken;
}

int
queue_abort(struct queue *queue)
{
	int code;

	close_end(&queue->message);
	close_end(&queue->envelope);
	close_end(&queue->text);
	return child_wait(queue->pid, ABANDON_MS, &code) == OK;
}
