#include "smtpd/permit.h"

#include "../home.h"
#include "../suite.h"

static struct control control;
static struct session session;

static void
begin(void)
{
	home_make();
	memset(&session, 0, sizeof session);
	session.control = &control;
}

static void
end(void)
{
	session_free(&session);
	control_close(&control);
	home_remove();
}

/* Empty is set: RELAYCLIENT grants by being there. */
static const struct {
	const char *environment[1];
	enum relay relay;
	const char *suffix;
} clients[] = {
	{ { NULL },			RELAY_NONE, NULL },
	{ { "RELAYCLIENT=" },		RELAY_ADDRESS, "" },
	{ { "RELAYCLIENT=@fax.test" },	RELAY_ADDRESS, "@fax.test" },
	{ { "RELAYCLIENTS=" },		RELAY_NONE, NULL },
};

START_TEST(each_client)
{
	home_environment(clients[_i].environment, 1);
	permit_client(&session);
	ck_assert_int_eq(session.relay, clients[_i].relay);
	if (clients[_i].suffix == NULL)
		ck_assert_ptr_null(session.relay_suffix);
	else
		ck_assert_str_eq(session.relay_suffix, clients[_i].suffix);
}
END_TEST

#define TRUST	RELAY_ADDRESS

static const struct {
	const char *rcpthosts;	/* NULL: absent */
	enum relay relay;
	const char *path;
	int permitted;
} paths[] = {
	{ "example.org\n",	0,	"<joe@example.org>",	1 },
	{ "example.org\n",	0,	"<joe@Example.Org>",	1 },
	{ "example.org\n",	0,	"<joe@example.com>",	0 },
	{ "example.org\n",	TRUST,	"<joe@example.com>",	1 },
	{ ".example.org\n",	0,	"<joe@a.example.org>",	1 },
	{ ".example.org\n",	0,	"<joe@example.org>",	0 },
	/* Only the last `@` counts, and a route or quoting hides nothing. */
	{ "example.org\n",	0,	"<\"joe@example.org\"@example.com>", 0 },
	{ "example.org\n",	0,	"<joe%example.com@example.org>", 1 },
	{ "example.org\n",	0,	"<@example.org:joe@example.com>", 0 },
	{ "example.org\n",	0,	"<joe@[192.0.2.1]>",	0 },
	{ "example.org\n",	0,	"<postmaster>",		1 },
	/* No rcpthosts: strangers are refused, unlike in stock qmail. */
	{ NULL,			0,	"<joe@example.org>",	0 },
	{ NULL,			0,	"<postmaster>",		1 },
	{ NULL,			TRUST,	"<joe@example.org>",	1 },
	{ "",			0,	"<joe@example.org>",	0 },
	{ "\n#example.org\n",	0,	"<joe@example.org>",	0 },
};

START_TEST(each_path)
{
	struct path *path = &session.mail.forward_path;
	const char *rest;
	size_t len;
	enum path_fault fault;
	int permitted = -1;

	if (paths[_i].rcpthosts != NULL)
		home_file("control/rcpthosts", paths[_i].rcpthosts);
	ck_assert_int_eq(control_open(&control), OK);
	session.relay = paths[_i].relay;
	ck_assert_int_eq(path_parse(paths[_i].path, strlen(paths[_i].path), 0,
	    path, &rest, &len, &fault), OK);
	ck_assert_int_eq(permit_forward_path(&session, &permitted), OK);
	ck_assert_int_eq(permitted, paths[_i].permitted);
}
END_TEST

/* Unreadable lists grant nothing, and are not the client's fault. */
START_TEST(unreadable)
{
	struct path *path = &session.mail.forward_path;
	const char *rest;
	size_t len;
	enum path_fault fault;
	int permitted = 1;

	home_file("control/rcpthosts", NULL);
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(path_parse("<a@b>", 5, 0, path, &rest, &len, &fault),
	    OK);
	ck_assert_int_eq(permit_forward_path(&session, &permitted), TEMPFAIL);
	ck_assert_int_eq(permitted, 0);
	ck_assert_str_eq(control.failed, "control/rcpthosts");
}
END_TEST

/* Rows: whether the domain is ours. */
START_TEST(list_was_unreadable)
{
	static const char *const forward_paths[] = { "<a@b>", "<a@c>" };
	struct path *path = &session.mail.forward_path;
	const char *rest;
	size_t len;
	enum path_fault fault;
	int permitted = -1;

	home_file("control/rcpthosts", "c\n");
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(path_parse(forward_paths[_i], 5, 0, path, &rest,
	    &len, &fault), OK);
	session.relay_is_unknown = 1;
	ck_assert_int_eq(permit_forward_path(&session, &permitted),
	    _i == 1 ? OK : PERMFAIL);
	ck_assert_int_eq(permitted, _i);
}
END_TEST

