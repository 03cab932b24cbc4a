#ifndef UNIT_HOME_H
#define UNIT_HOME_H

#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A qmail home of a row's own: home_make() and home_remove() go around each
 * row, which is in that folder meanwhile and has an empty environment.
 */

static char home_path[32];
static int home_before = -1;

/* All but what tells check how to run the next row. */
static inline void
home_clear_environment(void)
{
	const char *word = getenv("CK_FORK");
	char *mode = word != NULL ? strdup(word) : NULL;

	clearenv();
	if (mode != NULL)
		setenv("CK_FORK", mode, 1);
	free(mode);
}

static inline void
home_make(void)
{
	home_clear_environment();
	strcpy(home_path, "/tmp/unit.XXXXXX");
	home_before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ne(home_before, -1);
	ck_assert_ptr_nonnull(mkdtemp(home_path));
	ck_assert_int_eq(chdir(home_path), 0);
	ck_assert_int_eq(mkdir("control", 0755), 0);
}

static inline int
home_unlink(const char *path, const struct stat *facts, int type,
    struct FTW *place)
{
	(void)facts;
	(void)type;
	(void)place;
	return remove(path);
}

static inline void
home_remove(void)
{
	ck_assert_int_eq(fchdir(home_before), 0);
	close(home_before);
	ck_assert_int_eq(nftw(home_path, home_unlink, 8,
	    FTW_DEPTH | FTW_PHYS), 0);
}

/* Write a file, or make a folder where `text` is NULL: it cannot be read. */
static inline void
home_octets(const char *path, const char *text, size_t len)
{
	int file;

	if (text == NULL) {
		ck_assert_int_eq(mkdir(path, 0755), 0);
		return;
	}
	file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ck_assert_int_ne(file, -1);
	ck_assert_int_eq(write(file, text, len), (ssize_t)len);
	close(file);
}

static inline void
home_file(const char *path, const char *text)
{
	home_octets(path, text, text != NULL ? strlen(text) : 0);
}

/* A program of one script. */
static inline void
home_program(const char *path, const char *script)
{
	home_file(path, script);
	ck_assert_int_eq(chmod(path, 0755), 0);
}

/* What a file holds, in `text`, which has room for `size` octets. */
static inline size_t
home_read(const char *path, char *text, size_t size)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	ck_assert_int_ne(file, -1);
	while ((n = read(file, text + len, size - len)) > 0)
		len += (size_t)n;
	ck_assert_int_eq(n, 0);
	close(file);
	return len;
}

/* `NAME=VALUE` words of a row, up to the first NULL, into the environment. */
static inline void
home_environment(const char *const *words, size_t most)
{
	size_t i;

	for (i = 0; i < most && words[i] != NULL; i++)
		ck_assert_int_eq(putenv((char *)words[i]), 0);
}

#endif
