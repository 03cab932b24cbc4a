#ifndef NET_UCSPI_H
#define NET_UCSPI_H

#include "base/status.h"

/*
 * UCSPI-TLS: whoever started us speaks TLS once we ask for it.  SSLCTLFD,
 * SSLREADFD and SSLWRITEFD name the descriptors.
 */

/* Whether it is on offer; UCSPITLS="-" declines it. */
int ucspi_is_offered(void);

/* Whether mail is to be taken over TLS only: UCSPITLS="!". */
int ucspi_is_required(void);

/*
 * Ask for it, behind the 220.  What is said of the session goes into the
 * environment: SSL_PROTOCOL and its kin.  OK: `in` and `out` carry plaintext.
 * TEMPFAIL: there is no TLS, and the connection is lost.
 */
enum status ucspi_start(int *in, int *out);

#endif
