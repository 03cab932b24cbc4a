/* main - qsmtp-tls(8): TLS for Qsmtpd and Qremote, as a service or for one */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypt/confine.h"
#include "crypt/journal.h"
#include "crypt/service.h"
#include "crypt/session.h"

#define MOST_SESSIONS	500	/* at once, unless -c says */
#define CALLED_WRONGLY	100
#define FAILED		111

/* Who calls us on a host of qmail's, where these users exist. */
static const char *const usual[] = { "qmaild", "qmailr" };
#define USUAL		(sizeof usual / sizeof usual[0])

static int
usage(void)
{
	static const char text[] =
	    "usage: qsmtp-tls -s [-c sessions] [-u user] [-a user]...\n"
	    "without arguments it is executed by Qsmtpd or Qremote\n";

	fputs(text, stderr);
	return CALLED_WRONGLY;
}

static int
add_caller(struct service_options *options, const char *user, size_t most)
{
	const struct passwd *entry = getpwnam(user);

	if (entry == NULL || options->caller_count >= most)
		return 0;
	options->callers[options->caller_count++] = entry->pw_uid;
	return 1;
}

/* They go behind what -a names. */
static void
add_usual_callers(struct service_options *options)
{
	size_t i;

	for (i = 0; i < USUAL; i++)
		add_caller(options, usual[i], SERVICE_CALLERS);
}

static int
read_count(const char *text, unsigned *count)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (end == text || *end != '\0' || number == 0 || number > 100000)
		return 0;
	*count = (unsigned)number;
	return 1;
}

static int
read_options(int argc, char **argv, struct service_options *options,
    int *is_service)
{
	int option, good = 1;

	while (good && (option = getopt(argc, argv, "sc:u:a:")) != -1)
		switch (option) {
		case 's':
			*is_service = 1;
			break;
		case 'c':
			good = read_count(optarg, &options->most);
			break;
		case 'u':
			options->user = optarg;
			break;
		case 'a':
			good = add_caller(options, optarg,
			    SERVICE_CALLERS - USUAL);
			if (!good)
				journal_fault("user", optarg,
				    "there is no such user, or too many");
			break;
		default:
			good = 0;
		}
	return good && optind == argc;
}

static int
serve(struct service_options *options)
{
	const char *home = getenv("QMAILHOME");

	add_usual_callers(options);
	if (geteuid() == 0 && options->user == NULL) {
		journal_fault("user", "root", "name another one with -u");
		return FAILED;
	}
	if (home == NULL)
		home = QMAIL_HOME;
	if (chdir(home) == -1) {
		journal_fault("folder", home, strerror(errno));
		return FAILED;
	}
	return service_run(options);
}

/* Executed for one session: the channel is open already. */
static int
serve_once(void)
{
	struct confinement *confinement;
	int domain = 0;
	socklen_t len = sizeof domain;

	if (getsockopt(SESSION_CHANNEL, SOL_SOCKET, SO_DOMAIN, &domain,
	    &len) == -1 || domain != AF_UNIX)
		return usage();
	confinement = confine_prepare();
	if (!confine_reduce(SESSION_CHANNEL) || confinement == NULL) {
		journal_fault("what", "seccomp", strerror(errno));
		session_refuse(SESSION_CHANNEL, CODE_INTERNAL, "no seccomp");
		return FAILED;
	}
	/* Nothing is to be tidied up, and what would do it may be forbidden. */
	_exit(session_run(NULL, confinement));
}

/* Nothing of ours may get the number of one of these. */
static void
open_standard_fds(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null",
		    O_RDWR) == -1)
			break;
}

int
main(int argc, char **argv)
{
	struct service_options options = { .most = MOST_SESSIONS };
	int is_service = 0;

	open_standard_fds();
	signal(SIGPIPE, SIG_IGN);
	if (!read_options(argc, argv, &options, &is_service))
		return usage();
	if (is_service)
		return serve(&options);
	if (argc > 1)
		return usage();
	/* As the service's children end: nothing is tidied up. */
	_exit(serve_once());
}
