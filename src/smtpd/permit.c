/* permit - who may send where */
#include "smtpd/permit.h"

#include <stdlib.h>

void
permit_client(struct session *session)
{
	const char *suffix = getenv("RELAYCLIENT");

	if (suffix == NULL)
		return;
	session->relay = RELAY_ADDRESS;
	session->relay_suffix = suffix;
}

enum status
permit_forward_path(struct session *session, int *permitted)
{
	const struct path *path = &session->mail.forward_path;
	const stralloc *mailbox = &path->mailbox;
	enum status status;

	/* Postmaster without a domain is ours. */
	*permitted = session_may_relay(session) || path->domain == 0;
	if (*permitted)
		return OK;
	status = local_has(&session->local, session->control,
	    mailbox->s + path->domain, mailbox->len - path->domain, permitted);
	return status;
}
