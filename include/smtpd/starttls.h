#ifndef SMTPD_STARTTLS_H
#define SMTPD_STARTTLS_H

#include <stddef.h>

#include "base/status.h"
#include "smtp/machine.h"
#include "smtpd/server.h"

/*
 * TLS of the server: STARTTLS (RFC 3207), and TLS before the greeting.  It is
 * spoken by qsmtp-tls(8), see net/tls.h, or by whoever started us, see
 * net/ucspi.h.
 */

/* Whether EHLO offers it at this moment. */
int starttls_is_offered(const struct session *);

/*
 * Whether this verb has to wait for it.  The reply is then 530, and it is
 * logged.
 */
int starttls_refuses(struct server *, enum smtp_verb, struct reply *);

/*
 * STARTTLS.  What was said before it is forgotten when there is TLS; the reply
 * is then none, for 220 was said already.  It is none, too, when the session
 * has to end without another octet.
 */
void starttls_run(struct server *, const char *argument, size_t len,
    struct reply *);

/*
 * TLS at once, for clients that begin with it.  TEMPFAIL: there is none, it is
 * logged, and nothing may be said.
 */
enum status starttls_begin(struct server *);

#endif
