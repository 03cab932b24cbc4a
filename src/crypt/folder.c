/* folder - where our certificates lie, and whether they changed */
#include "crypt/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define CONTROL		"control"
#define CERTIFICATE	"servercert.pem"
#define KEY		"serverkey.pem"
#define NAMES		CONTROL "/servercerts"

/* FNV-1a, 64 bits: not against an enemy, who has no way to these files. */
#define SUM_START	0xcbf29ce484222325u
#define SUM_PRIME	0x100000001b3u

int
folder_has(const char *path)
{
	struct stat facts;

	return lstat(path, &facts) == 0 || errno != ENOENT;
}

static int
join(char path[FOLDER_PATH], const char *folder, const char *name)
{
	int len = snprintf(path, FOLDER_PATH, "%s/%s", folder, name);

	return len > 0 && len < FOLDER_PATH;
}

/* ".IP" or ".IP:PORT", and nothing; a copy that is kept beside is no more. */
static int
is_suffix(const char *behind)
{
	return behind[0] == '\0' || (behind[0] == '.' && behind[1] != '\0' &&
	    behind[1 + strspn(behind + 1, "0123456789abcdefABCDEF:.")] ==
	    '\0');
}

/* Files like control/servercert.pem, with an address behind or not. */
static int
walk_addresses(void (*take)(void *data, const struct folder_place *),
    void *data)
{
	const size_t len = sizeof CERTIFICATE - 1;
	DIR *folder = opendir(CONTROL);
	struct dirent *entry;

	if (folder == NULL)
		return errno == ENOENT;
	while ((entry = readdir(folder)) != NULL) {
		const char *behind = entry->d_name + len;
		char path[FOLDER_PATH], key[FOLDER_PATH];
		struct folder_place place = { 1, "", path, NULL };

		if (strncmp(entry->d_name, CERTIFICATE, len) != 0 ||
		    !is_suffix(behind) ||
		    !join(path, CONTROL, entry->d_name))
			continue;
		snprintf(key, sizeof key, "%s/%s%s", CONTROL, KEY, behind);
		if (folder_has(key))
			place.key_path = key;
		place.name = behind + (behind[0] == '.');
		take(data, &place);
	}
	closedir(folder);
	return 1;
}

static int
walk_names(void (*take)(void *data, const struct folder_place *), void *data)
{
	DIR *folder = opendir(NAMES);
	struct dirent *entry;

	if (folder == NULL)
		return errno == ENOENT;
	while ((entry = readdir(folder)) != NULL) {
		char path[FOLDER_PATH];
		struct folder_place place = { 0, entry->d_name, path, NULL };

		if (entry->d_name[0] != '.' &&
		    join(path, NAMES, entry->d_name))
			take(data, &place);
	}
	closedir(folder);
	return 1;
}

int
folder_walk(void (*take)(void *data, const struct folder_place *), void *data)
{
	return walk_addresses(take, data) && walk_names(take, data);
}

static int
is_pem(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > 4 &&
	    strcmp(name + len - 4, ".pem") == 0;
}

/* Call it for each *.pem of a folder.  -1: it is none; 0: one call failed. */
static int
each_pem(const char *path, int (*take)(void *data, const char *path),
    void *data)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	size_t files = 0;
	int good = 1;

	if (folder == NULL)
		return -1;
	while (good && (entry = readdir(folder)) != NULL) {
		char file[FOLDER_PATH];

		if (is_pem(entry->d_name) && join(file, path, entry->d_name) &&
		    files++ < FOLDER_FILES)
			good = take(data, file);
	}
	closedir(folder);
	return good;
}

struct reading {
	struct pem *pem;
	char *why;
};

static int
read_one(void *data, const char *path)
{
	struct reading *reading = data;

	return pem_read_path(reading->pem, path, reading->why);
}

int
folder_read(const struct folder_place *place, struct pem *pem,
    char why[PEM_WHY])
{
	struct reading reading = { pem, why };
	int good = each_pem(place->path, read_one, &reading);

	if (good == -1)
		good = pem_read_path(pem, place->path, why);
	if (good && place->key_path != NULL) {
		good = each_pem(place->key_path, read_one, &reading);
		if (good == -1)
			good = pem_read_path(pem, place->key_path, why);
	}
	return good;
}

static void
add_octets(uint64_t *sum, const void *octets, size_t len)
{
	const unsigned char *at = octets;

	while (len-- > 0)
		*sum = (*sum ^ *at++) * SUM_PRIME;
}

/* Links are followed: what they lead to is what changes. */
static int
add_file(void *data, const char *path)
{
	uint64_t *sum = data;
	struct stat facts;

	add_octets(sum, path, strlen(path) + 1);
	if (stat(path, &facts) == -1) {
		add_octets(sum, &errno, sizeof errno);
		return 1;
	}
	add_octets(sum, &facts.st_dev, sizeof facts.st_dev);
	add_octets(sum, &facts.st_ino, sizeof facts.st_ino);
	add_octets(sum, &facts.st_mode, sizeof facts.st_mode);
	add_octets(sum, &facts.st_size, sizeof facts.st_size);
	add_octets(sum, &facts.st_mtim.tv_sec, sizeof facts.st_mtim.tv_sec);
	add_octets(sum, &facts.st_mtim.tv_nsec, sizeof facts.st_mtim.tv_nsec);
	add_octets(sum, &facts.st_ctim.tv_sec, sizeof facts.st_ctim.tv_sec);
	add_octets(sum, &facts.st_ctim.tv_nsec, sizeof facts.st_ctim.tv_nsec);
	return 1;
}

static void
add_place(void *data, const struct folder_place *place)
{
	if (each_pem(place->path, add_file, data) == -1)
		add_file(data, place->path);
	if (place->key_path != NULL &&
	    each_pem(place->key_path, add_file, data) == -1)
		add_file(data, place->key_path);
}

uint64_t
folder_signature(void)
{
	static const char *const files[] = {
		CONTROL "/tlsserverciphers", CONTROL "/tlsserverminimum",
		CONTROL "/tlsservergroups", CONTROL "/clientca.pem",
		CONTROL "/clientcrl.pem",
	};
	uint64_t sum = SUM_START;
	size_t i;

	for (i = 0; i < sizeof files / sizeof files[0]; i++)
		add_file(&sum, files[i]);
	if (!folder_walk(add_place, &sum))
		add_octets(&sum, &errno, sizeof errno);
	return sum;
}
