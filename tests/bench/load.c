/* load - SMTP sessions as a client of today has them, every reply checked */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 4096, WIDTH = 72, PATIENCE = 120 /* s */ };

static const struct scenario {
	const char *name;
	unsigned int messages, recipients;
	size_t size;		/* octets of one message, CRLF counted */
	const char *domain;	/* "refused" is in no list of the server */
} scenarios[] = {
	{ "connect", 0, 0, 0, "" },
	{ "message", 1, 1, 1024, "bench.example" },
	{ "hundred", 100, 1, 4096, "bench.example" },
	{ "large", 1, 1, 50000000, "bench.example" },
	{ "recipients", 1, 50, 1024, "bench.example" },
	{ "refused", 1, 1, 0, "refused.example" },
};

/* What is sent, made once: the envelope's commands, the codes they earn. */
struct script {
	const struct scenario *scenario;
	char *envelope, *codes, *message;
	size_t size;
	unsigned short port;
	char **program;
};

struct connection {
	int fd;
	pid_t child;
	int pipelining;
	size_t used, have;
	char in[LINE];
};

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static int
put(struct connection *c, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t n = send(c->fd, text, length, MSG_NOSIGNAL);

		if (n <= 0) {
			perror("load: send");
			return 0;
		}
		text += n;
		length -= n;
	}
	return 1;
}

/* One line of the server in `line`, without its CRLF. */
static int
get(struct connection *c, char *line)
{
	size_t length = 0;

	for (;;) {
		if (c->used == c->have) {
			ssize_t n = read(c->fd, c->in, sizeof c->in);

			if (n <= 0) {
				fprintf(stderr, "load: the server %s\n",
				    n == 0 ? "closed" : "is silent");
				return 0;
			}
			c->used = 0;
			c->have = n;
		}
		line[length] = c->in[c->used++];
		if (line[length] == '\n')
			break;
		if (++length == LINE - 1)
			break;
	}
	if (length == 0 || line[length - 1] != '\r') {
		fprintf(stderr, "load: a reply without CRLF\n");
		return 0;
	}
	line[length - 1] = '\0';
	return 1;
}

/* A whole reply, of all its lines; only `code` is good. */
static int
expect(struct connection *c, const char *code)
{
	char line[LINE];

	do {
		if (!get(c, line))
			return 0;
		if (strncmp(line, code, 3) != 0 || strlen(line) < 4) {
			fprintf(stderr, "load: not %.3s: %s\n", code, line);
			return 0;
		}
		if (strcasecmp(line + 4, "PIPELINING") == 0)
			c->pipelining = 1;
	} while (line[3] == '-');
	return 1;
}

/* `lines` are CRLF-ended commands, `codes` four characters for each. */
static int
converse(struct connection *c, const char *lines, const char *codes)
{
	if (c->pipelining && !put(c, lines, strlen(lines)))
		return 0;
	for (; *codes; codes += 4) {
		size_t length = strcspn(lines, "\n") + 1;

		if (!c->pipelining && !put(c, lines, length))
			return 0;
		if (!expect(c, codes))
			return 0;
		lines += length;
	}
	return 1;
}

/* The server at the port, or the program of the command line, on a socket. */
static int
open_connection(struct connection *c, const struct script *script)
{
	const struct timeval patience = { .tv_sec = PATIENCE };
	const struct sockaddr_in server = {
		.sin_family = AF_INET,
		.sin_port = htons(script->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int pair[2], on = 1;

	*c = (struct connection){ .fd = -1 };
	if (script->program == NULL) {
		c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (c->fd == -1 || connect(c->fd,
		    (const struct sockaddr *)&server, sizeof server) == -1) {
			perror("load: connect");
			return 0;
		}
		setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	} else {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)
		    == -1 || (c->child = fork()) == -1) {
			perror("load: start");
			return 0;
		}
		if (c->child == 0) {
			dup2(pair[1], 0);
			dup2(pair[1], 1);
			execvp(script->program[0], script->program);
			_exit(127);
		}
		close(pair[1]);
		c->fd = pair[0];
	}
	setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	return 1;
}

/* All but QUIT. */
static int
begin(struct connection *c, const struct script *script)
{
	unsigned int i;

	if (!open_connection(c, script) || !expect(c, "220") ||
	    !converse(c, "EHLO client.example\r\n", "250 "))
		return 0;
	for (i = 0; i < script->scenario->messages; i++) {
		if (!converse(c, script->envelope, script->codes))
			return 0;
		if (script->size > 0 &&
		    (!put(c, script->message, script->size) ||
		    !expect(c, "250")))
			return 0;
	}
	return 1;
}

