#include "net/line.h"

#include <sys/socket.h>
#include <unistd.h>

#include "../suite.h"

#define MOST	16	/* octets of a line, its end counted */
#define SOON_MS	50	/* a wait for what does not come */

static struct link *ours;
static int in, client;

static void
begin(void)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	in = pair[0];
	client = pair[1];
	ours = link_open(in, in, 60);
	ck_assert_ptr_nonnull(ours);
}

static void
end(void)
{
	link_close(ours);
	close(in);
	if (client != -1)
		close(client);
}

#define GOOD	LINE_GOOD
#define BARE	LINE_BARE_LF
#define BAD	LINE_BAD_OCTET
#define LONG	LINE_TOO_LONG

/* What is sent, and the lines that it holds; then it ends. */
static const struct {
	const char *sent;
	size_t len;
	size_t count;
	struct {
		const char *line;
		size_t len;
		enum line_form form;
	} lines[3];
} rows[] = {
	{ TEXT("NOOP\r\n"), 1, { { TEXT("NOOP"), GOOD } } },
	{ TEXT("\r\n"), 1, { { TEXT(""), GOOD } } },
	{ TEXT("A\r\nB\r\n\r\n"), 3, { { TEXT("A"), GOOD },
	    { TEXT("B"), GOOD }, { TEXT(""), GOOD } } },
	{ TEXT("A\nB\r\n"), 2, { { TEXT("A"), BARE }, { TEXT("B"), GOOD } } },
	{ TEXT("\n"), 1, { { TEXT(""), BARE } } },
	{ TEXT("A\rB\r\n"), 1, { { TEXT("A\rB"), BAD } } },
	{ TEXT("A\r\r\n"), 1, { { TEXT("A\r"), BAD } } },
	{ TEXT("\rA\n"), 1, { { TEXT("\rA"), BAD } } },
	{ TEXT("A\0B\r\n"), 1, { { TEXT("A\0B"), BAD } } },
	{ TEXT("\0\n"), 1, { { TEXT("\0"), BAD } } },
	{ TEXT("\377\r\n"), 1, { { TEXT("\377"), GOOD } } },
	/* Just as long as may be, and longer. */
	{ TEXT("12345678901234\r\nB\r\n"), 2, { { TEXT("12345678901234"),
	    GOOD }, { TEXT("B"), GOOD } } },
	{ TEXT("123456789012345\nB\r\n"), 2, { { TEXT("123456789012345"),
	    BARE }, { TEXT("B"), GOOD } } },
	{ TEXT("123456789012345\r\nB\r\n"), 2, { { TEXT(""), LONG },
	    { TEXT("B"), GOOD } } },
	{ TEXT("1234567890123456\nB\r\n"), 2, { { TEXT(""), LONG },
	    { TEXT("B"), GOOD } } },
	{ TEXT("1234567890123456789012345678901234567890\r\nB\r\n"), 2,
	    { { TEXT(""), LONG }, { TEXT("B"), GOOD } } },
	/* No whole line: the end. */
	{ TEXT("A\r\nQUIT"), 1, { { TEXT("A"), GOOD } } },
	{ TEXT("A\r\nQUIT\r"), 1, { { TEXT("A"), GOOD } } },
	{ TEXT("1234567890123456789012345"), 0, { { NULL, 0, GOOD } } },
	{ TEXT(""), 0, { { NULL, 0, GOOD } } },
};

static void
send_octets(const char *text, size_t len)
{
	ck_assert_int_eq(write(client, text, len), (ssize_t)len);
}

/* The lines of a row, of which `sent` octets are there already. */
START_TEST(each_row)
{
	struct deadline until = deadline_in(60000);
	const char *line;
	enum line_form form;
	size_t i, len;

	send_octets(rows[_i].sent, rows[_i].len);
	close(client);
	client = -1;
	for (i = 0; i < rows[_i].count; i++) {
		ck_assert_int_eq(line_read(ours, MOST, until, &line, &len,
		    &form), OK);
		assert_octets(line, len, rows[_i].lines[i].line,
		    rows[_i].lines[i].len);
		ck_assert_int_eq(form, rows[_i].lines[i].form);
	}
	ck_assert_int_eq(line_read(ours, MOST, until, &line, &len, &form),
	    TEMPFAIL);
	ck_assert_int_eq(link_ended(ours), LINK_EOF);
}
END_TEST

/*
 * The same lines when they come octet by octet: one is read after each line
 * end, so that reading has to wait within the line, never behind it.
 */
START_TEST(each_row_in_octets)
{
	struct deadline until = deadline_in(60000);
	const char *line;
	enum line_form form;
	size_t at, i = 0, len;

	for (at = 0; at < rows[_i].len; at++) {
		send_octets(rows[_i].sent + at, 1);
		if (rows[_i].sent[at] != '\n') {
			ck_assert_int_eq(link_fill(ours, until), OK);
			continue;
		}
		ck_assert_int_eq(line_read(ours, MOST, until, &line, &len,
		    &form), OK);
		assert_octets(line, len, rows[_i].lines[i].line,
		    rows[_i].lines[i].len);
		ck_assert_int_eq(form, rows[_i].lines[i].form);
		i++;
	}
	ck_assert_uint_eq(i, rows[_i].count);
	ck_assert_int_eq(line_read(ours, MOST, deadline_in(0), &line, &len,
	    &form), TEMPFAIL);
	ck_assert_int_eq(link_ended(ours), LINK_TIMEOUT);
}
END_TEST

/* Longer than the buffer of the link, several times. */
START_TEST(endless_line)
{
	struct deadline until = deadline_in(60000);
	static char block[1000];
	const char *line;
	enum line_form form;
	size_t len;
	pid_t pid = fork();
	int i;

	if (pid == 0) {
		memset(block, 'x', sizeof block);
		for (i = 0; i < 200; i++)
			if (write(client, block, sizeof block) == -1)
				_exit(1);
		_exit(write(client, "\r\nQUIT\r\n", 8) != 8);
	}
	ck_assert_int_eq(line_read(ours, MOST, until, &line, &len, &form),
	    OK);
	ck_assert_int_eq(form, LINE_TOO_LONG);
	ck_assert_uint_eq(len, 0);
	ck_assert_int_eq(line_read(ours, MOST, until, &line, &len, &form),
	    OK);
	ck_assert_int_eq(form, LINE_GOOD);
	assert_octets(line, len, "QUIT", 4);
}
END_TEST

/* A client that sends an octet now and then has no more time than others. */
static const char *const unfinished[] = {
	"", "QUI", "QUIT\r", "1234567890123456789",
};

START_TEST(each_unfinished)
{
	const char *line;
	enum line_form form;
	size_t len;

	send_octets(unfinished[_i], strlen(unfinished[_i]));
	ck_assert_int_eq(line_read(ours, MOST, deadline_in(SOON_MS), &line,
	    &len, &form), TEMPFAIL);
	ck_assert_int_eq(link_ended(ours), LINK_TIMEOUT);
}
END_TEST

SUITE("line",
    { each_row, ROWS(rows), begin, end },
    { each_row_in_octets, ROWS(rows), begin, end },
    { endless_line, 1, begin, end },
    { each_unfinished, ROWS(unfinished), begin, end })
