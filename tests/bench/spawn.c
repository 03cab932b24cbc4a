/*
 * spawn - starts a remote program as qmail-rspawn does, and what that costs
 *
 * The message is descriptor 0, one pipe is 1 and 2.  It is linked statically
 * and keeps small: a child's peak of memory begins with that of its parent.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REPORT = 65536 };

struct cost {
	double cpu_s;
	long faults, peak_kb;
};

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static double
seconds(const struct timeval *t)
{
	return t->tv_sec + t->tv_usec / 1e6;
}

/* `r` for each recipient, then K, and no text is left without its end. */
static int
is_good(const char *report, size_t len, size_t recipients)
{
	size_t at = 0, count = 0;

	while (at < len && report[at] == 'r') {
		count++;
		at += strnlen(report + at, len - at) + 1;
	}
	return count == recipients && at < len && report[at] == 'K' &&
	    report[len - 1] == '\0' && strlen(report + at) == len - at - 1;
}

static pid_t
start(char **program, int file, int output)
{
	pid_t child = vfork();

	if (child == 0) {
		dup2(file, 0);
		dup2(output, 1);
		dup2(output, 2);
		execv(program[0], program);
		_exit(127);
	}
	return child;
}

static int
run(const char *message, char **program, size_t recipients, struct cost *cost)
{
	static char report[REPORT];
	struct rusage usage;
	size_t len = 0;
	ssize_t n;
	int ends[2], status, file = open(message, O_RDONLY | O_CLOEXEC);
	pid_t child;

	if (file == -1 || pipe2(ends, O_CLOEXEC) == -1)
		return 0;
	child = start(program, file, ends[1]);
	close(file);
	close(ends[1]);
	while (len < sizeof report && (n = read(ends[0], report + len,
	    sizeof report - len)) > 0)
		len += (size_t)n;
	close(ends[0]);
	if (child == -1 || wait4(child, &status, 0, &usage) == -1)
		return 0;
	cost->cpu_s += seconds(&usage.ru_utime) + seconds(&usage.ru_stime);
	cost->faults += usage.ru_minflt;
	if (usage.ru_maxrss > cost->peak_kb)
		cost->peak_kb = usage.ru_maxrss;
	if (status == 0 && is_good(report, len, recipients))
		return 1;
	fprintf(stderr, "spawn: status %d, report: ", status);
	for (size_t i = 0; i < len; i++)
		fputc(report[i] == '\0' ? '|' : report[i], stderr);
	fputc('\n', stderr);
	return 0;
}

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int
main(int argc, char **argv)
{
	struct cost cost = { 0 };
	size_t count, recipients, i;
	double *took;

	if (argc < 5 || (count = strtoul(argv[1], NULL, 10)) == 0 ||
	    (took = malloc(count * sizeof *took)) == NULL) {
		fprintf(stderr, "usage: spawn COUNT RECIPIENTS MESSAGE PROGRAM "
		    "ARGUMENT...\nprints CPU in ms, wall in ms (the median), "
		    "page faults of one run, peak in kB\n");
		return 2;
	}
	recipients = strtoul(argv[2], NULL, 10);
	for (i = 0; i < count; i++) {
		double began = now();

		if (!run(argv[3], argv + 4, recipients, &cost))
			return 1;
		took[i] = 1000 * (now() - began);
	}
	qsort(took, count, sizeof *took, by_value);
	printf("%.6f %.6f %.1f %ld\n", 1000 * cost.cpu_s / count,
	    took[count / 2], (double)cost.faults / count, cost.peak_kb);
	free(took);
	return 0;
}
