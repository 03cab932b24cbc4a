/* setting - the settings of the filters, see filterconf(5) */
#include "session/setting.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

static const char *const modes[] = {
	[MODE_OFF] = "off",
	[MODE_MONITOR] = "monitor",
	[MODE_DEFER] = "defer",
	[MODE_REJECT] = "reject",
};
#define MODES	(sizeof modes / sizeof modes[0])

const char *
mode_name(enum mode mode)
{
	return modes[mode];
}

const char *
level_name(enum level level)
{
	static const char *const names[] = {
		[LEVEL_DEFAULT] = "default",
		[LEVEL_GLOBAL] = "global",
		[LEVEL_DOMAIN] = "domain",
		[LEVEL_USER] = "user",
		[LEVEL_ENVIRONMENT] = "environment",
	};

	return names[level];
}

static void
set_broken(struct settings *settings, unsigned word)
{
	strcpy(settings->broken, "QSMTP_FILTERS word ");
	text_print_number(settings->broken + strlen(settings->broken), word);
	strcat(settings->broken, " makes no sense");
	settings->environment.len = 0;
}

static enum status
take_environment(struct settings *settings, const char *text)
{
	unsigned number = 0;

	for (text += strspn(text, " \t"); *text != '\0';
	    text += strspn(text, " \t")) {
		size_t len = strcspn(text, " \t");

		number++;
		if (!folder_is_setting(text, len)) {
			set_broken(settings, number);
			return OK;
		}
		if (!stralloc_catb(&settings->environment, text, len) ||
		    !stralloc_cats(&settings->environment, "\n"))
			return TEMPFAIL;
		text += len;
	}
	return OK;
}

enum status
settings_read(struct settings *settings, struct control *control)
{
	const char *environment = getenv("QSMTP_FILTERS");

	memset(settings, 0, sizeof *settings);
	if (folder_open_control(&settings->global, control) != OK)
		return TEMPFAIL;
	if (environment != NULL &&
	    take_environment(settings, environment) != OK)
		return control_refuse(control, "$QSMTP_FILTERS", ENOMEM);
	return OK;
}

void
settings_free(struct settings *settings)
{
	size_t i;

	for (i = 0; i < SETTING_FOLDERS; i++)
		if (settings->kept[i] != NULL) {
			folder_close(settings->kept[i]);
			free(settings->kept[i]);
		}
	folder_close(&settings->global);
	stralloc_free(&settings->environment);
	memset(settings, 0, sizeof *settings);
}

/* The place of a folder: its own, a free one, or that of the oldest. */
static size_t
place_of(const struct settings *settings, const char *path)
{
	size_t i, oldest = 0;

	for (i = 0; i < SETTING_FOLDERS; i++) {
		const struct folder *folder = settings->kept[i];

		if (folder == NULL || strcmp(folder->path.s, path) == 0)
			return i;
		if (folder->used < settings->kept[oldest]->used)
			oldest = i;
	}
	return oldest;
}

static enum status
enter(struct settings *settings, const char *path, struct folder **folder)
{
	struct folder **place;
	size_t i;

	*folder = NULL;
	if (path == NULL || path[0] == '\0')
		return OK;
	i = place_of(settings, path);
	place = &settings->kept[i];
	if (*place == NULL || strcmp((*place)->path.s, path) != 0) {
		if (*place != NULL)
			folder_close(*place);
		else
			*place = calloc(1, sizeof **place);
		if (*place == NULL)
			return TEMPFAIL;
		if (folder_open(*place, path) != OK) {
			folder_close(*place);
			free(*place);
			*place = NULL;
			return TEMPFAIL;
		}
	}
	(*place)->used = ++settings->uses;
	*folder = *place;
	return OK;
}

enum status
settings_enter(struct settings *settings, const char *domain_path,
    const char *user_path)
{
	/* The domain's was used just now and is not the oldest. */
	if (enter(settings, domain_path, &settings->domain) == OK &&
	    enter(settings, user_path, &settings->user) == OK)
		return OK;
	settings->domain = settings->user = NULL;
	return TEMPFAIL;
}

const char *
settings_broken(const struct settings *settings)
{
	if (settings->broken[0] != '\0')
		return settings->broken;
	if (settings->user != NULL && settings->user->broken[0] != '\0')
		return settings->user->broken;
	if (settings->domain != NULL && settings->domain->broken[0] != '\0')
		return settings->domain->broken;
	return settings->global.broken;
}

/*
 * The value of a key at one level, NULL if it is not there.  Where a key
 * comes twice the last one counts.
 */
static const char *
find(const stralloc *level, const char *key, size_t *len)
{
	const char *end = level->s + level->len;
	const char *line = level->s;
	const char *value = NULL;
	size_t wanted = strlen(key);

	while (line < end) {
		const char *feed = memchr(line, '\n', (size_t)(end - line));
		size_t whole = (size_t)(feed - line);

		if (whole >= wanted && memcmp(line, key, wanted) == 0 &&
		    (whole == wanted || line[wanted] == '=')) {
			value = line + wanted + (whole > wanted);
			*len = (size_t)(feed - value);
		}
		line = feed + 1;
	}
	return value;
}

/* One value: a mode, or a number that may have a sign. */
struct value {
	int is_mode;
	enum mode mode;
	int is_negative;
	uint64_t number;
};

