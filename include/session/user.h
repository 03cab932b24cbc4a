#ifndef SESSION_USER_H
#define SESSION_USER_H

#include "base/control.h"
#include "base/status.h"
#include "session/users.h"

/*
 * Does a mailbox of ours exist, and where are its settings?  A back end tells,
 * which control/recipientcheck names for the domain.
 */

/*
 * Ask the back end of the mailbox's domain; `user` is zeroed memory.  A
 * mailbox without a domain is unchecked.  TEMPFAIL: nobody knows, for a file
 * cannot be read, a program failed or memory is gone; control->failed and
 * control->error say what.  Defer this recipient, then; the next may fare
 * better.  user_free() it in any case.
 */
enum status users_find(struct users *, struct control *,
    const struct user_question *, struct user *);

#endif
