#include "session/session.h"

#include <errno.h>

#include "../capture.h"
#include "../suite.h"
#include "smtp/extension.h"
#include "smtp/sasl.h"

static const struct {
	const char *me, *local_host, *greeting, *name;
} names[] = {
	{ "mx.test",	"local.test",	"hi there",	"mx.test" },
	{ "",		"local.test",	"hi there",	"local.test" },
	{ "",		"",		"hi there",	"hi there" },
	{ "",		NULL,		"hi there",	"hi there" },
	{ "",		NULL,		"",		"unknown" },
	{ "mx.test",	NULL,		"",		"mx.test" },
};

START_TEST(each_name)
{
	struct config config = { .queue = "" };
	struct session session = { .config = &config };

	ck_assert(stralloc_copys(&config.me, names[_i].me));
	ck_assert(stralloc_0(&config.me));
	ck_assert(stralloc_copys(&config.greeting, names[_i].greeting));
	ck_assert(stralloc_0(&config.greeting));
	session.peer.local_host = names[_i].local_host;
	ck_assert_str_eq(session_name(&session), names[_i].name);
	config_free(&config);
}
END_TEST

/* Every octet of a mail is gone with it, and nothing else is. */
START_TEST(reset_forgets_the_mail)
{
	static const struct transaction nothing;
	struct session session;
	struct transaction *mail = &session.mail;
	const char *rest;
	size_t len;
	enum path_fault fault;

	memset(&session, 0, sizeof session);
	session.relay = RELAY_ADDRESS;
	session.state = AT_RCPT;
	session.totals.mails = 3;
	ck_assert(stralloc_copys(&session.helo, "a.test"));
	memset(mail, 0x5a, sizeof *mail);
	memset(&mail->reverse_path, 0, sizeof mail->reverse_path);
	memset(&mail->forward_path, 0, sizeof mail->forward_path);
	memset(&mail->envelope, 0, sizeof mail->envelope);
	memset(&mail->user, 0, sizeof mail->user);
	mail->user.existence = USER_REFUSED;
	ck_assert(stralloc_copys(&mail->user.text, "no") &&
	    stralloc_copys(&mail->user.noted, "/home") &&
	    stralloc_copys(&mail->user.user_folder, "/home/c") &&
	    stralloc_copys(&mail->user.domain_folder, "/home"));
	memset(&mail->asked, 0, sizeof mail->asked);
	ck_assert_int_eq(path_parse("<a@b>", 5, 0, &mail->reverse_path, &rest,
	    &len, &fault), OK);
	ck_assert_int_eq(path_parse("<c@d>", 5, 0, &mail->forward_path, &rest,
	    &len, &fault), OK);
	ck_assert(stralloc_copyb(&mail->envelope, "Tc@d", 5));
	ck_assert_int_eq(session_ask(&session, &mail->reverse_path.mailbox),
	    OK);
	ck_assert_uint_gt(mail->asked.len, 1);
	session_reset(&session);
	ck_assert_mem_eq(mail, &nothing, sizeof nothing);
	assert_holds(&session.helo, "a.test");
	ck_assert_int_eq(session.relay, RELAY_ADDRESS);
	ck_assert_int_eq(session.state, AT_RCPT);
	ck_assert_uint_eq(session.totals.mails, 3);
	/* Twice is no harm, nor is it after the end. */
	session_reset(&session);
	session_free(&session);
	session_free(&session);
}
END_TEST

/* What RCPT asks for has a bound. */
START_TEST(asked_is_bounded)
{
	struct session session;
	stralloc mailbox = { 0 };
	size_t before = 0;
	int i;

	memset(&session, 0, sizeof session);
	ck_assert(stralloc_copys(&mailbox, "a@b"));
	for (i = 0; !session.mail.asked_is_cut; i++) {
		before = session.mail.asked.len;
		ck_assert_int_eq(session_ask(&session, &mailbox), OK);
	}
	ck_assert_int_eq(i, SESSION_ASKED / 4 + 1);
	ck_assert_uint_eq(session.mail.asked.len, before);
	ck_assert_mem_eq(session.mail.asked.s, "a@b\0a@b", 8);
	stralloc_free(&mailbox);
	session_free(&session);
}
END_TEST

