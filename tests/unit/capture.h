#ifndef UNIT_CAPTURE_H
#define UNIT_CAPTURE_H

#include <check.h>
#include <unistd.h>

/* What the code under test writes on standard error, read by its test. */

static int capture_before = -1, capture_pipe[2];

static inline void
capture_start(void)
{
	ck_assert_int_eq(pipe(capture_pipe), 0);
	capture_before = dup(STDERR_FILENO);
	ck_assert_int_ne(capture_before, -1);
	ck_assert_int_ne(dup2(capture_pipe[1], STDERR_FILENO), -1);
	close(capture_pipe[1]);
}

/* The text, with a NUL; what is longer than a pipe holds would block. */
static inline void
capture_stop(char *text, size_t size)
{
	size_t len = 0;
	ssize_t n;

	ck_assert_int_ne(dup2(capture_before, STDERR_FILENO), -1);
	close(capture_before);
	while ((n = read(capture_pipe[0], text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(capture_pipe[0]);
}

#endif
