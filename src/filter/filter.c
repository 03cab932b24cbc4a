/* filter - what a hook found */
#include "filter/filter.h"

#include <string.h>

#define EXCEPTIONS_LOGGED	20	/* of a filter in a session */

void
finding_set(struct finding *finding, const char *setting, unsigned code,
    const char *enhanced, const char *text)
{
	finding->setting = setting;
	reply_set(&finding->reply, code, enhanced, text);
}

enum verdict
finding_fault(struct finding *finding, const struct session *session)
{
	session_log_fault(session);
	finding_set(finding, "control", 421, "4.3.0",
	    "cannot read my settings, try again later (#4.3.0)");
	finding->is_ours = 1;
	return DROP;
}

enum verdict
finding_fault_of(struct finding *finding, const struct session *session,
    const struct control *control)
{
	if (control == session->control)
		return finding_fault(finding, session);
	session_log_fault_of(session, control);
	finding_set(finding, "settings", 451, "4.3.0",
	    "cannot read the settings of this recipient (#4.3.0)");
	finding->is_ours = 1;
	return DEFER;
}

enum verdict
finding_lists(struct finding *finding, const struct session *session,
    const char *name, unsigned flags, match_fn *match, int *listed)
{
	struct setting_lists lists;
	struct control *failed;
	size_t i;

	*listed = 0;
	if (setting_lists(session->settings, name, flags, &lists,
	    &failed) != OK)
		return finding_fault_of(finding, session, failed);
	for (i = 0; i < lists.count && !*listed; i++) {
		*listed = match(lists.lists[i], session, &finding->reason);
		if (*listed)
			finding->level = lists.levels[i];
	}
	return PASS;
}

enum verdict
finding_number(struct finding *finding, const struct session *session,
    const char *key, uint64_t *number)
{
	struct log_line line;

	if (setting_number(session->settings, key, number,
	    &finding->level) == OK)
		return PASS;
	session_log(session, &line, "fault");
	log_text(&line, "setting", key);
	log_text(&line, "level", level_name(finding->level));
	log_text(&line, "reason", "its value makes no sense");
	log_end(&line);
	finding_set(finding, key, 451, "4.3.0",
	    "cannot judge this mail now, try again later (#4.3.0)");
	finding->is_ours = 1;
	return DEFER;
}

enum verdict
finding_client(struct finding *finding, const struct session *session,
    const char *name, int *listed)
{
	const struct address *client = &session->peer.address;
	struct folder *folder;

	*listed = 0;
	if (setting_find_file(session->settings, name, 0, &folder,
	    &finding->level) == OK && (folder == NULL ||
	    folder_has_client(folder, name, client, listed) == OK))
		return PASS;
	return finding_fault_of(finding, session, folder->control);
}

void
finding_log_exception(const struct finding *exception,
    const struct session *session, struct own *own, const char *filter,
    const char *list)
{
	struct exceptions *of_session = own->session;
	struct exceptions *of_mail = own->transaction;
	struct log_line line;

	if (of_mail->logged++ > 0 ||
	    of_session->logged++ >= EXCEPTIONS_LOGGED)
		return;
	session_log(session, &line, "spared");
	log_text(&line, "filter", filter);
	log_text(&line, "level", level_name(exception->level));
	log_text(&line, "setting", list);
	if (exception->reason.len > 0)
		log_octets(&line, "reason", exception->reason.s,
		    exception->reason.len);
	log_end(&line);
}

void
finding_log_undecided(const struct finding *finding,
    const struct session *session, const char *filter, unsigned *logged)
{
	struct log_line line;

	if ((*logged)++ > 0)
		return;
	session_log(session, &line, "undecided");
	log_text(&line, "filter", filter);
	if (finding->reason.len > 0)
		log_octets(&line, "reason", finding->reason.s,
		    finding->reason.len);
	log_end(&line);
}

void
finding_free(struct finding *finding)
{
	stralloc_free(&finding->reason);
	edits_free(&finding->edits);
	memset(finding, 0, sizeof *finding);
}
