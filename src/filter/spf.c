/* spf - the sender's domain says which hosts send its mail (RFC 7208) */
#include <string.h>

#include "base/text.h"
#include "filter/spfcheck.h"
#include "filter/table.h"
#include "mail/spffield.h"

#define TEXT_SIZE	600	/* of a reply, with its NUL */
#define USUAL		2	/* what a mode without a number refuses */

static const char *const keys[] = { "spfpolicy", NULL };

/* What each number of spfpolicy refuses, besides what those below do. */
enum policy {
	POLICY_TEMPERROR = 1,	/* is put off */
	POLICY_FAIL = 2,	/* and permerror */
	POLICY_SOFTFAIL = 4,
	POLICY_NEUTRAL = 5,
	POLICY_NONE = 6
};

struct memory {
	struct exceptions exceptions;	/* first: finding_log_exception() */
	struct spfcheck *check;
	int has_failed;			/* there is no memory for it */
	char text[TEXT_SIZE];
};

/* Friends pass on mail of others; what cannot be read is the hook's. */
static int
is_friend(const struct session *session)
{
	const char *list = session->peer.address.family == 6 ?
	    "spffriends6" : "spffriends";
	struct folder *folder;
	enum level level;
	int listed = 0;

	return setting_find_file(session->settings, list, 0, &folder,
	    &level) == OK && folder != NULL && folder_has_client(folder, list,
	    &session->peer.address, &listed) == OK && listed;
}

static void
find_zones(const struct session *session, struct spfcheck *check)
{
	struct setting_lists lists;
	struct control *failed;
	size_t i;

	if (setting_lists(session->settings, "rspf", 0, &lists,
	    &failed) != OK)
		return;
	for (i = 0; i < lists.count; i++)
		spfcheck_add_zones(check, lists.lists[i]);
}

static void
ask_early(const struct session *session, struct own *own,
    struct asking *asking)
{
	struct memory *memory = own->transaction;

	if (session->peer.address.family == 0 || is_friend(session))
		return;
	if (memory->check == NULL && !memory->has_failed) {
		memory->check = spfcheck_new(session);
		memory->has_failed = memory->check == NULL;
	}
	if (memory->check != NULL)
		spfcheck_ask(memory->check, asking);
}

static void
ask(const struct session *session, struct own *own, struct asking *asking)
{
	struct memory *memory = own->transaction;

	/* The first recipient's zones are those of the mail. */
	if (memory->check != NULL && !spfcheck_has_zones(memory->check))
		find_zones(session, memory->check);
	ask_early(session, own, asking);
}

static int
has_host(const struct list *list, const struct session *session,
    stralloc *reason)
{
	const char *host = session->peer.host;

	return host != NULL && list_has_domain(list, host, strlen(host)) &&
	    stralloc_copys(reason, host);
}

static int
has_domain(const struct list *list, const struct session *session,
    stralloc *reason)
{
	const struct path *path = &session->mail.reverse_path;
	const char *domain = session->helo.s;
	size_t len = session->helo.len;

	if (path->mailbox.len > 0) {
		domain = path->mailbox.s + path->domain;
		len = path->mailbox.len - path->domain;
	}
	return list_has_domain(list, domain, len) &&
	    stralloc_copyb(reason, domain, len);
}

/* Friends, and clients of spfignore.  Returns PASS, or what went wrong. */
static enum verdict
look_for_exceptions(const struct session *session, struct own *own,
    struct finding *finding, int *spared)
{
	const char *friends = session->peer.address.family == 6 ?
	    "spffriends6" : "spffriends";
	struct finding exception = { 0 };
	enum verdict verdict;

	*spared = session->peer.address.family == 0;
	if (*spared)
		return PASS;
	verdict = finding_client(finding, session, friends, spared);
	if (verdict != PASS || *spared)
		return verdict;
	verdict = finding_lists(&exception, session, "spfignore", 0, has_host,
	    spared);
	if (verdict != PASS) {
		finding_free(finding);
		*finding = exception;
		return verdict;
	}
	if (*spared)
		finding_log_exception(&exception, session, own, "spf",
		    "spfignore");
	finding_free(&exception);
	return PASS;
}

/* The least number of spfpolicy that refuses this. */
static enum policy
policy_of(enum spf_result result)
{
	switch (result) {
	case SPF_PASS:
		return POLICY_NONE + 1;
	case SPF_TEMPERROR:
		return POLICY_TEMPERROR;
	case SPF_FAIL:
	case SPF_PERMERROR:
		return POLICY_FAIL;
	case SPF_SOFTFAIL:
		return POLICY_SOFTFAIL;
	case SPF_NEUTRAL:
		return POLICY_NEUTRAL;
	default:
		return POLICY_NONE;
	}
}

