/* address - which settings count for mail to one address */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "filter/chain.h"
#include "filter/table.h"
#include "session/config.h"
#include "session/local.h"
#include "session/setting.h"
#include "session/user.h"
#include "tools/check.h"

/* Whom the settings are for. */
struct recipient {
	const char *address;
	size_t len, domain;	/* where that begins */
	struct control control;
	struct config config;
	struct settings settings;
	struct user user;
	int is_ours;		/* its domain is */
	int code;
};

static int
complain(struct recipient *recipient)
{
	const struct control *control = &recipient->control;

	printf("cannot be told: %s: %s\n", control->failed,
	    strerror(control->error));
	recipient->code = EXIT_FAULTS;
	return 0;
}

/* The line of a control file that is this; 0: none is. */
static size_t
line_of(struct control *control, const char *name, const char *wanted,
    size_t wanted_len)
{
	stralloc text = { 0 };
	size_t at = 0, number = 0, line = 0;
	int found;

	if (control_read(control, name, &text, &found) != OK)
		at = text.len;
	while (at < text.len && line == 0) {
		const char *feed = memchr(text.s + at, '\n', text.len - at);
		size_t len = feed != NULL ? (size_t)(feed - text.s) - at :
		    text.len - at;

		number++;
		if (text_trimmed(text.s + at, len) == wanted_len &&
		    strncasecmp(text.s + at, wanted, wanted_len) == 0)
			line = number;
		at += len + 1;
	}
	stralloc_free(&text);
	return line;
}

static void
show_why(struct recipient *recipient, const struct local *local,
    const char *domain, size_t len)
{
	size_t i, line = 0;

	for (i = 0; i < len && line == 0; i++)
		if ((i == 0 || domain[i] == '.') &&
		    list_has(&local->rcpthosts, domain + i, len - i))
			line = line_of(&recipient->control, "rcpthosts",
			    domain + i, len - i);
	if (line > 0)
		printf("domain: ours, control/rcpthosts line %zu\n", line);
	else
		printf("domain: ours, control/morercpthosts.cdb\n");
}

static int
show_domain(struct recipient *recipient)
{
	const char *domain = recipient->address + recipient->domain;
	size_t len = recipient->len - recipient->domain;
	struct local local = { 0 };
	int found = 0, is_known;

	is_known = recipient->domain == 0 || local_has(&local,
	    &recipient->control, domain, len, &found) == OK;
	if (!is_known)
		complain(recipient);
	else if (recipient->domain == 0)
		printf("domain: none; only postmaster is ours without one\n");
	else if (found)
		show_why(recipient, &local, domain, len);
	else if (local.rcpthosts.found)
		printf("domain: not ours, as it is not in "
		    "control/rcpthosts%s\n", control_has(&recipient->control,
		    "morercpthosts.cdb") ? " and morercpthosts.cdb" : "");
	else
		printf("domain: not ours, as there is no control/rcpthosts\n");
	if (is_known && !found && (recipient->domain > 0 ||
	    !text_is(recipient->address, recipient->len, "postmaster")))
		recipient->code = EXIT_WARNINGS;
	local_free(&local);
	recipient->is_ours = found;
	return is_known;
}

/* What is known of the mailbox, as at RCPT by a client without a name. */
static enum status
find_user(struct recipient *recipient)
{
	struct users users = { .rules = { 0 } };
	const struct user_question question = {
		.mailbox = recipient->address,
		.len = recipient->len,
		.domain = recipient->domain,
		.sender = "",
		.helo = "",
	};
	enum status status = OK;

	memset(&recipient->user, 0, sizeof recipient->user);
	if (recipient->is_ours)
		status = users_find(&users, &recipient->control, &question,
		    &recipient->user);
	users_free(&users);
	return status;
}

