/* tls - hand a connection to qsmtp-tls(8), get plaintext back */
#include "net/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/child.h"

#define SOCKET		"run/tls"
#define PROGRAM		"bin/qsmtp-tls"
#define CHANNEL_FD	3	/* of the program that is executed */
#define ANSWER_MS	2000	/* of the service */
#define EXECUTED_MS	10000	/* of a program that is only started */
#define GRACE_MS	3000	/* beyond what the handshake may take */

extern char **environ;

static enum status
fail(struct tls *tls, const char *reason)
{
	strncpy(tls->reason, reason, sizeof tls->reason - 1);
	tls->reason[sizeof tls->reason - 1] = '\0';
	return TEMPFAIL;
}

void
tls_close(struct tls *tls)
{
	if (tls->channel != TLS_NO_FD)
		close(tls->channel);
	tls->channel = TLS_NO_FD;
}

static const char *
explain(enum record_end end)
{
	switch (end) {
	case RECORD_LATE:
		return "qsmtp-tls does not answer";
	case RECORD_ALIEN:
		return "qsmtp-tls is of another version";
	case RECORD_MALFORMED:
		return "qsmtp-tls speaks another protocol";
	default:
		return "qsmtp-tls hung up";
	}
}

/* PERMFAIL: there is none; TEMPFAIL: it has no time for us. */
static enum status
find_service(struct tls *tls)
{
	const struct timeval timeout = { .tv_sec = ANSWER_MS / 1000 };
	struct sockaddr_un place = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return fail(tls, strerror(errno));
	strcpy(place.sun_path, SOCKET);
	/* This is how long a full backlog is waited for. */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
	if (connect(fd, (const struct sockaddr *)&place,
	    sizeof place) == -1) {
		int is_late = errno == EAGAIN;

		close(fd);
		fail(tls, is_late ? explain(RECORD_LATE) : strerror(errno));
		return is_late ? TEMPFAIL : PERMFAIL;
	}
	tls->channel = fd;
	tls->way = "service";
	return OK;
}

/*
 * It must have neither our connection nor our report: whoever waits for the
 * end of these would wait for it.
 */
static enum status
start(pid_t *pid, char *const arguments[], int null, int channel, int *error)
{
	const struct child_fd fds[] = {
		{ null, STDIN_FILENO },
		{ null, STDOUT_FILENO },
		{ channel, CHANNEL_FD },
	};

	return child_start(pid, arguments, environ, fds,
	    sizeof fds / sizeof fds[0], error);
}

static enum status
fail_to_execute(struct tls *tls, int error)
{
	char text[sizeof tls->reason] = PROGRAM ": ";

	if (error == ENOENT)
		return fail(tls, "neither " SOCKET " nor " PROGRAM
		    " is there");
	strncat(text, strerror(error), sizeof text - strlen(text) - 1);
	return fail(tls, text);
}

static enum status
execute(struct tls *tls)
{
	char program[] = PROGRAM;
	char *const arguments[] = { program, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int ends[2], error = errno;
	enum status status;
	pid_t pid;

	if (null == -1)
		return fail(tls, strerror(error));
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == -1) {
		fail(tls, strerror(errno));
		close(null);
		return TEMPFAIL;
	}
	status = start(&pid, arguments, null, ends[1], &error);
	close(null);
	close(ends[1]);
	if (status != OK) {
		close(ends[0]);
		return fail_to_execute(tls, error);
	}
	tls->channel = ends[0];
	tls->way = "embedded";
	return OK;
}

static void
add_text(struct record *record, enum record_tag tag, const char *text)
{
	if (text != NULL && text[0] != '\0')
		record_add_text(record, tag, text);
}

static void
add_names(struct record *record, const stralloc *names)
{
	size_t at;

	if (names == NULL)
		return;
	for (at = 0; at < names->len; at += strlen(names->s + at) + 1)
		record_add_text(record, TAG_NAME, names->s + at);
}

static void
add_fingerprints(struct record *record, const stralloc *fingerprints)
{
	size_t at;

	if (fingerprints == NULL)
		return;
	for (at = 0; at + RECORD_DIGEST <= fingerprints->len;
	    at += RECORD_DIGEST)
		record_add(record, TAG_FINGERPRINT, fingerprints->s + at,
		    RECORD_DIGEST);
}