/* QUIT, and the server closes by itself. */
static int
end(struct connection *c)
{
	int status = 0;
	char rest;

	if (!converse(c, "QUIT\r\n", "221 "))
		return 0;
	if (c->used != c->have || read(c->fd, &rest, 1) != 0) {
		fprintf(stderr, "load: something follows 221\n");
		return 0;
	}
	close(c->fd);
	if (c->child != 0 && (waitpid(c->child, &status, 0) == -1 || status)) {
		fprintf(stderr, "load: the program failed: %d\n", status);
		return 0;
	}
	return 1;
}

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* `count` sessions by `workers` processes, one after the other in each. */
static int
run(const struct script *script, size_t count, size_t workers)
{
	struct connection c;
	double *took, began = now();
	size_t worker, i;
	int status, good = 1;

	took = mmap(NULL, count * sizeof *took, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (took == MAP_FAILED)
		return 0;
	for (worker = 0; worker < workers; worker++) {
		pid_t pid = fork();

		if (pid == -1)
			return 0;
		if (pid > 0)
			continue;
		for (i = worker; i < count; i += workers) {
			double start = now();

			if (!begin(&c, script) || !end(&c))
				_exit(1);
			took[i] = now() - start;
		}
		_exit(0);
	}
	while (wait(&status) > 0)
		good = good && status == 0;
	qsort(took, count, sizeof *took, by_value);
	if (good)
		printf("%.6f %.6f\n", now() - began, took[count / 2]);
	return good;
}

/* `count` sessions at once, kept before QUIT until standard input ends. */
static int
hold(const struct script *script, size_t count)
{
	struct connection *all = calloc(count, sizeof *all);
	struct rlimit files;
	size_t i, begun = 0, ended = 0;
	char rest;

	if (all == NULL || getrlimit(RLIMIT_NOFILE, &files) == -1)
		return 0;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	while (begun < count && begin(&all[begun], script))
		begun++;
	printf("%zu\n", begun);
	fflush(stdout);
	while (read(0, &rest, 1) > 0)
		;
	for (i = 0; i < begun; i++)
		ended += end(&all[i]);
	free(all);
	return ended == count;
}

/* Header and body of `size` octets in lines of 72, then the lone dot. */
static int
write_message(struct script *script, size_t size)
{
	static const char header[] = "From: <sender@client.example>\r\n"
	    "To: <user0@bench.example>\r\nSubject: a message of the bench\r\n"
	    "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
	    "Message-ID: <1@client.example>\r\n\r\n";
	size_t at = sizeof header - 1, column;

	script->message = malloc(size + 3);
	if (script->message == NULL)
		return 0;
	memcpy(script->message, header, at);
	for (column = 0; at < size - 2; at++, column++) {
		char *octet = script->message + at;

		if (column < WIDTH)
			*octet = column % 8 == 7 ? ' ' : 'a' + at % 26;
		else if (column == WIDTH)
			*octet = at == size - 3 ? 'z' : '\r';
		else {
			*octet = '\n';
			column = -1;
		}
	}
	memcpy(script->message + at, "\r\n.\r\n", 5);
	script->size = size + 3;
	return 1;
}

static int
write_script(struct script *script)
{
	const struct scenario *scenario = script->scenario;
	size_t space = (scenario->recipients + 2) * 64;
	char *text = script->envelope = malloc(space);
	char *code = script->codes = malloc(space);
	unsigned int i;

	if (text == NULL || code == NULL)
		return 0;
	text += sprintf(text, "MAIL FROM:<sender@client.example>\r\n");
	code += sprintf(code, "250 ");
	for (i = 0; i < scenario->recipients; i++) {
		text += sprintf(text, "RCPT TO:<user%u@%s>\r\n", i,
		    scenario->domain);
		code += sprintf(code, scenario->size > 0 ? "250 " : "553 ");
	}
	if (scenario->size == 0)
		return 1;
	sprintf(text, "DATA\r\n");
	sprintf(code, "354 ");
	return write_message(script, scenario->size);
}

int
main(int argc, char **argv)
{
	struct script script = { 0 };
	size_t i, count, workers;

	if (argc < 5)
		goto usage;
	for (i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
		if (strcmp(argv[1], scenarios[i].name) == 0)
			script.scenario = &scenarios[i];
	count = strtoul(argv[2], NULL, 10);
	workers = strtoul(argv[3], NULL, 10);
	script.port = strtoul(argv[4], NULL, 10);
	if (script.port == 0)
		script.program = argv + 4;
	if (script.scenario == NULL || count == 0 || !write_script(&script))
		goto usage;
	return !(workers > 0 ? run(&script, count, workers)
	    : hold(&script, count));
usage:
	fprintf(stderr, "usage: load SCENARIO SESSIONS WORKERS PORT\n"
	    "       load SCENARIO SESSIONS WORKERS PROGRAM ARGUMENT...\n"
	    "WORKERS 0: all sessions at once, QUIT when standard input ends\n");
	return 2;
}
