#include "remote/route.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../home.h"
#include "../suite.h"

static struct control control;
static struct route route;

static void
end(void)
{
	route_free(&route);
	control_close(&control);
	home_remove();
}

static enum status
find_for(const char *sender, const char *host)
{
	ck_assert_int_eq(control_open(&control), OK);
	return route_find(&route, &control, host, sender);
}

static enum status
find(const char *host)
{
	return find_for("a@me.test", host);
}

static void
judge(const char *relay, unsigned port, const char *source)
{
	if (relay[0] == '\0')
		ck_assert_uint_eq(route.relay.len, 0);
	else
		ck_assert_str_eq(route.relay.s, relay);
	ck_assert_uint_eq(route.port, port);
	ck_assert_str_eq(route.source, source);
}

/* control/smtproutes as stock qmail reads it.  `port` 0: no such line. */
static const struct {
	const char *file;
	size_t len;
	const char *host, *relay;
	unsigned port;
} rows[] = {
	{ TEXT(""),			"a.test",	"", 0 },
	{ TEXT("b.test:r.test\n"),	"a.test",	"", 0 },
	{ TEXT("a.test:r.test\n"),	"a.test",	"r.test", 25 },
	{ TEXT("a.test:r.test"),	"a.test",	"r.test", 25 },
	{ TEXT("a.test:r.test:26\n"),	"a.test",	"r.test", 26 },
	{ TEXT("a.test:192.0.2.1:2525\n"), "a.test",	"192.0.2.1", 2525 },
	/* Case does not count. */
	{ TEXT("A.Test:R.test\n"),	"a.tesT",	"R.test", 25 },
	/* The whole host first, then suffixes, then all. */
	{ TEXT(":all\n.test:t\na.test:h\n"), "a.test",	"h", 25 },
	{ TEXT("a.test:h\n.test:t\n:all\n"), "a.test",	"h", 25 },
	{ TEXT(":all\n.test:t\n"),	"a.test",	"t", 25 },
	{ TEXT(":all\n.test:t\n.b.test:b\n"), "a.b.test", "b", 25 },
	{ TEXT(".test:t\n"),		"test",		"", 0 },
	{ TEXT(".test:t\n"),		"atest",	"", 0 },
	{ TEXT("test:t\n"),		"a.test",	"", 0 },
	{ TEXT(":all\n"),		"a.test",	"all", 25 },
	{ TEXT(":all\n"),		"",		"all", 25 },
	{ TEXT("a.test.:dot\n"),	"a.test",	"", 0 },
	{ TEXT("a.test.:dot\n"),	"a.test.",	"dot", 25 },
	{ TEXT(".:dot\n"),		"a.test.",	"dot", 25 },
	/* The last line of a key counts. */
	{ TEXT("a.test:one\na.test:two\n"), "a.test",	"two", 25 },
	{ TEXT("a.test:one:26\na.test:two\n"), "a.test", "two", 25 },
	{ TEXT("a.test:one:26\na.test:\n"), "a.test",	"", 25 },
	/* No relay: as the DNS says, and nothing else is looked at. */
	{ TEXT(":all\na.test:\n"),	"a.test",	"", 25 },
	{ TEXT(":all\n.test:\n"),	"a.test",	"", 25 },
	{ TEXT("a.test::2525\n"),	"a.test",	"", 2525 },
	/* Lines without a colon do not count, nor comments. */
	{ TEXT("a.test\n"),		"a.test",	"", 0 },
	{ TEXT("a.test r.test\n:all\n"), "a.test",	"all", 25 },
	{ TEXT("#a.test:no\n"),		"a.test",	"", 0 },
	{ TEXT("#a.test:no\n"),		"#a.test",	"", 0 },
	{ TEXT("\n\n\na.test:r\n\n"),	"a.test",	"r", 25 },
	/* Blanks behind a line are dropped, those in front are not. */
	{ TEXT("a.test:r.test \t \n"),	"a.test",	"r.test", 25 },
	{ TEXT("a.test:r.test:26 \n"),	"a.test",	"r.test", 26 },
	{ TEXT(" a.test:r\n"),		"a.test",	"", 0 },
	{ TEXT("a.test :r\n"),		"a.test",	"", 0 },
	{ TEXT("a.test: r\n"),		"a.test",	" r", 25 },
	/* CR is a part of the line: a relay that no DNS knows. */
	{ TEXT("a.test:r.test\r\n"),	"a.test",	"r.test\r", 25 },
	/* Of a port the digits count, what follows does not. */
	{ TEXT("a.test:r:26\r\n"),	"a.test",	"r", 26 },
	{ TEXT("a.test:r:26 # why\n"),	"a.test",	"r", 26 },
	{ TEXT("a.test:r:26x|user|pass\n"), "a.test",	"r", 26 },
	{ TEXT("a.test:r:26:27\n"),	"a.test",	"r", 26 },
	{ TEXT("a.test:r:65535\n"),	"a.test",	"r", 65535 },
	{ TEXT("a.test:r:00025\n"),	"a.test",	"r", 25 },
	/* IPv6, which stock does not have, in brackets. */
	{ TEXT(":[2001:db8::1]\n"),	"a.test",	"[2001:db8::1]", 25 },
	{ TEXT(":[2001:db8::1]:26\n"),	"a.test",	"[2001:db8::1]", 26 },
	{ TEXT(":[IPv6:::1]:26\n"),	"a.test",	"[IPv6:::1]", 26 },
	{ TEXT(":[192.0.2.1]:26\n"),	"a.test",	"[192.0.2.1]", 26 },
	/* A literal can be routed. */
	{ TEXT("[192.0.2.1]:r\n"),	"[192.0.2.1]",	"r", 25 },
	{ TEXT("[IPv6:::1]:r:26\n"),	"[IPv6:::1]",	"r", 26 },
	{ TEXT("[IPv6:::1]:[::2]:26\n"), "[IPv6:::1]",	"[::2]", 26 },
	{ TEXT("[x:r\n"),		"[x",		"", 0 },
	{ TEXT(".2.1]:r\n"),		"[192.0.2.1]",	"r", 25 },
	/* A NUL is no end of anything but of what it stands in. */
	{ TEXT("\0:no\na.test:r\n"),	"a.test",	"r", 25 },
};

