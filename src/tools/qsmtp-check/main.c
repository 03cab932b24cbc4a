/* main - look for every fault of a qmail home: qsmtp-check(8) */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/check.h"

#define PATH_SIZE	320

static int
complain(const char *what, const char *why)
{
	fprintf(stderr, "qsmtp-check: %s: %s\n", what, why);
	return EXIT_UNABLE;
}

/* What is supported nowhere here; it is not opened. */
static void
say_known(struct check *check, const struct known *known, const char *path)
{
	if (known->form == FORM_UNSUPPORTED)
		check_say(check, WARNING, path, 0, "is of %s and not "
		    "supported: %s", known->of, known->say);
	else if (known->form == FORM_UNUSED)
		check_say(check, NOTE, path, 0, "is of %s and has no effect: "
		    "%s", known->of, known->say);
	else if (known->form == FORM_NOBODYS)
		check_say(check, NOTE, path, 0,
		    "is known to no program of a qmail");
	else if (known->say != NULL)
		check_say(check, NOTE, path, 0, "%s", known->say);
}

/* A key or a password, be it supported or not. */
static int
is_secret(const char *name)
{
	static const char *const begins[] = {
		"clientkey.pem", "serverkey.pem", "flat_auth_pw",
		"vpopmail_mysql_pass", "srs_secrets",
	};
	size_t i;

	for (i = 0; i < sizeof begins / sizeof begins[0]; i++)
		if (strncmp(name, begins[i], strlen(begins[i])) == 0)
			return 1;
	return 0;
}

static void
check_facts(struct check *check, const struct known *known, const char *name,
    const char *path)
{
	struct stat facts;

	if (stat(path, &facts) == 0) {
		check_mode(check, path, &facts, known->readers);
		if (is_secret(name) && (facts.st_mode & S_IROTH) != 0)
			check_say(check, WARNING, path, 0,
			    "may hold a key or a password, and is readable "
			    "by all");
	} else if (known->form < FORM_LINE || known->form >= FORM_DOMAINS)
		check_say(check, known->form >= FORM_FOLDER ? FAULT : WARNING,
		    path, 0, "%s", errno == ENOENT ?
		    "is a link that leads nowhere" : strerror(errno));
}

/* Read it whole, as both programs do, and look at what it holds. */
static void
check_text(struct check *check, const struct known *known, const char *name)
{
	struct control *control = &check->control;
	stralloc text = { 0 };
	int found;

	if (control_read(control, name, &text, &found) != OK) {
		check_say_unread(check, control);
		control_hide(control, name);
	} else if (found)
		check_form(check, known, name, &text);
	/* Some have passwords. */
	if (text.s != NULL)
		explicit_bzero(text.s, text.len);
	stralloc_free(&text);
}

/* A list of recipients may have any name. */
static const struct known *
find_known(struct check *check, const char *name)
{
	const struct known *known = name_find(name);
	char list[PATH_SIZE];

	if (known->form != FORM_NOBODYS)
		return known;
	if (rules_name(check, name))
		return name_find("validrcptto.cdb");
	snprintf(list, sizeof list, "%s.cdb", name);
	return rules_name(check, list) ? name_find("validrcptto") : known;
}

static void
check_file(struct check *check, const char *name)
{
	const struct known *known = find_known(check, name);
	char path[PATH_SIZE], source[PATH_SIZE];
	size_t len = strlen(name), end = strlen(".cdb");

	snprintf(path, sizeof path, "control/%s", name);
	say_known(check, known, path);
	check_facts(check, known, name, path);
	if (len > end && strcmp(name + len - end, ".cdb") == 0) {
		snprintf(source, sizeof source, "%.*s",
		    (int)(strlen(path) - end), path);
		check_age(check, path, source);
	}
	if (known->form == FORM_MAP)
		check_map(check, path);
	else if (known->form == FORM_FOLDER)
		check_route_folder(check);
	else if (known->form > FORM_FOLDER)
		check_tls_folder(check, name, known->form);
	else if (known->form == FORM_DOMAINS)
		check_domains(check);
	else if (known->form >= FORM_LINE)
		check_text(check, known, name);
	else if (known->form == FORM_SOURCE) {
		snprintf(source, sizeof source, "%s.cdb", name);
		if (!control_has(&check->control, source))
			check_say(check, WARNING, path, 0,
			    "counts only as control/%s, which is absent",
			    source);
	}
}

static int
is_entry(const char *name)
{
	return name[0] != '\0' && strcmp(name, ".") != 0 &&
	    strcmp(name, "..") != 0;
}

/* All names, of which each stands between two NULs. */
static void
check_files(struct check *check)
{
	stralloc names = { 0 };
	size_t at;

	if (!stralloc_copy(&names, &check->control.names)) {
		check->is_out_of_memory = 1;
		return;
	}
	for (at = 1; at < names.len; at += strlen(names.s + at) + 1)
		if (is_entry(names.s + at))
			check_file(check, names.s + at);
	stralloc_free(&names);
}

static int
check_home(int is_quiet)
{
	struct check check = { 0 };
	struct stat facts;
	int code;

	if (control_open(&check.control) != OK || !check.control.listed) {
		control_close(&check.control);
		return complain("control", "its files cannot be listed");
	}
	accounts_read(&check);
	if (stat("control", &facts) == 0)
		check_mode(&check, "control", &facts, BY_SERVER | BY_CLIENT);
	check_files(&check);
	check_server(&check);
	check_client(&check);
	code = check_print(&check, is_quiet);
	if (code == EXIT_UNABLE)
		complain("memory or standard output", "cannot be had");
	check_free(&check);
	return code;
}

static int
usage(void)
{
	fputs("usage: qsmtp-check [-q] [home]\n"
	    "       qsmtp-check -r address [-s sender] [home]\n", stderr);
	return EXIT_USAGE;
}

int
main(int argc, char **argv)
{
	const char *home = getenv("QMAILHOME");
	const char *address = NULL, *sender = NULL;
	int option, is_quiet = 0;

	while ((option = getopt(argc, argv, "qr:s:")) != -1)
		if (option == 'q')
			is_quiet = 1;
		else if (option == 'r')
			address = optarg;
		else if (option == 's')
			sender = optarg;
		else
			return usage();
	if (argc - optind > 1 || (is_quiet && address != NULL) ||
	    (sender != NULL && address == NULL))
		return usage();
	if (optind < argc)
		home = argv[optind];
	if (home == NULL)
		home = QMAIL_HOME;
	if (chdir(home) == -1)
		return complain(home, strerror(errno));
	if (address == NULL)
		return check_home(is_quiet);
	option = address_show(address, sender);
	if (fflush(stdout) == EOF)
		return complain("standard output", strerror(errno));
	return option;
}
