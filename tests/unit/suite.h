#ifndef UNIT_SUITE_H
#define UNIT_SUITE_H

#include <check.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/*
 * What a unit test is made of: tables, a test that judges one row `_i`, and
 * SUITE(), which makes main() of them.
 */

#define ROWS(table)	((int)(sizeof(table) / sizeof((table)[0])))

/* Octets and how many, for text that may hold a NUL. */
#define TEXT(literal)	(literal), sizeof(literal) - 1

struct unit {
	const TTest *test;
	int rows;
	void (*before)(void);	/* run around each row; or NULL */
	void (*after)(void);
};

static inline int
suite_run(const char *name, const struct unit *units, int count)
{
	Suite *suite = suite_create(name);
	SRunner *runner = srunner_create(suite);
	int i, failed;

	for (i = 0; i < count; i++) {
		TCase *rows = tcase_create(units[i].test->name);

		tcase_add_checked_fixture(rows, units[i].before,
		    units[i].after);
		tcase_add_loop_test(rows, units[i].test, 0, units[i].rows);
		suite_add_tcase(suite, rows);
	}
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SUITE("module", { a_test, ROWS(a_table), NULL, NULL }, ...) */
#define SUITE(name, ...)						\
	int								\
	main(void)							\
	{								\
		const struct unit units[] = { __VA_ARGS__ };		\
									\
		return suite_run(name, units, ROWS(units));		\
	}

#define assert_octets(seen, seen_len, wanted, wanted_len) do {		\
	const char *seen_ = (seen), *wanted_ = (wanted);		\
	size_t len_ = (seen_len), most_ = (wanted_len);			\
									\
	ck_assert_msg(len_ == most_ && (len_ == 0 ||			\
	    memcmp(seen_, wanted_, len_) == 0),				\
	    "row %d: seen \"%.*s\" (%zu), wanted \"%.*s\" (%zu)", _i,	\
	    (int)len_, len_ > 0 ? seen_ : "", len_,			\
	    (int)most_, most_ > 0 ? wanted_ : "", most_);		\
} while (0)

/* That a counted string holds this text. */
#define assert_holds(text, wanted)					\
	assert_octets((text)->s, (text)->len, wanted, strlen(wanted))

/* What a row wants, with its number where it does not come. */
#define assert_row(what)						\
	ck_assert_msg(what, "row %d: not so: %s", _i, #what)

/*
 * Where the piece that begins at `at` ends when `len` octets come in pieces:
 * cut 0 is octet by octet, `len` all in one, any other one cut there.
 */
static inline size_t
piece_end(size_t at, size_t len, size_t cut)
{
	if (cut == 0)
		return at + 1;
	return at < cut ? cut : len;
}

#endif
