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
 * top, fields to remove, and fields that are put at the end of the header
 * section where the message has none of that name.  Zeroed memory is no
 * change.
 */
struct edits {
	stralloc top;		/* whole fields, each line ended by LF */
	stralloc removed;	/* field names, each ended by NUL */
	stralloc completing;	/* a name, NUL, its whole field, NUL; and on */
	const char *captured;	/* the name whose fields are kept, or NULL */
};

#define EDIT_COMPLETIONS	4	/* most fields that may complete it */

/* Put a field on top, below those already there.  TEMPFAIL: out of memory. */
enum status edits_add(struct edits *, const char *field, size_t len);

/* Remove each field of this name. */
enum status edits_remove(struct edits *, const char *name);

/*
 * Put `field`, whole and without NUL, at the end of the header section unless
 * a field of this name is there.  One that edits_remove() takes away is not.
 * Those that are missing come in the order of the calls.  TEMPFAIL: out of
 * memory; PERMFAIL: they would be more than EDIT_COMPLETIONS.
 */
enum status edits_complete(struct edits *, const char *name, const char *field,
    size_t len);

/*
 * Keep the text of each field of this name, one name only.  The name must
 * outlive the edits and is not copied.
 */
void edits_capture(struct edits *, const char *name);
void edits_free(struct edits *);

/* Where a field that is to be kept has its next octet. */
enum edit_capture {
	CAPTURE_NOT,		/* in none of them */
	CAPTURE_NAME,		/* before its colon */
	CAPTURE_BLANK,		/* before its colon, after a blank */
	CAPTURE_BODY
};

#define EDIT_CAPTURED	8192	/* most octets that are kept of all of them */

/*
 * The writer: takes a message in blocks, in order, and says what is to be
 * written.  On the way it counts what the filters judge.
 *
 * The header section ends at the first empty line, whatever comes before it:
 * a line that is no field belongs to it, as mail/header.h has it, and so does
 * all of a message without an empty line.  So what completes the header
 * section stands behind such lines, never within a field or in what every
 * reader takes for the body.
 */
struct edit {
	const struct edits *edits;
	struct header header;
	int begun;		/* what goes on top was handed out */
	int removing;		/* within a field that goes */
	int completed;		/* the header section is over */
	unsigned present;	/* bit i: completion i is not needed, */
	unsigned pending;	/* or will not be once there is a colon */
	unsigned hops;		/* Received and Delivered-To fields */
	uint64_t size;		/* octets of the message as it came */
	/*
	 * The fields that edits_capture() asked for and that stay, as
	 * `NAME:`, what follows the colon, LF; header_field() reads them.
	 * What has no colon is none: "From joe Thu Jan 1" of a mailbox file.
	 */
	stralloc captured;
	unsigned captures;	/* how many */
	int capture_cut;	/* not all of them: judge nothing by the text */
	enum edit_capture capturing;
	/* The begin of a field whose name was cut off, now and before. */
	size_t held;
	unsigned hold;
	char holds[2][FIELD_NAME];
};

/* Top, what was held, text; what completes the header section; text. */
#define EDIT_PARTS	(3 + EDIT_COMPLETIONS + 1)

/*
 * The edits must outlive the writer.  TEMPFAIL: no memory for what is to be
 * captured; without that none is taken.  edit_free() it.
 */
enum status edit_start(struct edit *, const struct edits *);

/*
 * Take the next block and change it in place.  `parts` get what is to be
 * written now, in this order, some of them empty; they lie in the block, in
 * the edits and in `edit` itself, until the next call.
 */
void edit_take(struct edit *, char *text, size_t len,
    struct iovec parts[EDIT_PARTS]);

/*
 * The message is over, with the LF of its last line: `parts` get what is
 * still to be written.
 */
void edit_end(struct edit *, struct iovec parts[EDIT_PARTS]);
void edit_free(struct edit *);

#endif
