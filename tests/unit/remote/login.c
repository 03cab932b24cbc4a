#include "remote/login.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../suite.h"
#include "base/base64.h"
#include "smtp/sasl.h"

#define LOGINS	"AUTH LOGIN"
#define TIM	"dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw"
#define RESTON	"PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"

enum end {
	IN,			/* logged in */
	NEXT,			/* another host may be asked */
	REPORTED		/* the report is ready */
};

static struct delivery delivery;
static struct config config;
static struct route route;
static struct talk talk;
static int ours, theirs;

static void
begin(void)
{
	int ends[2];

	signal(SIGPIPE, SIG_IGN);
	memset(&config, 0, sizeof config);
	memset(&route, 0, sizeof route);
	memset(&delivery, 0, sizeof delivery);
	memset(&talk, 0, sizeof talk);
	config.timeout_s = 20;
	strcpy(route.source, "control/smtproutes");
	delivery.config = &config;
	delivery.route = &route;
	ck_assert_int_eq(report_open(&delivery.report, 1), OK);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	ours = ends[0];
	theirs = ends[1];
	talk.delivery = &delivery;
	talk.link = link_open(ours, ours, 20);
	ck_assert_ptr_nonnull(talk.link);
	talk.secure.is_encrypted = 1;
	strcpy(talk.ip, "192.0.2.1");
	talk.extensions = EXTENSION_AUTH;
}

static void
end(void)
{
	link_close(talk.link);
	close(ours);
	stralloc_free(&talk.reply.text);
	stralloc_free(&talk.commands);
	stralloc_free(&talk.text);
	stralloc_free(&delivery.failure);
	stralloc_free(&delivery.report.text);
	route_free(&route);
}

static void
set_credentials(const char *user, const char *password)
{
	ck_assert(stralloc_copys(&route.user, user));
	ck_assert(stralloc_0(&route.user));
	ck_assert(stralloc_copys(&route.password, password));
	ck_assert(stralloc_0(&route.password));
}

/* A host: a line that must come, and what is said to it; "" hangs up. */
struct step {
	const char *line, *reply;
};
#define STEPS	4

static void
play(const struct step *steps)
{
	char line[4096];
	size_t i, len;

	for (i = 0; i < STEPS && steps[i].line != NULL; i++) {
		for (len = 0; len < sizeof line && (len == 0 ||
		    line[len - 1] != '\n'); len++)
			if (read(theirs, line + len, 1) != 1)
				_exit(10);
		if (len < 2 || line[len - 2] != '\r' ||
		    len - 2 != strlen(steps[i].line) ||
		    memcmp(line, steps[i].line, len - 2) != 0)
			_exit(20 + (int)i);
		if (steps[i].reply[0] == '\0')
			_exit(0);
		if (write(theirs, steps[i].reply, strlen(steps[i].reply)) <
		    0 || write(theirs, "\r\n", 2) < 0)
			_exit(30);
	}
	/* Nothing more comes. */
	_exit(read(theirs, line, 1) == 0 ? 0 : 40);
}

static void
log_in_with(const struct step *steps, enum end wanted)
{
	pid_t child = fork();
	int done = 7, status, is_in;

	ck_assert_int_ne(child, -1);
	if (child == 0) {
		close(ours);
		play(steps);
	}
	close(theirs);
	is_in = log_in(&talk, &done);
	/* The host looks whether more comes; it may have hung up itself. */
	shutdown(ours, SHUT_WR);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(status == 0, "the host: %d", WEXITSTATUS(status));
	ck_assert_int_eq(is_in, wanted == IN);
	if (wanted != IN)
		ck_assert_int_eq(done, wanted == REPORTED);
	ck_assert_int_eq(delivery.report.is_ready, wanted == REPORTED);
}

