#ifndef MAIL_HEADER_H
#define MAIL_HEADER_H

#include <stddef.h>

/*
 * The header section of a message (RFC 5322 2.2) as it streams by, in blocks
 * of any size.  Lines end with LF.
 */

#define FIELD_NAME	64	/* a longer name is remembered as "" */

enum header_place {
	HEADER_LINE,		/* at the first octet of a line */
	HEADER_NAME,		/* within a field name */
	HEADER_FIELD,		/* within a field, behind its name */
	HEADER_BODY		/* the header section is over */
};

struct header {
	enum header_place place;
	size_t name_len;
	char name[FIELD_NAME];	/* the field name, as it came */
};

/* A stretch of a block that belongs to one field, or to the body. */
struct header_piece {
	size_t len;
	int begins;		/* a field begins here or is not named yet */
	int named;		/* its name is complete in struct header */
};

/* At the first octet of a message. */
void header_start(struct header *);

/*
 * The next piece of a block: never more than one line of the header section,
 * or all of the block once the body has begun.  Where a name is cut off by
 * the end of the block the piece is not `named`, and the next begins with the
 * rest of that name.
 */
void header_next(struct header *, const char *text, size_t len,
    struct header_piece *);

/*
 * Take the first field of `text`, which holds whole fields: `body` and
 * `body_len` get what follows its colon, folded as it came, without the last
 * LF; NULL where there is no colon.  Returns the length of the field, 0 at the
 * end of `text`.
 */
size_t header_field(const char *text, size_t len, const char **body,
    size_t *body_len);

/* Whether the field that was named last has this name, but for case. */
int header_is(const struct header *, const char *name);

#endif
