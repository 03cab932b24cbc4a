/*
 * inprocess - an SMTP server with OpenSSL in its process, linked dynamically
 *
 * What qsmtp-tls is measured against: the same dialogue, nothing else.  It
 * reads control/servercert.pem and serverkey.pem below QMAILHOME at STARTTLS,
 * and hands a message to the program QMAILQUEUE.  Its reader knows lines and
 * the final dot, no attack.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/ssl.h>

enum { ROOM = 65536 };

struct session {
	SSL *ssl;		/* NULL: in clear */
	size_t first, last;
	char in[ROOM];
};

static ssize_t
fill(struct session *s)
{
	ssize_t got;

	if (s->first > 0) {
		memmove(s->in, s->in + s->first, s->last - s->first);
		s->last -= s->first;
		s->first = 0;
	}
	got = s->ssl != NULL ?
	    SSL_read(s->ssl, s->in + s->last, (int)(ROOM - s->last)) :
	    read(0, s->in + s->last, ROOM - s->last);
	if (got > 0)
		s->last += (size_t)got;
	return got;
}

static void
say(struct session *s, const char *text)
{
	ssize_t sent = s->ssl != NULL ?
	    SSL_write(s->ssl, text, (int)strlen(text)) :
	    write(1, text, strlen(text));

	if (sent <= 0)
		exit(1);
}

/* A line without its end, which stays in the buffer; NULL: none comes. */
static char *
line(struct session *s)
{
	for (;;) {
		char *text = s->in + s->first;
		char *feed = memchr(text, '\n', s->last - s->first);

		if (feed != NULL) {
			*feed = '\0';
			s->first = (size_t)(feed - s->in) + 1;
			return text;
		}
		if (s->last - s->first == ROOM || fill(s) <= 0)
			return NULL;
	}
}

static void
start_tls(struct session *s)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	SSL *ssl;

	if (context == NULL || SSL_CTX_use_certificate_chain_file(context,
	    "control/servercert.pem") != 1 ||
	    SSL_CTX_use_PrivateKey_file(context, "control/serverkey.pem",
	    SSL_FILETYPE_PEM) != 1)
		exit(1);
	SSL_CTX_set_num_tickets(context, 0);
	ssl = SSL_new(context);
	SSL_set_rfd(ssl, 0);
	SSL_set_wfd(ssl, 1);
	if (SSL_accept(ssl) != 1)
		exit(1);
	s->ssl = ssl;
}

/* All up to the final dot, and the dot with it: nobody reads it. */
static void
copy(struct session *s, int out)
{
	static const char end[] = "\r\n.\r\n";

	for (;;) {
		size_t have = s->last - s->first;
		char *dot = memmem(s->in + s->first, have, end, 5);
		size_t whole = dot != NULL ?
		    (size_t)(dot + 5 - s->in) - s->first :
		    have > 4 ? have - 4 : 0;

		if (whole > 0 && write(out, s->in + s->first, whole) !=
		    (ssize_t)whole)
			exit(1);
		s->first += whole;
		if (dot != NULL)
			return;
		if (fill(s) <= 0)
			exit(1);
	}
}

static void
queue(struct session *s)
{
	static const char envelope[] = "Fa@bench.example\0Tb@bench.example\0";
	int message[2], ends[2], status;
	pid_t child;

	if (pipe(message) == -1 || pipe(ends) == -1 || (child = vfork()) == -1)
		exit(1);
	if (child == 0) {
		dup2(message[0], 0);
		dup2(ends[0], 1);
		close(message[1]);
		close(ends[1]);
		execl(getenv("QMAILQUEUE"), "queue", (char *)NULL);
		_exit(1);
	}
	close(message[0]);
	close(ends[0]);
	copy(s, message[1]);
	close(message[1]);
	if (write(ends[1], envelope, sizeof envelope) == -1)
		exit(1);
	close(ends[1]);
	waitpid(child, &status, 0);
	say(s, status == 0 ? "250 ok\r\n" : "451 no\r\n");
}

int
main(void)
{
	static struct session s;
	char *text;

	if (chdir(getenv("QMAILHOME")) == -1)
		return 1;
	say(&s, "220 bench.example ESMTP\r\n");
	while ((text = line(&s)) != NULL) {
		if (strncasecmp(text, "EHLO", 4) == 0)
			say(&s, "250-bench.example\r\n250-STARTTLS\r\n"
			    "250 PIPELINING\r\n");
		else if (strncasecmp(text, "STARTTLS", 8) == 0) {
			say(&s, "220 go ahead\r\n");
			start_tls(&s);
		} else if (strncasecmp(text, "DATA", 4) == 0) {
			say(&s, "354 go ahead\r\n");
			queue(&s);
		} else if (strncasecmp(text, "QUIT", 4) == 0) {
			say(&s, "221 bye\r\n");
			break;
		} else
			say(&s, "250 ok\r\n");
	}
	if (s.ssl != NULL)
		SSL_shutdown(s.ssl);
	return 0;
}