static int
show_user(struct recipient *recipient)
{
	static const char *const words[] = {
		[USER_UNCHECKED] = "not checked",
		[USER_EXISTS] = "exists",
		[USER_ABSENT] = "does not exist",
		[USER_REFUSED] = "is refused",
		[USER_DEFERRED] = "is put off",
	};
	const struct user *user = &recipient->user;

	if (find_user(recipient) != OK)
		return complain(recipient);
	printf("recipient: %s, by %s\n", words[user->existence],
	    user->back_end != NULL ? user->back_end : "nobody");
	if (user->note != NULL)
		printf("  %s: %s\n", user->noted.s, user->note);
	if (user->existence > USER_EXISTS && recipient->code == EXIT_GOOD)
		recipient->code = EXIT_WARNINGS;
	if (settings_enter(&recipient->settings, user->domain_folder.s,
	    user->user_folder.s) != OK)
		return complain(recipient);
	printf("settings of the user: %s\n", user->user_folder.len > 0 ?
	    user->user_folder.s : "no folder");
	printf("settings of the domain: %s\n", user->domain_folder.len > 0 ?
	    user->domain_folder.s : "no folder");
	return 1;
}

static const char *
path_of(const struct folder *folder)
{
	return folder->path.len > 0 ? folder->path.s : "control";
}

/* The level, and the file and line of it that says so. */
static void
show_source(struct recipient *recipient, enum level level, const char *key)
{
	struct folder *folder = setting_folder(&recipient->settings, level);
	unsigned line;

	if (level == LEVEL_ENVIRONMENT) {
		printf(", environment, QSMTP_FILTERS\n");
		return;
	}
	line = folder != NULL ? folder_line_of(folder, key) : 0;
	if (line > 0)
		printf(", %s, %s/filterconf line %u\n", level_name(level),
		    path_of(folder), line);
	else if (folder != NULL)
		printf(", %s, as its file is there\n", level_name(level));
	else
		printf(", by default\n");
}

static void
show_number(struct recipient *recipient, const char *key)
{
	enum level level;
	uint64_t number;

	if (setting_number(&recipient->settings, key, &number,
	    &level) != OK) {
		printf("%s: makes no sense", key);
		recipient->code = EXIT_FAULTS;
	} else
		printf("%s: %llu", key, (unsigned long long)number);
	show_source(recipient, level, key);
}

static size_t
count_lines(const struct list *list)
{
	size_t i, count = 0;

	/* A line feed stands before the first one, too. */
	for (i = 1; i < list->lines.len; i++)
		count += list->lines.s[i] == '\n';
	return count;
}

static void
show_lists(struct recipient *recipient, const char *name, unsigned flags)
{
	struct control *failed = &recipient->control;
	struct setting_lists lists;
	size_t i;

	if (name == NULL)
		return;
	if (setting_lists(&recipient->settings, name, flags, &lists,
	    &failed) != OK) {
		printf("  %s: cannot be read\n", failed->failed);
		recipient->code = EXIT_FAULTS;
		return;
	}
	for (i = 0; i < lists.count; i++)
		printf("  %s/%s: %s, %zu lines\n", path_of(setting_folder(
		    &recipient->settings, lists.levels[i])), name,
		    level_name(lists.levels[i]), count_lines(lists.lists[i]));
}

/* A file of another dialect, where no level has one of our own. */
static void
show_others(struct recipient *recipient, const struct filter *filter)
{
	struct folder *folder = &recipient->settings.global;
	const char *const *name = filter->others;
	struct control *failed;
	struct setting_lists lists;
	const struct folder_list *list;

	if (name == NULL || setting_lists(&recipient->settings, filter->file,
	    filter->flags, &lists, &failed) != OK || lists.count > 0)
		return;
	while (*name != NULL && !control_has(folder->control, *name))
		name++;
	if (*name == NULL)
		return;
	if (folder_list(folder, *name, &list) == OK)
		printf("  %s/%s: %s, %zu lines\n", path_of(folder), *name,
		    level_name(LEVEL_GLOBAL), count_lines(&list->list));
	else {
		printf("  %s: cannot be read\n", folder->control->failed);
		recipient->code = EXIT_FAULTS;
	}
}

/* Whether a filter before this one has the key, too. */
static int
is_shown(const struct filter *filter, const char *wanted)
{
	const char *const *key;
	size_t i;

	for (i = 0; filters[i] != filter; i++)
		for (key = filters[i]->keys; key != NULL && *key != NULL;
		    key++)
			if (strcmp(*key, wanted) == 0)
				return 1;
	return 0;
}

