#include "net/link.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../suite.h"

#define SOON_MS		50	/* a wait for what does not come */
#define LONG_S		60	/* a time-out that no test waits for */

/* The two ends of a connection: ours, in a link, and the client's. */
enum kind { SOCKET, PIPES, KINDS };
static struct link *ours;
static int in, out, client_in, client_out;

static void
make(enum kind kind, unsigned timeout_s)
{
	int first[2], second[2];

	signal(SIGPIPE, SIG_IGN);
	if (kind == SOCKET) {
		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, first),
		    0);
		in = out = first[0];
		client_in = client_out = first[1];
	} else {
		ck_assert_int_eq(pipe(first), 0);
		ck_assert_int_eq(pipe(second), 0);
		in = first[0];
		client_out = first[1];
		out = second[1];
		client_in = second[0];
	}
	ours = link_open(in, out, timeout_s);
	ck_assert_ptr_nonnull(ours);
}

static void
hang_up(void)
{
	if (client_in != -1)
		close(client_in);
	if (client_out != -1 && client_out != client_in)
		close(client_out);
	client_in = client_out = -1;
}

static void
end(void)
{
	link_close(ours);
	hang_up();
	close(in);
	if (out != in)
		close(out);
	signal(SIGPIPE, SIG_DFL);
}

static void
send_text(const char *text)
{
	ck_assert_int_eq(write(client_out, text, strlen(text)),
	    (ssize_t)strlen(text));
}

/* What the client gets, at most `size` octets; it waits for nothing. */
static size_t
receive(char *text, size_t size)
{
	size_t len = 0;
	ssize_t n;

	ck_assert_int_ne(fcntl(client_in, F_SETFL, O_NONBLOCK), -1);
	while ((n = read(client_in, text + len, size - len)) > 0)
		len += (size_t)n;
	return len;
}

START_TEST(input_is_collected)
{
	char *input;
	size_t len;

	make((enum kind)_i, LONG_S);
	link_input(ours, &len);
	ck_assert_uint_eq(len, 0);
	send_text("abc");
	ck_assert_int_eq(link_fill(ours, deadline_in(60000)), OK);
	send_text("def");
	ck_assert_int_eq(link_fill(ours, deadline_in(60000)), OK);
	input = link_input(ours, &len);
	assert_octets(input, len, "abcdef", 6);
	/* The caller may change what waits. */
	input[2] = 'C';
	link_consume(ours, 2);
	input = link_input(ours, &len);
	assert_octets(input, len, "Cdef", 4);
	link_consume(ours, 4);
	link_input(ours, &len);
	ck_assert_uint_eq(len, 0);
	ck_assert_int_eq(link_ended(ours), LINK_IS_OPEN);
	end();
}
END_TEST

/* A full buffer takes no more until something is consumed. */
START_TEST(buffer_fills)
{
	static char block[LINK_BUFFER];
	size_t sent = 0, len;
	char *input;

	make((enum kind)_i, LONG_S);
	ck_assert_int_ne(fcntl(client_out, F_SETFL, O_NONBLOCK), -1);
	while (sent < sizeof block) {
		ssize_t n;

		memset(block, 'a' + (int)(sent / 4096) % 26, sizeof block);
		n = write(client_out, block, sizeof block - sent < 4096 ?
		    sizeof block - sent : 4096);
		if (n > 0)
			sent += (size_t)n;
		ck_assert_int_eq(link_fill(ours, deadline_in(60000)), OK);
	}
	send_text("XYZ");
	while (link_input(ours, &len), len < LINK_BUFFER)
		ck_assert_int_eq(link_fill(ours, deadline_in(60000)), OK);
	ck_assert_int_eq(link_fill(ours, deadline_in(60000)), PERMFAIL);
	ck_assert_int_eq(link_ended(ours), LINK_IS_OPEN);
	link_consume(ours, LINK_BUFFER - 2);
	ck_assert_int_eq(link_fill(ours, deadline_in(60000)), OK);
	input = link_input(ours, &len);
	ck_assert_uint_eq(len, 5);
	ck_assert_int_eq(input[0], input[1]);
	ck_assert_int_eq(memcmp(input + 2, "XYZ", 3), 0);
	end();
}
END_TEST

