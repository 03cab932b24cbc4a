#ifndef MAIL_SPFFIELD_H
#define MAIL_SPFFIELD_H

#include <stddef.h>
#include <stralloc.h>

#include "base/status.h"
#include "mail/spf.h"

enum spf_identity {		/* what was checked; RFC 7208 2.2 */
	SPF_MAILFROM,
	SPF_HELO_NAME
};

/*
 * Append a Received-SPF field (RFC 7208 9.1) that says what was found, folded,
 * its lines ended by LF.  `mailbox` is the reverse-path, which may be null (len
 * 0).  What came from outside is made harmless, and cut where a line would be
 * too long.  TEMPFAIL: out of memory.
 */
enum status spf_field(const struct spf *, enum spf_identity,
    const char *mailbox, size_t len, stralloc *field);

#endif