START_TEST(each_line)
{
	home_octets("control/smtproutes", rows[_i].file, rows[_i].len);
	ck_assert_int_eq(find(rows[_i].host), OK);
	judge(rows[_i].relay, rows[_i].port == 0 ? SMTP_PORT : rows[_i].port,
	    rows[_i].port == 0 ? "" : "control/smtproutes");
}
END_TEST

/* Routes that lead nowhere: the mail waits, and the file is named. */
static const struct {
	const char *file;	/* NULL: a folder */
	int error;
} odd[] = {
	{ "\n:r:0\n",		EINVAL },
	{ "\n:r:\n",		EINVAL },
	{ "\n:r:smtp\n",		EINVAL },
	{ "\n:r:-25\n",		EINVAL },
	{ "\n:r:65536\n",		EINVAL },
	{ "\n:r:4294967321\n",	EINVAL },
	{ "\n:r:18446744073709551641\n", EINVAL },
	{ "\n:[::1\n",		EINVAL },
	{ "\n:[::1]26\n",		EINVAL },
	{ NULL,			EISDIR },
};

START_TEST(each_odd_line)
{
	home_file("control/smtproutes", odd[_i].file);
	ck_assert_int_eq(find("a.test"), TEMPFAIL);
	ck_assert_str_eq(control.failed, odd[_i].file != NULL ?
	    "control/smtproutes line 2" : "control/smtproutes");
	ck_assert_int_eq(control.error, odd[_i].error);
}
END_TEST

/* A line that makes no sense stops only the mail that is routed by it. */
START_TEST(odd_line_of_others)
{
	home_file("control/smtproutes", "b.test:r:none\na.test:r\n");
	ck_assert_int_eq(find("a.test"), OK);
	judge("r", 25, "control/smtproutes");
}
END_TEST

/* Files of smtproutes.d: the first that is there counts alone. */
#define D	"control/smtproutes.d/"

