#ifndef REMOTE_TALK_H
#define REMOTE_TALK_H

#include <stddef.h>

#include "net/link.h"
#include "remote/converse.h"
#include "remote/secure.h"
#include "smtp/extension.h"
#include "smtp/reply.h"

/* What remote/converse and remote/transact share: one session with a host. */

/* How long a reply may take in all, seconds (RFC 5321 4.5.3.2). */
#define GREETING_S	300
#define COMMAND_S	300
#define DATA_S		120
#define BLOCK_S		180
#define DOT_S		600
#define SLOWEST_S	900	/* a block of mail data, drop by drop */

enum hearing {
	HEARD,			/* a whole reply */
	GARBLED,		/* something that is none, or out of turn */
	DIED			/* the link has ended, or the time */
};

struct talk {
	struct delivery *delivery;
	struct link *link;
	int fd;			/* the connection, or plaintext of it */
	const char *host;	/* its name, or a literal */
	struct secure secure;
	char ip[ADDRESS_TEXT];
	struct reply_reader reply;
	unsigned extensions;
	struct extension_values values;
	stralloc commands;	/* of the group that is sent now */
	stralloc text;		/* of a report */
	unsigned mail_code, data_code;
	enum message_report data_letter;	/* where DATA was refused */
	size_t count;		/* of recipients that the host takes at once */
	size_t accepted, deferred;	/* recipients */
	int lacks_tls;		/* it was offered, and could not be had */
	int dot_sent;		/* the host may have the message */
	int is_mute;		/* nothing may be said any more, not QUIT */
};

#define CONNECTED	"Connected to "

/* A deadline in `most_s` seconds, or in timeoutremote if that is less. */
struct deadline talk_within(const struct talk *, unsigned most_s);

/*
 * Send a group of commands, and call `take`, unless it is NULL, with each of
 * the replies, of which there are `count`; talk->reply is the last one.  Each
 * may take `most_s` seconds.  What was said before the group is garbage.
 */
enum hearing talk_exchange(struct talk *, const char *text, size_t len,
    size_t count, unsigned most_s,
    void (*take)(struct talk *, size_t which));

/* One command, or none, and its reply, which is then in talk->reply. */
enum hearing talk_ask(struct talk *, const char *command, unsigned most_s);

/* "<before><ip><after>" as a line; lives until the next call. */
const char *talk_words(struct talk *, const char *before, const char *after);

/* This host will not do; what to say if it is the last.  Returns 0. */
int talk_give_up(struct talk *, const char *text, int heard);

/*
 * The link broke, or what came was no reply: another host, or the report says
 * to try later.  Returns what converse() will.
 */
int talk_end_badly(struct talk *, enum hearing);

/* The report says that memory is gone.  Returns 1. */
int talk_no_memory(struct talk *);

#endif
