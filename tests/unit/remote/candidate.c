#include "remote/candidate.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../home.h"
#include "../suite.h"

/* What the DNS says: tests/fake/dnsd.py, one for all rows. */
static const char zone[] =
    "a.test A 198.51.100.1\n"
    "aaaa.test AAAA 2001:db8::1\n"
    "both.test A 198.51.100.1\n" "both.test A 198.51.100.2\n"
    "both.test A 198.51.100.3\n"
    "both.test AAAA 2001:db8::1\n" "both.test AAAA 2001:db8::2\n"
    "txt.test TXT nothing\n"
    "mx.test MX 10 a.test\n"
    "order.test MX 30 ip3.test\n" "order.test MX 10 ip1.test\n"
    "order.test MX 20 ip2.test\n"
    "ip1.test A 198.51.100.11\n" "ip2.test A 198.51.100.12\n"
    "ip3.test A 198.51.100.13\n" "ip4.test A 198.51.100.14\n"
    "ip5.test A 198.51.100.15\n" "ip6.test A 198.51.100.16\n"
    "equal.test MX 10 ip1.test\n" "equal.test MX 10 ip2.test\n"
    "equal.test MX 10 ip3.test\n" "equal.test MX 20 ip4.test\n"
    "six.test MX 1 ip1.test\n" "six.test MX 2 ip2.test\n"
    "six.test MX 3 ip3.test\n" "six.test MX 4 ip4.test\n"
    "six.test MX 5 ip5.test\n" "six.test MX 6 ip6.test\n"
    /* Hosts without an address do not count as tried. */
    "gaps.test MX 1 none.test\n" "gaps.test MX 2 txt.test\n"
    "gaps.test MX 3 ip3.test\n" "gaps.test MX 4 ip4.test\n"
    "many.test MX 5 mx.many.test\n" "many.test MX 6 a.test\n"
    "mx.many.test !huge:A 60\n" "mx.many.test A 198.51.100.1\n"
    "null.test MX 0 .\n"
    "null.test A 198.51.100.1\n"
    "nulls.test MX 0 .\n" "nulls.test MX 10 a.test\n"
    "onlynulls.test MX 0 .\n" "onlynulls.test MX 10 .\n"
    "nowhere.test MX 10 none.test\n" "nowhere.test A 198.51.100.1\n"
    "empty.test MX 10 txt.test\n"
    /* A target that is an address. */
    "literal.test MX 10 198.51.100.7\n"
    "alias.test CNAME mx.test\n"
    "aliasa.test CNAME a.test\n"
    "servfail.test !servfail\n" "servfail.test A 198.51.100.1\n"
    "mxfail.test !servfail:MX\n" "mxfail.test A 198.51.100.1\n"
    "mxrefused.test !refused:MX\n" "mxrefused.test A 198.51.100.1\n"
    "afail.test !servfail:A\n" "afail.test AAAA 2001:db8::1\n"
    "aonlyfail.test !servfail:A\n" "aonlyfail.test TXT x\n"
    "aaaafail.test !servfail:AAAA\n" "aaaafail.test A 198.51.100.1\n"
    "hostfail.test MX 10 aonlyfail.test\n"
    "partfail.test MX 10 servfail.test\n" "partfail.test MX 20 a.test\n"
    /* The name itself does not answer: nobody needs it to. */
    "silent.test MX 10 a.test\n" "silent.test !timeout:AAAA\n"
    "silent.test !servfail:A\n"
    "short.test !short\n" "short.test MX 10 a.test\n"
    /* This host is 198.51.100.99 and ::1. */
    "me.test A 198.51.100.99\n"
    "me6.test AAAA ::1\n" "me6.test A 198.51.100.1\n"
    "zero.test A 0.0.0.0\n"
    "loop.test MX 10 me.test\n" "loop.test MX 20 a.test\n"
    "second.test MX 10 ip1.test\n" "second.test MX 20 me.test\n"
    "second.test MX 30 ip3.test\n"
    "same.test MX 10 ip1.test\n" "same.test MX 20 ip2.test\n"
    "same.test MX 20 me.test\n"
    "backup.test MX 10 servfail.test\n" "backup.test MX 20 me.test\n"
    "gone.test MX 10 none.test\n" "gone.test MX 20 me.test\n"
    "ninth.test MX 10 nine.test\n"
    "nine.test A 198.51.100.1\n" "nine.test A 198.51.100.2\n"
    "nine.test A 198.51.100.3\n" "nine.test A 198.51.100.4\n"
    "nine.test A 198.51.100.5\n" "nine.test A 198.51.100.6\n"
    "nine.test A 198.51.100.7\n" "nine.test A 198.51.100.8\n"
    "nine.test A 198.51.100.99\n";

