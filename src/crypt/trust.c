/* trust - CAs of a file or of a folder, by descriptors */
#include "crypt/trust.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <openssl/x509_vfy.h>

#define SPARE_FDS	16	/* besides the files of a folder */
#define HASH_DIGITS	8	/* of a name's hash, before a dot */

/* The files of a folder, open. */
struct files {
	size_t count;
	struct {
		unsigned long hash;	/* of the CA's name */
		int fd;
	} list[TRUST_FILES];
};

/* "0123abcd.0"; certificates revoked are 0123abcd.r0, and not looked at. */
static int
parse_name(const char *name, unsigned long *hash)
{
	char *end;

	if (strspn(name, "0123456789abcdef") != HASH_DIGITS ||
	    name[HASH_DIGITS] != '.' || name[HASH_DIGITS + 1] == '\0' ||
	    name[HASH_DIGITS + 1 + strspn(name + HASH_DIGITS + 1,
	    "0123456789")] != '\0')
		return 0;
	*hash = strtoul(name, &end, 16);
	return 1;
}

static int
raise_limit(void)
{
	const rlim_t wanted = TRUST_FILES + SPARE_FDS;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return 0;
	if (limit.rlim_cur >= wanted)
		return 1;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static int
fail(char why[PEM_WHY], const char *reason)
{
	snprintf(why, PEM_WHY, "CA folder: %s", reason);
	return 0;
}

static int
open_files(struct files *files, int folder, char why[PEM_WHY])
{
	DIR *entries = fdopendir(folder);
	struct dirent *entry;
	unsigned long hash;

	if (entries == NULL || !raise_limit())
		return fail(why, strerror(errno));
	while ((entry = readdir(entries)) != NULL) {
		int fd;

		if (!parse_name(entry->d_name, &hash))
			continue;
		if (files->count == TRUST_FILES)
			return fail(why, "too many files");
		fd = openat(folder, entry->d_name,
		    O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd == -1 && (errno == EMFILE || errno == ENFILE))
			return fail(why, strerror(errno));
		/* A link that leads nowhere is one CA less. */
		if (fd == -1)
			continue;
		files->list[files->count].hash = hash;
		files->list[files->count++].fd = fd;
	}
	closedir(entries);
	return 1;
}

static int
take_all(X509_STORE *store, int fd, const X509_NAME *name, char why[PEM_WHY])
{
	struct pem pem = { 0 };
	int i, good = pem_read(&pem, fd, why);

	/* A folder may have files of another kind; a file is named. */
	if (good && name == NULL && sk_X509_num(pem.certificates) <= 0) {
		snprintf(why, PEM_WHY, "%s", "the CA file has no certificate");
		good = 0;
	}

	for (i = 0; good && i < sk_X509_num(pem.certificates); i++) {
		X509 *certificate = sk_X509_value(pem.certificates, i);

		if (name != NULL && X509_NAME_cmp(
		    X509_get_subject_name(certificate), name) != 0)
			continue;
		good = X509_STORE_add_cert(store, certificate);
	}
	/* The store has a share of its own in what it took. */
	pem_free(&pem);
	return good;
}

/* OpenSSL asks for a CA by its name, while it verifies. */
static int
get_by_subject(X509_LOOKUP *lookup, X509_LOOKUP_TYPE type,
    const X509_NAME *name, X509_OBJECT *object)
{
	struct files *files = X509_LOOKUP_get_method_data(lookup);
	X509_STORE *store = X509_LOOKUP_get_store(lookup);
	unsigned long hash = X509_NAME_hash_ex(name, NULL, NULL, NULL);
	X509_OBJECT *found;
	X509 *certificate;
	char why[PEM_WHY];
	size_t i;

	if (type != X509_LU_X509)
		return 0;
	for (i = 0; i < files->count; i++)
		if (files->list[i].hash == hash)
			take_all(store, files->list[i].fd, name, why);
	/* What is in the store is not freed before we are done. */
	found = X509_OBJECT_retrieve_by_subject(X509_STORE_get0_objects(store),
	    X509_LU_X509, name);
	certificate = found != NULL ? X509_OBJECT_get0_X509(found) : NULL;
	if (certificate == NULL ||
	    !X509_OBJECT_set1_X509(object, certificate))
		return 0;
	/* The caller takes a share in what it gets, and leaves ours alone. */
	X509_free(certificate);
	return 1;
}

static int
add_folder(X509_STORE *store, int folder, char why[PEM_WHY])
{
	X509_LOOKUP_METHOD *method = X509_LOOKUP_meth_new("descriptors");
	struct files *files = calloc(1, sizeof *files);
	X509_LOOKUP *lookup = NULL;

	if (method == NULL || files == NULL ||
	    !X509_LOOKUP_meth_set_get_by_subject(method, get_by_subject))
		fail(why, "out of memory");
	else if (open_files(files, folder, why)) {
		lookup = X509_STORE_add_lookup(store, method);
		if (lookup != NULL && X509_LOOKUP_set_method_data(lookup,
		    files))
			return 1;
		fail(why, "out of memory");
	}
	if (lookup == NULL)
		X509_LOOKUP_meth_free(method);
	free(files);
	return 0;
}

X509_STORE *
trust_read(int ca_file, int ca_folder, char why[PEM_WHY])
{
	X509_STORE *store = X509_STORE_new();

	if (store == NULL) {
		snprintf(why, PEM_WHY, "%s", "out of memory");
		return NULL;
	}
	if ((ca_file != -1 && !take_all(store, ca_file, NULL, why)) ||
	    (ca_folder != -1 && !add_folder(store, ca_folder, why))) {
		X509_STORE_free(store);
		return NULL;
	}
	return store;
}
