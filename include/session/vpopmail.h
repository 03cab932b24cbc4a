#ifndef SESSION_VPOPMAIL_H
#define SESSION_VPOPMAIL_H

#include "session/users.h"

/*
 * The back end "vpopmail": the folder of a domain, which users/cdb names,
 * holds one of each user, and .qmail files.  USER_UNCHECKED where users/cdb
 * does not have the domain.
 */
back_end_fn vpopmail_find;

#endif
