#include "remote/tcpto.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../home.h"
#include "../suite.h"

/*
 * The table byte by byte, as qmail-remote, qmail-tcpto and qmail-tcpok have it:
 * records of 16 octets: address 4, count 1, 3 of nothing, time 4 with the low
 * octet first, 4 of nothing.
 */

#define TABLE	"queue/lock/tcpto"
#define TABLE6	"queue/lock/tcpto6"
#define RECORDS	64
#define NOW	((int64_t)0x65432110)
/* Longest time an address rests, (60 + 31) * 64, and the shortest. */
#define REST_MOST	5824
#define REST_LEAST	3840

static const char zeros[RECORDS * 32];

static void
begin(void)
{
	home_make();
	ck_assert_int_eq(mkdir("queue", 0755), 0);
	ck_assert_int_eq(mkdir("queue/lock", 0755), 0);
	home_octets(TABLE, zeros, RECORDS * 16);
	home_octets(TABLE6, zeros, RECORDS * 32);
}

static struct address
address_of(const char *text)
{
	struct address address;

	ck_assert_int_eq(address_parse(text, strlen(text), &address), OK);
	return address;
}

static void
put_record(unsigned char *record, const char *address, unsigned count,
    int64_t when)
{
	struct address value = address_of(address);
	int i;

	memset(record, 0, 16);
	memcpy(record, value.octets, 4);
	record[4] = (unsigned char)count;
	for (i = 0; i < 4; i++)
		record[8 + i] = (unsigned char)(when >> (8 * i));
}

static void
write_table(const unsigned char *table)
{
	home_octets(TABLE, (const char *)table, RECORDS * 16);
}

static void
read_table(unsigned char *table)
{
	char text[RECORDS * 16 + 1];

	ck_assert_uint_eq(home_read(TABLE, text, sizeof text), RECORDS * 16);
	memcpy(table, text, RECORDS * 16);
}

/* An address, before and after a note; count 0 with time 0: no record. */
static const struct {
	unsigned count;
	int64_t when;		/* before NOW */
	int timed_out;
	unsigned count_after;
	int64_t when_after;
} notes[] = {
	{ 0,	0,	1,	1,	0 },
	{ 0,	0,	0,	0,	0 },
	/* One time-out counts in two minutes. */
	{ 1,	1,	1,	1,	1 },
	{ 1,	119,	1,	1,	119 },
	{ 1,	120,	1,	2,	0 },
	{ 2,	121,	1,	3,	0 },
	{ 2,	100000,	1,	3,	0 },
	{ 9,	120,	1,	10,	0 },
	{ 10,	120,	1,	10,	0 },
	/* Who answers begins anew; the time stays as it was. */
	{ 1,	5,	0,	0,	5 },
	{ 10,	5,	0,	0,	5 },
	/* A record that answered meanwhile is used again. */
	{ 0,	5,	1,	1,	0 },
	{ 0,	5,	0,	0,	5 },
};

START_TEST(each_note)
{
	unsigned char before[RECORDS * 16] = { 0 }, after[RECORDS * 16];
	struct address address = address_of("192.0.2.77");

	if (notes[_i].count > 0 || notes[_i].when > 0)
		put_record(before, "192.0.2.77", notes[_i].count,
		    NOW - notes[_i].when);
	write_table(before);
	tcpto_note(&address, notes[_i].timed_out, NOW);
	if (notes[_i].count_after > 0 || notes[_i].when_after > 0)
		put_record(before, "192.0.2.77", notes[_i].count_after,
		    NOW - notes[_i].when_after);
	read_table(after);
	assert_octets((char *)after, sizeof after, (char *)before,
	    sizeof before);
}
END_TEST

/* The first time-out of all, octet by octet. */
START_TEST(record_is_qmails)
{
	static const unsigned char wanted[16] = {
		192, 0, 2, 77, 1, 0, 0, 0, 0x10, 0x21, 0x43, 0x65
	};
	unsigned char table[RECORDS * 16];
	struct address address = address_of("192.0.2.77");

	tcpto_note(&address, 1, NOW);
	read_table(table);
	ck_assert_mem_eq(table, wanted, sizeof wanted);
	ck_assert_mem_eq(table + 16, zeros, sizeof table - 16);
}
END_TEST

