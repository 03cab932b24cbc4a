/* keys - which keys filterconf may hold */
#include "filter/member.h"

#include <string.h>

#define MOST_LOGGED	10	/* unknown keys of a folder */

static int
is_key(const char *key, size_t len, const char *known)
{
	return strlen(known) == len && memcmp(key, known, len) == 0;
}

int
chain_knows_key(const struct filter *const table[], size_t count,
    const char *key, size_t len)
{
	const char *const *each;
	size_t i;

	if (is_key(key, len, CHAIN_FAIL_HARD) ||
	    is_key(key, len, CHAIN_NO_USER))
		return 1;
	for (i = 0; i < count; i++) {
		if (is_key(key, len, table[i]->name))
			return 1;
		for (each = table[i]->keys; each != NULL && *each != NULL;
		    each++)
			if (is_key(key, len, *each))
				return 1;
	}
	return 0;
}

int
chain_next_unknown(const struct filter *const table[], size_t count,
    const struct folder *folder, size_t *at, char key[SETTING_KEY + 1])
{
	const stralloc *settings = &folder->settings;

	while (*at < settings->len) {
		const char *line = settings->s + *at;
		const char *feed = memchr(line, '\n', settings->len - *at);
		const char *equal = memchr(line, '=', (size_t)(feed - line));
		size_t len = (size_t)((equal != NULL ? equal : feed) - line);

		*at += (size_t)(feed + 1 - line);
		if (chain_knows_key(table, count, line, len))
			continue;
		memcpy(key, line, len);
		key[len] = '\0';
		return 1;
	}
	return 0;
}

static void
log_unknown(const struct session *session, const struct folder *folder,
    const char *key)
{
	struct log_line line;

	session_log(session, &line, "unknown");
	log_text(&line, "file", folder->path.len > 0 ? folder->path.s :
	    "control");
	log_text(&line, "key", key);
	log_text(&line, "reason", "no filter has such a key in filterconf");
	log_end(&line);
}

static void
check(const struct chain *chain, struct folder *folder)
{
	char key[SETTING_KEY + 1];
	unsigned logged = 0;
	size_t at = 0;

	folder->keys_checked = 1;
	while (logged++ < MOST_LOGGED && chain_next_unknown(chain->table,
	    chain->count, folder, &at, key))
		log_unknown(chain->session, folder, key);
}

void
keys_check(struct chain *chain)
{
	enum level level;

	for (level = LEVEL_GLOBAL; level <= LEVEL_USER; level++) {
		struct folder *folder = setting_folder(
		    chain->session->settings, level);

		if (folder != NULL && !folder->keys_checked)
			check(chain, folder);
	}
}
