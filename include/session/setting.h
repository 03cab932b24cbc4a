#ifndef SESSION_SETTING_H
#define SESSION_SETTING_H

#include <stdint.h>
#include <stralloc.h>

#include "base/control.h"
#include "base/status.h"
#include "session/folder.h"

/*
 * Settings of the filters, in levels: the environment (QSMTP_FILTERS) wins
 * over the folder of the recipient, that over the folder of its domain, and
 * that over control/.  See filterconf(5).
 */

/* What a finding of a filter leads to. */
enum mode {
	MODE_OFF,		/* the filter is not asked */
	MODE_MONITOR,		/* logged, and a header field says so */
	MODE_DEFER,		/* refused for now, 4yz */
	MODE_REJECT		/* refused, 5yz */
};

enum level {
	LEVEL_DEFAULT,		/* nobody set it */
	LEVEL_GLOBAL,
	LEVEL_DOMAIN,
	LEVEL_USER,
	LEVEL_ENVIRONMENT
};

#define SETTING_FOLDERS	8	/* of domains and users, kept of a session */

struct settings {
	stralloc environment;	/* as struct folder has its settings */
	char broken[64];	/* why that cannot be followed, or "" */
	struct folder global;
	/* Those of the recipient that is being judged; NULL: none. */
	struct folder *domain, *user;
	struct folder *kept[SETTING_FOLDERS];
	uint64_t uses;
};

/*
 * Read the environment and control/filterconf.  TEMPFAIL: out of memory, see
 * base/control.h.  settings_free() it in any case.
 */
enum status settings_read(struct settings *, struct control *);
void settings_free(struct settings *);

/*
 * Go to the folders of a recipient, which are kept as long as there is room;
 * NULL or "": there is none.  TEMPFAIL: out of memory, and there is none.
 */
enum status settings_enter(struct settings *, const char *domain_path,
    const char *user_path);

/* Why the settings of this recipient cannot be followed; "": they can. */
const char *settings_broken(const struct settings *);

/*
 * The number of a key: above 0 at the first level that has such; 0 where no
 * level has, or one says "off" or a number below 0, which ends the search.  A
 * key alone is 1; other modes say nothing here.  `level` is where it was
 * found.  PERMFAIL: a value makes no sense.
 */
enum status setting_number(const struct settings *, const char *key,
    uint64_t *number, enum level *level);

/*
 * The mode of a filter and the level that says so; `mode` is left alone, and
 * the level LEVEL_DEFAULT, where no level does.  A key that is a word is a
 * mode; without a value or with a number above 0 it is `usual`, with a number
 * below 0 MODE_OFF.  PERMFAIL: the value makes no sense.
 */
enum status setting_mode(const struct settings *, const char *filter,
    enum mode usual, enum mode *mode, enum level *level);

/* Where a file of settings is looked for besides the recipient's folders. */
#define SETTING_NOT_GLOBAL	1u	/* not in control/ */

/* The highest level at which the file may be there; LEVEL_DEFAULT: none. */
enum level setting_has_file(const struct settings *, const char *name,
    unsigned flags);

/* Its folder; NULL for LEVEL_DEFAULT and LEVEL_ENVIRONMENT. */
struct folder *setting_folder(struct settings *, enum level);

/*
 * The folder that the file is read from, where it is used alone: that of the
 * highest level that has it; NULL: none has.  TEMPFAIL: it cannot be opened,
 * see control->failed of the folder, which is there all the same.
 */
enum status setting_find_file(struct settings *, const char *name,
    unsigned flags, struct folder **, enum level *);

/*
 * The lists of this name that count: that of the highest level that has one,
 * and, where a line of it is `!inherit`, that of the next.
 */
struct setting_lists {
	const struct list *lists[3];
	enum level levels[3];
	size_t count;
};

/* TEMPFAIL: a list cannot be read; `failed` is the folder's, see there. */
enum status setting_lists(struct settings *, const char *name, unsigned flags,
    struct setting_lists *, struct control **failed);

const char *mode_name(enum mode);
const char *level_name(enum level);

#endif
