/* settings - what a filterconf says */
#include <string.h>

#include "filter/chain.h"
#include "filter/table.h"
#include "tools/check.h"

/* Each line of filterconf that is none; `settings` gets the others. */
static void
parse_settings(struct check *check, struct control *control,
    const char *path, stralloc *settings)
{
	stralloc text = { 0 };
	enum status status = PERMFAIL;
	size_t at = 0, before = 0, said;
	unsigned bad;
	int found;

	if (control_read(control, "filterconf", &text, &found) != OK)
		at = text.len;
	for (said = 0; status == PERMFAIL && said < CHECK_LINES; said++) {
		status = folder_parse(text.s + at, text.len - at, settings,
		    &bad);
		if (status != PERMFAIL)
			break;
		check_say(check, FAULT, path, before + bad,
		    "makes no sense");
		before += bad;
		for (; bad > 0 && at < text.len; bad--) {
			const char *feed = memchr(text.s + at, '\n',
			    text.len - at);

			at = feed != NULL ? (size_t)(feed + 1 - text.s) :
			    text.len;
		}
	}
	check->is_out_of_memory |= status == TEMPFAIL;
	stralloc_free(&text);
}

/* Keys of Qsmtp that are known to no filter here. */
static int
is_key_of_qsmtp(const char *key)
{
	static const char *const keys[] = {
		"spfpolicy",
	};
	size_t i;

	for (i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (strcmp(key, keys[i]) == 0)
			return 1;
	return 0;
}

/* Qsmtp's bits are 1 << status, its manual counts them in another way. */
static void
check_helovalid(struct check *check, struct settings *settings,
    const char *path)
{
	uint64_t bits;
	enum level level;

	if (setting_number(settings, "helovalid", &bits, &level) == OK &&
	    (bits & (1 | 16)) != 0)
		check_say(check, WARNING, path,
		    folder_line_of(&settings->global, "helovalid"),
		    "helovalid: bits 1 and 16, which Qsmtp's manual suggests, "
		    "are none of what it refuses: 4 is our address in "
		    "brackets, 8 an invalid name, 32 our address");
}

static void
say_unknown(struct check *check, struct settings *settings,
    const char *path, const char *key)
{
	check_say(check, WARNING, path,
	    folder_line_of(&settings->global, key), is_key_of_qsmtp(key) ?
	    "key %s is of Qsmtp, and not supported" :
	    "key %s is known to no filter", key);
}

static void
check_keys(struct check *check, struct settings *settings,
    const char *path)
{
	char key[SETTING_KEY + 1];
	unsigned said = 0;
	size_t at = 0;

	while (said++ < CHECK_LINES && chain_next_unknown(filters,
	    filter_count, &settings->global, &at, key))
		say_unknown(check, settings, path, key);
}

static void
check_value(struct check *check, struct settings *settings,
    const char *path, const char *key)
{
	enum level level;
	uint64_t number;

	if (setting_number(settings, key, &number, &level) == PERMFAIL)
		check_say(check, FAULT, path,
		    folder_line_of(&settings->global, key),
		    "key %s: its value makes no sense", key);
}

static void
check_values(struct check *check, struct settings *settings,
    const char *path)
{
	const char *const *key;
	enum level level;
	enum mode mode;
	size_t i;

	check_value(check, settings, path, CHAIN_FAIL_HARD);
	check_value(check, settings, path, CHAIN_NO_USER);
	for (i = 0; i < filter_count; i++) {
		for (key = filters[i]->keys; key != NULL && *key != NULL;
		    key++)
			check_value(check, settings, path, *key);
		if (chain_find_mode(filters[i], settings, &mode,
		    &level) != OK)
			check_say(check, FAULT, path,
			    folder_line_of(&settings->global,
			    filters[i]->name), "key %s: its value makes no "
			    "sense", filters[i]->name);
	}
}

void
check_settings(struct check *check, struct settings *settings,
    const char *path, struct control *control)
{
	/* Only what files say is looked at. */
	settings->environment.len = 0;
	settings->global.settings.len = 0;
	if (control_has(control, "filterconf"))
		parse_settings(check, control, path,
		    &settings->global.settings);
	check_keys(check, settings, path);
	check_helovalid(check, settings, path);
	check_values(check, settings, path);
}
