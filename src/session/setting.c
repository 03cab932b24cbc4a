/* setting - the settings of the filters, see filterconf in qsmtp-control(5) */
#include "session/setting.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define KEY_SIZE	64	/* longest key, and longest value */

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
		[LEVEL_ENVIRONMENT] = "environment",
	};

	return names[level];
}

/* KEY or KEY=VALUE, nothing else and no blanks. */
static int
is_setting(const char *text, size_t len)
{
	const char *equal = memchr(text, '=', len);
	size_t key = equal != NULL ? (size_t)(equal - text) : len;
	size_t i;

	if (key == 0 || key > KEY_SIZE || len - key > KEY_SIZE ||
	    (equal != NULL && len == key + 1))
		return 0;
	for (i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return 0;
	return 1;
}

static enum status
add(stralloc *level, const char *text, size_t len)
{
	return stralloc_catb(level, text, len) && stralloc_cats(level, "\n") ?
	    OK : TEMPFAIL;
}

static void
set_broken(struct settings *settings, const char *where, unsigned line)
{
	strcpy(settings->broken, where);
	text_print_number(settings->broken + strlen(where), line);
}

/* A line of filterconf without its comment: from `#`, unless `\#`. */
static size_t
without_comment(const char *line, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (line[i] == '#' && (i == 0 || line[i - 1] != '\\'))
			break;
	return text_trimmed(line, i);
}

static enum status
take_global(struct settings *settings, const char *text, size_t len)
{
	const char *end = text + len;
	unsigned number = 0;

	while (text < end) {
		const char *feed = memchr(text, '\n', (size_t)(end - text));
		size_t whole = (size_t)((feed != NULL ? feed : end) - text);
		size_t wanted = without_comment(text, whole);

		number++;
		if (wanted > 0 && !is_setting(text, wanted)) {
			settings->global.len = 0;
			set_broken(settings, "control/filterconf line ",
			    number);
			return OK;
		}
		if (wanted > 0 && add(&settings->global, text, wanted) != OK)
			return TEMPFAIL;
		text += whole + 1;
	}
	return OK;
}

static enum status
take_environment(struct settings *settings, const char *text)
{
	unsigned number = 0;

	for (text += strspn(text, " \t"); *text != '\0';
	    text += strspn(text, " \t")) {
		size_t len = strcspn(text, " \t");

		number++;
		if (!is_setting(text, len)) {
			settings->environment.len = 0;
			set_broken(settings, "QSMTP_FILTERS word ", number);
			return OK;
		}
		if (add(&settings->environment, text, len) != OK)
			return TEMPFAIL;
		text += len;
	}
	return OK;
}

enum status
settings_read(struct settings *settings, struct control *control)
{
	const char *environment = getenv("QSMTP_FILTERS");
	stralloc text = { 0 };
	enum status status = OK;
	int found;

	memset(settings, 0, sizeof *settings);
	if (control_has(control, "filterconf")) {
		status = control_read(control, "filterconf", &text, &found);
		if (status == OK && found)
			status = take_global(settings, text.s, text.len);
		stralloc_free(&text);
	}
	if (status == OK && environment != NULL) {
		status = add(&settings->environment, "", 0);
		if (status == OK)
			status = take_environment(settings, environment);
	}
	return status;
}

void
settings_free(struct settings *settings)
{
	stralloc_free(&settings->global);
	stralloc_free(&settings->environment);
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

/* Sets `set` to 0 where the value means "not set here". */
static enum status
parse_mode(const char *value, size_t len, enum mode *mode, int *set)
{
	int negative = len > 0 && value[0] == '-';
	uint64_t number = 1;
	size_t i;

	*set = 1;
	for (i = 0; i < MODES; i++)
		if (text_is(value, len, modes[i])) {
			*mode = (enum mode)i;
			return OK;
		}
	if (negative && len == 1)
		return PERMFAIL;
	if (len > 0 && text_number(value + negative, len - (size_t)negative,
	    &number) != len - (size_t)negative)
		return PERMFAIL;
	if (number == 0)
		*set = 0;
	else
		*mode = negative ? MODE_OFF : MODE_REJECT;
	return OK;
}

enum status
setting_mode(const struct settings *settings, const char *filter,
    enum mode *mode, enum level *level)
{
	const struct {
		const stralloc *text;
		enum level level;
	} levels[] = {
		{ &settings->environment, LEVEL_ENVIRONMENT },
		{ &settings->global, LEVEL_GLOBAL },
	};
	size_t i, len;

	*level = LEVEL_DEFAULT;
	for (i = 0; i < sizeof levels / sizeof levels[0]; i++) {
		const char *value;
		int set;

		if (levels[i].text->len == 0)
			continue;
		value = find(levels[i].text, filter, &len);
		if (value == NULL)
			continue;
		*level = levels[i].level;
		if (parse_mode(value, len, mode, &set) != OK)
			return PERMFAIL;
		if (set)
			return OK;
		*level = LEVEL_DEFAULT;
	}
	return OK;
}
