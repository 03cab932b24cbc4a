/* dnslists - ask DNS lists, weigh their answers, say what came of it */
#include "filter/dnslists.h"

#include <string.h>

#include "base/text.h"
#include "smtp/mailbox.h"

#define NAME_SIZE	256	/* longer than any name of the DNS */
#define DNSLISTS_NAME	160	/* octets of a name in a reply, */
#define DNSLISTS_REPLY	470	/* and of a reply: one line, with its code */

/* A walk through lists and its sum. */
struct walk {
	const struct dnslists *lists;
	const struct session *session;
	struct asking *asking;
	const struct dnsnames *names;
	struct dnslists_memory *memory;
	size_t lines;
	uint64_t score;		/* of what is listed, */
	uint64_t silent;	/* and of what was not answered */
	int is_waiting;
	int has_hard;		/* a line lists it that does not put off */
	/* The first line that lists it, and for what. */
	enum level level;
	char zone[DNSLINE_ZONE + 1];
	const char *name;
	size_t name_len;
	stralloc *found;	/* gets ZONE=ADDRESS of each */
};

static int
join(char whole[NAME_SIZE], const char *name, size_t len, const char *zone,
    size_t zone_len)
{
	if (len + 1 + zone_len >= NAME_SIZE)
		return 0;
	memcpy(whole, name, len);
	whole[len] = '.';
	memcpy(whole + len + 1, zone, zone_len);
	whole[len + 1 + zone_len] = '\0';
	return 1;
}

/* Append a zone, and the address that it answered. */
static enum status
add_zone(stralloc *text, const struct dnsline *line,
    const struct address *address)
{
	char printed[ADDRESS_TEXT];

	if ((text->len > 0 && !stralloc_cats(text, " ")) ||
	    !stralloc_catb(text, line->zone, line->zone_len))
		return TEMPFAIL;
	if (address == NULL)
		return OK;
	address_print(address, printed);
	return stralloc_catm(text, "=", printed) ? OK : TEMPFAIL;
}

static enum status
take_listed(struct walk *walk, const struct dnsline *line, size_t i,
    enum level level, const struct address *address)
{
	walk->score += line->weight;
	walk->has_hard |= !line->is_soft;
	if (walk->name == NULL) {
		walk->name = walk->names->names[i];
		walk->name_len = walk->names->lens[i];
		walk->level = level;
		memcpy(walk->zone, line->zone, line->zone_len);
		walk->zone[line->zone_len] = '\0';
	}
	return add_zone(walk->found, line, address);
}

/* Ask a line for all names; it counts once, whichever of them it lists. */
static enum status
ask_line(struct walk *walk, const struct dnsline *line, enum level level,
    size_t names)
{
	struct dnslists_memory *memory = walk->memory;
	int is_silent = 0, is_odd = 0, is_listed = 0;
	char whole[NAME_SIZE];
	struct address address, listed = { 0 }, odd = { 0 };
	size_t i, which = 0;

	for (i = 0; i < names; i++) {
		enum dnsline_answer answer = DNSLINE_ABSENT;

		if (join(whole, walk->names->names[i], walk->names->lens[i],
		    line->zone, line->zone_len))
			answer = dnsline_judge(line, asking_ask(walk->asking,
			    whole, DNS_A), &address);
		walk->is_waiting |= answer == DNSLINE_WAITING;
		is_silent |= answer == DNSLINE_SILENT;
		if (answer == DNSLINE_ODD && !is_odd++)
			odd = address;
		if (answer == DNSLINE_LISTED && !is_listed++) {
			listed = address;
			which = i;
		}
	}
	if (is_odd && add_zone(&memory->odd, line, &odd) != OK)
		return TEMPFAIL;
	if (is_silent && add_zone(&memory->silent, line, NULL) != OK)
		return TEMPFAIL;
	if (is_listed)
		return take_listed(walk, line, which, level, &listed);
	if (is_silent)
		walk->silent += line->weight;
	return OK;
}

static enum dnslists_result
bad_line(struct walk *walk, const char *file, enum level level,
    const char *line, size_t len)
{
	struct dnslists_memory *memory = walk->memory;

	memory->file = file;
	memory->level = level;
	return stralloc_copyb(&memory->reason, line, len) ?
	    DNSLISTS_BAD_LINE : DNSLISTS_NO_MEMORY;
}

