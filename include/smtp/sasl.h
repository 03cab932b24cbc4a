#ifndef SMTP_SASL_H
#define SMTP_SASL_H

#include <stddef.h>

#include "base/status.h"

/*
 * What AUTH (RFC 4954) carries: SASL mechanisms and their messages, as octets
 * behind base64.  Strings are borrowed from the message and not ended by NUL.
 */

/* Bits of a set, in rising order of what they keep from a listener. */
enum mechanism {
	MECHANISM_LOGIN = 1,		/* never became an RFC */
	MECHANISM_PLAIN = 2,		/* RFC 4616 */
	MECHANISM_CRAM_MD5 = 4,		/* RFC 2195 */
	MECHANISM_ALL = 7
};

#define SASL_LINE	12288	/* octets, CR LF counted (RFC 4954 4) */
#define SASL_DIGEST	32	/* hexadecimal digits of CRAM-MD5 */

/* The bit of a mechanism by its name in any case; 0: nobody knows it. */
unsigned mechanism_of(const char *name, size_t len);
const char *mechanism_name(enum mechanism);

/* Who wants in. */
struct login {
	const char *user;
	size_t user_len;
	const char *secret;	/* the password, or the digest of CRAM-MD5 */
	size_t secret_len;
};

/*
 * The message of PLAIN.  PERMFAIL: malformed, or it is to act for another
 * than the user (`other` is then 1).
 */
enum status sasl_read_plain(const char *message, size_t len, struct login *,
    int *other);

/* The response of CRAM-MD5: a user and 32 digits.  PERMFAIL: malformed. */
enum status sasl_read_cram(const char *message, size_t len, struct login *);

#endif
