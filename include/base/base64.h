#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stddef.h>

#include "base/status.h"

/* Base64 (RFC 4648 4) without line breaks. */

/* Octets that `len` octets take as text, and text at most as octets. */
#define BASE64_TEXT(len)	(((len) + 2) / 3 * 4)
#define BASE64_OCTETS(len)	((len) / 4 * 3)

/* Write BASE64_TEXT(len) octets, without a NUL; returns how many. */
size_t base64_encode(const void *octets, size_t len, char *text);

/*
 * Strict: the alphabet and nothing else, padded, no bits left over.  `octets`
 * has room for BASE64_OCTETS(len); it may be `text` itself.  PERMFAIL: it is
 * no base64, and `octets` holds nothing of use.
 */
enum status base64_decode(const char *text, size_t len, void *octets,
    size_t *octets_len);

#endif
