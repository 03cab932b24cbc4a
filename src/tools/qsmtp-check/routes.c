/* routes - smtproutes, authsenders, senderhosts and smtproutes.d */
#include "remote/route.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "remote/relay.h"
#include "remote/senderhosts.h"
#include "tools/check.h"

#define FOLDER		"smtproutes.d"
#define PATH_SIZE	320

/* What may stand in the place of an asterisk, and in that of all. */
#define SOME_LABEL	"qsmtp-check"
#define SOME_HOST	"qsmtp-check.invalid"

/* Each line that makes no sense, whoever it is for. */
static void
check_lines(struct check *check, const char *path, enum route_form form,
    const stralloc *text)
{
	unsigned number = 0, said;

	for (said = 0; said < CHECK_LINES; said++) {
		if (route_check(text, form, number, &number) != PERMFAIL)
			break;
		check_say(check, FAULT, path, number, "makes no sense");
	}
}

/* What is behind the key of a line makes sense. */
struct passwords {
	size_t count;
	struct flaw clear;
};

static void
look_at_password(struct passwords *passwords, const struct line *line)
{
	struct route route;

	memset(&route, 0, sizeof route);
	if (relay_parse(&route, line->value, line->value_len) == OK &&
	    route.user.len > 0) {
		passwords->count++;
		if (route.is_cleartext)
			flaw_add(&passwords->clear, line->number);
	}
	route_free(&route);
}

static void
say_passwords(struct check *check, const char *path,
    const struct passwords *passwords)
{
	flaw_say(check, NOTE, path, &passwords->clear,
	    "lets its password go without TLS");
	if (passwords->count > 0 && (check->control.mode & S_IROTH) != 0)
		check_say(check, WARNING, path, 0,
		    "holds a password and is readable by all");
}

/* The line of this key that counts, which is the last one. */
static int
is_last(const stralloc *text, enum route_form form, const struct line *line)
{
	size_t len;

	return lines_find(text, route_key_end(form), line->text,
	    (size_t)(line->behind - line->text), &len) == line->value;
}

/* In longer files no line is compared with all others. */
#define COMPARED	2000		/* lines */
#define COMPARED_SIZE	(128u << 10)	/* octets */

static void
check_meaning(struct check *check, const char *path, enum route_form form,
    const stralloc *text)
{
	struct passwords passwords = { 0 };
	struct flaw cr = { 0 }, lead = { 0 }, twice = { 0 }, keyless = { 0 };
	struct line line = { 0 };

	while (lines_next(text, route_key_end(form), &line)) {
		if (line.text[line.len - 1] == '\r')
			flaw_add(&cr, line.number);
		if (line.text[0] == ' ' || line.text[0] == '\t')
			flaw_add(&lead, line.number);
		if (line.behind == NULL) {
			flaw_add(&keyless, line.number);
			continue;
		}
		look_at_password(&passwords, &line);
		if (line.number <= COMPARED && text->len < COMPARED_SIZE &&
		    !is_last(text, form, &line))
			flaw_add(&twice, line.number);
	}
	flaw_say(check, WARNING, path, &keyless,
	    "has no colon, so the line counts for nothing");
	flaw_say(check, WARNING, path, &cr,
	    "ends with CR, which is a part of it");
	flaw_say(check, WARNING, path, &lead,
	    "begins with a blank and matches nothing");
	flaw_say(check, WARNING, path, &twice,
	    "counts for nothing: a later line has its key; in Qsmtp the first "
	    "one counts");
	say_passwords(check, path, &passwords);
}

static void
check_hosts(struct check *check, const char *path, const stralloc *text)
{
	unsigned number = 0, said;

	for (said = 0; said < CHECK_LINES; said++) {
		if (senderhosts_check(text, number, &number) != PERMFAIL)
			break;
		check_say(check, FAULT, path, number, "makes no sense");
	}
}

void
check_routes(struct check *check, const char *name, enum form form,
    const stralloc *text)
{
	enum route_form route_form = form == FORM_SENDERS ? ROUTE_BY_SENDER :
	    ROUTE_BY_HOST;
	char path[PATH_SIZE] = "control/";

	strncat(path, name, sizeof path - strlen(path) - 1);
	if (form == FORM_HOSTS) {
		check_hosts(check, path, text);
		return;
	}
	check_lines(check, path, route_form, text);
	check_meaning(check, path, route_form, text);
}

/*
 * Ask as for mail to a host that this file is for: whether it is found, and
 * wants what is not there.
 */
static void
ask_for(struct check *check, const char *name, const char *path)
{
	char host[PATH_SIZE];
	struct control control;
	struct route route;

	if (strcmp(name, "default") == 0)
		strcpy(host, SOME_HOST);
	else if (name[0] == '*')
		snprintf(host, sizeof host, SOME_LABEL "%s", name + 1);
	else
		snprintf(host, sizeof host, "%s", name);
	memset(&route, 0, sizeof route);
	if (control_open(&control) != OK) {
		check->is_out_of_memory = 1;
		return;
	}
	/* Senders go before hosts. */
	control_hide(&control, "authsenders");
	if (route_find(&route, &control, host, "a@" SOME_HOST) == OK &&
	    strcmp(route.source, path) != 0)
		check_say(check, WARNING, path, 0, "is for no host: "
		    "a name is in lower case, *.DOMAIN, or default");
	route_free(&route);
	control_close(&control);
}

static void
check_route_settings(struct check *check, const char *name)
{
	char in_control[PATH_SIZE], path[PATH_SIZE + 8];
	stralloc text = { 0 };
	int found;

	snprintf(in_control, sizeof in_control, FOLDER "/%s", name);
	snprintf(path, sizeof path, "control/%s", in_control);
	if (control_read(&check->control, in_control, &text, &found) != OK)
		check_say_failed(check, FAULT, &check->control);
	else {
		check_lines(check, path, ROUTE_SETTINGS, &text);
		ask_for(check, name, path);
	}
	stralloc_free(&text);
}

void
check_route_folder(struct check *check)
{
	DIR *folder = opendir("control/" FOLDER);
	const struct dirent *entry;

	if (folder == NULL) {
		/* A link that leads nowhere was told of. */
		if (errno != ENOENT)
			check_say(check, FAULT, "control/" FOLDER, 0, "%s",
			    strerror(errno));
		return;
	}
	while ((entry = readdir(folder)) != NULL) {
		char path[PATH_SIZE];
		struct stat facts;

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof path, "control/" FOLDER "/%s",
		    entry->d_name);
		if (stat(path, &facts) == 0)
			check_mode(check, path, &facts, BY_CLIENT);
		check_route_settings(check, entry->d_name);
	}
	closedir(folder);
}