static const struct {
	const char *host;
	struct {
		const char *name, *text;
	} files[3];
	const char *relay;
	unsigned port;
	const char *source;
} folders[] = {
	{ "a.b.test", { { D "a.b.test", "relay=r\nport=26\n" } },
	    "r", 26, D "a.b.test" },
	{ "A.B.Test", { { D "a.b.test", "relay=r\n" } },
	    "r", 25, D "a.b.test" },
	{ "a.b.test", { { D "*.b.test", "relay=r\n" }, { D "*.test",
	    "relay=no\n" }, { D "default", "relay=no\n" } },
	    "r", 25, D "*.b.test" },
	{ "a.b.test", { { D "*.test", "relay=r\n" }, { D "default",
	    "relay=no\n" } }, "r", 25, D "*.test" },
	{ "a.b.test", { { D "default", "relay=r\n" } },
	    "r", 25, D "default" },
	{ "b.test", { { D "*.b.test", "relay=no\n" } }, "", 25, "" },
	{ "test", { { D "*.test", "relay=no\n" } }, "", 25, "" },
	/* One file alone: what it does not say is not taken from another. */
	{ "a.test", { { D "a.test", "port=26\n" }, { D "default",
	    "relay=no\nport=27\n" }, { "control/smtproutes", ":no:28\n" } },
	    "", 26, D "a.test" },
	{ "a.test", { { D "a.test", "" }, { "control/smtproutes",
	    ":no:28\n" } }, "", 25, D "a.test" },
	/* None of them: smtproutes. */
	{ "a.test", { { D "b.test", "relay=no\n" }, { "control/smtproutes",
	    ":r:28\n" } }, "r", 28, "control/smtproutes" },
	/* Names that are no files of ours. */
	{ "../me", { { "control/me", "relay=no\n" } }, "", 25, "" },
	{ "..", { { D "default", "relay=r\n" } }, "r", 25, D "default" },
	{ "a/b", { { D "default", "relay=r\n" } }, "r", 25, D "default" },
	{ "", { { D "default", "relay=r\n" } }, "r", 25, D "default" },
	{ "[192.0.2.1]", { { D "default", "relay=r\n" } },
	    "r", 25, D "default" },
	{ "*.test", { { D "*.test", "relay=no\n" } }, "", 25, "" },
	/* How the lines are read. */
	{ "a.test", { { D "a.test", "# x\n\nrelay=r # y\n \nport=26\t\n" } },
	    "r", 26, D "a.test" },
	{ "a.test", { { D "a.test", "RELAY=r" } }, "r", 25, D "a.test" },
	{ "a.test", { { D "a.test", "relay=[2001:db8::1]\n" } },
	    "[2001:db8::1]", 25, D "a.test" },
	{ "a.test", { { D "a.test", "relay=\n" } }, "", 25, D "a.test" },
	{ "a.test", { { D "a.test", "clientkey=x=y\n" } }, "", 25,
	    D "a.test" },
};

START_TEST(each_folder)
{
	size_t i;

	ck_assert_int_eq(mkdir(D, 0755), 0);
	for (i = 0; i < 3 && folders[_i].files[i].name != NULL; i++)
		home_file(folders[_i].files[i].name, folders[_i].files[i].text);
	ck_assert_int_eq(find(folders[_i].host), OK);
	judge(folders[_i].relay, folders[_i].port, folders[_i].source);
	ck_assert_int_eq(route.wants_certificate, 0);
}
END_TEST

static const struct {
	const char *text;	/* NULL: a folder */
	int error;
	const char *failed;
} odd_files[] = {
	{ NULL,				EISDIR, D "a.test" },
	{ "relay\n",			EINVAL, D "a.test line 1" },
	{ "relay r\n",			EINVAL, D "a.test line 1" },
	{ "=r\n",			EINVAL, D "a.test line 1" },
	{ "clientcert=\n",		EINVAL, D "a.test line 1" },
	{ "relay=r\nclientkey=  \n",	EINVAL, D "a.test line 2" },
	{ "host=r\n",			EINVAL, D "a.test line 1" },
	{ "port=0\n",			EINVAL, D "a.test line 1" },
	{ "port=65536\n",		EINVAL, D "a.test line 1" },
	{ "port=\n",			EINVAL, D "a.test line 1" },
	{ "port=25x\n",			EINVAL, D "a.test line 1" },
	{ "outgoingip=2001:db8::1\n",	EINVAL, D "a.test line 1" },
	{ "outgoingip6=192.0.2.1\n",	EINVAL, D "a.test line 1" },
	{ "outgoingip=\n",		EINVAL, D "a.test line 1" },
	{ "relay=r\nport=26\nwhat\n", EINVAL, D "a.test line 3" },
};

START_TEST(each_odd_file)
{
	ck_assert_int_eq(mkdir(D, 0755), 0);
	home_file(D "a.test", odd_files[_i].text);
	ck_assert_int_eq(find("a.test"), TEMPFAIL);
	ck_assert_str_eq(control.failed, odd_files[_i].failed);
	ck_assert_int_eq(control.error, odd_files[_i].error);
}
END_TEST

