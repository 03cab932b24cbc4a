/* link - a byte stream with deadlines */
#include "net/link.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

struct link {
	int in, out;
	int in_is_socket, out_is_socket;
	int in_waits, out_waits;	/* the kernel keeps the time-out */
	unsigned timeout_s;
	enum link_end end;
	int is_deaf;		/* the other side takes nothing more */
	size_t first, last;	/* the octets of `buffer` that wait */
	size_t touched;		/* how many of them ever held something */
	size_t collected;
	char output[LINK_OUTPUT];
	char buffer[LINK_BUFFER];
};

/*
 * A time-out that the kernel keeps is set once and costs no poll() later.
 * There is none on what is no socket, or was set not to block by whoever
 * started us, and then poll() does the waiting.
 */
static void
prepare(int fd, int option, unsigned timeout_s, int *is_socket, int *waits)
{
	struct timeval timeout = { .tv_sec = timeout_s };
	int flags = fcntl(fd, F_GETFL);

	*is_socket = setsockopt(fd, SOL_SOCKET, option, &timeout,
	    sizeof timeout) == 0;
	*waits = *is_socket && flags != -1 && (flags & O_NONBLOCK) == 0;
}

static void
start(struct link *link, int in, int out)
{
	link->in = in;
	link->out = out;
	link->end = LINK_IS_OPEN;
	link->is_deaf = 0;
	link->first = link->last = link->touched = link->collected = 0;
	prepare(in, SO_RCVTIMEO, link->timeout_s, &link->in_is_socket,
	    &link->in_waits);
	prepare(out, SO_SNDTIMEO, link->timeout_s, &link->out_is_socket,
	    &link->out_waits);
}

struct link *
link_open(int in, int out, unsigned timeout_s)
{
	struct link *link = malloc(sizeof *link);

	if (link == NULL)
		return NULL;
	link->timeout_s = timeout_s;
	start(link, in, out);
	return link;
}

void
link_switch(struct link *link, int in, int out)
{
	explicit_bzero(link->buffer, link->touched > link->last ?
	    link->touched : link->last);
	explicit_bzero(link->output, link->collected);
	start(link, in, out);
}

void
link_close(struct link *link)
{
	free(link);
}

char *
link_input(const struct link *link, size_t *len)
{
	*len = link->last - link->first;
	return (char *)link->buffer + link->first;
}

void
link_consume(struct link *link, size_t len)
{
	if (link->touched < link->last)
		link->touched = link->last;
	link->first += len;
	if (link->first == link->last)
		link->first = link->last = 0;
}

void
link_wipe(struct link *link)
{
	explicit_bzero(link->buffer, link->first);
	if (link->touched > link->last)
		explicit_bzero(link->buffer + link->last,
		    link->touched - link->last);
}

enum link_end
link_ended(const struct link *link)
{
	return link->end;
}

static int
wait_for(int fd, short events, int64_t ms)
{
	struct pollfd poll_fd = { fd, events, 0 };
	int result;

	do
		result = poll(&poll_fd, 1, ms > INT_MAX ? INT_MAX : (int)ms);
	while (result == -1 && errno == EINTR);
	return result;
}

static enum status
ended(struct link *link, enum link_end end)
{
	link->end = end;
	return TEMPFAIL;
}

/* Wait for input where the kernel's own time-out does not serve. */
static enum status
await_input(struct link *link, struct deadline until)
{
	int64_t left = deadline_left_ms(until);
	int64_t timeout = (int64_t)link->timeout_s * 1000;
	int result;

	if (left == 0)
		return ended(link, LINK_TIMEOUT);
	if (link->in_waits && left >= timeout)
		return OK;
	result = wait_for(link->in, POLLIN, left < timeout ? left : timeout);
	if (result == 0)
		return ended(link, LINK_TIMEOUT);
	return result > 0 ? OK : ended(link, LINK_BROKEN);
}

/* Move what waits to the front when the end is reached; how much fits. */
static size_t
make_room(struct link *link)
{
	if (link->first > 0 && link->last == sizeof link->buffer) {
		link->touched = link->last;
		link->last -= link->first;
		memmove(link->buffer, link->buffer + link->first, link->last);
		link->first = 0;
	}
	return sizeof link->buffer - link->last;
}

enum status
link_fill(struct link *link, struct deadline until)
{
	ssize_t len;

	if (link->end != LINK_IS_OPEN)
		return TEMPFAIL;
	if (make_room(link) == 0)
		return PERMFAIL;
	do {
		if (await_input(link, until) != OK)
			return TEMPFAIL;
		len = read(link->in, link->buffer + link->last,
		    sizeof link->buffer - link->last);
	} while (len == -1 && (errno == EINTR ||
	    (errno == EAGAIN && !link->in_waits)));
	if (len > 0) {
		link->last += (size_t)len;
		return OK;
	}
	if (len == 0)
		return ended(link, LINK_EOF);
	return ended(link, errno == EAGAIN ? LINK_TIMEOUT : LINK_BROKEN);
}

