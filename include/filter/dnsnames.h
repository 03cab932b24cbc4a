#ifndef FILTER_DNSNAMES_H
#define FILTER_DNSNAMES_H

#include <stddef.h>

#include "session/session.h"

#define DNSNAMES	10	/* that a zone is asked for */

/* What the zones are asked for. */
struct dnsnames {
	const char *names[DNSNAMES];
	size_t lens[DNSNAMES];
	size_t count;
	size_t for_others;	/* how many of them other dialects ask for */
};

/* Add a domain; what is none, has no dot, or is an address is left out. */
void dnsnames_add(struct dnsnames *, const char *domain, size_t len);

/* The client's address as zones have it; `text` must outlive the names. */
void dnsnames_add_client(struct dnsnames *, const struct session *,
    char text[ADDRESS_REVERSED]);

#endif
