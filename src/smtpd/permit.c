/* permit - who may send where */
#include "smtpd/permit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/iplist.h"
#include "base/list.h"

/* What qmail-queue and its kin go by: set, be it empty. */
static const char relayclient[] = "RELAYCLIENT";
static const char tlsclients[] = "tlsclients";
/* Who it is, as far as the server that started us or a login says. */
static const char info[] = "TCPREMOTEINFO";

static void
grant(struct session *session, const char *by)
{
	session->relay = RELAY_ADDRESS;
	session->relay_by = by;
}

/* Lists of addresses; in binary each has records of one family. */
static enum status
look_in_lists(struct session *session)
{
	static const struct {
		const char *file;
		int family;
	} lists[] = { { "relayclients", 4 }, { "relayclients6", 6 } };
	size_t i;
	int found = 0;

	for (i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		if (!control_has(session->control, lists[i].file))
			continue;
		if (iplist_has(session->control, lists[i].file,
		    lists[i].family, &session->peer.address, &found) != OK)
			return TEMPFAIL;
		if (!found)
			continue;
		grant(session, lists[i].file);
		break;
	}
	if (found && setenv(relayclient, "", 0) == -1)
		return control_refuse(session->control, "", ENOMEM);
	return OK;
}

void
permit_client(struct session *session)
{
	const char *suffix = getenv(relayclient);

	if (suffix != NULL) {
		grant(session, relayclient);
		session->relay_suffix = suffix;
	} else if (session->peer.address.family != 0 &&
	    look_in_lists(session) != OK) {
		session->relay = RELAY_NONE;
		session->relay_by = NULL;
		session->relay_is_unknown = 1;
		session_log_fault(session);
	}
}

enum status
permit_login(struct session *session, const char *user, size_t len)
{
	if (senders_read(&session->senders, session->control) != OK)
		return TEMPFAIL;
	session->before_login.relay = session->relay;
	session->before_login.by = session->relay_by;
	session->before_login.info = getenv(info);
	if (!stralloc_copyb(&session->user, user, len) ||
	    !stralloc_0(&session->user) ||
	    setenv(relayclient, "", 0) == -1 ||
	    setenv(info, session->user.s, 1) == -1)
		return control_refuse(session->control, "", ENOMEM);
	session->user_is_bound = senders_bind(&session->senders,
	    session->user.s);
	session->relay = RELAY_AUTH;
	session->relay_by = NULL;
	return OK;
}

enum status
permit_forget_login(struct session *session)
{
	const char *before = session->before_login.info;
	int failed = 0;

	if (session->relay != RELAY_AUTH)
		return OK;
	session->relay = session->before_login.relay;
	session->relay_by = session->before_login.by;
	session->user_is_bound = 0;
	stralloc_free(&session->user);
	if (session->relay == RELAY_NONE)
		failed |= unsetenv(relayclient);
	failed |= before != NULL ? setenv(info, before, 1) : unsetenv(info);
	return failed == 0 ? OK :
	    control_refuse(session->control, "", ENOMEM);
}

static int
is_listed(const struct list *list, const struct tls_facts *facts)
{
	size_t i;

	for (i = 0; i < facts->identity_count; i++)
		if (list_has(list, facts->identities[i],
		    strlen(facts->identities[i])))
			return 1;
	return 0;
}

void
permit_certificate(struct session *session)
{
	struct list list = { .found = 0 };
	enum status status;

	if (session->tls == NULL ||
	    session->tls->verdict != VERDICT_VERIFIED ||
	    !control_has(session->control, tlsclients))
		return;
	status = list_read(session->control, tlsclients, &list);
	if (status == OK && is_listed(&list, session->tls)) {
		if (setenv(relayclient, "", 0) == -1)
			status = control_refuse(session->control, "", ENOMEM);
		else {
			session->relay = RELAY_CERTIFICATE;
			session->relay_by = tlsclients;
		}
	}
	if (status != OK) {
		session->relay_is_unknown |= !session_may_relay(session);
		session_log_fault(session);
	}
	list_free(&list);
}

int
permit_sender(const struct session *session, const char *mailbox, size_t len)
{
	return len == 0 || !session->user_is_bound ||
	    senders_allow(&session->senders, session->user.s, mailbox, len);
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
	if (status == OK && !*permitted && session->relay_is_unknown)
		return PERMFAIL;
	return status;
}
