#ifndef REMOTE_CONVERSE_H
#define REMOTE_CONVERSE_H

#include <stddef.h>

#include "remote/body.h"
#include "remote/candidate.h"
#include "remote/config.h"
#include "remote/report.h"
#include "remote/route.h"

/* What is to be delivered, and what became of it. */
struct delivery {
	const struct config *config;
	struct control *control;	/* for what only some hosts need */
	const struct route *route;
	const char *domain;	/* that the mail is for, as qmail has it */
	const char *helo;	/* our name */
	const char *sender;
	char *const *recipients;
	size_t count;		/* of recipients */
	struct body body;
	struct report report;
	/* Of the last host that was connected and then given up. */
	stralloc failure;	/* what to report, should it be the last */
	int said_521;		/* its greeting was 521 (RFC 7504) */
	int says_helo;		/* it hung up on EHLO: HELO at once */
	int goes_clear;		/* its handshake failed: no TLS this time, */
	stralloc clear_reason;	/* for this reason; with a NUL */
	stralloc tls_note;	/* what report->tls points to */
};

/*
 * Talk to a host that is connected (RFC 5321 3.3), and close.  Returns 1 when
 * the report is ready: from the answer to MAIL on a host's word is final.
 * Returns 0 when another host may be asked; `failure` then says why.
 */
int converse(struct delivery *, const struct candidate *, int fd);

#endif