static char server_port[16];
static char zone_path[] = "/tmp/unit.zone.XXXXXX";
static int server_input = -1;
static pid_t server;

static int
start_server(void)
{
	int input[2], output[2], file = mkstemp(zone_path);
	ssize_t len;

	if (file == -1 || write(file, zone, sizeof zone - 1) !=
	    (ssize_t)sizeof zone - 1 || close(file) == -1 ||
	    pipe2(input, O_CLOEXEC) == -1 || pipe2(output, O_CLOEXEC) == -1)
		return -1;
	server = fork();
	if (server == 0) {
		dup2(input[0], STDIN_FILENO);
		dup2(output[1], STDOUT_FILENO);
		execlp("python3", "python3", "tests/fake/dnsd.py", zone_path,
		    (char *)NULL);
		_exit(127);
	}
	close(input[0]);
	close(output[1]);
	server_input = input[1];
	/* It says its port when it is ready. */
	len = read(output[0], server_port, sizeof server_port - 1);
	close(output[0]);
	unlink(zone_path);
	return len > 0 ? 0 : -1;
}

static struct control control;
static struct config config;
static struct route route;
static struct candidates candidates;
static struct dns *dns;

static void
begin(void)
{
	char line[64] = "127.0.0.1:";

	home_make();
	home_file("control/me", "mx.test\n");
	home_file("control/dnstimeout", "5\n");
	home_file("control/moreipme", "198.51.100.99\n2001:db8::99\n");
	home_file("control/resolvers", strcat(line, server_port));
}

static void
end(void)
{
	candidates_free(&candidates);
	if (dns != NULL)
		dns_close(dns);
	dns = NULL;
	remote_config_free(&config);
	route_free(&route);
	control_close(&control);
	home_remove();
}

static void
find(const char *relay, const char *host)
{
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(remote_config_read(&config, &control), OK);
	ck_assert_int_eq(dns_open(&dns, &control), OK);
	route.port = SMTP_PORT;
	if (relay != NULL)
		ck_assert(stralloc_copys(&route.relay, relay) &&
		    stralloc_0(&route.relay));
	candidates_find(&candidates, dns, &config, &route, host);
}

/* The addresses in order, with a blank between. */
static void
print_found(char text[512])
{
	char address[ADDRESS_TEXT];
	size_t i;

	text[0] = '\0';
	for (i = 0; i < candidates.count; i++) {
		address_print(&candidates.list[i].address, address);
		if (i > 0)
			strcat(text, " ");
		strcat(text, address);
	}
}

