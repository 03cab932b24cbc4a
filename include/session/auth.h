#ifndef SESSION_AUTH_H
#define SESSION_AUTH_H

#include <stdint.h>
#include <stralloc.h>

#include "base/control.h"
#include "base/status.h"
#include "session/peer.h"

/*
 * Whether and how clients may log in (RFC 4954), and whether they have to:
 * what the arguments of Qsmtpd(8), the environment and the control files say.
 * Const once read; zeroed memory is "nobody can log in".
 */
struct auth {
	/* The checkpassword program and its arguments; NULL: no login. */
	char *const *program;
	stralloc path;		/* of it, with a NUL */
	const char *host;	/* of the challenge; NULL: our own name */
	unsigned mechanisms;	/* a set, see smtp/sasl.h; 0: no login */
	stralloc names;		/* of them, in order, with a NUL */
	int is_required;	/* without a right to relay there is no MAIL */
	int is_submission;	/* RFC 6409; implies is_required */
	int needs_tls;
	int hides;		/* authhide: Received is silent on the client */
	unsigned delay_s;	/* authdelay: of the first failure */
	unsigned timeout_s;	/* authtimeout: of the program */
	uint64_t failures;	/* maxauthfailures; 0: no limit */
	const char *fault;	/* why nobody can log in though it is wanted */
};

/*
 * `arguments` are those of main(): [hostname] program subprogram
 * [argument...]; there is no hostname where the first begins with a slash.
 * TEMPFAIL: a control file cannot be read, see base/control.h.  auth_free()
 * it in any case.
 */
enum status auth_read(struct auth *, struct control *,
    char *const arguments[], const struct peer *);
void auth_free(struct auth *);

#endif