/* Each tag stands for the descriptor in its place; returns how many. */
static size_t
add_descriptors(struct record *record, const struct tls_request *request,
    int fds[RECORD_FDS])
{
	const struct {
		enum record_tag tag;
		int fd;
	} rows[] = {
		{ TAG_CA_FILE, request->ca_file },
		{ TAG_CA_FOLDER, request->ca_folder },
		{ TAG_CERTIFICATE, request->certificate },
		{ TAG_KEY, request->key },
	};
	size_t i, n = 0;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].fd != TLS_NO_FD) {
			record_add(record, rows[i].tag, "", 0);
			fds[n++] = rows[i].fd;
		}
	return n;
}

/* Returns how many descriptors go with it. */
static size_t
compose(struct record *record, const struct tls_request *request,
    int fds[RECORD_FDS])
{
	record_begin(record, RECORD_REQUEST);
	record_add_number(record, TAG_ROLE, request->role);
	add_text(record, TAG_SESSION, request->session);
	add_text(record, TAG_PEER, request->peer);
	record_add_number(record, TAG_HANDSHAKE_S, request->handshake_s);
	if (request->minimum != 0)
		record_add_number(record, TAG_MINIMUM, request->minimum);
	add_text(record, TAG_CIPHERS, request->ciphers);
	if (request->role == ROLE_SERVER) {
		add_text(record, TAG_LOCAL_IP, request->local_ip);
		add_text(record, TAG_LOCAL_PORT, request->local_port);
		if (request->asks_certificate)
			record_add(record, TAG_ASK, "", 0);
		return 0;
	}
	add_text(record, TAG_SERVER_NAME, request->server_name);
	record_add_number(record, TAG_POLICY, request->policy);
	add_names(record, request->names);
	add_fingerprints(record, request->fingerprints);
	return add_descriptors(record, request, fds);
}

/* What the other end says instead of what was asked for. */
static enum status
take_refusal(struct tls *tls, struct record *record, uint32_t *code)
{
	struct record_item item;
	char text[TLS_NAME];

	fail(tls, "refused");
	while (record_next(record, &item) == 1) {
		if (item.tag == TAG_CODE)
			record_number(&item, code);
		/* What cannot be read is no reason. */
		else if (item.tag == TAG_TEXT && record_text(&item, text,
		    sizeof text) && text[0] != '\0')
			fail(tls, text);
	}
	return TEMPFAIL;
}

/*
 * Receive the record that answers ours.  `code` is why it is not the one that
 * is wanted, as far as that is known.  PERMFAIL: nobody of our
 * version is there.
 */
static enum status
receive(struct tls *tls, struct record *record, enum record_type wanted,
    int ms, uint32_t *code)
{
	int fds[RECORD_FDS];
	size_t count;
	enum record_end end = record_receive(tls->channel, record, fds,
	    &count, ms);

	*code = end == RECORD_ALIEN ? CODE_OTHER_VERSION : 0;
	while (count > 0)
		close(fds[--count]);
	if (end != RECORD_DONE) {
		fail(tls, explain(end));
		return end == RECORD_CLOSED || end == RECORD_ALIEN ?
		    PERMFAIL : TEMPFAIL;
	}
	if (record->type == RECORD_REFUSAL) {
		take_refusal(tls, record, code);
		return *code == CODE_OTHER_VERSION ? PERMFAIL : TEMPFAIL;
	}
	return record->type == wanted ? OK :
	    fail(tls, explain(RECORD_MALFORMED));
}

/* PERMFAIL: as receive() says. */
static enum status
ask(struct tls *tls, const struct tls_request *request, int ms)
{
	struct record record;
	int fds[RECORD_FDS];
	size_t count = compose(&record, request, fds);
	enum record_end end = record_send(tls->channel, &record, fds, count,
	    ms);
	enum status status;

	/* Who hung up may have said why. */
	if (end == RECORD_MALFORMED || end == RECORD_LATE)
		status = fail(tls, end == RECORD_LATE ? explain(end) :
		    "too much is wanted at once");
	else
		status = receive(tls, &record, RECORD_READY, ms, &tls->code);
	if (status != OK)
		tls_close(tls);
	return status;
}

enum status
tls_open(struct tls *tls, const struct tls_request *request)
{
	enum status status;

	tls->channel = TLS_NO_FD;
	tls->way = "none";
	tls->reason[0] = '\0';
	tls->code = 0;
	tls->handshake_s = request->handshake_s;
	status = find_service(tls);
	if (status == OK)
		status = ask(tls, request, ANSWER_MS);
	if (status == PERMFAIL) {
		status = execute(tls);
		if (status == OK)
			status = ask(tls, request, EXECUTED_MS);
	}
	return status == OK ? OK : TEMPFAIL;
}

