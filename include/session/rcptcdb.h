#ifndef SESSION_RCPTCDB_H
#define SESSION_RCPTCDB_H

#include "session/users.h"

/*
 * The back end "cdb": validrcptto.cdb, or another file of control/, has the
 * mailbox, or its domain behind an `@`.  See qsmtp-control(5).
 */
back_end_fn rcptcdb_find;

#endif
