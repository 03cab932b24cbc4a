/* auth - AUTH, from the command to the answer of the checkpassword program */
#include "smtpd/auth.h"

#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/base64.h"
#include "base/text.h"
#include "net/line.h"
#include "smtp/sasl.h"
#include "smtpd/checker.h"
#include "smtpd/journal.h"
#include "smtpd/permit.h"

#define OCTETS		BASE64_OCTETS(SASL_LINE)	/* of a message */
#define CHALLENGE	300	/* octets of a challenge */
#define NONCE		8	/* random octets in it */
#define LONGEST_DELAY_S	60	/* however often it grew */

/* One exchange; wiped at its end. */
struct exchange {
	struct server *server;
	enum mechanism mechanism;
	int has_initial;		/* a response came with the command */
	size_t len;			/* of the message */
	char message[OCTETS];		/* of the client, decoded */
	char user[OCTETS];		/* LOGIN: the first of two */
	char challenge[CHALLENGE];	/* CRAM-MD5, with a NUL */
	struct login login;
	char asked[2 * OCTETS + CHALLENGE + 3];	/* what the program reads */
};

/* 334 with a challenge that is base64 already. */
static enum status
say_challenge(struct exchange *exchange, const char *text)
{
	struct server *server = exchange->server;
	struct reply reply;

	reply_set(&reply, 334, "", text);
	if (server_reply(server, &reply) != OK)
		return TEMPFAIL;
	return link_flush(server->session.link);
}

/* base64 in the client's words; `=` is an empty one. */
static int
decode(struct exchange *exchange, const char *text, size_t len,
    struct reply *reply)
{
	exchange->len = 0;
	if (len == 1 && text[0] == '=')
		return 1;
	if (base64_decode(text, len, exchange->message, &exchange->len) == OK)
		return 1;
	reply_set(reply, 501, "5.5.2", "that is no base64 (#5.5.2)");
	return 0;
}

/* The client's line behind a 334.  Returns whether there is a message. */
static int
read_response(struct exchange *exchange, struct reply *reply)
{
	struct session *session = &exchange->server->session;
	struct deadline until = { session->until_ms };
	enum line_form form;
	const char *line;
	size_t len;
	int good = 0;

	until = deadline_sooner(until,
	    deadline_in((int64_t)session->config->timeout_s * 1000));
	if (line_read(session->link, SASL_LINE, until, &line, &len,
	    &form) != OK) {
		reply_set(reply, 421, "4.4.2", "timeout (#4.4.2)");
		return 0;
	}
	if (form == LINE_TOO_LONG)
		reply_set(reply, 500, "5.5.6", "the line is too long (#5.5.6)");
	else if (form != LINE_GOOD)
		reply_set(reply, 500, "5.5.2",
		    "lines must end with CR LF (#5.5.2)");
	else if (len == 1 && line[0] == '*')
		reply_set(reply, 501, "5.7.0", "cancelled (#5.7.0)");
	else
		good = decode(exchange, line, len, reply);
	return good;
}

static int
ask(struct exchange *exchange, const char *challenge, struct reply *reply)
{
	if (say_challenge(exchange, challenge) == OK)
		return read_response(exchange, reply);
	reply_set(reply, 421, "4.4.2", "timeout (#4.4.2)");
	return 0;
}

static int
malformed(struct reply *reply)
{
	reply_set(reply, 501, "5.5.2", "the message is malformed (#5.5.2)");
	return 0;
}

static int
take_plain(struct exchange *exchange, struct reply *reply)
{
	int other;

	if (!exchange->has_initial && !ask(exchange, "", reply))
		return 0;
	if (sasl_read_plain(exchange->message, exchange->len,
	    &exchange->login, &other) == OK)
		return 1;
	if (!other)
		return malformed(reply);
	/* No user may act for another; who asks hears what all others hear. */
	exchange->login.secret_len = 0;
	return 1;
}

