/* map - key look-ups in a .cdb; the one door to libowfat's cdb_* */
#include "base/map.h"

#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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
