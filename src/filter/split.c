/* split - which recipients can share a mail: control/split */
#include "filter/member.h"

#include <string.h>

static int
is_late(const struct filter *filter)
{
	return filter->on[ON_DATA] != NULL || filter->on[ON_MESSAGE] != NULL;
}

/*
 * What a late filter may do.  It speaks when the recipient is past, so what
 * that wants to be said is part of its mode.
 */
static enum mode
late_mode(const struct chain *chain, const struct member *member)
{
	if (member->mode == MODE_DEFER && reword_wants(chain, CHAIN_FAIL_HARD))
		return MODE_REJECT;
	return member->mode;
}

/* The class of a recipient: what late filters may do to its mail. */
static void
classify(struct chain *chain, int accepted, unsigned char *class)
{
	size_t i;

	for (i = 0; i < chain->count; i++) {
		const struct member *member = &chain->members[i];

		class[i] = MODE_OFF;
		if (is_late(member->filter) && member->mode >= MODE_DEFER &&
		    !member_is_spared(chain, member, ON_RCPT, accepted))
			class[i] = (unsigned char)late_mode(chain, member);
	}
}

/* The same by the settings that count for control/split. */
static void
classify_to_split(struct chain *chain, int accepted, unsigned char *class)
{
	struct settings *settings = chain->session->settings;
	struct folder *user = settings->user;

	if (chain->session->config->split == SPLIT_DOMAIN && user != NULL) {
		settings->user = NULL;
		member_modes(chain, ON_RCPT);
		classify(chain, accepted, class);
		settings->user = user;
		member_modes(chain, ON_RCPT);
	} else
		classify(chain, accepted, class);
}

/* What a filter may do to a mail for this recipient. */
static enum mode
mode_of(const struct chain *chain, const struct member *member, int accepted)
{
	if (accepted && member->filter->spares != SPARES_NOBODY)
		return MODE_OFF;
	if (!is_late(member->filter))
		return member->mode;
	/* After RCPT nobody else asks whether this is postmaster. */
	return member_is_spared(chain, member, ON_RCPT, accepted) ? MODE_OFF :
	    late_mode(chain, member);
}

/* What of a filter is left when it judges one more recipient's mail. */
static void
take_mildest(struct chain *chain, int accepted, int is_first)
{
	size_t i;

	for (i = 0; i < chain->count; i++) {
		struct member *member = &chain->members[i];
		enum mode mode = mode_of(chain, member, accepted);

		if (!is_first && mode >= member->mail_mode)
			continue;
		member->mail_mode = mode;
		member->mail_level = member->level;
	}
}

static void
log_merged(const struct chain *chain)
{
	struct log_line line;

	session_log(chain->session, &line, "merged");
	log_octets(&line, "forward-path",
	    chain->session->mail.forward_path.mailbox.s,
	    chain->session->mail.forward_path.mailbox.len);
	log_text(&line, "setting", "split");
	log_text(&line, "reason", "the mildest mode of each filter holds");
	log_end(&line);
}

void
split_admit(struct chain *chain, int accepted, struct outcome *outcome)
{
	unsigned char *class = chain->classes + chain->known_classes *
	    chain->count;
	int is_first = chain->session->mail.recipients == 0;
	size_t known;

	classify_to_split(chain, accepted, class);
	if (is_first)
		chain->known_classes = 0;
	if (is_first && class != chain->classes)
		memcpy(chain->classes, class, chain->count);
	for (known = 0; known < chain->known_classes; known++)
		if (memcmp(chain->classes + known * chain->count, class,
		    chain->count) == 0)
			break;
	if (is_first)
		chain->known_classes = 1;
	else if (known > 0 && chain->session->config->split != SPLIT_NEVER) {
		if (known < chain->known_classes ||
		    known < CHAIN_CLASSES - 1) {
			chain->known_classes += known == chain->known_classes;
			member_fail(outcome, "split", "its settings differ");
			reply_set(&outcome->reply, LIMITED_CODE, "4.5.3",
			    "this recipient has other settings, send it a "
			    "mail of its own (#4.5.3)");
			return;
		}
		log_merged(chain);
	}
	take_mildest(chain, accepted, is_first);
}
