/* spool - a message, in memory and then in a file without a name */
#include "session/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
spool_start(struct spool *spool, const char *folder, const char *temporary)
{
	memset(spool, 0, sizeof *spool);
	spool->folder = folder;
	spool->temporary = temporary;
	spool->file = -1;
}

void
spool_free(struct spool *spool)
{
	free(spool->memory);
	spool->memory = NULL;
	if (spool->file != -1)
		close(spool->file);
	spool->file = -1;
}

/* For filesystems that make no file without a name: it has one, shortly. */
static int
make_and_unlink(const char *folder)
{
	static const char name[] = "/spool.XXXXXX";
	char path[PATH_MAX];
	size_t len = strlen(folder);
	int file;

	if (len + sizeof name > sizeof path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(path, folder, len);
	memcpy(path + len, name, sizeof name);
	file = mkostemp(path, O_CLOEXEC);
	if (file != -1 && unlink(path) == -1) {
		close(file);
		return -1;
	}
	return file;
}

static int
make_file(const char *folder)
{
	int file = open(folder, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC,
	    S_IRUSR | S_IWUSR);

	return file == -1 && errno == EOPNOTSUPP ? make_and_unlink(folder) :
	    file;
}

/* Whether another folder would do better; a full disk is no such reason. */
static int
is_unusable(int error)
{
	static const int errors[] = {
		ENOENT, ENOTDIR, EACCES, EPERM, EROFS, ELOOP, ENAMETOOLONG,
	};
	size_t i;

	for (i = 0; i < sizeof errors / sizeof errors[0]; i++)
		if (error == errors[i])
			return 1;
	return 0;
}

static enum status
open_file(struct spool *spool)
{
	spool->file = make_file(spool->folder);
	if (spool->file == -1 && is_unusable(errno)) {
		spool->folder_error = errno;
		spool->file = make_file(spool->temporary);
	}
	return spool->file != -1 ? OK : TEMPFAIL;
}

static enum status
write_file(int file, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t written = write(file, text, len);

		if (written == 0)
			errno = ENOSPC;
		if (written == 0 || (written == -1 && errno != EINTR))
			return TEMPFAIL;
		if (written > 0) {
			text += written;
			len -= (size_t)written;
		}
	}
	return OK;
}

/* Memory does not grow with the message: what is longer goes to the file. */
static enum status
leave_memory(struct spool *spool)
{
	if (open_file(spool) != OK ||
	    write_file(spool->file, spool->memory, (size_t)spool->size) != OK)
		return TEMPFAIL;
	free(spool->memory);
	spool->memory = NULL;
	return OK;
}

static enum status
append(struct spool *spool, const char *text, size_t len)
{
	if (spool->file == -1 && len <= SPOOL_MEMORY - spool->size) {
		if (spool->memory == NULL)
			spool->memory = malloc(SPOOL_MEMORY);
		if (spool->memory == NULL)
			return TEMPFAIL;
		memcpy(spool->memory + spool->size, text, len);
		return OK;
	}
	if (spool->file == -1 && leave_memory(spool) != OK)
		return TEMPFAIL;
	return write_file(spool->file, text, len);
}

enum status
spool_write(struct spool *spool, const char *text, size_t len)
{
	if (spool->is_broken)
		return TEMPFAIL;
	if (len == 0)
		return OK;
	if (append(spool, text, len) != OK) {
		spool->error = errno;
		spool->is_broken = 1;
		return TEMPFAIL;
	}
	spool->size += len;
	return OK;
}

static enum status
read_file(int file, uint64_t at, char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = pread(file, text, len, (off_t)at);

		if (n == 0)
			errno = EIO;
		if (n == 0 || (n == -1 && errno != EINTR))
			return TEMPFAIL;
		if (n > 0) {
			text += n;
			at += (uint64_t)n;
			len -= (size_t)n;
		}
	}
	return OK;
}

enum status
spool_read(const struct spool *spool, uint64_t at, char *text, size_t size,
    size_t *len)
{
	uint64_t left = at < spool->size ? spool->size - at : 0;

	if (left < size)
		size = (size_t)left;
	if (spool->file != -1) {
		if (read_file(spool->file, at, text, size) != OK)
			return TEMPFAIL;
	} else if (size > 0)
		memcpy(text, spool->memory + at, size);
	*len = size;
	return OK;
}