/* A login changes the environment of what comes; one that fails does not. */
START_TEST(each_login)
{
	setenv("TCPREMOTEINFO", "ident", 1);
	if (_i == 2)
		setenv("RELAYCLIENT", "@fax.test", 1);
	if (_i > 0)
		home_file("control/authsenders-allowed", _i == 1 ? NULL :
		    "anna|a@b.test\n");
	ck_assert_int_eq(control_open(&control), OK);
	permit_client(&session);
	ck_assert_int_eq(permit_login(&session, TEXT("anna")),
	    _i == 1 ? TEMPFAIL : OK);
	if (_i == 1) {
		ck_assert_int_eq(session.relay, RELAY_NONE);
		ck_assert_ptr_null(getenv("RELAYCLIENT"));
		ck_assert_str_eq(getenv("TCPREMOTEINFO"), "ident");
		ck_assert_uint_eq(session.user.len, 0);
		return;
	}
	ck_assert_int_eq(session.relay, RELAY_AUTH);
	ck_assert_ptr_null(session.relay_by);
	ck_assert_str_eq(session.user.s, "anna");
	ck_assert_str_eq(getenv("TCPREMOTEINFO"), "anna");
	ck_assert_str_eq(getenv("RELAYCLIENT"), _i == 2 ? "@fax.test" : "");
	ck_assert_int_eq(session.user_is_bound, _i == 2);
	ck_assert_int_eq(permit_sender(&session, TEXT("a@b.test")), 1);
	ck_assert_int_eq(permit_sender(&session, TEXT("x@b.test")), _i != 2);
	ck_assert_int_eq(permit_sender(&session, TEXT("")), 1);
}
END_TEST

/* What a login changed is as it was before; NULL: not set. */
static const struct {
	const char *info, *relayclient, *list;
	enum relay relay;
	const char *by;
} forgotten[] = {
	{ NULL,		NULL,		"",		RELAY_NONE, NULL },
	{ "",		NULL,		"",		RELAY_NONE, NULL },
	{ "ident",	NULL,		"",		RELAY_NONE, NULL },
	{ "ident",	"",		"",		RELAY_ADDRESS,
	    "RELAYCLIENT" },
	{ NULL,		"@fax.test",	"",		RELAY_ADDRESS,
	    "RELAYCLIENT" },
	{ NULL,		NULL,		"192.0.2.1\n",	RELAY_ADDRESS,
	    "relayclients" },
};

static void
assert_variable(const char *name, const char *wanted)
{
	const char *seen = getenv(name);

	if (wanted == NULL)
		ck_assert_ptr_null(seen);
	else {
		ck_assert_ptr_nonnull(seen);
		ck_assert_str_eq(seen, wanted);
	}
}

START_TEST(each_forgotten)
{
	int i;

	if (forgotten[_i].info != NULL)
		setenv("TCPREMOTEINFO", forgotten[_i].info, 1);
	if (forgotten[_i].relayclient != NULL)
		setenv("RELAYCLIENT", forgotten[_i].relayclient, 1);
	home_file("control/relayclients", forgotten[_i].list);
	home_file("control/authsenders-allowed", "anna|a@b.test\n");
	ck_assert_int_eq(address_parse(TEXT("192.0.2.1"),
	    &session.peer.address), OK);
	ck_assert_int_eq(control_open(&control), OK);
	permit_client(&session);
	/* The second time there is nothing to forget. */
	for (i = 0; i < 2; i++) {
		if (i == 0)
			ck_assert_int_eq(permit_login(&session, TEXT("anna")),
			    OK);
		ck_assert_int_eq(permit_forget_login(&session), OK);
		ck_assert_int_eq(session.relay, forgotten[_i].relay);
		if (forgotten[_i].by == NULL)
			ck_assert_ptr_null(session.relay_by);
		else
			ck_assert_str_eq(session.relay_by, forgotten[_i].by);
		ck_assert_uint_eq(session.user.len, 0);
		ck_assert_int_eq(session.user_is_bound, 0);
		ck_assert_int_eq(permit_sender(&session, TEXT("x@b.test")), 1);
		assert_variable("TCPREMOTEINFO", forgotten[_i].info);
		assert_variable("RELAYCLIENT",
		    forgotten[_i].relayclient != NULL ?
		    forgotten[_i].relayclient :
		    forgotten[_i].relay == RELAY_ADDRESS ? "" : NULL);
	}
}
END_TEST

