/* network - IP networks as values */
#include "base/network.h"

#include <string.h>

#include "base/text.h"

#define MAPPED_BITS	96u	/* what ::ffff:0:0 puts before IPv4 */
#define GROUP_DIGITS	4	/* of IPv6, hexadecimal */
#define PART_DIGITS	3	/* of IPv4, decimal */

/* Digits alone, as many as `most`, and none for show; -1: it is no number. */
static int
read_decimal(const char *text, size_t len, size_t most)
{
	uint64_t number;

	if (len == 0 || len > most || (len > 1 && text[0] == '0') ||
	    text_number(text, len, &number) != len)
		return -1;
	return (int)number;
}

static int
read_hexadecimal(const char *text, size_t len)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	int number = 0;
	size_t i;

	if (len == 0 || len > GROUP_DIGITS)
		return -1;
	for (i = 0; i < len; i++) {
		const char *digit = text[i] == '\0' ? NULL :
		    strchr(digits, text[i]);

		if (digit == NULL)
			return -1;
		number = number << 4 | (int)((digit - digits) & 15);
	}
	return number;
}

/* Whole parts, each with its `end`: `10.1.` or `2001:db8:`. */
static enum status
parse_parts(const char *text, size_t len, char end, unsigned char octets[16],
    unsigned *prefix)
{
	size_t octets_each = end == '.' ? 1 : 2;
	size_t most = end == '.' ? 3 : 14;
	size_t at = 0;

	memset(octets, 0, 16);
	while (len > 0) {
		const char *mark = memchr(text, end, len);
		size_t n = mark != NULL ? (size_t)(mark - text) : 0;
		int part = end == '.' ? read_decimal(text, n, PART_DIGITS) :
		    read_hexadecimal(text, n);

		if (mark == NULL || part == -1 || at == most ||
		    (end == '.' && part > 255))
			return PERMFAIL;
		if (octets_each == 2)
			octets[at++] = (unsigned char)(part >> 8);
		octets[at++] = (unsigned char)part;
		text += n + 1;
		len -= n + 1;
	}
	*prefix = (unsigned)at * 8;
	return OK;
}

static enum status
parse_cidr(const char *text, size_t len, int is_ipv6, struct address *address,
    unsigned *prefix)
{
	const char *slash = memchr(text, '/', len);
	int number = is_ipv6 ? NETWORK_PREFIX_IPV6 : NETWORK_PREFIX_IPV4;

	if (slash != NULL) {
		number = read_decimal(slash + 1,
		    len - (size_t)(slash + 1 - text), 3);
		len = (size_t)(slash - text);
	}
	if (number == -1)
		return PERMFAIL;
	*prefix = (unsigned)number;
	return address_parse(text, len, address);
}

/* `2001:db8::` ends with colons and is an address all the same. */
static char
end_of_parts(const char *text, size_t len)
{
	char last = len > 0 ? text[len - 1] : '\0';

	if (last == '.' || (last == ':' && len > 1 && text[len - 2] != ':'))
		return last;
	return '\0';
}

enum status
network_parse(const char *text, size_t len, struct network *network)
{
	int is_ipv6 = len > 0 && memchr(text, ':', len) != NULL;
	char end = end_of_parts(text, len);
	struct network found;
	unsigned char octets[16];
	unsigned prefix;

	if (len == 0 || len >= NETWORK_TEXT || memchr(text, '%', len) != NULL)
		return PERMFAIL;
	if (end != '\0') {
		if (parse_parts(text, len, end, octets, &prefix) != OK)
			return PERMFAIL;
		address_set(&found.address, end == '.' ? 4 : 6, octets);
	} else if (parse_cidr(text, len, is_ipv6, &found.address,
	    &prefix) != OK)
		return PERMFAIL;
	if (is_ipv6 && found.address.family == 4) {
		if (prefix < MAPPED_BITS)
			return PERMFAIL;
		prefix -= MAPPED_BITS;
	}
	memcpy(octets, found.address.octets, sizeof octets);
	if (network_set(&found, found.address.family, octets, prefix) != OK)
		return PERMFAIL;
	network_mask(&found);
	*network = found;
	return OK;
}

enum status
network_set(struct network *network, int family, const unsigned char *octets,
    unsigned prefix)
{
	if (prefix < NETWORK_PREFIX_LEAST ||
	    prefix > (family == 4 ? NETWORK_PREFIX_IPV4 : NETWORK_PREFIX_IPV6))
		return PERMFAIL;
	/* Not address_set(): a list may say of IPv6 what is IPv4-mapped. */
	memset(network, 0, sizeof *network);
	network->address.family = family;
	memcpy(network->address.octets, octets, family == 4 ? 4 : 16);
	network->prefix = prefix;
	return OK;
}

void
network_mask(struct network *network)
{
	unsigned char *octets = network->address.octets;
	size_t whole = network->prefix / 8;

	if (whole == sizeof network->address.octets)
		return;
	octets[whole] &= (unsigned char)(0xff00 >> network->prefix % 8);
	memset(octets + whole + 1, 0,
	    sizeof network->address.octets - whole - 1);
}

void
network_print(const struct network *network, char text[NETWORK_TEXT])
{
	char number[TEXT_NUMBER];

	address_print(&network->address, text);
	text_print_number(number, network->prefix);
	strcat(text, "/");
	strcat(text, number);
}

int
network_has(const struct network *network, const struct address *address)
{
	const unsigned char *octets = network->address.octets;
	size_t whole = network->prefix / 8;
	unsigned rest = network->prefix % 8;

	if (network->address.family != address->family ||
	    memcmp(octets, address->octets, whole) != 0)
		return 0;
	return rest == 0 ||
	    (octets[whole] ^ address->octets[whole]) >> (8 - rest) == 0;
}

int
network_covers(const struct network *outer, const struct network *inner)
{
	return outer->prefix <= inner->prefix &&
	    network_has(outer, &inner->address);
}

int
network_compare(const struct network *one, const struct network *other)
{
	int order = one->address.family - other->address.family;

	if (order == 0)
		order = memcmp(one->address.octets, other->address.octets,
		    sizeof one->address.octets);
	if (order == 0)
		order = (int)one->prefix - (int)other->prefix;
	return order;
}
