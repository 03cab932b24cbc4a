/* spfanswer - what SPF asks of the DNS, and who it asks for */
#include "mail/spfanswer.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "net/answer.h"
#include "smtp/mailbox.h"

#define LABEL		63
#define ESCAPED		(SPF_NAME * 4 + 1)	/* each octet as \DDD */

static const struct dns_question waiting = { .state = DNS_WAITING };
static const struct dns_question nowhere = { .state = DNS_NXDOMAIN };

/* Whether it can be in the DNS: labels that are not empty, nor too long. */
static int
is_name(const char *name, size_t len)
{
	size_t i, label = 0;

	if (len == 0 || len > SPF_NAME)
		return 0;
	for (i = 0; i < len; i++)
		if (name[i] != '.') {
			if (++label > LABEL)
				return 0;
		} else if (label == 0)
			return 0;
		else
			label = 0;
	return label > 0;
}

/* As net/dns prints it, in lower case. */
static void
print_name(const char *name, size_t len, char out[ESCAPED])
{
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned c = (unsigned char)name[i];

		if (c >= 'A' && c <= 'Z')
			c += 'a' - 'A';
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		    c == '-' || c == '_' || c == '.') {
			*out++ = (char)c;
			continue;
		}
		*out++ = '\\';
		*out++ = (char)('0' + c / 100);
		*out++ = (char)('0' + c / 10 % 10);
		*out++ = (char)('0' + c % 10);
	}
	*out = '\0';
}

/* Add a question. */
static void
want(struct evaluation *evaluation, enum dns_type type, const char *name)
{
	struct spf *spf = evaluation->spf;
	struct spf_question *question;

	evaluation->waits = 1;
	if (spf->count == SPF_QUESTIONS)
		return;
	question = &spf->questions[spf->count];
	question->name = strdup(name);
	if (question->name == NULL) {
		evaluation->is_broken = 1;
		return;
	}
	question->type = type;
	question->answer = NULL;
	spf->count++;
}

const struct dns_question *
spf_answer_printed(struct evaluation *evaluation, enum dns_type type,
    const char *name)
{
	const struct spf *spf = evaluation->spf;
	size_t i;

	if (*name == '\0')
		return &nowhere;
	for (i = 0; i < spf->count; i++) {
		const struct spf_question *each = &spf->questions[i];

		if (each->type != type ||
		    !text_is(name, strlen(name), each->name))
			continue;
		if (each->answer != NULL && each->answer->state != DNS_WAITING)
			return each->answer;
		evaluation->waits = 1;
		return &waiting;
	}
	want(evaluation, type, name);
	return &waiting;
}

const struct dns_question *
spf_answer(struct evaluation *evaluation, enum dns_type type, const char *name,
    size_t len)
{
	char printed[ESCAPED];

	if (!is_name(name, len))
		return &nowhere;
	print_name(name, len, printed);
	return spf_answer_printed(evaluation, type, printed);
}

const struct dns_question *
spf_answer_reverse(struct evaluation *evaluation)
{
	const struct address *client = &evaluation->spf->client;
	char name[ADDRESS_REVERSED + sizeof ".in-addr.arpa"];

	if (client->family == 0)
		return &nowhere;
	address_print_reversed(client, name);
	strcat(name, client->family == 4 ? ".in-addr.arpa" : ".ip6.arpa");
	return spf_answer_printed(evaluation, DNS_PTR, name);
}

enum dns_type
spf_answer_type(const struct evaluation *evaluation)
{
	return evaluation->spf->client.family == 6 ? DNS_AAAA : DNS_A;
}

int
spf_answer_validates(struct evaluation *evaluation, const char *name)
{
	const struct dns_question *answer;
	size_t i;

	/* One with octets that no host's name has would end up in texts. */
	if (!answer_is_name(name, strlen(name)))
		return 0;
	answer = spf_answer_printed(evaluation, spf_answer_type(evaluation),
	    name);
	for (i = 0; i < answer->count; i++)
		if (address_equal(&answer->records[i].address,
		    &evaluation->spf->client))
			return 1;
	return 0;
}

int
spf_name_is_below(const char *name, const char *domain, size_t len)
{
	char printed[ESCAPED];
	size_t below, name_len = strlen(name);

	if (!is_name(domain, len))
		return 0;
	print_name(domain, len, printed);
	len = strlen(printed);
	if (name_len < len)
		return 0;
	below = name_len - len;
	return text_is(name + below, len, printed) &&
	    (below == 0 || name[below - 1] == '.');
}

/* What others wait for does not count here. */
const char *
spf_answer_name(struct evaluation *evaluation, const char *domain, size_t len)
{
	const struct dns_question *answer = spf_answer_reverse(evaluation);
	const char *best = "unknown";
	int is_below = 0, missing = answer->state == DNS_WAITING;
	size_t i;

	for (i = 0; i < answer->count && i < SPF_NAMES; i++) {
		const char *name = answer->records[i].name;
		int before = evaluation->waits, below;

		evaluation->waits = 0;
		below = spf_name_is_below(name, domain, len);
		if (spf_answer_validates(evaluation, name) &&
		    (strcmp(best, "unknown") == 0 || (below && !is_below) ||
		    (below && strlen(name) == len))) {
			best = name;
			is_below = below;
		}
		missing |= evaluation->waits;
		evaluation->waits |= before;
	}
	return missing ? NULL : best;
}

int
spf_name_is_host(const char *name, size_t len)
{
	return answer_is_name(name, len) && name[len - 1] != '.' &&
	    memchr(name, '.', len) != NULL;
}

enum status
spf_start(struct spf *spf, const struct address *client, const char *helo,
    size_t helo_len, const char *mailbox, size_t len, const char *receiver,
    int64_t time)
{
	const char *domain;
	size_t domain_len = 0, local_len = len;

	if (helo_len > SPF_HELO)
		helo_len = SPF_HELO;
	domain = len > 0 ? mailbox_domain(mailbox, len, &domain_len) : helo;
	if (domain == NULL)
		domain = "";
	else if (len > 0)
		local_len = len - domain_len - 1;
	else
		domain_len = helo_len;
	if (domain_len > 0 && domain[domain_len - 1] == '.')
		domain_len--;
	if (local_len == 0) {
		mailbox = "postmaster";
		local_len = strlen(mailbox);
	}
	spf->client = *client;
	spf->time = time;
	return stralloc_copyb(&spf->helo, helo, helo_len) &&
	    stralloc_copyb(&spf->local, mailbox, local_len) &&
	    stralloc_copyb(&spf->domain, domain, domain_len) &&
	    stralloc_copys(&spf->receiver, receiver) &&
	    stralloc_0(&spf->receiver) ? OK : TEMPFAIL;
}

void
spf_free(struct spf *spf)
{
	size_t i;

	for (i = 0; i < spf->count; i++)
		free(spf->questions[i].name);
	stralloc_free(&spf->mechanism);
	stralloc_free(&spf->explanation);
	stralloc_free(&spf->helo);
	stralloc_free(&spf->local);
	stralloc_free(&spf->domain);
	stralloc_free(&spf->receiver);
	memset(spf, 0, sizeof *spf);
}
