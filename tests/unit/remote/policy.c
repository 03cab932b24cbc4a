#include "remote/policy.h"

#include <errno.h>
#include <unistd.h>

#include "../home.h"
#include "../suite.h"
#include "net/tls.h"
#include "remote/policyline.h"

#define FILES	4
#define H8	"0123456789abcdef"
#define HEX	H8 H8 H8 H8
#define C8	"01:23:45:67:89:AB:CD:EF"
#define COLONS	C8 ":" C8 ":" C8 ":" C8
#define LINES	"control/tlspolicy"

static struct control control;
static struct route route;
static struct policy policy;

static void
end(void)
{
	policy_free(&policy);
	route_free(&route);
	control_close(&control);
	home_remove();
}

/* What is asked for; `relay` NULL: by MX. */
struct asked {
	const char *relay, *domain, *host;
	unsigned port;		/* 0: 25 */
	enum { NO_LOGIN, LOGIN, CLEARTEXT, CERTIFICATE, BOTH } of_route;
};

static enum status
find(const struct asked *asked)
{
	memset(&route, 0, sizeof route);
	route.port = asked->port != 0 ? asked->port : SMTP_PORT;
	if (asked->relay != NULL) {
		strcpy(route.source, "control/smtproutes");
		ck_assert(stralloc_copys(&route.relay, asked->relay) &&
		    stralloc_0(&route.relay));
	}
	if (asked->of_route != NO_LOGIN && asked->of_route != CERTIFICATE)
		ck_assert(stralloc_copyb(&route.user, "u", 2) &&
		    stralloc_copyb(&route.password, "p", 2));
	route.is_cleartext = asked->of_route == CLEARTEXT;
	route.wants_certificate = asked->of_route == CERTIFICATE ||
	    asked->of_route == BOTH;
	ck_assert_int_eq(control_open(&control), OK);
	return policy_find(&policy, &control, &route, asked->domain,
	    asked->host);
}

/* Names with a comma behind each. */
static void
assert_names(int _i, const stralloc *names, const char *wanted)
{
	char text[8192];
	size_t i;

	ck_assert_uint_lt(names->len, sizeof text);
	for (i = 0; i < names->len; i++)
		text[i] = names->s[i] != '\0' ? names->s[i] : ',';
	assert_octets(text, names->len, wanted, strlen(wanted));
}

static void
make_files(const char *const *files)
{
	char path[512];
	size_t i;

	for (i = 0; i < FILES && files[i] != NULL; i++) {
		char *slash;

		snprintf(path, sizeof path, "control/%s", files[i]);
		slash = strchr(path + strlen("control/"), '/');
		if (slash != NULL) {
			*slash = '\0';
			mkdir(path, 0755);
			*slash = '/';
		}
		home_file(path, "");
	}
}

#define MX	{ NULL, "x.test", "mx.y.test", 0, NO_LOGIN }
#define SELF	{ NULL, "x.test", "x.test", 0, NO_LOGIN }
#define RELAY	{ "r.z.test", "x.test", "r.z.test", 0, NO_LOGIN }
#define BY(what)	{ "r.z.test", "x.test", "r.z.test", 0, what }
#define PORT(n)	{ "r.z.test", "x.test", "r.z.test", n, NO_LOGIN }
#define DIRECT(name)	{ NULL, name, name, 0, NO_LOGIN }
#define VIA(name)	{ name, "x.test", name, 0, NO_LOGIN }
#define ROUTES	"control/smtproutes"
#define MX_FILE	"tlshosts/mx.y.test.pem"

