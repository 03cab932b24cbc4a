#ifndef FILTER_ADDRESSCLASS_H
#define FILTER_ADDRESSCLASS_H

#include "base/address.h"

/* Where an address leads, seen from another host (RFC 6890 and its kin). */
enum address_class {
	ADDRESS_PUBLIC,		/* as far as is known */
	ADDRESS_LOOPBACK,	/* to that host itself; unspecified ones, too */
	ADDRESS_PRIVATE		/* to its own network, or to nobody's */
};

enum address_class address_class(const struct address *);

#endif
