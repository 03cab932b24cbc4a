/* badcc - another recipient of the mail is in the recipient's list */
#include <errno.h>
#include <string.h>

#include "base/list.h"
#include "base/text.h"
#include "filter/table.h"

#define KEPT_SIZE	(1u << 20)	/* of the lists of all recipients */

/* The lists of recipients that were accepted; the mail says how much counts. */
struct memory {
	struct list kept;
	stralloc pending;	/* the forward-path that was judged last */
};

struct mail {
	size_t kept;		/* octets of lists */
	size_t pending;		/* those with the last recipient's */
	size_t place;		/* in the envelope, if that was accepted */
	int is_pending;
	/* None before this place of those asked for is in control/badcc. */
	size_t clean;
};

/*
 * Filters behind this one, and the server, may have refused the last
 * recipient: the envelope tells.
 */
static void
settle(const struct session *session, struct memory *memory, struct mail *mail)
{
	const stralloc *envelope = &session->mail.envelope;
	const char *suffix = session->relay_suffix;
	const stralloc *pending = &memory->pending;
	size_t len = pending->len + (suffix != NULL ? strlen(suffix) : 0);

	if (mail->is_pending && envelope->len > mail->place + 1 + len &&
	    memcmp(envelope->s + mail->place + 1, pending->s,
	    pending->len) == 0 && envelope->s[mail->place + 1 + len] == '\0')
		mail->kept = mail->pending;
	mail->is_pending = 0;
	memory->kept.lines.len = mail->kept;
}

static int
is_same(const stralloc *mailbox, const char *other)
{
	return text_is(mailbox->s, mailbox->len, other);
}

/*
 * Whether the list has a recipient that was asked for before, another one.
 * Those before `clean` are known not to be in it; that moves on.
 */
static int
has_earlier(const struct list *list, const struct session *session,
    size_t *clean, stralloc *reason)
{
	const stralloc *recipient = &session->mail.forward_path.mailbox;
	const stralloc *asked = &session->mail.asked;
	size_t at, len, judged = asked->len;

	for (at = *clean; at < asked->len; at += len + 1) {
		const char *other = asked->s + at;

		len = strlen(other);
		if (is_same(recipient, other)) {
			if (at < judged)
				judged = at;
		} else if (list_has_mailbox(list, other, len, reason))
			return 1;
	}
	*clean = judged;
	return 0;
}

/* Whether this recipient was accepted before; then it was judged, too. */
static int
is_repeated(const struct session *session)
{
	const stralloc *recipient = &session->mail.forward_path.mailbox;
	const stralloc *envelope = &session->mail.envelope;
	size_t at;

	if (session->relay_suffix != NULL)
		return 0;
	for (at = 0; at < envelope->len; at += strlen(envelope->s + at) + 1)
		if (is_same(recipient, envelope->s + at + 1))
			return 1;
	return 0;
}

static enum verdict
put_off(struct finding *finding)
{
	finding_set(finding, "badcc", 452, "4.5.3",
	    "this recipient is to be judged by the others, which are too "
	    "many, send it a mail of its own (#4.5.3)");
	return DEFER;
}

static enum verdict
out_of_memory(struct finding *finding, const struct session *session)
{
	control_refuse(session->control, "badcc", ENOMEM);
	return finding_fault(finding, session);
}

/* A recipient that only monitors, or is not judged, asks nothing of others. */
static int
is_binding(const struct session *session)
{
	enum mode mode = MODE_REJECT;
	enum level level;

	return setting_mode(session->settings, "badcc", MODE_REJECT, &mode,
	    &level) == OK && mode >= MODE_DEFER;
}

/* The same list for many recipients is kept once; mostly it is the last. */
static int
is_kept(const stralloc *kept, const stralloc *lines)
{
	if (kept->len < lines->len)
		return 0;
	return memcmp(kept->s + kept->len - lines->len, lines->s,
	    lines->len) == 0 ||
	    memmem(kept->s, kept->len, lines->s, lines->len) != NULL;
}

/* Keep the lists of this recipient for those that come after it. */
static enum verdict
keep(const struct session *session, const struct setting_lists *lists,
    struct memory *memory, struct mail *mail, struct finding *finding)
{
	stralloc *kept = &memory->kept.lines;
	size_t i;

	for (i = 0; i < lists->count; i++) {
		const stralloc *lines = &lists->lists[i]->lines;

		if (lines->len < 2 || is_kept(kept, lines))
			continue;
		if (lines->len > KEPT_SIZE - kept->len)
			return put_off(finding);
		if (!stralloc_cat(kept, lines))
			return out_of_memory(finding, session);
	}
	if (!stralloc_copy(&memory->pending,
	    &session->mail.forward_path.mailbox))
		return out_of_memory(finding, session);
	mail->pending = kept->len;
	mail->place = session->mail.envelope.len;
	mail->is_pending = 1;
	return PASS;
}

/* The recipient's own list, and the others that were asked for before. */
static enum verdict
judge_earlier(const struct session *session, const struct setting_lists *lists,
    struct mail *mail, struct finding *finding)
{
	size_t i, none;

	for (i = 0; i < lists->count; i++) {
		size_t *clean = lists->levels[i] == LEVEL_GLOBAL ?
		    &mail->clean : &none;

		none = 0;
		if (has_earlier(lists->lists[i], session, clean,
		    &finding->reason)) {
			finding->level = lists->levels[i];
			finding_set(finding, "badcc", 550, "5.7.1",
			    "another recipient of this mail is in badcc of "
			    "this one (#5.7.1)");
			return REJECT;
		}
	}
	if (lists->count > 0 && session->mail.asked_is_cut)
		return put_off(finding);
	return PASS;
}

/* The lists of those that were accepted, and this recipient. */
static enum verdict
judge_later(const struct session *session, const struct memory *memory,
    struct finding *finding)
{
	const stralloc *recipient = &session->mail.forward_path.mailbox;
	stralloc line = { 0 };

	if (!list_has_mailbox(&memory->kept, recipient->s, recipient->len,
	    &line) || is_repeated(session)) {
		stralloc_free(&line);
		return PASS;
	}
	if (!stralloc_copys(&finding->reason,
	    "a recipient accepted before lists ") ||
	    !stralloc_cat(&finding->reason, &line))
		stralloc_zero(&finding->reason);
	stralloc_free(&line);
	finding_set(finding, "badcc", 550, "5.7.1",
	    "this recipient is in badcc of another one of this mail "
	    "(#5.7.1)");
	return REJECT;
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	struct memory *memory = own->session;
	struct mail *mail = own->transaction;
	struct setting_lists lists;
	struct control *failed;
	enum verdict verdict;

	settle(session, memory, mail);
	if (setting_lists(session->settings, "badcc", 0, &lists,
	    &failed) != OK)
		return finding_fault_of(finding, session, failed);
	verdict = judge_earlier(session, &lists, mail, finding);
	if (verdict == PASS && mail->kept > 0)
		verdict = judge_later(session, memory, finding);
	if (verdict == PASS && lists.count > 0 && is_binding(session))
		verdict = keep(session, &lists, memory, mail, finding);
	return verdict;
}

static void
stop(struct own *own)
{
	struct memory *memory = own->session;

	list_free(&memory->kept);
	stralloc_free(&memory->pending);
}

const struct filter filter_badcc = {
	.name = "badcc",
	.file = "badcc",
	.session = sizeof(struct memory),
	.transaction = sizeof(struct mail),
	.spares = SPARES_ACCEPTED,
	/* A list of another recipient may name one that has none. */
	.is_on = 1,
	.stop = stop,
	.on = { [ON_RCPT] = rcpt },
};
