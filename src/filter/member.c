/* member - a filter in a session: its mode, and whom it spares */
#include "filter/member.h"

#include <string.h>

#include "base/text.h"

static int
has_others_file(const struct settings *settings, const struct filter *filter)
{
	const struct control *control = settings->global.control;
	size_t i;

	for (i = 0; filter->others != NULL && filter->others[i] != NULL; i++)
		if (control_has(control, filter->others[i]))
			return 1;
	return 0;
}

/* The highest level that has a file of the filter. */
static enum level
level_of_files(const struct settings *settings, const struct filter *filter)
{
	enum level level = LEVEL_DEFAULT, level6 = LEVEL_DEFAULT;

	if (filter->file != NULL)
		level = setting_has_file(settings, filter->file,
		    filter->flags);
	if (filter->file6 != NULL)
		level6 = setting_has_file(settings, filter->file6,
		    filter->flags);
	if (level6 > level)
		level = level6;
	return level == LEVEL_DEFAULT && has_others_file(settings, filter) ?
	    LEVEL_GLOBAL : level;
}

/*
 * Whether a file of the filter is there above this level; a folder that cannot
 * be listed may have any.  One that cannot be read is the hook's to tell of.
 */
static int
has_own_file(const struct settings *settings, const struct filter *filter,
    enum level level)
{
	const char *const files[] = { filter->file, filter->file6 };
	struct folder *folder;
	enum level found;
	size_t i;

	for (i = 0; i < sizeof files / sizeof files[0]; i++)
		if (files[i] != NULL && (setting_find_file((struct settings *)
		    settings, files[i], filter->flags, &folder,
		    &found) != OK || found > level))
			return 1;
	return 0;
}

/* Qsmtp's way: a number alone says that it is wanted. */
static enum status
choose_by_number(const struct filter *filter, const struct settings *settings,
    enum mode *mode, enum level *level)
{
	enum level found;
	uint64_t number;

	if (setting_number(settings, filter->number, &number, &found) != OK)
		return PERMFAIL;
	if (number == 0)
		return OK;
	*mode = MODE_REJECT;
	*level = found;
	return OK;
}

enum status
chain_find_mode(const struct filter *filter, const struct settings *settings,
    enum mode *mode, enum level *level)
{
	enum level of_files = level_of_files(settings, filter);
	enum status status;

	*mode = filter->is_on || of_files != LEVEL_DEFAULT ?
	    MODE_REJECT : MODE_OFF;
	status = setting_mode(settings, filter->name, filter->is_mild ?
	    MODE_MONITOR : MODE_REJECT, mode, level);
	if (status == OK && *level == LEVEL_DEFAULT && filter->number != NULL)
		status = choose_by_number(filter, settings, mode, level);
	if (*level == LEVEL_DEFAULT)
		*level = of_files;
	/* A list of one's own counts though a lower level says off. */
	if (status == OK && *mode == MODE_OFF && of_files > *level &&
	    has_own_file(settings, filter, *level)) {
		*mode = MODE_REJECT;
		*level = of_files;
	}
	return status;
}

static void
choose_mode(struct chain *chain, struct member *member)
{
	member->is_broken = chain_find_mode(member->filter,
	    chain->session->settings, &member->mode, &member->level) != OK;
	chain->monitors |= member->mode == MODE_MONITOR;
}

void
member_session_modes(struct chain *chain)
{
	size_t i;

	for (i = 0; i < chain->count; i++) {
		struct member *member = &chain->members[i];

		choose_mode(chain, member);
		member->session_mode = member->mode;
		member->session_level = member->level;
		member->session_is_broken = member->is_broken;
	}
}

static void
take_session_modes(struct chain *chain)
{
	size_t i;

	for (i = 0; i < chain->count; i++) {
		struct member *member = &chain->members[i];

		member->mode = member->session_mode;
		member->level = member->session_level;
		member->is_broken = member->session_is_broken;
	}
}

static void
take_mail_modes(struct chain *chain)
{
	size_t i;

	for (i = 0; i < chain->count; i++) {
		chain->members[i].mode = chain->members[i].mail_mode;
		chain->members[i].level = chain->members[i].mail_level;
	}
}

void
member_modes(struct chain *chain, enum phase phase)
{
	const struct settings *settings = chain->session->settings;
	size_t i;

	if (phase >= LATE)
		take_mail_modes(chain);
	else if (settings->domain == NULL && settings->user == NULL)
		take_session_modes(chain);
	else
		for (i = 0; i < chain->count; i++)
			choose_mode(chain, &chain->members[i]);
}

static int
is_for_postmaster(const struct session *session)
{
	const struct path *path = &session->mail.forward_path;
	size_t len = path->domain > 0 ? path->domain - 1 : path->mailbox.len;

	return text_is(path->mailbox.s, len, "postmaster");
}

int
member_is_spared(const struct chain *chain, const struct member *member,
    enum phase phase, int accepted)
{
	const struct filter *filter = member->filter;

	if (accepted && filter->spares != SPARES_NOBODY)
		return 1;
	if (filter->spares == SPARES_TRUSTED &&
	    session_spares_client(chain->session))
		return 1;
	return phase == ON_RCPT && !filter->judges_postmaster &&
	    is_for_postmaster(chain->session);
}

void
member_fail(struct outcome *outcome, const char *setting, const char *reason)
{
	if (outcome->verdict >= REJECT)
		return;
	memset(outcome, 0, sizeof *outcome);
	outcome->verdict = DEFER;
	reply_set(&outcome->reply, 451, "4.3.0",
	    "cannot judge this mail now, try again later (#4.3.0)");
	outcome->setting = setting;
	outcome->reason = reason;
	outcome->mode = MODE_DEFER;
}