START_TEST(addresses_of_file)
{
	char text[ADDRESS_TEXT];

	ck_assert_int_eq(mkdir(D, 0755), 0);
	home_file(D "a.test", "outgoingip=192.0.2.1\n"
	    "outgoingip6=2001:db8::1\n");
	ck_assert_int_eq(find("a.test"), OK);
	address_print(&route.from4, text);
	ck_assert_str_eq(text, "192.0.2.1");
	address_print(&route.from6, text);
	ck_assert_str_eq(text, "2001:db8::1");
}
END_TEST

/*
 * A certificate is asked for by the file of a host, not by the default, which
 * has one for those who ask.
 */
START_TEST(each_certificate)
{
	static const char *const names[] = { D "a.test", D "*.test",
	    D "default" };

	ck_assert_int_eq(mkdir(D, 0755), 0);
	home_file(names[_i], "clientcert=x.pem\nclientkey=x.key\n");
	ck_assert_int_eq(find(_i == 0 ? "a.test" : "b.a.test"), OK);
	ck_assert_int_eq(route.wants_certificate, _i < 2);
	ck_assert_str_eq(route.certificate.s, "x.pem");
	ck_assert_str_eq(route.key.s, "x.key");
}
END_TEST

static const struct {
	const char *text;
	const char *certificate, *key;	/* NULL: none */
} paths[] = {
	{ "relay=r\n",				NULL, NULL },
	{ "clientcert=control/c.pem\n",		"control/c.pem", NULL },
	{ "clientcert=/etc/c.pem # ours\n",	"/etc/c.pem", NULL },
	{ "clientkey=k.pem\n",			NULL, "k.pem" },
	{ "clientcert=a\nclientcert=b\n",	"b", NULL },
	{ "clientcert=c=d\nclientkey=e f\n",	"c=d", "e f" },
};

START_TEST(each_path)
{
	ck_assert_int_eq(mkdir(D, 0755), 0);
	home_file(D "a.test", paths[_i].text);
	ck_assert_int_eq(find("a.test"), OK);
	ck_assert_int_eq(route.wants_certificate,
	    paths[_i].certificate != NULL);
	if (paths[_i].certificate == NULL)
		ck_assert_uint_eq(route.certificate.len, 0);
	else
		ck_assert_str_eq(route.certificate.s, paths[_i].certificate);
	if (paths[_i].key == NULL)
		ck_assert_uint_eq(route.key.len, 0);
	else
		ck_assert_str_eq(route.key.s, paths[_i].key);
}
END_TEST

/* The longest name that the DNS has, and one octet more. */
START_TEST(longest_host)
{
	char host[300], path[400];
	size_t i, len = _i == 0 ? 253 : 254;

	for (i = 0; i < len; i++)
		host[i] = i % 64 == 63 ? '.' : 'a';
	host[len] = '\0';
	ck_assert_int_eq(mkdir(D, 0755), 0);
	home_file(D "default", "relay=no\n");
	if (_i == 0) {
		strcpy(path, D);
		strcat(path, host);
		home_file(path, "relay=r\n");
	}
	ck_assert_int_eq(find(host), OK);
	ck_assert_str_eq(route.relay.s, _i == 0 ? "r" : "no");
}
END_TEST

