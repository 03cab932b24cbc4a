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

void
finding_free(struct finding *finding)
{
	stralloc_free(&finding->reason);
	edits_free(&finding->edits);
	memset(finding, 0, sizeof *finding);
}