static enum status
parse(const char *text, size_t len, struct value *value)
{
	size_t i;

	memset(value, 0, sizeof *value);
	value->number = 1;
	for (i = 0; i < MODES; i++)
		if (text_is(text, len, modes[i])) {
			value->is_mode = 1;
			value->mode = (enum mode)i;
			return OK;
		}
	value->is_negative = len > 0 && text[0] == '-';
	text += value->is_negative;
	len -= (size_t)value->is_negative;
	if (len == 0)
		return value->is_negative ? PERMFAIL : OK;
	if (text_number(text, len, &value->number) != len)
		return PERMFAIL;
	value->is_negative = value->is_negative && value->number > 0;
	return OK;
}

/* The settings of a level in the order in which they count; NULL: none. */
static const stralloc *
settings_at(const struct settings *settings, enum level level)
{
	const struct folder *folder = NULL;

	if (level == LEVEL_ENVIRONMENT)
		return &settings->environment;
	folder = setting_folder((struct settings *)settings, level);
	return folder != NULL ? &folder->settings : NULL;
}

struct folder *
setting_folder(struct settings *settings, enum level level)
{
	switch (level) {
	case LEVEL_GLOBAL:
		return &settings->global;
	case LEVEL_DOMAIN:
		return settings->domain;
	case LEVEL_USER:
		return settings->user;
	default:
		return NULL;
	}
}

/*
 * The next lower level that has the key with a value that is not 0, which
 * means "not set here"; LEVEL_DEFAULT: there is none.
 */
static enum status
next_value(const struct settings *settings, const char *key,
    enum level *level, struct value *value)
{
	while (--*level > LEVEL_DEFAULT) {
		const stralloc *text = settings_at(settings, *level);
		const char *found;
		size_t len;

		if (text == NULL || text->len == 0)
			continue;
		found = find(text, key, &len);
		if (found == NULL)
			continue;
		if (parse(found, len, value) != OK)
			return PERMFAIL;
		if (value->is_mode || value->number != 0)
			return OK;
	}
	return OK;
}

enum status
setting_number(const struct settings *settings, const char *key,
    uint64_t *number, enum level *level)
{
	struct value value;

	*number = 0;
	for (*level = LEVEL_ENVIRONMENT + 1; ; ) {
		if (next_value(settings, key, level, &value) != OK)
			return PERMFAIL;
		if (*level == LEVEL_DEFAULT || value.is_negative ||
		    (value.is_mode && value.mode == MODE_OFF))
			return OK;
		if (!value.is_mode)
			break;
	}
	*number = value.number;
	return OK;
}

enum status
setting_mode(const struct settings *settings, const char *filter,
    enum mode usual, enum mode *mode, enum level *level)
{
	struct value value;

	*level = LEVEL_ENVIRONMENT + 1;
	if (next_value(settings, filter, level, &value) != OK)
		return PERMFAIL;
	if (*level == LEVEL_DEFAULT)
		return OK;
	if (value.is_mode)
		*mode = value.mode;
	else
		*mode = value.is_negative ? MODE_OFF : usual;
	return OK;
}

enum level
setting_has_file(const struct settings *settings, const char *name,
    unsigned flags)
{
	enum level level, last = (flags & SETTING_NOT_GLOBAL) != 0 ?
	    LEVEL_GLOBAL : LEVEL_DEFAULT;

	for (level = LEVEL_USER; level > last; level--) {
		const struct folder *folder = setting_folder(
		    (struct settings *)settings, level);

		if (folder != NULL && control_has(folder->control, name))
			return level;
	}
	return LEVEL_DEFAULT;
}

/* Whether it is there, also where the folder cannot be listed. */
static enum status
is_there(struct folder *folder, const char *name, int *found)
{
	int file;

	*found = control_has(folder->control, name);
	if (!*found || folder->control->listed)
		return OK;
	if (control_open_file(folder->control, name, &file) != OK)
		return TEMPFAIL;
	*found = file != -1;
	if (*found)
		close(file);
	return OK;
}

enum status
setting_find_file(struct settings *settings, const char *name, unsigned flags,
    struct folder **folder, enum level *level)
{
	enum level last = (flags & SETTING_NOT_GLOBAL) != 0 ?
	    LEVEL_GLOBAL : LEVEL_DEFAULT;
	int found;

	for (*level = LEVEL_USER; *level > last; --*level) {
		*folder = setting_folder(settings, *level);
		if (*folder == NULL)
			continue;
		if (is_there(*folder, name, &found) != OK)
			return TEMPFAIL;
		if (found)
			return OK;
	}
	*folder = NULL;
	*level = LEVEL_DEFAULT;
	return OK;
}

enum status
setting_lists(struct settings *settings, const char *name, unsigned flags,
    struct setting_lists *lists, struct control **failed)
{
	enum level level, last = (flags & SETTING_NOT_GLOBAL) != 0 ?
	    LEVEL_GLOBAL : LEVEL_DEFAULT;

	lists->count = 0;
	for (level = LEVEL_USER; level > last; level--) {
		struct folder *folder = setting_folder(settings, level);
		const struct folder_list *list;

		if (folder == NULL || !control_has(folder->control, name))
			continue;
		*failed = folder->control;
		if (folder_list(folder, name, &list) != OK)
			return TEMPFAIL;
		if (!list->list.found)
			continue;
		lists->lists[lists->count] = &list->list;
		lists->levels[lists->count++] = level;
		if (!list->inherits)
			break;
	}
	return OK;
}
