/* starttls - TLS of the server, on demand or at once */
#include "smtpd/starttls.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/tls.h"
#include "net/ucspi.h"
#include "smtp/command.h"
#include "smtp/extension.h"
#include "smtpd/journal.h"
#include "smtpd/permit.h"

#define HANDSHAKE_S	60	/* how long it may take at most */
#define SMTPS_PORT	"465"	/* where nobody asks for it */
#define CERTIFICATE	"servercert.pem"
#define NAME		(sizeof CERTIFICATE + ADDRESS_TEXT + 8)

/* Set, and not to `0`. */
static int
is_on(const char *variable)
{
	const char *word = getenv(variable);

	return word != NULL && word[0] != '\0' && strcmp(word, "0") != 0;
}

/* servercert.pem, .IP and .IP:PORT of our end; or folders of names. */
static int
has_certificate(const struct session *session)
{
	const struct peer *peer = &session->peer;
	char name[NAME];

	if (control_exists(session->control, CERTIFICATE) ||
	    control_exists(session->control, "servercerts"))
		return 1;
	if (peer->local.family == 0)
		return 0;
	strcpy(name, CERTIFICATE ".");
	address_print(&peer->local, name + sizeof CERTIFICATE);
	if (control_exists(session->control, name))
		return 1;
	if (peer->local_port == NULL ||
	    strlen(name) + 1 + strlen(peer->local_port) >= sizeof name)
		return 0;
	strcat(name, ":");
	strcat(name, peer->local_port);
	return control_exists(session->control, name);
}

int
starttls_is_offered(const struct session *session)
{
	const char *port = session->peer.local_port;

	if (session_is_encrypted(session) || is_on("DISABLETLS") ||
	    (session->config->extensions & EXTENSION_STARTTLS) == 0 ||
	    (port != NULL && strcmp(port, SMTPS_PORT) == 0))
		return 0;
	return ucspi_is_offered() || has_certificate(session);
}

int
starttls_refuses(struct server *server, enum smtp_verb verb,
    struct reply *reply)
{
	struct session *session = &server->session;

	switch (verb) {
	case VERB_EHLO:
	case VERB_HELO:
	case VERB_HELP:
	case VERB_NOOP:
	case VERB_QUIT:
	case VERB_RSET:
	case VERB_STARTTLS:
		return 0;
	default:
		break;
	}
	if (session_is_encrypted(session) || !ucspi_is_required())
		return 0;
	/* RFC 3207 4. */
	reply_set(reply, 530, "5.7.0", "STARTTLS comes first here (#5.7.0)");
	journal_refused_by(session, reply, "UCSPITLS", command_name(verb));
	return 1;
}

/* Not longer than the session, nor than silence may last. */
static unsigned
handshake_seconds(const struct session *session)
{
	struct deadline end = { session->until_ms };
	int64_t left = deadline_left_ms(end) / 1000;
	unsigned seconds = session->config->timeout_s;

	if (seconds > HANDSHAKE_S)
		seconds = HANDSHAKE_S;
	if (left < (int64_t)seconds)
		seconds = left > 0 ? (unsigned)left : 1;
	return seconds;
}

static enum status
ask(const struct session *session, struct tls *tls)
{
	const struct peer *peer = &session->peer;
	const struct control *control = session->control;
	char local[ADDRESS_TEXT];
	const struct tls_request request = {
		.role = ROLE_SERVER,
		.session = session->id,
		.peer = peer->text,
		.handshake_s = handshake_seconds(session),
		.ciphers = getenv("TLSCIPHERS"),
		.local_ip = peer->local.family != 0 ? local : NULL,
		.local_port = peer->local_port,
		.asks_certificate = control_exists(control, "clientca.pem") &&
		    control_exists(control, "tlsclients"),
		.ca_file = TLS_NO_FD,
		.ca_folder = TLS_NO_FD,
		.certificate = TLS_NO_FD,
		.key = TLS_NO_FD,
	};

	address_print(&peer->local, local);
	return tls_open(tls, &request);
}

