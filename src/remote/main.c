/* main - Qremote(8): host sender recipient... in, a report out, exit 0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "net/dial.h"
#include "remote/candidate.h"
#include "remote/config.h"
#include "remote/converse.h"
#include "remote/report.h"
#include "remote/route.h"
#include "remote/senderhosts.h"
#include "remote/tcpto.h"

#define ALL_CONNECTS	3	/* times timeoutconnect, for all hosts */
#define ALL_TALKS	2	/* times timeoutremote, before the last host */
#define ROUNDING_MS	1000	/* by which a time-out may be early */

/* The whole run; what main() frees. */
struct run {
	struct control control;
	struct config config;
	struct route route;
	struct senderhost senderhost;
	struct dns *dns;
	struct candidates candidates;
	struct delivery delivery;
	stralloc tried;		/* a line for each host that would not do */
	stralloc note;		/* a line for the end of the report */
};

static void
report_fault(struct run *run, const char *text)
{
	report_message(&run->delivery.report, REPORT_DEFERRED, text, NULL);
}

/* What would end a command line, or begin another, stays off the wire. */
static int
is_clean(const char *argument)
{
	for (; *argument != '\0'; argument++)
		if ((unsigned char)*argument < ' ' || *argument == 0x7f)
			return 0;
	return 1;
}

static int
check_arguments(struct run *run, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!is_clean(argv[i])) {
			report_message(&run->delivery.report, REPORT_PERMANENT,
			    "An address with control characters cannot be "
			    "sent by SMTP. (#5.1.3)\n", NULL);
			return 0;
		}
	return 1;
}

/* Say so where a password lies open; memory that is gone costs the line. */
static void
note_exposed(struct run *run)
{
	if (run->route.is_exposed && stralloc_copym(&run->note,
	    run->route.source, " holds a password and is readable by all.\n") &&
	    stralloc_0(&run->note))
		run->delivery.report.note = run->note.s;
}

/* Go to the qmail home and read what is needed to find a host. */
static int
prepare(struct run *run, const char *host, const char *sender)
{
	const char *home = getenv("QMAILHOME");
	int is_ready = 0;

	if (home == NULL)
		home = QMAIL_HOME;
	if (chdir(home) == -1)
		control_refuse(&run->control, home, errno);
	else if (control_open(&run->control) != OK)
		control_refuse(&run->control, "", ENOMEM);
	else
		is_ready = remote_config_read(&run->config,
		    &run->control) == OK &&
		    route_find(&run->route, &run->control, host,
		    sender) == OK &&
		    senderhost_find(&run->senderhost, &run->control,
		    sender) == OK &&
		    (!candidates_need_dns(&run->route, host) ||
		    dns_open(&run->dns, &run->control) == OK);
	note_exposed(run);
	if (!is_ready)
		report_control(&run->delivery.report, &run->control);
	return is_ready;
}

/* `ADDRESS: why`, for the case that no host will do. */
static void
note(struct run *run, const struct candidate *candidate, const char *why)
{
	char ip[ADDRESS_TEXT];

	address_print(&candidate->address, ip);
	/* Memory that is gone costs the report a line. */
	if (!stralloc_catm(&run->tried, candidate->host, " [", ip, "]: ", why,
	    "\n"))
		stralloc_zero(&run->tried);
}

/* The first of the addresses to connect from; NULL: the system chooses. */
static const struct address *
address_to_use(const struct address *of_route,
    const struct address *of_sender, const struct address *of_all)
{
	if (of_route->family != 0)
		return of_route;
	if (of_sender->family != 0)
		return of_sender;
	return of_all->family != 0 ? of_all : NULL;
}

/*
 * Connect to a candidate; -1 where that fails.  `left_ms` is what remains for
 * all of them together.
 */
static int
connect_to(struct run *run, const struct candidate *candidate,
    int64_t *left_ms)
{
	const struct address *to = &candidate->address, *from;
	int64_t most_ms = (int64_t)run->config.connect_s * 1000;
	int64_t began = clock_ms();
	enum dial_end end;
	int fd, error, is_whole = most_ms <= *left_ms + ROUNDING_MS;

	if (*left_ms <= 0) {
		note(run, candidate, "no time left to try");
		return -1;
	}

	if (tcpto_is_dead(to, (int64_t)time(NULL))) {
		note(run, candidate, "timed out of late, not tried");
		return -1;
	}
	from = to->family == 6 ? address_to_use(&run->route.from6,
	    &run->senderhost.from6, &run->config.from6) :
	    address_to_use(&run->route.from4, &run->senderhost.from4,
	    &run->config.from4);
	end = dial(to, run->route.port, from, deadline_in(is_whole ? most_ms :
	    *left_ms), &fd, &error);
	*left_ms -= clock_ms() - began;
	/* An attempt that was cut short says nothing of the host. */
	if (end == DIAL_CONNECTED || (end == DIAL_TIMEOUT && is_whole))
		tcpto_note(to, end == DIAL_TIMEOUT, (int64_t)time(NULL));
	if (end == DIAL_CONNECTED)
		return fd;
	note(run, candidate, strerror(error));
	return -1;
}

