#include "base/map.h"

#include "../cdb.h"
#include "../suite.h"

#define FILE_NAME	"test.cdb"

static const char *const keys[] = { "example.org", ".example.net", "", "a" };

static struct map map;

static void
end(void)
{
	map_close(&map);
	home_remove();
}

static const struct {
	const char *key;
	size_t len;
	int has;
} rows[] = {
	{ TEXT("example.org"),		1 },
	{ TEXT(".example.net"),		1 },
	{ TEXT(""),			1 },
	{ TEXT("a"),			1 },
	{ TEXT("example.net"),		0 },
	{ TEXT("example.or"),		0 },
	{ TEXT("example.org\0"),	0 },
	{ TEXT("EXAMPLE.ORG"),		0 },
};

START_TEST(each_key)
{
	int found = -1;

	cdb_make(FILE_NAME, keys, sizeof keys / sizeof keys[0]);
	ck_assert_int_eq(map_open(&map, FILE_NAME), OK);
	ck_assert_int_eq(map_has(&map, rows[_i].key, rows[_i].len, &found),
	    OK);
	ck_assert_int_eq(found, rows[_i].has);
}
END_TEST

/* A link that leads nowhere was meant to lead somewhere. */
START_TEST(link_to_nothing)
{
	ck_assert_int_eq(symlink("nothing", FILE_NAME), 0);
	ck_assert_int_eq(map_open(&map, FILE_NAME), TEMPFAIL);
	ck_assert_ptr_null(map.data);
}
END_TEST

START_TEST(absent_is_empty)
{
	int found = -1;

	ck_assert_int_eq(map_open(&map, FILE_NAME), OK);
	ck_assert_int_eq(map_has(&map, "a", 1, &found), OK);
	ck_assert_int_eq(found, 0);
}
END_TEST

static const char *const no_databases[] = {
	NULL,			/* a folder */
	"",
	"example.org\n",
};

START_TEST(each_damage)
{
	int found = -1;

	home_file(FILE_NAME, no_databases[_i]);
	if (map_open(&map, FILE_NAME) == OK)
		ck_assert_int_eq(map_has(&map, "a", 1, &found), TEMPFAIL);
	ck_assert_int_eq(found, -1);
}
END_TEST

/* Cut short anywhere, it may lack nothing that was in it. */
START_TEST(cut_short)
{
	struct stat facts;
	off_t size;
	int found;

	cdb_make(FILE_NAME, keys, sizeof keys / sizeof keys[0]);
	ck_assert_int_eq(stat(FILE_NAME, &facts), 0);
	for (size = facts.st_size - 1; size >= 0; size--) {
		ck_assert_int_eq(truncate(FILE_NAME, size), 0);
		ck_assert_int_eq(map_open(&map, FILE_NAME), OK);
		found = 1;
		if (map_has(&map, "example.org", 11, &found) == OK)
			ck_assert_msg(found == 1, "lost at %ld", (long)size);
		map_close(&map);
	}
}
END_TEST

SUITE("map",
    { each_key, ROWS(rows), home_make, end },
    { link_to_nothing, 1, home_make, end },
    { absent_is_empty, 1, home_make, end },
    { each_damage, ROWS(no_databases), home_make, end },
    { cut_short, 1, home_make, end })