static void
show_filter(struct recipient *recipient, const struct filter *filter)
{
	const char *const *key;
	enum level level;
	enum mode mode;

	if (chain_find_mode(filter, &recipient->settings, &mode,
	    &level) == OK)
		printf("%s: %s", filter->name, mode_name(mode));
	else {
		printf("%s: makes no sense", filter->name);
		recipient->code = EXIT_FAULTS;
	}
	show_source(recipient, level, filter->name);
	show_lists(recipient, filter->file, filter->flags);
	show_lists(recipient, filter->file6, filter->flags);
	show_others(recipient, filter);
	for (key = filter->keys; key != NULL && *key != NULL; key++)
		if (!is_shown(filter, *key))
			show_number(recipient, *key);
}

static void
show_file_number(struct recipient *recipient, const char *file,
    uint64_t number)
{
	printf("%s: %llu, %s%s\n", file, (unsigned long long)number,
	    control_has(&recipient->control, file) ? "control/" : "by default",
	    control_has(&recipient->control, file) ? file : "");
}

static void
show_session(struct recipient *recipient)
{
	static const char *const splits[] = {
		[SPLIT_DOMAIN] = "domain",
		[SPLIT_RECIPIENT] = "recipient",
		[SPLIT_NEVER] = "never",
	};
	const struct config *config = &recipient->config;

	show_file_number(recipient, "databytes", config->databytes);
	show_file_number(recipient, "maxrcpt", config->maxrcpt);
	show_file_number(recipient, "maxrcptrelay", config->maxrcptrelay);
	show_file_number(recipient, "maxhops", config->maxhops);
	printf("split: %s, %s\n", splits[config->split],
	    control_has(&recipient->control, "split") ? "control/split" :
	    "by default");
}

/* At each level that has a folder. */
static void
show_unknown(struct recipient *recipient)
{
	char key[SETTING_KEY + 1];
	enum level level;

	for (level = LEVEL_USER; level > LEVEL_DEFAULT; level--) {
		struct folder *folder = setting_folder(&recipient->settings,
		    level);
		unsigned said = 0;
		size_t at = 0;

		while (folder != NULL && said++ < CHECK_LINES &&
		    chain_next_unknown(filters, filter_count, folder, &at, key))
			printf("%s is known to no filter, %s, "
			    "%s/filterconf line %u\n", key, level_name(level),
			    path_of(folder), folder_line_of(folder, key));
	}
}

static void
show_settings(struct recipient *recipient)
{
	const char *broken = settings_broken(&recipient->settings);
	size_t i;

	if (broken[0] != '\0') {
		printf("settings: %s, so mail is put off\n", broken);
		recipient->code = EXIT_FAULTS;
	}
	for (i = 0; i < filter_count; i++)
		show_filter(recipient, filters[i]);
	show_number(recipient, CHAIN_FAIL_HARD);
	show_number(recipient, CHAIN_NO_USER);
	show_unknown(recipient);
	show_session(recipient);
}

static void
show(struct recipient *recipient)
{
	static char *const none[] = { NULL };
	struct peer peer = { 0 };

	if (config_read(&recipient->config, &recipient->control, none,
	    &peer) != OK || settings_read(&recipient->settings,
	    &recipient->control) != OK)
		complain(recipient);
	else if (show_domain(recipient) && show_user(recipient))
		show_settings(recipient);
}

int
address_show(const char *address, const char *sender)
{
	const char *at = strrchr(address, '@');
	struct recipient recipient = { 0 };
	int code = EXIT_GOOD;

	recipient.address = address;
	recipient.len = strlen(address);
	recipient.domain = at != NULL ? (size_t)(at - address) + 1 : 0;
	if (control_open(&recipient.control) != OK)
		recipient.code = EXIT_UNABLE;
	else {
		show(&recipient);
		if (sender != NULL)
			code = route_show(&recipient.control, address, sender);
	}
	user_free(&recipient.user);
	settings_free(&recipient.settings);
	config_free(&recipient.config);
	control_close(&recipient.control);
	return code > recipient.code ? code : recipient.code;
}
