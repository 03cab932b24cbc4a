#ifndef REMOTE_RELAY_H
#define REMOTE_RELAY_H

#include <stddef.h>

#include "base/status.h"
#include "remote/route.h"

/* What a line of smtproutes or authsenders says behind its key. */

/*
 * `relay[:port][|user|password[|cleartext]]`; the relay may be empty, `[IPv6]`
 * or `[IPv4]`.  PERMFAIL: it makes no sense; TEMPFAIL: out of memory.
 */
enum status relay_parse(struct route *, const char *text, size_t len);

/* A relay alone, or none. */
enum status relay_set(struct route *, const char *text, size_t len);

/*
 * A port is 1 to 65535.  What follows its digits is an error if `is_strict`,
 * else it does not count.
 */
enum status relay_parse_port(const char *text, size_t len, int is_strict,
    unsigned *port);

#endif
