/*
 * replay - give each file that is named, or lies in a folder that is named,
 * to a fuzz target, in the order of the names
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "../target.h"

static int replay(const char *path, unsigned *count);

static int
replay_folder(const char *path, unsigned *count)
{
	struct dirent **names;
	int i, n = scandir(path, &names, NULL, alphasort), bad = n < 0;

	for (i = 0; i < n; i++) {
		char *file = malloc(strlen(path) + strlen(names[i]->d_name) +
		    2);

		if (file == NULL)
			bad = 1;
		else if (names[i]->d_name[0] != '.') {
			sprintf(file, "%s/%s", path, names[i]->d_name);
			bad |= replay(file, count);
		}
		free(file);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return bad;
}

/* In an allocation just as large, where a sanitizer sees each step outside. */
static int
replay_file(const char *path, size_t size, unsigned *count)
{
	uint8_t *data = malloc(size > 0 ? size : 1);
	FILE *file = fopen(path, "rb");
	int bad = data == NULL || file == NULL ||
	    fread(data, 1, size, file) != size;

	if (file != NULL)
		fclose(file);
	/* Which one it was, should it abort. */
	fprintf(stderr, "%s\n", path);
	if (!bad) {
		LLVMFuzzerTestOneInput(data, size);
		++*count;
	}
	free(data);
	return bad;
}

static int
replay(const char *path, unsigned *count)
{
	struct stat facts;
	int bad;

	if (stat(path, &facts) == -1)
		bad = 1;
	else if (S_ISDIR(facts.st_mode))
		bad = replay_folder(path, count);
	else
		bad = replay_file(path, (size_t)facts.st_size, count);
	if (bad)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return bad;
}

int
main(int argc, char **argv)
{
	unsigned count = 0;
	int i, bad = 0;

	for (i = 1; i < argc; i++)
		bad |= replay(argv[i], &count);
	printf("%u inputs replayed\n", count);
	/* A corpus that is not found proves nothing. */
	return bad || count == 0;
}
