#ifndef BASE_IPLIST_H
#define BASE_IPLIST_H

#include <stddef.h>
#include <stralloc.h>

#include "base/address.h"
#include "base/control.h"
#include "base/network.h"
#include "base/status.h"

/*
 * Lists of IP networks as Qsmtp has them: relayclients, relayclients6, ...
 *
 * Binary: records of 5 octets (4 of the address, then the length of the
 * prefix) or of 17 (16 and 1), no header, in any order.  Text: one network a
 * line, see network_parse(), of both families; blank lines and comments from
 * `#` on are skipped.  A file is text that holds nothing but digits,
 * hexadecimal letters, `.`, `:`, `/`, blanks, CR and LF, and in its comments
 * no control characters but tab and CR.  An empty file is an empty list.
 *
 * A sealed list is binary, sorted, and no network in it lies in another, so
 * that a few small reads find the one that an address could be in.  The seal
 * is the nanoseconds of the file's time, made of its inode, size and seconds:
 * whoever appends to the file, edits or copies it breaks the seal by that,
 * and the list is then read whole, in any order.  It is read with pread(),
 * not mapped, for a file may be cut short meanwhile.
 */

/*
 * Whether the address is in control/NAME, the binary form of which has
 * records of `family`.  An absent list holds nothing, nor does a binary one
 * of another family than that of the address.  TEMPFAIL, see base/control.h:
 * it cannot be read, or a line or a record of it makes no sense, be it after
 * one that matches; `failed` is then "control/NAME line 3" or "... record 7".
 * Of a sealed list only what was looked at can be found bad.
 */
enum status iplist_has(struct control *, const char *name, int family,
    const struct address *, int *found);

/* A whole list, for the tools.  { 0 } is an empty one; iplist_free() it. */
struct iplist {
	struct network *networks;
	size_t count, room;
	int is_text;
	int family;		/* of a binary list; 0: text, or empty */
};

/*
 * Read the rest of a file of at most CONTROL_SIZE octets: its networks in
 * their order, binary ones with their host bits.  Records are of `family`; 0:
 * of IPv4 if they can be, else of IPv6.  TEMPFAIL: unreadable, see errno.
 * PERMFAIL: malformed; `bad` is the number of the line (is_text) or record.
 */
enum status iplist_read(int file, int family, struct iplist *, size_t *bad);

/*
 * Add the networks of a text to the list.  PERMFAIL: line `bad` is none, or
 * what it holds makes the text none.  TEMPFAIL: out of memory.
 */
enum status iplist_parse(const char *text, size_t len, struct iplist *,
    size_t *bad);

/* TEMPFAIL: out of memory. */
enum status iplist_add(struct iplist *, const struct network *);
void iplist_free(struct iplist *);

/* Clear host bits and sort; or this, and drop what lies in another. */
void iplist_sort(struct iplist *);
void iplist_normalise(struct iplist *);

/* The place of the first network that does not go before this; sorted only. */
size_t iplist_place(const struct iplist *, const struct network *);

/*
 * The binary form of a list of one family.  PERMFAIL: larger than
 * CONTROL_SIZE, or it would be read as text, as 49.48.46.49/32 is, for it is
 * `10.1 `; iplist_is_text() tells which.
 */
enum status iplist_print(const struct iplist *, stralloc *octets);
int iplist_is_text(const char *octets, size_t len);

/*
 * Write the binary form of a list that is normalised, sync and seal it; where
 * the file system keeps no nanoseconds it stays without a seal.  TEMPFAIL:
 * errno says why.
 */
enum status iplist_write(int file, const stralloc *octets);
int iplist_is_sealed(int file);

/* The family a list of this path has by its name; 0: by what it holds. */
int iplist_family(const char *path);

#endif
