#include "filter/exchangers.h"

#include "../judge.h"
#include "../suite.h"

/*
 * Answers, as if they had been collected: of the MX question, and of the
 * questions for addresses of at most two hosts, A and AAAA.
 */
#define T	DNS_TEMPFAIL
#define N	DNS_NODATA
#define X	DNS_NXDOMAIN
#define D	DNS_DATA
#define W	DNS_WAITING

static const struct {
	enum dns_state mx;
	size_t hosts;
	enum dns_state answers[2][EXCHANGERS_FAMILIES];
	enum exchangers_state state;
	/* Whether all of these addresses are of IPv4, of IPv6. */
	enum exchangers_all all4, all6;
} rows[] = {
	{ T, 0, { { 0 } }, EXCHANGERS_UNKNOWN,
	    EXCHANGERS_NOT_ALL, EXCHANGERS_NOT_ALL },
	{ W, 0, { { 0 } }, EXCHANGERS_UNKNOWN,
	    EXCHANGERS_NOT_ALL, EXCHANGERS_NOT_ALL },
	{ X, 0, { { 0 } }, EXCHANGERS_NONE,
	    EXCHANGERS_NOT_ALL, EXCHANGERS_NOT_ALL },
	{ D, 0, { { 0 } }, EXCHANGERS_NULL,
	    EXCHANGERS_NOT_ALL, EXCHANGERS_NOT_ALL },
	/* The domain itself is the host. */
	{ N, 1, { { D, N } }, EXCHANGERS_FOUND,
	    EXCHANGERS_ALL, EXCHANGERS_NOT_ALL },
	{ N, 1, { { N, D } }, EXCHANGERS_FOUND,
	    EXCHANGERS_NOT_ALL, EXCHANGERS_ALL },
	{ N, 1, { { D, D } }, EXCHANGERS_FOUND,
	    EXCHANGERS_NOT_ALL, EXCHANGERS_NOT_ALL },
	{ N, 1, { { D, T } }, EXCHANGERS_FOUND,
	    EXCHANGERS_PERHAPS, EXCHANGERS_NOT_ALL },
	{ N, 1, { { D, W } }, EXCHANGERS_FOUND,
	    EXCHANGERS_PERHAPS, EXCHANGERS_NOT_ALL },
	{ N, 1, { { N, T } }, EXCHANGERS_UNKNOWN,
	    EXCHANGERS_NOT_ALL, EXCHANGERS_NOT_ALL },
	{ N, 1, { { N, N } }, EXCHANGERS_NONE,
	    EXCHANGERS_NOT_ALL, EXCHANGERS_NOT_ALL },
	/* Its exchangers are. */
	{ D, 1, { { N, N } }, EXCHANGERS_NONE,
	    EXCHANGERS_NOT_ALL, EXCHANGERS_NOT_ALL },
	{ D, 2, { { X, X }, { D, N } }, EXCHANGERS_FOUND,
	    EXCHANGERS_ALL, EXCHANGERS_NOT_ALL },
	{ D, 2, { { X, X }, { T, T } }, EXCHANGERS_UNKNOWN,
	    EXCHANGERS_NOT_ALL, EXCHANGERS_NOT_ALL },
	{ D, 2, { { N, D }, { X, X } }, EXCHANGERS_FOUND,
	    EXCHANGERS_NOT_ALL, EXCHANGERS_ALL },
	{ D, 2, { { N, D }, { T, N } }, EXCHANGERS_FOUND,
	    EXCHANGERS_NOT_ALL, EXCHANGERS_PERHAPS },
	{ D, 2, { { D, N }, { N, D } }, EXCHANGERS_FOUND,
	    EXCHANGERS_NOT_ALL, EXCHANGERS_NOT_ALL },
};

/* One record each, of the family that was asked for. */
static struct dns_question questions[EXCHANGERS_FAMILIES][W + T + 1];

static const struct dns_question *
answer(size_t family, enum dns_state state)
{
	static const struct dns_record records[] = {
		{ .address = { 4, { 1, 2, 3, 4 } } },
		{ .address = { 6, { 0x2a, 0 } } },
	};
	struct dns_question *question = &questions[family][state];

	question->state = state;
	question->count = state == DNS_DATA;
	question->records = &records[family];
	return question;
}

