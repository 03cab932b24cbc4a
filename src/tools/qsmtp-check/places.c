/* places - modes, owners, and what the programs need besides control/ */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/check.h"

#define TCPTO		"queue/lock/tcpto"
#define TCPTO6		"queue/lock/tcpto6"
#define QUEUE_PROGRAM	"bin/qmail-queue"

void
check_mode(struct check *check, const char *path, const struct stat *facts,
    unsigned readers)
{
	/* Where control/ cannot be listed, each file is opened. */
	unsigned bits = S_ISDIR(facts->st_mode) ? 1 : 4;
	const char *done = S_ISDIR(facts->st_mode) ? "searched" : "read";

	if ((facts->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		check_say(check, WARNING, path, 0,
		    "can be written by others than its owner (mode %04o)",
		    (unsigned)facts->st_mode & 07777);
	if ((readers & BY_SERVER) != 0 &&
	    !account_may(&check->qmaild, facts, bits))
		check_say(check, FAULT, path, 0, "cannot be %s by qmaild",
		    done);
	if ((readers & BY_CLIENT) != 0 &&
	    !account_may(&check->qmailr, facts, bits))
		check_say(check, FAULT, path, 0, "cannot be %s by qmailr",
		    done);
}

/* Each folder on the way, from the root; the programs do chdir(). */
static void
check_way(struct check *check)
{
	char path[PATH_MAX];
	struct stat facts;
	char *slash = path;

	if (getcwd(path, sizeof path) == NULL) {
		check_say(check, WARNING, ".", 0, "%s", strerror(errno));
		return;
	}
	do {
		char kept;

		slash = strchr(slash + 1, '/');
		if (slash == NULL)
			slash = path + strlen(path);
		kept = *slash;
		*slash = '\0';
		if (stat(path, &facts) == 0) {
			if (!account_may(&check->qmaild, &facts, 1))
				check_say(check, FAULT, path, 0,
				    "cannot be searched by qmaild");
			if (!account_may(&check->qmailr, &facts, 1))
				check_say(check, FAULT, path, 0,
				    "cannot be searched by qmailr");
		}
		*slash = kept;
	} while (*slash != '\0');
	if (stat(".", &facts) == 0 &&
	    (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		check_say(check, WARNING, path, 0,
		    "can be written by others than its owner (mode %04o)",
		    (unsigned)facts.st_mode & 07777);
}

int
check_program(struct check *check, const char *path, enum severity absent,
    const char *say, struct stat *facts)
{
	struct stat link;

	if (stat(path, facts) == -1) {
		if (errno == ENOENT && lstat(path, &link) == 0)
			check_say(check, FAULT, path, 0,
			    "is a link that leads nowhere: %s", say);
		else
			check_say(check, absent, path, 0, "%s: %s",
			    strerror(errno), say);
		return 0;
	}
	if (!S_ISREG(facts->st_mode) || (facts->st_mode & 0111) == 0) {
		check_say(check, FAULT, path, 0, "is no program: %s", say);
		return 0;
	}
	if ((facts->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		check_say(check, WARNING, path, 0,
		    "can be written by others than its owner (mode %04o)",
		    (unsigned)facts->st_mode & 07777);
	return 1;
}

static void
check_queue_program(struct check *check, const char *queue)
{
	struct stat facts;

	if (!check_program(check, queue, FAULT, "all mail is put off",
	    &facts))
		return;
	if (!account_may(&check->qmaild, &facts, 1))
		check_say(check, FAULT, queue, 0,
		    "cannot be executed by qmaild: all mail is put off");
	if (strcmp(queue, QUEUE_PROGRAM) != 0)
		return;
	if ((facts.st_mode & S_ISUID) == 0)
		check_say(check, WARNING, queue, 0, "is not setuid: it cannot "
		    "write to the queue for qmaild (mode %04o)",
		    (unsigned)facts.st_mode & 07777);
	else if (check->qmailq.is_known && facts.st_uid != check->qmailq.user)
		check_say(check, WARNING, queue, 0,
		    "does not belong to qmailq");
}

static void
check_programs(struct check *check)
{
	struct stat facts;

	if (stat("bin", &facts) == -1) {
		check_say(check, NOTE, "bin", 0, "%s: no program of qmail is "
		    "in this home", strerror(errno));
		return;
	}
	check_program(check, "bin/Qsmtpd", NOTE,
	    "make install puts it there", &facts);
	check_program(check, "bin/Qremote", NOTE,
	    "make install puts it there", &facts);
	check_program(check, "bin/qmail-remote", WARNING,
	    "without it qmail-rspawn bounces all mail to other hosts", &facts);
}

static void
check_table(struct check *check, const char *path, enum severity absent,
    const char *say)
{
	struct stat facts;

	if (lstat(path, &facts) == -1)
		check_say(check, absent, path, 0, "%s: %s", strerror(errno),
		    say);
	else if (!S_ISREG(facts.st_mode))
		check_say(check, WARNING, path, 0, "is no file: %s", say);
	else if (!account_may(&check->qmailr, &facts, 6))
		check_say(check, WARNING, path, 0,
		    "cannot be written by qmailr: %s", say);
	else if ((facts.st_mode & S_IWOTH) != 0)
		check_say(check, WARNING, path, 0,
		    "can be written by all (mode %04o)",
		    (unsigned)facts.st_mode & 07777);
}

static void
check_users(struct check *check)
{
	struct stat facts;

	if (lstat("users/cdb", &facts) == 0) {
		if (stat("users/cdb", &facts) == 0)
			check_mode(check, "users/cdb", &facts, BY_SERVER);
		check_map(check, "users/cdb");
		check_age(check, "users/cdb", "users/assign");
	} else if (lstat("users/assign", &facts) == 0)
		check_say(check, WARNING, "users/assign", 0,
		    "has no users/cdb beside it; qmail-newu makes that");
}

/* Where messages are kept that memory is too small for. */
static void
check_spool(struct check *check, const char *folder)
{
	const char *why = NULL;
	struct stat facts;

	if (stat(folder, &facts) == -1)
		why = strerror(errno);
	else if (!S_ISDIR(facts.st_mode))
		why = "is no folder";
	else if (!account_may(&check->qmaild, &facts, 3))
		why = "cannot be written by qmaild";
	else if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0 &&
	    (facts.st_mode & S_ISVTX) == 0)
		check_say(check, WARNING, folder, 0,
		    "can be written by others than its owner (mode %04o)",
		    (unsigned)facts.st_mode & 07777);
	if (why != NULL)
		check_say(check, NOTE, folder, 0, "%s: long messages are "
		    "spooled in the system's temporary folder", why);
}

void
check_places(struct check *check, const char *queue, const char *auth_queue,
    const char *spool)
{
	struct stat facts;

	check_way(check);
	check_queue_program(check, queue);
	if (strcmp(auth_queue, queue) != 0)
		check_queue_program(check, auth_queue);
	check_programs(check);
	check_users(check);
	if (spool != NULL)
		check_spool(check, spool);
	if (stat("queue", &facts) == -1) {
		check_say(check, NOTE, "queue", 0,
		    "%s: there is no queue of qmail in this home",
		    strerror(errno));
		return;
	}
	check_table(check, TCPTO, WARNING,
	    "Qremote waits anew for each IPv4 host that does not answer");
	check_table(check, TCPTO6, NOTE,
	    "Qremote waits anew for each IPv6 host that does not answer; "
	    "make install as root makes it");
}
