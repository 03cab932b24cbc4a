/* control - the files of control/, see qsmtp-control(5) */
#include "base/control.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define FOLDER		"control"
#define FAILED_SIZE	sizeof(((struct control *)NULL)->failed)
#define NAMES_SIZE	(64u << 10)	/* more names than this: open each, */
#define DEVICE_BLOCK	4095	/* at once of what has no size */
#define FOLDER_SIZE	2048		/* or this of another folder, */
					/* which may hold many users */

/*
 * Most names that are asked for are absent, and most of those have a sum that
 * no name has.
 */
static unsigned
sum_of(const char *name)
{
	unsigned sum = 0;

	for (; *name != '\0'; name++)
		sum = sum * 31 + (unsigned char)*name;
	return (sum ^ sum >> 8) & 255;
}

static void
note_sum(uint64_t sums[4], const char *name)
{
	unsigned sum = sum_of(name);

	sums[sum >> 6] |= UINT64_C(1) << (sum & 63);
}

static int
has_sum(const uint64_t sums[4], const char *name)
{
	unsigned sum = sum_of(name);

	return (sums[sum >> 6] >> (sum & 63) & 1) != 0;
}

/* Not opendir(): its buffer alone would cost a session 8 kB of memory. */
static enum status
list_names(int folder, stralloc *names, uint64_t sums[4], size_t most)
{
	char block[4096] __attribute__((aligned(16)));
	ssize_t len;

	while ((len = getdents64(folder, block, sizeof block)) > 0) {
		ssize_t at = 0;

		while (at < len) {
			const struct dirent64 *entry = (void *)(block + at);

			at += entry->d_reclen;
			if (names->len > most)
				return PERMFAIL;
			if (!stralloc_cats(names, entry->d_name) ||
			    !stralloc_0(names))
				return TEMPFAIL;
			note_sum(sums, entry->d_name);
		}
	}
	return len == 0 ? OK : PERMFAIL;
}

/* Where it cannot be listed, each file is opened and tells why. */
static enum status
open_folder(struct control *control, const char *path, size_t most)
{
	enum status status;
	int folder;

	memset(control, 0, sizeof *control);
	control->folder = path;
	if (!stralloc_copyb(&control->names, "", 1))
		return TEMPFAIL;
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder == -1)
		return OK;
	status = list_names(folder, &control->names, control->sums, most);
	close(folder);
	control->listed = status == OK;
	return status == TEMPFAIL ? TEMPFAIL : OK;
}

enum status
control_open(struct control *control)
{
	return open_folder(control, FOLDER, NAMES_SIZE);
}

enum status
control_open_folder(struct control *control, const char *path)
{
	return open_folder(control, path, FOLDER_SIZE);
}

void
control_close(struct control *control)
{
	stralloc_free(&control->names);
}

/* Where a name is in the list; NULL: it is not. */
static char *
find_name(const struct control *control, const char *name)
{
	char *at = control->names.s;
	const char *end = at + control->names.len;
	size_t len;

	if (!has_sum(control->sums, name))
		return NULL;
	len = strlen(name) + 1;
	while ((at = memchr(at, '\0', (size_t)(end - at))) != NULL) {
		if ((size_t)(end - ++at) < len)
			return NULL;
		if (memcmp(at, name, len) == 0)
			return at;
	}
	return NULL;
}

int
control_has(const struct control *control, const char *name)
{
	return !control->listed || find_name(control, name) != NULL;
}

void
control_hide(struct control *control, const char *name)
{
	char *at = find_name(control, name);

	/* No file has such a name. */
	if (at != NULL && name[0] != '\0')
		at[0] = '/';
}

/* Before it is opened, too. */
static const char *
folder_of(const struct control *control)
{
	return control->folder != NULL ? control->folder : FOLDER;
}

enum status
control_refuse(struct control *control, const char *name, int error)
{
	const char *folder = folder_of(control);
	size_t at = 0, len = strlen(name), room;

	if (name[0] != '/' && name[0] != '$' &&
	    strlen(folder) + 1 < sizeof control->failed) {
		strcpy(control->failed, folder);
		at = strlen(folder);
		control->failed[at++] = '/';
	}
	room = sizeof control->failed - at - 1;
	if (len > room)
		len = room;
	memcpy(control->failed + at, name, len);
	control->failed[at + len] = '\0';
	control->error = error;
	return TEMPFAIL;
}

enum status
control_refuse_at(struct control *control, const char *name, const char *unit,
    size_t number, int error)
{
	char place[sizeof control->failed];

	if (strlen(name) + strlen(unit) + 2 + TEXT_NUMBER > sizeof place)
		return control_refuse(control, name, error);
	strcpy(place, name);
	strcat(place, " ");
	strcat(place, unit);
	strcat(place, " ");
	text_print_number(place + strlen(place), number);
	return control_refuse(control, place, error);
}