static const struct {
	unsigned mechanisms;
	struct step steps[STEPS];
	enum end end;
	const char *text;	/* of the report, or why the host was left */
} rows[] = {
	/* RFC 2195 2. */
	{ MECHANISM_CRAM_MD5, { { "AUTH CRAM-MD5", "334 " RESTON },
	    { TIM, "235 in" } }, IN, NULL },
	/* The strongest of what is offered. */
	{ MECHANISM_ALL, { { "AUTH CRAM-MD5", "334 " RESTON },
	    { TIM, "235-in\r\n235 in" } }, IN, NULL },
	{ MECHANISM_PLAIN | MECHANISM_LOGIN,
	    { { "AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm", "235 in" } },
	    IN, NULL },
	{ MECHANISM_LOGIN, { { LOGINS, "334 VXNlcm5hbWU6" },
	    { "dGlt", "334 UGFzc3dvcmQ6" },
	    { "dGFuc3RhYWZ0YW5zdGFhZg==", "235 in" } }, IN, NULL },
	{ MECHANISM_LOGIN, { { LOGINS, "334" }, { "dGlt", "334 *?" },
	    { "dGFuc3RhYWZ0YW5zdGFhZg==", "235" } }, IN, NULL },
	{ 0, { { NULL, NULL } }, NEXT, "Connected to 192.0.2.1 but it does "
	    "not offer a login that I know. (#4.7.4)\n" },
	/* Refused: at whatever step, for now. */
	{ MECHANISM_CRAM_MD5, { { "AUTH CRAM-MD5", "504 no" } }, REPORTED,
	    "ZConnected to 192.0.2.1 but the login of tim by control/smtproutes"
	    " was refused. (#4.7.8)\nRemote host said: 504 no\n" },
	{ MECHANISM_LOGIN, { { LOGINS, "334 " },
	    { "dGlt", "535-no\r\n535 x" } },
	    REPORTED, "ZConnected to 192.0.2.1 but the login of tim by "
	    "control/smtproutes was refused. (#4.7.8)\n"
	    "Remote host said: 535-no\n535 x\n" },
	{ MECHANISM_CRAM_MD5, { { "AUTH CRAM-MD5", "454 later" } }, NEXT,
	    "Connected to 192.0.2.1 but the login of tim by control/smtproutes"
	    " failed for now. (#4.7.0)\nRemote host said: 454 later\n" },
	/* What repeats the password, or the line with it, is left out. */
	{ MECHANISM_PLAIN, { { "AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm",
	    "500-what\r\n500 AUTH PLAIN AHRpbQB0YW5z..." } }, REPORTED,
	    "ZConnected to 192.0.2.1 but the login of tim by control/smtproutes"
	    " was refused. (#4.7.8)\n" },
	{ MECHANISM_LOGIN, { { LOGINS, "334 " }, { "dGlt", "334 " },
	    { "dGFuc3RhYWZ0YW5zdGFhZg==", "535 tanstaaftanstaaf is wrong" } },
	    REPORTED, "ZConnected to 192.0.2.1 but the login of tim by "
	    "control/smtproutes was refused. (#4.7.8)\n" },
	{ MECHANISM_LOGIN, { { LOGINS, "334 " }, { "dGlt", "334 " },
	    { "dGFuc3RhYWZ0YW5zdGFhZg==", "454 not dGFuc3RhYWZ0" } },
	    NEXT, "Connected to 192.0.2.1 but the login of tim by "
	    "control/smtproutes failed for now. (#4.7.0)\n" },
	/* What is no AUTH, and what a host that waits is told. */
#define GARBAGE	"Connected to 192.0.2.1 but it answered garbage. (#4.4.2)\n"
	{ MECHANISM_PLAIN, { { "AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm",
	    "250 ok" } }, NEXT, GARBAGE },
	{ MECHANISM_PLAIN, { { "AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm",
	    "334 " }, { "*", "501 ok" } }, NEXT, GARBAGE },
	{ MECHANISM_LOGIN, { { LOGINS, "235 in" } }, NEXT, GARBAGE },
	{ MECHANISM_LOGIN, { { LOGINS, "334-a\r\n334 b" }, { "*", "501 ok" } },
	    NEXT, GARBAGE },
	{ MECHANISM_CRAM_MD5, { { "AUTH CRAM-MD5", "334 " }, { "*", "501" } },
	    NEXT, GARBAGE },
	{ MECHANISM_CRAM_MD5, { { "AUTH CRAM-MD5", "334" }, { "*", "501" } },
	    NEXT, GARBAGE },
	{ MECHANISM_CRAM_MD5, { { "AUTH CRAM-MD5", "334 PDE=." },
	    { "*", "501" } }, NEXT, GARBAGE },
	{ MECHANISM_CRAM_MD5, { { "AUTH CRAM-MD5", "334 PDE=" },
	    { "dGltIDllMzY4Y2YyNTY5NzRmNDQyODVhZjI1NzA4YzJmNmM4", "421 x" } },
	    NEXT, "Connected to 192.0.2.1 but the login of tim by "
	    "control/smtproutes failed for now. (#4.7.0)\n"
	    "Remote host said: 421 x\n" },
	{ MECHANISM_CRAM_MD5, { { "AUTH CRAM-MD5", "334 YQBi" },
	    { "*", "501" } }, NEXT, GARBAGE },
	{ MECHANISM_CRAM_MD5, { { "AUTH CRAM-MD5", "334 PDE=" "\r\n235 in" } },
	    NEXT, GARBAGE },
	{ MECHANISM_CRAM_MD5, { { "AUTH CRAM-MD5", "334 YQBi" }, { "*", "" } },
	    NEXT, GARBAGE },
	{ MECHANISM_PLAIN, { { "AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm",
	    "" } }, NEXT,
	    "Connected to 192.0.2.1 but connection died. (#4.4.2)\n" },
	{ MECHANISM_LOGIN, { { LOGINS, "HTTP/1.1 400" } }, NEXT, GARBAGE },
};