/* Where a new address goes: a free record, else the oldest. */
static const struct {
	size_t free, oldest, place;	/* RECORDS: none */
} places[] = {
	{ 0,		RECORDS,	0 },
	{ 5,		3,		5 },
	{ 63,		0,		63 },
	{ RECORDS,	0,		0 },
	{ RECORDS,	17,		17 },
	{ RECORDS,	63,		63 },
	{ RECORDS,	RECORDS,	0 },
};

START_TEST(each_place)
{
	unsigned char before[RECORDS * 16], after[RECORDS * 16];
	struct address address = address_of("192.0.2.77");
	size_t i;

	for (i = 0; i < RECORDS; i++) {
		char text[] = "198.51.100.00";

		text[11] = (char)('0' + i / 10);
		text[12] = (char)('0' + i % 10);
		if (text[11] == '0') {
			text[11] = text[12];
			text[12] = '\0';
		}
		put_record(before + 16 * i, text, i == places[_i].free ? 0 : 1,
		    NOW - (i == places[_i].oldest ? 1000 : 500));
	}
	write_table(before);
	tcpto_note(&address, 1, NOW);
	put_record(before + 16 * places[_i].place, "192.0.2.77", 1, NOW);
	read_table(after);
	assert_octets((char *)after, sizeof after, (char *)before,
	    sizeof before);
}
END_TEST

/* Each record is found, and only that one is changed. */
START_TEST(each_record)
{
	unsigned char before[RECORDS * 16] = { 0 }, after[RECORDS * 16];
	struct address address = address_of("192.0.2.77");

	put_record(before + 16 * _i, "192.0.2.77", 4, NOW - 1000);
	write_table(before);
	ck_assert_int_eq(tcpto_is_dead(&address, NOW), 1);
	tcpto_note(&address, 1, NOW);
	put_record(before + 16 * _i, "192.0.2.77", 5, NOW);
	read_table(after);
	assert_octets((char *)after, sizeof after, (char *)before,
	    sizeof before);
}
END_TEST

/* `age` of the record; the rest depends on the process. */
static const struct {
	unsigned count;
	int64_t age;
	int is_dead;
} ages[] = {
	{ 0,	10,		0 },
	{ 1,	10,		0 },
	{ 2,	0,		1 },
	{ 2,	10,		1 },
	{ 10,	REST_LEAST - 1,	1 },
	{ 2,	REST_MOST,	0 },
	{ 10,	REST_MOST,	0 },
	{ 10,	1000000,	0 },
	/* A clock that was ahead must not stop mail for years. */
	{ 2,	-100000000,	0 },
	{ 10,	-REST_MOST,	0 },
};

START_TEST(each_age)
{
	unsigned char table[RECORDS * 16] = { 0 };
	struct address address = address_of("192.0.2.77");
	struct address other = address_of("192.0.2.78");

	put_record(table + 16, "192.0.2.77", ages[_i].count,
	    NOW - ages[_i].age);
	write_table(table);
	ck_assert_int_eq(tcpto_is_dead(&address, NOW), ages[_i].is_dead);
	ck_assert_int_eq(tcpto_is_dead(&other, NOW), 0);
}
END_TEST

/* The rest is (60 + the low 5 bits of the process's number) * 64 seconds. */
START_TEST(rest_of_process)
{
	unsigned char table[RECORDS * 16] = { 0 };
	struct address address = address_of("192.0.2.77");
	int64_t rest = (60 + (getpid() & 31)) * 64;

	put_record(table, "192.0.2.77", 2, NOW - rest);
	write_table(table);
	ck_assert_int_eq(tcpto_is_dead(&address, NOW - 1), 1);
	ck_assert_int_eq(tcpto_is_dead(&address, NOW), 0);
}
END_TEST