START_TEST(who_may_relay)
{
	struct session session = { .relay = RELAY_NONE };

	ck_assert_int_eq(session_may_relay(&session), 0);
	ck_assert_str_eq(session_relay_name(&session), "none");
	session.relay = RELAY_ADDRESS;
	ck_assert_int_ne(session_may_relay(&session), 0);
	ck_assert_str_eq(session_relay_name(&session), "address");
	ck_assert_int_eq(session_is_authenticated(&session), 0);
	session.relay = RELAY_CERTIFICATE;
	ck_assert_int_ne(session_may_relay(&session), 0);
	ck_assert_int_ne(session_is_authenticated(&session), 0);
	ck_assert_str_eq(session_relay_name(&session), "certificate");
	session.relay = RELAY_AUTH;
	ck_assert_int_ne(session_may_relay(&session), 0);
	ck_assert_int_ne(session_is_authenticated(&session), 0);
	ck_assert_str_eq(session_relay_name(&session), "auth");
}
END_TEST

/* Submission spares whoever gets beyond MAIL, and grants nothing. */
START_TEST(who_is_spared)
{
	struct config config = { .queue = "" };
	struct session session = { .config = &config };

	ck_assert_int_eq(session_spares_client(&session), 0);
	session.relay = RELAY_AUTH;
	ck_assert_int_ne(session_spares_client(&session), 0);
	session.relay = RELAY_NONE;
	config.auth.is_submission = 1;
	ck_assert_int_ne(session_spares_client(&session), 0);
	ck_assert_int_eq(session_may_relay(&session), 0);
}
END_TEST

/* Whether AUTH is known, and offered at this moment. */
static const struct {
	unsigned mechanisms, extensions;
	int needs_tls;
	const char *tls;
	enum relay relay;
	int knows, offers;
} offers[] = {
	{ 0, EXTENSION_ALL, 0, "TLS",			RELAY_NONE, 0, 0 },
	{ MECHANISM_PLAIN, 0, 0, "TLS",			RELAY_NONE, 0, 0 },
	{ MECHANISM_PLAIN, EXTENSION_ALL, 1, NULL,	RELAY_NONE, 1, 0 },
	{ MECHANISM_PLAIN, EXTENSION_ALL, 1, "TLS",	RELAY_NONE, 1, 1 },
	{ MECHANISM_PLAIN, EXTENSION_AUTH, 0, NULL,	RELAY_NONE, 1, 1 },
	{ MECHANISM_PLAIN, EXTENSION_ALL, 0, NULL,	RELAY_ADDRESS, 1, 1 },
	{ MECHANISM_PLAIN, EXTENSION_ALL, 1, "TLS", RELAY_CERTIFICATE, 1, 1 },
	{ MECHANISM_PLAIN, EXTENSION_ALL, 0, "TLS",	RELAY_AUTH, 1, 0 },
};

START_TEST(each_offer)
{
	struct config config = { .extensions = offers[_i].extensions };
	struct session session = { .config = &config,
	    .peer.tls = offers[_i].tls, .relay = offers[_i].relay };

	config.auth.mechanisms = offers[_i].mechanisms;
	config.auth.needs_tls = offers[_i].needs_tls;
	assert_row(session_is_encrypted(&session) == (offers[_i].tls != NULL));
	assert_row(!session_knows_auth(&session) == !offers[_i].knows);
	assert_row(!session_offers_auth(&session) == !offers[_i].offers);
}
END_TEST

START_TEST(log_names_the_session)
{
	struct session session = { .id = "abc.1", .peer.text = "192.0.2.1" };
	struct control control = { .names = { 0 } };
	struct log_line line;
	char text[LOG_LINE + 1];

	session.control = &control;
	control_refuse(&control, "rcpthosts", EIO);
	capture_start();
	session_log(&session, &line, "end");
	log_end(&line);
	session_log_fault(&session);
	capture_stop(text, sizeof text);
	ck_assert_str_eq(text, "event=end session=abc.1 client=192.0.2.1\n"
	    "event=fault session=abc.1 client=192.0.2.1 "
	    "file=control/rcpthosts reason=\"Input/output error\"\n");
}
END_TEST

SUITE("session",
    { each_name, ROWS(names), NULL, NULL },
    { reset_forgets_the_mail, 1, NULL, NULL },
    { asked_is_bounded, 1, NULL, NULL },
    { who_may_relay, 1, NULL, NULL },
    { who_is_spared, 1, NULL, NULL },
    { each_offer, ROWS(offers), NULL, NULL },
    { log_names_the_session, 1, NULL, NULL })