/* `found`: the addresses, or with none the letter and a word of the text. */
static const struct {
	const char *relay, *host;
	const char *ipfamily;	/* NULL: any */
	const char *found;
} rows[] = {
	{ NULL,	"a.test",		NULL, "198.51.100.1" },
	{ NULL,	"A.TEST",		NULL, "198.51.100.1" },
	{ NULL,	"a.test.",		NULL, "198.51.100.1" },
	{ NULL,	"aaaa.test",		NULL, "2001:db8::1" },
	{ NULL,	"both.test",		NULL, "2001:db8::1 198.51.100.1 "
	    "2001:db8::2 198.51.100.2 198.51.100.3" },
	{ NULL,	"both.test",		"4\n",
	    "198.51.100.1 198.51.100.2 198.51.100.3" },
	{ NULL,	"both.test",		"6\n", "2001:db8::1 2001:db8::2" },
	{ NULL,	"mx.test",		NULL, "198.51.100.1" },
	{ NULL,	"order.test",		NULL,
	    "198.51.100.11 198.51.100.12 198.51.100.13" },
	{ NULL,	"six.test",		NULL, "198.51.100.11 198.51.100.12 "
	    "198.51.100.13 198.51.100.14 198.51.100.15" },
	{ NULL,	"gaps.test",		NULL, "198.51.100.13 198.51.100.14" },
	{ NULL,	"nulls.test",		NULL, "198.51.100.1" },
	{ NULL,	"literal.test",		NULL, "198.51.100.7" },
	{ NULL,	"alias.test",		NULL, "198.51.100.1" },
	{ NULL,	"aliasa.test",		NULL, "198.51.100.1" },
	/* Addresses that nobody has to look up. */
	{ NULL,	"[198.51.100.5]",		NULL, "198.51.100.5" },
	{ NULL,	"198.51.100.5",		NULL, "198.51.100.5" },
	{ NULL,	"[IPv6:2001:db8::5]",	NULL, "2001:db8::5" },
	{ NULL,	"[IPv6:2001:db8::5]",	"4\n", "Z#4.4.4" },
	{ NULL,	"[198.51.100.5]",		"6\n", "Z#4.4.4" },
	/* No such host, or none that takes mail. */
	{ NULL,	"none.test",		NULL, "D#5.1.2" },
	{ NULL,	"txt.test",		NULL, "D#5.1.2" },
	{ NULL,	"",			NULL, "D#5.1.2" },
	{ NULL,	".",			NULL, "D#5.1.2" },
	{ NULL,	"a..test",		NULL, "D#5.1.2" },
	{ NULL,	"a b.test",		NULL, "D#5.1.2" },
	{ NULL,	"b\303\274cher.test",	NULL, "D#5.1.2" },
	{ NULL,	"[198.51.100.256]",	NULL, "D#5.1.2" },
	{ NULL,	"null.test",		NULL, "D#5.1.10" },
	{ NULL,	"onlynulls.test",	NULL, "D#5.4.4" },
	{ NULL,	"nowhere.test",		NULL, "D#5.4.4" },
	{ NULL,	"empty.test",		NULL, "D#5.4.4" },
	/* What is not known is not the same as what is not there. */
	{ NULL,	"servfail.test",	NULL, "Z#4.1.2" },
	{ NULL,	"mxfail.test",		NULL, "Z#4.1.2" },
	{ NULL,	"mxrefused.test",	NULL, "Z#4.1.2" },
	{ NULL,	"short.test",		NULL, "Z#4.1.2" },
	{ NULL,	"aonlyfail.test",	NULL, "Z#4.1.2" },
	{ NULL,	"hostfail.test",	NULL, "Z#4.1.2" },
	/* Enough is known. */
	{ NULL,	"afail.test",		NULL, "2001:db8::1" },
	{ NULL,	"aaaafail.test",	NULL, "198.51.100.1" },
	{ NULL,	"partfail.test",	NULL, "198.51.100.1" },
	{ NULL,	"silent.test",		NULL, "198.51.100.1" },
	/* Ourselves: only who is preferred to us is asked. */
	{ NULL,	"me.test",		NULL, "D#5.4.6" },
	{ NULL,	"me6.test",		NULL, "D#5.4.6" },
	{ NULL,	"zero.test",		NULL, "D#5.4.6" },
	{ NULL,	"[127.0.0.1]",		NULL, "D#5.4.6" },
	{ NULL,	"[IPv6:2001:db8::99]",	NULL, "D#5.4.6" },
	{ NULL,	"loop.test",		NULL, "D#5.4.6" },
	{ NULL,	"second.test",		NULL, "198.51.100.11" },
	{ NULL,	"same.test",		NULL, "198.51.100.11" },
	{ NULL,	"ninth.test",		NULL, "D#5.4.6" },
	{ NULL,	"gone.test",		NULL, "D#5.4.6" },
	/* The one before us may be back soon. */
	{ NULL,	"backup.test",		NULL, "Z#4.1.2" },
	/* A relay: by address alone, and it may be ourselves. */
	{ "a.test", "none.test",	NULL, "198.51.100.1" },
	{ "mx.test", "a.test",		NULL, "Z#4.4.4" },
	{ "none.test", "a.test",	NULL, "Z#4.4.4" },
	{ "servfail.test", "a.test",	NULL, "Z#4.1.2" },
	{ "me.test", "a.test",		NULL, "198.51.100.99" },
	{ "127.0.0.1", "a.test",	NULL, "127.0.0.1" },
	{ "[127.0.0.1]", "a.test",	NULL, "127.0.0.1" },
	{ "[::1]", "a.test",		NULL, "::1" },
	{ "[IPv6:::1]", "a.test",	NULL, "::1" },
	{ "2001:db8::1", "a.test",	NULL, "2001:db8::1" },
	{ "[::1]", "a.test",		"4\n", "Z#4.4.4" },
	{ "r.test\r", "a.test",		NULL, "Z#4.4.4" },
};

START_TEST(each_host)
{
	char text[512];

	if (rows[_i].ipfamily != NULL)
		home_file("control/ipfamily", rows[_i].ipfamily);
	find(rows[_i].relay, rows[_i].host);
	print_found(text);
	if (rows[_i].found[1] != '#') {
		ck_assert_msg(strcmp(text, rows[_i].found) == 0,
		    "row %d: %s %s", _i, text, candidates.text.s != NULL ?
		    candidates.text.s : "");
		return;
	}
	ck_assert_str_eq(text, "");
	ck_assert_int_eq((char)candidates.letter, rows[_i].found[0]);
	ck_assert_ptr_nonnull(candidates.text.s);
	ck_assert_msg(strstr(candidates.text.s, rows[_i].found + 1) != NULL,
	    "row %d: %s", _i, candidates.text.s);
	ck_assert_int_eq(candidates.text.s[candidates.text.len - 2], '\n');
}
END_TEST

