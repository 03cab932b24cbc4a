#include "remote/report.h"

#include <fcntl.h>
#include <unistd.h>

#include "../home.h"
#include "../suite.h"

#define MOST	200000

static struct report report;
static char written[MOST];

static void
end(void)
{
	stralloc_free(&report.text);
	home_remove();
}

/* What report_write() writes. */
static size_t
write_report(void)
{
	int before = dup(STDOUT_FILENO);
	int file = open("report", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0644);

	ck_assert_int_ne(before, -1);
	ck_assert_int_ne(file, -1);
	ck_assert_int_ne(dup2(file, STDOUT_FILENO), -1);
	report_write(&report);
	ck_assert_int_ne(dup2(before, STDOUT_FILENO), -1);
	close(before);
	close(file);
	return home_read("report", written, sizeof written);
}

/*
 * How qmail-rspawn reads it: the first entry with K, Z or D counts, unless the
 * report begins with s or h.  What is not whole is a bounce.
 */
static char
read_as_rspawn(size_t len)
{
	size_t at = 0;
	char result = 'D';

	if (len == 0)
		return 'Z';
	while (at < len) {
		const char *nul = memchr(written + at, '\0', len - at);

		if (nul == NULL)
			return 'D';
		if (strchr("KZD", written[at]) != NULL &&
		    written[at] != '\0') {
			result = written[at];
			break;
		}
		at = (size_t)(nul - written) + 1;
	}
	if (written[0] == 's')
		return 'Z';
	return written[0] == 'h' ? 'D' : result;
}

/* Entries, and that each has its letter and nothing odd inside. */
static size_t
count_entries(size_t len)
{
	size_t i, entries = 0;
	int begins = 1;

	for (i = 0; i < len; i++) {
		if (begins && strchr("rhsKZD", written[i]) == NULL)
			ck_abort_msg("entry without a letter at %zu", i);
		if (begins && written[i] == '\0')
			ck_abort_msg("empty entry at %zu", i);
		begins = written[i] == '\0';
		entries += (size_t)begins;
		if (!begins && written[i] != '\n' && (written[i] < ' ' ||
		    written[i] > '~'))
			ck_abort_msg("octet %d at %zu", written[i], i);
	}
	ck_assert_int_eq(begins, 1);
	return entries;
}

/* Letters of recipients, then of the message, and what rspawn makes of it. */
static const struct {
	const char *recipients;
	const char *letters;	/* of the message, one call each */
	const char *wanted;
	size_t len;
	char result;
} rows[] = {
	{ "r", "K",	TEXT("r\0Kdone\n\0"),			'K' },
	{ "r", "Z",	TEXT("r\0Zdone\n\0"),			'Z' },
	{ "r", "D",	TEXT("r\0Ddone\n\0"),			'D' },
	{ "h", "D",	TEXT("hno\n\0Ddone\n\0"),		'D' },
	{ "s", "Z",	TEXT("sno\n\0Zdone\n\0"),		'Z' },
	{ "", "Z",	TEXT("Zdone\n\0"),			'Z' },
	{ "", "D",	TEXT("Ddone\n\0"),			'D' },
	{ "rhs", "K",	TEXT("r\0hno\n\0sno\n\0Kdone\n\0"),	'K' },
	{ "hhh", "D",	TEXT("hno\n\0hno\n\0hno\n\0Ddone\n\0"),	'D' },
	{ "hsr", "K",	TEXT("hno\n\0sno\n\0r\0Kdone\n\0"),	'D' },
	/* The first word is the last: mail that was taken stays so. */
	{ "r", "KZ",	TEXT("r\0Kdone\n\0"),			'K' },
	{ "r", "KD",	TEXT("r\0Kdone\n\0"),			'K' },
	{ "r", "ZK",	TEXT("r\0Zdone\n\0"),			'Z' },
	/* Nobody said how it ended. */
	{ "", "",	TEXT("ZOut of memory. (#4.3.0)\n\0"),	'Z' },
	{ "h", "",	TEXT("ZOut of memory. (#4.3.0)\n\0"),	'Z' },
	{ "r", "",	TEXT("ZOut of memory. (#4.3.0)\n\0"),	'Z' },
};

