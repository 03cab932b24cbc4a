#ifndef SESSION_CONFIG_H
#define SESSION_CONFIG_H

#include <stdint.h>
#include <stralloc.h>

#include "base/control.h"
#include "base/status.h"
#include "session/auth.h"

/* By which settings recipients of one mail may differ (control/split). */
enum split {
	SPLIT_DOMAIN,		/* those of the domain; of users not */
	SPLIT_RECIPIENT,
	SPLIT_NEVER
};

/*
 * The settings of one session, read once before the greeting and const from
 * then on; see qsmtp-control(5) for each file.  Lists are read where they are
 * first needed.
 */
struct config {
	stralloc greeting;	/* smtpgreeting, else me; with a NUL */
	stralloc me;		/* with a NUL; empty: there is no such file */
	unsigned timeout_s;
	uint64_t databytes;	/* most octets of a message; 0: no limit */
	uint64_t maxrcpt;	/* recipients of a transaction; 0: no limit */
	uint64_t maxrcptrelay;	/* the same for clients that may relay */
	uint64_t maxhops;	/* Received and Delivered-To; 0: no limit */
	uint64_t maxerrors;	/* bad commands in a row; 0: no limit */
	uint64_t maxsession_s;	/* 0: no limit */
	uint64_t tarpit_s;	/* wait before a refusal; 0: none */
	unsigned extensions;	/* EHLO keywords that are offered */
	int mend_bare_lf;	/* barelf is "normalize" */
	enum split split;	/* when recipients get mails of their own */
	int debug;		/* the dialogue goes into the log */
	int greets;		/* 0: whoever started us has greeted */
	const char *queue;	/* the queue program, */
	const char *auth_queue;	/* and that for authenticated clients */
	stralloc spool;		/* spooldir, else spool; with a NUL */
	const char *temporary;	/* the folder instead of that */
	struct auth auth;
};

/*
 * `arguments` are those of main() behind the program's name.  TEMPFAIL: a file
 * cannot be read or makes no sense; control->failed names it.  config_free()
 * it in any case.
 */
enum status config_read(struct config *, struct control *,
    char *const arguments[], const struct peer *);
void config_free(struct config *);

#endif