/* What holds; `text` NULL: there is no tlspolicy. */
static const struct {
	const char *text;
	const char *files[FILES];
	struct asked asked;
	enum policy_level level;
	const char *source;
	unsigned minimum;
	const char *names, *ca;
} rows[] = {
	{ NULL, { 0 }, MX, LEVEL_MAY, "", 0, "", "" },
	{ "", { 0 }, MX, LEVEL_MAY, "", 0, "", "" },
	{ "#:none\n\n", { 0 }, MX, LEVEL_MAY, "", 0, "", "" },
	/* Each level. */
	{ "x.test:none\n", { 0 }, MX, LEVEL_NONE, LINES, 0, "", "" },
	{ "x.test:may\n", { 0 }, MX, LEVEL_MAY, LINES, 0, "", "" },
	{ "x.test:encrypt", { 0 }, MX, LEVEL_ENCRYPT, LINES, 0, "", "" },
	{ "x.test:verify\n", { 0 }, MX, LEVEL_VERIFY, LINES, 0,
	    "x.test,.x.test,", "" },
	{ "x.test:fingerprint sha256=" HEX "\n", { 0 }, MX,
	    LEVEL_FINGERPRINT, LINES, 0, "", "" },
	{ "X.Test: \tENCRYPT\t Minimum=1.2 \n", { 0 }, MX, LEVEL_ENCRYPT,
	    LINES, 0x0303, "", "" },
	/* Settings. */
	{ "x.test:verify names=A.test,.b.test,192.0.2.1,c_d.test "
	    "ca=/etc/ca.pem minimum=1.3\n", { 0 }, MX, LEVEL_VERIFY, LINES,
	    0x0304, "a.test,.b.test,192.0.2.1,c_d.test,", "/etc/ca.pem" },
	{ "x.test:verify names=2001:DB8:0::1,::ffff:192.0.2.1\n", { 0 }, MX,
	    LEVEL_VERIFY, LINES, 0, "2001:db8::1,192.0.2.1,", "" },
	{ "x.test:verify ca=control/ca=1\n", { 0 }, MX, LEVEL_VERIFY, LINES,
	    0, "x.test,.x.test,", "control/ca=1" },
	{ "x.test:may minimum=1.0\n", { 0 }, MX, LEVEL_MAY, LINES, 0x0301,
	    "", "" },
	{ "x.test:may minimum=1.1\n", { 0 }, MX, LEVEL_MAY, LINES, 0x0302,
	    "", "" },
	/* The domain, its parents, then all others; never the host. */
	{ ":may\nx.test:none\n.test:encrypt\n", { 0 }, MX, LEVEL_NONE, LINES,
	    0, "", "" },
	{ ":may\n.test:encrypt\n.x.test:none\n", { 0 }, MX, LEVEL_ENCRYPT,
	    LINES, 0, "", "" },
	{ ".test:may\n.x.test:encrypt\n:none\n", { 0 },
	    DIRECT("a.b.x.test"), LEVEL_ENCRYPT, LINES, 0, "", "" },
	{ "test:none\n:encrypt\n", { 0 }, MX, LEVEL_ENCRYPT, LINES, 0, "",
	    "" },
	{ "mx.y.test:none\n.y.test:none\n", { 0 }, MX, LEVEL_MAY, "", 0, "",
	    "" },
	{ ":encrypt\n", { 0 }, MX, LEVEL_ENCRYPT, LINES, 0, "", "" },
	{ ":verify\n", { 0 }, MX, LEVEL_VERIFY, LINES, 0, "x.test,.x.test,",
	    "" },
	{ "x.test:encrypt\n", { 0 }, DIRECT("x.test."), LEVEL_ENCRYPT, LINES,
	    0, "", "" },
	{ ":encrypt\n", { 0 }, DIRECT(""), LEVEL_ENCRYPT, LINES, 0, "", "" },
	{ ":encrypt\n", { 0 }, DIRECT("."), LEVEL_ENCRYPT, LINES, 0, "", "" },
	/* The last of two lines; lines of others, however odd. */
	{ "x.test:none\nX.TEST:encrypt\n", { 0 }, MX, LEVEL_ENCRYPT, LINES,
	    0, "", "" },
	{ "x.test:what\nx.test:encrypt\n", { 0 }, MX, LEVEL_ENCRYPT, LINES,
	    0, "", "" },
	{ "y.test:what\ny.test encrypt\n[x\n:no\nx.test:may\n", { 0 }, MX,
	    LEVEL_MAY, LINES, 0, "", "" },
	/* A relay: its line, and not the domain's. */
	{ "x.test:none\nr.z.test:encrypt\n", { 0 }, RELAY, LEVEL_ENCRYPT,
	    LINES, 0, "", "" },
	{ "x.test:none\n.z.test:verify\n", { 0 }, RELAY, LEVEL_VERIFY, LINES,
	    0, "r.z.test,", "" },
	{ "x.test:none\n.test:none\n", { 0 }, VIA("relay"), LEVEL_MAY, "", 0,
	    "", "" },
	{ "x.test:none\n:encrypt\n", { 0 }, RELAY, LEVEL_ENCRYPT, LINES, 0,
	    "", "" },
	{ ":verify\n", { 0 }, RELAY, LEVEL_VERIFY, LINES, 0, "r.z.test,",
	    "" },
	/* Addresses, in each form, are compared as such. */
	{ "[192.0.2.1]:verify\n", { 0 }, VIA("[192.0.2.1]"), LEVEL_VERIFY,
	    LINES, 0, "192.0.2.1,", "" },
	{ "[192.0.2.1]:verify\n", { 0 }, VIA("192.0.2.1"), LEVEL_VERIFY,
	    LINES, 0, "192.0.2.1,", "" },
	{ "192.0.2.1:verify\n", { 0 }, VIA("[192.0.2.1]"), LEVEL_VERIFY,
	    LINES, 0, "192.0.2.1,", "" },
	{ "[2001:DB8:0::1]:verify\n", { 0 }, VIA("[2001:db8::1]"),
	    LEVEL_VERIFY, LINES, 0, "2001:db8::1,", "" },
	{ "[2001:db8::1]:verify\n", { 0 }, VIA("2001:DB8::1"), LEVEL_VERIFY,
	    LINES, 0, "2001:db8::1,", "" },
	{ "[2001:db8::1]:none\n[IPv6:2001:db8::1]:verify\n", { 0 },
	    DIRECT("[IPv6:2001:db8::1]"), LEVEL_VERIFY, LINES, 0,
	    "2001:db8::1,", "" },
	{ ":encrypt\n[2001:db8::2]:none\n.1]:none\n", { 0 },
	    VIA("[2001:db8::1]"), LEVEL_ENCRYPT, LINES, 0, "", "" },
	{ ":encrypt\n.1:none\n.2.1:none\n.2.1]:none\n", { 0 },
	    VIA("[192.0.2.1]"), LEVEL_ENCRYPT, LINES, 0, "", "" },
	/* What a route with a login wants. */
	{ NULL, { 0 }, BY(LOGIN), LEVEL_VERIFY, ROUTES, 0, "r.z.test,", "" },
	{ NULL, { 0 }, BY(CLEARTEXT), LEVEL_MAY, "", 0, "", "" },
	{ NULL, { 0 }, BY(CERTIFICATE), LEVEL_ENCRYPT, ROUTES, 0, "", "" },
	{ NULL, { 0 }, BY(BOTH), LEVEL_VERIFY, ROUTES, 0, "r.z.test,", "" },
	{ NULL, { 0 }, { "[::1]", "x.test", "[::1]", 0, LOGIN },
	    LEVEL_VERIFY, ROUTES, 0, "::1,", "" },
	{ "r.z.test:none\n", { 0 }, BY(LOGIN), LEVEL_NONE, LINES, 0, "", "" },
	{ "r.z.test:may\n", { 0 }, BY(CERTIFICATE), LEVEL_MAY, LINES, 0, "",
	    "" },
	{ "x.test:none\n:none\n", { 0 }, BY(LOGIN), LEVEL_VERIFY, ROUTES, 0,
	    "r.z.test,", "" },
	{ ":may minimum=1.3\n", { 0 }, BY(LOGIN), LEVEL_VERIFY, ROUTES,
	    0x0304, "r.z.test,", "" },
	{ ":encrypt\n", { 0 }, BY(LOGIN), LEVEL_VERIFY, ROUTES, 0,
	    "r.z.test,", "" },
	{ ":verify names=n.test ca=c\n", { 0 }, BY(LOGIN), LEVEL_VERIFY,
	    LINES, 0, "n.test,", "c" },
	{ ":verify ca=c\n", { 0 }, BY(CERTIFICATE), LEVEL_VERIFY, LINES, 0,
	    "r.z.test,", "c" },
	{ NULL, { "notlshosts/r.z.test", "notlshosts/x.test",
	    "tlshosts/exhaustivelist" }, BY(LOGIN), LEVEL_VERIFY, ROUTES, 0,
	    "r.z.test,", "" },
	{ NULL, { "tlshosts/r.z.test.pem" }, BY(LOGIN), LEVEL_VERIFY,
	    "control/tlshosts/r.z.test.pem", 0, "r.z.test,",
	    "control/tlshosts/r.z.test.pem" },
	/* Port 465 has no clear text. */
	{ NULL, { 0 }, PORT(465), LEVEL_ENCRYPT, ROUTES, 0, "", "" },
	{ NULL, { 0 }, PORT(587), LEVEL_MAY, "", 0, "", "" },
	{ ":none\n", { 0 }, PORT(465), LEVEL_ENCRYPT, ROUTES, 0, "", "" },
	{ ":may minimum=1.3\n", { 0 }, PORT(465), LEVEL_ENCRYPT, ROUTES,
	    0x0304, "", "" },
	{ ":verify\n", { 0 }, PORT(465), LEVEL_VERIFY, LINES, 0,
	    "r.z.test,", "" },
	{ "r.z.test:may\n", { 0 }, PORT(465), LEVEL_ENCRYPT, ROUTES, 0, "",
	    "" },
	{ "r.z.test:none\n", { 0 }, PORT(465), LEVEL_NONE, LINES, 0, "", "" },
	{ NULL, { "tlshosts/exhaustivelist" }, PORT(465), LEVEL_ENCRYPT,
	    ROUTES, 0, "", "" },
	/* tlshosts. */
	{ NULL, { MX_FILE }, MX, LEVEL_VERIFY, "control/" MX_FILE, 0,
	    "mx.y.test,", "control/" MX_FILE },
	{ NULL, { MX_FILE }, { NULL, "x.test", "MX.Y.Test.", 0, NO_LOGIN },
	    LEVEL_VERIFY, "control/" MX_FILE, 0, "mx.y.test,",
	    "control/" MX_FILE },
	{ NULL, { "tlshosts/x.test.pem" }, MX, LEVEL_MAY, "", 0, "", "" },
	{ NULL, { "tlshosts/mx.y.test" }, MX, LEVEL_MAY, "", 0, "", "" },
	{ NULL, { MX_FILE, "tlshosts/exhaustivelist", "notlshosts/mx.y.test",
	    "notlshosts/x.test" }, MX, LEVEL_VERIFY, "control/" MX_FILE, 0,
	    "mx.y.test,", "control/" MX_FILE },
	{ "x.test:none\n", { MX_FILE }, MX, LEVEL_NONE, LINES, 0, "", "" },
	{ ":encrypt minimum=1.3\n", { MX_FILE }, MX, LEVEL_VERIFY,
	    "control/" MX_FILE, 0x0304, "mx.y.test,", "control/" MX_FILE },
	{ ":none\n", { MX_FILE }, MX, LEVEL_VERIFY, "control/" MX_FILE, 0,
	    "mx.y.test,", "control/" MX_FILE },
	/* A forged name of a host must not choose another certificate. */
	{ ":verify ca=c\n", { MX_FILE }, MX, LEVEL_VERIFY, LINES, 0,
	    "x.test,.x.test,", "c" },
	{ ":fingerprint sha256=" HEX "\n", { MX_FILE }, MX,
	    LEVEL_FINGERPRINT, LINES, 0, "", "" },
	{ ":verify names=n.test ca=c minimum=1.3\n",
	    { "tlshosts/x.test.pem" }, SELF, LEVEL_VERIFY,
	    "control/tlshosts/x.test.pem", 0x0304, "x.test,",
	    "control/tlshosts/x.test.pem" },
	{ ":fingerprint sha256=" HEX "\n", { "tlshosts/r.z.test.pem" },
	    RELAY, LEVEL_VERIFY, "control/tlshosts/r.z.test.pem", 0,
	    "r.z.test,", "control/tlshosts/r.z.test.pem" },
	/* notlshosts, by the host and by the domain. */
	{ NULL, { "notlshosts/mx.y.test" }, MX, LEVEL_NONE,
	    "control/notlshosts/mx.y.test", 0, "", "" },
	{ NULL, { "notlshosts/x.test" }, MX, LEVEL_NONE,
	    "control/notlshosts/x.test", 0, "", "" },
	{ NULL, { "notlshosts/x.test" }, { NULL, "X.test", "mx.y.test", 0,
	    NO_LOGIN }, LEVEL_NONE, "control/notlshosts/x.test", 0, "", "" },
	{ NULL, { "notlshosts/r.z.test" }, RELAY, LEVEL_NONE,
	    "control/notlshosts/r.z.test", 0, "", "" },
	{ NULL, { "notlshosts/x.test" }, RELAY, LEVEL_NONE,
	    "control/notlshosts/x.test", 0, "", "" },
	{ ":may minimum=1.3\n", { "notlshosts/mx.y.test" }, MX, LEVEL_NONE,
	    "control/notlshosts/mx.y.test", 0, "", "" },
	{ "x.test:may\n", { "notlshosts/x.test" }, MX, LEVEL_MAY, LINES, 0,
	    "", "" },
	{ ":encrypt minimum=1.3\n", { "notlshosts/x.test" }, MX, LEVEL_NONE,
	    "control/notlshosts/x.test", 0, "", "" },
	{ ":verify\n", { "notlshosts/r.z.test" }, RELAY, LEVEL_NONE,
	    "control/notlshosts/r.z.test", 0, "", "" },
	/* A forged name must not switch off what all are to have. */
	{ ":encrypt\n", { "notlshosts/mx.y.test" }, MX, LEVEL_ENCRYPT, LINES,
	    0, "", "" },
	{ ":verify\n", { "notlshosts/mx.y.test" }, MX, LEVEL_VERIFY, LINES,
	    0, "x.test,.x.test,", "" },
	{ ":encrypt\n", { "notlshosts/x.test" }, RELAY, LEVEL_ENCRYPT, LINES,
	    0, "", "" },
	{ ":encrypt\n", { "tlshosts/exhaustivelist" }, MX, LEVEL_ENCRYPT,
	    LINES, 0, "", "" },
	/* Only those with a file. */
	{ NULL, { "tlshosts/exhaustivelist" }, MX, LEVEL_NONE,
	    "control/tlshosts/exhaustivelist", 0, "", "" },
	{ NULL, { "tlshosts/exhaustivelist" }, RELAY, LEVEL_NONE,
	    "control/tlshosts/exhaustivelist", 0, "", "" },
	{ ":none\n", { "tlshosts/exhaustivelist" }, MX, LEVEL_NONE, LINES, 0,
	    "", "" },
	/* What is no name leads to no file, wherever it points. */
	{ NULL, { "notlshosts/a", "tlshosts/a", "me.pem", "me" },
	    { NULL, "../me", "../me", 0, NO_LOGIN }, LEVEL_MAY, "", 0, "",
	    "" },
	{ NULL, { "notlshosts/a", "tlshosts/a", "me.pem", "me" },
	    { NULL, "a/../../me", "/etc/passwd", 0, NO_LOGIN }, LEVEL_MAY,
	    "", 0, "", "" },
	{ NULL, { "notlshosts/[192.0.2.1]", "tlshosts/[192.0.2.1].pem" },
	    DIRECT("[192.0.2.1]"), LEVEL_MAY, "", 0, "", "" },
	{ NULL, { "notlshosts/192.0.2.1", "tlshosts/192.0.2.1.pem" },
	    VIA("192.0.2.1"), LEVEL_MAY, "", 0, "", "" },
	{ NULL, { "notlshosts/a", "tlshosts/.pem" }, DIRECT(""), LEVEL_MAY,
	    "", 0, "", "" },
	{ NULL, { "notlshosts/a", "tlshosts/a" }, DIRECT(".."), LEVEL_MAY,
	    "", 0, "", "" },
};

