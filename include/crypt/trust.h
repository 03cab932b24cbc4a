#ifndef CRYPT_TRUST_H
#define CRYPT_TRUST_H

#include <openssl/x509.h>

#include "crypt/pem.h"

#define TRUST_FILES	1000	/* most files of a folder of CAs */

/*
 * Whom to trust, by descriptors that others have opened.  A folder is one
 * that openssl-rehash(1) has made, as /etc/ssl/certs: its files are opened
 * now, by their names, and only those are read whose CA is asked for, even
 * where nothing can be opened any more.
 */
/* Descriptors, or -1.  NULL: `why` says why.  It lasts as long as we do. */
X509_STORE *trust_read(int ca_file, int ca_folder, char why[PEM_WHY]);

#endif
