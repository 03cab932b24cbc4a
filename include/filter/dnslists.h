#ifndef FILTER_DNSLISTS_H
#define FILTER_DNSLISTS_H

#include <stralloc.h>

#include "filter/asking.h"
#include "filter/dnsline.h"
#include "filter/dnsnames.h"
#include "filter/filter.h"

/*
 * What the filters that ask DNS lists have in common: they ask the zones of
 * their files for some names, and add up the weights of the lines that list
 * one.  Only what tips the scales is asked for: lists of exceptions and the
 * words of a list when the client is listed, in a second round.
 */

#define DNSLISTS_LINES	100	/* of the lists of one filter */
#define DNSLISTS_WORDS	240	/* octets of a list's own text in a reply */
#define DNSLISTS_FAULT	"dnsblfault"	/* a silent list puts mail off */

/* A file of another dialect, in control/ alone. */
struct dnslists_other {
	const char *file;	/* NULL: there is none */
	enum dnsline_form form;
};

/* Which lists a filter asks, and what it says; constant. */
struct dnslists {
	const char *filter;
	const char *blocked;	/* the file of its lists */
	const char *spared;	/* that of its exceptions; NULL: it has none */
	const char *threshold;	/* the key; NULL: it has none */
	/* Read where no level has `blocked`, the first that is there. */
	struct dnslists_other others[2];
	/* The reply: subject, name, verb, zone, the list's own text. */
	const char *subject, *verb;
	int has_names, has_words;
};

/* What came of it. */
enum dnslists_result {
	DNSLISTS_NOTHING,	/* not listed, or not all answers are there */
	DNSLISTS_LISTED,
	DNSLISTS_SPARED,	/* listed, and an exception */
	DNSLISTS_SILENT,	/* a silent list might make the difference */
	DNSLISTS_UNCERTAIN,	/* listed; a silent one might spare it */
	DNSLISTS_BAD_LINE,	/* `reason` is a line that makes no sense */
	DNSLISTS_BAD_NUMBER,	/* the threshold makes no sense */
	DNSLISTS_BAD_FILE,	/* a list cannot be read, see `failed` */
	DNSLISTS_NO_MEMORY
};

/* The memory of such a filter: of the transaction, */
struct dnslists_memory {
	struct exceptions exceptions;	/* first: finding_log_exception() */
	enum dnslists_result result;
	const char *file;		/* what says so, and its level */
	enum level level;
	int is_soft;			/* only lines that put off list it */
	struct control *failed;
	stralloc reason;		/* ZONE=ADDRESS of each that lists it */
	stralloc spared_by;		/* the same of exceptions, */
	const char *spared_file;	/* of this file */
	enum level spared_level;
	stralloc reply;			/* with a NUL */
	stralloc silent, odd;		/* zones; the second with addresses */
};

/* and of the session. */
struct dnslists_session {
	struct exceptions exceptions;	/* first, too */
	int silent_is_logged, odd_is_logged;
};

/* Ask, and judge by the answers that are there: for the hooks that ask. */
void dnslists_ask(const struct dnslists *, const struct session *,
    struct own *, struct asking *, const struct dnsnames *);

/* Say what was found: for the hook of ON_RCPT. */
enum verdict dnslists_say(const struct dnslists *, const struct session *,
    struct own *, struct finding *);

/* Free the memory of the transaction. */
void dnslists_reset(struct own *);

/* The lists for the client's address, by its family; NULL: it has none. */
const struct dnslists *dnslists_of_client(const struct session *,
    const struct dnslists pair[2]);

#endif
