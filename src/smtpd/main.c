/* main - Qsmtpd(8): environment and control files in, exit code out */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "smtpd/serve.h"

#define FOREVER_S	(1u << 30)	/* a longer session has no end */
#define FAILED		1	/* exit code of a session without QUIT */

/* The id is unique on this host as long as process ids do not repeat. */
static void
set_id(struct session *session)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t parts[] = { (uint64_t)getpid(), (uint64_t)time(NULL) };
	char text[SESSION_ID];
	size_t i, at = sizeof text;

	text[--at] = '\0';
	for (i = 0; i < 2; i++) {
		if (i > 0)
			text[--at] = '.';
		do
			text[--at] = digits[parts[i] & 15];
		while ((parts[i] >>= 4) > 0);
	}
	strcpy(session->id, text + at);
}

/* Go to the qmail home and read what every session needs. */
static enum status
prepare(struct session *session, struct config *config,
    struct control *control, char *const arguments[])
{
	const char *home = getenv("QMAILHOME");

	if (home == NULL)
		home = QMAIL_HOME;
	if (chdir(home) == -1)
		return control_refuse(control, home, errno);
	if (control_open(control) != OK)
		return control_refuse(control, "", ENOMEM);
	if (config_read(config, control, arguments, &session->peer) != OK)
		return TEMPFAIL;
	return settings_read(session->settings, control);
}

/* The one answer there is when nothing else works; it needs no memory. */
static void
refuse(const struct session *session)
{
	static const char reply[] =
	    "421 4.3.0 unable to read controls (#4.3.0)\r\n";

	if (session->control->error == 0)
		control_refuse(session->control, "", ENOMEM);
	session_log_fault(session);
	/* A client that waits for TLS hears nothing in clear. */
	if (session->peer.begins_tls)
		return;
	if (write(STDOUT_FILENO, reply, sizeof reply - 1) == -1)
		return;
}

int
main(int argc, char **argv)
{
	struct server server = { 0 };
	struct session *session = &server.session;
	struct config config = { 0 };
	struct control control = { 0 };
	struct settings settings = { 0 };
	int code = FAILED;

	/* A full log must not end us, and a child has to be waited for. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	log_open(&session->log);
	session->config = &config;
	session->control = &control;
	session->settings = &settings;
	session->started_ms = clock_ms();
	set_id(session);
	peer_read(&session->peer);
	if (prepare(session, &config, &control, argv + (argc > 0)) != OK) {
		refuse(session);
		goto done;
	}
	session->until_ms = INT64_MAX;
	if (config.maxsession_s > 0 && config.maxsession_s < FOREVER_S)
		session->until_ms = session->started_ms +
		    (int64_t)config.maxsession_s * 1000;
	session->link = link_open(STDIN_FILENO, STDOUT_FILENO,
	    config.timeout_s);
	if (session->link == NULL) {
		control_refuse(&control, "", ENOMEM);
		refuse(session);
		goto done;
	}
	code = serve(&server);
	link_close(session->link);
done:
	session_free(session);
	settings_free(&settings);
	config_free(&config);
	control_close(&control);
	return code;
}
