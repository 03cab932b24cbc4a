#include "remote/config.h"

#include <errno.h>
#include <stddef.h>

#include "../home.h"
#include "../suite.h"

static struct control control;
static struct config config;

static void
end(void)
{
	remote_config_free(&config);
	control_close(&control);
	home_remove();
}

static enum status
read_config(void)
{
	ck_assert_int_eq(control_open(&control), OK);
	return remote_config_read(&config, &control);
}

START_TEST(defaults)
{
	home_file("control/me", "mx.test\n");
	ck_assert_int_eq(read_config(), OK);
	ck_assert_str_eq(config.helohost.s, "mx.test");
	ck_assert_uint_eq(config.connect_s, 60);
	ck_assert_uint_eq(config.timeout_s, 1200);
	ck_assert_int_eq(config.from4.family, 0);
	ck_assert_int_eq(config.from6.family, 0);
	ck_assert_int_eq(config.family, 0);
	ck_assert_int_eq(config.moreipme.found, 0);
	ck_assert_int_eq(config.notipme.found, 0);
	ck_assert_uint_eq(config.tls_ciphers.len, 0);
	ck_assert_uint_eq(config.tls_minimum, 0);
}
END_TEST

static const struct {
	const char *me, *helohost;	/* NULL: absent */
	const char *name;		/* NULL: TEMPFAIL */
	const char *failed;
	int error;
} names[] = {
	{ "mx.test\n",	NULL,		"mx.test",	NULL, 0 },
	{ "mx.test",	NULL,		"mx.test",	NULL, 0 },
	{ "mx.test\n",	"out.test \t\n", "out.test",	NULL, 0 },
	{ NULL,		"out.test\n",	"out.test",	NULL, 0 },
	{ "mx.test\nx\n", NULL,		"mx.test",	NULL, 0 },
	/* What would break the line stays off the wire. */
	{ "mx.test\r\n", NULL,		"mx.test?",	NULL, 0 },
	{ "mx\033\303\244\n", NULL,	"mx???",	NULL, 0 },
	{ NULL,		NULL,		NULL,	"control/me", ENOENT },
	/* EHLO without a name is refused everywhere. */
	{ "mx.test\n",	"",		NULL,	"control/helohost", EINVAL },
	{ "mx.test\n",	" \n",		NULL,	"control/helohost", EINVAL },
};

START_TEST(each_name)
{
	if (names[_i].me != NULL)
		home_file("control/me", names[_i].me);
	if (names[_i].helohost != NULL)
		home_file("control/helohost", names[_i].helohost);
	if (names[_i].name == NULL) {
		ck_assert_int_eq(read_config(), TEMPFAIL);
		ck_assert_str_eq(control.failed, names[_i].failed);
		ck_assert_int_eq(control.error, names[_i].error);
		return;
	}
	ck_assert_int_eq(read_config(), OK);
	ck_assert_str_eq(config.helohost.s, names[_i].name);
}
END_TEST

#define NUMBER(field)	offsetof(struct config, field)

static const struct {
	const char *file, *text;
	size_t field;
	unsigned number;
} numbers[] = {
	{ "timeoutconnect", "5\n",		NUMBER(connect_s), 5 },
	{ "timeoutconnect", "5 s\n",		NUMBER(connect_s), 5 },
	{ "timeoutconnect", "none\n",		NUMBER(connect_s), 60 },
	{ "timeoutconnect", "",			NUMBER(connect_s), 60 },
	/* No wait at all would let no connection succeed. */
	{ "timeoutconnect", "0\n",		NUMBER(connect_s), 1 },
	{ "timeoutconnect", "99999999999\n",	NUMBER(connect_s), 86400 },
	{ "timeoutremote", "30\n",		NUMBER(timeout_s), 30 },
	{ "timeoutremote", "0\n",		NUMBER(timeout_s), 1 },
	{ "timeoutremote", "-1\n",		NUMBER(timeout_s), 1200 },
	{ "timeoutremote", "99999999999999999999999\n",
	    NUMBER(timeout_s), 86400 },
	{ "ipfamily", "4\n",			NUMBER(family), 4 },
	{ "ipfamily", "6 \n",			NUMBER(family), 6 },
	{ "ipfamily", "any\n",			NUMBER(family), 0 },
	{ "ipfamily", "Any\n",			NUMBER(family), 0 },
	{ "ipfamily", "",			NUMBER(family), 0 },
	{ "tlsclientminimum", "1.0\n",		NUMBER(tls_minimum), 0x0301 },
	{ "tlsclientminimum", "1.2 \n",		NUMBER(tls_minimum), 0x0303 },
	{ "tlsclientminimum", "1.3",		NUMBER(tls_minimum), 0x0304 },
	{ "tlsclientminimum", "\n",		NUMBER(tls_minimum), 0 },
	{ "tlsclientminimum", "",		NUMBER(tls_minimum), 0 },
};

START_TEST(each_number)
{
	char path[64] = "control/";
	unsigned number;

	home_file("control/me", "mx.test\n");
	home_file(strcat(path, numbers[_i].file), numbers[_i].text);
	ck_assert_int_eq(read_config(), OK);
	memcpy(&number, (const char *)&config + numbers[_i].field,
	    sizeof number);
	ck_assert_uint_eq(number, numbers[_i].number);
}
END_TEST

