#ifndef REMOTE_POLICYLINE_H
#define REMOTE_POLICYLINE_H

#include <stddef.h>

#include "base/address.h"
#include "base/status.h"
#include "remote/lines.h"
#include "remote/policy.h"

/* A line of control/tlspolicy: `KEY:LEVEL SETTING...`. */

#define POLICY_NAMES		16	/* most names of a line */
#define POLICY_FINGERPRINTS	16	/* most fingerprints of a line */
#define POLICY_NAME		253	/* most octets of a name, RFC 1035 */
#define POLICY_CA		1023	/* most octets of a path */

/*
 * The colon behind the key; in a line without one the blank behind its first
 * word, or its end.  So a line that lacks its colon has a key all the same,
 * and makes no sense for that host alone.
 */
lines_key_end policyline_key_end;

/*
 * Whether this can be a key: a domain, one behind a dot, `[address]`, or
 * nothing.
 */
int policyline_key_is_valid(const char *key, size_t len);

/*
 * An address as a key has it, `[192.0.2.1]` or `[2001:db8::1]`, the latter
 * with or without `IPv6:`; or one without brackets.  PERMFAIL: it is none.
 */
enum status policyline_address(const char *text, size_t len,
    struct address *);

/*
 * Read what stands behind the key, which is `behind` in lines that
 * policyline_key_end() has read.  Only the level and what the settings say
 * are set.  PERMFAIL: it makes no sense; TEMPFAIL: out of memory.  The policy
 * is to be freed in any case.
 */
enum status policyline_parse(struct policy *, const char *behind,
    const char *end);

/* Append a name in lower case, with a NUL. */
enum status policyline_add_name(stralloc *names, const char *name,
    size_t len);

#endif
