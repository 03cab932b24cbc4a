#ifndef SMTP_MAILBOX_H
#define SMTP_MAILBOX_H

#include <stddef.h>
#include <stralloc.h>

#include "base/address.h"
#include "base/status.h"

/*
 * Path and Mailbox (RFC 5321 4.1.2, 4.1.3).  What is kept is the mailbox as
 * qmail's envelope has it: without brackets, source route and quoting, the
 * case as it came.  Its domain is what follows the last `@`.
 */

#define MAILBOX_SIZE	900	/* most octets of a mailbox, unquoted */

enum path_fault {
	PATH_GOOD,
	PATH_MISSING,		/* nothing that could be a path */
	PATH_MALFORMED,
	PATH_TOO_LONG		/* over MAILBOX_SIZE */
};

/* What is taken besides what the RFC allows. */
#define PATH_BARE	1u	/* a path without brackets */
#define PATH_NO_DOMAIN	2u	/* a mailbox without domain */

struct path {
	stralloc mailbox;	/* empty: the null path */
	size_t domain;		/* where the domain begins; 0: there is none */
	struct address literal;	/* of an address literal, else family 0 */
};

/*
 * Read a path from the front of `text`, which holds what follows the colon
 * and its blanks; on OK `rest` and `rest_len` get what follows it.  PERMFAIL:
 * it is none, and `fault` says why.  TEMPFAIL: out of memory.
 */
enum status path_parse(const char *text, size_t len, unsigned leniency,
    struct path *, const char **rest, size_t *rest_len, enum path_fault *);
void path_free(struct path *);

/*
 * Append a mailbox of the envelope as a Mailbox of the wire: the local-part
 * quoted again where it has to be.  TEMPFAIL: out of memory.
 */
enum status mailbox_print(const char *mailbox, size_t len, stralloc *out);

/* The domain of a mailbox and its length; NULL where there is none. */
const char *mailbox_domain(const char *mailbox, size_t len, size_t *domain_len);

/* Whether this may stand in an atom: atext of RFC 5322 3.2.3, no 8-bit. */
int mailbox_is_atext(char c);

/*
 * Whether this is a Domain: labels of letters, digits, hyphens and (though no
 * RFC has them) underscores, each at most 63, together at most 255 octets.
 */
int domain_is_valid(const char *text, size_t len);

#endif
