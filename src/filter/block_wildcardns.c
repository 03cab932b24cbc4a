/* block_wildcardns - the sender's domain is what a registry made up */
#include <string.h>

#include "base/list.h"
#include "base/text.h"
#include "filter/exchangers.h"
#include "filter/table.h"
#include "filter/wildcard.h"

#define FILE_NAME "wildcardns"

struct memory {
	struct list list;
	unsigned logged;
};

/* A top-level domain and the lines to look for it. */
struct registry {
	const struct list *list;
	char domain[WILDCARD_DOMAIN + 1];
};

static void
ask(const struct session *session, struct own *own, struct asking *asking)
{
	if (control_has(session->control, FILE_NAME))
		exchangers_ask(session, own->transaction, asking);
}

/* Whether the registry answers with this address. */
static int
is_made_up(const struct address *address, const void *how)
{
	const struct registry *registry = how;
	const stralloc *lines = &registry->list->lines;
	const char *line = lines->s, *end = line + lines->len, *feed;
	struct wildcard wildcard;

	for (; line < end; line = feed + 1) {
		feed = memchr(line, '\n', (size_t)(end - line));
		if (feed == NULL)
			feed = end;
		if (wildcard_parse(line, (size_t)(feed - line),
		    &wildcard) == OK &&
		    text_is(wildcard.domain, wildcard.len,
		    registry->domain) &&
		    address_equal(&wildcard.address, address))
			return 1;
	}
	return 0;
}

/* The last label; one that is too long is in no line. */
static void
find_registry(struct registry *registry, const struct path *path)
{
	const char *domain = path->mailbox.s + path->domain;
	const char *end = path->mailbox.s + path->mailbox.len;
	const char *dot = memrchr(domain, '.', (size_t)(end - domain));
	size_t len;

	if (dot != NULL)
		domain = dot + 1;
	len = (size_t)(end - domain);
	if (len > WILDCARD_DOMAIN)
		len = 0;
	memcpy(registry->domain, domain, len);
	registry->domain[len] = '\0';
}

/* What cannot be known now passes. */
static enum verdict
judge(const struct session *session, struct own *own, struct finding *finding,
    const struct registry *registry)
{
	struct memory *memory = own->session;
	enum exchangers_all all;

	exchangers_reason(finding, session);
	all = exchangers_all(session, own->transaction, is_made_up, registry);
	if (all == EXCHANGERS_PERHAPS || exchangers_state(session,
	    own->transaction) == EXCHANGERS_UNKNOWN)
		finding_log_undecided(finding, session, "block_wildcardns",
		    &memory->logged);
	if (all != EXCHANGERS_ALL)
		return PASS;
	finding_set(finding, FILE_NAME, 550, "5.7.1",
	    "nobody registered the sender's domain (wildcardns) (#5.7.1)");
	return REJECT;
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	const struct path *path = &session->mail.reverse_path;
	struct memory *memory = own->session;
	struct registry registry = { .list = &memory->list };

	/* An address literal is no name that somebody made up. */
	if (path->domain == 0 || path->literal.family != 0)
		return PASS;
	memory->list.has_comments = 1;
	if (list_read(session->control, FILE_NAME, &memory->list) != OK)
		return finding_fault(finding, session);
	find_registry(&registry, path);
	return judge(session, own, finding, &registry);
}

static void
stop(struct own *own)
{
	struct memory *memory = own->session;

	list_free(&memory->list);
}

const struct filter filter_block_wildcardns = {
	.name = "block_wildcardns",
	.session = sizeof(struct memory),
	.transaction = sizeof(struct exchangers),
	.spares = SPARES_TRUSTED,
	.stop = stop,
	.ask = { [ON_MAIL] = ask, [ON_RCPT] = ask },
	.on = { [ON_RCPT] = rcpt },
};
