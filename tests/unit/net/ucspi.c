#include "net/ucspi.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>

#include "../home.h"
#include "../suite.h"

#define WORDS	5

/* Our end of the control socket, and that of who started us. */
static int control, theirs;

static void
begin(void)
{
	char text[16];
	int ends[2];

	home_make();
	signal(SIGPIPE, SIG_IGN);
	/* What is sent at once is read at once, and no more. */
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	control = ends[0];
	theirs = ends[1];
	snprintf(text, sizeof text, "%d", control);
	setenv("SSLCTLFD", text, 1);
	setenv("SSLREADFD", "101", 1);
	setenv("SSLWRITEFD", "102", 1);
}

static void
end(void)
{
	close(control);
	if (theirs != -1)
		close(theirs);
	home_remove();
}

#define ALL	"SSLCTLFD=3", "SSLREADFD=4", "SSLWRITEFD=5"

static const struct {
	const char *environment[WORDS];
	int is_offered, is_required;
} offers[] = {
	{ { NULL },				0, 0 },
	{ { ALL },				1, 0 },
	{ { ALL, "UCSPITLS=" },			1, 0 },
	{ { ALL, "UCSPITLS=1" },		1, 0 },
	{ { ALL, "UCSPITLS=-" },		0, 0 },
	{ { ALL, "UCSPITLS=!" },		1, 1 },
	{ { "UCSPITLS=!" },			0, 1 },
	{ { "UCSPITLS=!!", ALL },		1, 0 },
	{ { "SSLREADFD=4", "SSLWRITEFD=5" },	0, 0 },
	{ { "SSLCTLFD=3", "SSLREADFD=4" },	0, 0 },
	{ { "SSLCTLFD=3", "SSLWRITEFD=4" },	0, 0 },
	{ { "SSLCTLFD=3", "SSLREADFD=4", "SSLWRITEFD=1023" }, 1, 0 },
	{ { "SSLCTLFD=3", "SSLREADFD=4", "SSLWRITEFD=1024" }, 0, 0 },
	/* Descriptors of others, and no numbers. */
	{ { "SSLCTLFD=2", "SSLREADFD=4", "SSLWRITEFD=5" }, 0, 0 },
	{ { "SSLCTLFD=3", "SSLREADFD=0", "SSLWRITEFD=5" }, 0, 0 },
	{ { "SSLCTLFD=3", "SSLREADFD=4", "SSLWRITEFD=1" }, 0, 0 },
	{ { "SSLCTLFD=", "SSLREADFD=4", "SSLWRITEFD=5" }, 0, 0 },
	{ { "SSLCTLFD=3 ", "SSLREADFD=4", "SSLWRITEFD=5" }, 0, 0 },
	{ { "SSLCTLFD=3x", "SSLREADFD=4", "SSLWRITEFD=5" }, 0, 0 },
	{ { "SSLCTLFD=-3", "SSLREADFD=4", "SSLWRITEFD=5" }, 0, 0 },
	{ { "SSLCTLFD=99999999999999999999", "SSLREADFD=4", "SSLWRITEFD=5" },
	    0, 0 },
};

START_TEST(each_offer)
{
	home_environment(offers[_i].environment, WORDS);
	assert_row(ucspi_is_offered() == offers[_i].is_offered);
	assert_row(ucspi_is_required() == offers[_i].is_required);
}
END_TEST

#define SAID	"SSL_PROTOCOL=TLSv1.3\0PATH=/evil\0SSL_CIPHER=A=B\0"	\
	"SSL\0SSL_EMPTY=\0\0"

/* It comes in two pieces, cut there, or octet by octet. */
START_TEST(each_cut)
{
	static const char said[] = SAID;
	size_t len = sizeof said - 1, at, next;
	int in = -1, out = -1;
	char octet;

	setenv("PATH", "/bin", 1);
	for (at = 0; at < len; at = next) {
		next = piece_end(at, len, (size_t)_i);
		ck_assert_int_eq(write(theirs, said + at, next - at),
		    (ssize_t)(next - at));
	}
	ck_assert_int_eq(ucspi_start(&in, &out), OK);
	ck_assert_int_eq(read(theirs, &octet, 1), 1);
	ck_assert_int_eq(octet, 'Y');
	ck_assert_int_eq(in, 101);
	ck_assert_int_eq(out, 102);
	ck_assert_str_eq(getenv("SSL_PROTOCOL"), "TLSv1.3");
	ck_assert_str_eq(getenv("SSL_CIPHER"), "A=B");
	ck_assert_str_eq(getenv("SSL_EMPTY"), "");
	ck_assert_str_eq(getenv("PATH"), "/bin");
	/* The control socket has done its work. */
	ck_assert_int_eq(fcntl(control, F_GETFD), -1);
	control = theirs;
	theirs = -1;
}
END_TEST

static const struct {
	const char *text;
	size_t len;
	enum status status;
} ends[] = {
	{ TEXT("\0"),			OK },
	{ TEXT("\0SSL_A=1\0\0"),	OK },
	{ TEXT("A=1\0\0SSL_A=1"),	OK },
	/* It hangs up before the end. */
	{ TEXT("SSL_A=1"),		TEMPFAIL },
	{ TEXT("SSL_A=1\0"),		TEMPFAIL },
	{ NULL, 0,			TEMPFAIL },
};

START_TEST(each_end)
{
	int in = -1, out = -1;

	if (ends[_i].text != NULL)
		ck_assert_int_eq(write(theirs, ends[_i].text, ends[_i].len),
		    (ssize_t)ends[_i].len);
	shutdown(theirs, SHUT_WR);
	ck_assert_int_eq(ucspi_start(&in, &out), ends[_i].status);
	ck_assert_ptr_null(getenv("SSL_A"));
	ck_assert_int_eq(in, ends[_i].status == OK ? 101 : -1);
}
END_TEST

/* More than anybody has to say. */
START_TEST(without_end)
{
	static char text[8192];
	int in = -1, out = -1, i;

	memset(text, 'x', sizeof text);
	for (i = 0; i < 9; i++)
		ck_assert_int_eq(write(theirs, text, sizeof text),
		    sizeof text);
	ck_assert_int_eq(ucspi_start(&in, &out), TEMPFAIL);
}
END_TEST

START_TEST(nobody_is_there)
{
	int in = -1, out = -1;

	close(theirs);
	theirs = -1;
	ck_assert_int_eq(ucspi_start(&in, &out), TEMPFAIL);
	unsetenv("SSLCTLFD");
	ck_assert_int_eq(ucspi_start(&in, &out), TEMPFAIL);
}
END_TEST

/* The rows of offers have an environment of their own. */
static void
begin_bare(void)
{
	begin();
	home_clear_environment();
}

SUITE("ucspi",
    { each_offer, ROWS(offers), begin_bare, end },
    { each_cut, (int)sizeof SAID, begin, end },
    { each_end, ROWS(ends), begin, end },
    { without_end, 1, begin, end },
    { nobody_is_there, 1, begin, end })