START_TEST(each_policy)
{
	enum status status;

	if (rows[_i].text != NULL)
		home_file(LINES, rows[_i].text);
	make_files(rows[_i].files);
	status = find(&rows[_i].asked);
	ck_assert_msg(status == OK, "row %d: %s", _i, control.failed);
	ck_assert_msg(policy.level == rows[_i].level, "row %d: %s", _i,
	    policy_name(policy.level));
	ck_assert_msg(strcmp(policy.source, rows[_i].source) == 0,
	    "row %d: %s", _i, policy.source);
	assert_row(policy.minimum == rows[_i].minimum);
	assert_names(_i, &policy.names, rows[_i].names);
	ck_assert_str_eq(policy.ca.len > 0 ? policy.ca.s : "", rows[_i].ca);
	assert_row((policy.level == LEVEL_FINGERPRINT) ==
	    (policy.fingerprints.len > 0));
}
END_TEST

/* What stands behind the key and makes no sense. */
static const char *const odd[] = {
	"", ":", ": \t", " encrypt", " :encrypt", ":what",
	":encrypted", ":encrypt\r", ":encrypt,may", ":none may",
	":minimum=1.2", ":encrypt encrypt", ":encrypt what=1",
	":encrypt minimum", ":encrypt minimum=", ":encrypt minimum=1",
	":encrypt minimum=1.4", ":encrypt minimum=1.20", ":encrypt minimum=3",
	":encrypt minimum=TLSv1.2", ":encrypt minimum=1.2 minimum=1.3",
	":encrypt =1.2", ":encrypt # all", ":none minimum=1.2",
	":none names=a.test", ":may ca=c", ":may names=a.test",
	":encrypt ca=c", ":encrypt names=a.test",
	":fingerprint sha256=" HEX " ca=c",
	":fingerprint sha256=" HEX " names=a.test",
	":verify sha256=" HEX, ":encrypt sha256=" HEX,
	":verify names", ":verify names=", ":verify names=,",
	":verify names=a.test,", ":verify names=,a.test",
	":verify names=a.test,,b.test", ":verify names=a.test, b.test",
	":verify names=.", ":verify names=..a.test", ":verify names=*.a.test",
	":verify names=a.test.", ":verify names=a\001b",
	":verify names=fe80::1%lo", ":verify names=[192.0.2.1]", ":verify names=.192.0.2.1.",
	":verify names=a.test names=b.test", ":verify ca=",
	":verify ca=a ca=b", ":verify ca=a\001b", ":verify ca=a\177",
	":verify CA", ":fingerprint", ":fingerprint minimum=1.2",
	":fingerprint sha256", ":fingerprint sha256=",
	":fingerprint sha256=" HEX ",", ":fingerprint sha256=," HEX,
	":fingerprint sha256=" HEX "," HEX "0",
	":fingerprint sha256=" HEX " sha256=" HEX,
	":fingerprint sha256=" HEX HEX, ":fingerprint sha256=" H8 H8 H8,
	":fingerprint sha256=" H8 H8 H8 "0123456789abcde",
	":fingerprint sha256=" H8 H8 H8 "0123456789abcdeg",
	":fingerprint sha256=" H8 H8 H8 "0123456789abcd:f",
	":fingerprint sha256=" C8 ":" C8 ":" C8,
	":fingerprint sha256=" COLONS ":",
	":fingerprint sha256=:" COLONS,
	":fingerprint sha256=" C8 ":" C8 ":" C8 "-" C8,
	":fingerprint sha256=" C8 ":" C8 ":" C8 "::" C8,
	":fingerprint sha1=" HEX, ":fingerprint sha256:" HEX,
};

