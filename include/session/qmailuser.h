#ifndef SESSION_QMAILUSER_H
#define SESSION_QMAILUSER_H

#include "session/users.h"

/*
 * The back end "qmail": what qmail-send, qmail-lspawn and qmail-local would
 * do with the mailbox.  USER_UNCHECKED where it is delivered elsewhere.
 */
back_end_fn qmailuser_find;

#endif
