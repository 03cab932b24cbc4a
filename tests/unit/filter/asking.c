#include "filter/asking.h"

#include "../capture.h"
#include "../judge.h"
#include "../suite.h"

/*
 * Filters that ask: A before the greeting and once more at RCPT, B at MAIL and
 * then in as many rounds as a row says.  Nobody listens at the resolver's
 * port, so each question is answered as soon as it is collected.
 */
enum { A, B, FAKES };

static unsigned asks[FAKES][PHASE_COUNT];
static unsigned hooks[FAKES];
static unsigned rounds_wanted;		/* of B */
static const struct dns_question *last[FAKES];
static char order[64];			/* of what happened */

static const struct dns_question *
ask_by_number(struct asking *asking, char letter, unsigned number)
{
	char name[32];

	snprintf(name, sizeof name, "%c%u.test", letter, number);
	return asking_ask(asking, name, DNS_A);
}

static void
note(char letter)
{
	size_t len = strlen(order);

	if (len + 1 < sizeof order)
		order[len] = letter;
}

static void
ask_a(const struct session *ours, struct own *own, struct asking *asking)
{
	ck_assert_ptr_eq(ours, &session);
	ck_assert_ptr_nonnull(own->transaction);
	note('a');
	last[A] = ask_by_number(asking, 'a', 0);
}

/* Each answer leads to the next question. */
static void
ask_b(const struct session *ours, struct own *own, struct asking *asking)
{
	unsigned i;

	(void)ours;
	(void)own;
	note('b');
	for (i = 0; i < rounds_wanted; i++) {
		last[B] = ask_by_number(asking, 'b', i);
		if (last[B]->state == DNS_WAITING)
			return;
		ck_assert_int_eq(last[B]->state, DNS_TEMPFAIL);
	}
}

#define COUNTED(who, fake, phase)					\
	static void							\
	who##_at_##phase(const struct session *ours, struct own *own,	\
	    struct asking *asking)					\
	{								\
		asks[fake][phase]++;					\
		who(ours, own, asking);					\
	}

COUNTED(ask_a, A, ON_CONNECT)
COUNTED(ask_a, A, ON_RCPT)
COUNTED(ask_b, B, ON_MAIL)
COUNTED(ask_b, B, ON_RCPT)

static enum verdict
rcpt_a(const struct session *ours, struct own *own, struct finding *finding)
{
	(void)ours;
	(void)own;
	(void)finding;
	hooks[A]++;
	note('A');
	ck_assert_int_ne(last[A]->state, DNS_WAITING);
	return PASS;
}

static enum verdict
rcpt_b(const struct session *ours, struct own *own, struct finding *finding)
{
	(void)ours;
	(void)own;
	(void)finding;
	hooks[B]++;
	note('B');
	return PASS;
}

static enum verdict
refuse(const struct session *ours, struct own *own, struct finding *finding)
{
	(void)own;
	if (ours->mail.forward_path.mailbox.s[0] != 'x')
		return PASS;
	finding_set(finding, "refuse", 550, "5.7.1", "no (#5.7.1)");
	return REJECT;
}

static const struct filter offline = {
	.name = "offline", .is_on = 1, .spares = SPARES_NOBODY,
	.on = { [ON_RCPT] = refuse },
};
static const struct filter fakes[FAKES] = {
	[A] = {
		.name = "a", .is_on = 1, .spares = SPARES_TRUSTED,
		.transaction = 1,
		.ask = { [ON_CONNECT] = ask_a_at_ON_CONNECT,
		    [ON_RCPT] = ask_a_at_ON_RCPT },
		.on = { [ON_RCPT] = rcpt_a },
	},
	[B] = {
		.name = "b", .is_on = 1, .spares = SPARES_NOBODY,
		.ask = { [ON_MAIL] = ask_b_at_ON_MAIL,
		    [ON_RCPT] = ask_b_at_ON_RCPT },
		.on = { [ON_RCPT] = rcpt_b },
	},
};
static const struct filter *const table[] = {
	&offline, &fakes[A], &fakes[B],
};

