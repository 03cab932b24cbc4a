#ifndef CRYPT_FACTS_H
#define CRYPT_FACTS_H

#include "crypt/handshake.h"
#include "crypt/journal.h"

/*
 * What is known once TLS is up, and whether the policy is met: the record of
 * type F.  `line` gets the same for the log.  Returns the verdict.
 */
enum record_verdict facts_compose(const struct handshake *, struct record *,
    struct journal *line);

#endif