/* The client says so much and then nothing. */
START_TEST(deadline_passes)
{
	int64_t before = clock_ms();
	size_t len;

	make((enum kind)_i, LONG_S);
	ck_assert_int_eq(link_fill(ours, deadline_in(SOON_MS)), TEMPFAIL);
	ck_assert_int_eq(link_ended(ours), LINK_TIMEOUT);
	ck_assert_int_ge(clock_ms() - before, SOON_MS);
	/* What has ended stays so, whatever comes. */
	send_text("late");
	ck_assert_int_eq(link_fill(ours, deadline_in(60000)), TEMPFAIL);
	link_input(ours, &len);
	ck_assert_uint_eq(len, 0);
	end();
}
END_TEST

/* Who sends on and on gets no more time than others: input does not help. */
START_TEST(deadline_has_passed)
{
	make((enum kind)_i, LONG_S);
	send_text("here");
	ck_assert_int_eq(link_fill(ours, deadline_in(-1)), TEMPFAIL);
	ck_assert_int_eq(link_ended(ours), LINK_TIMEOUT);
	end();
}
END_TEST

/* A socket that whoever started us set not to block is waited for, too. */
START_TEST(never_blocks)
{
	int first[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    first), 0);
	signal(SIGPIPE, SIG_IGN);
	in = out = first[0];
	client_in = client_out = first[1];
	ours = link_open(in, out, LONG_S);
	send_text("x");
	ck_assert_int_eq(link_fill(ours, deadline_in(LONG_S * 2000)), OK);
	ck_assert_int_eq(link_fill(ours, deadline_in(SOON_MS)), TEMPFAIL);
	ck_assert_int_eq(link_ended(ours), LINK_TIMEOUT);
	ck_assert_int_eq(link_put(ours, "hello", 5), OK);
	ck_assert_int_eq(link_flush(ours), OK);
	end();
}
END_TEST

static void
shorten(int option)
{
	const struct timeval timeout = { .tv_usec = SOON_MS * 1000 };

	ck_assert_int_eq(setsockopt(in, SOL_SOCKET, option, &timeout,
	    sizeof timeout), 0);
}

/* The kernel's own time-out, which is what ends a silent session. */
START_TEST(kernel_times_out)
{
	struct timeval timeout;
	socklen_t len = sizeof timeout;

	make(SOCKET, LONG_S);
	ck_assert_int_eq(getsockopt(in, SOL_SOCKET, SO_RCVTIMEO, &timeout,
	    &len), 0);
	ck_assert_int_eq(timeout.tv_sec, LONG_S);
	ck_assert_int_eq(getsockopt(in, SOL_SOCKET, SO_SNDTIMEO, &timeout,
	    &len), 0);
	ck_assert_int_eq(timeout.tv_sec, LONG_S);
	shorten(SO_RCVTIMEO);
	ck_assert_int_eq(link_fill(ours, deadline_in(LONG_S * 1000 + 1000)),
	    TEMPFAIL);
	ck_assert_int_eq(link_ended(ours), LINK_TIMEOUT);
	end();
}
END_TEST

START_TEST(client_hangs_up)
{
	size_t len;

	make((enum kind)_i, LONG_S);
	send_text("QUIT");
	hang_up();
	ck_assert_int_eq(link_fill(ours, deadline_in(60000)), OK);
	ck_assert_int_eq(link_fill(ours, deadline_in(60000)), TEMPFAIL);
	ck_assert_int_eq(link_ended(ours), LINK_EOF);
	/* What came before the end still waits. */
	link_input(ours, &len);
	ck_assert_uint_eq(len, 4);
	end();
}
END_TEST

/* A client that has said all it will still listens. */
START_TEST(half_closed)
{
	char text[16];

	make((enum kind)_i, LONG_S);
	if (client_in == client_out)
		ck_assert_int_eq(shutdown(client_out, SHUT_WR), 0);
	else {
		close(client_out);
		client_out = -1;
	}
	ck_assert_int_eq(link_fill(ours, deadline_in(60000)), TEMPFAIL);
	ck_assert_int_eq(link_ended(ours), LINK_EOF);
	ck_assert_int_eq(link_put(ours, "bye", 3), OK);
	ck_assert_int_eq(link_flush(ours), OK);
	assert_octets(text, receive(text, sizeof text), "bye", 3);
	end();
}
END_TEST

