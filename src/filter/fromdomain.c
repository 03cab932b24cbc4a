/* fromdomain - the sender's domain has no host that others can reach */
#include "filter/addressclass.h"
#include "filter/exchangers.h"
#include "filter/table.h"

/* What Qsmtp's bits stand for. */
#define IS_MISSING	1u	/* cannot get mail */
#define IS_LOOPBACK	2u	/* all its hosts are whoever asks */
#define IS_PRIVATE	4u	/* ... are in networks that nobody reaches */

struct memory {
	unsigned logged;
};

static void
ask(const struct session *session, struct own *own, struct asking *asking)
{
	exchangers_ask(session, own->transaction, asking);
}

static int
is_unwanted(const struct address *address, const void *how)
{
	const uint64_t *bits = how;

	switch (address_class(address)) {
	case ADDRESS_LOOPBACK:
		return (*bits & IS_LOOPBACK) != 0;
	case ADDRESS_PRIVATE:
		return (*bits & IS_PRIVATE) != 0;
	default:
		return 0;
	}
}

/* By the bit for what is missing, what is not known now is put off. */
static enum verdict
judge_unknown(const struct session *session, struct memory *memory,
    struct finding *finding, uint64_t bits)
{
	if ((bits & IS_MISSING) == 0) {
		finding_log_undecided(finding, session, "fromdomain",
		    &memory->logged);
		return PASS;
	}
	finding_set(finding, "fromdomain", 451, "4.4.3",
	    "the DNS does not say now where mail to the sender's domain "
	    "would go (#4.4.3)");
	return DEFER;
}

static enum verdict
judge_addresses(const struct session *session, struct own *own,
    struct finding *finding, uint64_t bits)
{
	exchangers_reason(finding, session);
	if (exchangers_state(session, own->transaction) == EXCHANGERS_UNKNOWN)
		return judge_unknown(session, own->session, finding, bits);
	switch (exchangers_all(session, own->transaction, is_unwanted,
	    &bits)) {
	case EXCHANGERS_PERHAPS:
		return judge_unknown(session, own->session, finding, bits);
	case EXCHANGERS_ALL:
		finding_set(finding, "fromdomain", 550, "5.4.0",
		    "mail to the sender's domain cannot leave its own "
		    "network: its addresses are not public (#5.4.0)");
		return REJECT;
	default:
		return PASS;
	}
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	enum verdict verdict;
	uint64_t bits;

	verdict = finding_number(finding, session, "fromdomain", &bits);
	if (verdict != PASS)
		return verdict;
	/* A mode without a number. */
	if (bits == 0)
		bits = IS_MISSING;
	if ((bits & IS_MISSING) != 0)
		verdict = exchangers_judge(session, own->transaction, finding,
		    "fromdomain");
	if (verdict == PASS && (bits & (IS_LOOPBACK | IS_PRIVATE)) != 0)
		verdict = judge_addresses(session, own, finding, bits);
	return verdict;
}

const struct filter filter_fromdomain = {
	.name = "fromdomain",
	.session = sizeof(struct memory),
	.transaction = sizeof(struct exchangers),
	.spares = SPARES_TRUSTED,
	.ask = { [ON_MAIL] = ask, [ON_RCPT] = ask },
	.on = { [ON_RCPT] = rcpt },
};
