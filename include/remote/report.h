#ifndef REMOTE_REPORT_H
#define REMOTE_REPORT_H

#include <stddef.h>
#include <stralloc.h>

#include "base/control.h"
#include "base/status.h"

/*
 * What qmail-rspawn reads: for each recipient r, h or s, in the order of the
 * arguments, then one K, Z or D, each ended by NUL.  It reads odd output as a
 * bounce, so the report is put together in memory and written once.
 */

enum recipient_report {
	RECIPIENT_ACCEPTED = 'r',
	RECIPIENT_REFUSED = 'h',	/* for good */
	RECIPIENT_DEFERRED = 's'
};

enum message_report {
	REPORT_ACCEPTED = 'K',
	REPORT_DEFERRED = 'Z',
	REPORT_PERMANENT = 'D'
};

struct report {
	stralloc text;
	size_t size;		/* most octets of it */
	size_t expected, left;	/* recipients, and those not reported yet */
	int is_ready;		/* the one K, Z or D is there */
	/* Lines for the end of that; NULL: none. */
	const char *tls;	/* of TLS: what there is, or why not */
	const char *note;
};

#define REPORT_SIZE	9000	/* octets; qmail-send cuts at 10,000 */
#define REPORT_NOTE	500	/* most octets of such a line; never cut */

/*
 * Take all the memory a report can need, so that nothing can fail later.
 * TEMPFAIL: there is none; report_write() still works and says Z.
 */
enum status report_open(struct report *, size_t recipients);

/* One recipient; `text` lines are added to, see report_message(). */
void report_recipient(struct report *, enum recipient_report,
    const char *text, const stralloc *remote);

/* Forget what was said of recipients: another host will be asked. */
void report_restart(struct report *);

/*
 * The message.  `text` ends with '\n' if it is not empty; `remote`, unless it
 * is empty or NULL, follows behind "Remote host said: ", and report->tls and
 * report->note as the last.  The first call counts, later ones are ignored.
 */
void report_message(struct report *, enum message_report, const char *text,
    const stralloc *remote);

/* A control file cannot be used, see base/control.h: Z, which says so. */
void report_control(struct report *, const struct control *);

/* Write the report to standard output.  Without a message report it says Z. */
void report_write(const struct report *);

#endif