START_TEST(nobody_reads)
{
	make((enum kind)_i, LONG_S);
	hang_up();
	ck_assert_int_eq(link_put(ours, "hello", 5), OK);
	ck_assert_int_eq(link_flush(ours), TEMPFAIL);
	ck_assert_int_eq(link_ended(ours), LINK_BROKEN);
	ck_assert_int_eq(link_put(ours, "hello", 5), OK);
	ck_assert_int_eq(link_flush(ours), TEMPFAIL);
	ck_assert_int_eq(link_fill(ours, deadline_in(60000)), TEMPFAIL);
	end();
}
END_TEST

/* Output waits until it is flushed or there is no room for more. */
START_TEST(output_is_collected)
{
	static char block[3 * LINK_OUTPUT], seen[8 * LINK_OUTPUT];
	size_t i;

	for (i = 0; i < sizeof block; i++)
		block[i] = (char)('a' + i % 26);
	make((enum kind)_i, LONG_S);
	ck_assert_int_eq(link_flush(ours), OK);
	ck_assert_int_eq(link_put(ours, "one", 3), OK);
	ck_assert_int_eq(link_put(ours, "two", 3), OK);
	ck_assert_uint_eq(receive(seen, sizeof seen), 0);
	ck_assert_int_eq(link_flush(ours), OK);
	assert_octets(seen, receive(seen, sizeof seen), "onetwo", 6);
	/* Just full, then one octet more, then more than there is room. */
	ck_assert_int_eq(link_put(ours, block, LINK_OUTPUT), OK);
	ck_assert_uint_eq(receive(seen, sizeof seen), 0);
	ck_assert_int_eq(link_put(ours, "x", 1), OK);
	assert_octets(seen, receive(seen, sizeof seen), block, LINK_OUTPUT);
	ck_assert_int_eq(link_put(ours, block, sizeof block), OK);
	ck_assert_int_eq(link_put(ours, "y", 1), OK);
	ck_assert_int_eq(link_flush(ours), OK);
	ck_assert_uint_eq(receive(seen, sizeof seen), sizeof block + 2);
	ck_assert_int_eq(seen[0], 'x');
	ck_assert_int_eq(memcmp(seen + 1, block, sizeof block), 0);
	ck_assert_int_eq(seen[sizeof block + 1], 'y');
	end();
}
END_TEST

/* Fill what lies between us and a client that does not read. */
static void
fill_up(void)
{
	static const char block[4096];
	int flags = fcntl(out, F_GETFL);

	ck_assert_int_ne(fcntl(out, F_SETFL, flags | O_NONBLOCK), -1);
	while (write(out, block, sizeof block) > 0)
		;
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_ne(fcntl(out, F_SETFL, flags), -1);
}

START_TEST(client_does_not_read)
{
	int64_t before;

	/* No time-out of a socket is 0: that would be none. */
	make((enum kind)_i, _i == SOCKET ? LONG_S : 0);
	if (_i == SOCKET)
		shorten(SO_SNDTIMEO);
	fill_up();
	ck_assert_int_eq(link_put(ours, "hello", 5), OK);
	ck_assert_int_eq(link_flush(ours), TEMPFAIL);
	ck_assert_int_eq(link_ended(ours), LINK_TIMEOUT);
	/* It gets one time-out, not one for each last word. */
	before = clock_ms();
	ck_assert_int_eq(link_put(ours, "bye", 3), OK);
	ck_assert_int_eq(link_flush(ours), TEMPFAIL);
	ck_assert_int_lt(clock_ms() - before, SOON_MS / 2);
	end();
}
END_TEST

/* A client that was silent for too long is told so. */
START_TEST(last_words_after_timeout)
{
	char text[16];

	make((enum kind)_i, LONG_S);
	ck_assert_int_eq(link_fill(ours, deadline_in(0)), TEMPFAIL);
	ck_assert_int_eq(link_ended(ours), LINK_TIMEOUT);
	ck_assert_int_eq(link_put(ours, "421", 3), OK);
	ck_assert_int_eq(link_flush(ours), OK);
	assert_octets(text, receive(text, sizeof text), "421", 3);
	end();
}
END_TEST

enum input { NOTHING, IN_KERNEL, IN_BUFFER, HUNG_UP, SAID_AND_HUNG_UP };
static const struct {
	enum input input;
	int has;
} inputs[] = {
	{ NOTHING,		0 },
	{ IN_KERNEL,		1 },
	{ IN_BUFFER,		1 },
	/* The end of input is no input. */
	{ HUNG_UP,		0 },
	{ SAID_AND_HUNG_UP,	1 },
};

