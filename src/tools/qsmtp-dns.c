/* qsmtp-dns - show answers of the DNS as the programs see them: qsmtp-dns(1) */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "base/control.h"
#include "base/deadline.h"
#include "base/text.h"
#include "net/dns.h"

enum outcome {			/* exit codes */
	HAS_DATA = 0,
	NO_DATA = 1,
	NO_NAME = 2,
	TEMPORARY = 3,
	USAGE = 64
};

static const struct {
	const char *name;
	enum dns_type type;
} types[] = {
	{ "A", DNS_A }, { "AAAA", DNS_AAAA }, { "MX", DNS_MX },
	{ "PTR", DNS_PTR }, { "TLSA", DNS_TLSA }, { "TXT", DNS_TXT },
};

/* What is to be shown; text that did not fit into memory makes it bad. */
struct output {
	stralloc text;
	int is_bad;
};

static void
put(struct output *output, const char *octets, size_t len)
{
	if (!stralloc_catb(&output->text, octets, len))
		output->is_bad = 1;
}

static void
put_text(struct output *output, const char *text)
{
	put(output, text, strlen(text));
}

static void
put_number(struct output *output, unsigned number)
{
	char text[TEXT_NUMBER];

	put(output, text, text_print_number(text, number));
	put(output, " ", 1);
}

static void
put_address(struct output *output, const struct address *address)
{
	char text[ADDRESS_TEXT];

	address_print(address, text);
	put_text(output, text);
}

/* `least`: the least octet that is shown as it is. */
static void
put_escaped(struct output *output, const char *octets, size_t len, int least)
{
	size_t i;

	for (i = 0; i < len; i++) {
		int c = (unsigned char)octets[i];
		const char escape[] = {
			'\\', (char)('0' + c / 100), (char)('0' + c / 10 % 10),
			(char)('0' + c % 10)
		};

		if (c == '"' || c == '\\')
			put(output, "\\", 1);
		if (c < least || c > '~')
			put(output, escape, sizeof escape);
		else
			put(output, octets + i, 1);
	}
}

static void
put_hexadecimal(struct output *output, const char *octets, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		int c = (unsigned char)octets[i];
		const char pair[] = { digits[c >> 4], digits[c & 15] };

		put(output, pair, sizeof pair);
	}
}

static const char *
type_name(enum dns_type type)
{
	size_t i = 0;

	while (types[i].type != type)
		i++;
	return types[i].name;
}

static void
put_record(struct output *output, enum dns_type type,
    const struct dns_record *record)
{
	put_text(output, type_name(type));
	put(output, " ", 1);
	switch (type) {
	case DNS_A:
	case DNS_AAAA:
		put_address(output, &record->address);
		break;
	case DNS_MX:
		put_number(output, record->preference);
		/* FALLTHROUGH */
	case DNS_PTR:
		put_text(output, *record->name != '\0' ? record->name : ".");
		break;
	case DNS_TXT:
		put(output, "\"", 1);
		put_escaped(output, record->octets, record->len, ' ');
		put(output, "\"", 1);
		break;
	case DNS_TLSA:
		put_number(output, record->usage);
		put_number(output, record->selector);
		put_number(output, record->matching);
		put_hexadecimal(output, record->octets, record->len);
		break;
	}
	put(output, "\n", 1);
}

static enum outcome
put_question(struct output *output, const struct dns_question *question)
{
	static const enum outcome outcomes[] = {
		[DNS_WAITING] = TEMPORARY, [DNS_TEMPFAIL] = TEMPORARY,
		[DNS_DATA] = HAS_DATA, [DNS_NODATA] = NO_DATA,
		[DNS_NXDOMAIN] = NO_NAME,
	};
	size_t i;

	/* It may come from the command line as anything. */
	put_text(output, "name=");
	put_escaped(output, question->name, strlen(question->name), '!');
	put_text(output, " type=");
	put_text(output, type_name(question->type));
	put_text(output, " state=");
	put_text(output, dns_state_name(question->state));
	put_text(output, question->secure ? " secure=yes" : " secure=no");
	if (question->state == DNS_DATA) {
		put_text(output, " canonical=");
		put_text(output, question->canonical);
	}
	put(output, "\n", 1);
	for (i = 0; i < question->count; i++)
		put_record(output, question->type, &question->records[i]);
	return outcomes[question->state];
}

