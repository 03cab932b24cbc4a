/* dns - questions to the DNS and their answers, by way of c-ares */
#include "net/dns.h"

#include <ares.h>
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/text.h"
#include "net/answer.h"
#include "net/resolvers.h"

#define EDNS_SIZE	1232	/* fits the least MTU of IPv6 undivided */
#define FORMERR		1	/* RFC 1035 4.1.1 */
#define AUTHENTIC	0x20	/* AD in octet 3: tell us; RFC 6840 5.7 */
#define TRIES		2	/* rounds: each server is asked so often */
#define LONGEST_WAIT_MS	5000	/* for a server, before the next is asked */
#define SHORTEST_WAIT_MS 100
#define LONGEST_TIMEOUT	3600u	/* s */
#define HEADER		12	/* octets before the question */
#define NAME		254	/* longest name as text, with a last dot */

/* A question and what belongs to it. */
struct asked {
	struct dns_question question;	/* what the caller holds */
	struct dns *dns;
	struct asked *next;
	unsigned char *query;		/* as it was sent */
	int query_len;
	int is_plain;			/* it is asked without EDNS */
	int is_dropped;			/* nobody waits for the answer */
	char name[];
};

struct dns {
	struct resolvers resolvers;
	ares_channel channel;		/* NULL: closed */
	size_t waiting;			/* questions without an answer */
	size_t count;			/* of all questions, */
	struct asked *kept;		/* from this one on they are kept */
	int64_t left_ms;		/* for waiting */
	int wait_ms;			/* for the first answer of a server */
	struct asked *asked;
};

const char *
dns_state_name(enum dns_state state)
{
	static const char *const names[] = {
		[DNS_WAITING] = "waiting", [DNS_DATA] = "data",
		[DNS_NODATA] = "nodata", [DNS_NXDOMAIN] = "nxdomain",
		[DNS_TEMPFAIL] = "tempfail",
	};

	return names[state];
}

/*
 * c-ares waits for each server in turn, and in the second round twice as
 * long: 3 waits a server in all.  They fill what dnstimeout allows, so a
 * server that is silent costs no more than its share; with the default and
 * two servers the second is asked after 3.3 s.  An answer that comes later
 * than its wait, but before the end, is still taken.
 */
static void
share_time(struct dns *dns)
{
	int64_t wait_ms = dns->left_ms / (int64_t)(dns->resolvers.count * 3);

	if (wait_ms > LONGEST_WAIT_MS)
		wait_ms = LONGEST_WAIT_MS;
	if (wait_ms < SHORTEST_WAIT_MS)
		wait_ms = SHORTEST_WAIT_MS;
	dns->wait_ms = (int)wait_ms;
}

enum status
dns_open(struct dns **opened, struct control *control)
{
	uint64_t seconds = DNS_TIMEOUT_S;
	struct dns *dns = calloc(1, sizeof *dns);

	if (dns == NULL)
		return control_refuse(control, "resolvers", ENOMEM);
	if (resolvers_read(&dns->resolvers, control) != OK ||
	    control_number(control, "dnstimeout", &seconds) != OK) {
		free(dns);
		return TEMPFAIL;
	}
	if (seconds == 0)
		seconds = 1;
	if (seconds > LONGEST_TIMEOUT)
		seconds = LONGEST_TIMEOUT;
	dns->left_ms = (int64_t)seconds * 1000;
	share_time(dns);
	*opened = dns;
	return OK;
}

static enum status
set_servers(struct dns *dns)
{
	struct ares_addr_port_node nodes[RESOLVERS] = { 0 };
	size_t i, n = dns->resolvers.count;

	for (i = 0; i < n; i++) {
		const struct resolver *server = &dns->resolvers.list[i];
		int is_ipv6 = server->address.family == 6;

		nodes[i].next = i + 1 < n ? &nodes[i + 1] : NULL;
		nodes[i].family = is_ipv6 ? AF_INET6 : AF_INET;
		nodes[i].udp_port = nodes[i].tcp_port = server->port;
		memcpy(&nodes[i].addr, server->address.octets,
		    is_ipv6 ? 16 : 4);
	}
	return ares_set_servers_ports(dns->channel, nodes) == ARES_SUCCESS ?
	    OK : TEMPFAIL;
}

