#ifndef NET_RESOLVERS_H
#define NET_RESOLVERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/control.h"
#include "base/status.h"

/* The recursive servers that are asked, in this order. */

#define RESOLVERS	6	/* most servers; c-ares shows us 16 sockets */

struct resolver {
	struct address address;
	uint16_t port;
};

struct resolvers {
	size_t count;
	/*
	 * Whether the AD bit of an answer counts.  It is not known which of
	 * them has answered, so the operator must trust them all.
	 */
	int trusted;
	unsigned line;		/* the last one that resolvers_parse() read */
	struct resolver list[RESOLVERS];
};

/*
 * DNSCACHEIP of the environment, else control/resolvers, else
 * /etc/resolv.conf, else this host; one that names no server counts as
 * absent.  TEMPFAIL: cannot be read or makes no sense, see base/control.h.
 */
enum status resolvers_read(struct resolvers *, struct control *);

/*
 * Read one of them from text; what is not `OK` leaves `resolvers` undefined.
 * PERMFAIL: a line makes no sense, or there are too many; of resolvers_parse()
 * it is `line`.  resolv.conf(5) is read as the C library does: what it does not
 * know is passed over.
 */
enum status resolvers_parse(const char *text, size_t len, struct resolvers *);
enum status resolvers_parse_words(const char *text, size_t len,
    struct resolvers *);
void resolvers_parse_system(const char *text, size_t len, struct resolvers *);

#endif
