#ifndef UNIT_CDB_H
#define UNIT_CDB_H

#include <check.h>
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "home.h"

/* A record, whose key and value may hold any octets. */
struct cdb_record {
	const char *key;
	size_t key_len;
	const char *value;
	size_t value_len;
};

/* Make a database as the manual says: by the cdb tool of tinycdb. */
static inline void
cdb_write(const char *path, const struct cdb_record *records, size_t count)
{
	int code;
	size_t i;
	pid_t pid;
	FILE *list = fopen("cdb.keys", "w");

	ck_assert_ptr_nonnull(list);
	for (i = 0; i < count; i++) {
		fprintf(list, "+%zu,%zu:", records[i].key_len,
		    records[i].value_len);
		fwrite(records[i].key, 1, records[i].key_len, list);
		fprintf(list, "->");
		fwrite(records[i].value, 1, records[i].value_len, list);
		fprintf(list, "\n");
	}
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

/* The same of keys without values. */
static inline void
cdb_make(const char *path, const char *const *keys, size_t count)
{
	struct cdb_record records[32];
	size_t i;

	ck_assert_uint_le(count, 32);
	for (i = 0; i < count; i++) {
		records[i].key = keys[i];
		records[i].key_len = strlen(keys[i]);
		records[i].value = "";
		records[i].value_len = 0;
	}
	cdb_write(path, records, count);
}

#endif
