#include "remote/relay.h"

#include "../suite.h"

static struct route route;

static void
begin(void)
{
	memset(&route, 0, sizeof route);
	route.port = SMTP_PORT;
}

static void
end(void)
{
	route_free(&route);
}

/* Of just this length, so that reading on is seen. */
static enum status
parse(const char *text, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);
	enum status status;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, text, len);
	status = relay_parse(&route, copy, len);
	free(copy);
	return status;
}

static const char *
text_of(const stralloc *text)
{
	return text->len > 0 ? text->s : "";
}

static const struct {
	const char *text;
	size_t len;
	const char *relay;
	unsigned port;
	const char *user, *password;
	int is_cleartext;
} rows[] = {
	{ TEXT(""),			"", 25, "", "", 0 },
	{ TEXT(":26"),			"", 26, "", "", 0 },
	{ TEXT("r.test"),		"r.test", 25, "", "", 0 },
	{ TEXT("r.test:587"),		"r.test", 587, "", "", 0 },
	{ TEXT("[::1]:587"),		"[::1]", 587, "", "", 0 },
	{ TEXT("r|u|p"),		"r", 25, "u", "p", 0 },
	{ TEXT("r:26|u|p"),		"r", 26, "u", "p", 0 },
	{ TEXT("r:26 # x|u|p"),		"r", 26, "u", "p", 0 },
	{ TEXT("r:26:27|u|p"),		"r", 26, "u", "p", 0 },
	{ TEXT("[::1]|u|p"),		"[::1]", 25, "u", "p", 0 },
	{ TEXT("[::1]:26|u|p|cleartext"), "[::1]", 26, "u", "p", 1 },
	{ TEXT("r|u|p|cleartext"),	"r", 25, "u", "p", 1 },
	{ TEXT("r|u|p|ClearText"),	"r", 25, "u", "p", 1 },
	{ TEXT("r|u|cleartext"),	"r", 25, "u", "cleartext", 0 },
	{ TEXT("r|cleartext|cleartext|cleartext"), "r", 25, "cleartext",
	    "cleartext", 1 },
	/* What a user and a password may hold. */
	{ TEXT("r|u@x.test|p:q"),	"r", 25, "u@x.test", "p:q", 0 },
	{ TEXT("r| u | p |cleartext"),	"r", 25, " u ", " p ", 1 },
	{ TEXT("r|u|#\\\"'\t\r\377\001"), "r", 25, "u", "#\\\"'\t\r\377\001",
	    0 },
	{ TEXT("r|u|]["),		"r", 25, "u", "][", 0 },
};

START_TEST(each_line)
{
	ck_assert_int_eq(parse(rows[_i].text, rows[_i].len), OK);
	ck_assert_str_eq(text_of(&route.relay), rows[_i].relay);
	ck_assert_uint_eq(route.port, rows[_i].port);
	ck_assert_str_eq(text_of(&route.user), rows[_i].user);
	ck_assert_str_eq(text_of(&route.password), rows[_i].password);
	ck_assert_int_eq(route.is_cleartext, rows[_i].is_cleartext);
}
END_TEST

static const struct {
	const char *text;
	size_t len;
} odd[] = {
	{ TEXT("r:") },			{ TEXT("r:0") },
	{ TEXT("r:65536") },		{ TEXT("r:x") },
	{ TEXT("[::1") },		{ TEXT("[::1]x") },
	{ TEXT("r:|u|p") },		{ TEXT("r:x|u|p") },
	{ TEXT("[|]|u|p") },		{ TEXT("[::1|u|p") },
	/* Not just a user and a password. */
	{ TEXT("r|") },			{ TEXT("r|u") },
	{ TEXT("r:26|u") },		{ TEXT("r||") },
	{ TEXT("r||p") },		{ TEXT("r|u|") },
	{ TEXT("r|u||cleartext") },	{ TEXT("r||p|cleartext") },
	{ TEXT("r|u|p|") },		{ TEXT("r|u|p|clear") },
	{ TEXT("r|u|p|cleartext ") },	{ TEXT("r|u|p|cleartext\r") },
	{ TEXT("r|u|p|cleartext|") },	{ TEXT("r|u|p|q|cleartext") },
	{ TEXT("r|u|p|cleartext|cleartext") },
	{ TEXT("r|u|p|cleartext\0") },	{ TEXT("r|u|p|x") },
	{ TEXT("r|u\0v|p") },		{ TEXT("r|u|p\0q") },
	/* A password without a relay would go to whatever the MX names. */
	{ TEXT("|u|p") },		{ TEXT(":26|u|p") },
	{ TEXT("|u|p|cleartext") },	{ TEXT("|") },
};

START_TEST(each_odd_line)
{
	ck_assert_int_eq(parse(odd[_i].text, odd[_i].len), PERMFAIL);
}
END_TEST

/* The longest user and password, and one octet more of each. */
START_TEST(longest)
{
	char text[2 * ROUTE_SECRET + 8] = "r|";
	size_t user = ROUTE_SECRET + (_i == 1);
	size_t password = ROUTE_SECRET + (_i == 2), len = 2;

	memset(text + len, 'u', user);
	len += user;
	text[len++] = '|';
	memset(text + len, 'p', password);
	len += password;
	ck_assert_int_eq(parse(text, len), _i == 0 ? OK : PERMFAIL);
	if (_i > 0)
		return;
	ck_assert_uint_eq(route.user.len, ROUTE_SECRET + 1);
	ck_assert_uint_eq(route.password.len, ROUTE_SECRET + 1);
}
END_TEST

SUITE("relay",
    { each_line, ROWS(rows), begin, end },
    { each_odd_line, ROWS(odd), begin, end },
    { longest, 3, begin, end })