START_TEST(each_input)
{
	enum input input = inputs[_i / KINDS].input;
	size_t len;

	make((enum kind)(_i % KINDS), LONG_S);
	if (input == IN_KERNEL || input == IN_BUFFER ||
	    input == SAID_AND_HUNG_UP)
		send_text("x");
	if (input == IN_BUFFER)
		ck_assert_int_eq(link_fill(ours, deadline_in(60000)), OK);
	if (input == HUNG_UP || input == SAID_AND_HUNG_UP)
		hang_up();
	ck_assert_int_eq(link_has_input(ours, 0), inputs[_i / KINDS].has);
	ck_assert_int_eq(link_has_input(ours, SOON_MS),
	    inputs[_i / KINDS].has);
	/* What waits here has come already; more is in the kernel. */
	ck_assert_int_eq(link_has_more(ours, 0),
	    inputs[_i / KINDS].has && input != IN_BUFFER);
	/* To look takes nothing. */
	link_input(ours, &len);
	ck_assert_uint_eq(len, input == IN_BUFFER);
	if (input == IN_KERNEL)
		ck_assert_int_eq(link_fill(ours, deadline_in(60000)), OK);
	end();
}
END_TEST

static int say_to;

static void
say(int signal_number)
{
	(void)signal_number;
	if (write(say_to, "x", 1) != 1)
		_exit(1);
}

/* A signal in the middle of waiting ends nothing. */
START_TEST(signal_comes)
{
	struct sigaction action = { .sa_handler = say }, before;
	const struct itimerval soon = {
		.it_value = { .tv_usec = SOON_MS * 1000 }
	};

	make((enum kind)(_i % KINDS), LONG_S);
	say_to = client_out;
	ck_assert_int_eq(sigaction(SIGALRM, &action, &before), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &soon, NULL), 0);
	/* Beyond the time-out, and before it: read() or poll() waits. */
	ck_assert_int_eq(link_fill(ours, deadline_in(_i < KINDS ?
	    LONG_S * 2000 : LONG_S * 500)), OK);
	ck_assert_int_eq(sigaction(SIGALRM, &before, NULL), 0);
	end();
}
END_TEST

/* Last words reach a client that was speaking when the session was closed. */
START_TEST(lingering)
{
	char text[64];

	make((enum kind)_i, LONG_S);
	send_text("RCPT TO:<a@b>\r\n");
	ck_assert_int_eq(link_put(ours, "421", 3), OK);
	ck_assert_int_eq(link_flush(ours), OK);
	link_linger(ours, SOON_MS);
	ck_assert_int_ne(link_ended(ours), LINK_IS_OPEN);
	link_close(ours);
	close(in);
	if (out != in)
		close(out);
	/* The text, and then the end and no error. */
	ck_assert_int_eq(read(client_in, text, sizeof text), 3);
	ck_assert_int_eq(read(client_in, text, sizeof text), 0);
	hang_up();
	signal(SIGPIPE, SIG_DFL);
}
END_TEST

/* Who has said nothing more, or is gone, is not waited for. */
START_TEST(no_lingering)
{
	int64_t before = clock_ms();

	make((enum kind)(_i % KINDS), LONG_S);
	if (_i >= KINDS) {
		send_text("QUIT");
		hang_up();
	}
	link_linger(ours, LONG_S * 1000);
	ck_assert_int_lt(clock_ms() - before, LONG_S * 500);
	end();
}
END_TEST

/* One step after the other: what is sent arrives, what came waits. */
START_TEST(steps)
{
	char text[16];
	size_t len, written;
	const char *input;

	make(SOCKET, LONG_S);
	ck_assert_int_eq(link_step(ours, "EHLO\r\n", 6, &written,
	    deadline_in(LONG_S * 1000)), OK);
	ck_assert_uint_eq(written, 6);
	len = receive(text, sizeof text);
	assert_octets(text, len, "EHLO\r\n", 6);
	send_text("250");
	ck_assert_int_eq(link_step(ours, "", 0, &written,
	    deadline_in(LONG_S * 1000)), OK);
	ck_assert_uint_eq(written, 0);
	send_text(" ok\r\n");
	ck_assert_int_eq(link_step(ours, "", 0, &written,
	    deadline_in(LONG_S * 1000)), OK);
	input = link_input(ours, &len);
	assert_octets(input, len, "250 ok\r\n", 8);
	ck_assert_int_eq(link_ended(ours), LINK_IS_OPEN);
	end();
}
END_TEST

