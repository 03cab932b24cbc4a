/* spf - check_host(): may this client send mail of this domain? */
#include "mail/spf.h"

#include <string.h>

#include "base/network.h"
#include "base/text.h"
#include "mail/spfanswer.h"
#include "mail/spfmacro.h"
#include "mail/spfrecord.h"

/* An expansion that is longer, before labels are cut off, is no name. */
#define EXPANSION	4096

/*
 * Judged in order, 10 terms of 11 questions, the names of the client, the
 * record and the explanation want 123 at most.  While an answer is missing, a
 * term is looked at only if fewer than this many are asked.  So with what is
 * asked early and not needed there are fewer than SPF_QUESTIONS.
 */
#define EARLY		60

/* What came of a term.  If an answer is missing it did not match, so far. */
enum outcome { NO_MATCH, MATCHES, HAS_TEMPERROR, HAS_PERMERROR };

/* Whose record is evaluated. */
struct frame {
	const char *domain;
	size_t len;
	int is_top;		/* not within an include */
};

static enum spf_result check_host(struct evaluation *, const char *domain,
    size_t len, int is_top);

const char *
spf_result_name(enum spf_result result)
{
	static const char *const names[] = {
		[SPF_UNKNOWN] = "unknown", [SPF_NONE] = "none",
		[SPF_NEUTRAL] = "neutral", [SPF_PASS] = "pass",
		[SPF_FAIL] = "fail", [SPF_SOFTFAIL] = "softfail",
		[SPF_TEMPERROR] = "temperror", [SPF_PERMERROR] = "permerror",
	};

	return names[result];
}

static enum outcome
permerror(struct evaluation *evaluation, const char *problem)
{
	if (evaluation->problem == NULL)
		evaluation->problem = problem;
	return HAS_PERMERROR;
}

static enum outcome
temperror(struct evaluation *evaluation)
{
	if (evaluation->problem == NULL)
		evaluation->problem = "DNS failure";
	return HAS_TEMPERROR;
}

/*
 * What the answer to the question of a term is: MATCHES stands for data.  The
 * addresses of an mx's names do not count as void, or a client with IPv6
 * would turn many a good record into an error.
 */
static enum outcome
judge(struct evaluation *evaluation, const struct dns_question *answer)
{
	switch (answer->state) {
	case DNS_WAITING:
		return NO_MATCH;
	case DNS_DATA:
		return MATCHES;
	case DNS_TEMPFAIL:
		return temperror(evaluation);
	default:
		if (++evaluation->voids > SPF_VOIDS)
			return permerror(evaluation,
			    "too many terms find nothing in the DNS");
		return NO_MATCH;
	}
}

static struct spf_facts
facts_of(const struct spf *spf, const struct frame *frame)
{
	return (struct spf_facts){
		.local = spf->local.s, .local_len = spf->local.len,
		.sender = spf->domain.s, .sender_len = spf->domain.len,
		.domain = frame->domain, .domain_len = frame->len,
		.helo = spf->helo.s, .helo_len = spf->helo.len,
		.receiver = spf->receiver.s, .name = "unknown",
		.client = spf->client, .time = spf->time,
	};
}

/* A text with its macros expanded; 0: an answer is missing, or memory. */
static int
expand(struct evaluation *evaluation, const struct frame *frame,
    const char *text, size_t len, size_t most, stralloc *out)
{
	struct spf_facts facts = facts_of(evaluation->spf, frame);

	if (spf_macro_asks(text, len)) {
		facts.name = spf_answer_name(evaluation, frame->domain,
		    frame->len);
		if (facts.name == NULL)
			return 0;
	}
	if (spf_macro_expand(text, len, &facts, most, out) == OK)
		return 1;
	evaluation->is_broken = 1;
	return 0;
}

/* Labels that are too many are dropped on the left: RFC 7208 7.3. */
static void
cut_name(stralloc *name)
{
	const char *dot;

	if (name->len > 0 && name->s[name->len - 1] == '.')
		name->len--;
	while (name->len > SPF_NAME) {
		dot = memchr(name->s, '.', name->len);
		if (dot == NULL || name->len == EXPANSION) {
			name->len = 0;
			return;
		}
		name->len -= (size_t)(dot + 1 - name->s);
		memmove(name->s, dot + 1, name->len);
	}
}