/* Certificates, and who may relay by them; a list "?" cannot be read. */
static const struct {
	enum record_verdict verdict;
	const char *list;	/* NULL: absent */
	const char *identities[2];
	enum relay before, after;
	int is_unknown;
} certificates[] = {
	{ VERDICT_VERIFIED,	"joe@a.test\n", { "joe@a.test" },
	    RELAY_NONE, RELAY_CERTIFICATE, 0 },
	{ VERDICT_VERIFIED,	"x@a.test\nJoe@A.Test\n",
	    { "other", "jOE@a.test" }, RELAY_NONE, RELAY_CERTIFICATE, 0 },
	{ VERDICT_VERIFIED,	"joe@a.test\n", { "joe@a.test" },
	    RELAY_ADDRESS, RELAY_CERTIFICATE, 0 },
	{ VERDICT_ENCRYPTED,	"joe@a.test\n", { "joe@a.test" },
	    RELAY_NONE, RELAY_NONE, 0 },
	{ VERDICT_UNMET,	"joe@a.test\n", { "joe@a.test" },
	    RELAY_NONE, RELAY_NONE, 0 },
	{ VERDICT_DANE,		"joe@a.test\n", { "joe@a.test" },
	    RELAY_NONE, RELAY_NONE, 0 },
	{ 0,			"joe@a.test\n", { "joe@a.test" },
	    RELAY_NONE, RELAY_NONE, 0 },
	{ VERDICT_VERIFIED,	"joe@a.test\n", { "joe@b.test", "oe@a.test" },
	    RELAY_NONE, RELAY_NONE, 0 },
	/* Lines are whole addresses. */
	{ VERDICT_VERIFIED,	"@a.test\na.test\n", { "joe@a.test" },
	    RELAY_NONE, RELAY_NONE, 0 },
	{ VERDICT_VERIFIED,	"joe@a.test\n", { NULL },
	    RELAY_NONE, RELAY_NONE, 0 },
	{ VERDICT_VERIFIED,	"\n", { "" }, RELAY_NONE, RELAY_NONE, 0 },
	{ VERDICT_VERIFIED,	"x@a.test\n", { "joe@a.test" },
	    RELAY_ADDRESS, RELAY_ADDRESS, 0 },
	{ VERDICT_VERIFIED,	NULL, { "joe@a.test" },
	    RELAY_NONE, RELAY_NONE, 0 },
	{ VERDICT_VERIFIED,	"?", { "joe@a.test" },
	    RELAY_NONE, RELAY_NONE, 1 },
	{ VERDICT_VERIFIED,	"?", { "joe@a.test" },
	    RELAY_ADDRESS, RELAY_ADDRESS, 0 },
	{ VERDICT_ENCRYPTED,	"?", { "joe@a.test" },
	    RELAY_NONE, RELAY_NONE, 0 },
};

START_TEST(each_certificate)
{
	struct tls_facts found = { 0 }, *facts = &found;
	const char *list = certificates[_i].list;
	size_t i;

	session.tls = facts;
	if (list != NULL)
		home_file("control/tlsclients", strcmp(list, "?") == 0 ?
		    NULL : list);
	ck_assert_int_eq(control_open(&control), OK);
	facts->verdict = certificates[_i].verdict;
	for (i = 0; i < 2 && certificates[_i].identities[i] != NULL; i++)
		strcpy(facts->identities[facts->identity_count++],
		    certificates[_i].identities[i]);
	session.relay = certificates[_i].before;
	session.relay_suffix = "@fax.test";
	permit_certificate(&session);
	ck_assert_int_eq(session.relay, certificates[_i].after);
	ck_assert_int_eq(session.relay_is_unknown,
	    certificates[_i].is_unknown);
	ck_assert_str_eq(session.relay_suffix, "@fax.test");
	if (session.relay == RELAY_CERTIFICATE)
		ck_assert_str_eq(session.relay_by, "tlsclients");
	else
		ck_assert_ptr_null(session.relay_by);
	assert_variable("RELAYCLIENT",
	    session.relay == RELAY_CERTIFICATE ? "" : NULL);
	session.tls = NULL;
}
END_TEST

SUITE("permit",
    { each_forgotten, ROWS(forgotten), begin, end },
    { each_certificate, ROWS(certificates), begin, end },
    { list_was_unreadable, 2, begin, end },
    { each_login, 3, begin, end },
    { each_client, ROWS(clients), begin, end },
    { each_path, ROWS(paths), begin, end },
    { unreadable, 1, begin, end })
