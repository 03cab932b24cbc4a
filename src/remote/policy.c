/* policy - what has to be true of a connection, TLS above all */
#include "remote/policy.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "remote/policyline.h"
#include "smtp/mailbox.h"

#define FILE_NAME	"tlspolicy"
#define HOSTS		"tlshosts"
#define EXCEPTIONS	"notlshosts"
#define EXHAUSTIVE	HOSTS "/exhaustivelist"
#define CERTIFICATE	".pem"
#define SMTPS_PORT	465

/* What is asked for. */
struct question {
	struct policy *policy;
	struct control *control;
	const struct route *route;
	const char *hop;	/* the relay, else the domain: the operator's */
	size_t hop_len;		/* own word, or that of the mail */
	const char *domain;
	const char *host;	/* whoever answers for the DNS may choose it */
	size_t host_len;
	int is_hop;		/* unless it is the same */
	stralloc file;		/* control/tlspolicy */
};

const char *
policy_name(enum policy_level level)
{
	static const char *const names[] = {
		[LEVEL_NONE] = "none",
		[LEVEL_MAY] = "may",
		[LEVEL_ENCRYPT] = "encrypt",
		[LEVEL_VERIFY] = "verify",
		[LEVEL_FINGERPRINT] = "fingerprint",
	};

	return names[level];
}

/* A domain with a dot at its end is the same without. */
static size_t
length_of(const char *domain)
{
	size_t len = strlen(domain);

	return len > 1 && domain[len - 1] == '.' ? len - 1 : len;
}

/* Keys that are addresses are compared as such. */
static const char *
find_address(const stralloc *file, const struct address *address, size_t *len)
{
	struct line line = { 0 };
	const char *value = NULL;
	struct address key;

	while (lines_next(file, policyline_key_end, &line))
		if (policyline_address(line.text,
		    (size_t)(line.behind - line.text), &key) == OK &&
		    address_equal(&key, address)) {
			value = line.value;
			*len = line.value_len;
		}
	return value;
}

/* The line of the next hop, or of a suffix of it; not of all. */
static const char *
find_hop(const struct question *question, size_t *len)
{
	const char *hop = question->hop, *value = NULL;
	size_t hop_len = question->hop_len, i;
	struct address address;

	if (policyline_address(hop, hop_len, &address) == OK)
		return find_address(&question->file, &address, len);
	for (i = 0; i < hop_len && value == NULL; i++)
		if (i == 0 || hop[i] == '.')
			value = lines_find(&question->file,
			    policyline_key_end, hop + i, hop_len - i, len);
	return value;
}

static void
clear(struct policy *policy)
{
	policy->names.len = 0;
	policy->fingerprints.len = 0;
	policy->ca.len = 0;
}

/* "control/" before it unless it is a path. */
static void
set_source(struct policy *policy, const char *source)
{
	size_t len = strlen(source);

	if (len >= sizeof policy->source)
		len = sizeof policy->source - 1;
	memcpy(policy->source, source, len);
	policy->source[len] = '\0';
}

static enum status
out_of_memory(const struct question *question)
{
	return control_refuse(question->control, FILE_NAME, ENOMEM);
}

/* An address as a certificate has it, without brackets. */
static enum status
add_name(const struct question *question, const char *name, size_t len)
{
	stralloc *names = &question->policy->names;
	char text[ADDRESS_TEXT];
	struct address address;

	if (policyline_address(name, len, &address) == OK) {
		address_print(&address, text);
		name = text;
		len = strlen(text);
	} else if (!domain_is_valid(name, len) || len > POLICY_NAME)
		/* Nothing can be made out to it. */
		return control_refuse(question->control, FILE_NAME, EINVAL);
	return policyline_add_name(names, name, len) == OK ? OK :
	    out_of_memory(question);
}

/* The relay; else the domain, and all below it. */
static enum status
add_hop(const struct question *question)
{
	stralloc *names = &question->policy->names;
	struct address address;
	enum status status = add_name(question, question->hop,
	    question->hop_len);

	if (status != OK || question->route->relay.len > 0 ||
	    policyline_address(question->hop, question->hop_len,
	    &address) == OK)
		return status;
	return stralloc_cats(names, ".") && policyline_add_name(names,
	    question->hop, question->hop_len) == OK ? OK :
	    out_of_memory(question);
}

