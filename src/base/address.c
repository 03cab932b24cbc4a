/* address - IP addresses as values */
#include "base/address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "base/text.h"

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

/* From 16 octets in network order, which may stand for an IPv4 address. */
static void
set_ipv6(struct address *address, const unsigned char octets[16])
{
	memset(address, 0, sizeof *address);
	if (memcmp(octets, mapped, sizeof mapped) == 0) {
		address->family = 4;
		memcpy(address->octets, octets + 12, 4);
	} else {
		address->family = 6;
		memcpy(address->octets, octets, 16);
	}
}

void
address_set(struct address *address, int family, const unsigned char *octets)
{
	if (family == 6) {
		set_ipv6(address, octets);
		return;
	}
	memset(address, 0, sizeof *address);
	address->family = 4;
	memcpy(address->octets, octets, 4);
}

enum status
address_parse(const char *text, size_t len, struct address *address)
{
	char copy[ADDRESS_TEXT];
	unsigned char octets[16];
	const char *zone = memchr(text, ':', len) != NULL ?
	    memchr(text, '%', len) : NULL;

	if (zone != NULL)
		len = (size_t)(zone - text);
	if (len >= sizeof copy || memchr(text, '\0', len) != NULL)
		return PERMFAIL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET, copy, octets) == 1)
		address_set(address, 4, octets);
	else if (inet_pton(AF_INET6, copy, octets) == 1)
		address_set(address, 6, octets);
	else
		return PERMFAIL;
	return OK;
}

enum status
address_parse_literal(const char *text, size_t len, struct address *address)
{
	static const char tag[] = "IPv6:";
	struct address found;

	if (len < 2 || text[0] != '[' || text[len - 1] != ']' ||
	    memchr(text, '%', len) != NULL)
		return PERMFAIL;
	text++;
	len -= 2;
	if (text_begins(text, len, tag)) {
		text += sizeof tag - 1;
		len -= sizeof tag - 1;
		if (memchr(text, ':', len) == NULL)
			return PERMFAIL;
	} else if (memchr(text, ':', len) != NULL)
		return PERMFAIL;
	if (address_parse(text, len, &found) != OK)
		return PERMFAIL;
	*address = found;
	return OK;
}

void
address_print(const struct address *address, char text[ADDRESS_TEXT])
{
	int family = address->family == 6 ? AF_INET6 : AF_INET;

	if (address->family == 0 || inet_ntop(family, address->octets, text,
	    ADDRESS_TEXT) == NULL)
		strcpy(text, "unknown");
}

size_t
address_print_reversed(const struct address *address,
    char text[ADDRESS_REVERSED])
{
	static const char digits[] = "0123456789abcdef";
	size_t i, len = 0;

	if (address->family == 4)
		for (i = 4; i-- > 0; text[len++] = '.')
			len += text_print_number(text + len,
			    address->octets[i]);
	if (address->family == 6)
		for (i = 16; i-- > 0;) {
			text[len++] = digits[address->octets[i] & 15];
			text[len++] = '.';
			text[len++] = digits[address->octets[i] >> 4];
			text[len++] = '.';
		}
	if (len > 0)
		len--;
	text[len] = '\0';
	return len;
}

int
address_equal(const struct address *one, const struct address *other)
{
	return one->family == other->family && one->family != 0 &&
	    memcmp(one->octets, other->octets, one->family == 4 ? 4 : 16) == 0;
}

static int
of_interface(const struct sockaddr *socket_address, struct address *address)
{
	if (socket_address == NULL)
		return 0;
	if (socket_address->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)socket_address;

		address_set(address, 4, (const void *)&in->sin_addr);
		return 1;
	}
	if (socket_address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)socket_address;

		address_set(address, 6, in6->sin6_addr.s6_addr);
		return 1;
	}
	return 0;
}

enum status
own_addresses_open(struct own_addresses *own)
{
	struct ifaddrs *first;

	if (getifaddrs(&first) == -1)
		return TEMPFAIL;
	own->interfaces = first;
	return OK;
}

void
own_addresses_close(struct own_addresses *own)
{
	freeifaddrs(own->interfaces);
}

static int
is_unspecified(const struct address *address)
{
	static const unsigned char zeros[sizeof address->octets];

	return address->family != 0 &&
	    memcmp(address->octets, zeros, sizeof zeros) == 0;
}

int
own_addresses_have(const struct own_addresses *own,
    const struct address *address)
{
	const struct ifaddrs *each;
	struct address ours;

	/* All of 127/8 is this host (RFC 1122 3.2.1.3). */
	if (is_unspecified(address) || (address->family == 4 &&
	    address->octets[0] == 127))
		return 1;
	for (each = own->interfaces; each != NULL; each = each->ifa_next)
		if ((each->ifa_flags & IFF_UP) != 0 &&
		    of_interface(each->ifa_addr, &ours) &&
		    address_equal(&ours, address))
			return 1;
	return 0;
}

enum status
address_is_own(const struct address *address, int *is_own)
{
	struct own_addresses own;

	if (own_addresses_open(&own) != OK)
		return TEMPFAIL;
	*is_own = own_addresses_have(&own, address);
	own_addresses_close(&own);
	return OK;
}