static enum dnslists_result
walk_list(struct walk *walk, const struct list *list, const char *file,
    enum level level, enum dnsline_form form, size_t names)
{
	const char *text = list->lines.s, *end = text + list->lines.len;

	/* Each line is between two line feeds. */
	while (list->lines.len > 0 && ++text < end) {
		const char *feed = memchr(text, '\n', (size_t)(end - text));
		size_t len = (size_t)(feed - text);
		struct dnsline line;

		if (!text_is(text, len, "!inherit")) {
			if (walk->lines++ >= DNSLISTS_LINES ||
			    dnsline_parse(text, len, form, &line) != OK)
				return bad_line(walk, file, level, text, len);
			if (ask_line(walk, &line, level, names) != OK)
				return DNSLISTS_NO_MEMORY;
		}
		text = feed;
	}
	return DNSLISTS_NOTHING;
}

/* The lists of another dialect, where there are none of our own. */
static enum dnslists_result
walk_others(struct walk *walk, const char **file)
{
	struct folder *folder = &walk->session->settings->global;
	const struct dnslists_other *other = walk->lists->others;
	const struct folder_list *list;
	size_t i;

	for (i = 0; i < 2 && other[i].file != NULL; i++) {
		if (!control_has(folder->control, other[i].file))
			continue;
		*file = other[i].file;
		if (folder_list(folder, other[i].file, &list) != OK) {
			walk->memory->failed = folder->control;
			return DNSLISTS_BAD_FILE;
		}
		if (list->list.found)
			return walk_list(walk, &list->list, *file,
			    LEVEL_GLOBAL, other[i].form,
			    walk->names->for_others);
	}
	return DNSLISTS_NOTHING;
}

static enum dnslists_result
walk_lists(struct walk *walk, const char **file, stralloc *found)
{
	int is_blocked = *file == walk->lists->blocked;
	struct setting_lists lists;
	enum dnslists_result result;
	size_t i;

	walk->found = found;
	if (setting_lists(walk->session->settings, *file, 0, &lists,
	    &walk->memory->failed) != OK)
		return DNSLISTS_BAD_FILE;
	if (lists.count == 0 && is_blocked)
		return walk_others(walk, file);
	for (i = 0; i < lists.count; i++) {
		result = walk_list(walk, lists.lists[i], *file,
		    lists.levels[i], DNSLINE_OWN, walk->names->count);
		if (result != DNSLISTS_NOTHING)
			return result;
	}
	return DNSLISTS_NOTHING;
}

/* Append what came from outside, printable and bounded. */
static enum status
add_bounded(stralloc *reply, const char *text, size_t len, size_t most)
{
	if (len > most)
		len = most;
	if (!stralloc_catb(reply, text, len))
		return TEMPFAIL;
	text_make_printable(reply->s + reply->len - len, len);
	return OK;
}

/* The list's own words for who asks. */
static enum status
add_words(const struct dns_question *question, stralloc *reply)
{
	const struct dns_record *record = question->records;
	size_t room = DNSLISTS_REPLY - reply->len;

	if (question->state != DNS_DATA || question->count == 0 ||
	    record->len == 0)
		return OK;
	return stralloc_cats(reply, ": ") && add_bounded(reply,
	    record->octets, record->len, room < DNSLISTS_WORDS ? room :
	    DNSLISTS_WORDS) == OK ? OK : TEMPFAIL;
}

static enum status
make_reply(struct walk *walk, const struct dns_question *words)
{
	const struct dnslists *lists = walk->lists;
	stralloc *reply = &walk->memory->reply;

	if (!stralloc_copys(reply, lists->subject) ||
	    (lists->has_names && add_bounded(reply, walk->name,
	    walk->name_len, DNSLISTS_NAME) != OK) ||
	    !stralloc_catm(reply, lists->verb, walk->zone) ||
	    (words != NULL && add_words(words, reply) != OK))
		return TEMPFAIL;
	return stralloc_cats(reply, walk->memory->is_soft ? " (#4.7.1)" :
	    " (#5.7.1)") && stralloc_0(reply) ? OK : TEMPFAIL;
}