static void
report_recipients(const char *letters)
{
	for (; *letters != '\0'; letters++)
		report_recipient(&report, (enum recipient_report)*letters,
		    *letters == 'r' ? "" : "no\n", NULL);
}

START_TEST(each_report)
{
	const char *letter = rows[_i].letters;
	size_t len;

	ck_assert_int_eq(report_open(&report, strlen(rows[_i].recipients)),
	    OK);
	report_recipients(rows[_i].recipients);
	for (; *letter != '\0'; letter++)
		report_message(&report, (enum message_report)*letter, "done\n",
		    NULL);
	len = write_report();
	assert_octets(written, len, rows[_i].wanted, rows[_i].len);
	ck_assert_int_eq(read_as_rspawn(len), rows[_i].result);
}
END_TEST

/* What the remote host says stays inside its entry. */
static const struct {
	const char *text, *remote;
	size_t remote_len;
	const char *wanted;
	size_t len;
} remotes[] = {
	{ "a\n", TEXT("250 ok\n"),
	    TEXT("Ka\nRemote host said: 250 ok\n\0") },
	{ "a\n", TEXT(""),	TEXT("Ka\n\0") },
	{ "a\n", TEXT("250-a\n250 b\n"),
	    TEXT("Ka\nRemote host said: 250-a\n250 b\n\0") },
	{ "a\n", TEXT("250 a\0Dbounce\n"),
	    TEXT("Ka\nRemote host said: 250 a?Dbounce\n\0") },
	{ "a\n", TEXT("\0\0\0"),
	    TEXT("Ka\nRemote host said: ???\0") },
	{ "a\n", TEXT("\r\033[2J\t\177\n"),
	    TEXT("Ka\nRemote host said: ??[2J??\n\0") },
	{ "a\n", TEXT("kein Empf\303\244nger\n"),
	    TEXT("Ka\nRemote host said: kein Empf\303\244nger\n\0") },
	{ "",	 TEXT("Dno\n"),	TEXT("KRemote host said: Dno\n\0") },
	{ "",	 TEXT(""),	TEXT("K\0") },
};

START_TEST(each_remote)
{
	stralloc remote = { 0 };
	size_t len;

	ck_assert(stralloc_copyb(&remote, remotes[_i].remote,
	    remotes[_i].remote_len));
	ck_assert_int_eq(report_open(&report, 1), OK);
	report_message(&report, REPORT_ACCEPTED, remotes[_i].text, &remote);
	len = write_report();
	assert_octets(written, len, remotes[_i].wanted, remotes[_i].len);
	stralloc_free(&remote);
}
END_TEST

/* However many say however much: each letter and the end come through. */
static const struct {
	size_t recipients, text;
} sizes[] = {
	{ 1, 0 },	{ 1, 5000 },	{ 1, 20000 },	{ 2, 5000 },
	{ 3, 2999 },	{ 3, 3000 },	{ 100, 60 },	{ 100, 5000 },
	{ 500, 12 },	{ 500, 5000 },	{ 5000, 100 },	{ 50000, 10 },
};

START_TEST(each_size)
{
	static const char letters[] = "rhs";
	size_t i, n = sizes[_i].recipients, len;
	stralloc remote = { 0 };

	ck_assert(stralloc_ready(&remote, sizes[_i].text + 1));
	memset(remote.s, 'x', sizes[_i].text);
	remote.len = sizes[_i].text;
	ck_assert_int_eq(report_open(&report, n), OK);
	/* One more than there are has no place. */
	for (i = 0; i < n + 1; i++) {
		char letter = letters[i % 3];

		report_recipient(&report, (enum recipient_report)letter,
		    letter == 'r' ? "" : "no\n", letter == 'r' ? NULL :
		    &remote);
	}
	report_message(&report, REPORT_ACCEPTED, "taken\n", &remote);
	len = write_report();
	ck_assert_uint_le(len, REPORT_SIZE + 2 * n);
	ck_assert_uint_eq(count_entries(len), n + 1);
	ck_assert_int_eq(read_as_rspawn(len), 'K');
	for (i = 0; i < n; i++) {
		const char *entry = i == 0 ? written : memchr(written, '\0',
		    len);

		if (i > 0)
			entry++;
		ck_assert_int_eq(*entry, letters[i % 3]);
		len -= (size_t)(entry - written);
		memmove(written, entry, len);
		if (i == 200)
			break;
	}
	stralloc_free(&remote);
}
END_TEST

