#ifndef SESSION_EDIT_H
#define SESSION_EDIT_H

#include <stddef.h>
#include <stdint.h>
#include <stralloc.h>
#include <sys/uio.h>

#include "base/status.h"
#include "mail/header.h"

/*
 * What filters and the server change in a message: header fields to put on
 * top and fields to remove.  Zeroed memory is no change.
 */
struct edits {
	stralloc top;		/* whole fields, each line ended by LF */
	stralloc removed;	/* field names, each ended by NUL */
};

/* Put a field on top, below those already there.  TEMPFAIL: out of memory. */
enum status edits_add(struct edits *, const char *field, size_t len);

/* Remove each field of this name. */
enum status edits_remove(struct edits *, const char *name);
void edits_free(struct edits *);

/*
 * The writer: takes a message in blocks, in order, and says what is to be
 * written.  On the way it counts what the filters judge.
 */
struct edit {
	const struct edits *edits;
	struct header header;
	int begun;		/* what goes on top was handed out */
	int removing;		/* within a field that goes */
	unsigned hops;		/* Received and Delivered-To fields */
	uint64_t size;		/* octets of the message as it came */
	/* The begin of a field whose name was cut off, now and before. */
	size_t held;
	unsigned hold;
	char holds[2][FIELD_NAME];
};

#define EDIT_PARTS	3

void edit_start(struct edit *, const struct edits *);

/*
 * Take the next block and change it in place.  `parts` get what is to be
 * written now, in this order, some of them empty; they lie in the block, in
 * the edits and in `edit` itself, until the next call.
 */
void edit_take(struct edit *, char *text, size_t len,
    struct iovec parts[EDIT_PARTS]);

#endif