/* For the mail that it is for, and for who looks at all lines. */
START_TEST(each_odd_line)
{
	static const struct asked asked = MX;
	char text[512];
	stralloc file = { 0 };
	unsigned number = 9;

	snprintf(text, sizeof text, "# all\n:may\nx.test%s\ny.test:may\n",
	    odd[_i]);
	home_file(LINES, text);
	assert_row(find(&asked) == TEMPFAIL);
	ck_assert_str_eq(control.failed, LINES " line 3");
	ck_assert_int_eq(control.error, EINVAL);
	ck_assert_int_eq(stralloc_copys(&file, text), 1);
	assert_row(policy_check(&file, 0, &number) == PERMFAIL);
	ck_assert_uint_eq(number, 3);
	assert_row(policy_check(&file, 3, &number) == OK);
	ck_assert_uint_eq(number, 0);
	stralloc_free(&file);
}
END_TEST

/* Keys that no mail is ever asked for by. */
static const struct {
	const char *key;
	int is_valid;
} keys[] = {
	{ "", 1 }, { "test", 1 }, { "x.test", 1 }, { ".x.test", 1 },
	{ "X_y.Test", 1 }, { "192.0.2.1", 1 }, { "[192.0.2.1]", 1 },
	{ "[::1]", 1 }, { "[IPv6:2001:db8::1]", 1 }, { "[IPv6:::1]", 1 },
	{ ".", 0 }, { "..x", 0 }, { "x.test.", 0 }, { "*.x.test", 0 },
	{ "*", 0 }, { "x/y", 0 }, { "a@x.test", 0 }, { "@x.test", 0 },
	{ "[]", 0 }, { "[", 0 }, { "[x.test]", 0 }, { "[192.0.2.1", 0 },
	{ "[192.0.2]", 0 }, { "[192.0.2.1]x", 0 }, { "[fe80::1%lo]", 0 },
	{ ".[192.0.2.1]", 0 }, { "[IPv6:192.0.2.1]", 0 }, { "::1", 0 },
	{ "x\303\244.test", 0 }, { " x.test", 0 },
};

