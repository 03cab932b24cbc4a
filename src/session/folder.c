/* folder - one folder of settings, each file read once */
#include "session/folder.h"

#include <errno.h>
#include <string.h>

#include "base/iplist.h"
#include "base/text.h"

#define FILE_NAME	"filterconf"

int
folder_is_setting(const char *text, size_t len)
{
	const char *equal = memchr(text, '=', len);
	size_t key = equal != NULL ? (size_t)(equal - text) : len;
	size_t i;

	if (key == 0 || key > SETTING_KEY || len - key > SETTING_KEY ||
	    (equal != NULL && len == key + 1))
		return 0;
	for (i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return 0;
	return 1;
}

enum status
folder_parse(const char *text, size_t len, stralloc *settings, unsigned *bad)
{
	const char *end = text + len;

	*bad = 0;
	while (text < end) {
		const char *feed = memchr(text, '\n', (size_t)(end - text));
		size_t whole = (size_t)((feed != NULL ? feed : end) - text);
		size_t wanted = text_without_comment(text, whole);

		++*bad;
		if (wanted > 0 && !folder_is_setting(text, wanted))
			return PERMFAIL;
		if (wanted > 0 && (!stralloc_catb(settings, text, wanted) ||
		    !stralloc_cats(settings, "\n")))
			return TEMPFAIL;
		text += whole + 1;
	}
	return OK;
}

static void
set_broken(struct folder *folder, const char *reason)
{
	const struct control *control = folder->control;
	size_t room = sizeof folder->broken - 1;

	/* `failed` is shorter; the reason is cut if need be. */
	strcpy(folder->broken, control->failed);
	strncat(folder->broken, reason, room - strlen(folder->broken));
	folder->settings.len = 0;
}

static enum status
read_settings(struct folder *folder)
{
	struct control *control = folder->control;
	char where[sizeof FILE_NAME " line " + TEXT_NUMBER] =
	    FILE_NAME " line ";
	stralloc text = { 0 };
	enum status status;
	unsigned bad;
	int found;

	if (!control_has(control, FILE_NAME))
		return OK;
	status = control_read(control, FILE_NAME, &text, &found);
	if (status != OK) {
		stralloc_free(&text);
		/* Without control/filterconf there is no session. */
		if (control->error == ENOMEM || control != &folder->own)
			return TEMPFAIL;
		set_broken(folder, " cannot be read");
		return OK;
	}
	status = folder_parse(text.s, text.len, &folder->settings, &bad);
	stralloc_free(&text);
	if (status == PERMFAIL) {
		text_print_number(where + strlen(where), bad);
		control_refuse(control, where, EINVAL);
		set_broken(folder, " makes no sense");
	}
	return status == TEMPFAIL ? control_refuse(control, FILE_NAME,
	    ENOMEM) : OK;
}

enum status
folder_open_control(struct folder *folder, struct control *control)
{
	memset(folder, 0, sizeof *folder);
	folder->control = control;
	return read_settings(folder);
}

enum status
folder_open(struct folder *folder, const char *path)
{
	memset(folder, 0, sizeof *folder);
	folder->control = &folder->own;
	if (!stralloc_copys(&folder->path, path) ||
	    !stralloc_0(&folder->path) ||
	    control_open_folder(&folder->own, folder->path.s) != OK)
		return control_refuse(&folder->own, path, ENOMEM);
	return read_settings(folder);
}

void
folder_close(struct folder *folder)
{
	size_t i;

	for (i = 0; i < FOLDER_LISTS; i++)
		list_free(&folder->lists[i].list);
	stralloc_free(&folder->settings);
	stralloc_free(&folder->text);
	stralloc_free(&folder->path);
	if (folder->control == &folder->own)
		control_close(&folder->own);
	memset(folder, 0, sizeof *folder);
}

enum status
folder_list(struct folder *folder, const char *name,
    const struct folder_list **list)
{
	static const char inherit[] = "!inherit";
	struct folder_list *place = NULL;
	size_t i;

	for (i = 0; i < FOLDER_LISTS; i++) {
		place = &folder->lists[i];
		if (place->name == NULL || strcmp(place->name, name) == 0)
			break;
	}
	if (i == FOLDER_LISTS)
		/* More names than there are: the last one is read anew. */
		list_free(&place->list);
	place->name = name;
	*list = place;
	if (place->list.is_read)
		return OK;
	place->list.has_comments = 1;
	if (list_read(folder->control, name, &place->list) != OK)
		return TEMPFAIL;
	place->inherits = list_has(&place->list, inherit, sizeof inherit - 1);
	return OK;
}

unsigned
folder_line_of(struct folder *folder, const char *key)
{
	stralloc text = { 0 };
	size_t at = 0, len = strlen(key);
	unsigned number = 0, line = 0;
	int found;

	if (control_read(folder->control, FILE_NAME, &text, &found) != OK)
		at = text.len;
	while (at < text.len) {
		const char *begin = text.s + at;
		const char *feed = memchr(begin, '\n', text.len - at);
		size_t whole = feed != NULL ? (size_t)(feed - begin) :
		    text.len - at;
		size_t n = text_without_comment(begin, whole);

		number++;
		if (n >= len && memcmp(begin, key, len) == 0 &&
		    (n == len || begin[len] == '='))
			line = number;
		at += whole + 1;
	}
	stralloc_free(&text);
	return line;
}

enum status
folder_has_client(struct folder *folder, const char *name,
    const struct address *client, int *listed)
{
	struct folder_client *place = folder->clients;
	struct folder_client *end = place + FOLDER_CLIENTS;

	while (place < end && place->name != NULL &&
	    (strcmp(place->name, name) != 0 ||
	    !address_equal(&place->client, client)))
		place++;
	if (place < end && place->name != NULL) {
		*listed = place->listed;
		return OK;
	}
	if (iplist_has(folder->control, name, client->family, client,
	    listed) != OK)
		return TEMPFAIL;
	if (place < end) {
		place->name = name;
		place->client = *client;
		place->listed = *listed;
	}
	return OK;
}

enum status
folder_text(struct folder *folder, const char *name, const stralloc **text)
{
	if (folder->text_name == NULL || strcmp(folder->text_name, name) != 0) {
		folder->text_name = NULL;
		folder->text.len = 0;
		if (control_read(folder->control, name, &folder->text,
		    &folder->has_text) != OK)
			return TEMPFAIL;
		folder->text_name = name;
	}
	*text = folder->has_text ? &folder->text : NULL;
	return OK;
}