static void
begin(void)
{
	judge_make();
	home_file("control/resolvers", "127.0.0.1:1\n");
	home_file("control/dnstimeout", "5\n");
	session.until_ms = deadline_in(60000).at_ms;
	memset(asks, 0, sizeof asks);
	memset(hooks, 0, sizeof hooks);
	memset(last, 0, sizeof last);
	memset(order, 0, sizeof order);
	rounds_wanted = 1;
}

static void
start(void)
{
	judge_start(table, ROWS(table));
	ck_assert_int_eq(judge(ON_CONNECT), PASS);
	ck_assert_int_eq(judge(ON_HELO), PASS);
}

/* Who asks when, and what happens in which order. */
static const struct {
	const char *settings;
	enum relay relay;
	const char *forward_path;
	unsigned rounds;
	const char *order;
} rows[] = {
	/* At once; at RCPT, and again with the answers; then the hooks. */
	{ "", 0, "c@d", 1,		"abababAB" },
	{ "", 0, "c@d", 0,		"abababAB" },
	{ "", 0, "c@d", 3,		"abababababAB" },
	{ "", 0, "x@d", 3,		"ab" },
	{ "a=off", 0, "c@d", 1,		"bbbB" },
	{ "b=off", 0, "c@d", 1,		"aaaA" },
	{ "a=off b=off", 0, "c@d", 1,	"" },
	{ "a=monitor", 0, "c@d", 0,	"abababAB" },
	{ "offline=off", 0, "x@d", 0,	"abababAB" },
	{ "", RELAY_ADDRESS, "c@d", 1,	"bbbB" },
	/* Neither judges postmaster, but that comes after MAIL. */
	{ "", 0, "postmaster@d", 1,	"ab" },
};

START_TEST(each_row)
{
	setenv("QSMTP_FILTERS", rows[_i].settings, 1);
	session.relay = rows[_i].relay;
	rounds_wanted = rows[_i].rounds;
	start();
	judge_mail("a@b");
	judge_rcpt(rows[_i].forward_path);
	ck_assert_msg(strcmp(order, rows[_i].order) == 0,
	    "row %d: %s, wanted %s", _i, order, rows[_i].order);
}
END_TEST

/* Questions without end do not hold the session for ever. */
START_TEST(rounds_have_an_end)
{
	rounds_wanted = 1000;
	start();
	judge_mail("a@b");
	ck_assert_int_eq(judge_rcpt("c@d"), PASS);
	ck_assert_uint_gt(asks[B][ON_RCPT], 10);
	ck_assert_uint_lt(asks[B][ON_RCPT], 40);
	ck_assert_uint_eq(hooks[B], 1);
}
END_TEST

/* What was asked before the greeting outlives the mail, what came later not. */
START_TEST(kept_and_forgotten)
{
	const struct dns_question *of_a;
	unsigned before;

	start();
	of_a = last[A];
	ck_assert_int_eq(of_a->state, DNS_WAITING);
	judge_mail("a@b");
	ck_assert_int_eq(last[B]->state, DNS_WAITING);
	judge_rcpt("c@d");
	ck_assert_ptr_eq(last[A], of_a);
	ck_assert_int_eq(of_a->state, DNS_TEMPFAIL);
	/* The next recipient finds all answers there. */
	before = asks[A][ON_RCPT];
	judge_rcpt("e@f");
	ck_assert_uint_eq(asks[A][ON_RCPT], before + 1);
	judge_reset();
	judge_mail("a@b");
	ck_assert_int_eq(last[B]->state, DNS_WAITING);
	ck_assert_int_eq(of_a->state, DNS_TEMPFAIL);
	judge_rcpt("c@d");
	ck_assert_ptr_eq(last[A], of_a);
	ck_assert_uint_eq(asks[A][ON_CONNECT], 1);
}
END_TEST

