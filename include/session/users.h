#ifndef SESSION_USERS_H
#define SESSION_USERS_H

#include <stddef.h>
#include <stralloc.h>

#include "base/control.h"
#include "base/list.h"
#include "base/map.h"
#include "base/status.h"

/* What session/user and the back ends that it asks have in common. */

enum existence {
	USER_UNCHECKED,		/* nobody tells: it is taken */
	USER_EXISTS,
	USER_ABSENT,
	USER_REFUSED,		/* a program refuses it for its own reasons, */
	USER_DEFERRED		/* or for now */
};

/* What is known of one mailbox; zeroed memory is nothing.  user_free() it. */
struct user {
	enum existence existence;
	const char *back_end;	/* who told, for the log; constant, or NULL */
	int is_full;		/* USER_DEFERRED: there is no room */
	stralloc text;		/* a program's words, with a NUL; or empty */
	/* Folders of settings, with a NUL; no memory: there is none. */
	stralloc domain_folder, user_folder;
	/*
	 * What the log shall say, constant, or NULL, and of which path, with a
	 * NUL; said once in a session.
	 */
	const char *note;
	stralloc noted;
};

void user_free(struct user *);

/* One question; its strings are borrowed. */
struct user_question {
	const char *mailbox;	/* of the envelope: without quoting, */
	size_t len;		/* any case */
	size_t domain;		/* where its domain begins; 0: it has none */
	const char *sender;	/* empty: the null reverse-path */
	size_t sender_len;
	const char *helo;
	size_t helo_len;
};

#define USERS_ANSWERS	16	/* of qmail-getpw, that are kept */

/* What qmail-getpw said of a local part. */
struct users_answer {
	stralloc local, said;
};

/*
 * What the back ends keep of a session; zeroed memory is nothing yet.
 * users_free() it.
 */
struct users {
	stralloc rules;		/* recipientcheck, as it is */
	int rules_are_read, has_rules;
	unsigned bad_rule;	/* the first line without sense; 0: none */
	struct map assign;	/* users/cdb */
	stralloc wildcards;	/* last octets of its wildcard assignments */
	int assign_is_open;
	struct list locals;
	stralloc virtual;	/* virtualdomains, as it is */
	int virtual_is_read;
	stralloc bounce;	/* vpopbounce; empty: there is none */
	int bounce_is_read;
	struct users_answer answers[USERS_ANSWERS];
	size_t answered;	/* how many there were */
	unsigned noted;		/* what was said once already */
};

void users_free(struct users *);

/* A back end, given the argument of its line in recipientcheck or NULL. */
typedef enum status back_end_fn(struct users *, struct control *,
    const struct user_question *, const char *argument, struct user *);

/* For back ends: notes, each said once in a session. */
#define USERS_UNSEARCHABLE	1u	/* a folder of a user or a domain */

/* TEMPFAIL: out of memory. */
enum status users_note(struct users *, struct user *, unsigned which,
    const char *path);

/* For back ends: append `text` in lower case.  TEMPFAIL: out of memory. */
enum status users_append_lower(stralloc *out, const char *text, size_t len);

/*
 * For back ends: say in control->failed that a file that is not below
 * control/ cannot be used, and why; returns TEMPFAIL.
 */
enum status users_refuse(struct control *, const char *path, int error);

/*
 * Whether this may name a folder: not empty, no slash, no NUL, no dot at its
 * begin, at most 255 octets.
 */
int users_is_name(const char *text, size_t len);

/*
 * If this is a folder that can be searched, let `folder` be its path, with a
 * NUL; else it is freed.  `found` is 0 where it is not there or no folder.
 * TEMPFAIL: nobody knows, errno tells why.
 */
enum status users_look_for_folder(const char *path, stralloc *folder,
    int *found);

#endif
