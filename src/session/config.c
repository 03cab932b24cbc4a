/* config - control files and environment into the settings of a session */
#include "session/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "smtp/extension.h"

#define QUEUE		"bin/qmail-queue"
#define SPOOL		"spool"
#define TEMPORARY	"/tmp"
#define LONGEST_TIMEOUT	(24u * 3600)

/* A line that is needed as a C string; absent is empty. */
static enum status
read_name(struct control *control, const char *file, stralloc *name, int *found)
{
	enum status status = control_line(control, file, name, found);

	if (status == OK && !stralloc_0(name))
		return TEMPFAIL;
	return status;
}

/* Stock order: smtpgreeting, else me; an empty file counts. */
static enum status
read_greeting(struct config *config, struct control *control)
{
	int has_me, found;

	if (read_name(control, "me", &config->me, &has_me) != OK ||
	    read_name(control, "smtpgreeting", &config->greeting, &found) != OK)
		return TEMPFAIL;
	if (found)
		return OK;
	if (!has_me)
		return control_refuse(control, "me", ENOENT);
	return stralloc_copy(&config->greeting, &config->me) ? OK : TEMPFAIL;
}

static enum status
read_timeout(struct config *config, struct control *control)
{
	uint64_t seconds = 1200;

	if (control_number(control, "timeoutsmtpd", &seconds) != OK)
		return TEMPFAIL;
	if (seconds == 0)
		seconds = 1;
	if (seconds > LONGEST_TIMEOUT)
		seconds = LONGEST_TIMEOUT;
	config->timeout_s = (unsigned)seconds;
	return OK;
}

/* The environment wins, and a value without digits is no limit. */
static enum status
read_databytes(struct config *config, struct control *control)
{
	const char *text = getenv("DATABYTES");

	config->databytes = 0;
	if (text == NULL)
		return control_number(control, "databytes",
		    &config->databytes);
	text_number(text, strlen(text), &config->databytes);
	return OK;
}

static enum status
read_numbers(struct config *config, struct control *control)
{
	const struct {
		const char *file;
		uint64_t *number;
		uint64_t absent;
	} rows[] = {
		{ "maxrcpt", &config->maxrcpt, 500 },
		{ "maxrcptrelay", &config->maxrcptrelay, 0 },
		{ "maxhops", &config->maxhops, 100 },
		{ "maxerrors", &config->maxerrors, 10 },
		{ "maxsession", &config->maxsession_s, 3600 },
		{ "tarpit", &config->tarpit_s, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		*rows[i].number = rows[i].absent;
		if (control_number(control, rows[i].file,
		    rows[i].number) != OK)
			return TEMPFAIL;
	}
	return OK;
}

/* One keyword or more a line; unknown ones are offered by nobody anyway. */
static enum status
read_extensions(struct config *config, struct control *control)
{
	stralloc text = { 0 };
	enum status status;
	size_t at, len;
	int found;

	config->extensions = EXTENSION_ALL;
	if (!control_has(control, "ehlodiscard"))
		return OK;
	status = control_read(control, "ehlodiscard", &text, &found);
	for (at = 0; status == OK && at < text.len; at += len + 1) {
		for (len = 0; at + len < text.len; len++)
			if (strchr(" \t\r\n,", text.s[at + len]) != NULL)
				break;
		config->extensions &= ~extension_of(text.s + at, len);
	}
	stralloc_free(&text);
	return status;
}

static enum status
read_barelf(struct config *config, struct control *control)
{
	stralloc word = { 0 };
	enum status status;
	int found = 0;

	if (!control_has(control, "barelf"))
		return OK;
	status = control_line(control, "barelf", &word, &found);
	if (status == OK && found) {
		config->mend_bare_lf = text_is(word.s, word.len, "normalize");
		if (!config->mend_bare_lf && word.len > 0 &&
		    !text_is(word.s, word.len, "reject"))
			status = control_refuse(control, "barelf", EINVAL);
	}
	stralloc_free(&word);
	return status;
}

static enum status
read_split(struct config *config, struct control *control)
{
	static const char *const words[] = {
		[SPLIT_DOMAIN] = "domain",
		[SPLIT_RECIPIENT] = "recipient",
		[SPLIT_NEVER] = "never",
	};
	stralloc word = { 0 };
	enum status status;
	size_t i, count = sizeof words / sizeof words[0];
	int found = 0;

	if (!control_has(control, "split"))
		return OK;
	status = control_line(control, "split", &word, &found);
	if (status == OK && found && word.len > 0) {
		for (i = 0; i < count; i++)
			if (text_is(word.s, word.len, words[i]))
				break;
		if (i < count)
			config->split = (enum split)i;
		else
			status = control_refuse(control, "split", EINVAL);
	}
	stralloc_free(&word);
	return status;
}

/* An empty file, or an empty variable, names no folder. */
static enum status
read_spool(struct config *config, struct control *control)
{
	enum status status = OK;
	int found;

	config->temporary = getenv("TMPDIR");
	if (config->temporary == NULL || config->temporary[0] == '\0')
		config->temporary = TEMPORARY;
	if (control_has(control, "spooldir"))
		status = control_line(control, "spooldir", &config->spool,
		    &found);
	if (status != OK)
		return status;
	if (config->spool.len == 0 && !stralloc_copys(&config->spool, SPOOL))
		return TEMPFAIL;
	return stralloc_0(&config->spool) ? OK : TEMPFAIL;
}

enum status
config_read(struct config *config, struct control *control,
    char *const arguments[], const struct peer *peer)
{
	memset(config, 0, sizeof *config);
	config->queue = getenv("QMAILQUEUE");
	if (config->queue == NULL)
		config->queue = QUEUE;
	config->auth_queue = getenv("QMAILQUEUEAUTH");
	if (config->auth_queue == NULL)
		config->auth_queue = config->queue;
	config->greets = getenv("BANNER") == NULL;
	config->debug = getenv("QSMTPD_DEBUG") != NULL ||
	    (control->listed && control_has(control, "Qsmtpd_debug"));
	if (read_greeting(config, control) != OK ||
	    read_timeout(config, control) != OK ||
	    read_databytes(config, control) != OK ||
	    read_numbers(config, control) != OK ||
	    read_extensions(config, control) != OK ||
	    read_barelf(config, control) != OK ||
	    read_split(config, control) != OK ||
	    read_spool(config, control) != OK)
		return TEMPFAIL;
	return auth_read(&config->auth, control, arguments, peer);
}

void
config_free(struct config *config)
{
	stralloc_free(&config->greeting);
	stralloc_free(&config->me);
	stralloc_free(&config->spool);
	auth_free(&config->auth);
}
