#include "net/tls.h"

#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../home.h"
#include "../suite.h"

#define LONG_MS	60000	/* a wait that no test sits out */

/* What the stand-in for the service does when it is asked. */
enum answer {
	READY,
	REFUSES,		/* with a code and a text */
	HANGS_UP,
	SAYS,			/* octets of its own */
	IS_SILENT
};

/* The process that is asked; 0: there is none. */
static pid_t service;
static int listener = -1;
static struct record record;

/* Two ends of a connection that is handed over. */
static int client, connection;

static int
count_open(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int n = 0;

	ck_assert_ptr_nonnull(folder);
	while (readdir(folder) != NULL)
		n++;
	closedir(folder);
	return n;
}

static void
begin(void)
{
	int ends[2];

	home_make();
	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(mkdir("run", 0755), 0);
	ck_assert_int_eq(mkdir("bin", 0755), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	connection = ends[0];
	client = ends[1];
	service = 0;
}

static void
end(void)
{
	if (service != 0) {
		kill(service, SIGKILL);
		ck_assert_int_eq(waitpid(service, NULL, 0), service);
	}
	/* What was executed ends by itself. */
	close(client);
	close(connection);
	home_remove();
}

static void
refuse(int channel, enum record_code code, const char *text)
{
	record_begin(&record, RECORD_REFUSAL);
	record_add_number(&record, TAG_CODE, code);
	if (text != NULL)
		record_add_text(&record, TAG_TEXT, text);
	record_send(channel, &record, NULL, 0, LONG_MS);
}

/* How a row's service answers R and G; what it says is `len` octets. */
struct way {
	enum answer answer;
	const char *text;
	size_t len;
	enum record_code code;
};

static void
answer(int channel, const struct way *way, enum record_type good)
{
	switch (way->answer) {
	case READY:
		record_begin(&record, good);
		if (way->len > 0) {
			memcpy(record.octets + RECORD_HEAD, way->text,
			    way->len);
			record.len = way->len;
		}
		record_send(channel, &record, NULL, 0, LONG_MS);
		break;
	case REFUSES:
		refuse(channel, way->code, way->text);
		break;
	case SAYS:
		if (write(channel, way->text, way->len) == -1)
			_exit(1);
		break;
	case HANGS_UP:
		_exit(0);
	case IS_SILENT:
		pause();
	}
}

/* One session, and then until it is killed nothing. */
static void
serve(const struct way *first, const struct way *second)
{
	int channel = accept(listener, NULL, NULL), fds[RECORD_FDS];
	size_t count;
	char octet;

	close(listener);
	if (record_receive(channel, &record, fds, &count,
	    LONG_MS) != RECORD_DONE || record.type != RECORD_REQUEST)
		_exit(1);
	answer(channel, first, RECORD_READY);
	if (record_receive(channel, &record, fds, &count,
	    LONG_MS) == RECORD_DONE && record.type == RECORD_GO) {
		answer(channel, second, RECORD_FACTS);
		/* The connection is ours, and the channel is plaintext. */
		if (count > 0 && write(fds[0], "to client", 9) == 9 &&
		    write(channel, "to server", 9) == 9 &&
		    fcntl(fds[0], F_GETFL) & O_NONBLOCK)
			while (read(channel, &octet, 1) > 0)
				;
	}
	pause();
}

static void
listen_there(void)
{
	struct sockaddr_un place = { .sun_family = AF_UNIX,
	    .sun_path = "run/tls" };

	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&place,
	    sizeof place), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
}

static void
start_service(const struct way *first, const struct way *second)
{
	listen_there();
	service = fork();
	ck_assert_int_ne(service, -1);
	if (service == 0) {
		serve(first, second);
		_exit(0);
	}
	close(listener);
}

