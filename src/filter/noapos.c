/* noapos - an apostrophe in the local-part of the reverse-path */
#include <string.h>

#include "filter/table.h"

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	const struct path *path = &session->mail.reverse_path;
	size_t len = path->domain > 0 ? path->domain - 1 : path->mailbox.len;

	(void)own;
	if (len == 0 || memchr(path->mailbox.s, '\'', len) == NULL)
		return PASS;
	finding_set(finding, "noapos", 550, "5.7.1",
	    "an apostrophe before the @ of the reverse-path is not taken "
	    "(noapos) (#5.7.1)");
	return REJECT;
}

const struct filter filter_noapos = {
	.name = "noapos",
	.spares = SPARES_ACCEPTED,
	.on = { [ON_RCPT] = rcpt },
};