/* What a literal or an address needs of the DNS: nothing. */
static const struct {
	const char *relay, *host;
	int needs;
} needs[] = {
	{ NULL,		"a.test",		1 },
	{ NULL,		"[198.51.100.1]",		0 },
	{ NULL,		"198.51.100.1",		0 },
	{ NULL,		"[IPv6:2001:db8::1]",	0 },
	{ NULL,		"[a.test]",		1 },
	{ "r.test",	"[198.51.100.1]",		1 },
	{ "198.51.100.1",	"a.test",		0 },
	{ "[::1]",	"a.test",		0 },
};

START_TEST(each_need)
{
	if (needs[_i].relay != NULL)
		ck_assert(stralloc_copys(&route.relay, needs[_i].relay) &&
		    stralloc_0(&route.relay));
	ck_assert_int_eq(!!candidates_need_dns(&route, needs[_i].host),
	    needs[_i].needs);
	if (!needs[_i].needs) {
		candidates_find(&candidates, NULL, &config, &route,
		    needs[_i].host);
		ck_assert_uint_eq(candidates.count, 1);
	}
}
END_TEST

/* notipme takes back what would be ours. */
START_TEST(not_ourselves)
{
	char text[512];

	home_file("control/notipme", "198.51.100.99\n127.0.0.1\n");
	find(NULL, _i == 0 ? "loop.test" : "[127.0.0.1]");
	print_found(text);
	ck_assert_str_eq(text, _i == 0 ? "198.51.100.99 198.51.100.1" :
	    "127.0.0.1");
}
END_TEST

/* Equals take turns at random; each comes first now and then. */
START_TEST(equals_are_shuffled)
{
	unsigned seen = 0, i;

	for (i = 0; i < 100 && seen != 7; i++) {
		char text[512];

		if (i > 0) {
			candidates_free(&candidates);
			dns_close(dns);
			remote_config_free(&config);
			control_close(&control);
		}
		find(NULL, "equal.test");
		ck_assert_uint_eq(candidates.count, 4);
		print_found(text);
		ck_assert_ptr_nonnull(strstr(text, "198.51.100.11"));
		ck_assert_ptr_nonnull(strstr(text, "198.51.100.12"));
		ck_assert_ptr_nonnull(strstr(text, "198.51.100.13"));
		/* Whoever is less preferred stays behind. */
		ck_assert_ptr_nonnull(strstr(text, " 198.51.100.14"));
		ck_assert_int_eq(candidates.list[3].address.octets[3], 14);
		seen |= 1u << (candidates.list[0].address.octets[3] - 11);
	}
	ck_assert_uint_eq(seen, 7);
}
END_TEST

/* At most so many addresses, and not all of one host's. */
START_TEST(addresses_are_bounded)
{
	size_t i, of_first = 0;

	find(NULL, "many.test");
	ck_assert_uint_ge(candidates.count, 2);
	ck_assert_uint_le(candidates.count, CANDIDATES);
	for (i = 0; i < candidates.count; i++)
		of_first += strcmp(candidates.list[i].host,
		    "mx.many.test") == 0;
	ck_assert_uint_lt(of_first, candidates.count);
	ck_assert_str_eq(candidates.list[candidates.count - 1].host,
	    "a.test");
}
END_TEST

/* What is said of each host in a report. */
START_TEST(names_and_preferences)
{
	static const char *const names[] = {
		"ip1.test", "ip2.test", "ip3.test"
	};
	size_t i;

	find(NULL, "order.test");
	ck_assert_uint_eq(candidates.count, 3);
	for (i = 0; i < 3; i++) {
		ck_assert_str_eq(candidates.list[i].host, names[i]);
		ck_assert_uint_eq(candidates.list[i].preference, 10 * (i + 1));
	}
}
END_TEST

int
main(void)
{
	const struct unit units[] = {
		{ each_host, ROWS(rows), begin, end },
		{ each_need, ROWS(needs), begin, end },
		{ not_ourselves, 2, begin, end },
		{ equals_are_shuffled, 1, begin, end },
		{ addresses_are_bounded, 1, begin, end },
		{ names_and_preferences, 1, begin, end },
	};
	int result = EXIT_FAILURE;

	if (start_server() == 0)
		result = suite_run("candidate", units, ROWS(units));
	else
		fprintf(stderr, "candidate: no DNS server for tests\n");
	if (server_input != -1) {
		close(server_input);
		waitpid(server, NULL, 0);
	}
	return result;
}
