/*
 * floor - the least that can be done to a session; no server for real mail
 *
 * It believes its client (load): commands come whole, nothing is checked, the
 * data ends where the last octets read are CRLF.CRLF.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCK = 65536 };

struct output {
	size_t length;
	char text[4096];
};

static void
reply(struct output *out, const char *line)
{
	size_t length = strlen(line);

	if (out->length + length > sizeof out->text)
		return;
	memcpy(out->text + out->length, line, length);
	out->length += length;
}

static int
flush(struct output *out)
{
	ssize_t n = write(1, out->text, out->length);

	out->length = 0;
	return n > 0;
}

static pid_t
start(const char *program, const int *message, const int *envelope)
{
	pid_t child = vfork();

	if (child == 0) {
		dup2(message[0], 0);
		dup2(envelope[0], 1);
		close(message[0]);
		close(message[1]);
		close(envelope[0]);
		close(envelope[1]);
		execl(program, program, (char *)NULL);
		_exit(111);
	}
	close(message[0]);
	close(envelope[0]);
	return child;
}

static int
copy(int fd)
{
	char block[4 + BLOCK];	/* the last four octets come first */
	ssize_t n;
	int more;

	memset(block, 0, 4);

	do {
		n = read(0, block + 4, BLOCK);
		if (n <= 0 || write(fd, block + 4, n) != n)
			return 0;
		more = memcmp(block + n - 1, "\r\n.\r\n", 5) != 0;
		memmove(block, block + n, 4);
	} while (more);
	return 1;
}

static int
data(struct output *out, const char *program)
{
	static const char addresses[] = "Fs@client.example\0Tr@bench.example\0";
	int message[2], envelope[2], status = -1;
	pid_t child;

	if (program == NULL || pipe(message) == -1 || pipe(envelope) == -1)
		return 0;
	child = start(program, message, envelope);
	reply(out, "354 go ahead\r\n");
	if (child == -1 || !flush(out) || !copy(message[1]))
		return 0;
	close(message[1]);
	if (write(envelope[1], addresses, sizeof addresses) == -1)
		return 0;
	close(envelope[1]);
	waitpid(child, &status, 0);
	reply(out, status == 0 ? "250 ok\r\n" : "451 no\r\n");
	return 1;
}

int
main(void)
{
	struct output out = { 0 };
	char in[4096], *line;
	ssize_t n;

	reply(&out, "220 floor ESMTP\r\n");
	while (flush(&out) && (n = read(0, in, sizeof in - 1)) > 0) {
		in[n] = '\0';
		for (line = in; *line; line += strcspn(line, "\n") + 1) {
			if (*line == 'Q') {
				reply(&out, "221 floor\r\n");
				return !flush(&out);
			} else if (*line == 'E')
				reply(&out, "250-floor\r\n250 PIPELINING\r\n");
			else if (*line == 'R' && in + n - line > 30 &&
			    memmem(line, strcspn(line, "\n"), "@refused", 8))
				reply(&out, "553 no\r\n");
			else if (*line != 'D')
				reply(&out, "250 ok\r\n");
			else if (!data(&out, getenv("QMAILQUEUE")))
				return 1;
		}
	}
	return 1;
}