/* Write until the client's side takes no more; how many octets that were. */
static size_t
write_until_full(void)
{
	static const char block[65536];
	size_t total = 0, written;

	while (link_step(ours, block, sizeof block, &written,
	    deadline_in(0)) == OK)
		total += written;
	ck_assert_int_eq(link_ended(ours), LINK_TIMEOUT);
	return total;
}

/* Nobody reads, nobody writes: the deadline ends it. */
START_TEST(step_deadline)
{
	int64_t before = clock_ms();
	size_t written = 1;

	make(SOCKET, LONG_S);
	if (_i == 0) {
		ck_assert_int_eq(link_step(ours, "", 0, &written,
		    deadline_in(SOON_MS)), TEMPFAIL);
		ck_assert_int_ge(clock_ms() - before, SOON_MS - 1);
		ck_assert_int_eq(link_ended(ours), LINK_TIMEOUT);
	} else
		ck_assert_uint_gt(write_until_full(), 0);
	/* A link that has ended is not tried again. */
	ck_assert_int_eq(link_step(ours, "x", 1, &written,
	    deadline_in(LONG_S * 1000)), TEMPFAIL);
	ck_assert_uint_eq(written, 0);
	ck_assert_int_lt(clock_ms() - before, LONG_S * 500);
	end();
}
END_TEST

/* A client that reads only when its own words were heard. */
#define MUCH	(1u << 20)

static int
talk_first(void)
{
	static char block[4096];
	size_t len;
	ssize_t n;

	for (len = 0; len < MUCH; len += (size_t)n)
		if ((n = write(client_out, block, sizeof block)) <= 0)
			return 1;
	for (len = 0; len < MUCH; len += (size_t)n)
		if ((n = read(client_in, block, sizeof block)) <= 0)
			return 2;
	return 0;
}

START_TEST(never_a_deadlock)
{
	static const char text[MUCH];
	size_t sent = 0, heard = 0, written, len;
	int child, status;

	make(SOCKET, LONG_S);
	child = fork();
	ck_assert_int_ne(child, -1);
	if (child == 0) {
		close(in);
		_exit(talk_first());
	}
	hang_up();
	while (sent < MUCH || heard < MUCH) {
		ck_assert_int_eq(link_step(ours, text + sent, MUCH - sent,
		    &written, deadline_in(LONG_S * 1000)), OK);
		sent += written;
		link_input(ours, &len);
		link_consume(ours, len);
		heard += len;
	}
	ck_assert_uint_eq(heard, MUCH);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	end();
}
END_TEST

/* Input that nobody takes fills the buffer and keeps nothing from going out. */
START_TEST(full_of_input)
{
	static char block[LINK_BUFFER];
	size_t sent = 0, len, written;
	ssize_t n;
	char text[16];

	make(SOCKET, LONG_S);
	ck_assert_int_ne(fcntl(client_out, F_SETFL, O_NONBLOCK), -1);
	while (link_input(ours, &len), len < LINK_BUFFER) {
		n = write(client_out, block, 4096);
		sent += n > 0 ? (size_t)n : 0;
		ck_assert_int_eq(link_step(ours, "", 0, &written,
		    deadline_in(LONG_S * 1000)), OK);
	}
	while ((n = write(client_out, block, 4096)) > 0)
		sent += (size_t)n;
	ck_assert_int_eq(link_step(ours, "QUIT", 4, &written,
	    deadline_in(LONG_S * 1000)), OK);
	ck_assert_uint_eq(written, 4);
	len = receive(text, sizeof text);
	assert_octets(text, len, "QUIT", 4);
	ck_assert_uint_gt(sent, LINK_BUFFER);
	/* Once there is room it goes on. */
	link_consume(ours, LINK_BUFFER);
	ck_assert_int_eq(link_step(ours, "", 0, &written,
	    deadline_in(LONG_S * 1000)), OK);
	link_input(ours, &len);
	ck_assert_uint_gt(len, 0);
	end();
}
END_TEST

