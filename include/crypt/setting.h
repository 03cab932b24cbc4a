#ifndef CRYPT_SETTING_H
#define CRYPT_SETTING_H

#include <stddef.h>

#include <openssl/ssl.h>

#define SETTING_SIZE	4096	/* most octets of a setting, with its NUL */

/*
 * Read the lines of a control file as one text, joined by `between`; blanks
 * at the end of a line, empty lines and those that begin with # are dropped.
 * An absent file is "".  0: it cannot be read or is too long; errno says why.
 */
int setting_read(const char *path, char between, char text[SETTING_SIZE]);

/* "1.0" to "1.3" as OpenSSL's number; 0: it is none of these. */
int setting_version(const char *text);

/*
 * Ciphers as openssl-ciphers(1) has them; the names of TLS 1.3, which begin
 * with TLS_, may stand among them.  0: OpenSSL knows none of them; nothing is
 * changed then.
 */
int setting_ciphers(SSL *, const char *text);
int setting_ciphers_for_all(SSL_CTX *, const char *text);

/* Versions before TLS 1.2 need what OpenSSL's security levels forbid. */
int setting_minimum(SSL *, int version);

#endif