static const struct tls_request request = {
	.role = ROLE_SERVER, .session = "1.2", .peer = "192.0.2.1",
	.handshake_s = 60, .local_ip = "192.0.2.9",
	.local_port = "25", .ca_file = TLS_NO_FD, .ca_folder = TLS_NO_FD,
	.certificate = TLS_NO_FD, .key = TLS_NO_FD,
};

#define UP	"\xa1\0\4\0\0\0\1"	/* VERDICT_ENCRYPTED */
#define NEITHER	"neither run/tls nor bin/qsmtp-tls is there"
#define HUNG_UP	"qsmtp-tls hung up"
#define ALIEN	"qsmtp-tls is of another version"
#define OTHER	"qsmtp-tls speaks another protocol"
#define LATE	"qsmtp-tls does not answer"

/* Refusals and worse, before anything went to the other side. */
static const struct {
	struct way way;
	const char *how, *reason;
} refusals[] = {
	{ { REFUSES, "no certificate", 0, CODE_NO_CERTIFICATE }, "service",
	    "no certificate" },
	{ { REFUSES, "busy", 0, CODE_BUSY }, "service", "busy" },
	{ { REFUSES, NULL, 0, CODE_INTERNAL }, "service", "refused" },
	{ { REFUSES, "", 0, CODE_INTERNAL }, "service", "refused" },
	{ { REFUSES, "a\nb", 0, CODE_INTERNAL }, "service", "refused" },
	/* It is about to end: there is no program either. */
	{ { HANGS_UP, NULL, 0, 0 },	"service", NEITHER },
	{ { SAYS, TEXT("220 hello there"), 0 }, "service", OTHER },
	{ { SAYS, TEXT("QT\1F\0\0"), 0 }, "service", OTHER },
	{ { SAYS, TEXT("QT\1Y\xff\xff"), 0 }, "service", OTHER },
	/* Of another version: there is no program either. */
	{ { SAYS, TEXT("QT\2Y\0\0"), 0 }, "service", NEITHER },
	{ { REFUSES, "old", 0, CODE_OTHER_VERSION }, "service", NEITHER },
	/* The only row that waits, for two seconds. */
	{ { IS_SILENT, NULL, 0, 0 },	"service", LATE },
};

START_TEST(each_refusal)
{
	int before = count_open();
	struct tls tls;

	start_service(&refusals[_i].way, &refusals[_i].way);
	ck_assert_int_eq(tls_open(&tls, &request), TEMPFAIL);
	ck_assert_str_eq(tls.way, refusals[_i].how);
	ck_assert_str_eq(tls.reason, refusals[_i].reason);
	ck_assert_int_eq(tls.channel, TLS_NO_FD);
	tls_close(&tls);
	ck_assert_int_eq(count_open(), before);
}
END_TEST

