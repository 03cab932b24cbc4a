#include "smtp/command.h"

#include "../suite.h"

static const struct {
	const char *line;
	size_t len;
	enum smtp_verb verb;
	const char *argument;
} lines[] = {
	{ TEXT("EHLO mail.example.org"), VERB_EHLO, "mail.example.org" },
	{ TEXT("HELO a"),		VERB_HELO, "a" },
	{ TEXT("MAIL FROM:<a@b>"),	VERB_MAIL, "FROM:<a@b>" },
	{ TEXT("RCPT TO:<a@b> X=1"),	VERB_RCPT, "TO:<a@b> X=1" },
	{ TEXT("DATA"),			VERB_DATA, "" },
	{ TEXT("RSET"),			VERB_RSET, "" },
	{ TEXT("NOOP anything"),	VERB_NOOP, "anything" },
	{ TEXT("VRFY joe"),		VERB_VRFY, "joe" },
	{ TEXT("EXPN list"),		VERB_EXPN, "list" },
	{ TEXT("HELP"),			VERB_HELP, "" },
	{ TEXT("QUIT"),			VERB_QUIT, "" },
	{ TEXT("quit"),			VERB_QUIT, "" },
	{ TEXT("qUiT"),			VERB_QUIT, "" },
	/* Blanks at the end, and around the argument. */
	{ TEXT("QUIT \t "),		VERB_QUIT, "" },
	{ TEXT("QUIT\t"),		VERB_QUIT, "" },
	{ TEXT("DATA  "),		VERB_DATA, "" },
	{ TEXT("EHLO   a  b\t"),	VERB_EHLO, "a  b" },
	{ TEXT("EHLO \ta"),		VERB_EHLO, "a" },
	/* Only a space ends a verb. */
	{ TEXT("MAIL\tFROM:<a@b>"),	VERB_COUNT, "" },
	{ TEXT("EHLO\ta b"),		VERB_COUNT, "b" },
	{ TEXT(" QUIT"),		VERB_COUNT, "QUIT" },
	{ TEXT("QUITE"),		VERB_COUNT, "" },
	{ TEXT("QUI"),			VERB_COUNT, "" },
	{ TEXT("QUI\0"),		VERB_COUNT, "" },
	{ TEXT("QUIT\0"),		VERB_COUNT, "" },
	{ TEXT("STARTTLS"),		VERB_STARTTLS, "" },
	{ TEXT("starttls x"),		VERB_STARTTLS, "x" },
	{ TEXT("STARTTLSX"),		VERB_COUNT, "" },
	{ TEXT("STARTTL"),		VERB_COUNT, "" },
	{ TEXT("AUTH PLAIN"),		VERB_AUTH, "PLAIN" },
	{ TEXT("BDAT 10 LAST"),		VERB_COUNT, "10 LAST" },
	{ TEXT("\x16\x03\x01\x02"),	VERB_COUNT, "" },
	{ TEXT(""),			VERB_COUNT, "" },
	{ TEXT(" "),			VERB_COUNT, "" },
	{ TEXT("\t"),			VERB_COUNT, "" },
};

START_TEST(each_line)
{
	const char *argument;
	size_t len;

	ck_assert_int_eq(command_verb(lines[_i].line, lines[_i].len,
	    &argument, &len), lines[_i].verb);
	assert_octets(argument, len, lines[_i].argument,
	    strlen(lines[_i].argument));
}
END_TEST

START_TEST(each_name)
{
	const char *name = command_name((enum smtp_verb)_i), *argument;
	size_t len;

	ck_assert_uint_eq(strlen(name), _i == VERB_COUNT ? 1 :
	    _i == VERB_STARTTLS ? 8 : 4);
	ck_assert_int_eq(command_verb(name, strlen(name), &argument, &len),
	    _i);
}
END_TEST

static const struct {
	const char *line;
	int is_http;
} requests[] = {
	{ "GET / HTTP/1.1",		1 },
	{ "get / http/1.0",		1 },
	{ "POST /mail HTTP/1.1",	1 },
	{ "HEAD / HTTP/1.1",		1 },
	{ "PUT / HTTP/1.1",		1 },
	{ "CONNECT mx.example:25 HTTP/1.1", 1 },
	{ "OPTIONS * HTTP/1.1",		1 },
	{ "PRI * HTTP/2.0",		1 },
	{ "GET",			0 },
	{ "GETS x",			0 },
	{ "EHLO get",			0 },
	{ "HELP",			0 },
	{ "PRI",			0 },
	{ "",				0 },
};