/* The domain that a term means; 0: an answer is missing, or memory. */
static int
find_target(struct evaluation *evaluation, const struct frame *frame,
    const struct spf_term *term, stralloc *name)
{
	if (term->domain == NULL) {
		if (stralloc_copyb(name, frame->domain, frame->len))
			return 1;
		evaluation->is_broken = 1;
		return 0;
	}
	name->len = 0;
	if (!expand(evaluation, frame, term->domain, term->domain_len,
	    EXPANSION, name))
		return 0;
	cut_name(name);
	return 1;
}

/* Whether an address of the answer is in the client's network. */
static int
has_client(const struct evaluation *evaluation,
    const struct dns_question *answer, const struct spf_term *term)
{
	const struct address *client = &evaluation->spf->client;
	struct network network = { .prefix = client->family == 4 ?
	    term->prefix4 : term->prefix6 };
	size_t i;

	for (i = 0; i < answer->count; i++) {
		network.address = answer->records[i].address;
		if (network_has(&network, client))
			return 1;
	}
	return 0;
}

static enum outcome
match_a(struct evaluation *evaluation, const struct spf_term *term,
    const stralloc *target)
{
	const struct dns_question *answer = spf_answer(evaluation,
	    spf_answer_type(evaluation), target->s, target->len);
	enum outcome outcome = judge(evaluation, answer);

	if (outcome != MATCHES)
		return outcome;
	return has_client(evaluation, answer, term) ? MATCHES : NO_MATCH;
}

static enum outcome
match_exists(struct evaluation *evaluation, const struct spf_term *term,
    const stralloc *target)
{
	(void)term;
	return judge(evaluation, spf_answer(evaluation, DNS_A, target->s,
	    target->len));
}

/* All names are equals, so one that matches counts more than one that fails. */
static enum outcome
match_mx(struct evaluation *evaluation, const struct spf_term *term,
    const stralloc *target)
{
	const struct dns_question *each, *answer = spf_answer(evaluation,
	    DNS_MX, target->s, target->len);
	enum outcome outcome = judge(evaluation, answer);
	int has_failed = 0;
	size_t i;

	if (outcome != MATCHES)
		return outcome;
	if (answer->count > SPF_NAMES)
		return permerror(evaluation, "too many names of an mx");
	for (i = 0; i < answer->count; i++) {
		each = spf_answer_printed(evaluation,
		    spf_answer_type(evaluation), answer->records[i].name);
		if (each->state == DNS_DATA &&
		    has_client(evaluation, each, term))
			return MATCHES;
		has_failed |= each->state == DNS_TEMPFAIL;
	}
	return has_failed ? temperror(evaluation) : NO_MATCH;
}

/* A failure of the DNS is no match: RFC 7208 5.5. */
static enum outcome
match_ptr(struct evaluation *evaluation, const struct spf_term *term,
    const stralloc *target)
{
	const struct dns_question *answer = spf_answer_reverse(evaluation);
	size_t i;

	(void)term;
	if (answer->state == DNS_TEMPFAIL)
		return NO_MATCH;
	if (judge(evaluation, answer) == HAS_PERMERROR)
		return HAS_PERMERROR;
	for (i = 0; i < answer->count && i < SPF_NAMES; i++) {
		const char *name = answer->records[i].name;

		if (spf_name_is_below(name, target->s, target->len) &&
		    spf_answer_validates(evaluation, name))
			return MATCHES;
	}
	return NO_MATCH;
}

static enum outcome
match_include(struct evaluation *evaluation, const struct spf_term *term,
    const stralloc *target)
{
	(void)term;
	switch (check_host(evaluation, target->s, target->len, 0)) {
	case SPF_PASS:
		return MATCHES;
	case SPF_TEMPERROR:
		return HAS_TEMPERROR;
	case SPF_PERMERROR:
		return HAS_PERMERROR;
	case SPF_NONE:
		return permerror(evaluation, "no record to include");
	default:
		return NO_MATCH;
	}
}

