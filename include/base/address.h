#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <stddef.h>
#include <stralloc.h>

#include "base/status.h"

/*
 * An IP address as a value.  An IPv4-mapped IPv6 address (RFC 4291 2.5.5.2)
 * is IPv4 from the moment it is read.
 */
struct address {
	int family;			/* 4, 6, or 0: not known */
	unsigned char octets[16];	/* network order; IPv4 uses 4 */
};

#define ADDRESS_TEXT	46	/* longest text of an address, with its NUL */

/*
 * Read the text form of an address; an IPv6 zone (`%eth0`) is dropped.
 * PERMFAIL: it is none, and `address` is left alone.
 */
enum status address_parse(const char *text, size_t len, struct address *);

/* From octets in network order: 4 of them (family 4) or 16 (family 6). */
void address_set(struct address *, int family, const unsigned char *octets);

/*
 * Read an address literal with its brackets (RFC 5321 4.1.3): `[192.0.2.1]`
 * or `[IPv6:2001:db8::1]`.  PERMFAIL: it is none.
 */
enum status address_parse_literal(const char *text, size_t len,
    struct address *);

/* Write the text form, with a NUL; "unknown" for family 0. */
void address_print(const struct address *, char text[ADDRESS_TEXT]);

/*
 * Write the address as the DNS has it, last part first and with a NUL, for a
 * zone to be put behind it: `1.2.0.192`, or 32 hexadecimal digits with dots.
 * Returns its length; 0 for family 0.
 */
#define ADDRESS_REVERSED	64
size_t address_print_reversed(const struct address *,
    char text[ADDRESS_REVERSED]);

int address_equal(const struct address *, const struct address *);

/*
 * The addresses of this host's interfaces that are up, and the unspecified
 * ones and 127/8, by which a host reaches itself.
 */
struct own_addresses {
	void *interfaces;
};

/* TEMPFAIL: they cannot be listed.  own_addresses_close() them. */
enum status own_addresses_open(struct own_addresses *);
int own_addresses_have(const struct own_addresses *, const struct address *);
void own_addresses_close(struct own_addresses *);

/*
 * Whether `address` belongs to an interface of this host that is up, or is
 * the unspecified address, by which a host reaches itself.  TEMPFAIL: the
 * interfaces could not be listed.
 */
enum status address_is_own(const struct address *, int *own);

#endif