/* The address that we connect from. */
static const struct {
	const char *file, *text;
	const char *address;	/* "" : none */
} sources[] = {
	{ "outgoingip", "192.0.2.1\n",		"192.0.2.1" },
	{ "outgoingip", "192.0.2.1  \n# x\n",	"192.0.2.1" },
	{ "outgoingip", "0.0.0.0\n",		"0.0.0.0" },
	{ "outgoingip", "\n",			"" },
	{ "outgoingip", "",			"" },
	{ "outgoingip6", "2001:db8::1\n",	"2001:db8::1" },
	{ "outgoingip6", "::\n",		"::" },
};

START_TEST(each_source)
{
	int is_ipv6 = strcmp(sources[_i].file, "outgoingip6") == 0;
	const struct address *seen = is_ipv6 ? &config.from6 : &config.from4;
	char path[64] = "control/", text[ADDRESS_TEXT];

	home_file("control/me", "mx.test\n");
	home_file(strcat(path, sources[_i].file), sources[_i].text);
	ck_assert_int_eq(read_config(), OK);
	address_print(seen, text);
	ck_assert_str_eq(text, sources[_i].address[0] != '\0' ?
	    sources[_i].address : "unknown");
	ck_assert_int_eq((is_ipv6 ? config.from4 : config.from6).family, 0);
}
END_TEST

/* A file that is there and makes no sense defers mail and is named. */
static const struct {
	const char *file, *text;	/* NULL: a folder */
	int error;
} odd[] = {
	{ "helohost",		NULL,			EISDIR },
	{ "timeoutconnect",	NULL,			EISDIR },
	{ "timeoutremote",	NULL,			EISDIR },
	{ "outgoingip",		NULL,			EISDIR },
	{ "outgoingip6",	NULL,			EISDIR },
	{ "ipfamily",		NULL,			EISDIR },
	{ "moreipme",		NULL,			EISDIR },
	{ "notipme",		NULL,			EISDIR },
	{ "outgoingip",		"mx.test\n",		EINVAL },
	{ "outgoingip",		"192.0.2\n",		EINVAL },
	{ "outgoingip",		"2001:db8::1\n",	EINVAL },
	{ "outgoingip6",	"192.0.2.1\n",		EINVAL },
	{ "outgoingip6",	"::ffff:192.0.2.1\n",	EINVAL },
	{ "ipfamily",		"5\n",			EINVAL },
	{ "ipfamily",		"46\n",			EINVAL },
	{ "ipfamily",		"ipv4\n",		EINVAL },
	{ "tlsclientciphers",	NULL,			EISDIR },
	{ "tlsclientminimum",	NULL,			EISDIR },
	{ "tlsclientminimum",	"1\n",			EINVAL },
	{ "tlsclientminimum",	"1.4\n",		EINVAL },
	{ "tlsclientminimum",	"2.2\n",		EINVAL },
	{ "tlsclientminimum",	"TLSv1.2\n",		EINVAL },
	{ "tlsclientminimum",	"1.2 1.3\n",		EINVAL },
};

START_TEST(each_odd_file)
{
	char path[64] = "control/";

	home_file("control/me", "mx.test\n");
	home_file(strcat(path, odd[_i].file), odd[_i].text);
	ck_assert_int_eq(read_config(), TEMPFAIL);
	ck_assert_str_eq(control.failed, path);
	ck_assert_int_eq(control.error, odd[_i].error);
}
END_TEST

START_TEST(own_addresses)
{
	home_file("control/me", "mx.test\n");
	home_file("control/moreipme", "192.0.2.1\n# x\n2001:DB8::1\n");
	home_file("control/notipme", "192.0.2.2\n");
	ck_assert_int_eq(read_config(), OK);
	ck_assert_int_eq(list_has(&config.moreipme, "192.0.2.1", 9), 1);
	ck_assert_int_eq(list_has(&config.moreipme, "2001:db8::1", 11), 1);
	ck_assert_int_eq(list_has(&config.moreipme, "192.0.2.2", 9), 0);
	ck_assert_int_eq(list_has(&config.notipme, "192.0.2.2", 9), 1);
}
END_TEST

/* Lines of ciphers become one list. */
static const struct {
	const char *text;
	const char *ciphers;	/* NULL: none */
} ciphers[] = {
	{ "HIGH\n",			"HIGH" },
	{ "HIGH:!aNULL",		"HIGH:!aNULL" },
	{ "# mine\nA  \n\n\t\nB:C\n",	"A:B:C" },
	{ "TLS_AES_128_GCM_SHA256\nA\n", "TLS_AES_128_GCM_SHA256:A" },
	{ "",				NULL },
	{ "\n# HIGH\n",			NULL },
};

START_TEST(each_cipher)
{
	home_file("control/me", "mx.test\n");
	home_file("control/tlsclientciphers", ciphers[_i].text);
	ck_assert_int_eq(read_config(), OK);
	if (ciphers[_i].ciphers == NULL)
		ck_assert_uint_eq(config.tls_ciphers.len, 0);
	else
		ck_assert_str_eq(config.tls_ciphers.s, ciphers[_i].ciphers);
}
END_TEST

SUITE("config",
    { defaults, 1, home_make, end },
    { each_name, ROWS(names), home_make, end },
    { each_number, ROWS(numbers), home_make, end },
    { each_source, ROWS(sources), home_make, end },
    { each_odd_file, ROWS(odd), home_make, end },
    { each_cipher, ROWS(ciphers), home_make, end },
    { own_addresses, 1, home_make, end })