/* Whether this term may still ask the DNS. */
static int
can_ask(struct evaluation *evaluation)
{
	if (++evaluation->terms <= SPF_TERMS)
		return 1;
	permerror(evaluation, "too many terms ask the DNS");
	return 0;
}

static int
is_too_early(const struct evaluation *evaluation)
{
	return evaluation->waits && evaluation->spf->count >= EARLY;
}

static enum outcome
match(struct evaluation *evaluation, const struct frame *frame,
    const struct spf_term *term)
{
	static enum outcome (*const matchers[])(struct evaluation *,
	    const struct spf_term *, const stralloc *) = {
		[SPF_INCLUDE] = match_include, [SPF_A] = match_a,
		[SPF_MX] = match_mx, [SPF_PTR] = match_ptr,
		[SPF_EXISTS] = match_exists,
	};
	enum outcome outcome = NO_MATCH;
	stralloc target = { 0 };

	if (term->kind == SPF_ALL)
		return MATCHES;
	if (term->kind >= SPF_REDIRECT)
		return NO_MATCH;
	if (term->kind == SPF_IP4 || term->kind == SPF_IP6)
		return network_has(&term->network, &evaluation->spf->client) ?
		    MATCHES : NO_MATCH;
	if (!can_ask(evaluation))
		return HAS_PERMERROR;
	if (!is_too_early(evaluation) &&
	    find_target(evaluation, frame, term, &target))
		outcome = matchers[term->kind](evaluation, term, &target);
	stralloc_free(&target);
	return outcome;
}

/* The one record of SPF among those of TXT. */
static enum spf_result
select_record(struct evaluation *evaluation, const struct dns_question *answer,
    struct spf_record *record)
{
	const struct dns_record *found = NULL;
	size_t i;

	for (i = 0; i < answer->count; i++) {
		const struct dns_record *each = &answer->records[i];

		if (!spf_record_is(each->octets, each->len))
			continue;
		if (found != NULL) {
			permerror(evaluation, "more than one record");
			return SPF_PERMERROR;
		}
		found = each;
	}
	if (found == NULL)
		return SPF_NONE;
	if (spf_record_read(found->octets, found->len, record,
	    &evaluation->problem) != OK)
		return SPF_PERMERROR;
	return SPF_UNKNOWN;
}

static void
keep(struct evaluation *evaluation, stralloc *kept, const char *text,
    size_t len)
{
	if (len > SPF_EXPLANATION)
		len = SPF_EXPLANATION;
	if (!stralloc_copyb(kept, text, len) || !stralloc_0(kept)) {
		evaluation->is_broken = 1;
		kept->len = 0;
		return;
	}
	kept->len--;
	text_make_printable(kept->s, kept->len);
}

/* Whatever is wrong with it, there is then no explanation: RFC 7208 6.2. */
static void
explain(struct evaluation *evaluation, const struct frame *frame,
    const struct spf_term *exp)
{
	stralloc text = { 0 };
	const struct dns_question *answer = NULL;

	if (exp->text != NULL &&
	    find_target(evaluation, frame, exp, &text))
		answer = spf_answer(evaluation, DNS_TXT, text.s, text.len);
	if (answer != NULL && answer->state == DNS_DATA &&
	    answer->count == 1 && spf_macro_is(SPF_EXPLAIN_STRING,
	    answer->records->octets, answer->records->len)) {
		text.len = 0;
		if (expand(evaluation, frame, answer->records->octets,
		    answer->records->len, SPF_EXPLANATION, &text))
			keep(evaluation, &evaluation->spf->explanation, text.s,
			    text.len);
	}
	stralloc_free(&text);
}

