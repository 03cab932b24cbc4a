/* machine - the order of an SMTP session */
#include "smtp/machine.h"

#define IN(state)	(1u << (state))
#define BETWEEN		(IN(AT_CONNECT) | IN(AT_READY))
#define WITHIN		(IN(AT_MAIL) | IN(AT_RCPT))
#define STAY		STATE_COUNT	/* the verb changes nothing */

static const struct rule {
	unsigned from;			/* the states it may come in */
	enum smtp_state to;		/* after a positive reply */
} rules[VERB_COUNT] = {
	[VERB_HELO]	= { BETWEEN | WITHIN,	AT_READY },
	[VERB_EHLO]	= { BETWEEN | WITHIN,	AT_READY },
	/* RFC 3207 4.2: as if nothing had been said before. */
	[VERB_STARTTLS]	= { IN(AT_READY),	AT_CONNECT },
	[VERB_AUTH]	= { IN(AT_READY),	STAY },
	[VERB_MAIL]	= { IN(AT_READY),	AT_MAIL },
	[VERB_RCPT]	= { WITHIN,		AT_RCPT },
	[VERB_DATA]	= { IN(AT_RCPT),	AT_DATA },
	[VERB_RSET]	= { BETWEEN | WITHIN,	AT_READY },
	[VERB_NOOP]	= { BETWEEN | WITHIN,	STAY },
	[VERB_VRFY]	= { BETWEEN | WITHIN,	STAY },
	[VERB_EXPN]	= { BETWEEN | WITHIN,	STAY },
	[VERB_HELP]	= { BETWEEN | WITHIN,	STAY },
	[VERB_QUIT]	= { BETWEEN | WITHIN,	AT_QUIT },
};

int
smtp_allowed(enum smtp_state state, enum smtp_verb verb)
{
	return verb < VERB_COUNT && (rules[verb].from & IN(state)) != 0;
}

enum smtp_state
smtp_next(enum smtp_state state, enum smtp_verb verb, unsigned code)
{
	if (code == 421)
		return AT_QUIT;
	if (!smtp_allowed(state, verb) || code < 200 || code > 399)
		return state;
	if (rules[verb].to == STAY)
		return state;
	/* RSET greets nobody. */
	if (verb == VERB_RSET && state == AT_CONNECT)
		return AT_CONNECT;
	return rules[verb].to;
}

enum smtp_state
smtp_after_data(unsigned code)
{
	return code == 421 ? AT_QUIT : AT_READY;
}
