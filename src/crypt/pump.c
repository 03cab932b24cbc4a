/* pump - plaintext between the program and the other side */
#include "crypt/pump.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>

#define BUFFER		65536	/* octets each way */
#define RECORD_PAYLOAD	16384	/* octets of a full one (RFC 8446 5.1) */
#define IDLE_MS		500	/* of silence before memory is given back */
#define FLUSH_MS	30000	/* behind the end of the program */
#define LINGER_MS	2000	/* for the other side to hang up */

struct buffer {
	size_t first, last;
	char octets[BUFFER];
};

/* Both ways; an end that is over is -1 in its direction. */
struct pump {
	const struct handshake *handshake;
	SSL *ssl;
	int channel;
	int tls_ended;		/* nothing more comes by TLS */
	int tls_broken;		/* and nothing goes out by it */
	int is_owed;		/* what came last by TLS has no answer yet */
	int is_quiet;		/* it ended without a word, which is common */
	int told_program;	/* that nothing more comes */
	int program_ended;	/* nothing more comes from the program */
	int program_deaf;	/* and it takes nothing more */
	long flush_until;	/* 0: the program has not ended */
	int read_wants, write_wants;	/* of OpenSSL: POLLIN, POLLOUT */
	const char *why;
	struct buffer in, out;	/* to the program; to the other side */
};

static int
is_empty(const struct buffer *buffer)
{
	return buffer->first == buffer->last;
}

static size_t
room(struct buffer *buffer)
{
	if (is_empty(buffer))
		buffer->first = buffer->last = 0;
	return sizeof buffer->octets - buffer->last;
}

/* What OpenSSL says of a call that did nothing; 0: TLS is over. */
static int
take_error(struct pump *pump, int result, int *wants)
{
	int system = errno, error = SSL_get_error(pump->ssl, result);
	unsigned long reason = ERR_peek_last_error();

	switch (error) {
	case SSL_ERROR_WANT_READ:
		*wants = POLLIN;
		return 1;
	case SSL_ERROR_WANT_WRITE:
		*wants = POLLOUT;
		return 1;
	case SSL_ERROR_ZERO_RETURN:
		pump->tls_ended = 1;
		return 0;
	}
	pump->tls_ended = pump->tls_broken = 1;
	if (reason != 0 &&
	    ERR_GET_REASON(reason) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
		/* Behind our last word many just hang up: QUIT, 221. */
		pump->is_quiet = !pump->is_owed;
		pump->why = "cut off: no close_notify";
	} else if (reason != 0)
		pump->why = pem_error();
	else
		pump->why = system != 0 ? strerror(system) : "cut off";
	ERR_clear_error();
	return 0;
}

static void
read_tls(struct pump *pump)
{
	size_t free_octets;
	int got;

	while (!pump->tls_ended && (free_octets = room(&pump->in)) > 0) {
		ERR_clear_error();
		errno = 0;
		got = SSL_read(pump->ssl, pump->in.octets + pump->in.last,
		    (int)free_octets);
		if (got <= 0) {
			take_error(pump, got, &pump->read_wants);
			return;
		}
		pump->in.last += (size_t)got;
		pump->is_owed = 1;
		pump->read_wants = POLLIN;
		/* Behind a short record there is hardly another. */
		if (got < RECORD_PAYLOAD && SSL_pending(pump->ssl) == 0)
			return;
	}
}

static void
write_tls(struct pump *pump)
{
	int sent;

	while (!pump->tls_broken && !is_empty(&pump->out)) {
		ERR_clear_error();
		errno = 0;
		sent = SSL_write(pump->ssl,
		    pump->out.octets + pump->out.first,
		    (int)(pump->out.last - pump->out.first));
		if (sent <= 0) {
			/*
			 * Behind a close_notify of the other side OpenSSL
			 * calls all that fails the end of its stream.
			 */
			if (!take_error(pump, sent, &pump->write_wants))
				pump->tls_broken = 1;
			return;
		}
		pump->out.first += (size_t)sent;
		pump->is_owed = 0;
	}
	pump->write_wants = 0;
}

static void
read_program(struct pump *pump)
{
	size_t free_octets = room(&pump->out);
	ssize_t got;

	if (pump->program_ended || free_octets == 0)
		return;
	got = recv(pump->channel, pump->out.octets + pump->out.last,
	    free_octets, MSG_DONTWAIT);
	if (got > 0)
		pump->out.last += (size_t)got;
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		pump->program_ended = 1;
}

static void
write_program(struct pump *pump)
{
	struct buffer *in = &pump->in;

	while (!pump->program_deaf && !is_empty(in)) {
		ssize_t sent = send(pump->channel, in->octets + in->first,
		    in->last - in->first, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent >= 0)
			in->first += (size_t)sent;
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR)
			/* Its last words are still to be carried. */
			pump->program_deaf = 1;
	}
	if (pump->program_deaf)
		in->first = in->last = 0;
	if (pump->tls_ended && !pump->told_program) {
		shutdown(pump->channel, SHUT_WR);
		pump->told_program = 1;
	}
}