static const struct dns_question *
ask_words(struct walk *walk)
{
	const struct dns_question *question = NULL;
	char whole[NAME_SIZE];

	if (walk->lists->has_words && join(whole, walk->name, walk->name_len,
	    walk->zone, strlen(walk->zone)))
		question = asking_ask(walk->asking, whole, DNS_TXT);
	return question;
}

/* Without a threshold any exception spares, with one it lightens. */
static int
is_enough(uint64_t listed, uint64_t spared, uint64_t threshold)
{
	if (threshold == 0)
		return listed > 0 && spared == 0;
	return listed >= spared && listed - spared >= threshold;
}

/* The client is listed: ask who spares it, and for words. */
static enum dnslists_result
weigh_exceptions(struct walk *walk, uint64_t threshold)
{
	struct dnslists_memory *memory = walk->memory;
	const struct dns_question *words = ask_words(walk);
	struct walk spared = *walk;
	enum dnslists_result result;

	memory->spared_file = walk->lists->spared;
	spared.score = spared.silent = 0;
	spared.lines = 0;
	spared.name = NULL;
	spared.is_waiting = 0;
	result = memory->spared_file == NULL ? DNSLISTS_NOTHING :
	    walk_lists(&spared, &memory->spared_file, &memory->spared_by);
	if (result != DNSLISTS_NOTHING)
		return result;
	if (spared.is_waiting || (words != NULL &&
	    words->state == DNS_WAITING))
		return DNSLISTS_NOTHING;
	memory->spared_level = spared.level;
	if (!is_enough(walk->score, spared.score, threshold))
		return DNSLISTS_SPARED;
	if (make_reply(walk, words) != OK)
		return DNSLISTS_NO_MEMORY;
	return is_enough(walk->score, spared.score + spared.silent,
	    threshold) ? DNSLISTS_LISTED : DNSLISTS_UNCERTAIN;
}

static enum dnslists_result
weigh(struct walk *walk)
{
	struct dnslists_memory *memory = walk->memory;
	enum dnslists_result result;
	uint64_t threshold = 0;
	enum level level;

	memory->file = walk->lists->blocked;
	result = walk_lists(walk, &memory->file, &memory->reason);
	if (result != DNSLISTS_NOTHING || walk->is_waiting)
		return result;
	memory->level = walk->level;
	memory->is_soft = !walk->has_hard;
	if (walk->lists->threshold != NULL &&
	    setting_number(walk->session->settings, walk->lists->threshold,
	    &threshold, &level) != OK)
		return DNSLISTS_BAD_NUMBER;
	if (is_enough(walk->score, 0, threshold))
		return weigh_exceptions(walk, threshold);
	return walk->silent > 0 && is_enough(walk->score + walk->silent, 0,
	    threshold) ? DNSLISTS_SILENT : DNSLISTS_NOTHING;
}

void
dnslists_reset(struct own *own)
{
	struct dnslists_memory *memory = own->transaction;
	struct exceptions exceptions = memory->exceptions;

	stralloc_free(&memory->reason);
	stralloc_free(&memory->spared_by);
	stralloc_free(&memory->reply);
	stralloc_free(&memory->silent);
	stralloc_free(&memory->odd);
	memset(memory, 0, sizeof *memory);
	memory->exceptions = exceptions;
}

void
dnslists_ask(const struct dnslists *lists, const struct session *session,
    struct own *own, struct asking *asking, const struct dnsnames *names)
{
	struct walk walk = {
		.lists = lists, .session = session, .asking = asking,
		.names = names, .memory = own->transaction,
	};

	/* What was found for another recipient, or with fewer answers. */
	dnslists_reset(own);
	if (names->count == 0 || session_is_off_lists(session))
		return;
	walk.memory->result = weigh(&walk);
	/* A setting of ours that is broken is no silence of theirs. */
	if (asking->is_broken && walk.memory->silent.len > 0) {
		walk.memory->failed = session->control;
		walk.memory->result = DNSLISTS_BAD_FILE;
	}
}

