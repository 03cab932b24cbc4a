#ifndef SESSION_SPOOL_H
#define SESSION_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/*
 * The message of a mail that is judged as a whole before the queue sees it:
 * in memory while it is short, then in a file that has no name, and that the
 * system therefore removes whatever happens to us.
 */
struct spool {
	const char *folder;	/* where the file is made; or, if that is */
	const char *temporary;	/* absent or may not be written, here */
	int folder_error;	/* the errno why it is not the first; 0: none */
	char *memory;		/* SPOOL_MEMORY octets, or NULL */
	int file;		/* or -1 */
	uint64_t size;		/* octets of the message */
	int is_broken;		/* not every octet was written */
	int error;		/* the errno why */
};

#define SPOOL_MEMORY	(256u << 10)	/* most octets kept in memory */
#define SPOOL_BLOCK	16384		/* octets to read at a time */

/* An empty one; both folders must outlive it.  spool_free() it. */
void spool_start(struct spool *, const char *folder, const char *temporary);
void spool_free(struct spool *);

/*
 * Append to the message.  TEMPFAIL: the disk is full or broken, or memory is
 * gone; the spool is broken from then on.
 */
enum status spool_write(struct spool *, const char *text, size_t len);

/*
 * Read from octet `at` on: as much as there is, up to `size`; `len` gets how
 * many, 0 at the end.  TEMPFAIL: they cannot be read.
 */
enum status spool_read(const struct spool *, uint64_t at, char *text,
    size_t size, size_t *len);

#endif
