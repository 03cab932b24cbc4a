/* dumpipbl - print a list of IP networks as it is: dumpipbl(8) */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/iplist.h"
#include "base/network.h"

/* Exit codes, those of Qsmtp's dumpipbl; any other one is an errno. */
enum {
	DONE = 0,
	FAILED = 1
};

static int
complain(const char *what, int error)
{
	fprintf(stderr, "dumpipbl: %s: %s\n", what, strerror(error));
	return error;
}

static int
print(const struct iplist *list)
{
	char text[NETWORK_TEXT];
	size_t i;

	for (i = 0; i < list->count; i++) {
		network_print(&list->networks[i], text);
		puts(text);
	}
	return fflush(stdout) == EOF ? complain("standard output", errno) :
	    DONE;
}

static int
dump(const char *path, int family)
{
	struct iplist list = { 0 };
	int code, file = open(path, O_RDONLY | O_CLOEXEC);
	enum status status;
	size_t bad;

	if (file == -1)
		return complain(path, errno);
	status = iplist_read(file, family, &list, &bad);
	if (status == OK)
		code = print(&list);
	else if (status == TEMPFAIL)
		code = complain(path, errno);
	else {
		fprintf(stderr, "dumpipbl: %s: %s %zu makes no sense\n", path,
		    list.is_text ? "line" : "record", bad);
		code = FAILED;
	}
	close(file);
	iplist_free(&list);
	return code;
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "-4") == 0)
		return dump(argv[2], 4);
	if (argc == 3 && strcmp(argv[1], "-6") == 0)
		return dump(argv[2], 6);
	if (argc == 2 && argv[1][0] != '-')
		return dump(argv[1], iplist_family(argv[1]));
	fputs("usage: dumpipbl [-4 | -6] file\n", stderr);
	return FAILED;
}
