#ifndef REMOTE_TCPTO_H
#define REMOTE_TCPTO_H

#include <stdint.h>

#include "base/address.h"

/*
 * Addresses that timed out of late: queue/lock/tcpto for IPv4, as qmail has
 * it (64 records of 16 octets), queue/lock/tcpto6 for IPv6 (64 of 32).  A file
 * that is absent or cannot be used has no entries.
 */

/* Whether the address timed out twice or more, and not long ago. */
int tcpto_is_dead(const struct address *, int64_t now_s);

/* Note that the address timed out, or (`timed_out` 0) that it answered. */
void tcpto_note(const struct address *, int timed_out, int64_t now_s);

#endif
