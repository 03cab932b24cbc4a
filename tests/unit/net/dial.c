#include "net/dial.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../suite.h"

#define LONG_MS		60000	/* a deadline that no test waits for */
#define SOON_MS		100	/* a wait for what does not come */

union name {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static struct address
address_of(const char *text)
{
	struct address address;

	ck_assert_int_eq(address_parse(text, strlen(text), &address), OK);
	return address;
}

/* A socket on the loopback interface and its port; -1: no such family here. */
static int
make_server(int family, unsigned *port)
{
	union name name;
	socklen_t len = family == 6 ? sizeof name.in6 : sizeof name.in;
	int fd = socket(family == 6 ? AF_INET6 : AF_INET,
	    SOCK_STREAM | SOCK_CLOEXEC, 0);

	memset(&name, 0, sizeof name);
	name.any.sa_family = family == 6 ? AF_INET6 : AF_INET;
	if (family == 6)
		name.in6.sin6_addr = in6addr_loopback;
	else
		name.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, &name.any, len) == -1 ||
	    getsockname(fd, &name.any, &len) == -1) {
		if (fd != -1)
			close(fd);
		return -1;
	}
	*port = ntohs(family == 6 ? name.in6.sin6_port : name.in.sin_port);
	return fd;
}

static const char *const loopbacks[] = { "127.0.0.1", "::1" };

/* The next descriptor that would be opened: what was closed is free again. */
static int
next_descriptor(void)
{
	int fd = dup(STDIN_FILENO);

	close(fd);
	return fd;
}

START_TEST(connects)
{
	struct address to = address_of(loopbacks[_i]);
	int server, client, fd = -1, error = 0, on = 0;
	socklen_t len = sizeof on;
	unsigned port = 0;
	char octet;

	server = make_server(_i == 0 ? 4 : 6, &port);
	/* This machine may have no IPv6. */
	if (server == -1 && _i == 1)
		return;
	ck_assert_int_eq(listen(server, 5), 0);
	ck_assert_int_eq(dial(&to, port, NULL, deadline_in(LONG_MS), &fd,
	    &error), DIAL_CONNECTED);
	client = accept(server, NULL, NULL);
	ck_assert_int_ne(client, -1);
	ck_assert_int_eq(write(fd, "x", 1), 1);
	ck_assert_int_eq(read(client, &octet, 1), 1);
	ck_assert_int_eq(octet, 'x');
	/* It blocks, knows no delay, and is not for programs that we run. */
	ck_assert_int_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	ck_assert_int_eq(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &len),
	    0);
	ck_assert_int_ne(on, 0);
	close(fd);
	close(client);
	close(server);
}
END_TEST

/* From the address that we were told, where the host sees it. */
START_TEST(connects_from)
{
	struct address to = address_of("127.0.0.1");
	struct address from = address_of("127.0.0.9");
	int server, client, fd = -1, error = 0;
	union name name;
	socklen_t len = sizeof name;
	unsigned port = 0;

	server = make_server(4, &port);
	ck_assert_int_ne(server, -1);
	ck_assert_int_eq(listen(server, 5), 0);
	ck_assert_int_eq(dial(&to, port, &from, deadline_in(LONG_MS), &fd,
	    &error), DIAL_CONNECTED);
	client = accept(server, &name.any, &len);
	ck_assert_int_ne(client, -1);
	ck_assert_uint_eq(ntohl(name.in.sin_addr.s_addr), 0x7f000009);
	close(fd);
	close(client);
	close(server);
}
END_TEST

/* Nobody listens there. */
START_TEST(is_refused)
{
	struct address to = address_of(loopbacks[_i]);
	int server, fd = -1, error = 0, before;
	unsigned port = 0;

	server = make_server(_i == 0 ? 4 : 6, &port);
	if (server == -1 && _i == 1)
		return;
	before = next_descriptor();
	ck_assert_int_eq(dial(&to, port, NULL, deadline_in(LONG_MS), &fd,
	    &error), DIAL_REFUSED);
	ck_assert_int_eq(error, ECONNREFUSED);
	ck_assert_int_eq(next_descriptor(), before);
	close(server);
}
END_TEST

/* A server whose queue is full does not answer at all. */
START_TEST(times_out)
{
	struct address to = address_of("127.0.0.1");
	int server, fd = -1, error = 0, before, fds[8], n;
	int64_t began;
	enum dial_end end = DIAL_CONNECTED;
	unsigned port = 0;

	server = make_server(4, &port);
	ck_assert_int_ne(server, -1);
	ck_assert_int_eq(listen(server, 0), 0);
	for (n = 0; n < 8 && end == DIAL_CONNECTED; n++) {
		before = next_descriptor();
		began = clock_ms();
		end = dial(&to, port, NULL, deadline_in(SOON_MS), &fd, &error);
		if (end == DIAL_CONNECTED)
			fds[n] = fd;
	}
	ck_assert_int_eq(end, DIAL_TIMEOUT);
	ck_assert_int_eq(error, ETIMEDOUT);
	ck_assert_int_ge(clock_ms() - began, SOON_MS - 1);
	ck_assert_int_lt(clock_ms() - began, LONG_MS / 2);
	ck_assert_int_eq(next_descriptor(), before);
	/* A deadline that has passed is not waited for. */
	began = clock_ms();
	ck_assert_int_eq(dial(&to, port, NULL, deadline_in(-1000), &fd,
	    &error), DIAL_TIMEOUT);
	ck_assert_int_lt(clock_ms() - began, LONG_MS / 2);
	while (n-- > 1)
		close(fds[n - 1]);
	close(server);
}
END_TEST

/* What is wrong at our side is no fault of the host, and no time-out. */
static const struct {
	const char *to, *from;
} no_routes[] = {
	/* Addresses of documentation, which are not ours. */
	{ "127.0.0.1", "203.0.113.77" },
	{ "::1", "2001:db8::77" },
	/* A broadcast is not allowed without being asked for. */
	{ "255.255.255.255", NULL },
};

START_TEST(each_no_route)
{
	struct address to = address_of(no_routes[_i].to), from;
	int fd = -1, error = 0, before = next_descriptor();

	if (no_routes[_i].from != NULL)
		from = address_of(no_routes[_i].from);
	ck_assert_int_eq(dial(&to, 25, no_routes[_i].from != NULL ? &from :
	    NULL, deadline_in(LONG_MS), &fd, &error), DIAL_NO_ROUTE);
	ck_assert_int_ne(error, 0);
	ck_assert_int_eq(next_descriptor(), before);
}
END_TEST

/* No descriptor is left: an error of ours, and nothing is closed. */
START_TEST(no_descriptor)
{
	struct address to = address_of("127.0.0.1");
	int fds[4096], n = 0, fd = -1, error = 0;

	while (n < 4096 && (fds[n] = dup(STDIN_FILENO)) != -1)
		n++;
	if (n < 4096) {
		ck_assert_int_ne(dial(&to, 25, NULL, deadline_in(LONG_MS),
		    &fd, &error), DIAL_CONNECTED);
		ck_assert_int_eq(error, EMFILE);
	}
	while (n-- > 0)
		close(fds[n]);
}
END_TEST

SUITE("dial",
    { connects, ROWS(loopbacks), NULL, NULL },
    { connects_from, 1, NULL, NULL },
    { is_refused, ROWS(loopbacks), NULL, NULL },
    { times_out, 1, NULL, NULL },
    { each_no_route, ROWS(no_routes), NULL, NULL },
    { no_descriptor, 1, NULL, NULL })
