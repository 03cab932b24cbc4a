#ifndef UNIT_CDB_H
#define UNIT_CDB_H

#include <check.h>
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "home.h"

/*
 * Make a database of the keys, one a line, as the manual says: by the cdb
 * tool of tinycdb.
 */
static inline void
cdb_make(const char *path, const char *const *keys, size_t count)
{
	int code;
	size_t i;
	pid_t pid;
	FILE *list = fopen("cdb.keys", "w");

	ck_assert_ptr_nonnull(list);
	for (i = 0; i < count; i++)
		fprintf(list, "+%zu,0:%s->\n", strlen(keys[i]), keys[i]);
	fprintf(list, "\n");
	ck_assert_int_eq(fclose(list), 0);
	pid = fork();
	if (pid == 0) {
		execl("/usr/bin/cdb", "cdb", "-c", path, "cdb.keys", NULL);
		_exit(127);
	}
	ck_assert_int_eq(waitpid(pid, &code, 0), pid);
	ck_assert_msg(code == 0, "cdb -c ended with %d", code);
}

#endif