/* "SPF says fail for example.org: why (#5.7.23)" */
static void
compose(struct memory *memory, const struct spf *spf, const char *code)
{
	const char *why = spf->problem;
	stralloc text = { 0 };
	size_t room = TEXT_SIZE - strlen(code) - 1;

	if (spf->explanation.len > 1)
		why = spf->explanation.s;
	strcpy(memory->text, "SPF");
	if (stralloc_copym(&text, "SPF says ", spf_result_name(spf->result),
	    " for ") && stralloc_catb(&text, spf->domain.s, spf->domain.len) &&
	    (why == NULL || stralloc_catm(&text, ": ", why))) {
		while (text.len > 0 && text.s[text.len - 1] == '\0')
			text.len--;
		if (text.len > room)
			text.len = room;
		text_make_printable(text.s, text.len);
		memcpy(memory->text, text.s, text.len);
		memory->text[text.len] = '\0';
	}
	strcat(memory->text, code);
	stralloc_free(&text);
}

static enum verdict
say(struct memory *memory, const struct spf *spf, struct finding *finding)
{
	int is_for_now = spf->result == SPF_TEMPERROR;

	/* RFC 7372 3.2. */
	compose(memory, spf, is_for_now ? " (#4.7.24)" : " (#5.7.23)");
	finding_set(finding, "spfpolicy", is_for_now ? 451 : 550,
	    is_for_now ? "4.7.24" : "5.7.23", memory->text);
	if (!stralloc_copym(&finding->reason, spf_result_name(spf->result),
	    " ", spf->mechanism.len > 1 ? spf->mechanism.s : "-"))
		finding->reason.len = 0;
	return is_for_now ? DEFER : REJECT;
}

static enum verdict
no_memory(struct finding *finding)
{
	finding_set(finding, "spf", 451, "4.3.0",
	    "cannot check SPF now, try again later (#4.3.0)");
	finding->is_ours = 1;
	return DEFER;
}

/* Of a domain in spfstrict, softfail and neutral are as good as fail. */
static enum verdict
harden(const struct session *session, struct finding *finding,
    enum policy *policy)
{
	struct finding strict = { 0 };
	enum verdict verdict;
	int listed;

	if (*policy != POLICY_SOFTFAIL && *policy != POLICY_NEUTRAL)
		return PASS;
	verdict = finding_lists(&strict, session, "spfstrict", 0, has_domain,
	    &listed);
	if (verdict != PASS) {
		finding_free(finding);
		*finding = strict;
		return verdict;
	}
	if (listed)
		*policy = POLICY_FAIL;
	finding_free(&strict);
	return PASS;
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	struct memory *memory = own->transaction;
	const struct spf *spf;
	enum verdict verdict;
	enum policy policy;
	uint64_t number;
	int spared;

	verdict = look_for_exceptions(session, own, finding, &spared);
	if (verdict != PASS || spared)
		return verdict;
	spf = memory->check != NULL ? spfcheck_result(memory->check) : NULL;
	if (spf == NULL)
		return no_memory(finding);
	verdict = finding_number(finding, session, "spfpolicy", &number);
	if (verdict != PASS)
		return verdict;
	if (number == 0)
		number = USUAL;
	policy = policy_of(spf->result);
	verdict = harden(session, finding, &policy);
	if (verdict != PASS || policy > number)
		return verdict;
	return say(memory, spf, finding);
}

/* What was found goes on top of the message (RFC 7208 9.1). */
static enum verdict
data(const struct session *session, struct own *own, struct finding *finding)
{
	const stralloc *mailbox = &session->mail.reverse_path.mailbox;
	const struct memory *memory = own->transaction;
	const struct spf *spf = memory->check != NULL ?
	    spfcheck_result(memory->check) : NULL;

	if (spf != NULL && spf_field(spf, spfcheck_is_of_helo(memory->check) ?
	    SPF_HELO_NAME : SPF_MAILFROM, mailbox->s, mailbox->len,
	    &finding->edits.top) != OK)
		return no_memory(finding);
	return PASS;
}

static void
reset(struct own *own)
{
	struct memory *memory = own->transaction;

	spfcheck_free(memory->check);
	memory->check = NULL;
}

const struct filter filter_spf = {
	.name = "spf",
	.number = "spfpolicy",
	.keys = keys,
	.session = sizeof(struct exceptions),
	.transaction = sizeof(struct memory),
	.spares = SPARES_TRUSTED,
	.reset = reset,
	.ask = { [ON_MAIL] = ask_early, [ON_RCPT] = ask },
	.on = { [ON_RCPT] = rcpt, [ON_DATA] = data },
};