static int
take_login(struct exchange *exchange, struct reply *reply)
{
	struct login *login = &exchange->login;

	/* "Username:" and "Password:" */
	if (!exchange->has_initial && !ask(exchange, "VXNlcm5hbWU6", reply))
		return 0;
	memcpy(exchange->user, exchange->message, exchange->len);
	login->user = exchange->user;
	login->user_len = exchange->len;
	if (!ask(exchange, "UGFzc3dvcmQ6", reply))
		return 0;
	login->secret = exchange->message;
	login->secret_len = exchange->len;
	if (memchr(login->user, '\0', login->user_len) != NULL ||
	    memchr(login->secret, '\0', login->secret_len) != NULL)
		return malformed(reply);
	return 1;
}

/* `<RANDOM.SECONDS@HOST>`, fresh each time (RFC 2195 2). */
static enum status
make_challenge(struct exchange *exchange)
{
	const struct session *session = &exchange->server->session;
	const char *host = session->config->auth.host;
	char *out = exchange->challenge;
	unsigned char nonce[NONCE];
	size_t i, len = 0;

	if (host == NULL)
		host = session_name(session);
	if (strlen(host) > CHALLENGE - 2 * NONCE - TEXT_NUMBER - 4 ||
	    getrandom(nonce, sizeof nonce, 0) != sizeof nonce)
		return TEMPFAIL;
	out[len++] = '<';
	for (i = 0; i < NONCE; i++) {
		out[len++] = "0123456789abcdef"[nonce[i] >> 4];
		out[len++] = "0123456789abcdef"[nonce[i] & 15];
	}
	out[len++] = '.';
	len += text_print_number(out + len, (uint64_t)time(NULL));
	out[len++] = '@';
	strcpy(out + len, host);
	strcat(out, ">");
	return OK;
}

static int
take_cram(struct exchange *exchange, struct reply *reply)
{
	char text[BASE64_TEXT(CHALLENGE) + 1];
	size_t len;

	if (exchange->has_initial) {
		reply_set(reply, 501, "5.7.0",
		    "CRAM-MD5 begins with our challenge (#5.7.0)");
		return 0;
	}
	if (make_challenge(exchange) != OK) {
		reply_set(reply, 454, "4.7.0", "no challenge now (#4.7.0)");
		return 0;
	}
	len = base64_encode(exchange->challenge, strlen(exchange->challenge),
	    text);
	text[len] = '\0';
	if (!ask(exchange, text, reply))
		return 0;
	return sasl_read_cram(exchange->message, exchange->len,
	    &exchange->login) == OK ? 1 : malformed(reply);
}

/* The messages of the mechanism.  Returns whether there is a login. */
static int
take_login_of(struct exchange *exchange, struct reply *reply)
{
	switch (exchange->mechanism) {
	case MECHANISM_PLAIN:
		return take_plain(exchange, reply);
	case MECHANISM_LOGIN:
		return take_login(exchange, reply);
	default:
		return take_cram(exchange, reply);
	}
}

static size_t
put(char *out, const char *text, size_t len)
{
	memcpy(out, text, len);
	out[len] = '\0';
	return len + 1;
}

/*
 * User, password, nothing; or, for CRAM-MD5, user, challenge and digest as
 * the programs have it that are called behind a host name, user, digest and
 * challenge as the others do.  Each ends with NUL.
 */
static size_t
compose(struct exchange *exchange)
{
	const struct auth *auth = &exchange->server->session.config->auth;
	const struct login *login = &exchange->login;
	const char *challenge = exchange->challenge;
	char *out = exchange->asked;
	size_t len = put(out, login->user, login->user_len);

	if (exchange->mechanism == MECHANISM_CRAM_MD5 && auth->host != NULL) {
		len += put(out + len, challenge, strlen(challenge));
		return len + put(out + len, login->secret, login->secret_len);
	}
	len += put(out + len, login->secret, login->secret_len);
	return len + put(out + len, challenge, strlen(challenge));
}

/* A name that no program should see, and no log be cheated by. */
static int
is_acceptable(const struct login *login)
{
	size_t i;

	for (i = 0; i < login->user_len; i++)
		if ((unsigned char)login->user[i] < ' ' ||
		    login->user[i] == 0x7f)
			return 0;
	return login->user_len > 0 && login->secret_len > 0;
}

