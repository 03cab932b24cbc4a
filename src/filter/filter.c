/* filter - what a hook found */
#include "filter/filter.h"

#include <string.h>

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

void
finding_free(struct finding *finding)
{
	stralloc_free(&finding->reason);
	edits_free(&finding->edits);
	memset(finding, 0, sizeof *finding);
}
