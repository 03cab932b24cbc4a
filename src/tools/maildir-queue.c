/* maildir-queue - file one message in a Maildir: maildir-queue(8) */
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/status.h"
#include "base/text.h"
#include "smtp/mailbox.h"

#define IN_MEMORY	(256 * 1024)	/* a longer message goes to a spool */
#define PATH_OCTETS	1003		/* qmail-queue's: a path and its NUL */
#define FIELD_OCTETS	(2 * PATH_OCTETS + 32)	/* each octet escaped */
#define TIMEOUT_S	(24 * 60 * 60)	/* qmail-queue's */
#define NAME_OCTETS	512		/* 4 numbers, host with 4 for 1 */

enum { MESSAGE_FD = 0, ENVELOPE_FD = 1, REASON_FD = 2 };

enum outcome {			/* exit codes, those of qmail-queue */
	FILED = 0,
	TOO_LONG = 11,
	NO_MEMORY = 51,
	TIMED_OUT = 52,
	CANNOT_WRITE = 53,
	CANNOT_READ = 54,
	NO_HOME = 61,
	NO_MAILDIR = 62,
	CANNOT_CREATE = 63,
	CANNOT_MOVE = 65,
	BUG = 81,
	BAD_ENVELOPE = 91
};

struct output {
	int fd;			/* -1: nothing has been written so far */
	size_t len;
	char octets[16 * 1024];
};

struct job {
	enum outcome outcome;
	const char *reason;	/* of a failure, and errno or 0 */
	int error;
	int signals;		/* readable when a signal came */
	int signal;		/* the one to die of, or 0 */
	int tmp, new;		/* the folders of the Maildir */
	int lies_in;		/* tmp or new while a file of ours is there */
	char name[NAME_OCTETS];	/* of that file */
	int spool;		/* the message, or -1 while memory holds it */
	off_t spooled;
	size_t len;
	char *memory;
	struct {
		size_t at, len;
		char octets[4096];
	} envelope;
	struct output file;
};

static enum status
fail(struct job *job, enum outcome outcome, int error, const char *reason)
{
	if (error == ENOMEM)
		outcome = NO_MEMORY;
	if (error == ENOSPC || error == EDQUOT)
		outcome = CANNOT_WRITE;
	job->outcome = outcome;
	job->error = error;
	job->reason = reason;
	return TEMPFAIL;
}

/*
 * Signals stay blocked and are looked at only here: while waiting for input,
 * and once more before the move to new.  So none comes between two steps.
 */
