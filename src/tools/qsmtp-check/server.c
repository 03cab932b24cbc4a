/* server - what Qsmtpd makes of its control files */
#include <errno.h>
#include <string.h>

#include "base/list.h"
#include "base/text.h"
#include "filter/chain.h"
#include "filter/table.h"
#include "remote/lines.h"
#include "session/config.h"
#include "session/local.h"
#include "session/setting.h"
#include "tools/check.h"

#define MOST_FAULTS	64	/* of files, one after the other */

/*
 * Go on behind the file that was found bad; 0: there is no behind.  `failed`
 * is "control/NAME" or "control/NAME line 3".
 */
static int
hide_failed(struct control *control)
{
	static const char folder[] = "control/";
	char name[sizeof control->failed];

	if (strncmp(control->failed, folder, sizeof folder - 1) != 0)
		return 0;
	strcpy(name, control->failed + sizeof folder - 1);
	name[strcspn(name, " ")] = '\0';
	if (!control->listed || !control_has(control, name))
		return 0;
	control_hide(control, name);
	return 1;
}

/* A login program is given, whether or not the run scripts have one. */
static char *const arguments[] = { (char *)"/", (char *)"", NULL };

/* Be it hidden or a link that leads nowhere, which was told of. */
static int
is_there(const char *path)
{
	struct stat facts;

	return lstat(path, &facts) == 0;
}

static void
say_config(struct check *check, const struct config *config)
{
	const struct auth *auth = &config->auth;

	if (auth->fault != NULL && text_begins(auth->fault,
	    strlen(auth->fault), "control/"))
		check_say(check, WARNING, "control/authtypes", 0,
		    "has no mechanism that is known here: nobody can log in");
	if (!auth->needs_tls)
		check_say(check, WARNING, "control/authcleartext", 0,
		    "lets passwords of clients go without TLS");
}

static void
check_config(struct check *check, struct config *config)
{
	struct peer peer = { 0 };
	unsigned faults = 0;

	while (config_read(config, &check->control, arguments, &peer) != OK) {
		check_say_failed(check, FAULT, &check->control);
		if (++faults == MOST_FAULTS ||
		    !hide_failed(&check->control)) {
			config->spool.len = 0;
			break;
		}
		config_free(config);
	}
	if (faults == 0)
		say_config(check, config);
	if (!is_there("control/me"))
		check_say(check, WARNING, "control/me", 0,
		    "is absent: other programs of qmail need it, too");
}

static const char *
no_key(const char *line, size_t len)
{
	(void)line;
	(void)len;
	return NULL;
}

/* Octets of rcpthosts that are looked through for all of locals. */
#define MOST_LOOKED	(1u << 30)

static size_t
count_labels(const struct line *line)
{
	size_t i, count = 1;

	for (i = 0; i < line->len; i++)
		count += line->text[i] == '.';
	return count;
}

/* What qmail-send delivers here, Qsmtpd should take. */
static void
check_locals(struct check *check, struct local *local)
{
	struct control *control = &check->control;
	struct flaw flaw = { 0 };
	struct line line = { 0 };
	stralloc text = { 0 };
	size_t looked = 0;
	int found, ours;

	if (control_read(control, "locals", &text, &found) != OK)
		text.len = 0;
	while (lines_next(&text, no_key, &line) && looked < MOST_LOOKED) {
		looked += count_labels(&line) * local->rcpthosts.lines.len;
		if (local_has(local, control, line.text, line.len,
		    &ours) != OK) {
			check_say_failed(check, FAULT, control);
			break;
		}
		if (!ours)
			flaw_add(&flaw, line.number);
	}
	flaw_say(check, WARNING, "control/locals", &flaw,
	    "is in no list of rcpthosts: Qsmtpd refuses its mail from others");
	stralloc_free(&text);
}

static void
check_local(struct check *check)
{
	struct control *control = &check->control;
	struct local local = { 0 };
	int found;

	if (local_has(&local, control, "", 0, &found) != OK)
		check_say_failed(check, FAULT, control);
	else if (local.rcpthosts.found)
		check_locals(check, &local);
	else if (!is_there("control/rcpthosts")) {
		check_say(check, WARNING, "control/rcpthosts", 0, "is absent: "
		    "no domain is ours, and strangers can send nothing; "
		    "stock qmail would relay for all");
		if (control_has(control, "morercpthosts.cdb"))
			check_say(check, WARNING, "control/morercpthosts.cdb",
			    0, "counts only beside control/rcpthosts");
	}
	local_free(&local);
}

static void
check_global(struct check *check)
{
	struct settings settings;

	if (settings_read(&settings, &check->control) != OK)
		check_say_failed(check, FAULT, &check->control);
	if (settings.broken[0] != '\0')
		check_say(check, FAULT, "$QSMTP_FILTERS", 0, "%s",
		    settings.broken);
	check_settings(check, &settings, "control/filterconf",
	    &check->control);
	settings_free(&settings);
}

void
check_server(struct check *check)
{
	struct config config;

	check_config(check, &config);
	check_global(check);
	check_rules(check);
	check_local(check);
	check_places(check, config.queue, config.auth_queue,
	    config.spool.len > 0 ? config.spool.s : NULL);
	config_free(&config);
}