static void
take_digest(struct tls_facts *facts, const struct record_item *item)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	if (item->len != RECORD_DIGEST)
		return;
	for (i = 0; i < RECORD_DIGEST; i++) {
		facts->digest[2 * i] = digits[item->value[i] >> 4];
		facts->digest[2 * i + 1] = digits[item->value[i] & 15];
	}
}

static void
take_identity(struct tls_facts *facts, const struct record_item *item)
{
	if (facts->identity_count < RECORD_IDENTITIES && record_text(item,
	    facts->identities[facts->identity_count], TLS_NAME))
		facts->identity_count++;
}

/* 0: a fact that has to be known, and is not. */
static int
take_fact(struct tls_facts *facts, const struct record_item *item)
{
	const struct {
		unsigned tag;
		char *text;
		size_t size;
	} rows[] = {
		{ TAG_VERSION, facts->version, sizeof facts->version },
		{ TAG_CIPHER, facts->cipher, sizeof facts->cipher },
		{ TAG_GROUP, facts->group, sizeof facts->group },
		{ TAG_SNI, facts->sni, sizeof facts->sni },
		{ TAG_OWN, facts->own, sizeof facts->own },
		{ TAG_SUBJECT, facts->subject, sizeof facts->subject },
		{ TAG_MATCHED, facts->matched, sizeof facts->matched },
		{ TAG_TEXT, facts->failure, sizeof facts->failure },
	};
	uint32_t verdict;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (item->tag == rows[i].tag) {
			record_text(item, rows[i].text, rows[i].size);
			return 1;
		}
	if (item->tag == TAG_VERDICT && record_number(item, &verdict))
		facts->verdict = (enum record_verdict)verdict;
	else if (item->tag == TAG_DIGEST)
		take_digest(facts, item);
	else if (item->tag == TAG_IDENTITY)
		take_identity(facts, item);
	else if (item->tag == TAG_EXPORTER && item->len == RECORD_DIGEST) {
		memcpy(facts->exporter, item->value, RECORD_DIGEST);
		facts->has_exporter = 1;
	} else
		return item->tag < 0x80;
	return 1;
}

static enum status
take_facts(struct tls *tls, struct record *record, struct tls_facts *facts)
{
	struct record_item item;
	int more;

	memset(facts, 0, sizeof *facts);
	while ((more = record_next(record, &item)) == 1)
		if (!take_fact(facts, &item))
			break;
	/* Without a verdict nothing can be relied on. */
	if (more == 0 && facts->verdict >= VERDICT_ENCRYPTED &&
	    facts->verdict <= VERDICT_UNMET)
		return OK;
	return fail(tls, explain(RECORD_MALFORMED));
}

/* The other end waits by poll(), and Nagle's delay would be ours to lose. */
static void
prepare(int fd)
{
	int on = 1, flags = fcntl(fd, F_GETFL);

	if (flags != -1)
		fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* Two descriptors of one socket have one cookie. */
static int
is_one_socket(int in, int out)
{
	uint64_t cookies[2];
	socklen_t size = sizeof cookies[0];

	if (in == out)
		return 1;
	return getsockopt(in, SOL_SOCKET, SO_COOKIE, &cookies[0],
	    &size) == 0 && getsockopt(out, SOL_SOCKET, SO_COOKIE,
	    &cookies[1], &size) == 0 && cookies[0] == cookies[1];
}

enum status
tls_start(struct tls *tls, int in, int out, struct tls_facts *facts)
{
	const int fds[] = { in, out };
	size_t count = is_one_socket(in, out) ? 1 : 2;
	int ms = (int)tls->handshake_s * 1000 + GRACE_MS;
	struct record record;
	enum status status;

	prepare(in);
	if (count == 2)
		prepare(out);
	record_begin(&record, RECORD_GO);
	if (record_send(tls->channel, &record, fds, count,
	    ANSWER_MS) == RECORD_LATE)
		status = fail(tls, explain(RECORD_LATE));
	else
		status = receive(tls, &record, RECORD_FACTS, ms, &tls->code);
	if (status == OK)
		status = take_facts(tls, &record, facts);
	if (status != OK)
		tls_close(tls);
	return status == OK ? OK : TEMPFAIL;
}

enum status
tls_version(const char *text, size_t len, unsigned *version)
{
	/* TLS 1.0 is 3.1 on the wire. */
	if (len != 3 || text[0] != '1' || text[1] != '.' || text[2] < '0' ||
	    text[2] > '3')
		return PERMFAIL;
	*version = 0x0301 + (unsigned)(text[2] - '0');
	return OK;
}
