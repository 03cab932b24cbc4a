#ifndef SESSION_FOLDER_H
#define SESSION_FOLDER_H

#include <stralloc.h>

#include "base/address.h"
#include "base/control.h"
#include "base/list.h"
#include "base/status.h"

/*
 * One folder of settings: control/, that of a domain, or that of a user.
 * Each of its files is looked for and read once in a session.
 */

#define FOLDER_LISTS	32	/* lists that are kept of a folder, */
#define FOLDER_CLIENTS	4	/* and answers of its lists of addresses */
#define FOLDER_BROKEN	400	/* room for a file, a line, and a reason */

struct folder_list {
	const char *name;	/* constant; NULL: a free place */
	struct list list;
	int inherits;		/* a line is `!inherit` */
};

/* Whether a client is in such a list. */
struct folder_client {
	const char *name;	/* constant; NULL: a free place */
	struct address client;
	int listed;
};

struct folder {
	struct control *control;	/* its files, and what failed there */
	struct control own;		/* unless it is control/ */
	stralloc path;			/* with a NUL; empty for control/ */
	/* Of filterconf: KEY=VALUE or KEY, each between two line feeds. */
	stralloc settings;
	char broken[FOLDER_BROKEN];	/* why it cannot be followed, or "" */
	struct folder_list lists[FOLDER_LISTS];
	struct folder_client clients[FOLDER_CLIENTS];
	const char *text_name;		/* of the one text; NULL: none yet */
	stralloc text;
	int has_text;
	uint64_t used;			/* when it was wanted last */
	int keys_checked;		/* unknown ones were told of */
};

/*
 * Open control/, which is open already, or another folder by its path.  A
 * filterconf that makes no sense, or cannot be read, is named in `broken`, and
 * nothing of it is followed.  TEMPFAIL: out of memory, or control/filterconf
 * cannot be read, see control->failed.
 * folder_close() it in any case.
 */
enum status folder_open_control(struct folder *, struct control *);
enum status folder_open(struct folder *, const char *path);
void folder_close(struct folder *);

/*
 * A list of the folder, which is the folder's; `found` in its list tells
 * whether the file is there.  `name` is constant.  TEMPFAIL: it cannot be
 * read, see folder->control.
 */
enum status folder_list(struct folder *, const char *name,
    const struct folder_list **);

/*
 * Whether the client is in a list of addresses of the folder.
 * `name` is constant.  TEMPFAIL: it cannot be read, or makes no sense, see
 * folder->control.
 */
enum status folder_has_client(struct folder *, const char *name,
    const struct address *client, int *listed);

/*
 * A file of the folder as it is, which is the folder's and one only; NULL: it
 * is not there.  `name` is constant.  TEMPFAIL: see folder->control.
 */
enum status folder_text(struct folder *, const char *name,
    const stralloc **text);

/*
 * The settings of a text as filterconf has it, each KEY or KEY=VALUE, appended
 * to `settings` with a line feed behind it.  PERMFAIL: line `bad` is none.
 * TEMPFAIL: out of memory.
 */
enum status folder_parse(const char *text, size_t len, stralloc *settings,
    unsigned *bad);

/*
 * The line of the folder's filterconf that says what counts for a key, read
 * anew; 0: none does, or it cannot be read.
 */
unsigned folder_line_of(struct folder *, const char *key);

#define SETTING_KEY	64	/* longest key, and longest value */

/* Whether this is KEY or KEY=VALUE, without blanks. */
int folder_is_setting(const char *text, size_t len);

#endif
