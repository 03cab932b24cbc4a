#ifndef SESSION_SETTING_H
#define SESSION_SETTING_H

#include <stralloc.h>

#include "base/control.h"
#include "base/status.h"

/*
 * Settings of the filters, in levels: the environment (QSMTP_FILTERS) wins
 * over the global level (control/filterconf).  See filterconf in
 * qsmtp-control(5).
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
	LEVEL_ENVIRONMENT
};

struct settings {
	/* Each setting is KEY=VALUE or KEY between two line feeds. */
	stralloc global, environment;
	/* Why they cannot be followed, for the log; "" when they can. */
	char broken[64];
};

/*
 * Read both levels.  TEMPFAIL: unreadable, see base/control.h.  What makes no
 * sense is named in `broken`, and nothing of that level is followed.
 */
enum status settings_read(struct settings *, struct control *);
void settings_free(struct settings *);

/*
 * The mode of a filter and the level that says so; `mode` is left alone, and
 * the level LEVEL_DEFAULT, where no level does.  A key that is a word is a
 * mode; without a value or with a number above 0 it is MODE_REJECT, with a
 * number below 0 MODE_OFF.  PERMFAIL: the value makes no sense.
 */
enum status setting_mode(const struct settings *, const char *filter,
    enum mode *mode, enum level *level);

const char *mode_name(enum mode);
const char *level_name(enum level);

#endif
