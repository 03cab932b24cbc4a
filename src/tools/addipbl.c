/* addipbl - edit, test and show a list of IP networks: addipbl(8) */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/address.h"
#include "base/iplist.h"
#include "base/network.h"

/* Exit codes; any other one is an errno. */
enum {
	DONE = 0,
	USAGE = 1,
	NO_NETWORK = 22,
	NOT_LISTED = 100,
	UNUSABLE = 101
};

#define ADD_LEAST_IPV6	32u	/* as Qsmtp's addipbl; readers take less */
#define NEW		".new"	/* the list while it is being written */
#define NEW_MODE	0644	/* of a list that was not there */

/* A list that is to be edited: its folder is locked until the end. */
struct place {
	const char *file;	/* as it was called */
	char *path;		/* without links */
	const char *name;	/* in the folder */
	int folder;
	int is_there;
	struct stat facts;	/* if it is */
};

static int
complain(int code, const char *what, const char *why)
{
	fprintf(stderr, "addipbl: %s: %s\n", what, why);
	return code;
}

static int
complain_errno(int error, const char *what)
{
	return complain(error, what, strerror(error));
}

static const char *
family_name(int family)
{
	return family == 4 ? "IPv4" : "IPv6";
}

/* Read a list from a file that is open. */
static int
load_open(const char *file, int opened, int family, struct iplist *list)
{
	enum status status;
	size_t bad;

	status = iplist_read(opened, family, list, &bad);
	if (status == TEMPFAIL)
		return complain_errno(errno, file);
	if (status == OK)
		return DONE;
	fprintf(stderr, "addipbl: %s: %s %zu makes no sense%s%s\n", file,
	    list->is_text ? "line" : "record", bad,
	    family != 0 && !list->is_text ? " in a list of " : "",
	    family != 0 && !list->is_text ? family_name(family) : "");
	return UNUSABLE;
}

/* A list that is only looked at; no lock, for it is renamed into place. */
static int
load(const char *file, struct iplist *list)
{
	int code, opened = open(file, O_RDONLY | O_CLOEXEC);

	if (opened == -1)
		return complain_errno(errno, file);
	code = load_open(file, opened, iplist_family(file), list);
	close(opened);
	return code;
}

/* Networks from standard input. */
static int
take_input(struct iplist *networks)
{
	struct iplist found = { 0 };
	enum status status;
	size_t i, bad;
	int code = DONE;

	status = iplist_read(STDIN_FILENO, 4, &found, &bad);
	if (status == TEMPFAIL)
		code = complain_errno(errno, "standard input");
	else if (!found.is_text && (found.count > 0 || status != OK))
		code = complain(NO_NETWORK, "standard input", "is no text");
	else if (status == PERMFAIL) {
		fprintf(stderr, "addipbl: standard input: line %zu is no "
		    "network\n", bad);
		code = NO_NETWORK;
	}
	for (i = 0; code == DONE && i < found.count; i++)
		if (iplist_add(networks, &found.networks[i]) != OK)
			code = complain_errno(ENOMEM, "standard input");
	iplist_free(&found);
	return code;
}

/* Whether each is one that may be added to, or taken from, such a list. */
static int
check_networks(const char *file, const struct iplist *networks, int is_added)
{
	int code = DONE, family = iplist_family(file);
	char text[NETWORK_TEXT];
	size_t i;

	if (family == 0 && networks->count > 0)
		family = networks->networks[0].address.family;
	for (i = 0; i < networks->count; i++) {
		const struct network *each = &networks->networks[i];

		network_print(each, text);
		if (each->address.family != family) {
			fprintf(stderr, "addipbl: %s: is not %s, as the %s\n",
			    text, family_name(family),
			    iplist_family(file) != 0 ? "list must be" :
			    "first one is");
			code = NO_NETWORK;
		} else if (is_added && family == 6 &&
		    each->prefix < ADD_LEAST_IPV6)
			code = complain(NO_NETWORK, text,
			    "its prefix is shorter than 32");
	}
	return code;
}

/* The arguments behind FILE. */
static int
take_networks(const char *file, char *const *words, int is_added,
    struct iplist *networks)
{
	struct network network;
	int code = DONE, one;

	for (; *words != NULL; words++) {
		one = DONE;
		if (strcmp(*words, "-") == 0)
			one = take_input(networks);
		else if (network_parse(*words, strlen(*words), &network) != OK)
			one = complain(NO_NETWORK, *words, "is no network");
		else if (iplist_add(networks, &network) != OK)
			one = complain_errno(ENOMEM, *words);
		if (one != DONE)
			code = one;
	}
	one = check_networks(file, networks, is_added);
	return code != DONE ? code : one;
}

