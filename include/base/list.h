#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stddef.h>
#include <stralloc.h>

#include "base/control.h"
#include "base/status.h"

struct list_index;

/*
 * The lines of a control file as a set.  Trailing blanks, empty lines and
 * lines that begin with `#` are dropped; leading blanks and CR are kept and
 * match nothing, as in stock qmail.  Case never counts.  A list that
 * `has_comments` ends each line at a blank with a `#` behind it, as Qsmtp's
 * do; in stock qmail such a line matches nothing.
 */
struct list {
	stralloc lines;		/* lower case, each between two line feeds */
	int found;		/* whether the file is there */
	int is_read;
	struct list_index *index;	/* of a longer one; NULL: none */
	int has_comments;	/* to be set before it is read: see above */
};

/*
 * Read the file, unless that was done.  TEMPFAIL: unreadable or out of memory,
 * see base/control.h.
 */
enum status list_read(struct control *, const char *name, struct list *);
void list_free(struct list *);

/*
 * The length of a line without its comment, as a list that has_comments reads
 * it: a mailbox may have a `#` in it, so that is one only behind a blank.
 */
size_t list_without_comment(const char *line, size_t len);

/* Whether a line is just this. */
int list_has(const struct list *, const char *text, size_t len);

/*
 * Whether a line is this domain, or a suffix of it that begins with a dot:
 * `.example.org` has mail.example.org and not example.org.
 */
int list_has_domain(const struct list *, const char *domain, size_t len);

/*
 * Whether a line is this mailbox, or its domain after an `@` (stock qmail's
 * lines), or has no `@` and is its domain or a parent domain of it, or begins
 * with a dot and is a proper suffix of its domain (Qsmtp's lines).  `line`
 * gets the part of the mailbox that is a line; NULL: not wanted.
 */
int list_has_mailbox(const struct list *, const char *mailbox, size_t len,
    stralloc *line);

#endif
