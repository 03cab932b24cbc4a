/* tarpit - refusals come slowly: control/tarpit */
#include "smtpd/tarpit.h"

unsigned
tarpit_seconds(uint64_t first, uint64_t before)
{
	if (first == 0)
		return 0;
	if (first >= TARPIT_LONGEST_S || before >= TARPIT_LONGEST_S - first)
		return TARPIT_LONGEST_S;
	return (unsigned)(first + before);
}

/* AUTH has a delay of its own; the rest tells nobody anything. */
static int
is_held(enum smtp_verb verb, const struct reply *reply)
{
	/* With 421 we leave, often for a fault of ours. */
	if (reply->code < 400 || reply->code == 421)
		return 0;
	switch (verb) {
	case VERB_HELO:
	case VERB_EHLO:
	case VERB_MAIL:
	case VERB_RCPT:
	case VERB_DATA:
	case VERB_COUNT:
		return 1;
	default:
		return 0;
	}
}

enum status
tarpit_hold(struct session *session, enum smtp_verb verb,
    const struct reply *reply)
{
	struct deadline end = { session->until_ms };
	unsigned seconds;

	if (session->config->tarpit_s == 0 || session_may_relay(session) ||
	    !is_held(verb, reply))
		return OK;
	seconds = tarpit_seconds(session->config->tarpit_s,
	    session->totals.refusals++);
	if (link_flush(session->link) != OK)
		return TEMPFAIL;
	return link_hold(session->link, deadline_sooner(end,
	    deadline_in((int64_t)seconds * 1000)));
}