/* Who hangs up may have said why, whether we read or write when it happens. */
START_TEST(last_words)
{
	size_t written, len;
	const char *input;
	int is_writing = _i == 1;

	make(SOCKET, LONG_S);
	send_text("421 bye\r\n");
	hang_up();
	if (!is_writing)
		ck_assert_int_eq(link_step(ours, "", 0, &written,
		    deadline_in(LONG_S * 1000)), OK);
	ck_assert_int_eq(link_step(ours, "MAIL", is_writing ? 4 : 0, &written,
	    deadline_in(LONG_S * 1000)), TEMPFAIL);
	ck_assert_uint_eq(written, 0);
	ck_assert_int_eq(link_ended(ours), is_writing ? LINK_BROKEN :
	    LINK_EOF);
	input = link_input(ours, &len);
	assert_octets(input, len, "421 bye\r\n", 9);
	end();
}
END_TEST

/* The kernel may still hold an end that comes behind a reply: no more then. */
START_TEST(half_closed_step)
{
	size_t written, len;
	char text[16];

	make(SOCKET, LONG_S);
	ck_assert_int_eq(shutdown(client_out, SHUT_WR), 0);
	/* It hears us as long as we only write. */
	ck_assert_int_eq(link_step(ours, "QUIT", 4, &written,
	    deadline_in(LONG_S * 1000)), OK);
	len = receive(text, sizeof text);
	assert_octets(text, len, "QUIT", 4);
	ck_assert_int_eq(link_step(ours, "", 0, &written,
	    deadline_in(LONG_S * 1000)), TEMPFAIL);
	ck_assert_int_eq(link_ended(ours), LINK_EOF);
	end();
}
END_TEST

/* What was consumed is gone, wherever it was; what waits is not. */
START_TEST(wiping)
{
	static const char text[] = "secret and more";
	char *input, *begin;
	size_t len, i, wiped = 6;

	make(SOCKET, LONG_S);
	ck_assert_int_eq(write(client_out, TEXT(text)), sizeof text - 1);
	ck_assert_int_eq(link_fill(ours, deadline_in(LONG_S * 1000)), OK);
	begin = link_input(ours, &len);
	link_consume(ours, wiped);
	link_wipe(ours);
	input = link_input(ours, &len);
	assert_octets(input, len, text + wiped, sizeof text - 1 - wiped);
	for (i = 0; i < wiped; i++)
		ck_assert_int_eq(begin[i], 0);
	/* A shorter input comes where the longer one was. */
	link_consume(ours, len);
	ck_assert_int_eq(write(client_out, "x", 1), 1);
	ck_assert_int_eq(link_fill(ours, deadline_in(LONG_S * 1000)), OK);
	link_wipe(ours);
	input = link_input(ours, &len);
	assert_octets(input, len, "x", 1);
	for (i = 1; i < sizeof text - 1; i++)
		ck_assert_int_eq(input[i], 0);
	end();
}
END_TEST

/* What comes in meanwhile neither ends the wait nor gets lost. */
START_TEST(holding)
{
	const char *input;
	int64_t before;
	size_t len;

	make(_i, LONG_S);
	send_text("RCPT");
	before = clock_ms();
	ck_assert_int_eq(link_hold(ours, deadline_in(SOON_MS)), OK);
	ck_assert_int_ge(clock_ms() - before, SOON_MS);
	ck_assert_int_eq(link_hold(ours, deadline_in(0)), OK);
	ck_assert_int_eq(link_fill(ours, deadline_in(LONG_S * 1000)), OK);
	input = link_input(ours, &len);
	assert_octets(input, len, "RCPT", 4);
	end();
}
END_TEST

/* Who hangs up is not waited for, whatever it sent before. */
START_TEST(holding_nobody)
{
	make(_i / 2, LONG_S);
	if (_i % 2 == 1)
		send_text("RCPT");
	hang_up();
	ck_assert_int_eq(link_hold(ours, deadline_in(LONG_S * 1000)),
	    TEMPFAIL);
	ck_assert_int_eq(link_ended(ours), LINK_EOF);
	ck_assert_int_eq(link_hold(ours, deadline_in(LONG_S * 1000)),
	    TEMPFAIL);
	end();
}
END_TEST

