#ifndef SESSION_SENDERS_H
#define SESSION_SENDERS_H

#include <stddef.h>
#include <stralloc.h>

#include "base/control.h"
#include "base/status.h"

/*
 * Whom a login may send as: control/authsenders-allowed, lines of
 * LOGIN|ADDRESS|@DOMAIN|..., as many a login as wanted.  A login without a
 * line is not bound.  Case never counts, nor do blanks around a name, nor the
 * CR of a line that another system ended.
 */
struct senders {
	stralloc lines;
	int is_read;
};

/*
 * Read the file, unless that was done.  TEMPFAIL: unreadable or out of memory,
 * see base/control.h.  senders_free() it.
 */
enum status senders_read(struct senders *, struct control *);
void senders_free(struct senders *);

/* Whether a login has a line. */
int senders_bind(const struct senders *, const char *login);

/* Whether a line of the login has this mailbox, or its domain. */
int senders_allow(const struct senders *, const char *login,
    const char *mailbox, size_t len);

/*
 * Go on from octet `at` of the lines and line `number`, at first both 0, to the
 * next line that gives its login no address; 0: there is none.
 */
int senders_without_address(const struct senders *, size_t *at,
    size_t *number);

#endif
