#include "session/assign.h"

#include <errno.h>

#include "../suite.h"
#include "../users.h"

static const struct {
	const char *text;
	size_t len;
	const char *home, *dash, *ext;	/* NULL: it is no assignment */
} rows[] = {
	{ TEXT("a\0" "1\0" "2\0/h\0\0"),	"/h", "", "" },
	{ TEXT("a\0" "1\0" "2\0/h\0-\0"),	"/h", "-", "" },
	{ TEXT("a\0" "1\0" "2\0/h\0-\0e"),	"/h", "-", "e" },
	{ TEXT("a\0" "1\0" "2\0/h\0-\0e\0"),	"/h", "-", "e" },
	{ TEXT("a\0" "1\0" "2\0/h\0-\0e\0more"), "/h", "-", "e" },
	{ TEXT("\0\0\0/h\0\0"),			"/h", "", "" },
	{ TEXT("a\0" "1\0" "2\0h\0\0"),		NULL, NULL, NULL },
	{ TEXT("a\0" "1\0" "2\0\0\0"),		NULL, NULL, NULL },
	{ TEXT("a\0" "1\0" "2\0/h\0-"),		NULL, NULL, NULL },
	{ TEXT("a\0" "1\0" "2\0/h"),		NULL, NULL, NULL },
	{ TEXT("a:1:2:/h:-:"),			NULL, NULL, NULL },
	{ TEXT("\0"),				NULL, NULL, NULL },
	{ TEXT(""),				NULL, NULL, NULL },
};

START_TEST(each_value)
{
	struct assignment assignment = { .home = NULL };
	enum status wanted = rows[_i].home != NULL ? OK : PERMFAIL;

	ck_assert_int_eq(assign_parse(rows[_i].text, rows[_i].len,
	    &assignment), wanted);
	if (wanted != OK)
		return;
	ck_assert_str_eq(assignment.home, rows[_i].home);
	ck_assert_str_eq(assignment.dash, rows[_i].dash);
	assert_octets(assignment.ext, assignment.ext_len, rows[_i].ext,
	    strlen(rows[_i].ext));
}
END_TEST

/* As qmail-newu makes it of =joe, +joe-, +joe-list- and +. */
static const struct cdb_record records[] = {
	ASSIGN("!joe\0",	"one"),
	ASSIGN("!joe-",		"two"),
	ASSIGN("!joe-list-",	"three-"),
	ASSIGN("!",		"four"),
	/* No wildcard: none ends with that. */
	ASSIGN("!bob+",		"five"),
	ASSIGN("",		"-"),
};

static const struct {
	const char *local;
	const char *value;
	size_t len;
} locals[] = {
	{ "joe",		TEXT("one") },
	{ "joe-",		TEXT("two\0") },
	{ "joe-a",		TEXT("twoa\0") },
	{ "joe-list",		TEXT("twolist\0") },
	{ "joe-list-a-b",	TEXT("three-a-b\0") },
	{ "joey",		TEXT("fourjoey\0") },
	{ "bob+x",		TEXT("fourbob+x\0") },
	{ "",			TEXT("four\0") },
};

START_TEST(each_local)
{
	const char *local = locals[_i].local;
	stralloc value = { 0 };
	int found = -1;

	users_assign(records, ROWS(records));
	ck_assert_int_eq(control_open(&users_control), OK);
	ck_assert_int_eq(assign_find_local(&users, &users_control, local,
	    strlen(local), &value, &found), OK);
	ck_assert_int_eq(found, 1);
	assert_octets(value.s, value.len, locals[_i].value, locals[_i].len);
	stralloc_free(&value);
}
END_TEST

/* Without a file, and with one that has no such key. */
static const char *const others[] = { "bob", "joe", "joe+a", "", "!" };

START_TEST(each_other)
{
	const struct cdb_record few[] = {
		ASSIGN("!joe-", "two"), ASSIGN("", "-"),
	};
	stralloc value = { 0 };
	int found = -1;

	if (_i % 2 == 0)
		users_assign(few, ROWS(few));
	ck_assert_int_eq(control_open(&users_control), OK);
	ck_assert_int_eq(assign_find_local(&users, &users_control,
	    others[_i / 2], strlen(others[_i / 2]), &value, &found), OK);
	ck_assert_int_eq(found, 0);
	stralloc_free(&value);
}
END_TEST

static const char *const damaged[] = { NULL, "", "no database" };

START_TEST(each_damage)
{
	stralloc value = { 0 };
	int found = -1;

	home_file("users/cdb", damaged[_i]);
	ck_assert_int_eq(control_open(&users_control), OK);
	ck_assert_int_eq(assign_find(&users, &users_control, "!a", 2, &value,
	    &found), TEMPFAIL);
	ck_assert_str_eq(users_control.failed, "users/cdb");
	ck_assert_int_ne(users_control.error, 0);
	stralloc_free(&value);
}
END_TEST

SUITE("assign",
    { each_value, ROWS(rows), NULL, NULL },
    { each_local, ROWS(locals), users_make, users_end },
    { each_other, 2 * ROWS(others), users_make, users_end },
    { each_damage, ROWS(damaged), users_make, users_end })
