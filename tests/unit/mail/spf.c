#include "mail/spf.h"

#include <stdio.h>

#include "spfrows.h"

#define ONE	"192.0.2.1"
#define SIX	"2001:db8::1"

static const struct {
	const char *client, *helo, *mailbox;
	enum spf_result result;
	const char *mechanism, *explanation;	/* NULL: "" */
} cases[] = {
	/* Whose record there is, and whether it is one. */
	{ ONE, "h.test", "x@nowhere.test", SPF_NONE, NULL, NULL },
	{ ONE, "h.test", "x@none.test", SPF_NONE, NULL, NULL },
	{ ONE, "h.test", "x@fails.test", SPF_TEMPERROR, NULL, NULL },
	{ ONE, "h.test", "x@txtfails.test", SPF_TEMPERROR, NULL, NULL },
	{ ONE, "h.test", "x@twice.test", SPF_PERMERROR, NULL, NULL },
	{ ONE, "h.test", "x@among.test", SPF_SOFTFAIL, "~all", NULL },
	{ ONE, "h.test", "x@empty.test", SPF_NEUTRAL, "default", NULL },
	{ ONE, "h.test", "x@bad.test", SPF_PERMERROR, NULL, NULL },
	{ ONE, "h.test", "x@MINUS.Test", SPF_FAIL, "-all", NULL },
	{ ONE, "h.test", "x@minus.test.", SPF_FAIL, "-all", NULL },
	{ ONE, "h.test", "\"x@y\"@minus.test", SPF_FAIL, "-all", NULL },
	{ ONE, "h.test", "@minus.test", SPF_FAIL, "-all", NULL },
	{ ONE, "h.test", "x@" LONG_LABEL ".test", SPF_FAIL, "-all", NULL },
	{ ONE, "h.test", "x@" LONG_LABEL "x.test", SPF_NONE, NULL, NULL },
	{ ONE, "h.test", "x@test", SPF_NONE, NULL, NULL },
	{ ONE, "h.test", "x@test.", SPF_NONE, NULL, NULL },
	{ ONE, "h.test", "x", SPF_NONE, NULL, NULL },
	{ ONE, "h.test", "x@", SPF_NONE, NULL, NULL },
	{ ONE, "h.test", "x@.test", SPF_NONE, NULL, NULL },
	{ ONE, "h.test", "x@minus..test", SPF_NONE, NULL, NULL },
	{ ONE, "h.test", "x@[192.0.2.1]", SPF_NONE, NULL, NULL },
	{ ONE, "h.test", "x@m\303\274ll.test", SPF_NONE, NULL, NULL },
	{ ONE, "h.test", "x@a b.test", SPF_NONE, NULL, NULL },
	/* Without a reverse-path the name of HELO counts. */
	{ ONE, "minus.test", "", SPF_FAIL, "-all", NULL },
	{ ONE, "a.test", "", SPF_PASS, "a", NULL },
	{ ONE, "localhost", "", SPF_NONE, NULL, NULL },
	{ ONE, "[192.0.2.1]", "", SPF_NONE, NULL, NULL },
	{ ONE, "", "", SPF_NONE, NULL, NULL },
	{ ONE, "helo.test", "", SPF_FAIL, "-exists:%{l}.%{o}.test", NULL },
	{ ONE, "a.test", "x@helo.test", SPF_PASS, "a:%{h}", NULL },
	/* Qualifiers, networks. */
	{ ONE, "h.test", "x@q.test", SPF_PASS, "ip4:192.0.2.1", NULL },
	{ "192.0.2.2", "h", "x@q.test", SPF_FAIL, "-ip4:192.0.2.2", NULL },
	{ "192.0.2.3", "h", "x@q.test", SPF_SOFTFAIL, "~ip4:192.0.2.3", NULL },
	{ "192.0.2.4", "h", "x@q.test", SPF_NEUTRAL, "?ip4:192.0.2.4", NULL },
	{ "192.0.2.5", "h", "x@q.test", SPF_PASS, "+ip4:192.0.2.5", NULL },
	{ "192.0.2.6", "h", "x@q.test", SPF_NEUTRAL, "?all", NULL },
	{ "::ffff:192.0.2.2", "h", "x@q.test", SPF_FAIL, "-ip4:192.0.2.2",
	    NULL },
	{ ONE, "h", "x@net.test", SPF_PASS, "ip4:192.0.2.77/24", NULL },
	{ "10.0.0.1", "h", "x@net.test", SPF_FAIL, "-ip4:10.0.0.0/31", NULL },
	{ "10.0.0.2", "h", "x@net.test", SPF_NEUTRAL, "?all", NULL },
	{ SIX, "h", "x@net.test", SPF_SOFTFAIL, "~ip6:2001:db8::ffff/112",
	    NULL },
	{ "2001:db8::1:0", "h", "x@net.test", SPF_NEUTRAL, "?all", NULL },
	{ ONE, "h", "x@any4.test", SPF_PASS, "ip4:1.1.1.1/0", NULL },
	{ SIX, "h", "x@any4.test", SPF_FAIL, "-all", NULL },
	{ ONE, "h", "x@any6.test", SPF_FAIL, "-all", NULL },
	{ SIX, "h", "x@any6.test", SPF_PASS, "ip6:::1/0", NULL },
	{ "::ffff:192.0.2.1", "h", "x@any6.test", SPF_FAIL, "-all", NULL },
	/* a */
	{ ONE, "h", "x@a.test", SPF_PASS, "a", NULL },
	{ "192.0.2.9", "h", "x@a.test", SPF_PASS, "a", NULL },
	{ "192.0.2.2", "h", "x@a.test", SPF_FAIL, "-all", NULL },
	{ SIX, "h", "x@a.test", SPF_PASS, "a", NULL },
	{ "2001:db8::2", "h", "x@a.test", SPF_FAIL, "-all", NULL },
	{ "192.0.2.2", "h", "x@b.test", SPF_PASS, "a:a.test/24//64", NULL },
	{ "2001:db8::2", "h", "x@b.test", SPF_PASS, "a:a.test/24//64", NULL },
	{ "2001:db8:0:1::", "h", "x@b.test", SPF_FAIL, "-all", NULL },
	{ "10.0.0.1", "h", "x@all4.test", SPF_PASS, "a:a.test/0", NULL },
	{ ONE, "h", "x@avoid.test", SPF_FAIL, "-all", NULL },
	{ ONE, "h", "x@afails.test", SPF_TEMPERROR, NULL, NULL },
	{ ONE, "h", "x@early.test", SPF_PASS, "ip4:192.0.2.1", NULL },
	{ "192.0.2.2", "h", "x@early.test", SPF_TEMPERROR, NULL, NULL },
	{ ONE, "h", "A+b=C@odd.test", SPF_PASS, "a:%{l}.user.odd.test", NULL },
	{ ONE, "h", "a@odd.test", SPF_FAIL, "-all", NULL },
	{ ONE, "h", "x@labels.test", SPF_FAIL, "-all", NULL },
	/* mx */
	{ "192.0.2.21", "h", "x@mx.test", SPF_PASS, "mx", NULL },
	{ "192.0.2.22", "h", "x@mx.test", SPF_PASS, "mx", NULL },
	{ "2001:db8::22", "h", "x@mx.test", SPF_PASS, "mx", NULL },
	{ ONE, "h", "x@mx.test", SPF_FAIL, "-all", NULL },
	{ "192.0.2.30", "h", "x@mxnet.test", SPF_PASS, "mx:mx.test/28//120",
	    NULL },
	{ "2001:db8::ff", "h", "x@mxnet.test", SPF_PASS, "mx:mx.test/28//120",
	    NULL },
	{ "192.0.2.32", "h", "x@mxnet.test", SPF_FAIL, "-all", NULL },
	{ ONE, "h", "x@nullmx.test", SPF_FAIL, "-all", NULL },
	{ ONE, "h", "x@nomx.test", SPF_FAIL, "-all", NULL },
	{ "192.0.2.21", "h", "x@halfmx.test", SPF_PASS, "mx", NULL },
	{ "192.0.2.22", "h", "x@halfmx.test", SPF_TEMPERROR, NULL, NULL },
	{ ONE, "h", "x@deadmx.test", SPF_TEMPERROR, NULL, NULL },
	{ ONE, "h", "x@tenmx.test", SPF_PASS, "mx", NULL },
	{ ONE, "h", "x@moremx.test", SPF_PERMERROR, NULL, NULL },
	/* ptr */
	{ "192.0.2.31", "h", "x@ptr.test", SPF_PASS, "ptr", NULL },
	{ "192.0.2.31", "h", "x@ptrof.test", SPF_PASS, "ptr:pTr.test", NULL },
	{ "192.0.2.32", "h", "x@ptr.test", SPF_FAIL, "-all", NULL },
	{ "192.0.2.33", "h", "x@ptr.test", SPF_FAIL, "-all", NULL },
	{ "192.0.2.34", "h", "x@ptr.test", SPF_PASS, "ptr", NULL },
	{ "192.0.2.35", "h", "x@ptr.test", SPF_FAIL, "-all", NULL },
	{ "192.0.2.36", "h", "x@ptr.test", SPF_FAIL, "-all", NULL },
	{ "192.0.2.37", "h", "x@ptr.test", SPF_FAIL, "-all", NULL },
	{ ONE, "h", "x@ptr.test", SPF_FAIL, "-all", NULL },
	{ SIX, "h", "x@ptr.test", SPF_PASS, "ptr", NULL },
	/* exists: of IPv4, whatever the client has */
	{ ONE, "h", "x@exists.test", SPF_PASS,
	    "exists:%{ir}.%{v}.list.test", NULL },
	{ "192.0.2.2", "h", "x@exists.test", SPF_FAIL, "-all", NULL },
	{ "192.0.2.3", "h", "x@exists.test", SPF_TEMPERROR, NULL, NULL },
	{ SIX, "h", "x@existsfour.test", SPF_PASS, "exists:a.test", NULL },
	/* include */
	{ ONE, "h", "x@inc.test", SPF_PASS, "include:q.test", NULL },
	{ "192.0.2.2", "h", "x@inc.test", SPF_FAIL, "-all", NULL },
	{ "192.0.2.3", "h", "x@inc.test", SPF_FAIL, "-all", NULL },
	{ "192.0.2.4", "h", "x@inc.test", SPF_FAIL, "-all", NULL },
	{ ONE, "h", "x@incnone.test", SPF_PERMERROR, NULL, NULL },
	{ ONE, "h", "x@incnx.test", SPF_PERMERROR, NULL, NULL },
	{ ONE, "h", "x@incbad.test", SPF_PERMERROR, NULL, NULL },
	{ ONE, "h", "x@incfails.test", SPF_TEMPERROR, NULL, NULL },
	{ ONE, "h", "x@incempty.test", SPF_FAIL, "-all", NULL },
	{ ONE, "h", "x@incself.test", SPF_PERMERROR, NULL, NULL },
	{ ONE, "h", "x@inclabel.test", SPF_PERMERROR, NULL, NULL },
	{ ONE, "h", "x@incone.test", SPF_PERMERROR, NULL, NULL },
	/* redirect */
	{ "192.0.2.9", "h", "x@red.test", SPF_PASS, "ip4:192.0.2.9", NULL },
	{ "192.0.2.2", "h", "x@red.test", SPF_FAIL, "-ip4:192.0.2.2", NULL },
	{ "192.0.2.6", "h", "x@red.test", SPF_NEUTRAL, "?all", NULL },
	{ ONE, "h", "x@rednone.test", SPF_PERMERROR, NULL, NULL },
	{ ONE, "h", "x@redall.test", SPF_SOFTFAIL, "~all", NULL },
	{ ONE, "h", "x@redself.test", SPF_PERMERROR, NULL, NULL },
	{ ONE, "h", "x@redfails.test", SPF_TEMPERROR, NULL, NULL },
	/* exp */
	{ ONE, "he lo", "j\r\noe@explains.test", SPF_FAIL, "-all",
	    "192.0.2.1 is not of explains.test: j??oe@explains.test he lo "
	    "mx.test 1234567890 192.0.2.1 unknown 100%" },
	{ "192.0.2.31", "h", "x@redexp.test", SPF_FAIL, "-all",
	    "192.0.2.31 is not of explains.test: x@redexp.test h "
	    "mx.test 1234567890 192.0.2.31 Host.Ptr.test 100%" },
	{ ONE, "h", "x@incexp.test", SPF_FAIL, "-all", "not this" },
	{ ONE, "h", "x@soft.test", SPF_SOFTFAIL, "~all", NULL },
	{ ONE, "h", "x@expfails.test", SPF_FAIL, "-all", NULL },
	{ ONE, "h", "x@expnx.test", SPF_FAIL, "-all", NULL },
	{ ONE, "h", "x@expbad.test", SPF_FAIL, "-all", NULL },
	{ ONE, "h", "x@expodd.test", SPF_FAIL, "-all", NULL },
	{ ONE, "h", "x@exptwo.test", SPF_FAIL, "-all", NULL },
	{ ONE, "h", "x@explabel.test", SPF_FAIL, "-all", NULL },
	/* %{p} */
	{ "192.0.2.31", "h", "x@p.test", SPF_PASS, "exists:%{p}.p.test", NULL },
	{ "192.0.2.32", "h", "x@p.test", SPF_PASS, "exists:%{p}.p.test", NULL },
	{ "192.0.2.35", "h", "x@p.test", SPF_PASS, "exists:%{p}.p.test", NULL },
	{ "192.0.2.33", "h", "x@p.test", SPF_FAIL, "-all", NULL },
	{ "192.0.2.38", "h", "x@pick.test", SPF_FAIL, "-all", "pick.test" },
	{ "192.0.2.38", "h", "x@sub2.test", SPF_FAIL, "-all", "any.test" },
	/* Limits. */
	{ "192.0.2.2", "h", "x@ten.test", SPF_FAIL, "-ip4:192.0.2.2", NULL },
	{ "192.0.2.2", "h", "x@eleven.test", SPF_PERMERROR, NULL, NULL },
	{ ONE, "h", "x@eleven.test", SPF_PASS, "a:a.test", NULL },
	{ "192.0.2.2", "h", "x@free.test", SPF_PASS, "ip4:192.0.2.2", NULL },
	{ "192.0.2.2", "h", "x@incten.test", SPF_PERMERROR, NULL, NULL },
	{ ONE, "h", "x@incten.test", SPF_PASS, "include:nine.test", NULL },
	{ "192.0.2.2", "h", "x@before.test", SPF_PASS, "ip4:192.0.2.2", NULL },
	{ ONE, "h", "x@void2.test", SPF_PASS, "a:a.test", NULL },
	{ ONE, "h", "x@void3.test", SPF_PERMERROR, NULL, NULL },
	{ ONE, "h", "x@voidinc.test", SPF_PERMERROR, NULL, NULL },
	{ SIX, "h", "x@voidmx.test", SPF_PASS, "mx:tenmx.test", NULL },
	{ "192.0.2.2", "h", "x@voidmx.test", SPF_FAIL, "-all", NULL },
	{ ONE, "h", LONG_LABEL "@cut.test", SPF_PASS, "exists:x.%{d}.%{l}."
	    "%{l}.%{l}.%{l}.%{l}.%{l}.%{l}.end.test", NULL },
	{ ONE, "h", LONG_LABEL LONG_LABEL "@huge.test", SPF_FAIL, "-all",
	    NULL },
};