/* Find the folder that the list lies in, behind all links; 0 or an errno. */
static int
find_folder(struct place *place, int may_create)
{
	struct stat facts;
	const char *folder;
	char *slash;

	place->path = realpath(place->file, NULL);
	/* A link that leads nowhere was meant to lead somewhere. */
	if (place->path == NULL && errno == ENOENT && may_create &&
	    lstat(place->file, &facts) == -1 && errno == ENOENT)
		place->path = strdup(place->file);
	if (place->path == NULL)
		return errno;
	slash = strrchr(place->path, '/');
	place->name = slash != NULL ? slash + 1 : place->path;
	folder = slash == NULL ? "." : slash == place->path ? "/" :
	    place->path;
	if (slash != NULL)
		*slash = '\0';
	place->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return place->folder == -1 ? errno : 0;
}

/*
 * The lock is on the folder: no file is left behind by it, and a server that
 * asks for a lock on the list itself is never refused.
 */
static int
open_place(struct place *place, int may_create)
{
	int error = find_folder(place, may_create);

	while (error == 0 && flock(place->folder, LOCK_EX) == -1)
		if (errno != EINTR)
			error = errno;
	return error == 0 ? DONE : complain_errno(error, place->file);
}

/* Read what is there before it is changed. */
static int
load_place(struct place *place, int may_create, int family,
    struct iplist *list)
{
	int code, opened = openat(place->folder, place->name,
	    O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

	if (opened == -1)
		return errno == ENOENT && may_create ? DONE :
		    complain_errno(errno, place->file);
	place->is_there = 1;
	if (fstat(opened, &place->facts) == -1)
		code = complain_errno(errno, place->file);
	else if (S_ISDIR(place->facts.st_mode))
		code = complain_errno(EISDIR, place->file);
	else if (!S_ISREG(place->facts.st_mode))
		code = complain(EINVAL, place->file, "is no regular file");
	else
		code = load_open(place->file, opened,
		    iplist_family(place->file), list);
	close(opened);
	if (code == DONE && list->is_text)
		return complain(UNUSABLE, place->file,
		    "is text: edit it as such");
	if (code == DONE && list->family != 0 && list->family != family)
		return complain(UNUSABLE, place->file,
		    family == 4 ? "holds IPv6" : "holds IPv4");
	return code;
}

/* Whoever could read the old list can read the new one; 0 or an errno. */
static int
write_new(const struct place *place, int file, const stralloc *octets)
{
	mode_t mode = place->is_there ? place->facts.st_mode & 07777 :
	    NEW_MODE;

	/* Others than root can only give a file to their own groups. */
	if (place->is_there && fchown(file, place->facts.st_uid,
	    place->facts.st_gid) == -1 && geteuid() == 0)
		return errno;
	if (fchmod(file, mode) == -1 || iplist_write(file, octets) != OK)
		return errno;
	return 0;
}

static void
block_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGXFSZ, SIG_IGN);
}

/* Write beside the list and rename; 0 or an errno, and no file is left. */
static int
replace(const struct place *place, const char *new, const stralloc *octets)
{
	int file, error;

	/* Whoever wrote it was killed: it had the lock that is ours now. */
	if (unlinkat(place->folder, new, 0) == -1 && errno != ENOENT)
		return errno;
	file = openat(place->folder, new, O_WRONLY | O_CREAT | O_EXCL |
	    O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file == -1)
		return errno;
	error = write_new(place, file, octets);
	if (close(file) == -1 && error == 0)
		error = errno;
	if (error == 0 && renameat(place->folder, new, place->folder,
	    place->name) == -1)
		error = errno;
	if (error != 0)
		unlinkat(place->folder, new, 0);
	else if (fsync(place->folder) == -1)
		error = errno;
	return error;
}

static int
save(const struct place *place, const struct iplist *list)
{
	stralloc new = { 0 }, octets = { 0 };
	enum status status = iplist_print(list, &octets);
	int code;

	if (status == OK && (!stralloc_copys(&new, place->name) ||
	    !stralloc_cats(&new, NEW) || !stralloc_0(&new)))
		status = TEMPFAIL;
	if (status == TEMPFAIL)
		code = complain_errno(ENOMEM, place->file);
	else if (status == PERMFAIL && octets.len > CONTROL_SIZE)
		code = complain_errno(EFBIG, place->file);
	else if (status == PERMFAIL)
		code = complain(UNUSABLE, place->file, "as octets this list "
		    "would read as text: keep it as a text file");
	else {
		block_signals();
		code = replace(place, new.s, &octets);
		if (code != 0)
			complain_errno(code, place->file);
	}
	stralloc_free(&new);
	stralloc_free(&octets);
	return code;
}