static int
is_of_family(const struct address *address, const void *how)
{
	return address->family == *(const int *)how;
}

static const int family4 = 4, family6 = 6;

START_TEST(each_row)
{
	struct dns_question mx = { .state = rows[_i].mx };
	struct exchangers exchangers = { .mx = &mx };
	size_t i, family;

	exchangers.count = rows[_i].hosts;
	for (i = 0; i < rows[_i].hosts; i++)
		for (family = 0; family < EXCHANGERS_FAMILIES; family++)
			exchangers.hosts[i][family] = answer(family,
			    rows[_i].answers[i][family]);
	judge_path(&session.mail.reverse_path, "a@far.test");
	ck_assert_int_eq(exchangers_state(&session, &exchangers),
	    rows[_i].state);
	ck_assert_int_eq(exchangers_all(&session, &exchangers, is_of_family,
	    &family4), rows[_i].all4);
	ck_assert_int_eq(exchangers_all(&session, &exchangers, is_of_family,
	    &family6), rows[_i].all6);
}
END_TEST

/* What has no domain, or an address in its place, asks nothing. */
static const struct {
	const char *reverse_path;
	struct address literal;
	enum exchangers_state state;
	enum exchangers_all all4;
} unasked[] = {
	{ "", { 0 }, EXCHANGERS_NOT_ASKED, EXCHANGERS_NOT_ALL },
	{ "joe", { 0 }, EXCHANGERS_NOT_ASKED, EXCHANGERS_NOT_ALL },
	{ "a@[10.1.2.3]", { 4, { 10, 1, 2, 3 } }, EXCHANGERS_FOUND,
	    EXCHANGERS_ALL },
	{ "a@[IPv6:fc00::]", { 6, { 0xfc } }, EXCHANGERS_FOUND,
	    EXCHANGERS_NOT_ALL },
};

START_TEST(each_unasked)
{
	struct exchangers exchangers = { 0 };
	struct asking asking;

	judge_path(&session.mail.reverse_path, unasked[_i].reverse_path);
	session.mail.reverse_path.literal = unasked[_i].literal;
	asking_start(&asking, &session);
	exchangers_ask(&session, &exchangers, &asking);
	ck_assert_ptr_null(asking.dns);
	ck_assert_ptr_null(exchangers.mx);
	ck_assert_int_eq(exchangers_state(&session, &exchangers),
	    unasked[_i].state);
	ck_assert_int_eq(exchangers_all(&session, &exchangers, is_of_family,
	    &family4), unasked[_i].all4);
	asking_stop(&asking);
}
END_TEST

/* More exchangers than are asked, the best last, and the root among them. */
START_TEST(best_are_asked)
{
	static char names[DNS_RECORDS][16];
	static struct dns_record records[DNS_RECORDS];
	struct dns_question mx = { .state = DNS_DATA, .count = DNS_RECORDS,
	    .records = records };
	struct exchangers exchangers = { .mx = &mx };
	struct asking asking;
	size_t i;

	home_file("control/resolvers", "127.0.0.1:1\n");
	ck_assert_int_eq(control_open(&control), OK);
	for (i = 0; i < DNS_RECORDS; i++) {
		snprintf(names[i], sizeof names[i], "mx%d.test", (int)i);
		records[i].name = i == 50 ? "" : names[i];
		records[i].preference = DNS_RECORDS - (unsigned)i;
	}
	judge_path(&session.mail.reverse_path, "a@far.test");
	asking_start(&asking, &session);
	exchangers_ask(&session, &exchangers, &asking);
	ck_assert_uint_eq(exchangers.count, EXCHANGERS_MOST);
	for (i = 0; i < EXCHANGERS_MOST; i++) {
		ck_assert_str_eq(exchangers.hosts[i][0]->name,
		    names[DNS_RECORDS - 1 - i]);
		ck_assert_int_eq(exchangers.hosts[i][0]->type, DNS_A);
		ck_assert_int_eq(exchangers.hosts[i][1]->type, DNS_AAAA);
	}
	asking_stop(&asking);
}
END_TEST

SUITE("exchangers",
    { each_row, ROWS(rows), judge_make, judge_end },
    { each_unasked, ROWS(unasked), judge_make, judge_end },
    { best_are_asked, 1, judge_make, judge_end })