START_TEST(each_login)
{
	set_credentials("tim", "tanstaaftanstaaf");
	talk.values.mechanisms = rows[_i].mechanisms;
	log_in_with(rows[_i].steps, rows[_i].end);
	if (rows[_i].end == NEXT)
		assert_holds(&delivery.failure, rows[_i].text);
	if (rows[_i].end == REPORTED)
		assert_octets(delivery.report.text.s, delivery.report.text.len,
		    rows[_i].text, strlen(rows[_i].text) + 1);
}
END_TEST

/* RFC 2202 2, and keys around a block of MD5, by another's HMAC. */
static const struct {
	size_t key_len;
	const char *challenge, *digest;
} keys[] = {
	{ 64, "what do ya want for nothing?",
	    "663b18c9e489b2bd6fe79b325cd8ac61" },
	{ 65, "what do ya want for nothing?",
	    "557bcac19b6d1ef7c2f5840037a2dd75" },
	{ 80, "Test Using Larger Than Block-Size Key - Hash Key First",
	    "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd" },
	{ 80, "Test Using Larger Than Block-Size Key and Larger Than One "
	    "Block-Size Data", "6f630fad67cda0ee1fb1f562db3aa53e" },
};

START_TEST(each_key)
{
	char key[256], asked[256] = "334 ", message[64] = "u ", said[96] = "";
	struct step steps[STEPS] = { { "AUTH CRAM-MD5", asked },
	    { said, "235 in" } };

	memset(key, 0xaa, keys[_i].key_len);
	key[keys[_i].key_len] = '\0';
	set_credentials("u", key);
	base64_encode(keys[_i].challenge, strlen(keys[_i].challenge),
	    asked + 4);
	strcat(message, keys[_i].digest);
	base64_encode(message, strlen(message), said);
	talk.values.mechanisms = MECHANISM_CRAM_MD5;
	log_in_with(steps, IN);
}
END_TEST

/*
 * PLAIN in one command line of 512 octets, and in two where it is longer:
 * 11 octets, base64, CR LF.
 */
static const struct {
	size_t user, password;
	int is_one;
} lengths[] = {
	{ 1, 1, 1 },		{ 185, 185, 1 },	{ 369, 1, 1 },
	{ 1, 369, 1 },		{ 1, 370, 0 },		{ 370, 1, 0 },
	{ 186, 188, 0 },	{ ROUTE_SECRET, ROUTE_SECRET, 0 },
};

