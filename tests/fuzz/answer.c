/* answer - DNS messages: records keep what net/dns.h promises of them */
#include <string.h>

#include "net/answer.h"
#include "target.h"

/* A name as text: see struct dns_record. */
static void
check_name(const char *name)
{
	static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.\\";
	size_t len = strlen(name);

	MUST(len <= 255 * 4 && strspn(name, allowed) == len);
	MUST(len == 0 || (name[0] != '.' && name[len - 1] != '.'));
}

static size_t
sum(const char *octets, size_t len)
{
	size_t sum = 0;

	while (len > 0)
		sum += (unsigned char)octets[--len];
	return sum;
}

static void
check(const struct answer *answer, unsigned type)
{
	size_t i;

	MUST(answer->state == DNS_DATA || answer->state == DNS_NODATA ||
	    answer->state == DNS_NXDOMAIN);
	MUST((answer->count > 0) == (answer->state == DNS_DATA));
	MUST(answer->count <= DNS_RECORDS);
	check_name(answer->canonical);
	for (i = 0; i < answer->count; i++) {
		const struct dns_record *record = &answer->records[i];

		if (type == DNS_A || type == DNS_AAAA)
			MUST(record->address.family == 4 ||
			    record->address.family == 6);
		else if (type == DNS_MX || type == DNS_PTR)
			check_name(record->name);
		else
			/* That is, they can all be read. */
			MUST(sum(record->octets, record->len) <=
			    record->len * 255);
	}
}

static size_t
question_type(const uint8_t *octets, size_t at)
{
	while (octets[at] != 0)
		at += octets[at] + 1u;
	return (size_t)octets[at + 1] << 8 | octets[at + 2];
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	static const uint8_t query[] = "\x12\x34\1\x20\0\1\0\0\0\0\0\1"
	    "\1a\4test\0\0\xf\0\1" "\0\0\x29\4\xd0\0\0\0\0\0";
	struct answer answer;

	if (answer_read(octets, len, query, sizeof query - 1, &answer) == OK) {
		check(&answer, DNS_MX);
		free((void *)answer.records);
	}
	/* As the answer to its own question it is read further. */
	if (answer_read(octets, len, octets, len, &answer) == OK) {
		check(&answer, (unsigned)question_type(octets, 12));
		free((void *)answer.records);
	}
	return 0;
}