/*
 * c-ares reads resolv.conf and the host's name unless every one of these is
 * set, and would obey RES_OPTIONS in what is not.  Without its EDNS flag it
 * would throw away answers of more than 512 octets and ask by TCP.
 */
static enum status
open_channel(struct dns *dns)
{
	struct ares_options options = {
		.flags = ARES_FLAG_EDNS | ARES_FLAG_NOSEARCH |
		    ARES_FLAG_NOALIASES | ARES_FLAG_STAYOPEN,
		.ednspsz = EDNS_SIZE, .timeout = dns->wait_ms, .tries = TRIES,
		.ndots = 1, .lookups = (char *)"b",
	};
	const int which = ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ |
	    ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS |
	    ARES_OPT_LOOKUPS | ARES_OPT_SERVERS | ARES_OPT_DOMAINS |
	    ARES_OPT_SORTLIST | ARES_OPT_NOROTATE;

	if (dns->channel != NULL)
		return OK;
	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		return TEMPFAIL;
	if (ares_init_options(&dns->channel, &options, which) !=
	    ARES_SUCCESS) {
		dns->channel = NULL;
		ares_library_cleanup();
		return TEMPFAIL;
	}
	return set_servers(dns);
}

/* Without the trim its 72 kB would stay with the process. */
static void
close_channel(struct dns *dns)
{
	if (dns->channel == NULL)
		return;
	ares_destroy(dns->channel);
	ares_library_cleanup();
	dns->channel = NULL;
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

static void
free_asked(struct asked *asked)
{
	free((void *)asked->question.records);
	ares_free_string(asked->query);
	free(asked);
}

int
dns_is_waiting(const struct dns *dns)
{
	return dns->waiting > 0;
}

void
dns_keep(struct dns *dns)
{
	dns->kept = dns->asked;
}

void
dns_forget(struct dns *dns)
{
	struct asked *asked;

	while ((asked = dns->asked) != dns->kept) {
		dns->asked = asked->next;
		dns->count--;
		/* c-ares has it, and will call back. */
		if (asked->question.state == DNS_WAITING)
			asked->is_dropped = 1;
		else
			free_asked(asked);
	}
	for (asked = dns->asked; asked != NULL; asked = asked->next)
		if (asked->question.state == DNS_WAITING)
			return;
	/* Those that were dropped are called back now. */
	close_channel(dns);
}

void
dns_close(struct dns *dns)
{
	if (dns == NULL)
		return;
	dns->kept = NULL;
	dns_forget(dns);
	free(dns);
}

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * A name with \DDD in it as its octets, and once more with a letter in place
 * of each of these; both have a NUL.  Returns the length; 0: it is too long,
 * or a backslash is followed by something else.
 */
static size_t
unescape(const char *name, char octets[NAME + 1], char letters[NAME + 1])
{
	size_t len = 0;

	for (; *name != '\0'; name++) {
		int c = (unsigned char)*name;

		if (len == NAME)
			return 0;
		letters[len] = *name;
		if (c == '\\') {
			if (!is_digit(name[1]) || !is_digit(name[2]) ||
			    !is_digit(name[3]))
				return 0;
			c = (name[1] - '0') * 100 + (name[2] - '0') * 10 +
			    (name[3] - '0');
			if (c > 255)
				return 0;
			letters[len] = 'x';
			name += 3;
		}
		octets[len++] = (char)c;
	}
	octets[len] = letters[len] = '\0';
	return len;
}

/*
 * c-ares has its own idea of escapes, another one in each version, so it gets
 * letters.  In the query each dot is the length of a label, and one such
 * octet is before the name: so an octet of the name is at the same place.
 */
static int
create_query(struct asked *asked)
{
	char octets[NAME + 1], letters[NAME + 1];
	size_t i, len = unescape(asked->name, octets, letters);
	int status = ares_create_query(letters, 1, (int)asked->question.type,
	    0, 1, &asked->query, &asked->query_len,
	    asked->is_plain ? 0 : EDNS_SIZE);

	for (i = 0; status == ARES_SUCCESS && i < len; i++)
		if (octets[i] != letters[i])
			asked->query[HEADER + 1 + i] =
			    (unsigned char)octets[i];
	return status;
}

/* Make the query: c-ares leaves its id 0 here, and AD unset. */
static enum dns_state
make_query(struct asked *asked)
{
	int status = create_query(asked);

	/* It knows that .onion is not in the DNS: RFC 7686. */
	if (status == ARES_ENOTFOUND)
		return DNS_NXDOMAIN;
	if (status != ARES_SUCCESS || getrandom(asked->query, 2, 0) != 2)
		return DNS_TEMPFAIL;
	asked->query[3] |= AUTHENTIC;
	return DNS_WAITING;
}

static void answered(void *, int, int, unsigned char *, int);

static void
send_query(struct asked *asked)
{
	asked->dns->waiting++;
	ares_send(asked->dns->channel, asked->query, asked->query_len,
	    answered, asked);
}

/*
 * A server that does not know EDNS says FORMERR: it is asked once more,
 * without.  c-ares does so by itself, but for the first of several questions.
 */
static int
is_asked_plainly(struct asked *asked, const unsigned char *octets, int len)
{
	if (asked->is_plain || len < 4 || (octets[3] & 15) != FORMERR)
		return 0;
	asked->is_plain = 1;
	ares_free_string(asked->query);
	asked->query = NULL;
	if (make_query(asked) != DNS_WAITING)
		return 0;
	send_query(asked);
	return 1;
}

/* c-ares reports SUCCESS for any answer that it did not ask again for. */
static void
answered(void *argument, int status, int timeouts, unsigned char *octets,
    int len)
{
	struct asked *asked = argument;
	struct dns_question *question = &asked->question;
	struct answer answer;

	(void)timeouts;
	asked->dns->waiting--;
	if (asked->is_dropped) {
		free_asked(asked);
		return;
	}
	if (status == ARES_SUCCESS && octets != NULL &&
	    is_asked_plainly(asked, octets, len))
		return;
	question->state = DNS_TEMPFAIL;
	if (status != ARES_SUCCESS || octets == NULL || len < 0 ||
	    answer_read(octets, (size_t)len, asked->query,
	    (size_t)asked->query_len, &answer) != OK)
		return;
	question->state = answer.state;
	question->secure = answer.authenticated &&
	    asked->dns->resolvers.trusted;
	question->count = answer.count;
	question->records = answer.records;
	question->canonical = answer.canonical;
}

/*
 * Lower case, for some servers answer with the name so, and an answer must
 * repeat the question as it was.
 */
static struct asked *
add_question(struct dns *dns, const char *name, size_t len, enum dns_type type)
{
	struct asked *asked = calloc(1, sizeof *asked + len + 1);
	size_t i;

	if (asked == NULL)
		return NULL;
	for (i = 0; i < len; i++)
		asked->name[i] = name[i] >= 'A' && name[i] <= 'Z' ?
		    (char)(name[i] + ('a' - 'A')) : name[i];
	asked->dns = dns;
	asked->next = dns->asked;
	dns->asked = asked;
	dns->count++;
	asked->question.type = type;
	asked->question.name = asked->question.canonical = asked->name;
	return asked;
}

/* The same question, asked before. */
static struct asked *
find_question(const struct dns *dns, const char *name, size_t len,
    enum dns_type type)
{
	struct asked *asked;

	for (asked = dns->asked; asked != NULL; asked = asked->next)
		if (asked->question.type == type &&
		    text_is(name, len, asked->name))
			break;
	return asked;
}

/* `can_be`: it is a name as the DNS has them. */
static struct dns_question *
ask(struct dns *dns, const char *name, enum dns_type type, int can_be)
{
	size_t len = strlen(name);
	struct asked *asked;

	if (can_be && name[len - 1] == '.')
		len--;
	asked = find_question(dns, name, len, type);
	if (asked != NULL)
		return &asked->question;
	if (dns->count >= DNS_QUESTIONS)
		return NULL;
	asked = add_question(dns, name, len, type);
	if (asked == NULL)
		return NULL;
	asked->question.state = can_be ? make_query(asked) : DNS_NXDOMAIN;
	if (asked->question.state != DNS_WAITING)
		return &asked->question;
	if (open_channel(dns) != OK) {
		asked->question.state = DNS_TEMPFAIL;
		return &asked->question;
	}
	send_query(asked);
	return &asked->question;
}

struct dns_question *
dns_ask(struct dns *dns, const char *name, enum dns_type type)
{
	return ask(dns, name, type, answer_is_name(name, strlen(name)));
}

struct dns_question *
dns_ask_escaped(struct dns *dns, const char *name, enum dns_type type)
{
	char octets[NAME + 1], letters[NAME + 1];
	size_t len = unescape(name, octets, letters);

	return ask(dns, name, type, answer_is_name(letters, len));
}

struct dns_question *
dns_ask_reverse(struct dns *dns, const struct address *address)
{
	char name[ADDRESS_REVERSED + sizeof ".in-addr.arpa"];

	address_print_reversed(address, name);
	strcat(name, address->family == 4 ? ".in-addr.arpa" : ".ip6.arpa");
	return dns_ask(dns, name, DNS_PTR);
}

/* What c-ares waits for, and the descriptors behind it. */
static nfds_t
list_sockets(ares_channel channel, struct pollfd fds[ARES_GETSOCK_MAXNUM])
{
	ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
	int bits = ares_getsock(channel, sockets, ARES_GETSOCK_MAXNUM);
	nfds_t n = 0;

	while (n < ARES_GETSOCK_MAXNUM) {
		int readable = ARES_GETSOCK_READABLE(bits, n);
		int writable = ARES_GETSOCK_WRITABLE(bits, n);

		if (!readable && !writable)
			break;
		fds[n].fd = sockets[n];
		fds[n].events = (short)((readable ? POLLIN : 0) |
		    (writable ? POLLOUT : 0));
		fds[n++].revents = 0;
	}
	return n;
}

/* Its time-outs are rounded down: one millisecond more, or it spins. */
static int
wait_ms(ares_channel channel, struct deadline until)
{
	int64_t left = deadline_left_ms(until);
	struct timeval buffer, *next = ares_timeout(channel, NULL, &buffer);

	if (next != NULL) {
		int64_t ms = (int64_t)next->tv_sec * 1000 +
		    next->tv_usec / 1000 + 1;

		if (ms < left)
			left = ms;
	}
	return left > INT_MAX ? INT_MAX : (int)left;
}

/* Wait once, and let c-ares read, write and look at its time-outs. */
static enum status
process(ares_channel channel, struct deadline until)
{
	struct pollfd fds[ARES_GETSOCK_MAXNUM];
	nfds_t i, n = list_sockets(channel, fds);
	int ready = poll(fds, n, wait_ms(channel, until));

	if (ready == -1)
		return errno == EINTR ? OK : TEMPFAIL;
	if (ready == 0)
		ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	for (i = 0; i < n; i++)
		if (fds[i].revents != 0)
			ares_process_fd(channel,
			    fds[i].events & POLLIN ? fds[i].fd :
			    ARES_SOCKET_BAD,
			    fds[i].events & POLLOUT ? fds[i].fd :
			    ARES_SOCKET_BAD);
	return OK;
}

void
dns_collect(struct dns *dns, struct deadline until)
{
	int64_t began = clock_ms();

	until = deadline_sooner(until, deadline_in(dns->left_ms));
	/* What has come meanwhile is read even when no time is left. */
	while (dns->waiting > 0)
		if (process(dns->channel, until) != OK ||
		    deadline_left_ms(until) == 0)
			break;
	/* What still waits is called back with a failure. */
	close_channel(dns);
	dns->left_ms -= clock_ms() - began;
	if (dns->left_ms < 0)
		dns->left_ms = 0;
}
