#ifndef BASE_IPRECORD_H
#define BASE_IPRECORD_H

#include <stddef.h>
#include <sys/stat.h>

#include "base/network.h"
#include "base/status.h"

/* A record of a binary list (base/iplist.h), and the list's seal. */

#define IPRECORD_SIZE	17	/* of the larger one */

/* 5 octets for family 4, 17 for family 6. */
size_t iprecord_size(int family);

/* With its host bits.  PERMFAIL: the prefix is none for a list. */
enum status iprecord_parse(const unsigned char *record, int family,
    struct network *);

/* The nanoseconds that seal a file of this inode, size and time. */
long iprecord_seal(const struct stat *);
int iprecord_is_sealed(const struct stat *);

#endif
