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

static const struct {
	const char *key;
	size_t len;
	const char *value;
	size_t value_len;
} values[] = {
	{ TEXT("!joe\0"),	TEXT("joe\0" "1\0" "2\0/home/joe\0\0") },
	{ TEXT(""),		TEXT("-") },
	{ TEXT("empty"),	TEXT("") },
};

START_TEST(each_value)
{
	const struct cdb_record records[] = {
		{ values[_i].key, values[_i].len, values[_i].value,
		    values[_i].value_len },
		{ TEXT("other"), TEXT("no") },
	};
	stralloc value = { 0 };
	int found = -1;

	cdb_write(FILE_NAME, records, 2);
	ck_assert_int_eq(map_open(&map, FILE_NAME), OK);
	ck_assert_int_eq(map_find(&map, values[_i].key, values[_i].len,
	    &value, &found), OK);
	ck_assert_int_eq(found, 1);
	assert_octets(value.s, value.len, values[_i].value,
	    values[_i].value_len);
	ck_assert_int_eq(map_find(&map, "absent", 6, &value, &found), OK);
	ck_assert_int_eq(found, 0);
	ck_assert_uint_eq(value.len, 0);
	stralloc_free(&value);
}
END_TEST

/* The longest value, and one octet more. */
static const struct {
	size_t len;
	enum status status;
} sizes[] = { { MAP_VALUE, OK }, { MAP_VALUE + 1, TEMPFAIL } };

START_TEST(each_size)
{
	static char text[MAP_VALUE + 1];
	const struct cdb_record record = { TEXT("a"), text, sizes[_i].len };
	stralloc value = { 0 };
	int found = -1;

	cdb_write(FILE_NAME, &record, 1);
	ck_assert_int_eq(map_open(&map, FILE_NAME), OK);
	ck_assert_int_eq(map_find(&map, "a", 1, &value, &found),
	    sizes[_i].status);
	ck_assert_int_eq(found, sizes[_i].status == OK ? 1 : -1);
	stralloc_free(&value);
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

START_TEST(check_good)
{
	size_t records = 9;

	ck_assert_int_eq(map_open(&map, FILE_NAME), OK);
	ck_assert_int_eq(map_check(&map, &records), OK);
	ck_assert_uint_eq(records, 0);
	cdb_make(FILE_NAME, keys, 0);
	ck_assert_int_eq(map_open(&map, FILE_NAME), OK);
	ck_assert_int_eq(map_check(&map, &records), OK);
	ck_assert_uint_eq(records, 0);
	map_close(&map);
	cdb_make(FILE_NAME, keys, sizeof keys / sizeof keys[0]);
	ck_assert_int_eq(map_open(&map, FILE_NAME), OK);
	ck_assert_int_eq(map_check(&map, &records), OK);
	ck_assert_uint_eq(records, sizeof keys / sizeof keys[0]);
}
END_TEST

/* Whatever it lacks, and whichever number of it is another. */
START_TEST(check_damaged)
{
	static char text[1 << 14], other[1 << 14];
	size_t len, i, records;

	cdb_make(FILE_NAME, keys, sizeof keys / sizeof keys[0]);
	len = home_read(FILE_NAME, text, sizeof text);
	for (i = 0; i < len; i++) {
		home_octets(FILE_NAME, text, i);
		ck_assert_int_eq(map_open(&map, FILE_NAME), OK);
		ck_assert_int_eq(map_check(&map, &records), PERMFAIL);
		map_close(&map);
	}
	for (i = 0; i + 4 <= len; i += 4) {
		memcpy(other, text, len);
		memset(other + i, 0xff, 4);
		home_octets(FILE_NAME, other, len);
		ck_assert_int_eq(map_open(&map, FILE_NAME), OK);
		/* What no record needs may be anything. */
		if (map_check(&map, &records) == OK)
			ck_assert_uint_ge(records,
			    sizeof keys / sizeof keys[0]);
		map_close(&map);
	}
}
END_TEST

SUITE("map",
    { check_good, 1, home_make, end },
    { check_damaged, 1, home_make, end },
    { each_key, ROWS(rows), home_make, end },
    { each_value, ROWS(values), home_make, end },
    { each_size, ROWS(sizes), home_make, end },
    { link_to_nothing, 1, home_make, end },
    { absent_is_empty, 1, home_make, end },
    { each_damage, ROWS(no_databases), home_make, end },
    { cut_short, 1, home_make, end })
