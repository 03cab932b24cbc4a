#include "base/deadline.h"

#include "../suite.h"

#define SLACK_MS	2000	/* for a machine that is busy */

static const struct {
	int64_t in_ms, least_ms, most_ms;
} rows[] = {
	{ 0,			0, 0 },
	{ -1,			0, 0 },
	{ -100000,		0, 0 },
	{ 100000,		100000 - SLACK_MS, 100000 },
	/* More than an int of milliseconds holds, as of timeoutsmtpd. */
	{ INT64_C(3000000000),	INT64_C(3000000000) - SLACK_MS,
	    INT64_C(3000000000) },
};

START_TEST(each_left)
{
	int64_t left = deadline_left_ms(deadline_in(rows[_i].in_ms));

	ck_assert_int_ge(left, rows[_i].least_ms);
	ck_assert_int_le(left, rows[_i].most_ms);
}
END_TEST

START_TEST(never)
{
	struct deadline end = { INT64_MAX };

	ck_assert_int_gt(deadline_left_ms(end), INT64_MAX / 2);
}
END_TEST

static const struct {
	int64_t one_ms, other_ms, sooner_ms;
} pairs[] = {
	{ 1, 2, 1 },
	{ 2, 1, 1 },
	{ 1, 1, 1 },
	{ -5, 0, -5 },
	{ INT64_MAX, 7, 7 },
};

START_TEST(each_pair)
{
	struct deadline one = { pairs[_i].one_ms };
	struct deadline other = { pairs[_i].other_ms };

	ck_assert_int_eq(deadline_sooner(one, other).at_ms,
	    pairs[_i].sooner_ms);
}
END_TEST

START_TEST(clock_goes_on)
{
	int64_t before = clock_ms(), now;

	ck_assert_int_gt(before, 0);
	do
		now = clock_ms();
	while (now == before);
	ck_assert_int_gt(now, before);
	ck_assert_int_lt(now, before + SLACK_MS);
}
END_TEST

SUITE("deadline",
    { each_left, ROWS(rows), NULL, NULL },
    { never, 1, NULL, NULL },
    { each_pair, ROWS(pairs), NULL, NULL },
    { clock_goes_on, 1, NULL, NULL })