/* The reset comes while answers are on their way. */
START_TEST(forgotten_while_waiting)
{
	int i;

	start();
	for (i = 0; i < 100; i++) {
		judge_mail("a@b");
		ck_assert_int_eq(last[B]->state, DNS_WAITING);
		judge_reset();
	}
	judge_mail("a@b");
	ck_assert_int_eq(judge_rcpt("c@d"), PASS);
	ck_assert_int_eq(last[A]->state, DNS_TEMPFAIL);
	ck_assert_int_eq(last[B]->state, DNS_TEMPFAIL);
}
END_TEST

/* The same question is one, and what cannot be asked has an answer, too. */
START_TEST(questions)
{
	struct asking asking;
	struct address address;
	const struct dns_question *one;

	judge_start(table, 0);
	asking_start(&asking, &session);
	ck_assert_int_eq(asking_collect(&asking), 0);
	ck_assert_ptr_null(asking.dns);
	one = asking_ask(&asking, "a.test", DNS_A);
	ck_assert_ptr_eq(asking_ask(&asking, "A.Test.", DNS_A), one);
	ck_assert_ptr_ne(asking_ask(&asking, "a.test", DNS_TXT), one);
	ck_assert_int_eq(asking_ask(&asking, "a..b", DNS_A)->state,
	    DNS_NXDOMAIN);
	address_parse("192.0.2.1", 9, &address);
	ck_assert_str_eq(asking_ask_reverse(&asking, &address)->name,
	    "1.2.0.192.in-addr.arpa");
	ck_assert_int_eq(asking_collect(&asking), 1);
	ck_assert_int_eq(one->state, DNS_TEMPFAIL);
	ck_assert_int_eq(asking_collect(&asking), 0);
	asking_stop(&asking);
}
END_TEST

START_TEST(most_questions)
{
	struct asking asking;
	unsigned i;

	judge_start(table, 0);
	asking_start(&asking, &session);
	for (i = 0; i < DNS_QUESTIONS; i++)
		ck_assert_int_eq(ask_by_number(&asking, 'q', i)->state,
		    DNS_WAITING);
	ck_assert_int_eq(ask_by_number(&asking, 'q', i)->state,
	    DNS_TEMPFAIL);
	ck_assert_int_eq(ask_by_number(&asking, 'q', 7)->state, DNS_WAITING);
	asking_keep(&asking);
	asking_forget(&asking);
	ck_assert_int_eq(ask_by_number(&asking, 'q', i)->state,
	    DNS_TEMPFAIL);
	asking_stop(&asking);
}
END_TEST

START_TEST(broken_resolvers)
{
	struct asking asking;
	char log[1024];

	home_file("control/resolvers", "what?\n");
	judge_start(table, 0);
	asking_start(&asking, &session);
	capture_start();
	ck_assert_int_eq(asking_ask(&asking, "a.test", DNS_A)->state,
	    DNS_TEMPFAIL);
	ck_assert_int_eq(asking_ask(&asking, "b.test", DNS_A)->state,
	    DNS_TEMPFAIL);
	capture_stop(log, sizeof log);
	ck_assert_int_eq(asking.is_broken, 1);
	ck_assert_int_eq(asking_collect(&asking), 0);
	ck_assert_ptr_nonnull(strstr(log, "control/resolvers"));
	ck_assert_ptr_null(strstr(strstr(log, "event=fault ") + 1,
	    "event=fault "));
	asking_stop(&asking);
}
END_TEST

SUITE("asking",
    { each_row, ROWS(rows), begin, judge_end },
    { rounds_have_an_end, 1, begin, judge_end },
    { kept_and_forgotten, 1, begin, judge_end },
    { forgotten_while_waiting, 1, begin, judge_end },
    { questions, 1, begin, judge_end },
    { most_questions, 1, begin, judge_end },
    { broken_resolvers, 1, begin, judge_end })
