#ifndef FILTER_CHAIN_H
#define FILTER_CHAIN_H

#include "base/status.h"
#include "filter/asking.h"
#include "filter/filter.h"

/*
 * Asks the filters of the table in order and makes one answer of theirs, by
 * the mode of each.  Findings of the phases before RCPT are parked and spoken
 * at each RCPT; DROP is spoken at once.
 */
struct chain {
	const struct session *session;
	const struct filter *const *table;
	struct member *members;		/* one a filter, in the table's order */
	size_t count;			/* how many */
	char *memory;			/* of all filters */
	size_t transaction_size;	/* its second part, which is zeroed */
	char *transaction;
	int is_used;			/* since it was zeroed */
	int monitors;			/* a filter is in MODE_MONITOR */
	struct asking asking;
	/* What late filters may do: a row a class, a mode a filter. */
	unsigned char *classes;
	size_t known_classes;		/* the mail's own and those put off */
	unsigned logged;		/* findings of such filters, so far */
	struct edits edits;		/* of this mail */
	char enhanced[16];		/* of a reply that was softened, */
	char words[200];		/* and its text */
};

/* One answer of all filters; strings live until the next question. */
struct outcome {
	enum verdict verdict;		/* PASS, DEFER, REJECT or DROP */
	struct reply reply;		/* unless PASS */
	const struct filter *filter;	/* whose it is; NULL: the chain's own */
	enum mode mode;
	enum level level;
	const char *setting;
	const char *reason;		/* may be "" */
	int is_ours;			/* a fault of ours, logged already */
	int is_for_now;			/* whatever the recipient wishes */
};

/* The class of a mail, and those put off, and room for one more. */
#define CHAIN_CLASSES	5

/* Keys of the chain's own: what a recipient wants to be said. */
#define CHAIN_FAIL_HARD	"fail_hard_on_temp"
#define CHAIN_NO_USER	"nonexist_on_block"

#define CHAIN_LOG_LINES	20	/* monitored findings that are logged each */

/*
 * Begin a session with the `count` filters of a table, which must outlive the
 * chain.  TEMPFAIL: out of memory.  chain_stop() it in any case.
 */
enum status chain_start(struct chain *, const struct filter *const table[],
    size_t count, const struct session *);
void chain_stop(struct chain *);

/* Ask what this phase asks. */
void chain_ask(struct chain *, enum phase, struct outcome *);

/* Part of the one reset: forget all that belongs to a mail. */
void chain_reset(struct chain *);

/*
 * What is to change in this mail, by what the filters said so far; lives until
 * the reset.  TEMPFAIL: out of memory.
 */
enum status chain_edits(struct chain *, const struct edits **);

/* Whether a filter that will judge this mail needs it spooled; at ON_DATA. */
int chain_needs_spool(const struct chain *);

/* Whether any filter of the table, or the chain itself, has such a key. */
int chain_knows_key(const struct filter *const table[], size_t count,
    const char *key, size_t len);

/*
 * The next key of a folder's settings that they do not know, from octet `at`
 * of them on, at first 0; 0: there is none.
 */
int chain_next_unknown(const struct filter *const table[], size_t count,
    const struct folder *, size_t *at, char key[SETTING_KEY + 1]);

/*
 * The mode of a filter by the settings as they are now, of a level, of its
 * files, or of itself; LEVEL_DEFAULT is the last.  PERMFAIL: a value makes no
 * sense.
 */
enum status chain_find_mode(const struct filter *, const struct settings *,
    enum mode *, enum level *);

/* The mode of a filter; MODE_OFF where the table does not have it. */
enum mode chain_mode(const struct chain *, const struct filter *);

#endif
