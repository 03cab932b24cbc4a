#ifndef REMOTE_LINES_H
#define REMOTE_LINES_H

#include <stddef.h>
#include <stralloc.h>

/*
 * Control files of lines that begin with a key, as smtproutes: of two lines
 * with one key the last counts, case does not.  Blanks at the end, empty
 * lines, and lines that begin with # are dropped.
 */

/* Where the key of a line ends, at its length at most; NULL: it has none. */
typedef const char *lines_key_end(const char *line, size_t len);

/* A line that counts; begin with { 0 }. */
struct line {
	size_t next;		/* where the next one begins */
	unsigned number;
	const char *text;
	size_t len;		/* without blanks at the end */
	const char *behind;	/* the end of its key; NULL: it has none */
	const char *value;	/* what stands behind that */
	size_t value_len;
};

/* Go on to the next line that counts; 0: there is none. */
int lines_next(const stralloc *file, lines_key_end *, struct line *);

/* The number of the line that this lies in. */
unsigned lines_number(const stralloc *file, const char *at);

/*
 * What stands behind the key and one octet more, and its length; NULL: no
 * line has this key.  It lies in the file.
 */
const char *lines_find(const stralloc *file, lines_key_end *,
    const char *key, size_t key_len, size_t *len);

/*
 * The same by a domain: its name, then each suffix of it that begins with a
 * dot, the longest first, then the empty key.
 */
const char *lines_find_domain(const stralloc *file, lines_key_end *,
    const char *domain, size_t *len);

#endif