/* The words of the message have room, whatever the recipients took. */
START_TEST(message_has_room)
{
	stralloc remote = { 0 };
	size_t len;

	ck_assert(stralloc_ready(&remote, 20000));
	memset(remote.s, 'x', 20000);
	remote.len = 20000;
	ck_assert_int_eq(report_open(&report, 2), OK);
	report_recipient(&report, RECIPIENT_REFUSED, "no\n", &remote);
	report_recipient(&report, RECIPIENT_ACCEPTED, "", NULL);
	report_message(&report, REPORT_PERMANENT,
	    "192.0.2.1 failed after I sent the message.\n", NULL);
	len = write_report();
	ck_assert_ptr_nonnull(memmem(written, len,
	    "\0r\0D192.0.2.1 failed after I sent the message.\n", 48));
	stralloc_free(&remote);
}
END_TEST

/* A note is the last line of the message, whole, and no recipient's. */
static const struct {
	char letter;
	size_t recipients;	/* octets of text of the one */
	size_t remote;
} notes[] = {
	{ 'K', 0, 0 },		{ 'Z', 0, 0 },		{ 'D', 0, 0 },
	{ 'K', 0, 100 },	{ 'Z', 20000, 100 },	{ 'D', 20000, 20000 },
	{ 'K', 0, 20000 },
};

START_TEST(each_note)
{
	char note[REPORT_NOTE + 1];
	stralloc remote = { 0 };
	size_t len;

	memset(note, 'n', sizeof note);
	note[REPORT_NOTE - 1] = '\n';
	note[REPORT_NOTE] = '\0';
	ck_assert(stralloc_ready(&remote, 20000));
	memset(remote.s, 'x', 20000);
	ck_assert_int_eq(report_open(&report, 1), OK);
	report.note = note;
	remote.len = notes[_i].recipients;
	report_recipient(&report, RECIPIENT_REFUSED, "no\n", &remote);
	ck_assert_ptr_null(memmem(report.text.s, report.text.len, "nnn", 3));
	remote.len = notes[_i].remote;
	if (remote.len > 0)
		remote.s[remote.len - 1] = '\n';
	report_message(&report, (enum message_report)notes[_i].letter,
	    "done\n", &remote);
	len = write_report();
	ck_assert_uint_le(len, REPORT_SIZE + 2);
	ck_assert_uint_eq(count_entries(len), 2);
	ck_assert_uint_gt(len, REPORT_NOTE + 2);
	/* It begins a line of its own. */
	assert_octets(written + len - 1 - REPORT_NOTE, REPORT_NOTE, note,
	    REPORT_NOTE);
	ck_assert_int_eq(written[len - 2 - REPORT_NOTE], '\n');
	stralloc_free(&remote);
}
END_TEST

/* The line of TLS stands before the note; what is too long is left out. */
static const struct {
	size_t tls, note;	/* octets; 0: NULL */
	size_t text;		/* of the message */
	size_t tls_kept, note_kept;
} lines[] = {
	{ 0, 0, 10,		0, 0 },
	{ 1, 0, 10,		1, 0 },
	{ 0, 1, 10,		0, 1 },
	{ 30, 40, 10,		30, 40 },
	{ REPORT_NOTE, REPORT_NOTE, 10,	REPORT_NOTE, REPORT_NOTE },
	{ REPORT_NOTE, REPORT_NOTE, 20000, REPORT_NOTE, REPORT_NOTE },
	{ REPORT_NOTE + 1, 40, 10,	0, 40 },
	{ 30, REPORT_NOTE + 1, 20000,	30, 0 },
};

