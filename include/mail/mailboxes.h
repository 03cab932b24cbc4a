#ifndef MAIL_MAILBOXES_H
#define MAIL_MAILBOXES_H

#include <stddef.h>
#include <stralloc.h>

#include "base/status.h"

/*
 * The mailboxes in the body of a header field: the address-list of RFC 5322
 * 3.4 and 4.4, as From, Sender or To have it.  What could be read in two ways
 * is refused, so that nobody sees another author than we do.
 *
 * Display names, comments, group names and routes (`<@a:b@c>`) are dropped;
 * names and comments may have octets of 8 bits, mailboxes may not.  Besides
 * what the RFC has, dots may stand anywhere in a local-part, as in the
 * envelope.  The RFC has, and this has not: control characters and tabs in a
 * local-part, an empty local-part (`""@x`) or one with an encoded-word in it,
 * any domain that is none by smtp/mailbox.h or a literal that is no address.
 */

#define MAILBOXES_MOST	100	/* mailboxes in a field */
#define MAILBOXES_DEPTH	20	/* comments in comments */

/* Where in the text we are.  The text must outlive it. */
struct mailboxes {
	const char *at, *end;
	unsigned count;		/* mailboxes so far */
	int in_group;
	enum status status;	/* not OK: it stays so */
};

/* `text` is what follows the field's colon, folded or not, no LF at its end. */
void mailboxes_start(struct mailboxes *, const char *text, size_t len);

/*
 * Read the next mailbox, without brackets and quoting as in smtp/mailbox.h:
 * never empty, and its domain follows its last `@`.  At the end `mailbox` is
 * empty, and stays so; a list without any is no fault.  PERMFAIL: malformed,
 * or over a bound; those that came before are worth nothing then.  TEMPFAIL:
 * out of memory.  The caller frees `mailbox`.
 */
enum status mailboxes_next(struct mailboxes *, stralloc *mailbox);

#endif
