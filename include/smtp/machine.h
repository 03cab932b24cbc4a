#ifndef SMTP_MACHINE_H
#define SMTP_MACHINE_H

/*
 * The order of an SMTP session (RFC 5321 4.1.4) as data: one table for both
 * ends.  The server asks which verbs may come now and answers 503 to others;
 * the client asks which it may send.  Both move by the reply.
 */

enum smtp_state {
	AT_CONNECT,		/* neither EHLO nor HELO yet */
	AT_READY,		/* greeted; no mail transaction */
	AT_MAIL,		/* a reverse-path is given */
	AT_RCPT,		/* one forward-path or more is accepted */
	AT_DATA,		/* mail data flows */
	AT_QUIT,		/* nothing may follow */
	STATE_COUNT
};

enum smtp_verb {
	VERB_HELO, VERB_EHLO, VERB_STARTTLS, VERB_AUTH, VERB_MAIL, VERB_RCPT,
	VERB_DATA, VERB_RSET, VERB_NOOP, VERB_VRFY, VERB_EXPN, VERB_HELP,
	VERB_QUIT,
	VERB_COUNT		/* also: a verb that nobody knows */
};

/* Whether `verb` is in sequence at this state. */
int smtp_allowed(enum smtp_state, enum smtp_verb);

/*
 * The state after `verb` was answered with this reply code.  For VERB_DATA
 * 354 leads to AT_DATA; the reply to the end of mail data leads back by
 * smtp_after_data().
 */
enum smtp_state smtp_next(enum smtp_state, enum smtp_verb, unsigned code);

/* The state after the end of mail data was answered, well or not. */
enum smtp_state smtp_after_data(unsigned code);

#endif
