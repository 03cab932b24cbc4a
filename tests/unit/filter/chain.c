#include "filter/chain.h"

#include "../capture.h"
#include "../judge.h"
#include "../suite.h"

/*
 * Filters of this test's own, which say what a row wants: A spares clients
 * that may relay and does not judge postmaster, B spares whom A accepted, C
 * spares nobody, and D is off unless it has its file or a setting.
 */
enum fake { A, B, C, D, FAKES };

/* What a fake finds in a phase. */
struct say {
	enum fake who;
	enum phase phase;
	enum verdict verdict;
	unsigned code;
	const char *enhanced;
	int is_ours;
};

#define SAYS	4

static const struct say *script;
static const char *script_text;		/* instead of the usual one */
static const char *script_field;	/* an edit of whoever speaks */
static unsigned asked[FAKES][PHASE_COUNT], stopped[FAKES];

/* The first octet of each memory counts how often it was asked. */
static enum verdict
speak(enum fake who, enum phase phase, struct own *own,
    struct finding *finding)
{
	size_t i;

	asked[who][phase]++;
	++*(unsigned char *)own->session;
	++*(unsigned char *)own->transaction;
	for (i = 0; script != NULL && i < SAYS; i++) {
		if (script[i].who != who || script[i].phase != phase ||
		    (script[i].verdict == PASS && script_field == NULL))
			continue;
		if (script_field != NULL)
			ck_assert_int_eq(edits_add(&finding->edits,
			    script_field, strlen(script_field)), OK);
		finding_set(finding, "setting", script[i].code,
		    script[i].enhanced, script_text != NULL ? script_text :
		    script[i].code >= 500 ? "no (#5.9.9)" :
		    "not now (#4.9.9)");
		finding->is_ours = script[i].is_ours;
		ck_assert(stralloc_copys(&finding->reason, "reason"));
		return script[i].verdict;
	}
	return PASS;
}

#define HOOK(who, phase)						\
	static enum verdict						\
	who##_##phase(const struct session *ours, struct own *own,	\
	    struct finding *finding)					\
	{								\
		ck_assert_ptr_eq(ours, &session);			\
		return speak(who, phase, own, finding);			\
	}
#define HOOKS(who)							\
	HOOK(who, ON_CONNECT) HOOK(who, ON_HELO) HOOK(who, ON_MAIL)	\
	HOOK(who, ON_RCPT) HOOK(who, ON_DATA) HOOK(who, ON_MESSAGE)	\
	static void							\
	who##_stop(struct own *own)					\
	{								\
		stopped[who] += own->session != NULL;			\
	}