/* What programs that we start may want to know; see Qsmtpd(8). */
static enum status
tell_children(const struct tls_facts *facts)
{
	int is_verified = facts->verdict == VERDICT_VERIFIED;
	const struct {
		const char *variable, *value;
	} rows[] = {
		{ "SSL_PROTOCOL", facts->version },
		{ "SSL_CIPHER", facts->cipher },
		{ "SSL_TLS_SNI_SERVERNAME", facts->sni },
		{ "SSL_CLIENT_S_DN", is_verified ? facts->subject : "" },
		{ "SSL_CLIENT_CERT_SHA256", is_verified ? facts->digest : "" },
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if ((rows[i].value[0] != '\0' ?
		    setenv(rows[i].variable, rows[i].value, 1) :
		    unsetenv(rows[i].variable)) == -1)
			return TEMPFAIL;
	return OK;
}

/* From here on the link is the stream of plaintext. */
static enum status
enter(struct session *session, int in, int out)
{
	if (dup2(in, STDIN_FILENO) == -1 || dup2(out, STDOUT_FILENO) == -1)
		return TEMPFAIL;
	link_switch(session->link, STDIN_FILENO, STDOUT_FILENO);
	peer_read_tls(&session->peer);
	session->peer.begins_tls = 0;
	if (session->peer.tls == NULL)
		session->peer.tls = "TLS";
	return OK;
}

/* What was asked for could not be had; the connection is lost. */
static enum status
lose(struct server *server, const char *way, const char *reason)
{
	struct session *session = &server->session;
	struct log_line line;

	session->state = AT_QUIT;
	server->ending = "no TLS";
	session_log(session, &line, "tls");
	log_text(&line, "result", "failed");
	log_text(&line, "way", way);
	log_text(&line, "reason", reason);
	log_end(&line);
	return TEMPFAIL;
}

static enum status
start(struct server *server, struct tls *tls)
{
	struct session *session = &server->session;

	/* Sessions in clear have no room for it. */
	session->tls = calloc(1, sizeof *session->tls);
	if (session->tls == NULL)
		return lose(server, tls->way, "out of memory");
	if (tls_start(tls, STDIN_FILENO, STDOUT_FILENO, session->tls) != OK)
		return lose(server, tls->way, tls->reason);
	if (tell_children(session->tls) != OK ||
	    enter(session, tls->channel, tls->channel) != OK)
		return lose(server, tls->way, "out of memory");
	return OK;
}

static enum status
start_by_ucspi(struct server *server)
{
	enum status status;
	int in, out;

	if (ucspi_start(&in, &out) != OK)
		return lose(server, "ucspi", "whoever started us did not");
	status = enter(&server->session, in, out);
	close(in);
	if (out != in)
		close(out);
	return status == OK ? OK :
	    lose(server, "ucspi", "its descriptors are bad");
}

/* 220 is the last that goes out in clear. */
static enum status
say_go(struct server *server)
{
	struct session *session = &server->session;
	struct reply reply;

	reply_set(&reply, 220, "2.0.0", "go ahead");
	if (server_reply(server, &reply) != OK || session->state == AT_QUIT ||
	    link_flush(session->link) != OK) {
		session->state = AT_QUIT;
		return TEMPFAIL;
	}
	return OK;
}

/* RFC 3207 4.2: whatever the client said before, anybody could have said. */
static void
forget(struct server *server)
{
	struct session *session = &server->session;

	server_reset(server);
	if (permit_forget_login(session) != OK) {
		session_log_fault(session);
		server->ending = "out of memory";
		session->state = AT_QUIT;
		return;
	}
	permit_certificate(session);
	server_begin(server);
}

static void
run_ucspi(struct server *server)
{
	if (say_go(server) == OK && start_by_ucspi(server) == OK)
		forget(server);
}

static void
log_fault(const struct session *session, const struct tls *tls)
{
	struct log_line line;

	session_log(session, &line, "fault");
	log_text(&line, "setting", "tls");
	log_text(&line, "way", tls->way);
	log_text(&line, "reason", tls->reason);
	log_end(&line);
}

static void
run_program(struct server *server, struct reply *reply)
{
	struct tls tls;

	if (ask(&server->session, &tls) != OK) {
		log_fault(&server->session, &tls);
		reply_set(reply, 454, "4.7.0",
		    "no TLS now, try again later (#4.7.0)");
		return;
	}
	if (say_go(server) == OK && start(server, &tls) == OK)
		forget(server);
	tls_close(&tls);
}

/*
 * What came behind the command may be an attacker's, to be taken for the
 * client's own words within TLS: from nobody is it taken.
 */
static void
refuse_more(struct server *server, struct reply *reply)
{
	reply_set(reply, 554, "5.5.0",
	    "input before the reply to STARTTLS (#5.5.0)");
	server->session.state = AT_QUIT;
	journal_refused_by(&server->session, reply, "pipelining",
	    command_name(VERB_STARTTLS));
}

void
starttls_run(struct server *server, const char *argument, size_t len,
    struct reply *reply)
{
	const struct session *session = &server->session;

	(void)argument;
	(void)len;
	if (session_is_encrypted(session))
		reply_set(reply, 503, "5.5.1", "this is TLS (#5.5.1)");
	else if (!starttls_is_offered(session))
		reply_set(reply, 502, "5.5.1", "no TLS here (#5.5.1)");
	else if (session->greeted != VERB_EHLO)
		reply_set(reply, 503, "5.5.1", "EHLO first (#5.5.1)");
	else if (link_has_input(session->link, 0))
		refuse_more(server, reply);
	else if (ucspi_is_offered())
		run_ucspi(server);
	else
		run_program(server, reply);
}

enum status
starttls_begin(struct server *server)
{
	enum status status;
	struct tls tls;

	if (ucspi_is_offered())
		return start_by_ucspi(server);
	if (ask(&server->session, &tls) != OK)
		return lose(server, tls.way, tls.reason);
	status = start(server, &tls);
	tls_close(&tls);
	if (status == OK)
		permit_certificate(&server->session);
	return status;
}
