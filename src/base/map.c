/* map - key look-ups in a .cdb; the one door to libowfat's cdb_* */
#include "base/map.h"

#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TABLES		256	/* of hash values; each has its place and */
#define HEADER		2048u	/* its number of slots in the header */
#define PAIR		8	/* octets of two numbers */
#define SLOTS		512	/* that are read at once */

enum status
map_open(struct map *map, const char *path)
{
	struct cdb *cdb;

	map->data = NULL;
	map->file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (map->file == -1) {
		struct stat facts;

		/* A link that leads nowhere is not absent. */
		return errno == ENOENT && lstat(path, &facts) == -1 ?
		    OK : TEMPFAIL;
	}
	cdb = calloc(1, sizeof *cdb);
	if (cdb == NULL) {
		close(map->file);
		map->file = -1;
		return TEMPFAIL;
	}
	cdb_init(cdb, map->file);
	map->data = cdb;
	return OK;
}

void
map_close(struct map *map)
{
	if (map->data == NULL)
		return;
	cdb_free(map->data);
	free(map->data);
	close(map->file);
	map->data = NULL;
}

enum status
map_has(struct map *map, const char *key, size_t len, int *found)
{
	int result = 0;

	if (map->data != NULL)
		result = cdb_find(map->data, (const unsigned char *)key, len);
	if (result == -1)
		return TEMPFAIL;
	*found = result;
	return OK;
}

enum status
map_find(struct map *map, const char *key, size_t len, stralloc *value,
    int *found)
{
	struct cdb *cdb = map->data;
	size_t size;
	int has;

	value->len = 0;
	if (map_has(map, key, len, &has) != OK)
		return TEMPFAIL;
	if (has) {
		size = cdb_datalen(cdb);
		if (size > MAP_VALUE || !stralloc_ready(value, size + 1) ||
		    cdb_read(cdb, (unsigned char *)value->s, size,
		    cdb_datapos(cdb)) == -1)
			return TEMPFAIL;
		value->len = size;
	}
	*found = has;
	return OK;
}

static uint32_t
number(const unsigned char *octets)
{
	return (uint32_t)octets[0] | (uint32_t)octets[1] << 8 |
	    (uint32_t)octets[2] << 16 | (uint32_t)octets[3] << 24;
}

static enum status
read_at(int file, uint64_t at, unsigned char *octets, size_t wanted)
{
	ssize_t len = pread(file, octets, wanted, (off_t)at);

	if (len == -1)
		return TEMPFAIL;
	return (size_t)len == wanted ? OK : PERMFAIL;
}

/* A slot of table `table`; its record lies before `end`. */
static enum status
check_slot(int file, const unsigned char *slot, unsigned table, uint64_t end,
    size_t *records)
{
	unsigned char lengths[PAIR];
	uint64_t at = number(slot + 4);
	enum status status;

	if (at == 0)
		return OK;
	++*records;
	if (number(slot) % TABLES != table || at < HEADER || at + PAIR > end)
		return PERMFAIL;
	status = read_at(file, at, lengths, sizeof lengths);
	if (status == OK && at + PAIR + number(lengths) +
	    number(lengths + 4) > end)
		status = PERMFAIL;
	return status;
}

static enum status
check_table(int file, unsigned table, const unsigned char *place,
    uint64_t end, size_t *records)
{
	unsigned char slots[SLOTS * PAIR];
	uint64_t at = number(place), left = number(place + 4);
	enum status status = OK;
	size_t i, count;

	for (; left > 0 && status == OK; left -= count) {
		count = left < SLOTS ? (size_t)left : SLOTS;
		status = read_at(file, at, slots, count * PAIR);
		for (i = 0; i < count && status == OK; i++)
			status = check_slot(file, slots + i * PAIR, table, end,
			    records);
		at += count * PAIR;
	}
	return status;
}

enum status
map_check(const struct map *map, size_t *records)
{
	unsigned char header[HEADER];
	uint64_t end = UINT64_MAX;
	enum status status;
	unsigned i;

	*records = 0;
	if (map->data == NULL)
		return OK;
	status = read_at(map->file, 0, header, sizeof header);
	/* The tables stand behind the records. */
	for (i = 0; status == OK && i < TABLES; i++) {
		uint64_t at = number(header + i * PAIR);

		if (number(header + i * PAIR + 4) > 0 && at < end)
			end = at;
	}
	for (i = 0; status == OK && i < TABLES; i++)
		status = check_table(map->file, i, header + i * PAIR, end,
		    records);
	return status;
}
