#ifndef FILTER_WILDCARD_H
#define FILTER_WILDCARD_H

#include <stddef.h>

#include "base/address.h"
#include "base/status.h"

/*
 * A line of control/wildcardns: a top-level domain that answers for names that
 * nobody registered, and an address that it answers with.
 */
struct wildcard {
	const char *domain;	/* in the line */
	size_t len;
	struct address address;
};

#define WILDCARD_DOMAIN	63	/* octets of a label, RFC 1035 2.3.4 */

/*
 * Read `com_::ffff:192.0.2.1`, or with a plain IPv4 address.  PERMFAIL: it is
 * no such line, and `wildcard` is left alone.
 */
enum status wildcard_parse(const char *line, size_t len, struct wildcard *);

#endif
