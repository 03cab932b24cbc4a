/* command - what each verb does */
#include "smtpd/command.h"

#include "smtp/command.h"
#include "smtp/extension.h"
#include "smtpd/auth.h"
#include "smtpd/data.h"
#include "smtpd/envelope.h"
#include "smtpd/starttls.h"

static void
greet(struct server *server, enum smtp_verb verb, const char *name, size_t len,
    struct reply *reply)
{
	struct session *session = &server->session;

	server_reset(server);
	session->greeted = verb;
	if (!stralloc_copyb(&session->helo, name, len)) {
		server_out_of_memory(server, reply);
		return;
	}
	if (!server_is_refused(server, ON_HELO, reply))
		reply_set(reply, 250, "", session->config->greeting.s);
}

static void
helo(struct server *server, const char *name, size_t len, struct reply *reply)
{
	greet(server, VERB_HELO, name, len, reply);
}

static void
ehlo(struct server *server, const char *name, size_t len, struct reply *reply)
{
	const struct config *config = server->session.config;
	unsigned extensions = config->extensions;
	struct extension_values values = {
		.size = config->databytes,
		.auth = session_offers_auth(&server->session) ?
		    config->auth.names.s : NULL,
		.rcptmax = session_may_relay(&server->session) ?
		    config->maxrcptrelay : config->maxrcpt,
	};

	greet(server, VERB_EHLO, name, len, reply);
	if (reply->code != 250)
		return;
	if (!starttls_is_offered(&server->session))
		extensions &= ~(unsigned)EXTENSION_STARTTLS;
	if (!stralloc_copys(&server->words, config->greeting.s) ||
	    extension_announce(extensions, &values, &server->words) != OK ||
	    !stralloc_0(&server->words)) {
		server_out_of_memory(server, reply);
		return;
	}
	reply->text = server->words.s;
}

static void
data(struct server *server, const char *argument, size_t len,
    struct reply *reply)
{
	(void)argument;
	(void)len;
	data_take(server, reply);
}

static void
rset(struct server *server, const char *argument, size_t len,
    struct reply *reply)
{
	(void)argument;
	(void)len;
	server_reset(server);
	reply_set(reply, 250, "2.0.0", "flushed");
}

static void
noop(struct server *server, const char *argument, size_t len,
    struct reply *reply)
{
	(void)server;
	(void)argument;
	(void)len;
	reply_set(reply, 250, "2.0.0", "ok");
}

static void
vrfy(struct server *server, const char *argument, size_t len,
    struct reply *reply)
{
	(void)server;
	(void)argument;
	(void)len;
	reply_set(reply, 252, "2.5.2", "send mail and see");
}

static void
expn(struct server *server, const char *argument, size_t len,
    struct reply *reply)
{
	(void)server;
	(void)argument;
	(void)len;
	reply_set(reply, 502, "5.5.1", "no lists are shown here (#5.5.1)");
}

static void
help(struct server *server, const char *argument, size_t len,
    struct reply *reply)
{
	(void)server;
	(void)argument;
	(void)len;
	reply_set(reply, 214, "2.0.0", "see RFC 5321");
}

static void
quit(struct server *server, const char *argument, size_t len,
    struct reply *reply)
{
	(void)argument;
	(void)len;
	reply_set(reply, 221, "2.0.0", server->session.config->greeting.s);
}

enum argument {
	OPTIONAL,
	NONE,
	REQUIRED,
	REQUIRED_OF_STRANGERS	/* who may not relay */
};

static const struct command {
	enum argument argument;
	void (*run)(struct server *, const char *argument, size_t len,
	    struct reply *);
} commands[VERB_COUNT] = {
	[VERB_HELO] = { REQUIRED_OF_STRANGERS, helo },
	[VERB_EHLO] = { REQUIRED_OF_STRANGERS, ehlo },
	[VERB_STARTTLS] = { NONE, starttls_run },
	[VERB_AUTH] = { REQUIRED, auth_run },
	[VERB_MAIL] = { OPTIONAL, envelope_mail },
	[VERB_RCPT] = { OPTIONAL, envelope_rcpt },
	[VERB_DATA] = { NONE, data },
	[VERB_RSET] = { NONE, rset },
	[VERB_NOOP] = { OPTIONAL, noop },
	[VERB_VRFY] = { REQUIRED, vrfy },
	[VERB_EXPN] = { OPTIONAL, expn },
	[VERB_HELP] = { OPTIONAL, help },
	[VERB_QUIT] = { OPTIONAL, quit },
};

void
command_run(struct server *server, enum smtp_verb verb, const char *argument,
    size_t len, struct reply *reply)
{
	const struct command *command = &commands[verb];
	int required = command->argument == REQUIRED ||
	    (command->argument == REQUIRED_OF_STRANGERS &&
	    !session_may_relay(&server->session));

	if (len == 0 && required)
		reply_set(reply, 501, "5.5.4",
		    "an argument is needed (#5.5.4)");
	else if (len > 0 && command->argument == NONE)
		reply_set(reply, 501, "5.5.4",
		    "no argument may follow (#5.5.4)");
	else
		command->run(server, argument, len, reply);
}
