/* dnsline - a line that names a DNS list, and what its answers mean */
#include "filter/dnsline.h"

#include <string.h>

#include "base/text.h"
#include "smtp/mailbox.h"

#define LONGEST_NUMBER	3	/* digits of an octet */

/* What is left of a text. */
struct rest {
	const char *at, *end;
};

static int
take(struct rest *rest, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(rest->end - rest->at) < len ||
	    memcmp(rest->at, word, len) != 0)
		return 0;
	rest->at += len;
	return 1;
}

static int
take_number(struct rest *rest, unsigned *number)
{
	uint64_t value;
	size_t digits = text_number(rest->at, (size_t)(rest->end - rest->at),
	    &value);

	if (digits == 0 || digits > LONGEST_NUMBER || value > 255)
		return 0;
	rest->at += digits;
	*number = (unsigned)value;
	return 1;
}

static int
take_range(struct rest *rest, unsigned octet, int *has)
{
	unsigned low, high;

	if (!take_number(rest, &low))
		return 0;
	high = low;
	if (take(rest, "..") && (!take_number(rest, &high) || high < low))
		return 0;
	*has |= octet >= low && octet <= high;
	return 1;
}

/* One part of a pattern; returns whether it makes sense. */
static int
take_part(struct rest *rest, unsigned octet, int *has)
{
	unsigned number;

	*has = 0;
	if (!take(rest, "[")) {
		if (!take_number(rest, &number))
			return 0;
		*has = number == octet;
		return 1;
	}
	do {
		if (!take_range(rest, octet, has))
			return 0;
	} while (take(rest, ";"));
	return take(rest, "]");
}

static int
read_pattern(const char *text, size_t len, const unsigned char octets[4],
    int has[4])
{
	struct rest rest = { text, text + len };
	size_t i;

	for (i = 0; i < 4; i++)
		if ((i > 0 && !take(&rest, ".")) ||
		    !take_part(&rest, octets[i], &has[i]))
			return 0;
	return rest.at == rest.end;
}

/* It makes sense, and some answer that counts can match it. */
static int
is_pattern(const char *text, size_t len)
{
	static const unsigned char local[4] = { 127, 0, 0, 0 };
	int has[4];

	return read_pattern(text, len, local, has) && has[0];
}

static int
is_zone(const char *text, size_t len)
{
	return len <= DNSLINE_ZONE && domain_is_valid(text, len);
}

/* The octets before this one, or all. */
static size_t
len_before(const char *text, size_t len, char octet)
{
	const char *found = memchr(text, octet, len);

	return found != NULL ? (size_t)(found - text) : len;
}

static enum status
parse_own(const char *text, size_t len, struct dnsline *line)
{
	size_t whole = len_before(text, len, '*');
	uint64_t weight = 1;

	if (whole < len && (len - whole - 1 == 0 ||
	    text_number(text + whole + 1, len - whole - 1, &weight) !=
	    len - whole - 1 || weight == 0 || weight > DNSLINE_WEIGHT))
		return PERMFAIL;
	line->weight = (unsigned)weight;
	line->zone_len = len_before(text, whole, '=');
	if (line->zone_len < whole) {
		line->pattern = text + line->zone_len + 1;
		line->pattern_len = whole - line->zone_len - 1;
		if (!is_pattern(line->pattern, line->pattern_len))
			return PERMFAIL;
	}
	return is_zone(text, line->zone_len) ? OK : PERMFAIL;
}

enum status
dnsline_parse(const char *text, size_t len, enum dnsline_form form,
    struct dnsline *parsed)
{
	struct dnsline line = { .zone = text, .weight = 1 };

	if (form == DNSLINE_OWN) {
		if (parse_own(text, len, &line) != OK)
			return PERMFAIL;
		*parsed = line;
		return OK;
	}
	if (form == DNSLINE_DASHED) {
		line.is_soft = len == 0 || text[0] != '-';
		line.zone += !line.is_soft;
		len -= (size_t)!line.is_soft;
	}
	len = len_before(line.zone, len, ':');
	if (form == DNSLINE_TEXT)
		len = len_before(line.zone, len_before(line.zone, len, ' '),
		    '\t');
	line.zone_len = len;
	if (!is_zone(line.zone, len))
		return PERMFAIL;
	*parsed = line;
	return OK;
}

int
dnsline_has(const struct dnsline *line, const struct address *address)
{
	int has[4];

	return line->pattern == NULL || (read_pattern(line->pattern,
	    line->pattern_len, address->octets, has) &&
	    has[0] && has[1] && has[2] && has[3]);
}

static int
is_odd(const struct address *address)
{
	const unsigned char *octets = address->octets;

	return address->family != 4 || octets[0] != 127 ||
	    (octets[1] == 255 && octets[2] == 255);
}

enum dnsline_answer
dnsline_judge(const struct dnsline *line, const struct dns_question *question,
    struct address *address)
{
	enum dnsline_answer answer = DNSLINE_ABSENT;
	size_t i;

	if (question->state == DNS_WAITING)
		return DNSLINE_WAITING;
	if (question->state == DNS_TEMPFAIL)
		return DNSLINE_SILENT;
	if (question->state != DNS_DATA)
		return DNSLINE_ABSENT;
	for (i = 0; i < question->count; i++) {
		const struct address *found = &question->records[i].address;

		if (is_odd(found)) {
			*address = *found;
			return DNSLINE_ODD;
		}
		if (answer == DNSLINE_ABSENT && dnsline_has(line, found)) {
			*address = *found;
			answer = DNSLINE_LISTED;
		}
	}
	return answer;
}
