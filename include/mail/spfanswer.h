#ifndef MAIL_SPFANSWER_H
#define MAIL_SPFANSWER_H

#include <stddef.h>

#include "mail/spf.h"

/* The inside of check_host(), for src/mail/spf.c alone: names and answers. */

#define SPF_NAME	253	/* longest name, as text; RFC 7208 7.3 */

/* One run. */
struct evaluation {
	struct spf *spf;
	unsigned terms, voids;	/* so far */
	/*
	 * An answer is missing, so there is no result; but on goes the run, as
	 * if that term had not matched, to find out what else is wanted.
	 */
	int waits;
	int is_broken;		/* out of memory */
	const char *problem;
};

/*
 * The answer to a question; until there is one, one that is DNS_WAITING, and
 * the question is among those of struct spf.  A name that is none is
 * DNS_NXDOMAIN.  Never NULL.
 */
const struct dns_question *spf_answer(struct evaluation *, enum dns_type,
    const char *name, size_t len);

/* The same for a name as net/dns prints it. */
const struct dns_question *spf_answer_printed(struct evaluation *,
    enum dns_type, const char *name);

/* The names of the client. */
const struct dns_question *spf_answer_reverse(struct evaluation *);

/* The type of the client's address. */
enum dns_type spf_answer_type(const struct evaluation *);

/* Whether a name of the client has its address, as far as is known. */
int spf_answer_validates(struct evaluation *, const char *name);

/*
 * A name of the client that is validated, the domain itself or one below it if
 * there is one; "unknown"; or NULL: an answer is missing.
 */
const char *spf_answer_name(struct evaluation *, const char *domain,
    size_t len);

/* Whether a name as net/dns prints it is the domain or one below it. */
int spf_name_is_below(const char *name, const char *domain, size_t len);

/* Whether mail can come from such a domain: two labels, and plain. */
int spf_name_is_host(const char *name, size_t len);

#endif