/* Records F and what is made of them; NULL: none of it can be used. */
static const struct {
	const char *body;
	size_t len;
	enum record_verdict verdict;
	const char *version, *sni, *identity, *digest;
} facts_of[] = {
	{ TEXT(UP), VERDICT_ENCRYPTED, "", "", "", "" },
	{ TEXT(UP "\x21\0\7TLSv1.3" "\x24\0\3a.b"),
	    VERDICT_ENCRYPTED, "TLSv1.3", "a.b", "", "" },
	{ TEXT("\x28\0\3j@a" "\x28\0\3k@a" "\xa1\0\4\0\0\0\2"),
	    VERDICT_VERIFIED, "", "", "j@a", "" },
	{ TEXT("\xa1\0\4\0\0\0\4"), VERDICT_UNMET, "", "", "", "" },
	{ TEXT(UP "\x27\0\x20" "0123456789abcdef0123456789abcde\xff"),
	    VERDICT_ENCRYPTED, "", "", "", "303132333435363738396162636465"
	    "66303132333435363738396162636465ff" },
	/* Tags that nobody knows, and values that nobody can use. */
	{ TEXT("\x7f\0\2ab" UP "\x01\0\0"), VERDICT_ENCRYPTED, "", "", "",
	    "" },
	{ TEXT(UP "\x24\0\3a\nb" "\x27\0\1a" "\x2a\0\1a"),
	    VERDICT_ENCRYPTED, "", "", "", "" },
	{ TEXT(UP "\x21\0\x10TLSv1.3TLSv1.3TL"), VERDICT_ENCRYPTED, "", "",
	    "", "" },
	/* What has to be known, and is not. */
	{ TEXT(UP "\xc0\0\0"), 0, NULL, NULL, NULL, NULL },
	{ TEXT("\x80\0\0" UP), 0, NULL, NULL, NULL, NULL },
	{ TEXT(""), 0, NULL, NULL, NULL, NULL },
	{ TEXT("\x21\0\7TLSv1.3"), 0, NULL, NULL, NULL, NULL },
	{ TEXT("\xa1\0\1\1"), 0, NULL, NULL, NULL, NULL },
	{ TEXT("\xa1\0\4\0\0\0\0"), 0, NULL, NULL, NULL, NULL },
	{ TEXT("\xa1\0\4\0\0\0\5"), 0, NULL, NULL, NULL, NULL },
	{ TEXT(UP "\x21"), 0, NULL, NULL, NULL, NULL },
	{ TEXT(UP "\x21\0\7TLS"), 0, NULL, NULL, NULL, NULL },
};

static void
assert_read(int fd, const char *wanted)
{
	char text[16];
	ssize_t len = read(fd, text, strlen(wanted));

	ck_assert_int_gt(len, 0);
	ck_assert_mem_eq(text, wanted, (size_t)len);
}

START_TEST(each_fact)
{
	const struct way first = { READY, NULL, 0, 0 };
	const struct way second = { READY, facts_of[_i].body,
	    facts_of[_i].len, 0 };
	int before = count_open();
	struct tls_facts facts;
	struct tls tls;

	start_service(&first, &second);
	memset(&facts, 0x5a, sizeof facts);
	ck_assert_int_eq(tls_open(&tls, &request), OK);
	ck_assert_str_eq(tls.way, "service");
	if (facts_of[_i].version == NULL) {
		ck_assert_int_eq(tls_start(&tls, connection, connection,
		    &facts), TEMPFAIL);
		ck_assert_str_eq(tls.reason, OTHER);
		ck_assert_int_eq(count_open(), before);
		return;
	}
	ck_assert_int_eq(tls_start(&tls, connection, connection, &facts), OK);
	ck_assert_int_eq(facts.verdict, facts_of[_i].verdict);
	ck_assert_str_eq(facts.version, facts_of[_i].version);
	ck_assert_str_eq(facts.sni, facts_of[_i].sni);
	ck_assert_str_eq(facts.identities[0], facts_of[_i].identity);
	ck_assert_str_eq(facts.digest, facts_of[_i].digest);
	ck_assert_int_eq(facts.has_exporter, 0);
	ck_assert_str_eq(facts.subject, "");
	assert_read(tls.channel, "to server");
	assert_read(client, "to client");
	tls_close(&tls);
	ck_assert_int_eq(count_open(), before);
}
END_TEST

/* As many identities as there is room for, the first of them. */
START_TEST(many_identities)
{
	const struct way first = { READY, NULL, 0, 0 };
#define FOUR	"\x28\0\1a" "\x28\0\1b" "\x28\0\1c" "\x28\0\1d"
	const struct way second = { READY, TEXT(FOUR "\x28\0\1\n" FOUR FOUR
	    FOUR FOUR UP), 0 };
	struct tls_facts facts;
	struct tls tls;

	start_service(&first, &second);
	ck_assert_int_eq(tls_open(&tls, &request), OK);
	ck_assert_int_eq(tls_start(&tls, connection, connection, &facts), OK);
	ck_assert_uint_eq(facts.identity_count, RECORD_IDENTITIES);
	ck_assert_str_eq(facts.identities[1], "b");
	ck_assert_str_eq(facts.identities[3], "d");
	tls_close(&tls);
}
END_TEST

