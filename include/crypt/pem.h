#ifndef CRYPT_PEM_H
#define CRYPT_PEM_H

#include <stddef.h>

#include <openssl/x509.h>

/* Certificates and keys out of PEM files, all of which are small. */

#define PEM_FILE_SIZE	(1u << 20)	/* octets of the largest file */
#define PEM_WHY		256		/* room for a reason, with its NUL */

/* What came out of one file or more, in no order.  pem_free() it. */
struct pem {
	STACK_OF(X509) *certificates;
	STACK_OF(EVP_PKEY) *keys;
};

/* Add what a descriptor or a path has.  0: `why` says why not. */
int pem_read(struct pem *, int fd, char why[PEM_WHY]);
int pem_read_path(struct pem *, const char *path, char why[PEM_WHY]);
void pem_free(struct pem *);

/* The newest reason in OpenSSL's own words; its queue is then empty. */
const char *pem_error(void);

#endif