#define NAMED(who)							\
	.session = 3, .transaction = 5, .stop = who##_stop,		\
	.on = { who##_ON_CONNECT, who##_ON_HELO, who##_ON_MAIL,		\
	    who##_ON_RCPT, who##_ON_DATA, who##_ON_MESSAGE }

HOOKS(A)
HOOKS(B)
HOOKS(C)
HOOKS(D)

static const struct filter fakes[FAKES] = {
	[A] = { .name = "a", .is_on = 1, .spares = SPARES_TRUSTED, NAMED(A) },
	[B] = { .name = "b", .is_on = 1, .spares = SPARES_ACCEPTED,
	    .judges_postmaster = 1, NAMED(B) },
	[C] = { .name = "c", .is_on = 1, .spares = SPARES_NOBODY,
	    .judges_postmaster = 1, NAMED(C) },
	[D] = { .name = "d", .file = "dlist", .spares = SPARES_ACCEPTED,
	    NAMED(D) },
};
static const struct filter *const table[] = {
	&fakes[A], &fakes[B], &fakes[C], &fakes[D],
};

static void
begin(void)
{
	judge_make();
	memset(asked, 0, sizeof asked);
	memset(stopped, 0, sizeof stopped);
	script = NULL;
	script_field = script_text = NULL;
}

#define NOBODY	FAKES		/* an answer of the chain's own */
#define NEVER	PHASE_COUNT	/* the mail is taken */
#define TRUST	RELAY_ADDRESS

/* A session with one mail, and where and how it is refused. */
static const struct {
	const char *settings;	/* QSMTP_FILTERS */
	struct say says[SAYS];
	enum relay relay;
	const char *forward_path;	/* NULL: joe@x */
	enum phase phase;
	enum verdict verdict;
	unsigned code;
	const char *enhanced;
	enum fake who;
	enum level level;
} rows[] = {
#define NO	{ { .verdict = PASS } }
#define TAKEN	NEVER, PASS, 0, NULL, NOBODY, LEVEL_DEFAULT
#define R550	REJECT, 550, "5.7.1"
#define D450	DEFER, 450, "4.7.1"
#define DEF	LEVEL_DEFAULT
#define ENV	LEVEL_ENVIRONMENT
	{ "", NO, 0, NULL, TAKEN },
	/* A finding before RCPT is parked and spoken there. */
	{ "", { { A, ON_CONNECT, R550, 0 } }, 0, NULL, ON_RCPT, R550, A,
	    DEF },
	{ "", { { B, ON_HELO, R550, 0 } }, 0, NULL, ON_RCPT, R550, B, DEF },
	{ "", { { C, ON_MAIL, R550, 0 } }, 0, NULL, ON_RCPT, R550, C, DEF },
	{ "", { { A, ON_MAIL, D450, 0 } }, 0, NULL, ON_RCPT, D450, A, DEF },
	/* Later ones are spoken where they are made. */
	{ "", { { A, ON_RCPT, R550, 0 } }, 0, NULL, ON_RCPT, R550, A, DEF },
	{ "", { { B, ON_DATA, R550, 0 } }, 0, NULL, ON_DATA, R550, B, DEF },
	{ "", { { C, ON_MESSAGE, D450, 0 } }, 0, NULL, ON_MESSAGE, D450, C,
	    DEF },
	/* DROP is spoken at once. */
	{ "", { { A, ON_CONNECT, DROP, 554, "5.5.1", 0 } }, 0, NULL,
	    ON_CONNECT, DROP, 554, "5.5.1", A, DEF },
	{ "", { { A, ON_MAIL, DROP, 554, "5.5.1", 0 } }, 0, NULL, ON_MAIL,
	    DROP, 554, "5.5.1", A, DEF },
	{ "", { { A, ON_MESSAGE, DROP, 554, "5.5.1", 0 } }, 0, NULL,
	    ON_MESSAGE, DROP, 554, "5.5.1", A, DEF },
	/* But not where the mode is milder. */
	{ "a=monitor", { { A, ON_HELO, DROP, 554, "5.5.1", 0 } }, 0, NULL,
	    TAKEN },
	{ "a=defer", { { A, ON_HELO, DROP, 554, "5.5.1", 0 } }, 0, NULL,
	    ON_RCPT, DEFER, 450, "4.5.1", A, ENV },
	/* Which of two wins. */
	{ "", { { A, ON_RCPT, D450, 0 }, { B, ON_RCPT, R550, 0 } }, 0, NULL,
	    ON_RCPT, R550, B, DEF },
	{ "", { { A, ON_RCPT, R550, 0 }, { B, ON_RCPT, REJECT, 553, "5.1.1",
	    0 } }, 0, NULL, ON_RCPT, R550, A, DEF },
	{ "", { { A, ON_RCPT, R550, 0 }, { B, ON_MAIL, D450, 0 } }, 0, NULL,
	    ON_RCPT, R550, A, DEF },
	{ "", { { A, ON_RCPT, D450, 0 }, { B, ON_HELO, DEFER, 451, "4.3.0",
	    0 } }, 0, NULL, ON_RCPT, D450, A, DEF },
	{ "", { { C, ON_CONNECT, R550, 0 }, { A, ON_RCPT, REJECT, 553,
	    "5.1.1", 0 } }, 0, NULL, ON_RCPT, REJECT, 553, "5.1.1", A, DEF },
	{ "", { { A, ON_MAIL, D450, 0 }, { A, ON_RCPT, R550, 0 } }, 0, NULL,
	    ON_RCPT, R550, A, DEF },
	/* Modes. */
	{ "a=off", { { A, ON_RCPT, R550, 0 } }, 0, NULL, TAKEN },
	{ "a=off", { { A, ON_HELO, R550, 0 } }, 0, NULL, TAKEN },
	{ "a=monitor", { { A, ON_RCPT, R550, 0 } }, 0, NULL, TAKEN },
	{ "a=monitor", { { A, ON_RCPT, R550, 0 }, { B, ON_RCPT, D450, 0 } },
	    0, NULL, ON_RCPT, D450, B, DEF },
	{ "a=reject", { { A, ON_RCPT, R550, 0 } }, 0, NULL, ON_RCPT, R550, A,
	    ENV },
	{ "a=defer", { { A, ON_RCPT, R550, 0 } }, 0, NULL, ON_RCPT, D450, A,
	    ENV },
	{ "a=defer", { { A, ON_CONNECT, R550, 0 } }, 0, NULL, ON_RCPT, D450,
	    A, ENV },
	{ "a=defer", { { A, ON_RCPT, REJECT, 552, "5.3.4", 0 } }, 0, NULL,
	    ON_RCPT, DEFER, 452, "4.3.4", A, ENV },
	{ "a=defer", { { A, ON_RCPT, REJECT, 554, "", 0 } }, 0, NULL,
	    ON_RCPT, DEFER, 450, "", A, ENV },
	{ "a=defer", { { A, ON_RCPT, DEFER, 451, "4.3.0", 0 } }, 0, NULL,
	    ON_RCPT, DEFER, 451, "4.3.0", A, ENV },
	{ "a=defer", { { A, ON_RCPT, R550, 0 }, { B, ON_RCPT, R550, 0 } }, 0,
	    NULL, ON_RCPT, R550, B, DEF },
	/* A filter that defers never sends 5yz. */
	{ "", { { A, ON_RCPT, DEFER, 550, "5.7.1", 0 } }, 0, NULL, ON_RCPT,
	    D450, A, DEF },
	/* Whom a filter spares. */
	{ "", { { A, ON_RCPT, R550, 0 } }, TRUST, NULL, TAKEN },
	{ "", { { A, ON_CONNECT, DROP, 554, "", 0 } }, TRUST, NULL, TAKEN },
	{ "", { { B, ON_RCPT, R550, 0 } }, TRUST, NULL, ON_RCPT, R550, B,
	    DEF },
	{ "", { { C, ON_RCPT, R550, 0 } }, TRUST, NULL, ON_RCPT, R550, C,
	    DEF },
	/* Who is accepted is spared by those behind, in every phase. */
	{ "", { { A, ON_RCPT, ACCEPT, 0, "", 0 }, { B, ON_RCPT, R550, 0 } },
	    0, NULL, TAKEN },
	{ "", { { A, ON_CONNECT, ACCEPT, 0, "", 0 }, { B, ON_MAIL, R550,
	    0 } }, 0, NULL, TAKEN },
	{ "", { { A, ON_CONNECT, ACCEPT, 0, "", 0 }, { B, ON_HELO, DROP, 554,
	    "", 0 } }, 0, NULL, TAKEN },
	{ "", { { A, ON_CONNECT, ACCEPT, 0, "", 0 }, { B, ON_DATA, R550,
	    0 } }, 0, NULL, TAKEN },
	{ "", { { A, ON_CONNECT, ACCEPT, 0, "", 0 }, { B, ON_MESSAGE, R550,
	    0 } }, 0, NULL, TAKEN },
	{ "", { { A, ON_CONNECT, ACCEPT, 0, "", 0 }, { C, ON_MAIL, R550,
	    0 } }, 0, NULL, ON_RCPT, R550, C, DEF },
	{ "", { { B, ON_CONNECT, ACCEPT, 0, "", 0 }, { A, ON_MAIL, R550,
	    0 } }, 0, NULL, ON_RCPT, R550, A, DEF },
	{ "a=off", { { A, ON_CONNECT, ACCEPT, 0, "", 0 }, { B, ON_MAIL, R550,
	    0 } }, 0, NULL, ON_RCPT, R550, B, DEF },
	/* Postmaster. */
	{ "", { { A, ON_RCPT, R550, 0 } }, 0, "postmaster", TAKEN },
	{ "", { { A, ON_RCPT, R550, 0 } }, 0, "PostMaster@x", TAKEN },
	{ "", { { A, ON_HELO, R550, 0 } }, 0, "postmaster@x", TAKEN },
	{ "", { { B, ON_HELO, R550, 0 } }, 0, "postmaster@x", ON_RCPT, R550,
	    B, DEF },
	{ "", { { A, ON_RCPT, R550, 0 } }, 0, "postmasters@x", ON_RCPT, R550,
	    A, DEF },
	{ "", { { A, ON_RCPT, R550, 0 } }, 0, "postmaster@a@x", ON_RCPT,
	    R550, A, DEF },
	/* A fault of ours, whatever the mode. */
	{ "a=monitor", { { A, ON_MAIL, DROP, 421, "4.3.0", 1 } }, 0, NULL,
	    ON_MAIL, DROP, 421, "4.3.0", A, ENV },
	{ "a=defer", { { A, ON_RCPT, DROP, 421, "4.3.0", 1 } }, 0, NULL,
	    ON_RCPT, DROP, 421, "4.3.0", A, ENV },
	{ "a=monitor", { { A, ON_RCPT, DEFER, 451, "4.3.0", 1 } }, 0, NULL,
	    ON_RCPT, DEFER, 451, "4.3.0", A, ENV },
	/* Settings that make no sense defer all mail, of trusted too. */
#define D451	DEFER, 451, "4.3.0"
	{ "a=perhaps", NO, 0, NULL, ON_RCPT, D451, NOBODY, DEF },
	{ "a=perhaps", NO, TRUST, NULL, ON_RCPT, D451, NOBODY, DEF },
	{ "d=perhaps", NO, 0, NULL, ON_RCPT, D451, NOBODY, DEF },
	{ "=", NO, 0, NULL, ON_RCPT, D451, NOBODY, DEF },
	{ "=", NO, TRUST, NULL, ON_RCPT, D451, NOBODY, DEF },
	{ "=", { { A, ON_RCPT, D450, 0 } }, 0, NULL, ON_RCPT, D451, NOBODY,
	    DEF },
	{ "=", { { A, ON_RCPT, R550, 0 } }, 0, NULL, ON_RCPT, R550, A, DEF },
	{ "a=perhaps", { { B, ON_RCPT, R550, 0 } }, 0, NULL, ON_RCPT, R550,
	    B, DEF },
	/* A filter that is off by default. */
	{ "", { { D, ON_RCPT, R550, 0 } }, 0, NULL, TAKEN },
	{ "d", { { D, ON_RCPT, R550, 0 } }, 0, NULL, ON_RCPT, R550, D, ENV },
	{ "d=defer", { { D, ON_RCPT, R550, 0 } }, 0, NULL, ON_RCPT, D450, D,
	    ENV },
	{ "d=0", { { D, ON_RCPT, R550, 0 } }, 0, NULL, TAKEN },
};

START_TEST(each_row)
{
	const char *to = rows[_i].forward_path;
	enum phase phase;

	script = rows[_i].says;
	setenv("QSMTP_FILTERS", rows[_i].settings, 1);
	session.relay = rows[_i].relay;
	judge_start(table, FAKES);
	judge_path(&session.mail.reverse_path, "a@b");
	judge_path(&session.mail.forward_path, to != NULL ? to : "joe@x");
	for (phase = ON_CONNECT; phase < PHASE_COUNT; phase++)
		if (judge(phase) != PASS)
			break;
	ck_assert_int_eq(phase, rows[_i].phase);
	ck_assert_int_eq(outcome.verdict, rows[_i].verdict);
	if (outcome.verdict == PASS)
		return;
	ck_assert_uint_eq(outcome.reply.code, rows[_i].code);
	ck_assert_str_eq(outcome.reply.enhanced, rows[_i].enhanced);
	ck_assert_int_eq(outcome.level, rows[_i].level);
	/* The token in the text is of the same class. */
	if (rows[_i].who != NOBODY)
		ck_assert_ptr_nonnull(strstr(outcome.reply.text,
		    outcome.reply.code < 500 ? "(#4.9.9)" : "(#5.9.9)"));
	if (rows[_i].who == NOBODY)
		ck_assert_ptr_null(outcome.filter);
	else {
		ck_assert_ptr_eq(outcome.filter, &fakes[rows[_i].who]);
		ck_assert_str_eq(outcome.setting, "setting");
		ck_assert_str_eq(outcome.reason, "reason");
	}
	/* The next recipient is judged alike. */
	if (phase == ON_RCPT) {
		ck_assert_int_eq(judge(phase), rows[_i].verdict);
		ck_assert_uint_eq(outcome.reply.code, rows[_i].code);
		ck_assert_str_eq(outcome.reply.enhanced, rows[_i].enhanced);
	}
}
END_TEST

/* A long text is cut when it has to be changed. */
static const size_t lengths[] = { 1, 198, 199, 200, 201, 299 };

START_TEST(each_length)
{
	static const struct say says[SAYS] = { { A, ON_RCPT, R550, 0 } };
	size_t len = lengths[_i], most = sizeof chain.words - 1;
	char text[300];

	memset(text, 'x', sizeof text);
	text[len] = '\0';
	script = says;
	script_text = text;
	setenv("QSMTP_FILTERS", "a=defer", 1);
	judge_start(table, FAKES);
	ck_assert_int_eq(judge_rcpt("joe@x"), DEFER);
	ck_assert_uint_eq(strlen(outcome.reply.text), len < most ? len : most);
}
END_TEST

/* A filter with a file is on where the file is. */
START_TEST(file_switches_on)
{
	static const struct say says[SAYS] = { { D, ON_RCPT, R550, 0 } };

	script = says;
	home_file("control/dlist", "");
	judge_start(table, FAKES);
	ck_assert_int_eq(judge_rcpt("joe@x"), REJECT);
	ck_assert_ptr_eq(outcome.filter, &fakes[D]);
	ck_assert_int_eq(outcome.level, LEVEL_GLOBAL);
	ck_assert_int_eq(outcome.mode, MODE_REJECT);
}
END_TEST

/* Who is asked, and who is not. */
static const struct {
	const char *settings;
	enum relay relay;
	struct say say;
	unsigned asked[FAKES];
} askings[] = {
	{ "", 0, { .verdict = PASS },			{ 1, 1, 1, 0 } },
	{ "d", 0, { .verdict = PASS },			{ 1, 1, 1, 1 } },
	{ "b=off", 0, { .verdict = PASS },		{ 1, 0, 1, 0 } },
	{ "d", TRUST, { .verdict = PASS },		{ 0, 1, 1, 1 } },
	/* A refusal for good is the last word. */
	{ "d", 0, { A, ON_RCPT, R550, 0 },		{ 1, 0, 0, 0 } },
	{ "d", 0, { B, ON_MAIL, R550, 0 },		{ 1, 1, 0, 0 } },
	{ "d", 0, { A, ON_RCPT, D450, 0 },		{ 1, 1, 1, 1 } },
	{ "d a=defer", 0, { A, ON_RCPT, R550, 0 },	{ 1, 1, 1, 1 } },
	/* A monitored one ends nothing. */
	{ "d a=monitor", 0, { A, ON_RCPT, R550, 0 },	{ 1, 1, 1, 1 } },
	{ "d", 0, { A, ON_HELO, ACCEPT, 0, "", 0 },	{ 1, 0, 1, 0 } },
};

START_TEST(each_asking)
{
	const struct say says[SAYS] = { askings[_i].say };
	int who;

	script = says;
	setenv("QSMTP_FILTERS", askings[_i].settings, 1);
	session.relay = askings[_i].relay;
	judge_start(table, FAKES);
	judge(ON_CONNECT);
	judge(ON_HELO);
	judge_mail("a@b");
	judge_rcpt("joe@x");
	for (who = A; who < FAKES; who++)
		ck_assert_msg(asked[who][ON_RCPT] == askings[_i].asked[who],
		    "row %d: %s was asked %u times", _i, fakes[who].name,
		    asked[who][ON_RCPT]);
	script = NULL;
}
END_TEST

/* What is parked belongs to its HELO or its MAIL. */
START_TEST(parked_until_asked_again)
{
	static const struct say says[SAYS] = { { A, ON_HELO, R550, 0 },
	    { B, ON_MAIL, DEFER, 451, "4.3.0", 0 } };

	script = says;
	judge_start(table, FAKES);
	judge(ON_HELO);
	judge_mail("a@b");
	ck_assert_int_eq(judge_rcpt("joe@x"), REJECT);
	/* RSET forgets the mail, not the greeting. */
	judge_reset();
	script = NULL;
	judge_mail("a@b");
	ck_assert_int_eq(judge_rcpt("joe@x"), REJECT);
	judge(ON_HELO);
	ck_assert_int_eq(judge_rcpt("joe@x"), PASS);
	script = says;
	judge_mail("a@b");
	ck_assert_int_eq(judge_rcpt("joe@x"), DEFER);
	judge_reset();
	script = NULL;
	ck_assert_int_eq(judge_rcpt("joe@x"), PASS);
}
END_TEST

/* A finding that was spared when it was asked again is gone, too. */
START_TEST(relay_right_drops_findings)
{
	static const struct say says[SAYS] = { { A, ON_HELO, R550, 0 } };

	script = says;
	judge_start(table, FAKES);
	judge(ON_HELO);
	session.relay = RELAY_ADDRESS;
	ck_assert_int_eq(judge_rcpt("joe@x"), PASS);
	judge(ON_HELO);
	session.relay = RELAY_NONE;
	ck_assert_int_eq(judge_rcpt("joe@x"), PASS);
}
END_TEST

START_TEST(memory)
{
	const unsigned char *session_memory, *mail_memory;
	int i;

	judge_start(table, FAKES);
	session_memory = (const unsigned char *)chain.memory;
	mail_memory = (const unsigned char *)chain.transaction;
	judge(ON_CONNECT);
	judge_mail("a@b");
	ck_assert_int_eq(session_memory[0], 2);
	ck_assert_int_eq(mail_memory[0], 2);
	judge_reset();
	ck_assert_int_eq(session_memory[0], 2);
	for (i = 0; i < (int)chain.transaction_size; i++)
		ck_assert_int_eq(mail_memory[i], 0);
	chain_stop(&chain);
	for (i = 0; i < FAKES; i++)
		ck_assert_uint_eq(stopped[i], 1);
	chain_stop(&chain);
	ck_assert_uint_eq(stopped[A], 1);
}
END_TEST

#define TAG	"X-Qsmtp-Monitor"

/* How the top of a mail tells of monitored findings. */
static const struct {
	const char *settings;
	struct say says[SAYS];
	const char *top;
	int removes;		/* tags that the client wrote */
} tags[] = {
	{ "", { { A, ON_RCPT, D450, 0 } }, "", 0 },
	{ "a=monitor", { { .verdict = PASS } }, "", 1 },
	{ "a=monitor", { { A, ON_RCPT, R550, 0 } },
	    TAG ": a 5.7.1 no (#5.9.9)\n", 1 },
	{ "a=monitor", { { A, ON_HELO, D450, 0 }, { A, ON_RCPT, R550, 0 } },
	    TAG ": a 4.7.1 not now (#4.9.9)\n", 1 },
	{ "a=monitor c=monitor", { { A, ON_MAIL, R550, 0 },
	    { C, ON_RCPT, DROP, 554, "5.5.1", 0 } },
	    TAG ": a 5.7.1 no (#5.9.9)\n" TAG ": c 5.5.1 no (#5.9.9)\n", 1 },
};

START_TEST(each_tag)
{
	const struct edits *edits;
	char log[4096];
	int mail;

	script = tags[_i].says;
	setenv("QSMTP_FILTERS", tags[_i].settings, 1);
	judge_start(table, FAKES);
	judge(ON_HELO);
	/* Each mail has its own, and one for all of its recipients. */
	for (mail = 0; mail < 2; mail++) {
		judge_mail("a@b");
		capture_start();
		judge_rcpt("joe@x");
		judge_rcpt("jim@x");
		capture_stop(log, sizeof log);
		ck_assert_int_eq(strstr(log, "event=monitored") != NULL,
		    tags[_i].top[0] != '\0');
		ck_assert_int_eq(chain_edits(&chain, &edits), OK);
		assert_holds(&edits->top, tags[_i].top);
		assert_octets(edits->removed.s, edits->removed.len, TAG,
		    tags[_i].removes ? sizeof TAG : 0);
		judge_reset();
	}
}
END_TEST

START_TEST(monitored_is_logged)
{
	static const struct say says[SAYS] = { { A, ON_RCPT, R550, 0 } };
	static char log[16384];
	int i, lines = 0;
	const char *at;

	script = says;
	setenv("QSMTP_FILTERS", "a=monitor", 1);
	judge_start(table, FAKES);
	capture_start();
	for (i = 0; i < CHAIN_LOG_LINES + 5; i++)
		judge_rcpt("joe@x");
	capture_stop(log, sizeof log);
	for (at = log; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	ck_assert_int_eq(lines, CHAIN_LOG_LINES);
	log[strcspn(log, "\n")] = '\0';
	ck_assert_str_eq(log, "event=monitored session=1.2 client=192.0.2.1 "
	    "filter=a level=environment setting=setting code=550 "
	    "enhanced=5.7.1 reason=reason");
}
END_TEST

/* A field that a filter wants in the message is there, and once. */
static const struct {
	const char *settings;
	enum phase phase;
	enum verdict verdict;
	int recipients;
	const char *top;
} fields[] = {
	{ "", ON_RCPT, PASS, 1,		"F: 1\n" },
	{ "", ON_DATA, PASS, 2,		"F: 1\n" },
	{ "", ON_MAIL, PASS, 1,		"F: 1\n" },
	{ "", ON_HELO, PASS, 2,		"F: 1\n" },
	{ "", ON_MAIL, ACCEPT, 1,	"F: 1\n" },
	{ "", ON_MAIL, ACCEPT, 2,	"F: 1\n" },
	{ "a=off", ON_MAIL, PASS, 1,	"" },
	/* Monitored, it changes nothing. */
	{ "a=monitor", ON_MAIL, PASS, 1, "" },
	{ "a=monitor", ON_DATA, PASS, 1, "" },
};

START_TEST(each_field)
{
	const struct say says[SAYS] = { { A, fields[_i].phase,
	    fields[_i].verdict, 0, "", 0 }, { FAKES, 0, PASS, 0, "", 0 },
	    { FAKES, 0, PASS, 0, "", 0 }, { FAKES, 0, PASS, 0, "", 0 } };
	const struct edits *edits;
	int i, mail;

	script = says;
	script_field = "F: 1\n";
	setenv("QSMTP_FILTERS", fields[_i].settings, 1);
	judge_start(table, FAKES);
	judge(ON_HELO);
	for (mail = 0; mail < 2; mail++) {
		judge_mail("a@b");
		for (i = 0; i < fields[_i].recipients; i++)
			ck_assert_int_eq(judge_rcpt("joe@x"), PASS);
		ck_assert_int_eq(judge(ON_DATA), PASS);
		ck_assert_int_eq(chain_edits(&chain, &edits), OK);
		assert_holds(&edits->top, fields[_i].top);
		judge_reset();
	}
	script = NULL;
}
END_TEST

START_TEST(modes)
{
	const struct filter other = { .name = "other" };

	setenv("QSMTP_FILTERS", "a=monitor b=defer", 1);
	judge_start(table, FAKES);
	ck_assert_int_eq(chain_mode(&chain, &fakes[A]), MODE_MONITOR);
	ck_assert_int_eq(chain_mode(&chain, &fakes[B]), MODE_DEFER);
	ck_assert_int_eq(chain_mode(&chain, &fakes[C]), MODE_REJECT);
	ck_assert_int_eq(chain_mode(&chain, &fakes[D]), MODE_OFF);
	ck_assert_int_eq(chain_mode(&chain, &other), MODE_OFF);
}
END_TEST

START_TEST(no_filters)
{
	judge_start(table, 0);
	ck_assert_int_eq(judge(ON_CONNECT), PASS);
	ck_assert_int_eq(judge_rcpt("joe@x"), PASS);
	judge_reset();
}
END_TEST

SUITE("chain",
    { each_row, ROWS(rows), begin, judge_end },
    { each_length, ROWS(lengths), begin, judge_end },
    { file_switches_on, 1, begin, judge_end },
    { each_asking, ROWS(askings), begin, judge_end },
    { parked_until_asked_again, 1, begin, judge_end },
    { relay_right_drops_findings, 1, begin, judge_end },
    { memory, 1, begin, judge_end },
    { each_tag, ROWS(tags), begin, judge_end },
    { monitored_is_logged, 1, begin, judge_end },
    { each_field, ROWS(fields), begin, judge_end },
    { modes, 1, begin, judge_end },
    { no_filters, 1, begin, judge_end })
