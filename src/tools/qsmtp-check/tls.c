/* tls - policies, certificates and keys */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "net/tls.h"
#include "remote/policy.h"
#include "remote/policyline.h"
#include "smtp/mailbox.h"
#include "tools/check.h"

#define PATH_SIZE	640
#define MOST_ENTRIES	100000	/* of a folder, that are looked at */
#define END		".pem"
#define EXHAUSTIVE	"exhaustivelist"

/* In longer files no line is compared with all others, nor its CA sought. */
#define COMPARED	2000		/* lines */
#define COMPARED_SIZE	(128u << 10)	/* octets */

static int
is_shadowed(const stralloc *text, const struct line *line)
{
	size_t len;

	return text->len < COMPARED_SIZE &&
	    lines_find(text, policyline_key_end, line->text,
	    (size_t)(line->behind - line->text), &len) != line->value;
}

/*
 * What its ca= names; the programs are in the home, as we are.  Returns
 * whether that is there.
 */
static int
check_ca(struct check *check, const char *path, const struct line *line)
{
	struct policy policy = { 0 };
	struct stat facts;
	int is_there = 1;

	if (policyline_parse(&policy, line->behind,
	    line->text + line->len) == OK && policy.ca.len > 0) {
		is_there = stat(policy.ca.s, &facts) == 0;
		if (is_there)
			check_mode(check, policy.ca.s, &facts, BY_CLIENT);
		else
			check_say(check, FAULT, path, line->number, "%s: %s",
			    policy.ca.s, strerror(errno));
	}
	policy_free(&policy);
	return is_there;
}

static void
check_policies(struct check *check, const char *path, const stralloc *text)
{
	unsigned number = 0, said;
	struct flaw shadowed = { 0 };
	struct line line = { 0 };

	for (said = 0; said < CHECK_LINES; said++) {
		if (policy_check(text, number, &number) != PERMFAIL)
			break;
		check_say(check, FAULT, path, number, "makes no sense");
	}
	said = 0;
	while (lines_next(text, policyline_key_end, &line) &&
	    line.number <= COMPARED && said < CHECK_LINES) {
		if (is_shadowed(text, &line))
			flaw_add(&shadowed, line.number);
		else
			said += !check_ca(check, path, &line);
	}
	flaw_say(check, WARNING, path, &shadowed,
	    "counts for nothing: a later line has its key");
}

static void
check_version(struct check *check, const char *path, const stralloc *text)
{
	const char *feed = text->len > 0 ?
	    memchr(text->s, '\n', text->len) : NULL;
	unsigned version;
	size_t len;

	len = text_trimmed(text->s, feed != NULL ? (size_t)(feed - text->s) :
	    text->len);
	if (tls_version(text->s, len, &version) != OK) {
		/* Of its own file, Qremote's reader says so. */
		if (strcmp(path, "control/tlsserverminimum") == 0)
			check_say(check, FAULT, path, 1,
			    "makes no sense: it is 1.0, 1.1, 1.2 or 1.3");
	} else if (version < TLS_1_2)
		check_say(check, WARNING, path, 1,
		    "lets a version of TLS be used that is not safe");
}

static int
has(const stralloc *text, const char *words)
{
	return text->len > 0 &&
	    memmem(text->s, text->len, words, strlen(words)) != NULL;
}

/* Nobody is there to be asked for the password of a key. */
static void
check_key(struct check *check, const char *path, const stralloc *text)
{
	if (has(text, "ENCRYPTED"))
		check_say(check, FAULT, path, 0,
		    "has a key that needs a password, and none can be given");
}

/* By its armour alone; what is in that is for OpenSSL to judge. */
static void
check_pem(struct check *check, const char *path, enum form form,
    const stralloc *text)
{
	int has_key = has(text, "PRIVATE KEY-----");

	if (form == FORM_KEY && !has_key)
		check_say(check, FAULT, path, 0, "has no key in PEM");
	if (form == FORM_CERTIFICATE && !has(text, "CERTIFICATE-----"))
		check_say(check, FAULT, path, 0, "has no certificate in PEM");
	if (!has_key)
		return;
	check_key(check, path, text);
	/* Files of keys alone are told of whatever they hold. */
	if (form == FORM_CERTIFICATE && (check->control.mode & S_IROTH) != 0)
		check_say(check, WARNING, path, 0,
		    "holds a key, and is readable by all");
}

