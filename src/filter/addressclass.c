/* addressclass - addresses at which the internet has no host */
#include "filter/addressclass.h"

#include "base/network.h"

static const struct {
	struct network network;
	enum address_class class;
} classes[] = {
	{ { { 4, { 0 } }, 8 }, ADDRESS_LOOPBACK },
	{ { { 4, { 127 } }, 8 }, ADDRESS_LOOPBACK },
	{ { { 6, { 0 } }, 127 }, ADDRESS_LOOPBACK },	/* :: and ::1 */
	/* RFC 1918, 6598, 3927. */
	{ { { 4, { 10 } }, 8 }, ADDRESS_PRIVATE },
	{ { { 4, { 172, 16 } }, 12 }, ADDRESS_PRIVATE },
	{ { { 4, { 192, 168 } }, 16 }, ADDRESS_PRIVATE },
	{ { { 4, { 100, 64 } }, 10 }, ADDRESS_PRIVATE },
	{ { { 4, { 169, 254 } }, 16 }, ADDRESS_PRIVATE },
	/* Documentation, RFC 5737; benchmarks, RFC 2544. */
	{ { { 4, { 192, 0, 2 } }, 24 }, ADDRESS_PRIVATE },
	{ { { 4, { 198, 51, 100 } }, 24 }, ADDRESS_PRIVATE },
	{ { { 4, { 203, 0, 113 } }, 24 }, ADDRESS_PRIVATE },
	{ { { 4, { 198, 18 } }, 15 }, ADDRESS_PRIVATE },
	/* Multicast, and what nobody has: RFC 5771, 1112. */
	{ { { 4, { 224 } }, 4 }, ADDRESS_PRIVATE },
	{ { { 4, { 240 } }, 4 }, ADDRESS_PRIVATE },
	/* Unique local, link-local, site-local: RFC 4193, 4291, 3879. */
	{ { { 6, { 0xfc } }, 7 }, ADDRESS_PRIVATE },
	{ { { 6, { 0xfe, 0x80 } }, 10 }, ADDRESS_PRIVATE },
	{ { { 6, { 0xfe, 0xc0 } }, 10 }, ADDRESS_PRIVATE },
	/* Documentation, RFC 3849, 9637; ORCHID, RFC 4843, 7343. */
	{ { { 6, { 0x20, 0x01, 0x0d, 0xb8 } }, 32 }, ADDRESS_PRIVATE },
	{ { { 6, { 0x3f, 0xff } }, 20 }, ADDRESS_PRIVATE },
	{ { { 6, { 0x20, 0x01, 0x00, 0x10 } }, 28 }, ADDRESS_PRIVATE },
	{ { { 6, { 0x20, 0x01, 0x00, 0x20 } }, 28 }, ADDRESS_PRIVATE },
	/* Discard, RFC 6666; multicast, RFC 4291. */
	{ { { 6, { 0x01 } }, 64 }, ADDRESS_PRIVATE },
	{ { { 6, { 0xff } }, 8 }, ADDRESS_PRIVATE },
};

enum address_class
address_class(const struct address *address)
{
	size_t i;

	for (i = 0; i < sizeof classes / sizeof classes[0]; i++)
		if (network_has(&classes[i].network, address))
			return classes[i].class;
	return ADDRESS_PUBLIC;
}
