#ifndef REMOTE_SECURE_H
#define REMOTE_SECURE_H

#include "base/status.h"
#include "net/tls.h"
#include "remote/policy.h"

struct talk;

/* TLS with one host: what it has to have, and what it has. */
struct secure {
	struct policy policy;
	int is_encrypted;
	struct tls_facts facts;		/* where it is */
};

/*
 * Find what is demanded of the host of this talk.  Returns 1 when the session
 * may begin, 0 when it is over; `done` is then what converse() returns.
 */
int secure_begin(struct talk *, int *done);
void secure_end(struct talk *);

/*
 * TLS from the first octet, before the greeting, where the port is for that;
 * and by STARTTLS, behind EHLO, where the policy says so (RFC 3207).  Behind
 * it nothing counts that the host said before; *changed: TLS began here.
 * Return values as above.
 */
int secure_connection(struct talk *, int *done);
int secure_by_command(struct talk *, int *changed, int *done);

/*
 * Whether what the host says may end the mail: it has the TLS that is demanded
 * of it, or none is.
 */
int secure_is_believed(const struct talk *);

/*
 * Whether a password may go to the host now: it is encrypted, or the route
 * says that clear text will do.
 */
int secure_for_password(const struct talk *);

#endif