static enum status
wait_for(struct job *job, int fd, int timeout_ms)
{
	struct pollfd ready[] = {
		{ .fd = job->signals, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};
	struct signalfd_siginfo info;

	while (poll(ready, 2, timeout_ms) == -1)
		if (errno != EINTR)
			return fail(job, BUG, errno, "cannot wait");
	if (ready[0].revents == 0)
		return OK;
	if (read(job->signals, &info, sizeof info) != sizeof info)
		return fail(job, BUG, errno, "cannot read a signal");
	if (info.ssi_signo == SIGALRM)
		return fail(job, TIMED_OUT, 0, "timeout");
	job->signal = (int)info.ssi_signo;
	return fail(job, BUG, 0, "stopped by a signal");
}

static enum status
read_some(struct job *job, int fd, char *octets, size_t size, size_t *len)
{
	ssize_t n;

	do {
		if (wait_for(job, fd, -1) != OK)
			return TEMPFAIL;
		n = read(fd, octets, size);
	} while (n == -1 && (errno == EINTR || errno == EAGAIN));
	if (n == -1)
		return fail(job, CANNOT_READ, errno, fd == MESSAGE_FD ?
		    "cannot read the message" : "cannot read the envelope");
	*len = (size_t)n;
	return OK;
}

static enum status
write_all(struct job *job, int fd, const char *octets, size_t len)
{
	ssize_t n;

	for (; len > 0; octets += n, len -= (size_t)n)
		if ((n = write(fd, octets, len)) == -1 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			return fail(job, CANNOT_WRITE, n == 0 ? EIO : errno,
			    "cannot write");
	return OK;
}

/* Without it nobody can say that the message is safe: no error is excused. */
static enum status
sync_to_disk(struct job *job, int fd)
{
	while (fsync(fd) == -1)
		if (errno != EINTR)
			return fail(job, CANNOT_WRITE, errno, "cannot sync");
	return OK;
}

static enum status
prepare(struct job *job)
{
	static const int stopping[] = {
		SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGALRM, SIGXCPU,
		SIGXFSZ		/* blocked, write() says EFBIG */
	};
	sigset_t set;

	/* A closed one would become the number of a file of ours. */
	if (fcntl(MESSAGE_FD, F_GETFD) == -1 ||
	    fcntl(ENVELOPE_FD, F_GETFD) == -1)
		return fail(job, CANNOT_READ, errno, "fd 0 or fd 1");
	if (fcntl(REASON_FD, F_GETFD) == -1 &&
	    open("/dev/null", O_WRONLY) != REASON_FD)
		return fail(job, BUG, errno, "fd 2");

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof stopping / sizeof stopping[0]; i++)
		sigaddset(&set, stopping[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    (job->signals = signalfd(-1, &set, SFD_CLOEXEC)) == -1)
		return fail(job, BUG, errno, "cannot wait for signals");
	alarm(TIMEOUT_S);
	umask(077);
	if ((job->memory = malloc(IN_MEMORY)) == NULL)
		return fail(job, NO_MEMORY, errno, "no memory");
	return OK;
}

static enum status
open_maildir(struct job *job)
{
	const char *home = getenv("QMAILHOME");
	const char *path = getenv("QSMTP_MAILDIR");
	const int flags = O_DIRECTORY | O_CLOEXEC;
	int below = AT_FDCWD, maildir;

	if (home == NULL)
		home = QMAIL_HOME;
	if (path == NULL)
		path = "Maildir";
	if (path[0] != '/') {
		if (home[0] != '/')
			return fail(job, NO_HOME, 0, "QMAILHOME has no /");
		if ((below = open(home, O_PATH | flags)) == -1)
			return fail(job, NO_HOME, errno, "qmail home");
	}
	if ((maildir = openat(below, path, O_PATH | flags)) == -1)
		return fail(job, NO_MAILDIR, errno, "Maildir");
	if ((job->tmp = openat(maildir, "tmp", O_PATH | flags)) == -1 ||
	    (job->new = openat(maildir, "new", O_RDONLY | flags)) == -1)
		return fail(job, NO_MAILDIR, errno, "tmp or new in Maildir");
	return OK;
}

/* In tmp, for writing: *fd.  The name: https://cr.yp.to/proto/maildir.html */
static enum status
create(struct job *job, int *fd)
{
	char host[HOST_NAME_MAX + 1] = "";
	struct timespec now;
	unsigned long random;
	char *to;

	if (getrandom(&random, sizeof random, 0) != sizeof random ||
	    clock_gettime(CLOCK_REALTIME, &now) == -1 ||
	    gethostname(host, sizeof host - 1) == -1)
		return fail(job, BUG, errno, "cannot make a name");
	to = job->name;
	to += text_print_number(to, (uint64_t)now.tv_sec);
	to = stpcpy(to, ".M");
	to += text_print_number(to, (uint64_t)now.tv_nsec / 1000);
	to = stpcpy(to, "P");
	to += text_print_number(to, (uint64_t)getpid());
	to = stpcpy(to, "_");
	to += text_print_number(to, random);
	to = stpcpy(to, ".");
	for (size_t i = 0; host[i] != '\0'; i++)
		to = stpcpy(to, host[i] == '/' ? "\\057" :
		    host[i] == ':' ? "\\072" : (char []){ host[i], '\0' });

	*fd = openat(job->tmp, job->name,
	    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (*fd == -1)
		return fail(job, CANNOT_CREATE, errno, "no file in tmp");
	job->lies_in = job->tmp;
	return OK;
}

static void
discard(struct job *job)
{
	if (job->lies_in != -1)
		unlinkat(job->lies_in, job->name, 0);
	job->lies_in = -1;
}

static enum status
spool(struct job *job)
{
	if (job->spool == -1) {
		if (create(job, &job->spool) != OK)
			return TEMPFAIL;
		discard(job);
	}
	if (write_all(job, job->spool, job->memory, job->len) != OK)
		return TEMPFAIL;
	job->spooled += (off_t)job->len;
	job->len = 0;
	return OK;
}

static enum status
read_message(struct job *job)
{
	size_t n;

	do {
		if (job->len == IN_MEMORY && spool(job) != OK)
			return TEMPFAIL;
		if (read_some(job, MESSAGE_FD, job->memory + job->len,
		    IN_MEMORY - job->len, &n) != OK)
			return TEMPFAIL;
		job->len += n;
	} while (n > 0);
	return job->spool == -1 ? OK : spool(job);
}

/* The file is made late: an envelope that is not whole seldom sees one. */
static enum status
flush(struct job *job)
{
	struct output *file = &job->file;

	if ((file->fd == -1 && create(job, &file->fd) != OK) ||
	    write_all(job, file->fd, file->octets, file->len) != OK)
		return TEMPFAIL;
	file->len = 0;
	return OK;
}

/* There must be room: field() has made it. */
static void
put(struct output *file, const char *octets, size_t len)
{
	memcpy(file->octets + file->len, octets, len);
	file->len += len;
}

static enum status
put_return_path(struct output *file, const char *path, size_t len)
{
	stralloc mailbox = { 0 };
	enum status status = mailbox_print(path, len, &mailbox);

	if (status == OK) {
		put(file, "Return-Path: <", 14);
		put(file, mailbox.s, mailbox.len);
		put(file, ">\n", 2);
	}
	stralloc_free(&mailbox);
	return status;
}

static enum status
put_delivered_to(struct output *file, const char *path, size_t len)
{
	put(file, "Delivered-To: ", 14);
	put(file, path, len);
	put(file, "\n", 1);
	return OK;
}

static enum status
next_octet(struct job *job, char *octet)
{
	if (job->envelope.at == job->envelope.len) {
		job->envelope.at = 0;
		if (read_some(job, ENVELOPE_FD, job->envelope.octets,
		    sizeof job->envelope.octets, &job->envelope.len) != OK)
			return TEMPFAIL;
		if (job->envelope.len == 0)
			return fail(job, CANNOT_READ, 0, "envelope ends early");
	}
	*octet = job->envelope.octets[job->envelope.at++];
	return OK;
}

/* One path of the envelope becomes one field on top of the message. */
static enum status
field(struct job *job,
    enum status (*put_field)(struct output *, const char *, size_t))
{
	char path[PATH_OCTETS];
	size_t len = 0;

	for (;;) {
		if (next_octet(job, &path[len]) != OK)
			return TEMPFAIL;
		if (path[len] == '\0')
			break;
		/* A line end in a path must not begin another field. */
		if ((unsigned char)path[len] < 32 || path[len] == 127)
			path[len] = '?';
		if (++len == PATH_OCTETS)
			return fail(job, TOO_LONG, 0, "address is too long");
	}
	if (sizeof job->file.octets - job->file.len < FIELD_OCTETS &&
	    flush(job) != OK)
		return TEMPFAIL;
	if (put_field(&job->file, path, len) != OK)
		return fail(job, NO_MEMORY, ENOMEM, "cannot quote an address");
	return OK;
}

static enum status
write_fields(struct job *job)
{
	char octet;

	if (next_octet(job, &octet) != OK)
		return TEMPFAIL;
	if (octet != 'F')
		return fail(job, BAD_ENVELOPE, 0, "envelope begins without F");
	if (field(job, put_return_path) != OK || next_octet(job, &octet) != OK)
		return TEMPFAIL;
	while (octet == 'T')
		if (field(job, put_delivered_to) != OK ||
		    next_octet(job, &octet) != OK)
			return TEMPFAIL;
	if (octet != '\0')
		return fail(job, BAD_ENVELOPE, 0, "envelope without its end");
	return flush(job);
}

/* sendfile() and copy_file_range() are no faster here, and not everywhere. */
static enum status
write_message(struct job *job)
{
	off_t at = 0;
	ssize_t n;

	while (at < job->spooled) {
		n = pread(job->spool, job->memory, IN_MEMORY, at);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail(job, CANNOT_WRITE, n == 0 ? EIO : errno,
			    "cannot read the spool");
		if (write_all(job, job->file.fd, job->memory, (size_t)n) != OK)
			return TEMPFAIL;
		at += n;
	}
	return write_all(job, job->file.fd, job->memory, job->len);
}

static enum status
deliver(struct job *job)
{
	if (sync_to_disk(job, job->file.fd) != OK || wait_for(job, -1, 0) != OK)
		return TEMPFAIL;
	if (close(job->file.fd) == -1 && errno != EINTR)
		return fail(job, CANNOT_WRITE, errno, "cannot close");
	if (linkat(job->tmp, job->name, job->new, job->name, 0) == -1)
		return fail(job, CANNOT_MOVE, errno, "cannot move to new");
	discard(job);
	job->lies_in = job->new;
	if (sync_to_disk(job, job->new) != OK)
		return TEMPFAIL;
	job->lies_in = -1;
	return OK;
}

static void
explain(const struct job *job)
{
	char line[256];
	char *end = stpcpy(stpcpy(line, "maildir-queue: "), job->reason);

	if (job->error != 0)
		end = stpcpy(stpcpy(end, ": "), strerror(job->error));
	end = stpcpy(end, "\n");
	while (write(REASON_FD, line, (size_t)(end - line)) == -1 &&
	    errno == EINTR)
		continue;
}

static void
die_of(int signal_number)
{
	sigset_t none;

	signal(signal_number, SIG_DFL);
	raise(signal_number);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

int
main(void)
{
	static enum status (*const steps[])(struct job *) = {
		prepare, open_maildir, read_message, write_fields,
		write_message, deliver
	};
	struct job job = {
		.signals = -1, .lies_in = -1, .spool = -1, .file.fd = -1
	};

	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		if (steps[i](&job) != OK) {
			discard(&job);
			explain(&job);
			break;
		}
	free(job.memory);
	if (job.signal != 0)
		die_of(job.signal);
	return (int)job.outcome;
}
