/* dial - connect to one address */
#include "net/dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union socket_address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t
fill(union socket_address *socket_address, const struct address *address,
    unsigned port)
{
	memset(socket_address, 0, sizeof *socket_address);
	if (address->family == 6) {
		socket_address->in6.sin6_family = AF_INET6;
		socket_address->in6.sin6_port = htons((uint16_t)port);
		memcpy(&socket_address->in6.sin6_addr, address->octets, 16);
		return sizeof socket_address->in6;
	}
	socket_address->in.sin_family = AF_INET;
	socket_address->in.sin_port = htons((uint16_t)port);
	memcpy(&socket_address->in.sin_addr, address->octets, 4);
	return sizeof socket_address->in;
}

static enum dial_end
judge(int error)
{
	switch (error) {
	case 0:
		return DIAL_CONNECTED;
	case ETIMEDOUT:
		return DIAL_TIMEOUT;
	case EAFNOSUPPORT:
	case EADDRNOTAVAIL:
	case ENETUNREACH:
	case EACCES:
	case EPERM:
		return DIAL_NO_ROUTE;
	default:
		return DIAL_REFUSED;
	}
}

/* Wait for a connection under way; its errno. */
static int
await(int fd, struct deadline until)
{
	struct pollfd poll_fd = { fd, POLLOUT, 0 };
	int error, result;
	socklen_t len = sizeof error;

	do {
		int64_t left = deadline_left_ms(until);

		result = poll(&poll_fd, 1, left > INT_MAX ? INT_MAX :
		    (int)left);
	} while (result == -1 && errno == EINTR);
	if (result == -1)
		return errno;
	if (result == 0)
		return ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		return errno;
	/* Only what was connected is reset: the first read will tell. */
	return error == ECONNRESET ? 0 : error;
}

static int
attempt(int fd, const struct address *to, unsigned port,
    const struct address *from, struct deadline until)
{
	union socket_address socket_address;
	socklen_t len;
	int on = 1;

	if (from != NULL) {
		len = fill(&socket_address, from, 0);
		if (bind(fd, &socket_address.any, len) == -1)
			return errno;
	}
	len = fill(&socket_address, to, port);
	if (connect(fd, &socket_address.any, len) == -1) {
		int error = errno == EINPROGRESS ? await(fd, until) : errno;

		if (error != 0)
			return error;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fcntl(fd, F_SETFL, 0) == -1 ? errno : 0;
}

enum dial_end
dial(const struct address *to, unsigned port, const struct address *from,
    struct deadline until, int *fd, int *error)
{
	int family = to->family == 6 ? AF_INET6 : AF_INET;

	*fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd == -1) {
		*error = errno;
		return judge(errno);
	}
	*error = attempt(*fd, to, port, from, until);
	if (*error != 0)
		close(*fd);
	return judge(*error);
}
