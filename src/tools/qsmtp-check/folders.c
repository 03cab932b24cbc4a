/* folders - the settings of domains and users in control/domains */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tools/check.h"

#define PATH_SIZE	600
#define MOST_ENTRIES	100000	/* that are looked at */

/* Also whether Qsmtpd may use it, be it a folder or not. */
static int
is_folder(struct check *check, const char *path)
{
	struct stat facts;

	if (stat(path, &facts) == -1)
		return 0;
	check_mode(check, path, &facts, BY_SERVER);
	return S_ISDIR(facts.st_mode);
}

static int
has_upper(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text >= 'A' && *text <= 'Z')
			return 1;
	return 0;
}

/* What is looked for in such a folder. */
static int
counts(const char *file)
{
	static const char *const files[] = {
		"badcc", "badhelo", "badmailfrom", "badrcptto", "dnsbl",
		"dnsblv6", "filterconf", "forceesmtp", "forceesmtpv6",
		"goodmailfrom", "ipbl", "ipblv6", "ipwl", "ipwlv6", "namebl",
		"nomail", "rhsbl", "whitednsbl", "whitednsblv6",
	};
	size_t i;

	for (i = 0; i < sizeof files / sizeof files[0]; i++)
		if (strcmp(file, files[i]) == 0)
			return 1;
	return 0;
}

/* One file of a folder, read as Qsmtpd does; `name` is below control/. */
static void
check_file(struct check *check, struct control *control, const char *folder,
    const char *file)
{
	const struct known *known = name_find(file);
	char name[PATH_SIZE];
	stralloc text = { 0 };
	int found;

	snprintf(name, sizeof name, "%s/%s", folder, file);
	if (!counts(file)) {
		check_say(check, WARNING, name, 0,
		    "counts for nobody in such a folder");
		return;
	}
	if (control_read(control, file, &text, &found) != OK)
		check_say_unread(check, control);
	else if (found && (known->form == FORM_LIST ||
	    known->form == FORM_NETWORKS || known->form == FORM_ZONES))
		check_form(check, known, name + strlen("control/"), &text);
	stralloc_free(&text);
}

static void
check_folder(struct check *check, const char *path)
{
	char file[PATH_SIZE];
	struct settings settings = { .broken = "" };
	struct folder *folder = &settings.global;

	snprintf(file, sizeof file, "%s/filterconf", path);
	if (folder_open(folder, path) != OK)
		check->is_out_of_memory = 1;
	else
		check_settings(check, &settings, file, folder->control);
	folder_close(folder);
}

/* How deep a folder is. */
enum depth {
	OF_ALL,
	OF_DOMAIN,
	OF_USER
};

static void walk(struct check *, const char *path, enum depth, size_t *left);

/* `path` is that of an entry, `file` its name. */
static void
check_entry(struct check *check, struct control *control, const char *path,
    const char *file, enum depth depth, size_t *left)
{
	int is_deeper = is_folder(check, path);

	if (!is_deeper && depth == OF_ALL)
		check_say(check, WARNING, path, 0, "is no folder of a domain");
	else if (!is_deeper)
		check_file(check, control, control->folder, file);
	else if (depth == OF_USER)
		check_say(check, WARNING, path, 0,
		    "counts for nobody in such a folder");
	else {
		if (has_upper(file))
			check_say(check, WARNING, path, 0,
			    "is for nobody: names are in lower case");
		walk(check, path, depth + 1, left);
	}
}

static void
walk(struct check *check, const char *path, enum depth depth, size_t *left)
{
	struct control control = { .folder = path };
	DIR *folder = opendir(path);
	const struct dirent *entry;

	if (folder == NULL) {
		check_say(check, FAULT, path, 0, "%s", strerror(errno));
		return;
	}
	if (depth != OF_ALL)
		check_folder(check, path);
	while ((entry = readdir(folder)) != NULL && *left > 0) {
		char below[PATH_SIZE];

		if (entry->d_name[0] == '.')
			continue;
		(*left)--;
		snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
		check_entry(check, &control, below, entry->d_name, depth,
		    left);
	}
	closedir(folder);
}

void
check_domains(struct check *check)
{
	size_t left = MOST_ENTRIES;

	walk(check, "control/domains", OF_ALL, &left);
}
