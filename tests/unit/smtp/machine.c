#include "smtp/machine.h"

#include "../suite.h"

/*
 * Every state and verb: whether it may come there, and where success leads.  A
 * verb that is refused changes nothing.
 */
static const struct {
	enum smtp_state state;
	/* The next states, or NO, by verb in the order of the enum. */
	enum smtp_state next[VERB_COUNT + 1];
} states[] = {
#define NO	STATE_COUNT
	/* HELO, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, RSET */
	/* NOOP, VRFY, EXPN, HELP, QUIT, one that nobody knows */
	{ AT_CONNECT, { AT_READY, AT_READY, NO, NO, NO, NO, NO, AT_CONNECT,
	    AT_CONNECT, AT_CONNECT, AT_CONNECT, AT_CONNECT, AT_QUIT, NO } },
	{ AT_READY, { AT_READY, AT_READY, AT_CONNECT, AT_READY, AT_MAIL, NO,
	    NO, AT_READY, AT_READY, AT_READY, AT_READY, AT_READY, AT_QUIT,
	    NO } },
	{ AT_MAIL, { AT_READY, AT_READY, NO, NO, NO, AT_RCPT, NO, AT_READY,
	    AT_MAIL, AT_MAIL, AT_MAIL, AT_MAIL, AT_QUIT, NO } },
	{ AT_RCPT, { AT_READY, AT_READY, NO, NO, NO, AT_RCPT, AT_DATA, AT_READY,
	    AT_RCPT, AT_RCPT, AT_RCPT, AT_RCPT, AT_QUIT, NO } },
	{ AT_DATA, { NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
	    NO } },
	{ AT_QUIT, { NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
	    NO } },
};

static const unsigned successes[] = { 200, 250, 354, 399 };
static const unsigned refusals[] = { 0, 199, 400, 450, 500, 503, 550, 599 };

START_TEST(each_state)
{
	enum smtp_state state = states[_i].state;
	enum smtp_verb verb;
	int i;

	for (verb = 0; verb <= VERB_COUNT; verb++) {
		enum smtp_state next = states[_i].next[verb];
		int allowed = next != NO;

		ck_assert_int_eq(smtp_allowed(state, verb), allowed);
		for (i = 0; i < ROWS(successes); i++)
			ck_assert_int_eq(smtp_next(state, verb, successes[i]),
			    allowed ? next : state);
		for (i = 0; i < ROWS(refusals); i++)
			ck_assert_int_eq(smtp_next(state, verb, refusals[i]),
			    state);
		/* RFC 5321 3.8: after 421 the session is over. */
		ck_assert_int_eq(smtp_next(state, verb, 421), AT_QUIT);
	}
}
END_TEST

static const struct {
	unsigned code;
	enum smtp_state next;
} ends[] = {
	{ 250, AT_READY },
	{ 451, AT_READY },
	{ 552, AT_READY },
	{ 554, AT_READY },
	{ 421, AT_QUIT },
};

START_TEST(each_end_of_data)
{
	ck_assert_int_eq(smtp_after_data(ends[_i].code), ends[_i].next);
}
END_TEST

SUITE("machine",
    { each_state, ROWS(states), NULL, NULL },
    { each_end_of_data, ROWS(ends), NULL, NULL })
