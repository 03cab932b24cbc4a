#ifndef FILTER_FILTER_H
#define FILTER_FILTER_H

#include <stralloc.h>

#include "session/edit.h"
#include "session/session.h"
#include "smtp/reply.h"

/*
 * What a filter is: a const descriptor with a hook for each phase it judges
 * in.  Filters can only refuse; see src/README.
 */

enum phase {
	ON_CONNECT,		/* before the greeting */
	ON_HELO,		/* HELO or EHLO; session->helo is given */
	ON_MAIL,		/* session->mail.reverse_path is given */
	ON_RCPT,		/* session->mail.forward_path is asked for */
	ON_DATA,		/* before 354 */
	ON_MESSAGE,		/* the mail data has ended and was counted */
	PHASE_COUNT
};

/* In rising order: the highest of all filters' is the one that is spoken. */
enum verdict {
	PASS,
	ACCEPT,			/* spares the client the filters after it */
	DEFER,			/* refuse for now: 4yz */
	REJECT,			/* refuse: 5yz */
	DROP			/* refuse at once and end the session */
};

/* Whom a filter does not judge. */
enum spares {
	SPARES_TRUSTED,		/* clients that may relay */
	SPARES_ACCEPTED,	/* whom an earlier filter accepted, no more */
	SPARES_NOBODY
};

/* What a hook found; all memory is zeroed before and freed by the chain. */
struct finding {
	struct reply reply;	/* its text is constant */
	const char *setting;	/* the file or key that it follows */
	stralloc reason;	/* for the log: what was found */
	struct edits edits;	/* what is to change in the message */
	int is_ours;		/* a fault of ours, whatever the mode */
	int is_for_now;		/* DEFER by trouble: nobody's wish hardens it */
	enum level level;	/* of the list that says so, where one does */
};

/* The memory of a filter: as its descriptor says, zeroed, or NULL. */
struct own {
	void *session;		/* lives as long as the session */
	void *transaction;	/* is zeroed by each reset */
};

typedef enum verdict hook_fn(const struct session *, struct own *,
    struct finding *);

/* What filters ask the DNS; see filter/asking.h. */
struct asking;

/*
 * Ask what the hook of this phase, or a later one, will need.  At ON_RCPT it
 * is called again as long as it asks something new, each time with the answers
 * to all that was asked before, and then the hook finds them all; before that
 * nothing is waited for.  Questions of ON_CONNECT are kept for the session,
 * others are gone at the reset: the filter's memory of the transaction, and no
 * other, may point to them.
 */
typedef void ask_fn(const struct session *, struct own *, struct asking *);

struct filter {
	const char *name;	/* also its key in filterconf */
	const char *file;	/* the control file that it follows, or NULL */
	const char *file6;	/* the same for clients of IPv6, or NULL */
	/*
	 * Files of other dialects, which count in control/ where no level has
	 * one of its own; NULL ends them, or there are none.
	 */
	const char *const *others;
	unsigned flags;		/* where they may lie: session/setting.h */
	const char *number;	/* a key: above 0 it is on, too; or NULL */
	const char *const *keys;	/* other keys that it reads; or NULL */
	size_t session, transaction;	/* octets of its memory */
	enum spares spares;
	int is_on;		/* judges without being switched on */
	int is_mild;		/* monitors where no mode but its key is set */
	int judges_postmaster;	/* refuses mail to postmaster, too */
	int needs_spool;	/* reads session->mail.spool at ON_MESSAGE */
	void (*stop)(struct own *);	/* frees what hangs on its memory */
	void (*reset)(struct own *);	/* the same, of the transaction's */
	ask_fn *ask[PHASE_COUNT];	/* of ON_CONNECT, ON_MAIL, ON_RCPT */
	hook_fn *on[PHASE_COUNT];
};

/* Fill in a reply and the setting that it follows. */
void finding_set(struct finding *, const char *setting, unsigned code,
    const char *enhanced, const char *text);

/*
 * A control file cannot be read: log that, and end the session with 421.
 * Returns DROP.
 */
enum verdict finding_fault(struct finding *, const struct session *);

/*
 * The same for a folder of settings: when it is not control/, only this
 * recipient is put off.  Returns DEFER or DROP.
 */
enum verdict finding_fault_of(struct finding *, const struct session *,
    const struct control *);

/* Whether a list has what is judged; `reason` gets what was found. */
typedef int match_fn(const struct list *, const struct session *,
    stralloc *reason);

/*
 * Ask the lists of this name that count for the recipient; `listed` tells
 * whether one has it, and the finding gets its level.  Returns PASS, or the
 * verdict on a list that cannot be read.
 */
enum verdict finding_lists(struct finding *, const struct session *,
    const char *name, unsigned flags, match_fn *, int *listed);

/*
 * The number of a key that counts for the recipient, and the finding gets its
 * level.  Returns PASS, or the verdict on a value that makes no sense.
 */
enum verdict finding_number(struct finding *, const struct session *,
    const char *key, uint64_t *number);

/*
 * Whether the client is in the list of addresses of this name that counts for
 * the recipient, and the finding gets its level.  Returns PASS, or the verdict
 * on a list that cannot be read or is malformed.
 */
enum verdict finding_client(struct finding *, const struct session *,
    const char *name, int *listed);

/*
 * Log that a list makes an exception of what a filter found, once a mail and
 * not without end in a session.  The filter has a counter in both of its
 * memories; `exception` has the level and what was found.
 */
struct exceptions {
	unsigned logged;
};
void finding_log_exception(const struct finding *exception,
    const struct session *, struct own *, const char *filter,
    const char *list);

/*
 * Log that a filter passes what it cannot judge, for the DNS does not answer
 * now; once a session, which `logged` counts.
 */
void finding_log_undecided(const struct finding *, const struct session *,
    const char *filter, unsigned *logged);

/* Free what a finding holds, and zero it. */
void finding_free(struct finding *);

#endif