static void
write_all(int fd, const char *octets, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, octets, len);

		if (n == -1 && errno != EINTR)
			return;
		if (n > 0) {
			octets += n;
			len -= (size_t)n;
		}
	}
}

static enum outcome
complain(enum outcome outcome, const char *what, int error)
{
	struct output line = { 0 };

	put_text(&line, "qsmtp-dns: ");
	put_text(&line, what);
	if (error != 0) {
		put_text(&line, ": ");
		put_text(&line, strerror(error));
	}
	put(&line, "\n", 1);
	write_all(STDERR_FILENO, line.text.s, line.text.len);
	stralloc_free(&line.text);
	return outcome;
}

/* An address is asked for its name; every other name as it is. */
static struct dns_question *
ask(struct dns *dns, const char *name, enum dns_type type)
{
	struct address address;

	if (type == DNS_PTR &&
	    address_parse(name, strlen(name), &address) == OK)
		return dns_ask_reverse(dns, &address);
	return dns_ask(dns, name, type);
}

/* 0: it is no type that we know. */
static enum dns_type
type_of(const char *text)
{
	size_t i;

	for (i = 0; i < sizeof types / sizeof types[0]; i++)
		if (text_is(text, strlen(text), types[i].name))
			return types[i].type;
	return 0;
}

/* The worst outcome of all is that of the program. */
static enum outcome
answer(struct dns *dns, char *const *words, size_t n)
{
	struct dns_question **questions = calloc(n, sizeof *questions);
	enum outcome worst = HAS_DATA;
	struct output output = { 0 };
	size_t i;

	for (i = 0; questions != NULL && i < n; i++) {
		questions[i] = ask(dns, words[i * 2],
		    type_of(words[i * 2 + 1]));
		output.is_bad |= questions[i] == NULL;
	}
	dns_collect(dns, deadline_in(INT64_MAX / 2));
	for (i = 0; questions != NULL && i < n && !output.is_bad; i++) {
		enum outcome outcome = put_question(&output, questions[i]);

		if (outcome > worst)
			worst = outcome;
	}
	if (questions == NULL || output.is_bad)
		worst = complain(TEMPORARY, "no memory", 0);
	else
		write_all(STDOUT_FILENO, output.text.s, output.text.len);
	stralloc_free(&output.text);
	free(questions);
	return worst;
}

int
main(int argc, char **argv)
{
	static const char usage[] =
	    "usage: qsmtp-dns name|address A|AAAA|MX|PTR|TLSA|TXT ...";
	const char *home = getenv("QMAILHOME");
	struct control control = { 0 };
	struct dns *dns = NULL;
	enum outcome outcome;
	int i;

	if (argc < 3 || argc % 2 == 0)
		return (int)complain(USAGE, usage, 0);
	for (i = 2; i < argc; i += 2)
		if (type_of(argv[i]) == 0)
			return (int)complain(USAGE, usage, 0);
	signal(SIGPIPE, SIG_IGN);
	if (home == NULL)
		home = QMAIL_HOME;
	if (chdir(home) == -1)
		return (int)complain(TEMPORARY, home, errno);
	if (control_open(&control) != OK)
		outcome = complain(TEMPORARY, "no memory", 0);
	else if (dns_open(&dns, &control) != OK)
		outcome = complain(TEMPORARY, control.failed, control.error);
	else
		outcome = answer(dns, argv + 1, (size_t)(argc - 1) / 2);
	dns_close(dns);
	control_close(&control);
	return (int)outcome;
}
