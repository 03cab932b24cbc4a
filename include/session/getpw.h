#ifndef SESSION_GETPW_H
#define SESSION_GETPW_H

#include <stralloc.h>

#include "base/control.h"
#include "base/status.h"
#include "session/users.h"

#define GETPW_PROGRAM	"bin/qmail-getpw"

/*
 * What qmail-getpw(8) says of a local part, which ends with a NUL; `said` is
 * the users', until the next call.  TEMPFAIL: it fails or takes too long, see
 * control->failed.
 */
enum status getpw_ask(struct users *, struct control *, const stralloc *local,
    const stralloc **said);

#endif
