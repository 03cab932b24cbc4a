#ifndef REMOTE_ROUTE_H
#define REMOTE_ROUTE_H

#include <stralloc.h>

#include "base/address.h"
#include "base/control.h"
#include "base/status.h"
#include "remote/lines.h"

#define ROUTE_FILE	280	/* room for a path in smtproutes.d */
#define ROUTE_SECRET	1024	/* most octets of a user, and of a password */

/* Where mail goes instead of where the DNS says, and who we are there. */
struct route {
	stralloc relay;		/* with a NUL; empty: by MX */
	unsigned port;
	struct address from4, from6;	/* of smtproutes.d; or family 0 */
	/* Paths of smtproutes.d, with a NUL; empty: none. */
	stralloc certificate, key;
	int wants_certificate;	/* one is there for this host alone */
	char source[ROUTE_FILE + 8];	/* the file that says so, or "" */
	stralloc user, password;	/* with a NUL each; empty: no login */
	int is_cleartext;	/* the password may go without TLS */
	int is_exposed;		/* all may read the file that holds it */
};

#define SMTP_PORT	25
#define SMTPS_PORT	465	/* RFC 8314 3.3 */

/*
 * Look up the sender and the host; the first that knows one counts alone:
 *
 *	control/smtproutes, for the null sender: its line `!@`
 *	control/authsenders: the sender, `@` and its domain, the empty key
 *	control/smtproutes.d: the file of the host's name, then `*.` with each
 *		parent domain, then `default`
 *	control/smtproutes: the host's name, then each suffix that begins with
 *		a dot, then the empty key
 *
 * In the files of lines the last line of a key counts.  TEMPFAIL: a file
 * cannot be read or makes no sense, see base/control.h.  route_free() it in
 * any case.
 */
enum status route_find(struct route *, struct control *, const char *host,
    const char *sender);
void route_free(struct route *);

/* The forms of those files. */
enum route_form {
	ROUTE_BY_HOST,		/* smtproutes */
	ROUTE_BY_SENDER,	/* authsenders */
	ROUTE_SETTINGS		/* of smtproutes.d */
};

/*
 * Look at each line of such a file, whoever it is for.  PERMFAIL: `number` is
 * the first behind line `after` that makes no sense; else it is 0.
 */
enum status route_check(const stralloc *file, enum route_form, unsigned after,
    unsigned *number);

/* Where the key of such a line ends; of files that are no settings. */
lines_key_end *route_key_end(enum route_form);

#endif
