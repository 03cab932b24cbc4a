#ifndef FILTER_EXCHANGERS_H
#define FILTER_EXCHANGERS_H

#include "filter/asking.h"
#include "filter/filter.h"

/*
 * The hosts that take mail for the domain of the reverse-path, for filters
 * that judge them: its mail exchangers, or the domain itself where it has none
 * (RFC 5321 5.1).  Of the exchangers the best EXCHANGERS_MOST are looked at,
 * and the rest counts for nothing.
 */
#define EXCHANGERS_MOST	10

#define EXCHANGERS_FAMILIES	2	/* A, AAAA */

/* Part of a filter's memory of the transaction; zeroed: nothing was asked. */
struct exchangers {
	const struct dns_question *mx;
	const struct dns_question *hosts[EXCHANGERS_MOST][EXCHANGERS_FAMILIES];
	size_t count;			/* of those hosts */
};

/*
 * To be called from the hooks that ask, at ON_MAIL and at ON_RCPT.  Filters
 * that ask the same share the answers.
 */
void exchangers_ask(const struct session *, struct exchangers *,
    struct asking *);

enum exchangers_state {
	EXCHANGERS_NOT_ASKED,	/* the null reverse-path, or without domain */
	EXCHANGERS_FOUND,	/* at least one has an address */
	EXCHANGERS_NONE,	/* there is no such domain, host or address */
	EXCHANGERS_NULL,	/* the domain takes no mail (RFC 7505) */
	EXCHANGERS_UNKNOWN	/* the DNS does not say now */
};

/* What was found.  A reverse-path with an address literal has that address. */
enum exchangers_state exchangers_state(const struct session *,
    const struct exchangers *);

/* Whether all addresses that were found are so. */
enum exchangers_all {
	EXCHANGERS_NOT_ALL,	/* one is not, or none was found */
	EXCHANGERS_ALL,
	EXCHANGERS_PERHAPS	/* those known are, others are not known now */
};
typedef int exchangers_is_fn(const struct address *, const void *how);

enum exchangers_all exchangers_all(const struct session *,
    const struct exchangers *, exchangers_is_fn *, const void *how);

/* Refuse a sender that cannot get mail, by its state; PASS: it can. */
enum verdict exchangers_judge(const struct session *,
    const struct exchangers *, struct finding *, const char *setting);

/* The reason is the domain; where memory is gone the log lacks that word. */
void exchangers_reason(struct finding *, const struct session *);

#endif
