/* secure - TLS with a host, as its policy demands */
#include "remote/secure.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "remote/talk.h"
#include "smtp/mailbox.h"

#define HANDSHAKE_S	60
#define SYSTEM_CA	"/etc/ssl/certs"
#define CERTIFICATE	"clientcert.pem"
#define KEY		"clientkey.pem"
#define CIPHERS		"control/tlsclientciphers"

static int
is_demanded(const struct secure *secure)
{
	return secure->policy.level >= LEVEL_ENCRYPT;
}

/* A file of ours cannot be used: no other host would help. */
static int
end_by_fault(struct talk *talk, int *done)
{
	report_control(&talk->delivery->report, talk->delivery->control);
	*done = 1;
	return 0;
}

/* "Connected to IP<what><why>; <source> wants TLS. (#code)" */
static int
end_by(struct talk *talk, const char *source, const char *what,
    const char *why, const char *code, int heard, int *done)
{
	stralloc *text = &talk->commands;

	if (stralloc_copym(text, what, why, "; ", source, " wants TLS. (#",
	    code, ")") && stralloc_0(text))
		*done = talk_give_up(talk, talk_words(talk, CONNECTED,
		    text->s), heard);
	else
		*done = talk_no_memory(talk);
	return 0;
}

static int
end_by_policy(struct talk *talk, const char *what, const char *why,
    const char *code, int heard, int *done)
{
	const char *source = talk->secure.policy.source;

	return end_by(talk, source[0] != '\0' ? source : "the port", what,
	    why, code, heard, done);
}

/* A line for the end of the report; memory that is gone costs the line. */
static void
note(struct talk *talk, const char *text, const char *why, const char *end)
{
	stralloc *line = &talk->delivery->tls_note;
	char kept[REPORT_NOTE / 2];

	strncpy(kept, why, sizeof kept - 1);
	kept[sizeof kept - 1] = '\0';
	talk->delivery->report.tls = NULL;
	if (stralloc_copym(line, "TLS: ", text, kept, end, "\n") &&
	    stralloc_0(line))
		talk->delivery->report.tls = line->s;
}

/* There is no TLS: that is the end of it, or the mail goes in clear. */
static int
go_without(struct talk *talk, const char *what, const char *why,
    const char *code, int heard, int *done)
{
	if (is_demanded(&talk->secure))
		return end_by_policy(talk, what, why, code, heard, done);
	note(talk, "none, ", why, ".");
	talk->lacks_tls = 1;
	return 1;
}

int
secure_is_believed(const struct talk *talk)
{
	return talk->secure.is_encrypted || !is_demanded(&talk->secure);
}

int
secure_begin(struct talk *talk, int *done)
{
	struct delivery *delivery = talk->delivery;
	struct policy *policy = &talk->secure.policy;

	delivery->report.tls = NULL;
	if (policy_find(policy, delivery->control, delivery->route,
	    delivery->domain, talk->host) != OK) {
		/* The host has not said a word yet. */
		talk->is_mute = 1;
		return end_by_fault(talk, done);
	}
	if (policy->level == LEVEL_NONE)
		note(talk, "none, by ", policy->source, ".");
	return 1;
}

void
secure_end(struct talk *talk)
{
	policy_free(&talk->secure.policy);
}

/* What the hand-over takes: descriptors to be closed behind it. */
struct wanted {
	struct tls_request request;
	stralloc session;
	char peer[TLS_NAME];
};

/* A path is named as the operator wrote it. */
static enum status
refuse_path(struct control *control, const char *path, int error)
{
	strncpy(control->failed, path, sizeof control->failed - 1);
	control->failed[sizeof control->failed - 1] = '\0';
	control->error = error;
	return TEMPFAIL;
}

static enum status
open_ca(struct talk *talk, struct tls_request *request)
{
	const stralloc *ca = &talk->secure.policy.ca;
	const char *path = ca->len > 0 ? ca->s : SYSTEM_CA;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat facts;

	if (fd == -1 || fstat(fd, &facts) == -1) {
		refuse_path(talk->delivery->control, path, errno);
		if (fd != -1)
			close(fd);
		return TEMPFAIL;
	}
	if (S_ISDIR(facts.st_mode))
		request->ca_folder = fd;
	else
		request->ca_file = fd;
	return OK;
}

/* A path of a route is the operator's; from the qmail home if relative. */
static enum status
open_path(struct control *control, const char *path, int *fd)
{
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return *fd != -1 ? OK : refuse_path(control, path, errno);
}

/* The route's own certificate, else that of all, if there is one. */
static enum status
open_certificate(struct talk *talk, struct tls_request *request)
{
	const struct route *route = talk->delivery->route;
	struct control *control = talk->delivery->control;

	if (route->certificate.len > 0) {
		if (open_path(control, route->certificate.s,
		    &request->certificate) != OK)
			return TEMPFAIL;
		return route->key.len == 0 ? OK :
		    open_path(control, route->key.s, &request->key);
	}
	if (!control_has(control, CERTIFICATE))
		return OK;
	if (control_open_file(control, CERTIFICATE,
	    &request->certificate) != OK)
		return TEMPFAIL;
	return request->certificate == TLS_NO_FD ||
	    !control_has(control, KEY) ? OK :
	    control_open_file(control, KEY, &request->key);
}

