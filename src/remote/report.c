/* report - what qmail-rspawn reads */
#include "remote/report.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#define SAID	"Remote host said: "
#define KEPT	3000	/* octets that recipients leave for the message */

enum status
report_open(struct report *report, size_t recipients)
{
	memset(report, 0, sizeof *report);
	report->expected = report->left = recipients;
	report->size = REPORT_SIZE + 2 * recipients;
	return stralloc_ready(&report->text, report->size) &&
	    stralloc_copyb(&report->text, "", 0) ? OK : TEMPFAIL;
}

/* Add text as far as there is room; `keep` octets of it stay free. */
static void
add(struct report *report, const char *text, size_t len, size_t keep)
{
	stralloc *out = &report->text;

	if (report->size < out->len + keep)
		return;
	if (len > report->size - out->len - keep)
		len = report->size - out->len - keep;
	memcpy(out->s + out->len, text, len);
	text_mask_controls(out->s + out->len, len);
	out->len += len;
}

/* A letter, its text as far as it fits, notes, and a NUL. */
static void
add_entry(struct report *report, char letter, const char *text,
    const stralloc *remote, const char *tls, const char *note, size_t keep)
{
	size_t begin, whole = strlen(text);

	keep += strlen(tls) + strlen(note);
	if (remote != NULL && remote->len > 0)
		whole += sizeof SAID - 1 + remote->len;
	add(report, &letter, 1, 1);
	begin = report->text.len;
	add(report, text, strlen(text), keep + 1);
	if (remote != NULL && remote->len > 0) {
		add(report, SAID, sizeof SAID - 1, keep + 1);
		add(report, remote->s, remote->len, keep + 1);
	}
	/* A text that was cut ends its line all the same. */
	if (report->text.len > begin && report->text.len < begin + whole)
		report->text.s[report->text.len - 1] = '\n';
	add(report, tls, strlen(tls), 1);
	add(report, note, strlen(note), 1);
	report->text.s[report->text.len++] = '\0';
}

void
report_recipient(struct report *report, enum recipient_report letter,
    const char *text, const stralloc *remote)
{
	if (report->is_ready || report->left == 0)
		return;
	report->left--;
	add_entry(report, (char)letter, text, remote, "", "",
	    KEPT + 2 * report->left);
}

void
report_restart(struct report *report)
{
	if (report->is_ready)
		return;
	report->text.len = 0;
	report->left = report->expected;
}

/* A line that is none, or too long, is left out. */
static const char *
line_or_none(const char *line)
{
	return line != NULL && strlen(line) <= REPORT_NOTE ? line : "";
}

void
report_message(struct report *report, enum message_report letter,
    const char *text, const stralloc *remote)
{
	if (report->is_ready || report->text.s == NULL)
		return;
	add_entry(report, (char)letter, text, remote,
	    line_or_none(report->tls), line_or_none(report->note), 0);
	report->is_ready = 1;
}

void
report_control(struct report *report, const struct control *control)
{
	stralloc text = { 0 };

	if (stralloc_copym(&text, "Unable to read control files: ",
	    control->failed, ": ", strerror(control->error),
	    ". (#4.3.0)\n") && stralloc_0(&text))
		report_message(report, REPORT_DEFERRED, text.s, NULL);
	else
		report_message(report, REPORT_DEFERRED,
		    "Unable to read control files. (#4.3.0)\n", NULL);
	stralloc_free(&text);
}

void
report_write(const struct report *report)
{
	static const char none[] = "ZOut of memory. (#4.3.0)\n";
	const char *text = report->is_ready ? report->text.s : none;
	size_t len = report->is_ready ? report->text.len : sizeof none;
	struct pollfd room = { STDOUT_FILENO, POLLOUT, 0 };

	while (len > 0) {
		ssize_t written = write(STDOUT_FILENO, text, len);

		if (written == -1 && errno == EAGAIN) {
			/* Half a report is a bounce: wait for room. */
			poll(&room, 1, -1);
			continue;
		}
		if (written == -1 && errno == EINTR)
			continue;
		if (written == -1)
			return;
		text += written;
		len -= (size_t)written;
	}
}
