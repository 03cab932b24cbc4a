#ifndef UNIT_MAIL_ZONE_H
#define UNIT_MAIL_ZONE_H

#include "mail/spf.h"

#include "../suite.h"

/*
 * A zone, and who answers from it.  A name with any row exists; data NULL is
 * a failure of the DNS, for the type 0 of every type.
 */
struct row {
	const char *name;
	enum dns_type type;
	const char *data;
};

#define ZONE_ANSWERS	16	/* most records of an answer */

struct zone {
	const struct row *rows;
	size_t count;
	struct dns_question answers[SPF_QUESTIONS];
	struct dns_record records[SPF_QUESTIONS][ZONE_ANSWERS];
	size_t asked;
};

static inline void
zone_record(enum dns_type type, const char *data, struct dns_record *record)
{
	memset(record, 0, sizeof *record);
	if (type == DNS_A || type == DNS_AAAA)
		ck_assert_int_eq(address_parse(data, strlen(data),
		    &record->address), OK);
	record->name = record->octets = data;
	record->len = strlen(data);
}

static inline const struct dns_question *
zone_answer(struct zone *zone, enum dns_type type, const char *name)
{
	struct dns_question *answer = &zone->answers[zone->asked];
	struct dns_record *records = zone->records[zone->asked++];
	size_t i;

	memset(answer, 0, sizeof *answer);
	answer->type = type;
	answer->records = records;
	answer->state = DNS_NXDOMAIN;
	for (i = 0; i < zone->count; i++) {
		const struct row *row = &zone->rows[i];

		if (strcmp(row->name, name) != 0)
			continue;
		if (answer->state == DNS_NXDOMAIN)
			answer->state = DNS_NODATA;
		if (row->data == NULL && (row->type == type || row->type == 0))
			answer->state = DNS_TEMPFAIL;
		if (row->data == NULL || row->type != type)
			continue;
		answer->state = DNS_DATA;
		ck_assert(answer->count < ZONE_ANSWERS);
		zone_record(type, row->data, &records[answer->count++]);
	}
	return answer;
}

/* Answer those that wait, in either order and at most `most`; how many. */
static inline size_t
zone_serve(struct zone *zone, struct spf *spf, size_t most, int is_backward)
{
	size_t i, n = 0;

	for (i = 0; i < spf->count && n < most; i++) {
		struct spf_question *question = &spf->questions[is_backward ?
		    spf->count - 1 - i : i];

		if (question->answer != NULL)
			continue;
		question->answer = zone_answer(zone, question->type,
		    question->name);
		n++;
	}
	return n;
}

/* Until there is a result; how many times was asked. */
static inline unsigned
zone_run(struct zone *zone, struct spf *spf, size_t most, int is_backward)
{
	unsigned rounds = 0;

	for (;;) {
		ck_assert_int_eq(spf_run(spf), OK);
		if (spf->result != SPF_UNKNOWN)
			return rounds;
		ck_assert_uint_gt(zone_serve(zone, spf, most, is_backward), 0);
		rounds++;
	}
}

#endif