/* What the lines of three files say to a sender, for mail to b.test. */
static const struct {
	const char *sender, *senders, *routes;	/* files; NULL: absent */
	const char *folder;			/* of b.test */
	const char *relay, *source;
} senders[] = {
	/* The address, its domain, everybody. */
	{ "a@x.test", ":all\n@x.test:domain\na@x.test:one\n", NULL, NULL,
	    "one", "control/authsenders" },
	{ "b@x.test", ":all\n@x.test:domain\na@x.test:one\n", NULL, NULL,
	    "domain", "control/authsenders" },
	{ "b@y.test", ":all\n@x.test:domain\na@x.test:one\n", NULL, NULL,
	    "all", "control/authsenders" },
	{ "", ":all\n@x.test:domain\na@x.test:one\n", NULL, NULL,
	    "all", "control/authsenders" },
	{ "b@z.x.test", "@x.test:domain\n@.x.test:dot\n", NULL, NULL, "", "" },
	{ "x.test", "@x.test:domain\n", NULL, NULL, "", "" },
	{ "x.test", ":all\n", NULL, NULL, "all", "control/authsenders" },
	{ "A@X.Test", "a@x.TEST:one\n", NULL, NULL,
	    "one", "control/authsenders" },
	{ "a@x.test", "a@x.test:one\na@x.test:two\n", NULL, NULL,
	    "two", "control/authsenders" },
	{ "a@x.test", "#a@x.test:one\n a@x.test:one\na@x.test\n", NULL, NULL,
	    "", "" },
	/* Where a key ends. */
	{ "a:b@x.test", "a:b@x.test:one\n", NULL, NULL,
	    "one", "control/authsenders" },
	{ "a|b@x.test", "a|b@x.test:one\n", NULL, NULL,
	    "one", "control/authsenders" },
	{ "a@b@x.test", "a@b@x.test:one\n", NULL, NULL,
	    "one", "control/authsenders" },
	{ "a@b@x.test", "@x.test:domain\n", NULL, NULL,
	    "domain", "control/authsenders" },
	{ "a@[IPv6:::1]", "a@[IPv6:::1]:[::2]:26\n", NULL, NULL,
	    "[::2]", "control/authsenders" },
	{ "a@[IPv6:::1]", "@[IPv6:::1]:one\n", NULL, NULL,
	    "one", "control/authsenders" },
	{ "a@[", "a@[:one\n", NULL, NULL, "", "" },
	{ "b@y.test", ":all|me@x.test|p:q@r\n", NULL, NULL,
	    "all", "control/authsenders" },
	/* Before both files by host; a key without a relay is a route. */
	{ "a@x.test", "a@x.test:one\n", "b.test:route\n", "relay=folder\n",
	    "one", "control/authsenders" },
	{ "a@x.test", ":all\n", "b.test:route\n", "relay=folder\n",
	    "all", "control/authsenders" },
	{ "a@x.test", "a@x.test:\n", "b.test:route\n", "relay=folder\n",
	    "", "control/authsenders" },
	{ "b@x.test", "a@x.test:one\n", "b.test:route\n", "relay=folder\n",
	    "folder", D "b.test" },
	{ "b@x.test", "a@x.test:one\n", "b.test:route\n", NULL,
	    "route", "control/smtproutes" },
	{ "b@x.test", "", "b.test:route\n", NULL,
	    "route", "control/smtproutes" },
	/* The null sender has a line of its own, before all else. */
	{ "", ":all\n", "!@:bounces\n:route\n", "relay=folder\n",
	    "bounces", "control/smtproutes" },
	{ "", ":all\n", "!@:no\n!@:\n:route\n", "relay=folder\n",
	    "", "control/smtproutes" },
	{ "", ":all\n", ":route\n", "relay=folder\n",
	    "all", "control/authsenders" },
	{ "", NULL, ":route\n", "relay=folder\n", "folder", D "b.test" },
	{ "", NULL, ":route\n", NULL, "route", "control/smtproutes" },
	{ "a@x.test", NULL, "!@:bounces\n", NULL, "", "" },
	{ "@", NULL, "!@:bounces\n", NULL, "", "" },
	{ "#@[]", NULL, "!@:bounces\n:route\n", NULL,
	    "route", "control/smtproutes" },
	/* It is a key of smtproutes, not of authsenders. */
	{ "", "!@:bounces\n", NULL, NULL, "", "" },
};

START_TEST(each_sender)
{
	home_file("control/me", "me.test\n");
	if (senders[_i].senders != NULL)
		home_file("control/authsenders", senders[_i].senders);
	if (senders[_i].routes != NULL)
		home_file("control/smtproutes", senders[_i].routes);
	if (senders[_i].folder != NULL) {
		ck_assert_int_eq(mkdir(D, 0755), 0);
		home_file(D "b.test", senders[_i].folder);
	}
	ck_assert_int_eq(find_for(senders[_i].sender, "b.test"), OK);
	ck_assert_str_eq(route.relay.len > 0 ? route.relay.s : "",
	    senders[_i].relay);
	ck_assert_str_eq(route.source, senders[_i].source);
}
END_TEST

/* Who can be looked up, and which file is then named. */
static const struct {
	const char *sender, *name, *text;
	int error;		/* 0: it is not looked at */
} faults[] = {
	{ "a@x.test", "control/authsenders", NULL, EISDIR },
	{ "a@x.test", "control/authsenders", "a@x.test:r:0\n", EINVAL },
	{ "a@x.test", "control/authsenders", ":[::1\n", EINVAL },
	{ "a@x.test", "control/authsenders", ":r|u\n", EINVAL },
	{ "b@x.test", "control/authsenders", "a@x.test:r|u\n", 0 },
	{ "", "control/smtproutes", NULL, EISDIR },
	{ "", "control/smtproutes", "!@:r:0\n", EINVAL },
	{ "", "control/smtproutes", "!@:r|u|p|q\n", EINVAL },
	{ "a@x.test", "control/smtproutes", "!@:r:0\n", 0 },
};