static void
close_all(struct wanted *wanted)
{
	const int fds[] = {
		wanted->request.ca_file, wanted->request.ca_folder,
		wanted->request.certificate, wanted->request.key,
	};
	size_t i;

	for (i = 0; i < sizeof fds / sizeof fds[0]; i++)
		if (fds[i] != TLS_NO_FD)
			close(fds[i]);
	stralloc_free(&wanted->session);
}

static enum record_policy
policy_of(enum policy_level level)
{
	if (level == LEVEL_FINGERPRINT)
		return POLICY_FINGERPRINT;
	return level == LEVEL_VERIFY ? POLICY_VERIFY : POLICY_ENCRYPT;
}

/* Our process id is in qmail-send's log by no name; it is unique enough. */
static enum status
name_session(struct talk *talk, struct wanted *wanted)
{
	char pid[TEXT_NUMBER];

	text_print_number(pid, (uint64_t)getpid());
	if (!stralloc_copym(&wanted->session, "Qremote.", pid) ||
	    !stralloc_0(&wanted->session))
		return control_refuse(talk->delivery->control, "", ENOMEM);
	strncpy(wanted->peer, talk->ip, sizeof wanted->peer - 1);
	wanted->request.session = wanted->session.s;
	wanted->request.peer = wanted->peer;
	return OK;
}

/* The name for SNI is the host's (RFC 7672 8.1), if it can be one. */
static const char *
name_of(const struct talk *talk)
{
	size_t len = strlen(talk->host);

	return len < TLS_NAME && domain_is_valid(talk->host, len) ?
	    talk->host : NULL;
}

static enum status
prepare(struct talk *talk, struct wanted *wanted)
{
	const struct config *config = talk->delivery->config;
	struct secure *secure = &talk->secure;
	struct policy *policy = &secure->policy;

	wanted->request = (struct tls_request) {
		.role = ROLE_CLIENT,
		.handshake_s = config->timeout_s < HANDSHAKE_S ?
		    config->timeout_s : HANDSHAKE_S,
		.minimum = policy->minimum != 0 ? policy->minimum :
		    config->tls_minimum,
		.ciphers = config->tls_ciphers.len > 0 ?
		    config->tls_ciphers.s : NULL,
		.server_name = name_of(talk),
		.policy = policy_of(policy->level),
		.names = &policy->names,
		.fingerprints = &policy->fingerprints,
		.ca_file = TLS_NO_FD, .ca_folder = TLS_NO_FD,
		.certificate = TLS_NO_FD, .key = TLS_NO_FD,
	};
	if (name_session(talk, wanted) != OK)
		return TEMPFAIL;
	if (policy->level == LEVEL_VERIFY &&
	    open_ca(talk, &wanted->request) != OK)
		return TEMPFAIL;
	return open_certificate(talk, &wanted->request);
}

/* Which file is wrong where qsmtp-tls refuses; NULL: none that is ours. */
static const char *
find_fault(const struct talk *talk, const struct tls_request *request,
    uint32_t code)
{
	const struct route *route = talk->delivery->route;

	if (code == CODE_NO_CERTIFICATE)
		return route->certificate.len > 0 ? route->source :
		    "control/" CERTIFICATE;
	return code == CODE_BAD_REQUEST && request->ciphers != NULL ?
	    CIPHERS : NULL;
}

/*
 * There is no qsmtp-tls, or it can make nothing of what is wanted.  A mistake
 * of the operator does not mean clear text.
 */
static int
go_without_program(struct talk *talk, const struct tls_request *request,
    const struct tls *tls, int *done)
{
	static const char what[] = ", and TLS cannot be had here: ";
	const char *fault = find_fault(talk, request, tls->code);

	if (is_demanded(&talk->secure) || fault == NULL)
		return go_without(talk, what, tls->reason, "4.7.0", 0, done);
	return end_by(talk, fault, what, tls->reason, "4.7.0", 0, done);
}

/*
 * Ask qsmtp-tls.  Returns 1 and tls->channel where it is ready; 1 without one
 * where the mail may go in clear; 0 when the session is over.
 */
static int
open_tls(struct talk *talk, struct tls *tls, int *done)
{
	struct wanted wanted = { 0 };
	int goes_on;

	tls->channel = TLS_NO_FD;
	if (prepare(talk, &wanted) != OK)
		goes_on = end_by_fault(talk, done);
	else if (tls_open(tls, &wanted.request) == OK)
		goes_on = 1;
	else
		goes_on = go_without_program(talk, &wanted.request, tls,
		    done);
	close_all(&wanted);
	return goes_on;
}

/* TLS is up: what it is, for the end of the report. */
static void
note_facts(struct talk *talk)
{
	const struct tls_facts *facts = &talk->secure.facts;
	stralloc *text = &talk->commands;

	if (!stralloc_copym(text, facts->version, " ", facts->cipher) ||
	    (facts->matched[0] != '\0' && !stralloc_catm(text,
	    ", verified by ", talk->secure.policy.source, ": ",
	    facts->matched)) || !stralloc_0(text))
		return;
	note(talk, "", text->s, ".");
}

