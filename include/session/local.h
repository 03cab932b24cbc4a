#ifndef SESSION_LOCAL_H
#define SESSION_LOCAL_H

#include "base/address.h"
#include "base/control.h"
#include "base/list.h"
#include "base/map.h"
#include "base/status.h"

/* Which domains are ours, by the rules of stock qmail-smtpd. */
struct local {
	struct list rcpthosts;
	struct map more;	/* morercpthosts.cdb */
	int more_is_open;
};

/*
 * Whether the domain, or a suffix of it that begins with a dot, is listed in
 * rcpthosts or morercpthosts.cdb; the latter counts only beside the former.
 * Without rcpthosts nothing is listed.  TEMPFAIL: a list cannot be read, see
 * base/control.h.
 */
enum status local_has(struct local *, struct control *, const char *domain,
    size_t len, int *found);
void local_free(struct local *);

/*
 * What an address of our own stands for as a domain: localiphost, else me.
 * `name` stays empty when there is neither.  The caller frees it.
 */
enum status local_literal_name(struct control *, stralloc *name);

#endif