/* What goes wrong once the connection is handed over. */
static const struct {
	struct way way;
	const char *reason;
} failures[] = {
	{ { REFUSES, "no shared cipher", 0, CODE_HANDSHAKE },
	    "no shared cipher" },
	{ { HANGS_UP, NULL, 0, 0 },		HUNG_UP },
	{ { SAYS, TEXT("QT\1Y\0\0"), 0 },	OTHER },
	{ { SAYS, TEXT("QT\2F\0\0"), 0 },	ALIEN },
	{ { SAYS, TEXT("plaintext"), 0 },	OTHER },
};

START_TEST(each_failure)
{
	const struct way first = { READY, NULL, 0, 0 };
	int before = count_open();
	struct tls_facts facts;
	struct tls tls;

	start_service(&first, &failures[_i].way);
	ck_assert_int_eq(tls_open(&tls, &request), OK);
	ck_assert_int_eq(tls_start(&tls, connection, connection, &facts),
	    TEMPFAIL);
	ck_assert_str_eq(tls.reason, failures[_i].reason);
	ck_assert_int_eq(tls.channel, TLS_NO_FD);
	ck_assert_int_eq(count_open(), before);
}
END_TEST

/*
 * The program says what a service would; it has what is asked for on its
 * descriptor 3, and neither our input nor our output.
 */
#define SCRIPT	"#!/bin/sh\n"						\
	"[ /proc/$$/fd/0 -ef /dev/null ] || exit\n"			\
	"[ /proc/$$/fd/1 -ef /dev/null ] || exit\n"			\
	"printf 'QT\\001Y\\000\\000QT\\001F\\000\\007' >&3\n"		\
	"printf '\\241\\000\\004\\000\\000\\000\\001plain' >&3\n"	\
	"exec /bin/cat <&3\n"

/* Why it is executed: nobody listens, or one of another version does. */
enum why { ABSENT, NOBODY_LISTENS, NO_SOCKET, OF_ANOTHER_VERSION, WHYS };

START_TEST(embedded)
{
	const struct way old = { SAYS, TEXT("QT\2E\0\0"), 0 };
	int before = count_open();
	struct tls_facts facts;
	struct tls tls;

	home_program("bin/qsmtp-tls", SCRIPT);
	if (_i == NOBODY_LISTENS) {
		listen_there();
		close(listener);
	} else if (_i == NO_SOCKET)
		home_file("run/tls", "");
	else if (_i == OF_ANOTHER_VERSION)
		start_service(&old, &old);
	ck_assert_int_eq(tls_open(&tls, &request), OK);
	ck_assert_str_eq(tls.way, "embedded");
	ck_assert_int_eq(tls_start(&tls, connection, connection, &facts), OK);
	ck_assert_int_eq(facts.verdict, VERDICT_ENCRYPTED);
	assert_read(tls.channel, "plain");
	tls_close(&tls);
	ck_assert_int_eq(count_open(), before);
}
END_TEST

/* A program that cannot be executed, or ends. */
static const struct {
	const char *text;
	int mode;
	const char *reason;
} programs[] = {
	{ NULL,			0,	NEITHER },
	{ "",			0644,	"bin/qsmtp-tls: Permission denied" },
	{ "no program",		0755,	"bin/qsmtp-tls: Exec format error" },
	{ "#!/bin/sh\n",	0755,	HUNG_UP },
	{ "#!/bin/sh\necho hello >&3\nexec /bin/cat <&3\n", 0755, OTHER },
	{ "#!/bin/sh\nprintf 'QT\\002Y\\000\\000' >&3\nexec /bin/cat <&3\n",
	    0755, ALIEN },
};

