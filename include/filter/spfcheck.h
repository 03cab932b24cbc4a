#ifndef FILTER_SPFCHECK_H
#define FILTER_SPFCHECK_H

#include "filter/asking.h"
#include "mail/spf.h"

/*
 * SPF of one mail: of its reverse-path, of the name given with HELO (RFC 7208
 * 2.3), and, where the domain has no record, of that domain below zones that
 * keep records for others.
 */

#define SPFCHECK_ZONES	3	/* most zones that are asked */

struct spfcheck;

/* NULL: out of memory.  spfcheck_free() it. */
struct spfcheck *spfcheck_new(const struct session *);
void spfcheck_free(struct spfcheck *);

/* Whether it has begun with the zones of control/rspf and its kin. */
int spfcheck_has_zones(const struct spfcheck *);

/* Take these lines as the zones; what is no domain does not count. */
void spfcheck_add_zones(struct spfcheck *, const struct list *);

/* Go on with the answers there are, and ask for what is wanted. */
void spfcheck_ask(struct spfcheck *, struct asking *);

/*
 * What was found, once all is answered: of the reverse-path, or of HELO where
 * that alone fails.  NULL: out of memory, or the DNS could not be asked.
 */
const struct spf *spfcheck_result(const struct spfcheck *);

/* Whether the result is that of HELO. */
int spfcheck_is_of_helo(const struct spfcheck *);

#endif
