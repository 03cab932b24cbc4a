/* block_SoberG - HELO as a worm says it: local-part.top-level-domain */
#include <string.h>
#include <strings.h>

#include "filter/table.h"

static int
is_worm(const stralloc *helo, const struct path *path)
{
	const char *mailbox = path->mailbox.s;
	const char *dot;
	size_t local, rest;

	if (path->domain == 0)
		return 0;
	local = path->domain - 1;
	dot = memrchr(mailbox + path->domain, '.',
	    path->mailbox.len - path->domain);
	if (dot == NULL || local == 0)
		return 0;
	rest = (size_t)(mailbox + path->mailbox.len - dot);
	return helo->len == local + rest &&
	    strncasecmp(helo->s, mailbox, local) == 0 &&
	    strncasecmp(helo->s + local, dot, rest) == 0;
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	(void)own;
	if (!is_worm(&session->helo, &session->mail.reverse_path))
		return PASS;
	finding_set(finding, "block_SoberG", 550, "5.7.1",
	    "the name given with HELO is made of the reverse-path, as worms "
	    "do (block_SoberG) (#5.7.1)");
	return REJECT;
}

const struct filter filter_block_SoberG = {
	.name = "block_SoberG",
	.spares = SPARES_ACCEPTED,
	.on = { [ON_RCPT] = rcpt },
};
