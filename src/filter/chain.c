/* chain - ask the filters in order, one answer for all */
#include "filter/member.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define TAG		"X-Qsmtp-Monitor"
#define MOST_ROUNDS	24	/* of questions that follow from answers */

static void
unpark(struct member *member, enum phase phase)
{
	if (member->parked[phase] == NULL)
		return;
	finding_free(&member->parked[phase]->finding);
	free(member->parked[phase]);
	member->parked[phase] = NULL;
}

enum status
chain_start(struct chain *chain, const struct filter *const table[],
    size_t count, const struct session *session)
{
	size_t i, sizes[2] = { 0, 0 }, align = sizeof(max_align_t) - 1;
	char *next[2];

	memset(chain, 0, sizeof *chain);
	chain->session = session;
	asking_start(&chain->asking, session);
	chain->table = table;
	chain->count = count;
	for (i = 0; i < count; i++) {
		sizes[0] += (table[i]->session + align) & ~align;
		sizes[1] += (table[i]->transaction + align) & ~align;
	}
	chain->members = calloc(count, sizeof *chain->members);
	chain->memory = calloc(1, sizes[0] + sizes[1] + 1);
	chain->classes = calloc(CHAIN_CLASSES, count);
	if (chain->members == NULL || chain->memory == NULL ||
	    chain->classes == NULL)
		return TEMPFAIL;
	next[0] = chain->memory;
	next[1] = chain->transaction = chain->memory + sizes[0];
	chain->transaction_size = sizes[1];
	for (i = 0; i < count; i++) {
		struct member *member = &chain->members[i];

		member->filter = table[i];
		member->own.session = next[0];
		member->own.transaction = next[1];
		next[0] += (table[i]->session + align) & ~align;
		next[1] += (table[i]->transaction + align) & ~align;
	}
	member_session_modes(chain);
	chain_reset(chain);
	return OK;
}

void
chain_reset(struct chain *chain)
{
	size_t i;

	for (i = 0; i < chain->count; i++) {
		struct member *member = &chain->members[i];

		unpark(member, ON_MAIL);
		finding_free(&member->finding);
		member->is_tagged = 0;
		if (chain->is_used && member->filter->reset != NULL)
			member->filter->reset(&member->own);
	}
	asking_forget(&chain->asking);
	/* Pages that nobody touched are not there yet. */
	if (chain->is_used)
		memset(chain->transaction, 0, chain->transaction_size);
	chain->is_used = 0;
	chain->known_classes = 0;
	edits_free(&chain->edits);
	memset(&chain->edits, 0, sizeof chain->edits);
	member_modes(chain, ON_CONNECT);
}

void
chain_stop(struct chain *chain)
{
	size_t i;
	enum phase phase;

	if (chain->members == NULL || chain->memory == NULL)
		goto done;
	chain_reset(chain);
	for (i = 0; i < chain->count; i++) {
		struct member *member = &chain->members[i];

		for (phase = ON_CONNECT; phase < PARKED; phase++)
			unpark(member, phase);
		if (member->filter->stop != NULL)
			member->filter->stop(&member->own);
	}
done:
	asking_stop(&chain->asking);
	free(chain->members);
	free(chain->memory);
	free(chain->classes);
	memset(chain, 0, sizeof *chain);
}

enum mode
chain_mode(const struct chain *chain, const struct filter *filter)
{
	size_t i;

	for (i = 0; i < chain->count; i++)
		if (chain->members[i].filter == filter)
			return chain->members[i].mode;
	return MODE_OFF;
}

int
chain_needs_spool(const struct chain *chain)
{
	size_t i;

	for (i = 0; i < chain->count; i++) {
		const struct member *member = &chain->members[i];

		if (member->filter->needs_spool &&
		    member->mail_mode != MODE_OFF &&
		    !member_is_spared(chain, member, ON_MESSAGE, 0))
			return 1;
	}
	return 0;
}

/* Where the list or the number is that says so, else the mode. */
static enum level
level_of(const struct member *member, const struct finding *finding)
{
	return finding->level != LEVEL_DEFAULT ? finding->level :
	    member->level;
}

static void
log_monitored(struct chain *chain, const struct member *member,
    const struct finding *finding)
{
	struct log_line line;

	if (chain->logged++ >= CHAIN_LOG_LINES)
		return;
	session_log(chain->session, &line, "monitored");
	log_text(&line, "filter", member->filter->name);
	log_text(&line, "level", level_name(level_of(member, finding)));
	log_text(&line, "setting", finding->setting);
	log_number(&line, "code", finding->reply.code);
	log_text(&line, "enhanced", finding->reply.enhanced);
	if (finding->reason.len > 0)
		log_octets(&line, "reason", finding->reason.s,
		    finding->reason.len);
	log_end(&line);
}

