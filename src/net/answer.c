/* answer - DNS messages, as octets in and typed records out */
#include "net/answer.h"

#include <stdlib.h>
#include <string.h>

#define HEADER		12	/* octets; RFC 1035 4.1.1 */
#define NAME_SIZE	255	/* longest name on the wire; RFC 1035 2.3.4 */
#define LABEL_SIZE	63
#define TEXT_SIZE	253	/* longest name as text, without escapes */
#define POINTERS	127	/* in a name: one a label, of one octet each */

enum {				/* bits of the header, and its RCODE */
	IS_ANSWER = 0x80, OPCODE = 0x78, IS_AUTHORITY = 0x04,
	IS_TRUNCATED = 0x02,	/* octet 2 */
	CAN_RECURSE = 0x80, AUTHENTICATED = 0x20, RCODE = 0x0f	/* octet 3 */
};
enum { NOERROR = 0, NXDOMAIN = 3 };
enum { TYPE_CNAME = 5, TYPE_OPT = 41, CLASS_IN = 1 };

/* A name without compression, its root label included. */
struct name {
	size_t len;
	unsigned char octets[NAME_SIZE];
};

struct record {
	struct name owner;
	unsigned type, class, rcode;	/* rcode: of OPT, RFC 6891 6.1.3 */
	size_t data, end;		/* where the RDATA is */
};

struct cname {
	struct name owner, target;
	int is_used;
};

struct reading {
	const unsigned char *octets;
	size_t len, at;
	unsigned type;			/* what was asked */
	struct name name;		/* ... then what CNAMEs lead to */
	size_t cnames;
	struct cname cname[DNS_CNAMES];
	size_t answers;			/* where that section begins */
	size_t count;			/* records of the type */
	struct dns_record *records;	/* NULL: only sizes are taken */
	char *text;
	size_t text_len;
};

static unsigned
two_octets(const unsigned char *octets)
{
	return (unsigned)octets[0] << 8 | octets[1];
}

/*
 * The name at *at, which is moved behind it.  A pointer must lead before the
 * part of the name that it ends, so there is an end to following them; that
 * it comes soon, even if pointers lead to pointers, is for their number.
 */
static enum status
read_name(const struct reading *reading, size_t *at, struct name *name)
{
	size_t here = *at, floor = here, label, pointers = 0;

	name->len = 0;
	do {
		if (here >= reading->len)
			return TEMPFAIL;
		label = reading->octets[here];
		if (label >= 0xc0) {
			if (reading->len - here < 2)
				return TEMPFAIL;
			if (pointers++ == 0)
				*at = here + 2;
			here = two_octets(reading->octets + here) & 0x3fff;
			if (here < HEADER || here >= floor ||
			    pointers > POINTERS)
				return TEMPFAIL;
			floor = here;
			continue;
		}
		if (label > LABEL_SIZE || reading->len - here <= label ||
		    NAME_SIZE - name->len <= label)
			return TEMPFAIL;
		memcpy(name->octets + name->len, reading->octets + here,
		    label + 1);
		name->len += label + 1;
		here += label + 1;
	} while (label != 0);
	if (pointers == 0)
		*at = here;
	return OK;
}

static int
lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* Length octets are below 64, so they are no letters. */
static int
is_same(const struct name *one, const struct name *other)
{
	size_t i;

	if (one->len != other->len)
		return 0;
	for (i = 0; i < one->len; i++)
		if (lower(one->octets[i]) != lower(other->octets[i]))
			return 0;
	return 1;
}

static enum status
read_record(struct reading *reading, struct record *record)
{
	const unsigned char *fixed;

	if (read_name(reading, &reading->at, &record->owner) != OK ||
	    reading->len - reading->at < 10)
		return TEMPFAIL;
	fixed = reading->octets + reading->at;
	record->type = two_octets(fixed);
	record->class = two_octets(fixed + 2);
	record->rcode = fixed[4];
	record->data = reading->at + 10;
	record->end = record->data + two_octets(fixed + 8);
	reading->at = record->end;
	return record->end <= reading->len ? OK : TEMPFAIL;
}

/* A name that is all there is of the RDATA from `data` on. */
static enum status
read_target(const struct reading *reading, const struct record *record,
    size_t data, struct name *target)
{
	if (read_name(reading, &data, target) != OK || data != record->end)
		return TEMPFAIL;
	return OK;
}