static enum status
take_line(const struct question *question, const char *value, size_t len)
{
	struct policy *policy = question->policy;
	const char *behind = value;
	enum status status;

	/* Where the key ends the line, `value` does, too. */
	if (len > 0)
		behind--;
	status = policyline_parse(policy, behind, value + len);
	if (status != OK)
		return control_refuse_at(question->control, FILE_NAME, "line",
		    lines_number(&question->file, value), status == PERMFAIL ?
		    EINVAL : ENOMEM);
	set_source(policy, "control/" FILE_NAME);
	if (policy->level == LEVEL_VERIFY && policy->names.len == 0)
		return add_hop(question);
	return OK;
}

/* A port without clear text has nothing to fall back to. */
static void
want_smtps(const struct question *question, enum policy_level from)
{
	struct policy *policy = question->policy;

	if (question->route->port != SMTPS_PORT || policy->level < from ||
	    policy->level >= LEVEL_ENCRYPT)
		return;
	policy->level = LEVEL_ENCRYPT;
	set_source(policy, question->route->source);
}

/* What holds where nothing is known of the next hop. */
static enum status
take_default(const struct question *question)
{
	struct policy *policy = question->policy;
	const char *value;
	enum status status = OK;
	size_t len = 0;

	policy->level = LEVEL_MAY;
	value = lines_find(&question->file, policyline_key_end, "", 0, &len);
	if (value != NULL)
		status = take_line(question, value, len);
	want_smtps(question, LEVEL_NONE);
	return status;
}

/* A login or a certificate of ours.  `found`: the route has a word in it. */
static enum status
ask_route(const struct question *question, int *found)
{
	struct policy *policy = question->policy;
	const struct route *route = question->route;
	int is_secret = route->user.len > 0 && !route->is_cleartext;

	*found = is_secret || route->wants_certificate;
	if (is_secret && policy->level < LEVEL_VERIFY) {
		policy->level = LEVEL_VERIFY;
		set_source(policy, route->source);
		return add_hop(question);
	}
	if (*found && policy->level < LEVEL_ENCRYPT) {
		policy->level = LEVEL_ENCRYPT;
		set_source(policy, route->source);
	}
	return OK;
}

/*
 * Whether control/FOLDER/NAME<end> is there; `path` gets it.  The name comes
 * from the DNS, or from a mail, and must not lead out of the folder.
 */
static enum status
look_for(const struct question *question, const char *folder,
    const char *name, size_t len, const char *end, char path[POLICY_SOURCE],
    int *found)
{
	struct control *control = question->control;
	struct address address;
	enum status status;
	char *in_control;
	int file;

	*found = 0;
	if (!control_has(control, folder) || !domain_is_valid(name, len) ||
	    address_parse(name, len, &address) == OK ||
	    len + strlen(end) > NAME_MAX)
		return OK;
	strcpy(path, "control/");
	in_control = path + strlen(path);
	strcpy(in_control, folder);
	strcat(in_control, "/");
	for (path += strlen(path); len > 0; len--, name++)
		*path++ = *name >= 'A' && *name <= 'Z' ?
		    (char)(*name + ('a' - 'A')) : *name;
	strcpy(path, end);
	status = control_open_file(control, in_control, &file);
	if (status == OK && file != -1) {
		close(file);
		*found = 1;
	}
	return status;
}

/*
 * A file for the name of this host.  Unless the name is the operator's own,
 * it must not make less of what he wants of all hosts: whoever forges the DNS
 * could choose a host that has one.
 */
static enum status
ask_certificate(const struct question *question, int *found)
{
	struct policy *policy = question->policy;
	char path[POLICY_SOURCE];
	enum status status = look_for(question, HOSTS, question->host,
	    question->host_len, CERTIFICATE, path, found);

	if (status != OK || !*found ||
	    (!question->is_hop && policy->level >= LEVEL_VERIFY))
		return status;
	clear(policy);
	policy->level = LEVEL_VERIFY;
	set_source(policy, path);
	if (!stralloc_copys(&policy->ca, path) || !stralloc_0(&policy->ca))
		return out_of_memory(question);
	return add_name(question, question->host, question->host_len);
}

