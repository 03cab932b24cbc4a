/*
 * floor-remote - the least that can be done to send; no client for real mail
 *
 * It believes its server (sink): every reply is good and comes whole, lines of
 * the message do not begin with a dot.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BLOCK = 32768, GROUP = 65536 };

static const char end[] = ".\r\nQUIT\r\n";

/* Wait for this many replies, each of any number of lines. */
static int
hear(int fd, size_t replies)
{
	char in[8192];
	ssize_t n, i, column = 0;
	int has_more = 0;

	while (replies > 0 && (n = read(fd, in, sizeof in)) > 0)
		for (i = 0; i < n; i++) {
			if (column++ == 3)
				has_more = in[i] == '-';
			if (in[i] != '\n')
				continue;
			/* The answer to QUIT may be there too. */
			if (!has_more && replies > 0)
				replies--;
			column = 0;
		}
	return replies == 0;
}

static int
say(int fd, const char *text, size_t len)
{
	return write(fd, text, len) == (ssize_t)len;
}

static int
send_message(int fd)
{
	static char in[BLOCK], out[2 * BLOCK + sizeof end];
	char *at = out;
	ssize_t n;

	while ((n = read(0, in, sizeof in)) > 0) {
		const char *from = in, *feed;

		while ((feed = memchr(from, '\n', in + n - from)) != NULL) {
			at = mempcpy(at, from, feed - from);
			at = mempcpy(at, "\r\n", 2);
			from = feed + 1;
		}
		at = mempcpy(at, from, in + n - from);
		if (n < BLOCK)
			break;
		if (!say(fd, out, at - out))
			return 0;
		at = out;
	}
	at = mempcpy(at, end, sizeof end - 1);
	return say(fd, out, at - out);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in server = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	static char group[GROUP];
	char *at = group;
	int fd, i, on = 1, count = argc - 3;

	if (argc < 4)
		return 2;
	server.sin_port = htons(atoi(getenv("PORT")));
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&server, sizeof server) == -1)
		return 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (!hear(fd, 1) || !say(fd, "EHLO floor\r\n", 12) || !hear(fd, 1))
		return 1;
	at = stpcpy(stpcpy(stpcpy(at, "MAIL FROM:<"), argv[2]), ">\r\n");
	for (i = 0; i < count && at < group + GROUP - 1024; i++)
		at = stpcpy(stpcpy(stpcpy(at, "RCPT TO:<"), argv[i + 3]),
		    ">\r\n");
	at = stpcpy(at, "DATA\r\n");
	if (!say(fd, group, at - group) || !hear(fd, count + 2))
		return 1;
	if (!send_message(fd) || !hear(fd, 1))
		return 1;
	for (at = group, i = 0; i < count; i++)
		at = mempcpy(at, "r", 2);
	at = mempcpy(at, "Kfloor\n", 8);
	return !say(1, group, at - group);
}