/* Nothing of the old stream is read, said or left in memory. */
START_TEST(switching)
{
	static const char secret[] = "what an attacker sent";
	enum kind before = (enum kind)(_i / 2), after = (enum kind)(_i % 2);
	int old[4];
	char *input, text[64];
	size_t len, i;

	make(before, LONG_S);
	old[0] = in;
	old[1] = out;
	old[2] = client_in;
	old[3] = client_out;
	send_text(secret);
	ck_assert_int_eq(link_fill(ours, deadline_in(LONG_S * 1000)), OK);
	link_consume(ours, 4);
	ck_assert_int_eq(link_put(ours, TEXT("not for TLS")), OK);
	send_text("more");
	if (after == SOCKET) {
		int ends[2];

		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
		in = out = ends[0];
		client_in = client_out = ends[1];
	} else {
		int ends[2];

		ck_assert_int_eq(pipe(ends), 0);
		in = ends[0];
		client_out = ends[1];
		ck_assert_int_eq(pipe(ends), 0);
		out = ends[1];
		client_in = ends[0];
	}
	link_switch(ours, in, out);
	input = link_input(ours, &len);
	ck_assert_uint_eq(len, 0);
	for (i = 0; i < sizeof secret - 1; i++)
		ck_assert_int_eq(input[i], 0);
	ck_assert_int_eq(link_has_input(ours, 0), 0);
	send_text("hello");
	ck_assert_int_eq(link_fill(ours, deadline_in(LONG_S * 1000)), OK);
	input = link_input(ours, &len);
	assert_octets(input, len, "hello", 5);
	ck_assert_int_eq(link_put(ours, TEXT("220")), OK);
	ck_assert_int_eq(link_flush(ours), OK);
	assert_octets(text, receive(text, sizeof text), "220", 3);
	/* Nor did the old one get a word. */
	ck_assert_int_ne(fcntl(old[2], F_SETFL, O_NONBLOCK), -1);
	ck_assert_int_eq(read(old[2], text, sizeof text), -1);
	end();
	close(old[0]);
	close(old[2]);
	if (before == PIPES) {
		close(old[1]);
		close(old[3]);
	}
}
END_TEST

/* A stream that has ended, or takes nothing more, is no longer ours. */
START_TEST(switching_after_the_end)
{
	char text[8];
	int ends[2], old;

	make(SOCKET, LONG_S);
	old = in;
	hang_up();
	ck_assert_int_eq(link_put(ours, TEXT("x")), OK);
	ck_assert_int_eq(link_flush(ours), TEMPFAIL);
	ck_assert_int_eq(link_ended(ours), LINK_BROKEN);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	in = out = ends[0];
	client_in = client_out = ends[1];
	link_switch(ours, in, out);
	ck_assert_int_eq(link_ended(ours), LINK_IS_OPEN);
	ck_assert_int_eq(link_put(ours, TEXT("220")), OK);
	ck_assert_int_eq(link_flush(ours), OK);
	assert_octets(text, receive(text, sizeof text), "220", 3);
	end();
	close(old);
}
END_TEST

SUITE("link",
    { switching, 2 * KINDS, NULL, NULL },
    { switching_after_the_end, 1, NULL, NULL },
    { holding, KINDS, NULL, NULL },
    { holding_nobody, 2 * KINDS, NULL, NULL },
    { input_is_collected, KINDS, NULL, NULL },
    { buffer_fills, KINDS, NULL, NULL },
    { deadline_passes, KINDS, NULL, NULL },
    { deadline_has_passed, KINDS, NULL, NULL },
    { never_blocks, 1, NULL, NULL },
    { kernel_times_out, 1, NULL, NULL },
    { client_hangs_up, KINDS, NULL, NULL },
    { half_closed, KINDS, NULL, NULL },
    { nobody_reads, KINDS, NULL, NULL },
    { output_is_collected, KINDS, NULL, NULL },
    { client_does_not_read, KINDS, NULL, NULL },
    { last_words_after_timeout, KINDS, NULL, NULL },
    { each_input, KINDS * ROWS(inputs), NULL, NULL },
    { signal_comes, 2 * KINDS, NULL, NULL },
    { lingering, KINDS, NULL, NULL },
    { no_lingering, 2 * KINDS, NULL, NULL },
    { steps, 1, NULL, NULL },
    { step_deadline, 2, NULL, NULL },
    { never_a_deadlock, 1, NULL, NULL },
    { full_of_input, 1, NULL, NULL },
    { wiping, 1, NULL, NULL },
    { last_words, 2, NULL, NULL },
    { half_closed_step, 1, NULL, NULL })