START_TEST(each_key)
{
	stralloc file = { 0 };
	unsigned number = 9;

	ck_assert_int_eq(stralloc_copym(&file, keys[_i].key, ":may\n"), 1);
	assert_row(policy_check(&file, 0, &number) ==
	    (keys[_i].is_valid ? OK : PERMFAIL));
	ck_assert_uint_eq(number, !keys[_i].is_valid);
	stralloc_free(&file);
}
END_TEST

/* A line that lacks its key's end is of the host all the same. */
START_TEST(keyless)
{
	static const struct asked asked = RELAY;

	home_file(LINES, "[::1\n encrypt\n");
	ck_assert_int_eq(find(&asked), TEMPFAIL);
	ck_assert_str_eq(control.failed, LINES " line 2");
}
END_TEST

/* As many as there may be, and one more. */
static void
add_many(stralloc *line, const char *item, unsigned count)
{
	for (; count > 0; count--)
		ck_assert_int_eq(stralloc_catm(line, item,
		    count > 1 ? "," : "\n"), 1);
}

static const struct {
	const char *begin, *item;
	unsigned most;
} bounds[] = {
	{ ":verify names=", "x.test", POLICY_NAMES },
	{ ":fingerprint sha256=", HEX, POLICY_FINGERPRINTS },
	{ ":fingerprint sha256=", COLONS, POLICY_FINGERPRINTS },
};

