/* helovalid - the argument of HELO is no name, or one of ours */
#include <string.h>

#include "base/text.h"
#include "filter/table.h"
#include "smtp/mailbox.h"

/* What Qsmtp's bits stand for; those missing here mean nothing. */
#define OWN_NAME	2u
#define OWN_LITERAL	4u	/* in brackets */
#define INVALID		8u
#define OWN_ADDRESS	32u	/* without brackets */

static const struct {
	uint64_t bit;
	const char *text;
} faults[] = {
	{ OWN_NAME, "the name given with HELO is our own "
	    "(helovalid) (#5.7.1)" },
	{ OWN_LITERAL, "the address given with HELO is our own "
	    "(helovalid) (#5.7.1)" },
	{ INVALID, "the argument of HELO is neither a full host name nor an "
	    "address in brackets (helovalid) (#5.7.1)" },
	{ OWN_ADDRESS, "the address given with HELO is our own, and without "
	    "brackets (helovalid) (#5.7.1)" },
};

/* A last label of digits alone is that of an address. */
static int
is_full_name(const char *name, size_t len)
{
	const char *dot;
	uint64_t number;
	size_t last;

	if (!domain_is_valid(name, len))
		return 0;
	dot = memrchr(name, '.', len);
	if (dot == NULL)
		return 0;
	last = (size_t)(name + len - dot) - 1;
	return text_number(dot + 1, last, &number) < last;
}

/* The fault of the argument: one of the bits, or 0. */
static unsigned
fault_of(const struct session *session)
{
	const stralloc *me = &session->config->me;
	const char *helo = session->helo.s;
	size_t len = session->helo.len;
	struct address address;

	if (len > 0 && helo[0] == '[') {
		if (address_parse_literal(helo, len, &address) != OK)
			return INVALID;
		return address_equal(&address, &session->peer.local) ?
		    OWN_LITERAL : 0;
	}
	if (len > 0 && address_parse(helo, len, &address) == OK)
		return address_equal(&address, &session->peer.local) ?
		    OWN_ADDRESS : INVALID;
	if (len > 1 && helo[len - 1] == '.')
		len--;
	if (me->len > 1 && text_is(helo, len, me->s))
		return OWN_NAME;
	return is_full_name(helo, len) ? 0 : INVALID;
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	unsigned fault = fault_of(session);
	enum verdict verdict;
	uint64_t wanted;
	size_t i;

	(void)own;
	verdict = finding_number(finding, session, "helovalid", &wanted);
	if (verdict != PASS)
		return verdict;
	for (i = 0; i < sizeof faults / sizeof faults[0]; i++)
		if ((faults[i].bit & fault & wanted) != 0)
			break;
	if (i == sizeof faults / sizeof faults[0])
		return PASS;
	/* Memory that is gone costs the log a word, not the answer. */
	if (session->helo.len > 0 && !stralloc_copyb(&finding->reason,
	    session->helo.s, session->helo.len))
		stralloc_zero(&finding->reason);
	finding_set(finding, "helovalid", 550, "5.7.1", faults[i].text);
	return REJECT;
}

const struct filter filter_helovalid = {
	.name = "helovalid",
	.spares = SPARES_TRUSTED,
	.on = { [ON_RCPT] = rcpt },
};
