/* spfquery - may a client send mail of a domain?  See spfquery(1) */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/address.h"
#include "base/control.h"
#include "base/deadline.h"
#include "mail/spf.h"
#include "net/dns.h"

enum {				/* exit codes besides those of results */
	TEMPORARY = 5,
	USAGE = 64
};

static void
write_all(int fd, const char *octets, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, octets, len);

		if (n == -1 && errno != EINTR)
			return;
		if (n > 0) {
			octets += n;
			len -= (size_t)n;
		}
	}
}

static int
complain(int code, const char *what, int error)
{
	stralloc line = { 0 };

	if (stralloc_copys(&line, "spfquery: ") && stralloc_cats(&line, what) &&
	    (error == 0 || stralloc_catm(&line, ": ", strerror(error))) &&
	    stralloc_cats(&line, "\n"))
		write_all(STDERR_FILENO, line.s, line.len);
	stralloc_free(&line);
	return code;
}

static int
add_line(stralloc *text, const char *key, const char *value)
{
	return value == NULL || *value == '\0' ||
	    stralloc_catm(text, key, "=", value, "\n");
}

static int
print(const struct spf *spf)
{
	static const int codes[] = {
		[SPF_PASS] = 0, [SPF_FAIL] = 1, [SPF_SOFTFAIL] = 2,
		[SPF_NEUTRAL] = 3, [SPF_NONE] = 4, [SPF_TEMPERROR] = 5,
		[SPF_PERMERROR] = 6, [SPF_UNKNOWN] = TEMPORARY,
	};
	stralloc text = { 0 };
	int code = codes[spf->result];

	if (stralloc_copys(&text, spf_result_name(spf->result)) &&
	    stralloc_cats(&text, "\n") &&
	    add_line(&text, "mechanism", spf->mechanism.s) &&
	    add_line(&text, "explanation", spf->explanation.s) &&
	    add_line(&text, "problem", spf->problem))
		write_all(STDOUT_FILENO, text.s, text.len);
	else
		code = complain(TEMPORARY, "no memory", 0);
	stralloc_free(&text);
	return code;
}

/* Go on until nothing more is wanted; what comes too late is a failure. */
static enum status
evaluate(struct spf *spf, struct dns *dns)
{
	size_t i;

	for (;;) {
		if (spf_run(spf) != OK)
			return TEMPFAIL;
		if (spf->result != SPF_UNKNOWN)
			return OK;
		for (i = 0; i < spf->count; i++) {
			struct spf_question *question = &spf->questions[i];

			if (question->answer == NULL)
				question->answer = dns_ask_escaped(dns,
				    question->name, question->type);
			if (question->answer == NULL)
				return TEMPFAIL;
		}
		dns_collect(dns, deadline_in(INT64_MAX / 2));
	}
}

/* Our own name only shows in explanations. */
static enum status
read_name(struct control *control, stralloc *me)
{
	int found;

	if (control_line(control, "me", me, &found) != OK)
		return TEMPFAIL;
	if ((!found || me->len == 0) && !stralloc_copys(me, "unknown"))
		return TEMPFAIL;
	return stralloc_0(me) ? OK : TEMPFAIL;
}

static int
query(struct control *control, const struct address *client, const char *helo,
    const char *sender)
{
	struct dns *dns = NULL;
	struct spf spf = { 0 };
	stralloc me = { 0 };
	int code;

	if (read_name(control, &me) != OK || dns_open(&dns, control) != OK)
		code = complain(TEMPORARY, control->failed, control->error);
	else if (spf_start(&spf, client, helo, strlen(helo), sender,
	    strlen(sender), me.s, time(NULL)) != OK ||
	    evaluate(&spf, dns) != OK)
		code = complain(TEMPORARY, "no memory", 0);
	else
		code = print(&spf);
	spf_free(&spf);
	dns_close(dns);
	stralloc_free(&me);
	return code;
}

int
main(int argc, char **argv)
{
	static const char usage[] = "usage: spfquery address helo sender";
	const char *home = getenv("QMAILHOME");
	struct control control = { 0 };
	struct address client;
	int code;

	if (argc != 4 ||
	    address_parse(argv[1], strlen(argv[1]), &client) != OK)
		return complain(USAGE, usage, 0);
	signal(SIGPIPE, SIG_IGN);
	if (home == NULL)
		home = QMAIL_HOME;
	if (chdir(home) == -1)
		return complain(TEMPORARY, home, errno);
	if (control_open(&control) != OK)
		code = complain(TEMPORARY, "no memory", 0);
	else
		code = query(&control, &client, argv[2], argv[3]);
	control_close(&control);
	return code;
}
