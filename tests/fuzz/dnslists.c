/* dnslists - lines of DNS lists in each form, and addresses against them */
#include <string.h>

#include "filter/dnsline.h"
#include "smtp/mailbox.h"
#include "target.h"

/* It lies in the text that was read. */
static void
check_part(const char *text, size_t size, const char *part, size_t len)
{
	MUST(part >= text && part + len <= text + size);
}

static void
check(const char *text, size_t size, enum dnsline_form form,
    const struct dnsline *line)
{
	check_part(text, size, line->zone, line->zone_len);
	MUST(line->zone_len <= DNSLINE_ZONE);
	MUST(domain_is_valid(line->zone, line->zone_len));
	MUST(line->weight >= 1 && line->weight <= DNSLINE_WEIGHT);
	MUST(line->is_soft == 0 || form == DNSLINE_DASHED);
	if (line->pattern == NULL)
		return;
	MUST(form == DNSLINE_OWN);
	check_part(text, size, line->pattern, line->pattern_len);
}

/* Any address but those of 127/8 is odd, and so is the block at its end. */
static void
ask(const struct dnsline *line, const unsigned char octets[4])
{
	struct dns_record record = { .name = NULL };
	struct dns_question question = {
		.state = DNS_DATA, .count = 1, .records = &record,
	};
	struct address address = { 0 };
	int is_odd = octets[0] != 127 || (octets[1] == 255 &&
	    octets[2] == 255);
	enum dnsline_answer answer;

	address_set(&record.address, 4, octets);
	answer = dnsline_judge(line, &question, &address);
	MUST((answer == DNSLINE_ODD) == is_odd);
	if (!is_odd)
		MUST((answer == DNSLINE_LISTED) == dnsline_has(line,
		    &record.address));
	if (line->pattern == NULL)
		MUST(answer != DNSLINE_ABSENT);
}

/* Some address of 127/8 has its pattern: a part can be found for each. */
static void
find_first_octet(const struct dnsline *line)
{
	struct dnsline alone = *line;
	char pattern[4096];
	struct address address;
	static const unsigned char local[4] = { 127, 1, 2, 3 };
	size_t i, depth = 0, len = 0;

	/* The first part, and three that have any octet. */
	for (i = 0; i < line->pattern_len; i++) {
		if (line->pattern[i] == '.' && depth == 0)
			break;
		depth += line->pattern[i] == '[';
		depth -= line->pattern[i] == ']';
	}
	if (i + 64 > sizeof pattern)
		return;
	memcpy(pattern, line->pattern, i);
	len = i;
	for (i = 0; i < 3; i++) {
		memcpy(pattern + len, ".[0..255]", 9);
		len += 9;
	}
	alone.pattern = pattern;
	alone.pattern_len = len;
	address_set(&address, 4, local);
	MUST(dnsline_has(&alone, &address));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum dnsline_form forms[] = {
		DNSLINE_OWN, DNSLINE_DASHED, DNSLINE_TEXT
	};
	static const unsigned char octets[][4] = {
		{ 127, 0, 0, 2 }, { 127, 0, 1, 2 }, { 127, 255, 255, 254 },
		{ 127, 255, 0, 0 }, { 1, 2, 3, 4 }, { 255, 255, 255, 255 },
	};
	/* In memory of its own, where a step outside is seen. */
	char *text = malloc(size > 0 ? size : 1);
	struct dnsline line;
	size_t i, j;

	MUST(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	for (i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		enum status status = dnsline_parse(text, size, forms[i],
		    &line);

		MUST(status == OK || status == PERMFAIL);
		if (status != OK)
			continue;
		check(text, size, forms[i], &line);
		for (j = 0; j < sizeof octets / sizeof octets[0]; j++)
			ask(&line, octets[j]);
		if (line.pattern != NULL)
			find_first_octet(&line);
	}
	free(text);
	return 0;
}