START_TEST(each_length)
{
	char user[ROUTE_SECRET + 1] = "", password[ROUTE_SECRET + 1] = "";
	char message[2 * ROUTE_SECRET + 2] = "";
	char line[4000] = "AUTH PLAIN ";
	size_t len = lengths[_i].user + lengths[_i].password + 2;
	struct step one[STEPS] = { { line, "235 in" } };
	struct step two[STEPS] = { { "AUTH PLAIN", "334 " },
	    { line + 11, "235 in" } };

	memset(user, 'u', lengths[_i].user);
	memset(password, 'p', lengths[_i].password);
	set_credentials(user, password);
	memcpy(message + 1, user, lengths[_i].user);
	memcpy(message + 2 + lengths[_i].user, password, lengths[_i].password);
	base64_encode(message, len, line + 11);
	ck_assert_int_eq(strlen(line) + 2 <= 512, lengths[_i].is_one);
	talk.values.mechanisms = MECHANISM_PLAIN;
	log_in_with(lengths[_i].is_one ? one : two, IN);
}
END_TEST

/* A challenge as long as may be, and more. */
static const struct {
	size_t len;
	int is_good;
} challenges[] = {
	{ 766, 1 },	{ 768, 1 },	{ 769, 0 },	{ 3000, 0 },
};

START_TEST(each_challenge)
{
	char octets[3000], asked[4100] = "334 ";
	const struct step good[STEPS] = { { "AUTH CRAM-MD5", asked },
	    { NULL, NULL } };
	const struct step bad[STEPS] = { { "AUTH CRAM-MD5", asked },
	    { "*", "501 ok" } };
	pid_t child;
	char line[200];
	size_t len = 0;
	int done = 7, status;

	set_credentials("u", "p");
	memset(octets, 'c', challenges[_i].len);
	base64_encode(octets, challenges[_i].len, asked + 4);
	talk.values.mechanisms = MECHANISM_CRAM_MD5;
	if (!challenges[_i].is_good) {
		log_in_with(bad, NEXT);
		return;
	}
	/* Whatever the answer is, it is one. */
	child = fork();
	ck_assert_int_ne(child, -1);
	if (child == 0) {
		close(ours);
		if (read(theirs, line, sizeof line) != 15 ||
		    write(theirs, good[0].reply, strlen(asked)) < 0 ||
		    write(theirs, "\r\n", 2) != 2)
			_exit(1);
		while (len < 50 && read(theirs, line + len, 1) == 1)
			len++;
		_exit(len == 50 && write(theirs, "235 in\r\n", 8) == 8 ? 0 : 2);
	}
	close(theirs);
	ck_assert_int_eq(log_in(&talk, &done), 1);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(no_credentials)
{
	int done = 7;

	talk.values.mechanisms = MECHANISM_ALL;
	ck_assert_int_eq(log_in(&talk, &done), 1);
	ck_assert_int_eq(link_has_input(talk.link, 0), 0);
	ck_assert_int_eq(delivery.report.is_ready, 0);
	close(theirs);
}
END_TEST

/* Without TLS, only by leave. */
static const struct {
	int is_encrypted, is_cleartext, may;
} leaves[] = {
	{ 0, 0, 0 },	{ 0, 1, 1 },	{ 1, 0, 1 },	{ 1, 1, 1 },
};

START_TEST(each_leave)
{
	int done = 7;

	set_credentials("u", "p");
	talk.secure.is_encrypted = leaves[_i].is_encrypted;
	route.is_cleartext = leaves[_i].is_cleartext;
	ck_assert_int_eq(secure_for_password(&talk), leaves[_i].may);
	/* No mechanism is offered: nothing is said in any case. */
	ck_assert_int_eq(log_in(&talk, &done), 0);
	ck_assert_int_eq(done, 0);
	ck_assert(stralloc_0(&delivery.failure));
	ck_assert_ptr_nonnull(strstr(delivery.failure.s, leaves[_i].may ?
	    "does not offer a login" : " goes only over TLS, unless "
	    "|cleartext stands behind it. (#4.7.11)\n"));
	close(theirs);
}
END_TEST

SUITE("login",
    { each_login, ROWS(rows), begin, end },
    { each_key, ROWS(keys), begin, end },
    { each_length, ROWS(lengths), begin, end },
    { each_challenge, ROWS(challenges), begin, end },
    { no_credentials, 1, begin, end },
    { each_leave, ROWS(leaves), begin, end })
