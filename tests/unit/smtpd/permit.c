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

SUITE("permit",
    { list_was_unreadable, 2, begin, end },
    { each_login, 3, begin, end },
    { each_client, ROWS(clients), begin, end },
    { each_path, ROWS(paths), begin, end },
    { unreadable, 1, begin, end })