int
link_has_input(const struct link *link, int ms)
{
	return link->first < link->last || link_has_more(link, ms);
}

int
link_has_more(const struct link *link, int ms)
{
	struct pollfd poll_fd = { link->in, POLLIN, 0 };
	char octet;

	if (link->end != LINK_IS_OPEN || poll(&poll_fd, 1, ms) != 1)
		return 0;
	/* A closed connection can be read too, but holds nothing. */
	if (link->in_is_socket)
		return recv(link->in, &octet, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
	return (poll_fd.revents & POLLIN) != 0;
}

enum status
link_hold(struct link *link, struct deadline until)
{
	int64_t left;
	int result = 0;

	if (link->end != LINK_IS_OPEN)
		return TEMPFAIL;
	while (result == 0 && (left = deadline_left_ms(until)) > 0)
		result = wait_for(link->in, POLLRDHUP, left);
	if (result == 0)
		return OK;
	return ended(link, result > 0 ? LINK_EOF : LINK_BROKEN);
}

/* What is written at once never blocks: see pipe(7), PIPE_BUF. */
static ssize_t
write_some(struct link *link, const char *text, size_t len)
{
	if (!link->out_waits) {
		int64_t timeout = (int64_t)link->timeout_s * 1000;

		if (wait_for(link->out, POLLOUT, timeout) != 1) {
			errno = EAGAIN;
			return -1;
		}
		if (len > PIPE_BUF)
			len = PIPE_BUF;
	}
	return write(link->out, text, len);
}

static enum status
write_all(struct link *link, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t written = write_some(link, text, len);

		if (written == -1 && errno == EINTR)
			continue;
		if (written == -1) {
			link->is_deaf = 1;
			return ended(link, errno == EAGAIN ? LINK_TIMEOUT :
			    LINK_BROKEN);
		}
		text += written;
		len -= (size_t)written;
	}
	return OK;
}

enum status
link_put(struct link *link, const char *text, size_t len)
{
	if (link->collected + len > sizeof link->output &&
	    link_flush(link) != OK)
		return TEMPFAIL;
	if (len > sizeof link->output)
		return write_all(link, text, len);
	memcpy(link->output + link->collected, text, len);
	link->collected += len;
	return OK;
}

enum status
link_flush(struct link *link)
{
	size_t len = link->collected;

	link->collected = 0;
	if (link->is_deaf)
		return TEMPFAIL;
	return len == 0 ? OK : write_all(link, link->output, len);
}

/* Read what has come, without waiting. */
static enum status
read_now(struct link *link)
{
	ssize_t len;

	if (make_room(link) == 0)
		return OK;
	len = recv(link->in, link->buffer + link->last,
	    sizeof link->buffer - link->last, MSG_DONTWAIT);
	if (len > 0) {
		link->last += (size_t)len;
		return OK;
	}
	if (len == 0)
		return ended(link, LINK_EOF);
	if (errno == EAGAIN || errno == EINTR)
		return OK;
	return ended(link, LINK_BROKEN);
}

enum status
link_step(struct link *link, const char *text, size_t len, size_t *written,
    struct deadline until)
{
	struct pollfd poll_fd = { link->in, 0, 0 };
	int64_t left = deadline_left_ms(until);
	ssize_t sent;

	*written = 0;
	if (link->end != LINK_IS_OPEN)
		return TEMPFAIL;
	if (len > 0) {
		sent = send(link->out, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent >= 0) {
			*written = (size_t)sent;
			return OK;
		}
		if (errno != EAGAIN && errno != EINTR) {
			/* It may have said why before it hung up. */
			read_now(link);
			return ended(link, LINK_BROKEN);
		}
		poll_fd.events |= POLLOUT;
	}
	if (make_room(link) > 0)
		poll_fd.events |= POLLIN;
	if (left == 0 || poll(&poll_fd, 1, left > INT_MAX ? INT_MAX :
	    (int)left + 1) == 0)
		return ended(link, LINK_TIMEOUT);
	return (poll_fd.revents & (POLLIN | POLLHUP | POLLERR)) != 0 ?
	    read_now(link) : OK;
}

void
link_linger(struct link *link, int ms)
{
	struct deadline until = deadline_in(ms);

	if (link->end != LINK_IS_OPEN || !link_has_input(link, 0))
		return;
	if (link->out_is_socket)
		shutdown(link->out, SHUT_WR);
	do
		link->first = link->last = 0;
	while (link_fill(link, until) == OK);
}