/* From time-out to time-out, and then an answer, for either family. */
static const char *const addresses[] = {
	"192.0.2.77", "0.0.0.1", "255.255.255.255", "2001:db8::77", "::1",
	"::ffff:192.0.2.77",
};

START_TEST(each_life)
{
	struct address address = address_of(addresses[_i]);

	ck_assert_int_eq(tcpto_is_dead(&address, NOW), 0);
	tcpto_note(&address, 1, NOW);
	ck_assert_int_eq(tcpto_is_dead(&address, NOW), 0);
	tcpto_note(&address, 1, NOW + 60);
	ck_assert_int_eq(tcpto_is_dead(&address, NOW + 60), 0);
	tcpto_note(&address, 1, NOW + 120);
	ck_assert_int_eq(tcpto_is_dead(&address, NOW + 120), 1);
	ck_assert_int_eq(tcpto_is_dead(&address, NOW + 121 + REST_MOST), 0);
	tcpto_note(&address, 0, NOW + 121);
	ck_assert_int_eq(tcpto_is_dead(&address, NOW + 121), 0);
}
END_TEST

/* IPv6 has a table of its own: qmail's must not be touched by it. */
START_TEST(families_are_apart)
{
	unsigned char table[RECORDS * 16];
	char text[RECORDS * 32 + 1];
	struct address six = address_of("2001:db8::77");
	struct address four = address_of("192.0.2.77");

	tcpto_note(&six, 1, NOW);
	read_table(table);
	ck_assert_mem_eq(table, zeros, sizeof table);
	ck_assert_uint_eq(home_read(TABLE6, text, sizeof text), RECORDS * 32);
	ck_assert_mem_eq(text, six.octets, 16);
	ck_assert_int_eq(text[16], 1);
	home_octets(TABLE6, zeros, RECORDS * 32);
	tcpto_note(&four, 1, NOW);
	home_read(TABLE6, text, sizeof text);
	ck_assert_mem_eq(text, zeros, RECORDS * 32);
}
END_TEST

/* A table that cannot be used has no entries and is left alone. */
static const struct {
	const char *text;	/* NULL: a folder */
	size_t len;
} odd[] = {
	{ "", 0 },
	{ zeros, 1 },
	{ zeros, 15 },
	{ zeros, RECORDS * 16 - 1 },
	{ NULL, 0 },
};

START_TEST(each_odd_table)
{
	struct address address = address_of("192.0.2.77");
	struct stat facts;

	ck_assert_int_eq(unlink(TABLE), 0);
	home_octets(TABLE, odd[_i].text, odd[_i].len);
	ck_assert_int_eq(tcpto_is_dead(&address, NOW), 0);
	tcpto_note(&address, 1, NOW);
	tcpto_note(&address, 0, NOW);
	ck_assert_int_eq(stat(TABLE, &facts), 0);
	if (odd[_i].text != NULL)
		ck_assert_int_eq(facts.st_size, (off_t)odd[_i].len);
}
END_TEST

/* No table is made where there is none: qmail-rspawn makes it. */
START_TEST(no_table)
{
	struct address address = address_of("192.0.2.77");

	ck_assert_int_eq(unlink(TABLE), 0);
	ck_assert_int_eq(tcpto_is_dead(&address, NOW), 0);
	tcpto_note(&address, 1, NOW);
	ck_assert_int_eq(access(TABLE, F_OK), -1);
}
END_TEST

SUITE("tcpto",
    { each_note, ROWS(notes), begin, home_remove },
    { record_is_qmails, 1, begin, home_remove },
    { each_place, ROWS(places), begin, home_remove },
    { each_record, RECORDS, begin, home_remove },
    { each_age, ROWS(ages), begin, home_remove },
    { rest_of_process, 1, begin, home_remove },
    { each_life, ROWS(addresses), begin, home_remove },
    { families_are_apart, 1, begin, home_remove },
    { each_odd_table, ROWS(odd), begin, home_remove },
    { no_table, 1, begin, home_remove })
