#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* What libowfat's counted strings lack.  Lengths are octets, case is ASCII. */

/* Whether both are the same but for case. */
int text_is(const char *text, size_t len, const char *word);

/* Whether `text` begins with `word`, but for case. */
int text_begins(const char *text, size_t len, const char *word);

/* The length without trailing blanks (space, tab). */
size_t text_trimmed(const char *text, size_t len);

/*
 * The length without a comment, from `#` unless `\#`, as Qsmtp's files have
 * it, and without blanks before that.
 */
size_t text_without_comment(const char *line, size_t len);

/* How many blanks (space, tab) `text` begins with. */
size_t text_blanks(const char *text, size_t len);

/*
 * Read the decimal digits that `text` begins with into `number`; a value
 * that does not fit is UINT64_MAX.  Returns the number of digits; 0 leaves
 * `number` alone.
 */
size_t text_number(const char *text, size_t len, uint64_t *number);

/*
 * Write a number in decimal, with a NUL; returns its length.  (libowfat's
 * fmt_ulong() is declared to write nothing, and compilers believe that.)
 */
#define TEXT_NUMBER	21
size_t text_print_number(char out[TEXT_NUMBER], uint64_t number);

/* Replace what is not printable ASCII by `?`. */
void text_make_printable(char *text, size_t len);

/* Replace control characters but LF by `?`; octets of 8 bits stay. */
void text_mask_controls(char *text, size_t len);

#endif