/* Whether it can be read whole: an errno, or 0. */
static int
judge(const struct stat *facts)
{
	if (S_ISDIR(facts->st_mode))
		return EISDIR;
	/* /dev/null is an empty file; a FIFO or socket is a mistake. */
	if (!S_ISREG(facts->st_mode) && !S_ISCHR(facts->st_mode))
		return EINVAL;
	return facts->st_size > (off_t)CONTROL_SIZE ? EFBIG : 0;
}

/* All of a file that has this size now; an errno, or 0. */
static int
read_all(int file, off_t size, stralloc *text)
{
	/* One octet more than the file holds shows its end in one read. */
	size_t room = (size_t)size + 1;
	ssize_t len;

	do {
		if (text->len > CONTROL_SIZE)
			return EFBIG;
		if (!stralloc_readyplus(text, room))
			return ENOMEM;
		len = read(file, text->s + text->len, room);
		if (len == -1)
			return errno;
		text->len += (size_t)len;
	} while ((size_t)len == room);
	return 0;
}

/* A link that leads nowhere was meant to lead somewhere; so of its folder. */
static int
is_absent(const char *path)
{
	char folder[FAILED_SIZE];
	struct stat facts;
	char *slash;

	if (lstat(path, &facts) == 0 || errno != ENOENT)
		return 0;
	strcpy(folder, path);
	slash = strrchr(folder, '/');
	if (slash == NULL || slash == folder)
		return 1;
	*slash = '\0';
	return stat(folder, &facts) == 0 || lstat(folder, &facts) == -1;
}

/* The path of control/NAME.  0: it is too long for `path`. */
static int
make_path(const char *folder, const char *name,
    char path[sizeof ((struct control *)0)->failed])
{
	if (strlen(folder) + 1 + strlen(name) >=
	    sizeof ((struct control *)0)->failed)
		return 0;
	strcpy(path, folder);
	if (folder[0] != '\0')
		strcat(path, "/");
	strcat(path, name);
	return 1;
}

int
control_exists(const struct control *control, const char *name)
{
	char path[sizeof control->failed];

	if (control->listed)
		return control_has(control, name);
	return make_path(folder_of(control), name, path) && !is_absent(path);
}

/* Open control/NAME and see what it is; -1: absent. */
static enum status
open_file(struct control *control, const char *name, int *file,
    struct stat *facts)
{
	char path[sizeof control->failed];
	const char *folder = "";
	int error;

	*file = -1;
	if (name[0] != '/') {
		/* What lies in a folder below is not listed. */
		if (strchr(name, '/') == NULL && !control_has(control, name))
			return OK;
		folder = folder_of(control);
	}
	if (!make_path(folder, name, path))
		return control_refuse(control, name, ENAMETOOLONG);
	*file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (*file == -1) {
		error = errno;
		return error == ENOENT && is_absent(path) ? OK :
		    control_refuse(control, name, error);
	}
	error = fstat(*file, facts) == -1 ? errno : judge(facts);
	if (error == 0)
		return OK;
	close(*file);
	*file = -1;
	return control_refuse(control, name, error);
}

enum status
control_open_file(struct control *control, const char *name, int *file)
{
	struct stat facts;

	return open_file(control, name, file, &facts);
}

enum status
control_read(struct control *control, const char *name, stralloc *text,
    int *found)
{
	enum status status;
	struct stat facts;
	int file, error;

	*found = 0;
	if (!stralloc_copyb(text, "", 0))
		return control_refuse(control, name, ENOMEM);
	status = open_file(control, name, &file, &facts);
	if (status != OK || file == -1)
		return status;
	control->mode = facts.st_mode;
	error = read_all(file, S_ISREG(facts.st_mode) ? facts.st_size :
	    DEVICE_BLOCK, text);
	close(file);
	if (error != 0)
		return control_refuse(control, name, error);
	*found = 1;
	return OK;
}

enum status
control_line(struct control *control, const char *name, stralloc *line,
    int *found)
{
	enum status status = control_read(control, name, line, found);
	const char *end;

	if (status != OK || !*found)
		return status;
	end = memchr(line->s, '\n', line->len);
	if (end != NULL)
		line->len = (size_t)(end - line->s);
	line->len = text_trimmed(line->s, line->len);
	return OK;
}

enum status
control_number(struct control *control, const char *name, uint64_t *number)
{
	stralloc line = { 0 };
	enum status status;
	int found;

	if (!control_has(control, name))
		return OK;
	status = control_line(control, name, &line, &found);
	if (status == OK && found)
		text_number(line.s, line.len, number);
	stralloc_free(&line);
	return status;
}
