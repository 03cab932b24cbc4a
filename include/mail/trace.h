#ifndef MAIL_TRACE_H
#define MAIL_TRACE_H

#include <stdint.h>
#include <stralloc.h>

#include "base/address.h"
#include "base/status.h"

/*
 * What a Received field says (RFC 5321 4.4).  Strings are borrowed; whatever
 * came from outside is made harmless when it is printed.
 */
struct trace {
	const char *helo;	/* argument of HELO or EHLO, or NULL */
	size_t helo_len;
	const char *host;	/* reverse name of the client, or NULL */
	struct address address;	/* of the client; family 0: not known */
	const char *info;	/* what ident said, or NULL */
	const char *user;	/* who logged in, instead of that; or NULL */
	int is_hidden;		/* nothing of the client is said */
	const char *name;	/* our own name */
	const char *protocol;	/* SMTP, ESMTP, ... (RFC 3848) */
	const char *tls;	/* its protocol, and */
	const char *cipher;	/* what else is known; each NULL: nothing */
	const char *id;
	const char *recipient;	/* the one recipient, or NULL */
	size_t recipient_len;
	const char *relay;	/* how the right to relay was got, or NULL, */
	const char *relay_by;	/* and what says so, or NULL */
	int64_t time;		/* seconds since 1970, UTC */
};

/*
 * Append the field, folded, its lines ended by LF.  TEMPFAIL: out of memory.
 */
enum status trace_received(const struct trace *, stralloc *field);

/* Append a date-time of RFC 5322 3.3 in UTC. */
enum status trace_date(int64_t time, stralloc *text);

#endif
