#ifndef BASE_NETWORK_H
#define BASE_NETWORK_H

#include <stddef.h>

#include "base/address.h"
#include "base/status.h"

/* An IP network as a value: the addresses that begin with the same bits. */
struct network {
	struct address address;	/* its first one: host bits are zero */
	unsigned prefix;	/* how many bits they share */
};

/* What a list may hold. */
#define NETWORK_PREFIX_LEAST	8u
#define NETWORK_PREFIX_IPV4	32u	/* the longest: one address */
#define NETWORK_PREFIX_IPV6	128u

#define NETWORK_TEXT	(ADDRESS_TEXT + 4)	/* an address, "/128", NUL */

/*
 * Read the text form: an address, an address with the length of the prefix
 * (`10.1.0.0/16`, host bits are cleared), or whole parts of one, each with
 * what follows it: `10.1.` is 10.1.0.0/16, `2001:db8:` is 2001:db8::/32.
 * What is IPv4-mapped is IPv4, `/112` is then `/16`.  A zone is no part of it.
 * PERMFAIL: it is none, or one that no list may hold; `network` is left alone.
 */
enum status network_parse(const char *text, size_t len, struct network *);

/*
 * From 4 octets (family 4) or 16 (family 6) in network order.  Host bits are
 * kept: network_mask() clears them.  PERMFAIL: no list may hold this prefix.
 */
enum status network_set(struct network *, int family,
    const unsigned char *octets, unsigned prefix);
void network_mask(struct network *);

/* Write `10.1.0.0/16`, with a NUL. */
void network_print(const struct network *, char text[NETWORK_TEXT]);

/* Whether the address is one of the network; host bits do not count. */
int network_has(const struct network *, const struct address *);

/* Whether all addresses of `inner` are of `outer`. */
int network_covers(const struct network *outer, const struct network *inner);

/*
 * Less than, equal to or greater than 0, as `one` goes before, is, or goes
 * after `other`: by family, octets, and the shorter prefix first.  So what a
 * network covers follows it without a gap.
 */
int network_compare(const struct network *one, const struct network *other);

#endif