/* What can move: the channel, and the connection in and out. */
static void
choose_events(struct pump *pump, struct pollfd fds[3])
{
	if (!pump->program_ended && room(&pump->out) > 0)
		fds[0].events |= POLLIN;
	if (!pump->program_deaf && !is_empty(&pump->in))
		fds[0].events |= POLLOUT;
	if (!pump->tls_ended && room(&pump->in) > 0) {
		if (pump->read_wants == POLLOUT)
			fds[2].events |= POLLOUT;
		else
			fds[1].events |= POLLIN;
	}
	if (!pump->tls_broken && !is_empty(&pump->out)) {
		if (pump->write_wants == POLLIN)
			fds[1].events |= POLLIN;
		else
			fds[2].events |= POLLOUT;
	}
	if (fds[1].events == 0)
		fds[1].fd = -1;
	if (fds[2].events == 0)
		fds[2].fd = -1;
	/* A program that is gone is noticed, once, whatever we want of it. */
	if (fds[0].events == 0 && (pump->program_ended || pump->program_deaf))
		fds[0].fd = -1;
}

/*
 * How long to wait: for the other side to take what the program has left
 * behind, all in all.  While the program lives, without end: it has time-outs
 * of its own, and may itself be waiting for a queue program.
 */
static long
time_left(struct pump *pump)
{
	long now = handshake_clock_ms();

	if (!pump->program_ended && !pump->program_deaf)
		return -1;
	if (pump->flush_until == 0)
		pump->flush_until = now + FLUSH_MS;
	return pump->flush_until > now ? pump->flush_until - now : 0;
}

static int
wait(struct pollfd fds[3], long ms)
{
	int result;

	do
		result = ms != 0 ? poll(fds, 3, (int)ms) : 0;
	while (result == -1 && errno == EINTR);
	return result;
}

/* Who has nothing to do gives back what the handshake took. */
static int
wait_idly(struct pollfd fds[3])
{
	int result = wait(fds, IDLE_MS);

	if (result != 0)
		return result;
	malloc_trim(0);
	return wait(fds, -1);
}

/* Wait for whatever can move; 0: nothing has, for so long. */
static int
wait_for_any(struct pump *pump)
{
	const struct handshake *handshake = pump->handshake;
	struct pollfd fds[3] = {
		{ pump->channel, 0, 0 }, { handshake->in, 0, 0 },
		{ handshake->out, 0, 0 },
	};
	long ms = time_left(pump);
	int result;

	/* What OpenSSL has decrypted already makes no descriptor ready. */
	if (!pump->tls_ended && room(&pump->in) > 0 &&
	    SSL_pending(pump->ssl) > 0)
		return 1;
	choose_events(pump, fds);
	result = ms < 0 ? wait_idly(fds) : wait(fds, ms);
	if (result > 0 && (fds[0].revents & (POLLHUP | POLLERR)) != 0)
		pump->program_deaf = 1;
	return result > 0;
}

/* The program is done when it has ended and all is out, or cannot be. */
static int
is_done(const struct pump *pump)
{
	return pump->program_ended && (pump->tls_broken ||
	    is_empty(&pump->out));
}

static void
say_goodbye(const struct pump *pump)
{
	long until = handshake_clock_ms() + LINGER_MS;
	int result;

	while (!pump->tls_broken) {
		ERR_clear_error();
		result = SSL_shutdown(pump->ssl);
		if (result >= 0 || !handshake_wait(pump->handshake,
		    SSL_get_error(pump->ssl, result), until))
			break;
	}
	pump_hang_up(pump->handshake->in, pump->handshake->out);
}

const char *
pump(const struct handshake *handshake, int channel, int *broken)
{
	struct pump *pump = calloc(1, sizeof *pump);

	*broken = 1;
	if (pump == NULL)
		return "out of memory";
	pump->handshake = handshake;
	pump->ssl = handshake->ssl;
	pump->channel = channel;
	pump->why = "closed";
	for (;;) {
		read_tls(pump);
		write_program(pump);
		read_program(pump);
		write_tls(pump);
		if (is_done(pump))
			break;
		/* Where TLS is gone, all the program says is for nobody. */
		if (pump->tls_broken)
			pump->out.first = pump->out.last = 0;
		if (!wait_for_any(pump)) {
			pump->why = "the other side took too long";
			pump->tls_broken = 1;
			break;
		}
	}
	say_goodbye(pump);
	*broken = pump->tls_broken && !pump->is_quiet;
	return pump->why;
}

void
pump_hang_up(int in, int out)
{
	long until = handshake_clock_ms() + LINGER_MS;
	struct pollfd poll_fd = { in, POLLIN, 0 };
	char dropped[4096];
	long left;

	/* A pipe has nothing but its end to say. */
	if (shutdown(out, SHUT_WR) == -1 && out != in)
		close(out);
	while ((left = until - handshake_clock_ms()) > 0 &&
	    poll(&poll_fd, 1, (int)left) == 1) {
		ssize_t got = read(in, dropped, sizeof dropped);

		if (got == 0 || (got == -1 && errno != EAGAIN &&
		    errno != EINTR))
			break;
	}
}
