/*
 * sink - a server for the bench: takes one session after the other and counts
 *
 * It knows the octets that a client must send after 354 and compares every
 * one.  What came while it waited is answered in one write: a round trip.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 1 << 18, LINE = 2048, REPLIES = 65536, PATIENCE = 120 /* s */ };

struct sink {
	const char *wire;	/* mail data with its end */
	size_t size;
	long delay_ms;
	int pipelining;
	unsigned long sessions, messages, recipients, rounds, wrong;
	unsigned long long octets;
};

struct session {
	int fd, in_data, has_quit;
	unsigned int recipients;
	size_t at, used;	/* of the wire; of replies */
	int is_awaited;		/* a reply that no client may go on without */
	size_t have;		/* octets of an unfinished command */
	char line[LINE], replies[REPLIES];
};

static void
reply(struct session *s, const char *text)
{
	size_t len = strlen(text);

	if (s->used + len > sizeof s->replies)
		abort();
	memcpy(s->replies + s->used, text, len);
	s->used += len;
}

static void
wait_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&t, &t) == -1)
		;
}

/* The client may be gone: it need not wait for the answer to QUIT. */
static void
flush(struct sink *sink, struct session *s)
{
	if (s->used > 0 && send(s->fd, s->replies, s->used, MSG_NOSIGNAL) ==
	    (ssize_t)s->used)
		sink->rounds += s->is_awaited;
	s->used = 0;
	s->is_awaited = 0;
}

static void
complain(struct sink *sink, const char *what, const char *line)
{
	if (sink->wrong++ == 0)
		fprintf(stderr, "sink: %s%s\n", what, line);
}

static void
command(struct sink *sink, struct session *s)
{
	const char *line = s->line;

	s->is_awaited |= strncasecmp(line, "QUIT", 4) != 0;
	if (strncasecmp(line, "EHLO ", 5) == 0) {
		reply(s, "250-sink.bench.example\r\n");
		if (sink->pipelining)
			reply(s, "250-PIPELINING\r\n");
		reply(s, "250-SIZE 0\r\n250 8BITMIME\r\n");
	} else if (strncasecmp(line, "HELO ", 5) == 0)
		reply(s, "250 sink.bench.example\r\n");
	else if (strncasecmp(line, "MAIL FROM:<", 11) == 0)
		reply(s, "250 ok\r\n");
	else if (strncasecmp(line, "RCPT TO:<", 9) == 0) {
		s->recipients++;
		reply(s, "250 ok\r\n");
	} else if (strncasecmp(line, "DATA", 4) == 0 && s->recipients > 0) {
		reply(s, "354 go ahead\r\n");
		s->in_data = 1;
		s->at = 0;
	} else if (strncasecmp(line, "QUIT", 4) == 0) {
		reply(s, "221 bye\r\n");
		s->has_quit = 1;
	} else {
		reply(s, "500 no\r\n");
		complain(sink, "no such command: ", line);
	}
}

/* How many of the octets were mail data. */
static size_t
data(struct sink *sink, struct session *s, const char *text, size_t len)
{
	if (len > sink->size - s->at)
		len = sink->size - s->at;
	if (memcmp(text, sink->wire + s->at, len) != 0) {
		complain(sink, "the mail data is not what it should be", "");
		s->has_quit = 1;
		return len;
	}
	s->at += len;
	if (s->at == sink->size) {
		reply(s, "250 ok\r\n");
		s->is_awaited = 1;
		s->in_data = 0;
		sink->messages++;
		sink->recipients += s->recipients;
		s->recipients = 0;
	}
	return len;
}

static void
take(struct sink *sink, struct session *s, const char *text, size_t len)
{
	while (len > 0 && !s->has_quit) {
		size_t n = 1;

		if (s->in_data)
			n = data(sink, s, text, len);
		else if (s->have == LINE - 1) {
			complain(sink, "a command is too long", "");
			s->has_quit = 1;
		} else if ((s->line[s->have++] = *text) == '\n') {
			s->line[s->have] = '\0';
			command(sink, s);
			s->have = 0;
		}
		text += n;
		len -= n;
	}
}

static void
serve(struct sink *sink, int fd)
{
	static char block[BLOCK];
	const struct timeval patience = { .tv_sec = PATIENCE };
	struct session s = { .fd = fd, .is_awaited = 1 };
	ssize_t n;
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	sink->sessions++;
	wait_ms(sink->delay_ms);
	reply(&s, "220 sink.bench.example ESMTP\r\n");
	flush(sink, &s);
	while (!s.has_quit && (n = recv(fd, block, BLOCK, 0)) > 0) {
		sink->octets += (size_t)n;
		take(sink, &s, block, (size_t)n);
		if (s.used == 0)
			continue;
		if (sink->delay_ms > 0 && s.is_awaited)
			wait_ms(sink->delay_ms);
		/* A client that is ahead of the replies is not kept waiting. */
		while (!s.has_quit && s.used < REPLIES / 2 &&
		    (n = recv(fd, block, BLOCK, MSG_DONTWAIT)) > 0) {
			sink->octets += (size_t)n;
			take(sink, &s, block, (size_t)n);
		}
		flush(sink, &s);
	}
	if (!s.has_quit)
		complain(sink, "the client left without QUIT", "");
	flush(sink, &s);
	close(fd);
}

static int
map_wire(struct sink *sink, const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat facts;

	if (fd == -1 || fstat(fd, &facts) == -1)
		return 0;
	sink->size = (size_t)facts.st_size;
	sink->wire = mmap(NULL, sink->size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	return sink->wire != MAP_FAILED;
}

/* A socket of loopback; its port goes to standard output. */
static int
open_listener(void)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&at, sizeof at) == -1 ||
	    listen(fd, 100) == -1 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) == -1)
		return -1;
	printf("%d\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

int
main(int argc, char **argv)
{
	struct sink sink = { 0 };
	struct pollfd both[2] = { { 0, POLLIN, 0 }, { 0, POLLIN, 0 } };

	if (argc != 4) {
		fprintf(stderr, "usage: sink WIRE DELAY-MS PIPELINING\n"
		    "until standard input ends; then it prints sessions, "
		    "messages, recipients,\nround trips and octets\n");
		return 2;
	}
	sink.delay_ms = atol(argv[2]);
	sink.pipelining = atoi(argv[3]);
	both[1].fd = open_listener();
	if (!map_wire(&sink, argv[1]) || both[1].fd == -1) {
		perror("sink");
		return 1;
	}
	while (poll(both, 2, -1) > 0 && both[0].revents == 0) {
		int fd = accept4(both[1].fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd != -1)
			serve(&sink, fd);
	}
	printf("%lu %lu %lu %lu %llu\n", sink.sessions, sink.messages,
	    sink.recipients, sink.rounds, sink.octets);
	return sink.wrong > 0;
}