/* The more guesses, the longer each takes. */
static void
delay(const struct session *session)
{
	uint64_t seconds = session->config->auth.delay_s *
	    session->totals.auth_failures;

	if (seconds > LONGEST_DELAY_S)
		seconds = LONGEST_DELAY_S;
	if (seconds > 0)
		poll(NULL, 0, (int)seconds * 1000);
}

/* The same answer for a user that is there and for one that is not. */
static void
refuse(struct exchange *exchange, enum check check, int code,
    const char *why, struct reply *reply)
{
	struct session *session = &exchange->server->session;
	const struct auth *auth = &session->config->auth;

	session->totals.auth_failures++;
	journal_login(session, &exchange->login, exchange->mechanism,
	    check == CHECK_BAD ? "refused" : "failed", code, why);
	if (check == CHECK_BAD)
		delay(session);
	if (auth->failures > 0 &&
	    session->totals.auth_failures >= auth->failures)
		reply_set(reply, 421, "4.7.0",
		    "too many failed logins (#4.7.0)");
	else if (check == CHECK_BAD)
		reply_set(reply, 535, "5.7.8",
		    "user or password is wrong (#5.7.8)");
	else
		reply_set(reply, 454, "4.7.0",
		    "logins cannot be checked now, try again later (#4.7.0)");
}

static void
judge(struct exchange *exchange, struct reply *reply)
{
	struct session *session = &exchange->server->session;
	const struct login *login = &exchange->login;
	enum check check = CHECK_BAD;
	int code = CHECK_NO_CODE;
	const char *why = "";

	if (is_acceptable(login))
		check = checker_ask(&session->config->auth, exchange->asked,
		    compose(exchange), &code, &why);
	if (check != CHECK_GOOD) {
		refuse(exchange, check, code, why, reply);
		return;
	}
	if (permit_login(session, login->user, login->user_len) != OK) {
		session_log_fault(session);
		server_fault(reply);
		return;
	}
	if (session->user_is_bound)
		why = "bound to its senders";
	else if (session->senders.lines.len > 0)
		why = "not bound to senders";
	journal_login(session, login, exchange->mechanism, "ok", code, why);
	reply_set(reply, 235, "2.7.0", "welcome");
}

/* Whether AUTH may come now, and in which mechanism. */
static int
begin(struct exchange *exchange, const char *argument, size_t len,
    struct reply *reply)
{
	const struct session *session = &exchange->server->session;
	const char *space = memchr(argument, ' ', len);
	size_t name = space != NULL ? (size_t)(space - argument) : len;
	unsigned mechanism = mechanism_of(argument, name);

	if (!session_knows_auth(session))
		reply_set(reply, 502, "5.5.1", "unimplemented (#5.5.1)");
	else if (session->relay == RELAY_AUTH)
		reply_set(reply, 503, "5.5.1", "you are logged in (#5.5.1)");
	else if (session->greeted != VERB_EHLO)
		reply_set(reply, 503, "5.5.1", "EHLO first (#5.5.1)");
	else if (!session_offers_auth(session))
		reply_set(reply, 538, "5.7.11",
		    "logins are encrypted here (#5.7.11)");
	else if ((session->config->auth.mechanisms & mechanism) == 0)
		reply_set(reply, 504, "5.5.4",
		    "that mechanism is not offered (#5.5.4)");
	else {
		size_t blanks = text_blanks(argument + name, len - name);

		exchange->mechanism = (enum mechanism)mechanism;
		exchange->has_initial = len > name + blanks;
		return !exchange->has_initial || decode(exchange,
		    argument + name + blanks, len - name - blanks, reply);
	}
	return 0;
}

void
auth_run(struct server *server, const char *argument, size_t len,
    struct reply *reply)
{
	struct exchange exchange;
	int good;

	exchange.server = server;
	exchange.challenge[0] = '\0';
	memset(&exchange.login, 0, sizeof exchange.login);
	good = begin(&exchange, argument, len, reply);
	if (good && take_login_of(&exchange, reply))
		judge(&exchange, reply);
	explicit_bzero(&exchange, sizeof exchange);
}