static void
say_lies_in(const struct network *inner, const char *word,
    const struct network *outer)
{
	char one[NETWORK_TEXT], other[NETWORK_TEXT];

	network_print(inner, one);
	network_print(outer, other);
	fprintf(stderr, "addipbl: %s %s %s\n", one, word, other);
}

static int
add(struct iplist *list, const struct iplist *networks)
{
	const struct network *outer = NULL, *each;
	size_t i;

	for (i = 0; i < networks->count; i++)
		if (iplist_add(list, &networks->networks[i]) != OK)
			return complain_errno(ENOMEM, "the list");
	iplist_sort(list);
	for (i = 0; i < list->count; i++) {
		each = &list->networks[i];
		if (outer == NULL || !network_covers(outer, each))
			outer = each;
		else if (outer->prefix < each->prefix)
			say_lies_in(each, "lies in", outer);
	}
	iplist_normalise(list);
	return DONE;
}

/* Whether this, or networks in it, can be taken off the list. */
static int
check_listed(const struct iplist *list, const struct network *network)
{
	size_t at = iplist_place(list, network);
	char text[NETWORK_TEXT];

	if (at < list->count && network_covers(network, &list->networks[at]))
		return DONE;
	if (at > 0 && network_covers(&list->networks[at - 1], network)) {
		say_lies_in(network, "is only a part of what is listed:",
		    &list->networks[at - 1]);
		return NOT_LISTED;
	}
	network_print(network, text);
	return complain(NOT_LISTED, text, "is not listed");
}

static int
take_off(struct iplist *list, struct iplist *networks)
{
	size_t i, kept = 0, at = 0;
	int code = DONE;

	iplist_normalise(list);
	for (i = 0; i < networks->count; i++)
		if (check_listed(list, &networks->networks[i]) != DONE)
			code = NOT_LISTED;
	if (code != DONE)
		return code;
	iplist_normalise(networks);
	for (i = 0; i < list->count; i++) {
		const struct network *each = &list->networks[i];

		while (at < networks->count &&
		    !network_covers(&networks->networks[at], each) &&
		    network_compare(&networks->networks[at], each) < 0)
			at++;
		if (at == networks->count ||
		    !network_covers(&networks->networks[at], each))
			list->networks[kept++] = *each;
	}
	list->count = kept;
	return DONE;
}

static int
edit(const char *file, char *const *words, int is_added)
{
	struct place place = { .file = file, .folder = -1 };
	struct iplist networks = { 0 }, list = { 0 };
	int code = take_networks(file, words, is_added, &networks);

	/* Standard input may be empty. */
	if (code == DONE && networks.count > 0) {
		code = open_place(&place, is_added);
		if (code == DONE)
			code = load_place(&place, is_added,
			    networks.networks[0].address.family, &list);
		if (code == DONE)
			code = is_added ? add(&list, &networks) :
			    take_off(&list, &networks);
		if (code == DONE)
			code = save(&place, &list);
	}
	if (place.folder != -1)
		close(place.folder);
	free(place.path);
	iplist_free(&networks);
	iplist_free(&list);
	return code;
}

/* Say which networks have the address, or all of them: address NULL. */
static int
show(const struct iplist *list, const struct address *address)
{
	int code = address == NULL ? DONE : NOT_LISTED;
	char text[NETWORK_TEXT];
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (address != NULL &&
		    !network_has(&list->networks[i], address))
			continue;
		network_print(&list->networks[i], text);
		puts(text);
		code = DONE;
	}
	if (fflush(stdout) == EOF)
		return complain_errno(errno, "standard output");
	return code;
}

static int
look(const char *file, const char *word)
{
	struct iplist list = { 0 };
	struct address address;
	int code;

	if (word != NULL && (strchr(word, '%') != NULL ||
	    address_parse(word, strlen(word), &address) != OK))
		return complain(NO_NETWORK, word, "is no address");
	code = load(file, &list);
	if (code == DONE) {
		iplist_normalise(&list);
		code = show(&list, word != NULL ? &address : NULL);
	}
	iplist_free(&list);
	return code;
}

int
main(int argc, char **argv)
{
	char option = 'a';

	if (argc > 1 && argv[1][0] == '-') {
		option = argv[1][1];
		if (option == '\0' || argv[1][2] != '\0')
			option = '?';
		argv++;
		argc--;
	}
	if (option == 'l' && argc == 2)
		return look(argv[1], NULL);
	if (option == 't' && argc == 3)
		return look(argv[1], argv[2]);
	if ((option == 'a' || option == 'd') && argc > 2)
		return edit(argv[1], argv + 2, option == 'a');
	fputs("usage: addipbl file network ...\n"
	    "       addipbl -d file network ...\n"
	    "       addipbl -t file address\n"
	    "       addipbl -l file\n", stderr);
	return USAGE;
}