/* Lists that said nothing, or nothing that counts: once a session. */
static void
log_trouble(const struct dnslists *lists, const struct session *session,
    const stralloc *zones, const char *reason, int *is_logged)
{
	struct log_line line;

	if (zones->len == 0 || (*is_logged)++)
		return;
	session_log(session, &line, "dnslist");
	log_text(&line, "filter", lists->filter);
	log_octets(&line, "zones", zones->s, zones->len);
	log_text(&line, "reason", reason);
	log_end(&line);
}

static enum verdict
say_fault(const struct session *session, const struct dnslists_memory *memory,
    struct finding *finding)
{
	struct log_line line;

	session_log(session, &line, "fault");
	log_text(&line, "setting", memory->file);
	log_text(&line, "level", level_name(memory->level));
	log_text(&line, "reason", memory->result == DNSLISTS_NO_MEMORY ?
	    "out of memory" : "a line makes no sense, or is one too many");
	if (memory->reason.len > 0)
		log_octets(&line, "line", memory->reason.s,
		    memory->reason.len);
	log_end(&line);
	finding_set(finding, memory->file, 451, "4.3.0",
	    "cannot judge this mail now, try again later (#4.3.0)");
	finding->level = memory->level;
	finding->is_ours = 1;
	return DEFER;
}

/* A list is silent that might make a difference. */
static enum verdict
say_silent(const struct dnslists_memory *memory, struct finding *finding)
{
	finding_set(finding, memory->file, 451, "4.4.3",
	    "a DNS list does not answer, try again later (#4.4.3)");
	finding->level = memory->level;
	/* Without memory for it the log lacks the reason, and no more. */
	(void)stralloc_copy(&finding->reason, &memory->silent);
	return DEFER;
}

static enum verdict
say_listed(const struct dnslists_memory *memory, struct finding *finding)
{
	finding_set(finding, memory->file, memory->is_soft ? 451 : 550,
	    memory->is_soft ? "4.7.1" : "5.7.1", memory->reply.s);
	finding->level = memory->level;
	(void)stralloc_copy(&finding->reason, &memory->reason);
	return memory->is_soft ? DEFER : REJECT;
}

static void
log_spared(const struct dnslists *lists, const struct session *session,
    struct own *own)
{
	struct dnslists_memory *memory = own->transaction;
	struct finding exception = {
		.level = memory->spared_level, .reason = memory->spared_by,
	};

	finding_log_exception(&exception, session, own, lists->filter,
	    memory->spared_file);
}

enum verdict
dnslists_say(const struct dnslists *lists, const struct session *session,
    struct own *own, struct finding *finding)
{
	struct dnslists_session *logged = own->session;
	struct dnslists_memory *memory = own->transaction;
	enum verdict verdict;
	uint64_t is_strict;

	if (memory->result == DNSLISTS_BAD_FILE)
		return finding_fault_of(finding, session, memory->failed);
	log_trouble(lists, session, &memory->odd,
	    "the answer is an error of the list", &logged->odd_is_logged);
	log_trouble(lists, session, &memory->silent, "no answer",
	    &logged->silent_is_logged);
	switch (memory->result) {
	case DNSLISTS_LISTED:
		return say_listed(memory, finding);
	case DNSLISTS_SPARED:
		log_spared(lists, session, own);
		return PASS;
	case DNSLISTS_UNCERTAIN:
		return say_silent(memory, finding);
	case DNSLISTS_SILENT:
		verdict = finding_number(finding, session, DNSLISTS_FAULT,
		    &is_strict);
		return verdict != PASS || is_strict == 0 ? verdict :
		    say_silent(memory, finding);
	case DNSLISTS_BAD_NUMBER:
		return finding_number(finding, session, lists->threshold,
		    &is_strict);
	case DNSLISTS_BAD_LINE:
	case DNSLISTS_NO_MEMORY:
		return say_fault(session, memory, finding);
	default:
		return PASS;
	}
}

const struct dnslists *
dnslists_of_client(const struct session *session,
    const struct dnslists pair[2])
{
	switch (session->peer.address.family) {
	case 4:
		return &pair[0];
	case 6:
		return &pair[1];
	default:
		return NULL;
	}
}
