#ifndef FILTER_MEMBER_H
#define FILTER_MEMBER_H

#include "filter/chain.h"

/* The inside of a chain, for filter/chain and what it is made of alone. */

#define PARKED	ON_RCPT		/* phases before it are parked */
#define LATE	ON_DATA		/* from here on all recipients count */

/* A finding that waits for RCPT. */
struct parked {
	enum verdict verdict;
	struct finding finding;
};

/* A filter in this session. */
struct member {
	const struct filter *filter;
	enum mode mode;			/* of the recipient that is judged */
	enum level level;
	int is_broken;			/* its setting makes no sense */
	/* The same where there are no settings but those of the session. */
	enum mode session_mode;
	enum level session_level;
	int session_is_broken;
	enum mode mail_mode;		/* of all accepted recipients */
	enum level mail_level;
	int is_tagged;			/* this mail tells of its finding */
	struct own own;
	struct parked *parked[PARKED];	/* NULL: it had nothing to say */
	struct finding finding;		/* of the phase that is asked now */
};

/* What holds in the whole session is found out once, at its begin. */
void member_session_modes(struct chain *);

/* The mode of each filter by the settings as they are now, or by the mail's. */
void member_modes(struct chain *, enum phase);

/* Whether this client, or this recipient, is not this filter's business. */
int member_is_spared(const struct chain *, const struct member *, enum phase,
    int accepted);

/* A fault of the chain's own: put off, unless it is refused already. */
void member_fail(struct outcome *, const char *setting, const char *reason);

/*
 * One reply must do for all recipients of a mail.  Whoever might need another
 * one comes back in a mail of its own, three such classes at most; of the rest
 * the mildest mode of each filter holds.  `accepted`: some filter accepts the
 * client for this recipient.
 */
void split_admit(struct chain *, int accepted, struct outcome *);

/* The same reply with another code: its class changed, and nothing else. */
void reword_class(struct chain *, struct reply *, unsigned code);

/* Whether the recipient wants this, CHAIN_...; an odd value is no wish. */
int reword_wants(const struct chain *, const char *key);

/* What the recipient wants to be said instead of what the filters say. */
void reword_outcome(struct chain *, struct outcome *);

/* Log each key of the recipient's settings that nobody knows, once a folder. */
void keys_check(struct chain *);

#define DEFERRED_CODE	450
#define LIMITED_CODE	452	/* less at once would do */
#define REFUSED_CODE	550

#endif
