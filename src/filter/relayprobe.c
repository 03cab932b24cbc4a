/* relayprobe - a local-part that asks to be sent on */
#include <string.h>

#include "filter/table.h"

/* Routes of old, and what is left of a quoted mailbox in a local-part. */
static const char routes[] = "%!@";

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	const struct path *path = &session->mail.forward_path;
	size_t i, len = path->domain > 0 ? path->domain - 1 :
	    path->mailbox.len;

	(void)own;
	for (i = 0; i < len; i++)
		if (strchr(routes, path->mailbox.s[i]) != NULL)
			break;
	if (i == len)
		return PASS;
	finding_set(finding, "relayprobe", 550, "5.7.1",
	    "no %, ! or @ may stand in the local-part: nothing is relayed "
	    "here (relayprobe) (#5.7.1)");
	return REJECT;
}

const struct filter filter_relayprobe = {
	.name = "relayprobe",
	.spares = SPARES_TRUSTED,
	.on = { [ON_RCPT] = rcpt },
};