START_TEST(each_bound)
{
	static const struct asked asked = MX;
	stralloc line = { 0 };
	unsigned number;

	ck_assert_int_eq(stralloc_copys(&line, bounds[_i].begin), 1);
	add_many(&line, bounds[_i].item, bounds[_i].most);
	home_octets(LINES, line.s, line.len);
	ck_assert_int_eq(find(&asked), OK);
	if (policy.level == LEVEL_FINGERPRINT) {
		static const unsigned char eighth[] = {
			0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef };

		ck_assert_uint_eq(policy.fingerprints.len,
		    POLICY_FINGERPRINTS * RECORD_DIGEST);
		ck_assert_mem_eq(policy.fingerprints.s, eighth, 8);
		ck_assert_mem_eq(policy.fingerprints.s +
		    policy.fingerprints.len - 8, eighth, 8);
	} else
		ck_assert_uint_eq(policy.names.len, POLICY_NAMES *
		    sizeof "x.test");
	ck_assert_int_eq(stralloc_copys(&line, bounds[_i].begin), 1);
	add_many(&line, bounds[_i].item, bounds[_i].most + 1);
	ck_assert_int_eq(policy_check(&line, 0, &number), PERMFAIL);
	stralloc_free(&line);
}
END_TEST

START_TEST(longest_ca)
{
	char text[POLICY_CA + 32] = ":verify ca=";
	size_t begin = strlen(text), len = POLICY_CA + (size_t)_i;
	stralloc file = { 0 };
	unsigned number;

	memset(text + begin, 'c', len);
	ck_assert_int_eq(stralloc_copyb(&file, text, begin + len), 1);
	ck_assert_int_eq(policy_check(&file, 0, &number), _i == 0 ? OK :
	    PERMFAIL);
	stralloc_free(&file);
}
END_TEST

