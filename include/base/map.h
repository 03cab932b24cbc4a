#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>
#include <stralloc.h>

#include "base/status.h"

/*
 * Key look-ups in a constant database (cdb): made by `cdb -c` of tinycdb or
 * by qmail's own tools, read by libowfat.  A file that is damaged is TEMPFAIL.
 */
struct map {
	void *data;		/* libowfat's struct cdb, or NULL: absent */
	int file;
};

/* Open; an absent file is an empty map.  map_close() it. */
enum status map_open(struct map *, const char *path);
void map_close(struct map *);

/* Whether the key is there, octet by octet. */
enum status map_has(struct map *, const char *key, size_t len, int *found);

#define MAP_VALUE	(64u << 10)	/* longest value that is read */

/*
 * The same, and the value of its first record, which is empty when the key is
 * not there.  A longer value is damage.  The caller frees `value`.
 */
enum status map_find(struct map *, const char *key, size_t len,
    stralloc *value, int *found);

/*
 * Walk the whole of it, and count its records.  PERMFAIL: it is damaged;
 * TEMPFAIL: it cannot be read, errno tells why.
 */
enum status map_check(const struct map *, size_t *records);

#endif
