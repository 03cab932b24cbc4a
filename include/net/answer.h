#ifndef NET_ANSWER_H
#define NET_ANSWER_H

#include <stddef.h>

#include "base/status.h"
#include "net/dns.h"

/*
 * DNS messages (RFC 1035 4) as octets in, typed records out.  No I/O, and no
 * octet is believed.
 */

/* What an answer says; one block of memory holds all that it points to. */
struct answer {
	enum dns_state state;	/* DNS_DATA, DNS_NODATA or DNS_NXDOMAIN */
	int authenticated;	/* the AD bit (RFC 4035 3.2.3) */
	size_t count;
	const struct dns_record *records;	/* the block; free() it */
	const char *canonical;
};

/*
 * Read the answer to a query, which is the message that was sent.  TEMPFAIL:
 * it is malformed, truncated, contradicts itself, reports a failure, or does
 * not answer this very question in the very case of its letters; or out of
 * memory.
 */
enum status answer_read(const unsigned char *octets, size_t len,
    const unsigned char *query, size_t query_len, struct answer *);

/*
 * Whether a name can be asked for: labels of 1 to 63 letters, digits, `-` and
 * `_` (DKIM, DMARC and DANE have it), 253 octets in all, and perhaps a dot
 * behind.  Every name in an answer is printed so that other octets are \DDD,
 * and so is asked for again only where that is wanted.
 */
int answer_is_name(const char *name, size_t len);

#endif