/* 255 octets; a file whose name is too long cannot be there. */
#define LABEL "a23456789012345678901234567890123456789012345678901234567890123"
#define LONG	LABEL "." LABEL "." LABEL "." LABEL

START_TEST(longest_host)
{
	static const struct asked asked = DIRECT(LONG);

	ck_assert_int_eq(mkdir("control/tlshosts", 0755), 0);
	ck_assert_int_eq(mkdir("control/notlshosts", 0755), 0);
	if (_i == 1)
		home_file("control/notlshosts/" LONG, "");
	ck_assert_int_eq(find(&asked), OK);
	ck_assert_int_eq(policy.level, _i == 1 ? LEVEL_NONE : LEVEL_MAY);
}
END_TEST

/* Names that no certificate can have: the mail waits. */
static const struct asked nameless[] = {
	DIRECT(""), DIRECT("x y"), DIRECT("../x"), DIRECT(LONG),
	VIA("r\303\244.test"), VIA("[what]"),
};

START_TEST(each_nameless)
{
	home_file(LINES, ":verify\n");
	assert_row(find(&nameless[_i]) == TEMPFAIL);
	ck_assert_str_eq(control.failed, LINES);
	ck_assert_int_eq(control.error, EINVAL);
}
END_TEST

/* Files that cannot be read are not absent; `to` NULL: a folder. */
static const struct {
	const char *path, *to;
	struct asked asked;
	const char *failed;
	int error;
} unreadable[] = {
	{ LINES, NULL, MX, LINES, EISDIR },
	{ LINES, "nowhere", MX, LINES, ENOENT },
	{ LINES, "tlspolicy", MX, LINES, ELOOP },
	{ "control/tlshosts", "nowhere", MX, "control/" MX_FILE, ENOENT },
	{ "control/tlshosts", "tlshosts", MX, "control/" MX_FILE, ELOOP },
	{ "control/tlshosts", "../file", MX, "control/" MX_FILE, ENOTDIR },
	{ "control/tlshosts", "nowhere", DIRECT("[::1]"),
	    "control/tlshosts/exhaustivelist", ENOENT },
	{ "control/" MX_FILE, NULL, MX, "control/" MX_FILE, EISDIR },
	{ "control/" MX_FILE, "nowhere", MX, "control/" MX_FILE, ENOENT },
	{ "control/" MX_FILE, "mx.y.test.pem", MX, "control/" MX_FILE,
	    ELOOP },
	{ "control/tlshosts/exhaustivelist", NULL, MX,
	    "control/tlshosts/exhaustivelist", EISDIR },
	{ "control/tlshosts/exhaustivelist", "nowhere", MX,
	    "control/tlshosts/exhaustivelist", ENOENT },
	{ "control/notlshosts", "nowhere", MX, "control/notlshosts/x.test",
	    ENOENT },
	{ "control/notlshosts", "../file", MX, "control/notlshosts/x.test",
	    ENOTDIR },
	{ "control/notlshosts/x.test", NULL, MX,
	    "control/notlshosts/x.test", EISDIR },
	{ "control/notlshosts/mx.y.test", "nowhere", MX,
	    "control/notlshosts/mx.y.test", ENOENT },
};

