#ifndef CRYPT_FOLDER_H
#define CRYPT_FOLDER_H

#include <stdint.h>

#include "crypt/pem.h"

#define FOLDER_PATH	600	/* room for a path, with its NUL */
#define FOLDER_FILES	64	/* most files of one identity */

/*
 * Where our certificates lie:
 *
 *	control/servercert.pem		the host's own; the key in it or in
 *	control/serverkey.pem
 *	control/servercert.pem.IP	of one of its addresses, or of one port
 *	control/servercert.pem.IP:PORT	of that; keys likewise
 *	control/servercerts/NAME	of one of its names
 *
 * Each may be a file, or a folder of which all files whose names end with
 * .pem are read: a link to a folder of certbot's, say.
 */
struct folder_place {
	int is_address;		/* else a name */
	const char *name;	/* "", IP, IP:PORT or NAME */
	const char *path;
	const char *key_path;	/* NULL: none */
};

/*
 * Call `take` for each.  0: a folder is there and cannot be read; errno says
 * why.  Which places are in it is not known then.
 */
int folder_walk(void (*take)(void *data, const struct folder_place *),
    void *data);

/* Read all that such a place has.  0: it cannot be read, `why` says why. */
int folder_read(const struct folder_place *, struct pem *, char why[PEM_WHY]);

/* A number that changes when any file that counts for TLS does. */
uint64_t folder_signature(void);

/* Whether something is there, readable or not. */
int folder_has(const char *path);

#endif