/* Who reads the mail may see what a filter would have said. */
static enum status
tag(struct chain *chain, struct member *member, const struct finding *finding)
{
	static const char begin[] = TAG ": ";
	struct edits *edits = &chain->edits;

	if (member->is_tagged)
		return OK;
	member->is_tagged = 1;
	if (edits_add(edits, begin, sizeof begin - 1) != OK ||
	    edits_add(edits, member->filter->name,
	    strlen(member->filter->name)) != OK ||
	    edits_add(edits, " ", 1) != OK ||
	    edits_add(edits, finding->reply.enhanced,
	    strlen(finding->reply.enhanced)) != OK ||
	    edits_add(edits, " ", 1) != OK)
		return TEMPFAIL;
	return edits_add(edits, finding->reply.text,
	    strlen(finding->reply.text)) == OK &&
	    edits_add(edits, "\n", 1) == OK ? OK : TEMPFAIL;
}

/* What a finding wants is in the message, unless it is only monitored. */
static enum status
take_edits(struct chain *chain, const struct member *member,
    const struct finding *finding)
{
	const struct edits *wanted = &finding->edits;

	if (member->mode == MODE_MONITOR)
		return OK;
	return stralloc_catb(&chain->edits.top, wanted->top.s,
	    wanted->top.len) && stralloc_catb(&chain->edits.removed,
	    wanted->removed.s, wanted->removed.len) ? OK : TEMPFAIL;
}

/* Whether it accepted the client, or this mail, in an earlier phase. */
static int
has_accepted(const struct member *member)
{
	enum phase phase;

	for (phase = ON_CONNECT; phase < PARKED; phase++)
		if (member->parked[phase] != NULL &&
		    member->parked[phase]->verdict == ACCEPT)
			return 1;
	return 0;
}

enum status
chain_edits(struct chain *chain, const struct edits **edits)
{
	enum phase phase;
	size_t i;

	/* Whoever sent the mail shall not write our tags. */
	if (chain->monitors && edits_remove(&chain->edits, TAG) != OK)
		return TEMPFAIL;
	for (i = 0; i < chain->count; i++) {
		const struct member *member = &chain->members[i];

		/* Who accepts is off behind that, and may have edits. */
		if ((member->mode == MODE_OFF && !has_accepted(member)) ||
		    member_is_spared(chain, member, ON_DATA, 0))
			continue;
		for (phase = ON_CONNECT; phase < PARKED; phase++)
			if (member->parked[phase] != NULL &&
			    take_edits(chain, member,
			    &member->parked[phase]->finding) != OK)
				return TEMPFAIL;
	}
	*edits = &chain->edits;
	return OK;
}

/*
 * What a verdict means under the filter's mode; the highest stays in
 * `outcome`.
 */
static void
weigh(struct chain *chain, struct member *member, enum verdict verdict,
    struct finding *finding, struct outcome *outcome)
{
	if (verdict <= ACCEPT)
		return;
	if (member->mode == MODE_MONITOR && !finding->is_ours) {
		log_monitored(chain, member, finding);
		if (tag(chain, member, finding) != OK)
			member_fail(outcome, member->filter->name,
			    "out of memory");
		return;
	}
	if (member->mode == MODE_DEFER && !finding->is_ours)
		verdict = DEFER;
	if (verdict <= outcome->verdict)
		return;
	outcome->verdict = verdict;
	outcome->reply = finding->reply;
	outcome->filter = member->filter;
	outcome->mode = member->mode;
	outcome->level = level_of(member, finding);
	outcome->setting = finding->setting;
	outcome->is_ours = finding->is_ours;
	outcome->is_for_now = finding->is_for_now;
	outcome->reason = "";
	if (finding->reason.len > 0 && stralloc_0(&finding->reason)) {
		finding->reason.len--;
		outcome->reason = finding->reason.s;
	}
}

static int
has_edits(const struct finding *finding)
{
	return finding->edits.top.len + finding->edits.removed.len > 0;
}

/* Keep a finding until RCPT asks for it. */
static void
park(struct member *member, enum phase phase, enum verdict verdict,
    struct outcome *outcome)
{
	struct parked *parked = malloc(sizeof *parked);