START_TEST(each_fault)
{
	home_file(faults[_i].name, faults[_i].text);
	ck_assert_int_eq(find_for(faults[_i].sender, "b.test"),
	    faults[_i].error == 0 ? OK : TEMPFAIL);
	if (faults[_i].error == 0)
		return;
	ck_assert_int_eq(strncmp(control.failed, faults[_i].name,
	    strlen(faults[_i].name)), 0);
	ck_assert_int_eq(control.error, faults[_i].error);
}
END_TEST

/* A password that all may read; a route without one is no secret. */
static const struct {
	const char *name, *text;
	mode_t mode;
	int is_exposed;
} modes[] = {
	{ "control/smtproutes", ":r|u|p\n",	0644, 1 },
	{ "control/smtproutes", ":r|u|p\n",	0604, 1 },
	{ "control/smtproutes", ":r|u|p\n",	0640, 0 },
	{ "control/smtproutes", ":r|u|p\n",	0600, 0 },
	{ "control/smtproutes", ":r\n",		0644, 0 },
	{ "control/smtproutes", ":r\nz.test:r|u|p\n", 0644, 0 },
	{ "control/authsenders", ":r|u|p\n",	0644, 1 },
	{ "control/authsenders", ":r|u|p\n",	0640, 0 },
	{ "control/authsenders", "@z.test:r|u|p\n", 0644, 0 },
};

START_TEST(each_mode)
{
	home_file(modes[_i].name, modes[_i].text);
	ck_assert_int_eq(chmod(modes[_i].name, modes[_i].mode), 0);
	ck_assert_int_eq(find("b.test"), OK);
	ck_assert_int_eq(route.is_exposed, modes[_i].is_exposed);
}
END_TEST

/* The lines that route_check() finds, up to line 0. */
static const struct {
	enum route_form form;
	const char *file;
	unsigned found[4];
} checks[] = {
	{ ROUTE_BY_HOST, "", { 0 } },
	{ ROUTE_BY_HOST, "#a\n\na.test:r:25\n:\n", { 0 } },
	{ ROUTE_BY_HOST, "a.test:r:x\n#:0\nb.test\n:r\n:[::1",
	    { 1, 5, 0 } },
	{ ROUTE_BY_HOST, "a.test:r|u|p\n.b:r|u\nb:|u|p\n",
	    { 2, 3, 0 } },
	{ ROUTE_BY_SENDER, "a@x.test:r|u|p\na:b@x.test:r|u|p\n:r\n",
	    { 0 } },
	{ ROUTE_BY_SENDER, "a@x.test\n@x.test:r|u|p|\n",
	    { 2, 0 } },
	{ ROUTE_SETTINGS, "relay=a\n# port=0\nport=25\n", { 0 } },
	{ ROUTE_SETTINGS, "relay=a\nhost=b\nport=0 # none\nport=1",
	    { 2, 3, 0 } },
};

START_TEST(each_check)
{
	stralloc file = { 0 };
	unsigned number = 0;
	size_t i = 0;

	ck_assert_int_eq(stralloc_copys(&file, checks[_i].file), 1);
	do {
		ck_assert_int_eq(route_check(&file, checks[_i].form, number,
		    &number), checks[_i].found[i] != 0 ? PERMFAIL : OK);
		ck_assert_uint_eq(number, checks[_i].found[i]);
	} while (checks[_i].found[i++] != 0);
	stralloc_free(&file);
}
END_TEST

SUITE("route",
    { each_check, ROWS(checks), home_make, end },
    { each_line, ROWS(rows), home_make, end },
    { each_odd_line, ROWS(odd), home_make, end },
    { odd_line_of_others, 1, home_make, end },
    { each_folder, ROWS(folders), home_make, end },
    { each_odd_file, ROWS(odd_files), home_make, end },
    { addresses_of_file, 1, home_make, end },
    { each_certificate, 3, home_make, end },
    { each_path, ROWS(paths), home_make, end },
    { longest_host, 2, home_make, end },
    { each_sender, ROWS(senders), home_make, end },
    { each_fault, ROWS(faults), home_make, end },
    { each_mode, ROWS(modes), home_make, end })
