#ifndef BASE_CONTROL_H
#define BASE_CONTROL_H

#include <stddef.h>
#include <stdint.h>
#include <stralloc.h>
#include <sys/types.h>

#include "base/status.h"

/*
 * The files of control/ below the current folder, by the reading rules of
 * stock qmail (control(5) of qmail).  One look at the folder tells which
 * exist; absent files then cost nothing.  Every function that reads gives
 * TEMPFAIL when a file is there and cannot be read, or memory is gone;
 * `failed` then names the file and `error` is its errno.
 */
struct control {
	const char *folder;	/* NULL: "control" */
	stralloc names;		/* each name between two NULs; see listed */
	int listed;		/* 0: the folder cannot be listed; open each */
	uint64_t sums[4];	/* bit n: a name has the sum n; see control.c */
	char failed[320];	/* "FOLDER/NAME", "/PATH", "$NAME" or "" */
	int error;
	mode_t mode;		/* of the file that was read last */
};

#define CONTROL_SIZE	(16u << 20)	/* largest file that is read, octets */

/* Look at the folder.  TEMPFAIL: out of memory.  control_close() it. */
enum status control_open(struct control *);
void control_close(struct control *);

/*
 * The same for another folder of such files, of which all below is true as
 * well; absent, it has none.  The path must outlive `control`.
 */
enum status control_open_folder(struct control *, const char *path);

/* Whether control/NAME may exist (surely not when this is 0). */
int control_has(const struct control *, const char *name);

/*
 * Whether it does: the same, but where the folder cannot be listed each file is
 * looked for.
 */
int control_exists(const struct control *, const char *name);

/*
 * Read control/NAME whole into `text`; *found is 0 and `text` empty when it
 * is absent.  A name that begins with a slash is the path of a file of the
 * system.  The caller frees `text`.
 */
enum status control_read(struct control *, const char *name, stralloc *text,
    int *found);

/*
 * Open control/NAME for those who do not read it whole: -1 when it is absent.
 * The same names and errors as above.  The caller closes `file`.
 */
enum status control_open_file(struct control *, const char *name, int *file);

/*
 * The first line without trailing blanks; leading ones and CR are kept.  A
 * file that is there may hold an empty line.
 */
enum status control_line(struct control *, const char *name, stralloc *line,
    int *found);

/*
 * The decimal number that the first line begins with.  `number` is left
 * alone when the file is absent or begins with anything else.
 */
enum status control_number(struct control *, const char *name,
    uint64_t *number);

/*
 * Say that a file cannot be used, as `error`; returns TEMPFAIL.  A path that
 * begins with a slash and a variable, as "$NAME", are named as they are.
 */
enum status control_refuse(struct control *, const char *name, int error);

/* The same of a line or a record: `failed` is then "control/NAME line 3". */
enum status control_refuse_at(struct control *, const char *name,
    const char *unit, size_t number, int error);

/*
 * From now on control/NAME counts as absent: so whoever looks for all faults
 * goes on behind one.  In vain where the folder cannot be listed.
 */
void control_hide(struct control *, const char *name);

#endif
