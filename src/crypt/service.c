/* service - wait at the socket, fork a child for each session */
#include "crypt/service.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crypt/confine.h"
#include "crypt/folder.h"
#include "crypt/journal.h"
#include "crypt/privilege.h"
#include "crypt/session.h"
#include "crypt/warm.h"

#define BACKLOG		4096	/* the kernel may have a lower limit */
#define ACCEPTS		64	/* in one go: signals have their turn, too */
#define FAILED		111	/* exit code: try again later */

struct service {
	const struct service_options *options;
	const struct confinement *confinement;
	struct contexts *contexts;
	int listener, signals;
	unsigned children;
	time_t looked;		/* when the files were looked at, */
	time_t refused;		/* and when a refusal was logged, last */
};

static int
fail(const char *what)
{
	journal_fault("what", what, strerror(errno));
	return 0;
}

/*
 * Who listens there is another service, and may have its backlog full; who
 * does not, is gone.
 */
static int
is_taken(const struct sockaddr_un *place)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	int taken = fd != -1 && (connect(fd, (const struct sockaddr *)place,
	    sizeof *place) == 0 || errno == EAGAIN);

	if (fd != -1)
		close(fd);
	return taken;
}

/*
 * All may connect: the two mail programs have no group in common.  Who asks
 * is what the kernel says of them.
 */
static int
listen_at_socket(struct service *service)
{
	struct sockaddr_un place = { .sun_family = AF_UNIX };
	char fresh[sizeof place.sun_path];

	strcpy(place.sun_path, SERVICE_SOCKET);
	if (is_taken(&place)) {
		errno = EADDRINUSE;
		return fail(SERVICE_SOCKET);
	}
	snprintf(fresh, sizeof fresh, "%s.%ld", SERVICE_SOCKET,
	    (long)getpid());
	strcpy(place.sun_path, fresh);
	unlink(fresh);
	service->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0);
	if (service->listener == -1 || bind(service->listener,
	    (const struct sockaddr *)&place, sizeof place) == -1)
		return fail(SERVICE_SOCKET);
	/* It takes its place when it can be connected to. */
	if (chmod(fresh, 0666) == -1 ||
	    listen(service->listener, BACKLOG) == -1 ||
	    rename(fresh, SERVICE_SOCKET) == -1) {
		fail(SERVICE_SOCKET);
		unlink(fresh);
		return 0;
	}
	return 1;
}

static int
watch_signals(struct service *service)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		return fail("signals");
	service->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return service->signals != -1 || fail("signals");
}

/* What the files say now.  Where that is of no use, all stays as it was. */
static void
load(struct service *service)
{
	struct contexts *fresh = contexts_read(service->contexts, 1);
	struct journal line;

	if (fresh == NULL) {
		journal_fault("what", "reload", "nothing is changed");
		/* Until something changes there is nothing new to try. */
		if (service->contexts != NULL)
			service->contexts->signature = folder_signature();
		return;
	}
	contexts_free(service->contexts);
	service->contexts = fresh;
	warm_up(fresh);
	journal_begin(&line, "loaded");
	journal_number(&line, "certificates", fresh->count);
	journal_text(&line, "client-certificates",
	    fresh->verifies_clients ? "verified" : "unused");
	journal_end(&line);
}

/* At most once a second: a look costs a few system calls a file. */
static void
look_at_files(struct service *service)
{
	time_t now = time(NULL);

	if (now == service->looked)
		return;
	service->looked = now;
	if (contexts_are_old(service->contexts))
		load(service);
}

static int
may_ask(const struct service *service, int channel, struct ucred *caller)
{
	const struct service_options *options = service->options;
	socklen_t len = sizeof *caller;
	size_t i;

	caller->uid = (uid_t)-1;
	if (getsockopt(channel, SOL_SOCKET, SO_PEERCRED, caller, &len) == -1)
		return 0;
	if (caller->uid == 0 || caller->uid == getuid())
		return 1;
	for (i = 0; i < options->caller_count; i++)
		if (caller->uid == options->callers[i])
			return 1;
	return 0;
}

