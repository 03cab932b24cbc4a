#include "smtp/extension.h"

#include "../suite.h"
#include "smtp/sasl.h"

static const struct {
	const char *keyword;
	size_t len;
	unsigned extension;
} keywords[] = {
	{ TEXT("PIPELINING"),	EXTENSION_PIPELINING },
	{ TEXT("pipelining"),	EXTENSION_PIPELINING },
	{ TEXT("8BITMIME"),	EXTENSION_8BITMIME },
	{ TEXT("Size"),		EXTENSION_SIZE },
	{ TEXT("EnhancedStatusCodes"), EXTENSION_ENHANCEDSTATUSCODES },
	{ TEXT("LIMITS"),	EXTENSION_LIMITS },
	{ TEXT("auth"),		EXTENSION_AUTH },
	{ TEXT("StartTLS"),	EXTENSION_STARTTLS },
	{ TEXT("STARTTL"),	0 },
	{ TEXT("STARTTLSX"),	0 },
	{ TEXT("AUTH=PLAIN"),	0 },
	{ TEXT("SIZ"),		0 },
	{ TEXT("SIZE 1000"),	0 },
	{ TEXT("CHUNKING"),	0 },
	{ TEXT(""),		0 },
};

START_TEST(each_keyword)
{
	ck_assert_uint_eq(extension_of(keywords[_i].keyword,
	    keywords[_i].len), keywords[_i].extension);
}
END_TEST

static const struct {
	unsigned set;
	uint64_t size, rcptmax;
	const char *lines;
	const char *auth;
} announcements[] = {
	{ EXTENSION_ALL, 1000, 500, "\nPIPELINING\n8BITMIME\nSIZE 1000"
	    "\nENHANCEDSTATUSCODES\nLIMITS RCPTMAX=500\nSTARTTLS", NULL },
	/* No limit: SIZE alone (RFC 1870), and no LIMITS with nothing. */
	{ EXTENSION_ALL, 0, 0,
	    "\nPIPELINING\n8BITMIME\nSIZE\nENHANCEDSTATUSCODES\nSTARTTLS",
	    NULL },
	{ EXTENSION_ALL & ~(unsigned)EXTENSION_PIPELINING, 0, 0,
	    "\n8BITMIME\nSIZE\nENHANCEDSTATUSCODES\nSTARTTLS", NULL },
	{ EXTENSION_STARTTLS, 1, 1, "\nSTARTTLS", "PLAIN" },
	{ EXTENSION_LIMITS, 7, 1, "\nLIMITS RCPTMAX=1", NULL },
	/* RFC 9422 has six digits. */
	{ EXTENSION_LIMITS, 0, 999999, "\nLIMITS RCPTMAX=999999", NULL },
	{ EXTENSION_LIMITS, 0, 1000000, "", NULL },
	{ EXTENSION_SIZE, UINT64_MAX, 1, "\nSIZE 18446744073709551615", NULL },
	{ 0, 1, 1, "", "PLAIN" },
	/* AUTH only with mechanisms, and without SIZE's number. */
	{ EXTENSION_AUTH, 1, 1, "", NULL },
	{ EXTENSION_AUTH, 1, 1, "\nAUTH PLAIN LOGIN", "PLAIN LOGIN" },
	{ EXTENSION_ALL, 1, 0, "\nPIPELINING\n8BITMIME\nSIZE 1"
	    "\nENHANCEDSTATUSCODES\nSTARTTLS\nAUTH CRAM-MD5", "CRAM-MD5" },
};

START_TEST(each_announcement)
{
	const struct extension_values values = {
		.size = announcements[_i].size,
		.rcptmax = announcements[_i].rcptmax,
		.auth = announcements[_i].auth,
	};
	stralloc text = { 0 };

	ck_assert(stralloc_copys(&text, "hello"));
	ck_assert_int_eq(extension_announce(announcements[_i].set, &values,
	    &text), OK);
	assert_octets(text.s, 5, "hello", 5);
	assert_octets(text.s + 5, text.len - 5, announcements[_i].lines,
	    strlen(announcements[_i].lines));
	stralloc_free(&text);
}
END_TEST

