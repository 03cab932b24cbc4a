#ifndef SESSION_VIRTUAL_H
#define SESSION_VIRTUAL_H

#include <stralloc.h>

#include "base/control.h"
#include "base/status.h"
#include "session/users.h"

/*
 * To which local part qmail-send(8) delivers a mailbox, by locals and
 * virtualdomains: `local`, in lower case and without a NUL.  `found` is 0
 * where the mailbox goes to another host.  percenthack is not followed.
 * TEMPFAIL: a file cannot be read or memory is gone, see control->failed.
 */
enum status virtual_find_local(struct users *, struct control *,
    const struct user_question *, stralloc *local, int *found);

#endif