static struct zone zone;

static void
start(struct spf *spf, const char *client, const char *helo,
    const char *mailbox)
{
	struct address address;

	memset(spf, 0, sizeof *spf);
	ck_assert_int_eq(address_parse(client, strlen(client), &address), OK);
	ck_assert_int_eq(spf_start(spf, &address, helo, strlen(helo), mailbox,
	    strlen(mailbox), "mx.test", 1234567890), OK);
	zone.rows = rows;
	zone.count = sizeof rows / sizeof rows[0];
	zone.asked = 0;
}

static const char *
or_empty(const char *text)
{
	return text != NULL ? text : "";
}

/* All at once, one by one, and one by one from behind: it is all the same. */
static const struct {
	size_t most;
	int is_backward;
} orders[] = { { SPF_QUESTIONS, 0 }, { 1, 0 }, { 1, 1 } };

START_TEST(each_case)
{
	size_t i;

	for (i = 0; i < sizeof orders / sizeof orders[0]; i++) {
		struct spf spf;

		start(&spf, cases[_i].client, cases[_i].helo,
		    cases[_i].mailbox);
		zone_run(&zone, &spf, orders[i].most, orders[i].is_backward);
		ck_assert_msg(spf.result == cases[_i].result,
		    "row %d: %s from %s: %s, not %s", _i, cases[_i].mailbox,
		    cases[_i].client, spf_result_name(spf.result),
		    spf_result_name(cases[_i].result));
		assert_holds(&spf.mechanism, or_empty(cases[_i].mechanism));
		assert_holds(&spf.explanation,
		    or_empty(cases[_i].explanation));
		assert_row((spf.problem != NULL) ==
		    (spf.result == SPF_TEMPERROR ||
		    spf.result == SPF_PERMERROR));
		spf_free(&spf);
	}
}
END_TEST