START_TEST(each_program)
{
	int before = count_open();
	struct tls tls;

	if (programs[_i].text != NULL) {
		home_file("bin/qsmtp-tls", programs[_i].text);
		ck_assert_int_eq(chmod("bin/qsmtp-tls",
		    (mode_t)programs[_i].mode), 0);
	}
	ck_assert_int_eq(tls_open(&tls, &request), TEMPFAIL);
	ck_assert_str_eq(tls.reason, programs[_i].reason);
	ck_assert_int_eq(count_open(), before);
}
END_TEST

/* Who sees all of R, and how many descriptors come with R and with G. */
static void
look(void)
{
	int channel = accept(listener, NULL, NULL), fds[RECORD_FDS];
	char seen[2 * TLS_NAME] = "", text[TLS_NAME];
	struct record_item item;
	size_t count, went;

	record_receive(channel, &record, fds, &count, LONG_MS);
	while (record_next(&record, &item) == 1 &&
	    strlen(seen) < TLS_NAME) {
		record_text(&item, text, sizeof text);
		snprintf(seen + strlen(seen), sizeof seen - strlen(seen),
		    "%02x%s%s ", item.tag, text[0] != '\0' ? "=" : "", text);
	}
	record_begin(&record, RECORD_READY);
	record_send(channel, &record, NULL, 0, LONG_MS);
	record_receive(channel, &record, fds, &went, LONG_MS);
	snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%zu %zu",
	    count, went);
	record_begin(&record, RECORD_FACTS);
	record_add_number(&record, TAG_VERDICT, VERDICT_ENCRYPTED);
	record_add_text(&record, TAG_SUBJECT, seen);
	record_send(channel, &record, NULL, 0, LONG_MS);
}

static const struct {
	struct tls_request request;
	int is_pair;		/* input and output are two */
	const char *seen;
} asked[] = {
	{ { .role = ROLE_SERVER, .session = "1.2", .peer = "::1",
	    .local_ip = "::2", .local_port = "25", .ciphers = "HIGH",
	    .minimum = 0x303, .asks_certificate = 1, .server_name = "x",
	    .ca_file = TLS_NO_FD, .ca_folder = TLS_NO_FD,
	    .certificate = TLS_NO_FD, .key = TLS_NO_FD }, 0,
	    "81 01=1.2 02=::1 03 84 85=HIGH 82=::2 83=25 86 0 1" },
	{ { .role = ROLE_SERVER, .session = "", .ca_file = TLS_NO_FD,
	    .ca_folder = TLS_NO_FD, .certificate = TLS_NO_FD,
	    .key = TLS_NO_FD }, 1, "81 03 0 2" },
	{ { .role = ROLE_CLIENT, .server_name = "mx.test", .local_ip = "x",
	    .asks_certificate = 1, .policy = POLICY_VERIFY,
	    .ca_file = TLS_NO_FD, .ca_folder = STDIN_FILENO,
	    .certificate = STDERR_FILENO, .key = STDERR_FILENO }, 0,
	    "81 03 05=mx.test 87 92 93 94 3 1" },
};

START_TEST(each_request)
{
	struct tls_facts facts;
	struct tls tls;
	int twin;

	listen_there();
	service = fork();
	if (service == 0) {
		look();
		_exit(0);
	}
	close(listener);
	/* A duplicate is the same connection. */
	twin = dup(asked[_i].is_pair ? client : connection);
	ck_assert_int_eq(tls_open(&tls, &asked[_i].request), OK);
	ck_assert_int_eq(tls_start(&tls, connection, twin, &facts), OK);
	ck_assert_str_eq(facts.subject, asked[_i].seen);
	close(twin);
	tls_close(&tls);
}
END_TEST

SUITE("tls",
    { each_refusal, ROWS(refusals), begin, end },
    { each_fact, ROWS(facts_of), begin, end },
    { many_identities, 1, begin, end },
    { each_failure, ROWS(failures), begin, end },
    { embedded, WHYS, begin, end },
    { each_program, ROWS(programs), begin, end },
    { each_request, ROWS(asked), begin, end })
