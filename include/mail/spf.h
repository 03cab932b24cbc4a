#ifndef MAIL_SPF_H
#define MAIL_SPF_H

#include <stddef.h>
#include <stdint.h>
#include <stralloc.h>

#include "base/address.h"
#include "base/status.h"
#include "net/dns.h"

/*
 * check_host() of SPF (RFC 7208).  It asks nobody: it says what it wants to
 * know of the DNS and goes on with the answers.  All that a record may need is
 * wanted at once; yet terms are judged and counted in their order, so that
 * what was asked early changes no result.
 */

/* What the sender has us do is bounded: RFC 7208 4.6.4. */
#define SPF_TERMS	10	/* that ask the DNS, includes' and all */
#define SPF_VOIDS	2	/* of them may find nothing */
#define SPF_NAMES	10	/* of an mx; of a ptr the first ones */

#define SPF_QUESTIONS	200	/* never more; see spf.c */
#define SPF_EXPLANATION	400	/* octets of it that are kept */
#define SPF_HELO	255	/* octets of it that are looked at */

enum spf_result {
	SPF_UNKNOWN,		/* yet: questions wait for answers */
	SPF_NONE, SPF_NEUTRAL, SPF_PASS, SPF_FAIL, SPF_SOFTFAIL,
	SPF_TEMPERROR, SPF_PERMERROR
};

/* The name is for dns_ask_escaped(); the answer is the caller's. */
struct spf_question {
	enum dns_type type;
	char *name;
	const struct dns_question *answer;	/* NULL: not asked yet */
};

/* Begin with { 0 }. */
struct spf {
	size_t count;
	struct spf_question questions[SPF_QUESTIONS];

	/* What was found; texts are printable and end with a NUL. */
	enum spf_result result;
	stralloc mechanism;	/* which one matched, "default"; else empty */
	stralloc explanation;	/* with a fail, what the domain says of it */
	const char *problem;	/* with an error, what is wrong; else NULL */

	/* Who is asked about; the domain is that of the record looked for. */
	struct address client;
	stralloc helo, local, domain, receiver;
	int64_t time;
};

/*
 * May this client send mail with this reverse-path?  It is a mailbox as the
 * envelope has it; with none (len 0), or to check the HELO identity, it is
 * postmaster at the name of HELO.  `receiver` is our own name, `time` is in
 * seconds since 1970; both only show in explanations.  All is copied.
 * TEMPFAIL: out of memory.  Either way spf_free() it.
 */
enum status spf_start(struct spf *, const struct address *client,
    const char *helo, size_t helo_len, const char *mailbox, size_t len,
    const char *receiver, int64_t time);

/*
 * Evaluate with the answers there are.  OK: there is a result; if SPF_UNKNOWN,
 * ask those questions that have no answer, collect, and run it again.  Each
 * run needs less, and some 30 are the most there can be.  Answers must last
 * until the last one.  TEMPFAIL: out of memory.
 */
enum status spf_run(struct spf *);
void spf_free(struct spf *);

const char *spf_result_name(enum spf_result);

#endif