START_TEST(each_unreadable)
{
	const char *path = unreadable[_i].path;
	char folder[256];

	strcpy(folder, path);
	*strrchr(folder, '/') = '\0';
	mkdir(folder, 0755);
	home_file("file", "");
	if (unreadable[_i].to != NULL)
		ck_assert_int_eq(symlink(unreadable[_i].to, path), 0);
	else
		home_file(path, NULL);
	assert_row(find(&unreadable[_i].asked) == TEMPFAIL);
	ck_assert_str_eq(control.failed, unreadable[_i].failed);
	ck_assert_int_eq(control.error, unreadable[_i].error);
}
END_TEST

START_TEST(check_all)
{
	static const struct {
		unsigned after, number;
	} steps[] = { { 0, 2 }, { 2, 3 }, { 3, 6 }, { 6, 0 }, { 9, 0 } };
	static const char text[] = "x.test:may\nx.test\n*:may\n# no\n\n"
	    "y:encrypt ca=c\n:none";
	stralloc file = { 0 };
	unsigned number = 9;
	size_t i;

	ck_assert_int_eq(stralloc_copys(&file, text), 1);
	for (i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		ck_assert_int_eq(policy_check(&file, steps[i].after,
		    &number), steps[i].number != 0 ? PERMFAIL : OK);
		ck_assert_uint_eq(number, steps[i].number);
	}
	stralloc_free(&file);
}
END_TEST

SUITE("policy",
    { check_all, 1, home_make, end },
    { each_policy, ROWS(rows), home_make, end },
    { each_odd_line, ROWS(odd), home_make, end },
    { each_key, ROWS(keys), home_make, end },
    { keyless, 1, home_make, end },
    { each_bound, ROWS(bounds), home_make, end },
    { longest_ca, 2, home_make, end },
    { longest_host, 2, home_make, end },
    { each_nameless, ROWS(nameless), home_make, end },
    { each_unreadable, ROWS(unreadable), home_make, end })
