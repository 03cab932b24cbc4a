#ifndef REMOTE_POLICY_H
#define REMOTE_POLICY_H

#include <stralloc.h>

#include "base/control.h"
#include "base/status.h"
#include "remote/lines.h"
#include "remote/route.h"

#define POLICY_SOURCE	320	/* room for the name of a file, with its NUL */

/* How much TLS a host is to have; each wants what stands before it, too. */
enum policy_level {
	LEVEL_NONE,		/* clear text, whatever the host offers */
	LEVEL_MAY,		/* TLS where it can be had */
	LEVEL_ENCRYPT,		/* TLS, or no mail; any certificate */
	LEVEL_VERIFY,		/* a CA vouches for one of the names */
	LEVEL_FINGERPRINT	/* one of these certificates or keys */
};

/*
 * What has to be true of a connection before mail goes over it.  What DANE
 * and MTA-STS say of a host will come in here, too.
 */
struct policy {
	enum policy_level level;
	char source[POLICY_SOURCE];	/* the file that says so; "": none */
	unsigned minimum;	/* least version, 0x0303; 0: as ever */
	stralloc names;		/* to be verified; each with a NUL */
	stralloc fingerprints;	/* RECORD_DIGEST octets each */
	stralloc ca;		/* file or folder, NUL; empty: system's */
};

/*
 * What is demanded of a host, `host` being its name or a literal, on the way
 * to `domain` by this route.  The next hop is the route's relay if it has one,
 * else the domain.  The first that speaks counts:
 *
 *	control/tlspolicy: the line of the next hop, then of each suffix of it
 *		that begins with a dot
 *	a route with a password that may not go in clear text: LEVEL_VERIFY
 *		for the name of its relay; one with a client certificate:
 *		LEVEL_ENCRYPT
 *		(with control/tlshosts/RELAY.pem, by that file)
 *	control/tlshosts/HOST.pem: LEVEL_VERIFY with that file, for HOST
 *	control/notlshosts/HOST or DOMAIN, or a file tlshosts/exhaustivelist:
 *		LEVEL_NONE
 *	control/tlspolicy: the empty key
 *	LEVEL_MAY
 *
 * But the name of a host is whatever the DNS, or who forges it, says: unless
 * it is the next hop itself, no file of its name makes less of what the empty
 * key wants.  Nor does the domain where there is a relay, nor exhaustivelist,
 * nor what a route wants.  The empty key's minimum holds along with all of
 * these but LEVEL_NONE.  On port 465, where there is no clear text, LEVEL_MAY
 * is LEVEL_ENCRYPT, and the empty key's LEVEL_NONE, too.
 *
 * A line of control/tlspolicy is `KEY:LEVEL SETTING...`; KEY is a domain,
 * `.suffix`, `[address]` or empty, LEVEL is none, may, encrypt, verify or
 * fingerprint.  Settings: names=NAME,.SUFFIX (without: the relay, else the
 * domain and all below it), ca=PATH, minimum=1.2, sha256=HEX[,HEX...]; see
 * remote/policyline.h.  TEMPFAIL: a file cannot be read or makes no sense, see
 * base/control.h.  policy_free() it in any case.
 */
enum status policy_find(struct policy *, struct control *,
    const struct route *, const char *domain, const char *host);
void policy_free(struct policy *);

/*
 * Look at each line of such a file, whoever it is for.  PERMFAIL: `number` is
 * the first behind line `after` that makes no sense; else it is 0.
 */
enum status policy_check(const stralloc *file, unsigned after,
    unsigned *number);

/* "none", "may", ... */
const char *policy_name(enum policy_level);

#endif