static void
give_up(struct policy *policy, const char *source)
{
	clear(policy);
	policy->level = LEVEL_NONE;
	policy->minimum = 0;
	set_source(policy, source);
}

/* Hosts that are to be spared TLS; of others' names only where all may be. */
static enum status
ask_exceptions(const struct question *question)
{
	struct policy *policy = question->policy;
	const char *domain = question->domain;
	char path[POLICY_SOURCE];
	int found, is_open = policy->level <= LEVEL_MAY;

	if (look_for(question, EXCEPTIONS, question->hop, question->hop_len,
	    "", path, &found) != OK)
		return TEMPFAIL;
	if (!found && is_open && look_for(question, EXCEPTIONS, domain,
	    length_of(domain), "", path, &found) != OK)
		return TEMPFAIL;
	if (!found && is_open && look_for(question, EXCEPTIONS,
	    question->host, question->host_len, "", path, &found) != OK)
		return TEMPFAIL;
	if (found)
		give_up(policy, path);
	return OK;
}

/* Where only hosts with a file of theirs are to have TLS. */
static enum status
ask_list(const struct question *question)
{
	struct policy *policy = question->policy;
	int file;

	if (policy->level != LEVEL_MAY ||
	    !control_has(question->control, HOSTS))
		return OK;
	if (control_open_file(question->control, EXHAUSTIVE, &file) != OK)
		return TEMPFAIL;
	if (file != -1) {
		close(file);
		give_up(policy, "control/" EXHAUSTIVE);
	}
	return OK;
}

static enum status
answer(struct question *question)
{
	enum status status;
	const char *value;
	size_t len = 0;
	int found = 0, of_host = 0;

	if (control_has(question->control, FILE_NAME) &&
	    control_read(question->control, FILE_NAME, &question->file,
	    &found) != OK)
		return TEMPFAIL;
	value = find_hop(question, &len);
	if (value != NULL) {
		status = take_line(question, value, len);
		want_smtps(question, LEVEL_MAY);
		return status;
	}
	status = take_default(question);
	if (status == OK)
		status = ask_route(question, &found);
	/* A relay that is to be verified may have a CA of its own. */
	if (status == OK && (!found || question->is_hop))
		status = ask_certificate(question, &of_host);
	found |= of_host;
	if (status == OK && !found)
		status = ask_exceptions(question);
	if (status == OK && !found)
		status = ask_list(question);
	return status;
}

enum status
policy_find(struct policy *policy, struct control *control,
    const struct route *route, const char *domain, const char *host)
{
	struct question question = { 0 };
	enum status status;

	memset(policy, 0, sizeof *policy);
	question.policy = policy;
	question.control = control;
	question.route = route;
	question.hop = route->relay.len > 0 ? route->relay.s : domain;
	question.hop_len = length_of(question.hop);
	question.domain = domain;
	question.host = host;
	question.host_len = length_of(host);
	question.is_hop = question.hop_len == question.host_len &&
	    strncasecmp(question.hop, host, question.host_len) == 0;
	status = answer(&question);
	stralloc_free(&question.file);
	return status;
}

void
policy_free(struct policy *policy)
{
	stralloc_free(&policy->names);
	stralloc_free(&policy->fingerprints);
	stralloc_free(&policy->ca);
}

enum status
policy_check(const stralloc *file, unsigned after, unsigned *number)
{
	struct line line = { 0 };
	struct policy policy;
	enum status status = OK;

	*number = 0;
	while (status == OK && lines_next(file, policyline_key_end, &line)) {
		if (line.number <= after)
			continue;
		memset(&policy, 0, sizeof policy);
		status = PERMFAIL;
		if (policyline_key_is_valid(line.text,
		    (size_t)(line.behind - line.text)))
			status = policyline_parse(&policy, line.behind,
			    line.text + line.len);
		policy_free(&policy);
	}
	if (status == PERMFAIL)
		*number = line.number;
	return status;
}