static const char *
make_line(char line[REPORT_NOTE + 2], char octet, size_t len)
{
	if (len == 0)
		return NULL;
	memset(line, octet, len);
	line[len - 1] = '\n';
	line[len] = '\0';
	return line;
}

START_TEST(each_line)
{
	char tls[REPORT_NOTE + 2], note[REPORT_NOTE + 2];
	static char text[20001];
	size_t len, end;

	ck_assert_int_eq(report_open(&report, 1), OK);
	report_recipients("r");
	report.tls = make_line(tls, 't', lines[_i].tls);
	report.note = make_line(note, 'n', lines[_i].note);
	memset(text, 'x', lines[_i].text);
	text[lines[_i].text - 1] = '\n';
	text[lines[_i].text] = '\0';
	report_message(&report, REPORT_ACCEPTED, text, NULL);
	len = write_report();
	ck_assert_uint_le(len, REPORT_SIZE + 2);
	ck_assert_uint_eq(count_entries(len), 2);
	end = len - 1 - lines[_i].note_kept;
	assert_octets(written + end, lines[_i].note_kept, note,
	    lines[_i].note_kept);
	end -= lines[_i].tls_kept;
	assert_octets(written + end, lines[_i].tls_kept, tls,
	    lines[_i].tls_kept);
	/* Before them is the text, whole lines of it, and nothing else. */
	ck_assert_int_eq(written[end - 1], '\n');
	ck_assert_int_eq(written[end - 2], 'x');
}
END_TEST

/* Another host was asked: what the first said of recipients is gone. */
START_TEST(restarts)
{
	size_t len;

	ck_assert_int_eq(report_open(&report, 2), OK);
	report_recipients("rh");
	report_restart(&report);
	report_recipients("sr");
	report_message(&report, REPORT_ACCEPTED, "done\n", NULL);
	/* Not so when the report is ready. */
	report_restart(&report);
	report_recipients("hh");
	len = write_report();
	assert_octets(written, len, "sno\n\0r\0Kdone\n\0", 14);
}
END_TEST

/* No memory from the begin: it is said, and later calls do no harm. */
START_TEST(nothing_opened)
{
	size_t len;

	memset(&report, 0, sizeof report);
	report_restart(&report);
	report_message(&report, REPORT_PERMANENT, "done\n", NULL);
	len = write_report();
	assert_octets(written, len, "ZOut of memory. (#4.3.0)\n\0", 26);
}
END_TEST

/* A pipe that is full and does not block: every octet arrives all the same. */
START_TEST(pipe_is_full)
{
	static const char filler[4096];
	int before = dup(STDOUT_FILENO), ends[2], child;
	size_t len = 0, full = 0;
	ssize_t n;

	ck_assert_int_eq(report_open(&report, 1), OK);
	report_recipients("r");
	report_message(&report, REPORT_ACCEPTED, "done\n", NULL);
	ck_assert_int_eq(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
	while ((n = write(ends[1], filler, sizeof filler)) > 0)
		full += (size_t)n;
	ck_assert_int_ne(dup2(ends[1], STDOUT_FILENO), -1);
	close(ends[1]);
	child = fork();
	ck_assert_int_ne(child, -1);
	if (child == 0) {
		report_write(&report);
		_exit(0);
	}
	ck_assert_int_ne(dup2(before, STDOUT_FILENO), -1);
	close(before);
	ck_assert_int_ne(fcntl(ends[0], F_SETFL, 0), -1);
	while ((n = read(ends[0], written + len, sizeof written - len)) > 0)
		len += (size_t)n;
	close(ends[0]);
	ck_assert_uint_ge(len, full);
	assert_octets(written + full, len - full, "r\0Kdone\n\0", 9);
}
END_TEST

SUITE("report",
    { each_report, ROWS(rows), home_make, end },
    { each_remote, ROWS(remotes), home_make, end },
    { each_size, ROWS(sizes), home_make, end },
    { message_has_room, 1, home_make, end },
    { each_note, ROWS(notes), home_make, end },
    { each_line, ROWS(lines), home_make, end },
    { restarts, 1, home_make, end },
    { nothing_opened, 1, home_make, end },
    { pipe_is_full, 1, home_make, end })
