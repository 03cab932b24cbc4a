/*
 * spfrecord - SPF: each LF-ended line is the next TXT record of the DNS, all
 * other questions are answered by its octets; in the end there is a result
 */
#include <string.h>

#include "mail/spf.h"
#include "mail/spffield.h"
#include "mail/spfrecord.h"
#include "target.h"

#define NAMES		12

struct input {
	char *at;
	size_t left;
	struct dns_question answers[SPF_QUESTIONS];
	struct dns_record records[SPF_QUESTIONS][NAMES];
};

/* The names that there are: plain ones, and those that are printed odd. */
static const char *const names[] = {
	"a.test", "b.a.test", "", "a\\032b.test", "A.Test", "test",
};

static unsigned
next_octet(struct input *input)
{
	if (input->left == 0)
		return 0;
	input->left--;
	return (unsigned char)*input->at++;
}

/* A line, which is cut off. */
static void
next_line(struct input *input, struct dns_record *record)
{
	char *end = input->left > 0 ? memchr(input->at, '\n', input->left) :
	    NULL;

	record->octets = input->at;
	record->len = end != NULL ? (size_t)(end - input->at) : input->left;
	input->at += record->len + (end != NULL);
	input->left -= record->len + (end != NULL);
}

static void
answer(struct input *input, struct spf_question *question, size_t at)
{
	static const unsigned char addresses[][16] = {
		{ 192, 0, 2, 1 }, { 10, 0, 0, 1 },
	};
	struct dns_question *to = &input->answers[at];
	unsigned octet = question->type == DNS_TXT ? 1 : next_octet(input);
	size_t i;

	to->state = octet % 8 == 0 ? DNS_NXDOMAIN : octet % 8 == 7 ?
	    DNS_TEMPFAIL : DNS_DATA;
	to->count = to->state != DNS_DATA ? 0 :
	    question->type == DNS_TXT ? 1 : octet / 8 % NAMES + 1;
	to->records = input->records[at];
	for (i = 0; i < to->count; i++) {
		struct dns_record *record = &input->records[at][i];

		if (question->type == DNS_TXT)
			next_line(input, record);
		else if (question->type == DNS_A)
			address_set(&record->address, 4,
			    addresses[octet >> 7]);
		record->name = names[(octet + i) % 6];
	}
	question->answer = to;
}

static void
check(const struct spf *spf, const char *mailbox)
{
	stralloc field = { 0 };
	size_t i, line = 0;

	MUST(spf->count < SPF_QUESTIONS);
	MUST(spf->explanation.len <= SPF_EXPLANATION);
	MUST(spf->explanation.len == 0 || spf->result == SPF_FAIL);
	MUST(strlen(spf->explanation.s) == spf->explanation.len);
	MUST((spf->problem != NULL) == (spf->result == SPF_TEMPERROR ||
	    spf->result == SPF_PERMERROR));
	for (i = 0; i < spf->explanation.len; i++)
		MUST(spf->explanation.s[i] >= ' ' &&
		    spf->explanation.s[i] <= '~');
	MUST(spf_field(spf, SPF_MAILFROM, mailbox, strlen(mailbox), &field) ==
	    OK);
	for (i = 0; i < field.len; i++) {
		char c = field.s[i];

		MUST(c == '\n' || (c >= ' ' && c <= '~'));
		line = c == '\n' ? 0 : line + 1;
		MUST(line < 998);
		if (c == '\n' && i + 1 < field.len)
			MUST(field.s[i + 1] == ' ');
	}
	stralloc_free(&field);
}

static void
evaluate(struct input *input)
{
	static const char mailbox[] = "a+b@a.test";
	struct address client = { 4, { 192, 0, 2, 1 } };
	struct spf spf = { 0 };
	size_t answered = 0;

	MUST(spf_start(&spf, &client, "h.test", 6, mailbox,
	    sizeof mailbox - 1, "mx.test", 0) == OK);
	for (;;) {
		MUST(spf_run(&spf) == OK);
		if (spf.result != SPF_UNKNOWN)
			break;
		MUST(answered < spf.count);
		for (; answered < spf.count; answered++)
			answer(input, &spf.questions[answered], answered);
	}
	check(&spf, mailbox);
	spf_free(&spf);
}

/* The terms are words of the record, in their order. */
static void
read_record(const char *text, size_t len)
{
	struct spf_record record;
	struct spf_term term;
	const char *problem = NULL, *before = text;
	size_t at = 0;

	if (!spf_record_is(text, len))
		return;
	if (spf_record_read(text, len, &record, &problem) != OK) {
		MUST(problem != NULL);
		return;
	}
	while (spf_record_next(&record, &at, &term)) {
		MUST(term.text > before && term.len > 0);
		MUST(term.text + term.len <= text + len);
		MUST(memchr(term.text, ' ', term.len) == NULL);
		MUST(term.domain == NULL || (term.domain > term.text &&
		    term.domain + term.domain_len <= term.text + term.len));
		MUST(term.prefix4 <= 32 && term.prefix6 <= 128);
		MUST(term.network.prefix <= 128);
		before = term.text + term.len - 1;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input *input = calloc(1, sizeof *input);
	char *text = malloc(size > 0 ? size : 1);

	MUST(input != NULL && text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	read_record(text, size);
	input->at = text;
	input->left = size;
	evaluate(input);
	free(text);
	free(input);
	return 0;
}