/* How often the caller has to wait, and for how many answers in all. */
static const struct {
	const char *client, *mailbox;
	unsigned rounds;
	size_t questions;
} waits[] = {
	{ ONE, "x@[192.0.2.1]", 0, 0 },
	{ ONE, "x@nowhere.test", 1, 1 },
	{ ONE, "x@minus.test", 1, 1 },
	/* Nothing behind what matches for sure is asked. */
	{ ONE, "x@early.test", 1, 1 },
	{ "192.0.2.2", "x@early.test", 2, 2 },
	/* The same question is asked once. */
	{ "192.0.2.2", "x@incten.test", 2, 3 },
	{ ONE, "x@void3.test", 2, 5 },
	{ ONE, "x@moremx.test", 2, 2 },
	{ ONE, "x@tenmx.test", 3, 12 },
	/* Only a name that may be the one is looked up. */
	{ "192.0.2.33", "x@ptr.test", 2, 2 },
	{ "192.0.2.31", "x@ptr.test", 3, 3 },
	{ ONE, "x@explains.test", 3, 3 },
};

START_TEST(each_wait)
{
	struct spf spf;

	start(&spf, waits[_i].client, "h.test", waits[_i].mailbox);
	ck_assert_uint_eq(zone_run(&zone, &spf, SPF_QUESTIONS, 0),
	    waits[_i].rounds);
	ck_assert_uint_eq(spf.count, waits[_i].questions);
	spf_free(&spf);
}
END_TEST

