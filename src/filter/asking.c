/* asking - the questions that filters ask the DNS */
#include "filter/asking.h"

#include <string.h>

static const struct dns_question unasked = {
	.name = "", .canonical = "", .state = DNS_TEMPFAIL,
};

/* Settings that cannot be used are logged once a session. */
static struct dns *
open_dns(struct asking *asking)
{
	if (asking->dns == NULL && !asking->is_broken &&
	    dns_open(&asking->dns, asking->session->control) != OK) {
		asking->dns = NULL;
		asking->is_broken = 1;
		session_log_fault(asking->session);
	}
	return asking->dns;
}

static const struct dns_question *
or_unasked(const struct dns_question *question)
{
	return question != NULL ? question : &unasked;
}

const struct dns_question *
asking_ask(struct asking *asking, const char *name, enum dns_type type)
{
	struct dns *dns = open_dns(asking);

	return or_unasked(dns != NULL ? dns_ask(dns, name, type) : NULL);
}

const struct dns_question *
asking_ask_escaped(struct asking *asking, const char *name,
    enum dns_type type)
{
	struct dns *dns = open_dns(asking);

	return or_unasked(dns != NULL ? dns_ask_escaped(dns, name, type) :
	    NULL);
}

const struct dns_question *
asking_ask_reverse(struct asking *asking, const struct address *address)
{
	struct dns *dns = open_dns(asking);

	return or_unasked(dns != NULL ? dns_ask_reverse(dns, address) : NULL);
}

int
asking_failed(const struct dns_question *question)
{
	return question == &unasked;
}

void
asking_start(struct asking *asking, const struct session *session)
{
	memset(asking, 0, sizeof *asking);
	asking->session = session;
}

void
asking_stop(struct asking *asking)
{
	dns_close(asking->dns);
	asking->dns = NULL;
}

void
asking_keep(struct asking *asking)
{
	if (asking->dns != NULL)
		dns_keep(asking->dns);
}

void
asking_forget(struct asking *asking)
{
	if (asking->dns != NULL)
		dns_forget(asking->dns);
}

int
asking_collect(struct asking *asking)
{
	const struct session *session = asking->session;
	struct deadline until = { session->until_ms };

	if (asking->dns == NULL || !dns_is_waiting(asking->dns))
		return 0;
	dns_collect(asking->dns, until);
	return 1;
}