static int
is_plain(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

/* Keep octets, or only count them. */
static const char *
keep(struct reading *reading, const void *octets, size_t len)
{
	char *kept = NULL;

	if (reading->text != NULL) {
		kept = reading->text + reading->text_len;
		memcpy(kept, octets, len);
	}
	reading->text_len += len;
	return kept;
}

static const char *
keep_name(struct reading *reading, const struct name *name)
{
	const char *text = keep(reading, "", 0);
	const unsigned char *label = name->octets;
	size_t i;

	for (; *label > 0; label += *label + 1) {
		if (label > name->octets)
			keep(reading, ".", 1);
		for (i = 1; i <= *label; i++) {
			int c = label[i];
			const char escape[] = {
				'\\', (char)('0' + c / 100),
				(char)('0' + c / 10 % 10), (char)('0' + c % 10)
			};

			if (is_plain(c))
				keep(reading, label + i, 1);
			else
				keep(reading, escape, sizeof escape);
		}
	}
	keep(reading, "", 1);
	return text;
}

/* Character-strings, at least one, of a length octet and as many more. */
static enum status
keep_strings(struct reading *reading, const struct record *record,
    struct dns_record *kept)
{
	size_t at = record->data, before = reading->text_len;

	kept->octets = keep(reading, "", 0);
	if (at == record->end)
		return TEMPFAIL;
	while (at < record->end) {
		size_t len = reading->octets[at++];

		if (record->end - at < len)
			return TEMPFAIL;
		keep(reading, reading->octets + at, len);
		at += len;
	}
	kept->len = reading->text_len - before;
	keep(reading, "", 1);
	return OK;
}

/* The RDATA of the type that was asked for. */
static enum status
keep_data(struct reading *reading, const struct record *record,
    struct dns_record *kept)
{
	const unsigned char *data = reading->octets + record->data;
	size_t len = record->end - record->data, at = record->data;
	struct name target;

	switch (reading->type) {
	case DNS_A:
	case DNS_AAAA:
		if (len != (reading->type == DNS_A ? 4 : 16))
			return TEMPFAIL;
		address_set(&kept->address, len == 4 ? 4 : 6, data);
		return OK;
	case DNS_MX:
		if (len < 2)
			return TEMPFAIL;
		kept->preference = two_octets(data);
		at += 2;
		/* FALLTHROUGH */
	case DNS_PTR:
		if (read_target(reading, record, at, &target) != OK)
			return TEMPFAIL;
		kept->name = keep_name(reading, &target);
		return OK;
	case DNS_TXT:
		return keep_strings(reading, record, kept);
	case DNS_TLSA:
		if (len < 3)
			return TEMPFAIL;
		kept->usage = data[0];
		kept->selector = data[1];
		kept->matching = data[2];
		kept->octets = keep(reading, data + 3, len - 3);
		kept->len = len - 3;
		return OK;
	default:
		return TEMPFAIL;
	}
}

/* The question must be ours, octet by octet: RFC 5452 9.1. */
static enum status
read_question(struct reading *reading, const unsigned char *query, size_t len)
{
	size_t end;

	reading->at = HEADER;
	if (two_octets(reading->octets + 4) != 1 ||
	    read_name(reading, &reading->at, &reading->name) != OK ||
	    reading->len - reading->at < 4)
		return TEMPFAIL;
	reading->type = two_octets(reading->octets + reading->at);
	end = reading->at + 4;
	if (len < end || memcmp(query, reading->octets, 2) != 0 ||
	    memcmp(query + HEADER, reading->octets + HEADER, end - HEADER) != 0)
		return TEMPFAIL;
	reading->answers = reading->at = end;
	return OK;
}

/* CNAME records may come in any order, so they are gathered first. */
static enum status
gather_cnames(struct reading *reading, size_t n)
{
	struct record record;

	for (; n > 0; n--) {
		struct cname *cname = &reading->cname[reading->cnames];

		if (read_record(reading, &record) != OK ||
		    record.class != CLASS_IN)
			return TEMPFAIL;
		if (record.type != TYPE_CNAME)
			continue;
		if (reading->cnames++ == DNS_CNAMES || read_target(reading,
		    &record, record.data, &cname->target) != OK)
			return TEMPFAIL;
		cname->owner = record.owner;
		cname->is_used = 0;
	}
	return OK;
}

/*
 * Go from the name that was asked to the one that has the data.  Coming to a
 * name again is a loop; a record that is not on the way is of no answer.
 */
static enum status
follow_cnames(struct reading *reading)
{
	size_t i, used = 0;

	for (;;) {
		struct cname *next = NULL;

		for (i = 0; i < reading->cnames; i++) {
			if (!is_same(&reading->cname[i].owner, &reading->name))
				continue;
			if (next != NULL)
				return TEMPFAIL;
			next = &reading->cname[i];
		}
		if (next == NULL)
			return used == reading->cnames ? OK : TEMPFAIL;
		if (next->is_used)
			return TEMPFAIL;
		next->is_used = 1;
		used++;
		reading->name = next->target;
	}
}

/* Records of other types may come along: DNAME, RRSIG. */
static enum status
keep_answers(struct reading *reading, size_t n)
{
	struct dns_record beyond;
	struct record record;

	reading->at = reading->answers;
	reading->count = reading->text_len = 0;
	for (; n > 0; n--) {
		struct dns_record *kept = &beyond;

		if (read_record(reading, &record) != OK)
			return TEMPFAIL;
		if (record.type != reading->type)
			continue;
		if (reading->count < DNS_RECORDS && reading->records != NULL)
			kept = &reading->records[reading->count];
		memset(kept, 0, sizeof *kept);
		if (!is_same(&record.owner, &reading->name) ||
		    keep_data(reading, &record, kept) != OK)
			return TEMPFAIL;
		if (reading->count < DNS_RECORDS)
			reading->count++;
	}
	return OK;
}

/* The other sections: an error may hide in OPT, and counts may lie. */
static enum status
read_rest(struct reading *reading)
{
	const unsigned char *octets = reading->octets;
	size_t n = two_octets(octets + 8) + two_octets(octets + 10);
	struct record record;

	for (; n > 0; n--)
		if (read_record(reading, &record) != OK ||
		    (record.type == TYPE_OPT && record.rcode != 0))
			return TEMPFAIL;
	return reading->at == reading->len ? OK : TEMPFAIL;
}

/* Room for what was measured, and the records once more, to be kept. */
static enum status
fill(struct reading *reading, size_t n, struct answer *answer)
{
	size_t size = reading->count * sizeof *reading->records;

	keep_name(reading, &reading->name);
	reading->records = malloc(size + reading->text_len);
	if (reading->records == NULL)
		return TEMPFAIL;
	reading->text = (char *)reading->records + size;
	if (keep_answers(reading, n) != OK) {
		free(reading->records);
		return TEMPFAIL;
	}
	answer->canonical = keep_name(reading, &reading->name);
	answer->records = reading->records;
	answer->count = reading->count;
	return OK;
}

/*
 * That there is no data must be said by one who can know: a server that
 * neither recurses nor is an authority has only passed the question on, and
 * an authority need not know where a CNAME leads.
 */
static enum status
judge(const struct reading *reading, enum dns_state *state)
{
	unsigned rcode = reading->octets[3] & RCODE;
	int is_authority = (reading->octets[2] & IS_AUTHORITY) != 0;

	if (rcode == NXDOMAIN && reading->count > 0)
		return TEMPFAIL;
	if (reading->count == 0 && !(reading->octets[3] & CAN_RECURSE) &&
	    !(is_authority && reading->cnames == 0))
		return TEMPFAIL;
	*state = rcode == NXDOMAIN ? DNS_NXDOMAIN :
	    reading->count > 0 ? DNS_DATA : DNS_NODATA;
	return OK;
}

enum status
answer_read(const unsigned char *octets, size_t len,
    const unsigned char *query, size_t query_len, struct answer *answer)
{
	struct reading reading = { .octets = octets, .len = len };
	enum dns_state state;
	size_t n;

	if (len < HEADER || (octets[2] & (IS_ANSWER | OPCODE | IS_TRUNCATED))
	    != IS_ANSWER || ((octets[3] & RCODE) != NOERROR &&
	    (octets[3] & RCODE) != NXDOMAIN))
		return TEMPFAIL;
	n = two_octets(octets + 6);
	if (read_question(&reading, query, query_len) != OK ||
	    gather_cnames(&reading, n) != OK || read_rest(&reading) != OK ||
	    follow_cnames(&reading) != OK || keep_answers(&reading, n) != OK ||
	    judge(&reading, &state) != OK)
		return TEMPFAIL;
	if (fill(&reading, n, answer) != OK)
		return TEMPFAIL;
	answer->state = state;
	answer->authenticated = (octets[3] & AUTHENTICATED) != 0;
	return OK;
}

int
answer_is_name(const char *name, size_t len)
{
	size_t i, label = 0;

	if (len > 0 && name[len - 1] == '.')
		len--;
	if (len == 0 || len > TEXT_SIZE)
		return 0;
	for (i = 0; i < len; i++) {
		if (name[i] == '.') {
			if (label == 0)
				return 0;
			label = 0;
		} else if (!is_plain((unsigned char)name[i]) ||
		    ++label > LABEL_SIZE)
			return 0;
	}
	return label > 0;
}