/* A line of an EHLO reply; before it SIZE was 7 and RCPTMAX 9. */
static const struct {
	const char *line;
	unsigned extension;
	uint64_t size, rcptmax;
} lines[] = {
	{ "PIPELINING",		EXTENSION_PIPELINING,	7, 9 },
	{ "Pipelining",		EXTENSION_PIPELINING,	7, 9 },
	{ "8BITMIME",		EXTENSION_8BITMIME,	7, 9 },
	{ "8BITMIME what",	EXTENSION_8BITMIME,	7, 9 },
	{ "SIZE",		EXTENSION_SIZE,		7, 9 },
	{ "SIZE ",		EXTENSION_SIZE,		7, 9 },
	{ "SIZE 0",		EXTENSION_SIZE,		0, 9 },
	{ "size 52428800",	EXTENSION_SIZE,		52428800, 9 },
	{ "SIZE 18446744073709551615", EXTENSION_SIZE,	UINT64_MAX, 9 },
	{ "SIZE 99999999999999999999999", EXTENSION_SIZE, UINT64_MAX, 9 },
	{ "SIZE -1",		EXTENSION_SIZE,		7, 9 },
	{ "SIZE big",		EXTENSION_SIZE,		7, 9 },
	{ "LIMITS RCPTMAX=100",	EXTENSION_LIMITS,	7, 100 },
	{ "LIMITS rcptmax=1",	EXTENSION_LIMITS,	7, 1 },
	{ "LIMITS MAILMAX=5 RCPTMAX=20 RCPTDOMAINMAX=1", EXTENSION_LIMITS,
	    7, 20 },
	{ "LIMITS  RCPTMAX=20 ", EXTENSION_LIMITS,	7, 20 },
	{ "LIMITS RCPTDOMAINMAX=1", EXTENSION_LIMITS,	7, 9 },
	{ "LIMITS XRCPTMAX=1",	EXTENSION_LIMITS,	7, 9 },
	{ "LIMITS RCPTMAX=",	EXTENSION_LIMITS,	7, 9 },
	{ "LIMITS RCPTMAX",	EXTENSION_LIMITS,	7, 9 },
	{ "LIMITS",		EXTENSION_LIMITS,	7, 9 },
	{ "LIMITS ",		EXTENSION_LIMITS,	7, 9 },
	{ "ENHANCEDSTATUSCODES", EXTENSION_ENHANCEDSTATUSCODES, 7, 9 },
	{ "STARTTLS",		EXTENSION_STARTTLS,	7, 9 },
	{ "starttls",		EXTENSION_STARTTLS,	7, 9 },
	{ "STARTTLS REQUIRED",	EXTENSION_STARTTLS,	7, 9 },
	/* What nobody knows, or the name of a host that looks like it. */
	{ "",			0,			7, 9 },
	{ " SIZE 1",		0,			7, 9 },
	{ "SIZE=1",		0,			7, 9 },
	{ "PIPELININGS",	0,			7, 9 },
	{ "XSTARTTLS",		0,			7, 9 },
	{ "AUTH=PLAIN LOGIN",	0,			7, 9 },
	{ "AUTHPLAIN",		0,			7, 9 },
	{ "XCLIENT SIZE 1",	0,			7, 9 },
};

START_TEST(each_line)
{
	struct extension_values values = { .size = 7, .rcptmax = 9 };
	size_t len = strlen(lines[_i].line);
	/* Of just this length, so that reading on is seen. */
	char *line = malloc(len > 0 ? len : 1);

	ck_assert_ptr_nonnull(line);
	memcpy(line, lines[_i].line, len);
	ck_assert_uint_eq(extension_understand(line, len, &values),
	    lines[_i].extension);
	ck_assert_uint_eq(values.size, lines[_i].size);
	ck_assert_uint_eq(values.rcptmax, lines[_i].rcptmax);
	ck_assert_uint_eq(values.mechanisms, 0);
	free(line);
}
END_TEST

/* Lines with AUTH, one reply each; what they offer together. */
static const struct {
	const char *lines[3];
	unsigned mechanisms;
} logins[] = {
	{ { "AUTH" },			0 },
	{ { "AUTH " },			0 },
	{ { "AUTH PLAIN" },		MECHANISM_PLAIN },
	{ { "auth plain" },		MECHANISM_PLAIN },
	{ { "AUTH PLAIN LOGIN CRAM-MD5" }, MECHANISM_ALL },
	{ { "AUTH  LOGIN  PLAIN " },	MECHANISM_LOGIN | MECHANISM_PLAIN },
	{ { "AUTH DIGEST-MD5 CRAM-MD5 NTLM" }, MECHANISM_CRAM_MD5 },
	{ { "AUTH XOAUTH2 PLAIN-CLIENTTOKEN" }, 0 },
	{ { "AUTH PLAIN,LOGIN" },	0 },
	{ { "AUTH =PLAIN" },		0 },
	{ { "AUTH LOGIN", "SIZE 1", "AUTH PLAIN" },
	    MECHANISM_LOGIN | MECHANISM_PLAIN },
	/* The form before RFC 2554, and words that AUTH does not begin. */
	{ { "AUTH=LOGIN PLAIN" },	0 },
	{ { "LIMITS PLAIN", "X AUTH PLAIN" }, 0 },
};

START_TEST(each_login)
{
	struct extension_values values = { 0 };
	size_t i;

	for (i = 0; i < 3 && logins[_i].lines[i] != NULL; i++) {
		size_t len = strlen(logins[_i].lines[i]);
		char *line = malloc(len);

		ck_assert_ptr_nonnull(line);
		memcpy(line, logins[_i].lines[i], len);
		extension_understand(line, len, &values);
		free(line);
	}
	ck_assert_uint_eq(values.mechanisms, logins[_i].mechanisms);
	ck_assert_ptr_null(values.auth);
}
END_TEST

SUITE("extension",
    { each_keyword, ROWS(keywords), NULL, NULL },
    { each_announcement, ROWS(announcements), NULL, NULL },
    { each_line, ROWS(lines), NULL, NULL },
    { each_login, ROWS(logins), NULL, NULL })
