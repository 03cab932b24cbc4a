#ifndef FILTER_ASKING_H
#define FILTER_ASKING_H

#include "net/dns.h"
#include "session/session.h"

/*
 * The questions that filters ask the DNS.  They leave at once and are answered
 * while the session goes on; all are collected where the first of them is
 * needed, so that a session waits for the slowest and not for the sum.
 */
struct asking {
	const struct session *session;
	struct dns *dns;	/* NULL: nothing was asked yet */
	int is_broken;		/* its settings are; that is logged */
};

/*
 * Ask; never NULL.  What cannot be asked is a question that is answered
 * DNS_TEMPFAIL.  For how long it lives, see filter/filter.h.
 */
const struct dns_question *asking_ask(struct asking *, const char *name,
    enum dns_type);
const struct dns_question *asking_ask_escaped(struct asking *,
    const char *name, enum dns_type);
const struct dns_question *asking_ask_reverse(struct asking *,
    const struct address *);

/*
 * Whether it could not be asked: that is a fault of ours, and what a filter
 * defers for it is_for_now.
 */
int asking_failed(const struct dns_question *);

/* For the chain alone. */
void asking_start(struct asking *, const struct session *);
void asking_stop(struct asking *);
void asking_keep(struct asking *);
void asking_forget(struct asking *);

/* Wait for what was asked.  Returns whether anything was waited for. */
int asking_collect(struct asking *);

#endif
