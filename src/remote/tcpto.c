/* tcpto - addresses that timed out of late */
#include "remote/tcpto.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define RECORDS		64
#define MOST_COUNT	10
#define DEAD_COUNT	2	/* time-outs that make an address dead */
#define COUNT_EVERY_S	120	/* one time-out counts in so many seconds */

/* Where the parts of a record lie: the address is at 0. */
struct layout {
	const char *path;
	size_t size, address, count, when;
};

static const struct layout ipv4 = { "queue/lock/tcpto", 16, 4, 4, 8 };
static const struct layout ipv6 = { "queue/lock/tcpto6", 32, 16, 16, 24 };

#define TABLE	(RECORDS * 32)

static const struct layout *
layout_of(const struct address *address)
{
	return address->family == 6 ? &ipv6 : &ipv4;
}

/* Open and lock the table and read it; -1: there is none that can be used. */
static int
open_table(const struct layout *layout, int flags, unsigned char table[TABLE])
{
	int file = open(layout->path, flags | O_NONBLOCK | O_CLOEXEC);
	size_t wanted = RECORDS * layout->size;

	if (file == -1)
		return -1;
	memset(table, 0, TABLE);
	if (flock(file, LOCK_EX) == 0 &&
	    pread(file, table, wanted, 0) == (ssize_t)wanted)
		return file;
	close(file);
	return -1;
}

static int64_t
get_when(const struct layout *layout, const unsigned char *record)
{
	const unsigned char *octets = record + layout->when;

	return (int64_t)octets[0] | (int64_t)octets[1] << 8 |
	    (int64_t)octets[2] << 16 | (int64_t)octets[3] << 24;
}

/* A record of the future, by a clock that was wrong, is not young. */
static int
is_younger(const struct layout *layout, const unsigned char *record,
    int64_t now_s, int64_t seconds)
{
	int64_t age_s = now_s - get_when(layout, record);

	return age_s >= 0 && age_s < seconds;
}

static void
put_when(const struct layout *layout, unsigned char *record, int64_t now_s)
{
	int i;

	for (i = 0; i < 4; i++)
		record[layout->when + (size_t)i] =
		    (unsigned char)(now_s >> (8 * i));
}

/* The record of the address; NULL: it has none. */
static unsigned char *
find(const struct layout *layout, unsigned char *table,
    const struct address *address)
{
	size_t i;

	for (i = 0; i < RECORDS; i++) {
		unsigned char *record = table + i * layout->size;

		/* One that answered since keeps its record, as in qmail. */
		if (memcmp(record, address->octets, layout->address) == 0)
			return record;
	}
	return NULL;
}

/* The record that can best be spared: a free one, else the oldest. */
static unsigned char *
find_place(const struct layout *layout, unsigned char *table)
{
	unsigned char *best = table;
	size_t i;

	for (i = 0; i < RECORDS; i++) {
		unsigned char *record = table + i * layout->size;

		if (record[layout->count] == 0)
			return record;
		if (get_when(layout, record) < get_when(layout, best))
			best = record;
	}
	return best;
}

int
tcpto_is_dead(const struct address *address, int64_t now_s)
{
	const struct layout *layout = layout_of(address);
	/* As in qmail: not all processes try again at the same time. */
	int64_t rest_s = (60 + (getpid() & 31)) * 64;
	unsigned char table[TABLE];
	const unsigned char *record;
	int file = open_table(layout, O_RDONLY, table);
	int dead;

	if (file == -1)
		return 0;
	close(file);
	record = find(layout, table, address);
	dead = record != NULL && record[layout->count] >= DEAD_COUNT &&
	    is_younger(layout, record, now_s, rest_s);
	return dead;
}

/* Returns whether the record has changed. */
static int
count(const struct layout *layout, unsigned char *record,
    const struct address *address, int64_t now_s)
{
	int is_same = memcmp(record, address->octets, layout->address) == 0;

	if (record[layout->count] > 0 && is_same &&
	    is_younger(layout, record, now_s, COUNT_EVERY_S))
		return 0;
	if (!is_same) {
		memset(record, 0, layout->size);
		memcpy(record, address->octets, layout->address);
	}
	if (record[layout->count] < MOST_COUNT)
		record[layout->count]++;
	put_when(layout, record, now_s);
	return 1;
}

void
tcpto_note(const struct address *address, int timed_out, int64_t now_s)
{
	const struct layout *layout = layout_of(address);
	unsigned char table[TABLE];
	unsigned char *record;
	int file = open_table(layout, O_RDWR, table), changed;
	ssize_t written = 0;

	if (file == -1)
		return;
	record = find(layout, table, address);
	changed = record != NULL;
	if (timed_out) {
		if (record == NULL)
			record = find_place(layout, table);
		changed = count(layout, record, address, now_s);
	} else if (changed)
		record[layout->count] = 0;
	if (changed)
		written = pwrite(file, record, layout->size, record - table);
	/* A table that cannot be written costs a try, no mail. */
	(void)written;
	close(file);
}
