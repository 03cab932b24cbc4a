#ifndef NET_DIAL_H
#define NET_DIAL_H

#include "base/address.h"
#include "base/deadline.h"
#include "base/status.h"

/* How an attempt to connect ended. */
enum dial_end {
	DIAL_CONNECTED,
	DIAL_REFUSED,		/* by the host, or on the way to it */
	DIAL_TIMEOUT,		/* this alone speaks against the host */
	DIAL_NO_ROUTE		/* this machine has no way to such an address */
};

/*
 * Connect to one address and port before the deadline; `from` is the address
 * to connect from, of the same family, or NULL.  On DIAL_CONNECTED `fd` is a
 * blocking socket without Nagle's delay that the caller closes; else `error`
 * is the errno.
 */
enum dial_end dial(const struct address *to, unsigned port,
    const struct address *from, struct deadline, int *fd, int *error);

#endif
