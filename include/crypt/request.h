#ifndef CRYPT_REQUEST_H
#define CRYPT_REQUEST_H

#include <stddef.h>

#include "crypt/record.h"

#define REQUEST_TEXT	256	/* room for a text, with its NUL */
#define REQUEST_CIPHERS	1024
#define REQUEST_NAMES	16	/* most names, and as many fingerprints */
#define REQUEST_NO_FD	(-1)

/* What a program wants, see crypt/record.h for each. */
struct request {
	enum record_role role;
	char session[REQUEST_TEXT];
	char peer[REQUEST_TEXT];
	char local_ip[REQUEST_TEXT], local_port[REQUEST_TEXT];
	char server_name[REQUEST_TEXT];
	char ciphers[REQUEST_CIPHERS];
	unsigned handshake_s;
	unsigned minimum;	/* 0: not said */
	int asks_certificate;
	enum record_policy policy;
	char names[REQUEST_NAMES][REQUEST_TEXT];
	size_t name_count;
	unsigned char fingerprints[REQUEST_NAMES][RECORD_DIGEST];
	size_t fingerprint_count;
	/* Descriptors that came along, or REQUEST_NO_FD. */
	int ca_file, ca_folder, certificate, key;
};

/*
 * Read a record of type R.  0: it is malformed, or wants what is not known
 * here; `why` says what.  The descriptors belong to `request` in any case.
 */
int request_read(struct request *, struct record *, const int *fds,
    size_t count, const char **why);

#endif