/* A flood of refusals is one line a second. */
static void
refuse(struct service *service, int channel, enum record_code code,
    const char *why, const struct ucred *caller)
{
	time_t now = time(NULL);
	struct journal line;

	session_refuse(channel, code, why);
	if (now == service->refused)
		return;
	service->refused = now;
	journal_begin(&line, "refused");
	journal_number(&line, "uid", caller->uid);
	journal_text(&line, "reason", why);
	journal_end(&line);
}

static void
be_child(const struct service *service, int channel)
{
	sigset_t none;

	/* A SIGHUP to all of that name is meant for the parent. */
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(channel, SESSION_CHANNEL) == -1 ||
	    !confine_reduce(SESSION_CHANNEL))
		_exit(FAILED);
	_exit(session_run(service->contexts, service->confinement));
}

static void
serve(struct service *service, int channel)
{
	struct ucred caller;
	pid_t child;

	if (!may_ask(service, channel, &caller)) {
		refuse(service, channel, CODE_INTERNAL,
		    "this user may not ask", &caller);
		return;
	}
	if (service->children >= service->options->most) {
		refuse(service, channel, CODE_BUSY,
		    "as many sessions as there may be", &caller);
		return;
	}
	look_at_files(service);
	child = fork();
	if (child == 0)
		be_child(service, channel);
	if (child == -1)
		refuse(service, channel, CODE_INTERNAL, strerror(errno),
		    &caller);
	else
		service->children++;
}

/* Without descriptors or memory nothing but time helps. */
static void
log_accept(int error)
{
	if (error == EAGAIN || error == EINTR || error == ECONNABORTED)
		return;
	fail("accept");
	poll(NULL, 0, 100);
}

static void
accept_some(struct service *service)
{
	int channel, left = ACCEPTS;

	while (left-- > 0 && (channel = accept4(service->listener, NULL, NULL,
	    SOCK_CLOEXEC)) != -1) {
		serve(service, channel);
		close(channel);
	}
	if (left >= 0)
		log_accept(errno);
}

/* A child that was killed has met a bug, or broken a rule. */
static void
reap(struct service *service)
{
	struct journal line;
	int status;
	pid_t child;

	while ((child = waitpid(-1, &status, WNOHANG)) > 0) {
		service->children--;
		if (!WIFSIGNALED(status))
			continue;
		journal_begin(&line, "crashed");
		journal_number(&line, "pid", (unsigned long)child);
		journal_number(&line, "signal",
		    (unsigned long)WTERMSIG(status));
		journal_end(&line);
	}
}

/* 0: it is time to end. */
static int
take_signals(struct service *service)
{
	struct signalfd_siginfo info;

	while (read(service->signals, &info, sizeof info) == sizeof info) {
		if (info.ssi_signo == SIGCHLD)
			reap(service);
		else if (info.ssi_signo == SIGHUP)
			load(service);
		else
			return 0;
	}
	return 1;
}

/* Sessions that are under way go on without us. */
static int
wait_for_callers(struct service *service)
{
	struct pollfd fds[] = {
		{ service->signals, POLLIN, 0 },
		{ service->listener, POLLIN, 0 },
	};

	for (;;) {
		if (poll(fds, 2, -1) == -1 && errno != EINTR) {
			fail("poll");
			return FAILED;
		}
		if (fds[0].revents != 0 && !take_signals(service))
			break;
		if (fds[1].revents != 0)
			accept_some(service);
	}
	/* Who has found us still in place is served. */
	unlink(SERVICE_SOCKET);
	accept_some(service);
	return 0;
}

static int
begin(struct service *service)
{
	if (!watch_signals(service) || !listen_at_socket(service) ||
	    !privilege_become(service->options->user))
		return 0;
	/* Neither a core file nor who else is this user gets the keys. */
	confine_hide();
	load(service);
	service->looked = time(NULL);
	return service->contexts != NULL;
}

int
service_run(const struct service_options *options)
{
	struct service service = { .options = options };
	struct confinement *confinement = confine_prepare();
	int code = FAILED;

	if (confinement == NULL) {
		fail("seccomp");
		return code;
	}
	service.confinement = confinement;
	if (begin(&service))
		code = wait_for_callers(&service);
	contexts_free(service.contexts);
	free(confinement);
	return code;
}