/* A mechanism has matched. */
static enum spf_result
conclude(struct evaluation *evaluation, const struct frame *frame,
    const struct spf_record *record, const struct spf_term *term)
{
	enum spf_result result = term->qualifier == '-' ? SPF_FAIL :
	    term->qualifier == '~' ? SPF_SOFTFAIL :
	    term->qualifier == '?' ? SPF_NEUTRAL : SPF_PASS;

	if (!frame->is_top || evaluation->waits)
		return result;
	keep(evaluation, &evaluation->spf->mechanism, term->text, term->len);
	if (result == SPF_FAIL)
		explain(evaluation, frame, &record->exp);
	return result;
}

static enum spf_result
redirect(struct evaluation *evaluation, const struct frame *frame,
    const struct spf_term *term)
{
	enum spf_result result = SPF_UNKNOWN;
	stralloc target = { 0 };

	if (!can_ask(evaluation))
		return SPF_PERMERROR;
	if (!is_too_early(evaluation) &&
	    find_target(evaluation, frame, term, &target))
		result = check_host(evaluation, target.s, target.len,
		    frame->is_top);
	stralloc_free(&target);
	if (result == SPF_NONE) {
		permerror(evaluation, "no record to redirect to");
		return SPF_PERMERROR;
	}
	return result;
}

static enum spf_result
evaluate(struct evaluation *evaluation, const struct frame *frame,
    const struct spf_record *record)
{
	struct spf_term term;
	size_t at = 0;

	while (spf_record_next(record, &at, &term))
		switch (match(evaluation, frame, &term)) {
		case MATCHES:
			return conclude(evaluation, frame, record, &term);
		case HAS_TEMPERROR:
			return SPF_TEMPERROR;
		case HAS_PERMERROR:
			return SPF_PERMERROR;
		case NO_MATCH:
			break;
		}
	if (record->redirect.text != NULL)
		return redirect(evaluation, frame, &record->redirect);
	if (frame->is_top)
		keep(evaluation, &evaluation->spf->mechanism, "default",
		    sizeof "default" - 1);
	return SPF_NEUTRAL;
}

/* SPF_UNKNOWN: an answer is missing.  Recursion ends with SPF_TERMS. */
static enum spf_result
check_host(struct evaluation *evaluation, const char *domain, size_t len,
    int is_top)
{
	struct frame frame = { domain, len, is_top };
	const struct dns_question *answer;
	struct spf_record record;
	enum spf_result result;

	/* One label is no domain that sends mail: RFC 7208 4.3. */
	if (len == 0 || memchr(domain, '.', len) == NULL)
		return SPF_NONE;
	answer = spf_answer(evaluation, DNS_TXT, domain, len);
	if (answer->state == DNS_WAITING)
		return SPF_UNKNOWN;
	if (answer->state == DNS_TEMPFAIL) {
		temperror(evaluation);
		return SPF_TEMPERROR;
	}
	result = select_record(evaluation, answer, &record);
	return result == SPF_UNKNOWN ? evaluate(evaluation, &frame, &record) :
	    result;
}

/* Else a run could never come to an end; it cannot be, see EARLY. */
static int
has_question(const struct spf *spf)
{
	size_t i;

	for (i = 0; i < spf->count; i++)
		if (spf->questions[i].answer == NULL ||
		    spf->questions[i].answer->state == DNS_WAITING)
			return 1;
	return 0;
}

enum status
spf_run(struct spf *spf)
{
	struct evaluation evaluation = { .spf = spf };
	enum spf_result result = SPF_NONE;

	spf->result = SPF_UNKNOWN;
	spf->problem = NULL;
	keep(&evaluation, &spf->mechanism, "", 0);
	keep(&evaluation, &spf->explanation, "", 0);
	if (spf_name_is_host(spf->domain.s, spf->domain.len))
		result = check_host(&evaluation, spf->domain.s,
		    spf->domain.len, 1);
	if (evaluation.is_broken)
		return TEMPFAIL;
	if (evaluation.waits && has_question(spf))
		return OK;
	spf->result = evaluation.waits ? SPF_PERMERROR : result;
	if (spf->result == SPF_TEMPERROR || spf->result == SPF_PERMERROR)
		spf->problem = evaluation.problem;
	return OK;
}