START_TEST(each_request)
{
	ck_assert_int_eq(command_is_http(requests[_i].line,
	    strlen(requests[_i].line)), requests[_i].is_http);
}
END_TEST

/* Parameters as KEYWORD or KEYWORD=VALUE; NULL ends them, well or not. */
#define MOST	4
static const struct {
	const char *text;
	size_t len;
	enum status end;
	const char *parameters[MOST];
} texts[] = {
	{ TEXT(""),			OK,	  { NULL } },
	{ TEXT(" "),			OK,	  { NULL } },
	{ TEXT("\t \t"),		OK,	  { NULL } },
	{ TEXT(" SIZE=1000"),		OK,	  { "SIZE=1000" } },
	{ TEXT("SIZE=1000"),		OK,	  { "SIZE=1000" } },
	{ TEXT(" size=1 BODY=8BITMIME "), OK,	  { "size=1",
	    "BODY=8BITMIME" } },
	{ TEXT("  A\t \tB  "),		OK,	  { "A", "B" } },
	{ TEXT(" SMTPUTF8"),		OK,	  { "SMTPUTF8" } },
	{ TEXT(" X-A1=!#+~"),		OK,	  { "X-A1=!#+~" } },
	{ TEXT(" 8A=1"),		OK,	  { "8A=1" } },
	{ TEXT(" azAZ09=azAZ09"),	OK,	  { "azAZ09=azAZ09" } },
	{ TEXT(" 0=1 z=1 A=~"),		OK,	  { "0=1", "z=1", "A=~" } },
	{ TEXT(" A-"),			OK,	  { "A-" } },
	{ TEXT(" A B="),		PERMFAIL, { "A" } },
	{ TEXT(" SIZE="),		PERMFAIL, { NULL } },
	{ TEXT(" SIZE= 1"),		PERMFAIL, { NULL } },
	{ TEXT(" SIZE =1"),		PERMFAIL, { "SIZE" } },
	{ TEXT(" =1"),			PERMFAIL, { NULL } },
	{ TEXT(" -A=1"),		PERMFAIL, { NULL } },
	{ TEXT(" A=1=2"),		PERMFAIL, { NULL } },
	{ TEXT(" A==1"),		PERMFAIL, { NULL } },
	{ TEXT(" A_B=1"),		PERMFAIL, { NULL } },
	{ TEXT(" A=\001"),		PERMFAIL, { NULL } },
	{ TEXT(" A=\177"),		PERMFAIL, { NULL } },
	{ TEXT(" A=\303\244"),		PERMFAIL, { NULL } },
	{ TEXT(" A\0"),			PERMFAIL, { NULL } },
	{ TEXT(" A=1\0"),		PERMFAIL, { NULL } },
	{ TEXT(" <a@b>"),		PERMFAIL, { NULL } },
	{ TEXT(" A,B"),			PERMFAIL, { NULL } },
};

START_TEST(each_parameter)
{
	const char *rest = texts[_i].text;
	size_t len = texts[_i].len, i = 0;
	struct parameter each;
	enum status status;

	while ((status = command_parameter(&rest, &len, &each)) == OK &&
	    each.keyword_len > 0) {
		const char *wanted = texts[_i].parameters[i++];
		size_t whole = each.keyword_len +
		    (each.value != NULL ? 1 + each.value_len : 0);

		ck_assert_ptr_nonnull(wanted);
		assert_octets(each.keyword, whole, wanted, strlen(wanted));
		ck_assert_int_eq(each.value != NULL,
		    strchr(wanted, '=') != NULL);
	}
	ck_assert_int_eq(status, texts[_i].end);
	ck_assert_ptr_null(texts[_i].parameters[i]);
	if (status == OK)
		ck_assert_uint_eq(len, 0);
}
END_TEST

SUITE("command",
    { each_line, ROWS(lines), NULL, NULL },
    { each_name, VERB_COUNT, NULL, NULL },
    { each_request, ROWS(requests), NULL, NULL },
    { each_parameter, ROWS(texts), NULL, NULL })
