#ifndef NET_DNS_H
#define NET_DNS_H

#include <stddef.h>
#include <stdint.h>
#include <stralloc.h>

#include "base/address.h"
#include "base/control.h"
#include "base/deadline.h"
#include "base/status.h"

/*
 * Typed answers from the DNS.  Questions are sent at once and collected late,
 * so that those asked together wait for the slowest and not for the sum.
 * Everything in an answer is hostile: what is malformed, truncated or not an
 * answer to our question is a temporary failure and never "no data".
 */

enum dns_type {			/* RFC 1035 3.2.2, RFC 3596, RFC 6698 */
	DNS_A = 1,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_TLSA = 52
};

enum dns_state {
	DNS_WAITING,		/* not answered yet */
	DNS_DATA,
	DNS_NODATA,		/* the name is there, the type is not */
	DNS_NXDOMAIN,
	DNS_TEMPFAIL		/* time-out, SERVFAIL, malformed, no server */
};

/*
 * One record; which members are set depends on the type.  Names are printed
 * without the last dot, the root is "".  Octets that are no letter, digit, `-`
 * or `_` stand as \DDD, so that a name holds no blank, quote or bracket; one
 * with such an octet can be asked for by dns_ask_escaped() alone.
 */
struct dns_record {
	struct address address;	/* A, AAAA; see base/address.h: mapped is 4 */
	unsigned preference;	/* MX */
	const char *name;	/* MX, PTR; case as it came */
	const char *octets;	/* TXT: its strings joined; TLSA: the data */
	size_t len;
	unsigned usage, selector, matching;	/* TLSA */
};

/* A question and, once collected, its answer; owned by its struct dns. */
struct dns_question {
	enum dns_type type;
	const char *name;	/* what was asked: lower case, no last dot */
	enum dns_state state;
	/*
	 * The answer, be it that there is no data, is authenticated (AD), and
	 * the operator trusts every resolver that may have given it.
	 */
	int secure;
	size_t count;			/* of records */
	const struct dns_record *records;
	const char *canonical;	/* the name that CNAME records led to */
};

#define DNS_RECORDS	100	/* the first ones are kept, others dropped */
#define DNS_CNAMES	16	/* longest chain of CNAME records */

/* The resolvers and a batch of questions. */
struct dns;

/*
 * Make ready to ask.  Which resolvers: see net/resolvers.h, qsmtp-control(5).
 * control/dnstimeout is how many seconds all waiting together may last, by
 * default DNS_TIMEOUT_S.  No socket is opened before the first question.
 * TEMPFAIL: a file cannot be read or makes no sense, see base/control.h, or
 * out of memory.
 */
#define DNS_TIMEOUT_S	20
enum status dns_open(struct dns **, struct control *);
void dns_close(struct dns *);

/*
 * Ask; the question lives until dns_close() or dns_forget().  NULL: out of
 * memory, or more than DNS_QUESTIONS live.  A name that cannot be in the DNS
 * is answered DNS_NXDOMAIN at once; a dot behind it does not count.  What was
 * asked already, be it answered or not, is the same question again.
 */
#define DNS_QUESTIONS	2000
struct dns_question *dns_ask(struct dns *, const char *name, enum dns_type);

/*
 * The same for a name of any octets, as SPF makes them of what a sender calls
 * himself: all but letters, digits, `-`, `_` and the dots between labels stand
 * as \DDD, as in a record.
 */
struct dns_question *dns_ask_escaped(struct dns *, const char *name,
    enum dns_type);

/* Ask for the name of an address. */
struct dns_question *dns_ask_reverse(struct dns *, const struct address *);

/*
 * Collect what was asked, until all is answered, the deadline has come or
 * dnstimeout is used up; what is then not answered is DNS_TEMPFAIL.  The
 * channel is closed, so that the memory and sockets of asking are given back;
 * a later question opens a fresh one.  (A server may end a TCP connection
 * early: callers ignore SIGPIPE.)
 */
void dns_collect(struct dns *, struct deadline);

/* Whether some question is not answered yet. */
int dns_is_waiting(const struct dns *);

/* From now on dns_forget() leaves what was asked until now. */
void dns_keep(struct dns *);

/* Forget all questions and answers but those kept. */
void dns_forget(struct dns *);

const char *dns_state_name(enum dns_state);

#endif