/*
 * A handshake failed.  Where nothing demands TLS, the same host is asked once
 * more, in clear; the reason is kept for the report of that.
 */
static int
end_handshake(struct talk *talk, const char *why, int *done)
{
	struct delivery *delivery = talk->delivery;
	stralloc *text = &talk->commands;

	if (is_demanded(&talk->secure))
		return end_by_policy(talk, ", but ", why, "4.7.5", 0, done);
	if (!stralloc_copys(&delivery->clear_reason, why) ||
	    !stralloc_0(&delivery->clear_reason) ||
	    !stralloc_copym(text, ", but ", why, ". (#4.7.5)") ||
	    !stralloc_0(text)) {
		*done = talk_no_memory(talk);
		return 0;
	}
	delivery->goes_clear = 1;
	*done = talk_give_up(talk, talk_words(talk, CONNECTED, text->s), 0);
	return 0;
}

/* Whatever qsmtp-tls says: who has to be verified was, or it is unmet. */
static int
is_met(const struct secure *secure)
{
	enum record_verdict verdict = secure->facts.verdict;

	return verdict == VERDICT_VERIFIED || verdict == VERDICT_DANE ||
	    (verdict == VERDICT_ENCRYPTED &&
	    secure->policy.level < LEVEL_VERIFY);
}

/* Hand over the connection and judge what comes back. */
static int
start_tls(struct talk *talk, struct tls *tls, int *done)
{
	struct secure *secure = &talk->secure;

	if (tls_start(tls, talk->fd, talk->fd, &secure->facts) != OK) {
		/* Nothing of this connection is ours any more. */
		talk->is_mute = 1;
		return end_handshake(talk, tls->reason, done);
	}
	close(talk->fd);
	talk->fd = tls->channel;
	link_switch(talk->link, talk->fd, talk->fd);
	secure->is_encrypted = 1;
	if (!is_met(secure))
		return end_by_policy(talk, ", but its certificate will not "
		    "do: ", secure->facts.failure[0] != '\0' ?
		    secure->facts.failure : "nobody has verified it", "4.7.5",
		    0, done);
	note_facts(talk);
	return 1;
}

int
secure_connection(struct talk *talk, int *done)
{
	struct tls tls;

	if (talk->delivery->route->port != SMTPS_PORT ||
	    talk->secure.policy.level == LEVEL_NONE)
		return 1;
	if (open_tls(talk, &tls, done))
		return tls.channel == TLS_NO_FD ||
		    start_tls(talk, &tls, done);
	/* Clear text is nothing for this port. */
	talk->is_mute = 1;
	return 0;
}

/* The host's answer to STARTTLS. */
static int
take_answer(struct talk *talk, enum hearing hearing, struct tls *tls,
    int *changed, int *done)
{
	if (hearing == GARBLED) {
		*done = talk_end_badly(talk, hearing);
		return 0;
	}
	/* Some do not survive the command: as if the handshake failed. */
	if (hearing == DIED)
		return end_handshake(talk, "it does not answer to STARTTLS",
		    done);
	if (talk->reply.code == 421) {
		if (is_demanded(&talk->secure))
			return end_by_policy(talk, ", but ", "it hangs up on "
			    "STARTTLS", "4.7.4", 1, done);
		*done = talk_give_up(talk, talk_words(talk, CONNECTED,
		    " but it hangs up on STARTTLS."), 1);
		return 0;
	}
	if (talk->reply.code != 220)
		return go_without(talk, ", but ", "it refuses STARTTLS",
		    "4.7.4", 1, done);
	/* Who speaks before the handshake is not the host (RFC 3207 6). */
	if (link_has_input(talk->link, 0)) {
		talk->is_mute = 1;
		*done = talk_end_badly(talk, GARBLED);
		return 0;
	}
	*changed = 1;
	return start_tls(talk, tls, done);
}

int
secure_by_command(struct talk *talk, int *changed, int *done)
{
	struct delivery *delivery = talk->delivery;
	struct tls tls;
	int goes_on;

	*changed = 0;
	if (talk->secure.is_encrypted ||
	    talk->secure.policy.level == LEVEL_NONE)
		return 1;
	if (delivery->goes_clear)
		return go_without(talk, ", and ", delivery->clear_reason.s,
		    "4.7.5", 0, done);
	if ((talk->extensions & EXTENSION_STARTTLS) == 0)
		return is_demanded(&talk->secure) ? end_by_policy(talk,
		    ", but ", "it does not offer STARTTLS", "4.7.4", 0,
		    done) : 1;
	if (!open_tls(talk, &tls, done))
		return 0;
	if (tls.channel == TLS_NO_FD)
		return 1;
	goes_on = take_answer(talk, talk_ask(talk, "STARTTLS\r\n",
	    COMMAND_S), &tls, changed, done);
	if (!talk->secure.is_encrypted)
		tls_close(&tls);
	return goes_on;
}

int
secure_for_password(const struct talk *talk)
{
	return talk->secure.is_encrypted ||
	    talk->delivery->route->is_cleartext;
}
