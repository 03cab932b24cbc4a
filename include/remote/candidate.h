#ifndef REMOTE_CANDIDATE_H
#define REMOTE_CANDIDATE_H

#include <stddef.h>
#include <stralloc.h>

#include "base/address.h"
#include "base/status.h"
#include "net/dns.h"
#include "remote/config.h"
#include "remote/report.h"
#include "remote/route.h"

/* The addresses to try for a host, in order (RFC 5321 5.1). */

#define CANDIDATES	10	/* most addresses, */
#define CANDIDATE_HOSTS	5	/* and hosts, that are tried */

struct candidate {
	struct address address;
	unsigned preference;
	char host[256];		/* the name that led to it, or a literal */
};

struct candidates {
	struct candidate list[CANDIDATES];
	size_t count;
	int is_partial;		/* some address was not answered, or left out */
	/* Why there is none. */
	enum message_report letter;
	stralloc text;
};

/* Whether the DNS has to be asked; a literal or an address needs none. */
int candidates_need_dns(const struct route *, const char *host);

/*
 * Find them: by the route's relay, else by MX, else by the host's own address.
 * Hosts of one preference are shuffled; IPv6 and IPv4 take turns; where an
 * address is our own, only hosts that are preferred to it are left.  With
 * count 0 `letter` and `text` are what to report.  `dns` may be NULL where it
 * is not needed.  candidates_free() it.
 */
void candidates_find(struct candidates *, struct dns *,
    const struct config *, const struct route *, const char *host);
void candidates_free(struct candidates *);

#endif