/* No host would do. */
static void
report_no_host(struct run *run, size_t said_521)
{
	struct report *report = &run->delivery.report;
	stralloc *text = &run->delivery.failure;

	if (said_521 == run->candidates.count && !run->candidates.is_partial) {
		report_message(report, REPORT_PERMANENT, "Sorry, every mail "
		    "exchanger says that it takes no mail. (#5.3.2)\n", NULL);
		return;
	}
	if (text->len == 0 && !stralloc_copys(text, "Sorry, I wasn't able to "
	    "establish an SMTP connection. (#4.4.1)\n"))
		text->len = 0;
	if (run->tried.len > 0 && !stralloc_cat(text, &run->tried))
		text->len = 0;
	if (text->len > 0 && stralloc_0(text))
		report_message(report, REPORT_DEFERRED, text->s, NULL);
	else
		report_fault(run, "Out of memory. (#4.3.0)\n");
}

/* What was tried with one host. */
struct tries {
	int helo, clear;
};

/*
 * A host that hangs up on EHLO may know HELO, and one whose handshake fails
 * takes mail in clear.  Each is tried once.
 */
static int
wants_again(const struct delivery *delivery, struct tries *tries)
{
	if (delivery->goes_clear && !tries->clear) {
		tries->clear = 1;
		return 1;
	}
	if (!delivery->says_helo || tries->helo)
		return 0;
	tries->helo = 1;
	return 1;
}

/* One host after the other, until one has answered to MAIL. */
static void
deliver(struct run *run)
{
	int64_t left_ms = (int64_t)run->config.connect_s * 1000 * ALL_CONNECTS;
	struct deadline talks = deadline_in((int64_t)run->config.timeout_s *
	    1000 * ALL_TALKS);
	struct delivery *delivery = &run->delivery;
	size_t i, said_521 = 0;

	for (i = 0; i < run->candidates.count; i++) {
		const struct candidate *candidate = &run->candidates.list[i];
		struct tries tries = { 0, 0 };
		int fd;

		if (i > 0 && deadline_left_ms(talks) == 0)
			break;
		delivery->says_helo = delivery->goes_clear = 0;
		do {
			fd = connect_to(run, candidate, &left_ms);
			if (fd != -1 && converse(delivery, candidate, fd))
				return;
		} while (fd != -1 && wants_again(delivery, &tries));
		if (fd == -1)
			continue;
		said_521 += (size_t)delivery->said_521;
		note(run, candidate, "would not talk, see above");
	}
	report_no_host(run, said_521);
}

static void
run_all(struct run *run, int argc, char **argv)
{
	struct delivery *delivery = &run->delivery;

	if (report_open(&delivery->report, argc > 3 ? (size_t)argc - 3 :
	    0) != OK)
		return;
	if (argc < 4) {
		report_message(&delivery->report, REPORT_PERMANENT,
		    "I was called wrongly: host, sender, recipients. "
		    "(#5.3.5)\n", NULL);
		return;
	}
	if (!check_arguments(run, argc, argv) ||
	    !prepare(run, argv[1], argv[2]))
		return;
	delivery->config = &run->config;
	delivery->control = &run->control;
	delivery->domain = argv[1];
	delivery->route = &run->route;
	delivery->helo = run->senderhost.helo.len > 0 ?
	    run->senderhost.helo.s : run->config.helohost.s;
	delivery->sender = argv[2];
	delivery->recipients = argv + 3;
	delivery->count = (size_t)argc - 3;
	if (body_open(&delivery->body, STDIN_FILENO) != OK) {
		report_fault(run, "Unable to read the message file. "
		    "(#4.3.0)\n");
		return;
	}
	candidates_find(&run->candidates, run->dns, &run->config, &run->route,
	    argv[1]);
	if (run->candidates.count > 0)
		deliver(run);
	else if (run->candidates.text.s != NULL)
		report_message(&delivery->report, run->candidates.letter,
		    run->candidates.text.s, NULL);
	else
		report_fault(run, "Out of memory. (#4.3.0)\n");
}

/* qmail-rspawn gives us one pipe as both; only the report may go there. */
static void
silence_stderr(void)
{
	int null = open("/dev/null", O_RDWR);

	if (null == -1)
		return;
	if (null != STDERR_FILENO) {
		dup2(null, STDERR_FILENO);
		if (null > STDERR_FILENO)
			close(null);
	}
}

int
main(int argc, char **argv)
{
	struct run run = { 0 };

	signal(SIGPIPE, SIG_IGN);
	silence_stderr();
	run_all(&run, argc, argv);
	/* The password waits for no reader of the report. */
	route_free(&run.route);
	report_write(&run.delivery.report);
	/* Everything else is given back by the end. */
	_exit(0);
}