static void
check_pair(struct check *check, const char *name, const char *path,
    const stralloc *text)
{
	struct control *control = &check->control;

	if (strcmp(name, "clientcert.pem") == 0 &&
	    !has(text, "PRIVATE KEY-----") &&
	    !control_has(control, "clientkey.pem"))
		check_say(check, FAULT, path, 0, "has no key in it, nor is "
		    "there a control/clientkey.pem");
	if (strcmp(name, "clientkey.pem") == 0 &&
	    !control_has(control, "clientcert.pem"))
		check_say(check, WARNING, path, 0,
		    "counts only beside control/clientcert.pem");
}

void
check_tls(struct check *check, const char *name, enum form form,
    const stralloc *text)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof path, "control/%s", name);
	switch (form) {
	case FORM_POLICIES:
		check_policies(check, path, text);
		break;
	case FORM_VERSION:
		check_version(check, path, text);
		break;
	case FORM_CERTIFICATE:
	case FORM_KEY:
		check_pem(check, path, form, text);
		check_pair(check, name, path, text);
		break;
	default:
		break;
	}
}

/* As files are looked for. */
static int
is_host(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (name[i] >= 'A' && name[i] <= 'Z')
			return 0;
	return domain_is_valid(name, len);
}

/* Read one file below control/, as the programs do. */
static void
check_file(struct check *check, const char *name, enum form form)
{
	struct control *control = &check->control;
	stralloc text = { 0 };
	char path[PATH_SIZE];
	int found;

	snprintf(path, sizeof path, "control/%s", name);
	if (control_read(control, name, &text, &found) != OK)
		check_say_unread(check, control);
	else if (found && form == FORM_CERTIFICATE)
		check_pem(check, path, form, &text);
	else if (found && has(&text, "PRIVATE KEY-----") &&
	    (control->mode & S_IROTH) != 0)
		check_say(check, WARNING, path, 0,
		    "holds a key, and is readable by all");
	if (text.s != NULL)
		explicit_bzero(text.s, text.len);
	stralloc_free(&text);
}

static void each_entry(struct check *, const char *folder, enum form);

/* An entry of tlshosts or notlshosts. */
static void
check_host(struct check *check, const char *in_control, const char *path,
    const char *name, enum form form)
{
	size_t len = strlen(name), end = strlen(END);
	struct stat facts;

	if (stat(path, &facts) == 0)
		check_mode(check, path, &facts, BY_CLIENT);
	if (form == FORM_NO_TLS_HOSTS) {
		if (!is_host(name, len))
			check_say(check, WARNING, path, 0, "is for no host: "
			    "a name is in lower case");
	} else if (strcmp(name, EXHAUSTIVE) == 0) {
		check_say(check, NOTE, path, 0, "other hosts than those here "
		    "get no TLS, unless control/tlspolicy wants it");
	} else if (len > end && strcmp(name + len - end, END) == 0 &&
	    is_host(name, len - end)) {
		check_file(check, in_control, FORM_CERTIFICATE);
		return;
	} else
		check_say(check, WARNING, path, 0, "is for no host: a name "
		    "is in lower case with " END " behind it");
	check_file(check, in_control, FORM_TEXT);
}

static void
check_entry(struct check *check, const char *folder, const char *name,
    enum form form)
{
	char path[PATH_SIZE];
	const char *in_control = path + strlen("control/");
	struct stat facts;

	if (snprintf(path, sizeof path, "control/%s/%s", folder, name) >=
	    (int)sizeof path)
		return;
	if (form == FORM_TLS_HOSTS || form == FORM_NO_TLS_HOSTS)
		check_host(check, in_control, path, name, form);
	else if (form == FORM_OWN_NAMES && stat(path, &facts) == 0 &&
	    S_ISDIR(facts.st_mode))
		each_entry(check, in_control, FORM_TEXT);
	else if (form == FORM_OWN_NAMES)
		check_say(check, WARNING, path, 0,
		    "is no folder of a name, and counts for nothing");
	else
		check_file(check, in_control, FORM_TEXT);
}

static void
each_entry(struct check *check, const char *folder, enum form form)
{
	const struct dirent *entry;
	char path[PATH_SIZE];
	size_t left = MOST_ENTRIES;
	DIR *entries;

	snprintf(path, sizeof path, "control/%s", folder);
	entries = opendir(path);
	if (entries == NULL) {
		/* A link that leads nowhere was told of. */
		if (errno != ENOENT)
			check_say(check, FAULT, path, 0, "%s",
			    strerror(errno));
		return;
	}
	while ((entry = readdir(entries)) != NULL && left-- > 0)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			check_entry(check, folder, entry->d_name, form);
	closedir(entries);
}

void
check_tls_folder(struct check *check, const char *name, enum form form)
{
	each_entry(check, name, form);
}