START_TEST(run_without_answers_asks_nothing_more)
{
	struct spf spf;

	start(&spf, ONE, "h.test", "x@void3.test");
	ck_assert_int_eq(spf_run(&spf), OK);
	ck_assert_int_eq(spf_run(&spf), OK);
	ck_assert_int_eq(spf.result, SPF_UNKNOWN);
	ck_assert_uint_eq(spf.count, 1);
	ck_assert_str_eq(spf.questions[0].name, "void3.test");
	ck_assert_int_eq(spf.questions[0].type, DNS_TXT);
	spf_free(&spf);
}
END_TEST

START_TEST(explanation_is_bounded)
{
	struct spf spf;

	start(&spf, ONE, "h.test", "someone.with.a.long.name@explong.test");
	zone_run(&zone, &spf, SPF_QUESTIONS, 0);
	ck_assert_int_eq(spf.result, SPF_FAIL);
	ck_assert_uint_eq(spf.explanation.len, SPF_EXPLANATION);
	ck_assert_uint_eq(strlen(spf.explanation.s), SPF_EXPLANATION);
	spf_free(&spf);
}
END_TEST

/*
 * The worst that a record can ask for: 10 terms of 10 names each, behind
 * includes that fork; each name has every record.
 */
static const struct dns_question *
answer_hostile(enum dns_type type, const char *name, struct dns_question *all)
{
	static const char includes[] = "v=spf1 mx:%{h1}1.a.test "
	    "include:b.%{d} include:c.%{d} mx:d.%{d} mx:%{p}.%{d} ptr -all";
	static char names[SPF_QUESTIONS][12][80];
	static struct dns_record records[SPF_QUESTIONS][12];
	static size_t used;
	size_t i, at = used++ % SPF_QUESTIONS;

	memset(all, 0, sizeof *all);
	all->state = DNS_DATA;
	all->records = records[at];
	all->count = type == DNS_MX || type == DNS_PTR ? 10 : 1;
	for (i = 0; i < all->count; i++) {
		snprintf(names[at][i], sizeof names[at][i], "%zu.%zu.%.30s",
		    i, at, name);
		zone_record(type, type == DNS_A ? "10.0.0.1" : type == DNS_TXT ?
		    includes : names[at][i], &records[at][i]);
	}
	return all;
}

START_TEST(questions_are_bounded)
{
	static struct dns_question answers[SPF_QUESTIONS];
	struct spf spf;
	size_t i, answered = 0;

	start(&spf, ONE, "h.test", "x@hostile.test");
	for (;;) {
		ck_assert_int_eq(spf_run(&spf), OK);
		if (spf.result != SPF_UNKNOWN)
			break;
		ck_assert_uint_lt(answered, spf.count);
		for (i = answered; i < spf.count; i++)
			spf.questions[i].answer = answer_hostile(
			    spf.questions[i].type, spf.questions[i].name,
			    &answers[i]);
		answered = spf.count;
	}
	ck_assert_int_eq(spf.result, SPF_PERMERROR);
	ck_assert_str_eq(spf.problem, "too many terms ask the DNS");
	ck_assert_uint_lt(spf.count, SPF_QUESTIONS);
	spf_free(&spf);
}
END_TEST

SUITE("spf",
    { each_case, ROWS(cases), NULL, NULL },
    { each_wait, ROWS(waits), NULL, NULL },
    { run_without_answers_asks_nothing_more, 1, NULL, NULL },
    { explanation_is_bounded, 1, NULL, NULL },
    { questions_are_bounded, 1, NULL, NULL })
