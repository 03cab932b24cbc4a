/* spfcheck - SPF of one mail: who is checked, and what comes of it */
#include "filter/spfcheck.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "smtp/mailbox.h"

/* One identity, from its first question to its result. */
struct one {
	struct spf spf;
	int is_wanted, is_begun;
	int has_failed;		/* out of memory, or nothing can be asked */
};

struct spfcheck {
	const struct session *session;
	struct one sender;	/* of the reverse-path, or postmaster@HELO */
	struct one helo;
	struct one below[SPFCHECK_ZONES];	/* the sender's, in a zone */
	stralloc mailboxes[SPFCHECK_ZONES];
	size_t zones;
	int has_zones;
};

struct spfcheck *
spfcheck_new(const struct session *session)
{
	const stralloc *mailbox = &session->mail.reverse_path.mailbox;
	struct spfcheck *check = calloc(1, sizeof *check);

	if (check == NULL)
		return NULL;
	check->session = session;
	check->sender.is_wanted = 1;
	/* A null reverse-path is checked as HELO already. */
	check->helo.is_wanted = mailbox->len > 0;
	return check;
}

void
spfcheck_free(struct spfcheck *check)
{
	size_t i;

	if (check == NULL)
		return;
	spf_free(&check->sender.spf);
	spf_free(&check->helo.spf);
	for (i = 0; i < SPFCHECK_ZONES; i++) {
		spf_free(&check->below[i].spf);
		stralloc_free(&check->mailboxes[i]);
	}
	free(check);
}

int
spfcheck_has_zones(const struct spfcheck *check)
{
	return check->has_zones;
}

/* The mailbox with its domain below the zone. */
static void
add_zone(struct spfcheck *check, const char *zone, size_t len)
{
	const stralloc *mailbox = &check->session->mail.reverse_path.mailbox;
	stralloc *below = &check->mailboxes[check->zones];

	if (!domain_is_valid(zone, len))
		return;
	if (stralloc_copy(below, mailbox) && stralloc_cats(below, ".") &&
	    stralloc_catb(below, zone, len))
		check->below[check->zones++].is_wanted = 1;
	else
		check->sender.has_failed = 1;
}

void
spfcheck_add_zones(struct spfcheck *check, const struct list *list)
{
	const char *line = list->lines.s, *end = line + list->lines.len;

	check->has_zones = 1;
	while (line < end && check->zones < SPFCHECK_ZONES) {
		const char *feed = memchr(line, '\n', (size_t)(end - line));
		size_t len = (size_t)((feed != NULL ? feed : end) - line);

		if (len > 0)
			add_zone(check, line, len);
		line += len + 1;
	}
}

static void
begin(const struct spfcheck *check, struct one *one, const char *mailbox,
    size_t len)
{
	const struct session *session = check->session;

	one->is_begun = 1;
	if (spf_start(&one->spf, &session->peer.address, session->helo.s,
	    session->helo.len, mailbox, len, session_name(session),
	    (int64_t)time(NULL)) != OK)
		one->has_failed = 1;
}

/* Returns whether an answer is known already: another filter has asked. */
static int
ask_questions(struct one *one, struct asking *asking)
{
	struct spf *spf = &one->spf;
	size_t i;
	int is_known = 0;

	for (i = 0; i < spf->count && spf->result == SPF_UNKNOWN; i++) {
		struct spf_question *question = &spf->questions[i];

		if (question->answer != NULL)
			continue;
		question->answer = asking_ask_escaped(asking, question->name,
		    question->type);
		one->has_failed |= asking_failed(question->answer);
		is_known |= question->answer->state != DNS_WAITING;
	}
	return is_known;
}

/*
 * Run it, and ask what comes of that.  Nobody calls again for an answer that
 * is here, so go on with it; each turn takes a question, and they are few.
 */
static void
go_on(const struct spfcheck *check, struct one *one, const char *mailbox,
    size_t len, struct asking *asking)
{
	struct spf *spf = &one->spf;

	if (!one->is_wanted || one->has_failed)
		return;
	if (!one->is_begun)
		begin(check, one, mailbox, len);
	if (one->has_failed || spf->result != SPF_UNKNOWN)
		return;
	do {
		if (spf_run(spf) != OK)
			one->has_failed = 1;
	} while (!one->has_failed && ask_questions(one, asking));
}

void
spfcheck_ask(struct spfcheck *check, struct asking *asking)
{
	const stralloc *mailbox = &check->session->mail.reverse_path.mailbox;
	size_t i;

	go_on(check, &check->sender, mailbox->s, mailbox->len, asking);
	go_on(check, &check->helo, "", 0, asking);
	if (check->sender.spf.result != SPF_NONE || mailbox->len == 0)
		return;
	for (i = 0; i < check->zones; i++)
		go_on(check, &check->below[i], check->mailboxes[i].s,
		    check->mailboxes[i].len, asking);
}

int
spfcheck_is_of_helo(const struct spfcheck *check)
{
	return check->session->mail.reverse_path.mailbox.len == 0 ||
	    (check->helo.spf.result == SPF_FAIL &&
	    check->sender.spf.result != SPF_FAIL);
}

/* The first zone that knows the domain. */
static const struct spf *
find_below(const struct spfcheck *check)
{
	size_t i;

	for (i = 0; i < check->zones; i++)
		if (check->below[i].spf.result != SPF_NONE &&
		    check->below[i].spf.result != SPF_UNKNOWN)
			return &check->below[i].spf;
	return &check->sender.spf;
}

const struct spf *
spfcheck_result(const struct spfcheck *check)
{
	const struct spf *spf = &check->sender.spf;

	if (check->sender.has_failed || spf->result == SPF_UNKNOWN)
		return NULL;
	if (check->helo.is_wanted && spfcheck_is_of_helo(check))
		return &check->helo.spf;
	return spf->result == SPF_NONE ? find_below(check) : spf;
}