	if (parked == NULL) {
		member_fail(outcome, member->filter->name, "out of memory");
		outcome->verdict = DROP;
		outcome->reply.code = 421;
		return;
	}
	parked->verdict = verdict;
	parked->finding = member->finding;
	memset(&member->finding, 0, sizeof member->finding);
	member->parked[phase] = parked;
}

/* Ask one filter.  Returns whether it accepts the client. */
static int
ask(struct chain *chain, struct member *member, enum phase phase,
    struct outcome *outcome)
{
	hook_fn *hook = member->filter->on[phase];
	enum verdict verdict;
	enum phase before;

	for (before = ON_CONNECT; phase == ON_RCPT && before < PARKED;
	    before++) {
		struct parked *parked = member->parked[before];

		if (parked == NULL)
			continue;
		weigh(chain, member, parked->verdict, &parked->finding,
		    outcome);
	}
	if (hook == NULL)
		return member->mode != MODE_MONITOR && has_accepted(member);
	finding_free(&member->finding);
	chain->is_used = 1;
	verdict = hook(chain->session, &member->own, &member->finding);
	if (phase >= PARKED || (verdict == DROP && (member->finding.is_ours ||
	    member->mode == MODE_REJECT)))
		weigh(chain, member, verdict, &member->finding, outcome);
	else if (verdict != PASS || has_edits(&member->finding))
		park(member, phase, verdict, outcome);
	if (phase >= PARKED && has_edits(&member->finding) &&
	    take_edits(chain, member, &member->finding) != OK)
		member_fail(outcome, member->filter->name, "out of memory");
	return member->mode != MODE_MONITOR &&
	    (verdict == ACCEPT || has_accepted(member));
}

/* Have filters ask what they will need, from one of them on. */
static void
ask_questions(struct chain *chain, size_t from, enum phase phase, int accepted)
{
	size_t i;

	for (i = from; i < chain->count; i++) {
		struct member *member = &chain->members[i];

		if (member->filter->ask[phase] == NULL ||
		    member->mode == MODE_OFF ||
		    member_is_spared(chain, member, phase, accepted))
			continue;
		chain->is_used = 1;
		member->filter->ask[phase](chain->session, &member->own,
		    &chain->asking);
	}
}

/*
 * Wait until this filter and those behind it have all they need.  An answer
 * may lead to another question; each round costs time of the one budget, and
 * their number is bounded as well.
 */
static void
collect(struct chain *chain, size_t from, int accepted)
{
	unsigned round;

	for (round = 0; round < MOST_ROUNDS; round++) {
		ask_questions(chain, from, ON_RCPT, accepted);
		if (!asking_collect(&chain->asking))
			break;
	}
}

void
chain_ask(struct chain *chain, enum phase phase, struct outcome *outcome)
{
	const char *broken = settings_broken(chain->session->settings);
	int accepted = 0, is_collected = 0;
	size_t i;

	memset(outcome, 0, sizeof *outcome);
	outcome->reason = "";
	member_modes(chain, phase);
	if (phase == ON_CONNECT || phase == ON_MAIL)
		ask_questions(chain, 0, phase, 0);
	if (phase == ON_CONNECT)
		asking_keep(&chain->asking);
	for (i = 0; i < chain->count && outcome->verdict < REJECT; i++) {
		struct member *member = &chain->members[i];

		if (phase < PARKED)
			unpark(member, phase);
		if (phase == ON_RCPT && member->is_broken)
			member_fail(outcome, member->filter->name,
			    "its mode makes no sense");
		if (member->mode == MODE_OFF ||
		    member_is_spared(chain, member, phase, accepted))
			continue;
		if (phase == ON_RCPT && !is_collected &&
		    member->filter->ask[ON_RCPT] != NULL) {
			collect(chain, i, accepted);
			is_collected = 1;
		}
		accepted |= ask(chain, member, phase, outcome);
	}
	if (phase == ON_RCPT)
		keys_check(chain);
	if (phase == ON_RCPT && broken[0] != '\0')
		member_fail(outcome, broken, "");
	if (phase == ON_RCPT)
		reword_outcome(chain, outcome);
	if (outcome->verdict == DEFER && outcome->reply.code >= 500)
		reword_class(chain, &outcome->reply,
		    outcome->reply.code == 552 ? LIMITED_CODE :
		    DEFERRED_CODE);
	if (phase == ON_RCPT && outcome->verdict == PASS)
		split_admit(chain, accepted, outcome);
}
