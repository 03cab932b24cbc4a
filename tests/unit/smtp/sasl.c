#include "smtp/sasl.h"

#include "../suite.h"

static const struct {
	const char *name;
	size_t len;
	unsigned mechanism;
} names[] = {
	{ TEXT("LOGIN"),	MECHANISM_LOGIN },
	{ TEXT("PLAIN"),	MECHANISM_PLAIN },
	{ TEXT("CRAM-MD5"),	MECHANISM_CRAM_MD5 },
	{ TEXT("plain"),	MECHANISM_PLAIN },
	{ TEXT("Cram-Md5"),	MECHANISM_CRAM_MD5 },
	{ TEXT(""),		0 },
	{ TEXT("PLAI"),		0 },
	{ TEXT("PLAINS"),	0 },
	{ TEXT("PLAIN "),	0 },
	{ TEXT("PLAIN\0"),	0 },
	{ TEXT("CRAM_MD5"),	0 },
	{ TEXT("SCRAM-SHA-256"), 0 },
	{ TEXT("XOAUTH2"),	0 },
	{ TEXT("EXTERNAL"),	0 },
};

START_TEST(each_name)
{
	ck_assert_uint_eq(mechanism_of(names[_i].name, names[_i].len),
	    names[_i].mechanism);
}
END_TEST

/* Each bit has the name that leads to it; anything else has none. */
START_TEST(each_bit)
{
	unsigned bit;

	for (bit = 1; (MECHANISM_ALL & bit) != 0; bit <<= 1) {
		const char *name = mechanism_name((enum mechanism)bit);

		ck_assert_uint_eq(mechanism_of(name, strlen(name)), bit);
	}
	ck_assert_str_eq(mechanism_name((enum mechanism)0), "?");
	ck_assert_str_eq(mechanism_name(MECHANISM_ALL), "?");
	ck_assert_uint_lt(MECHANISM_LOGIN, MECHANISM_PLAIN);
	ck_assert_uint_lt(MECHANISM_PLAIN, MECHANISM_CRAM_MD5);
}
END_TEST

/* A copy of just this length, so that reading on is seen. */
static char *
copy_of(const char *text, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, text, len);
	return copy;
}

/* PLAIN (RFC 4616 2); `user` NULL: malformed. */
static const struct {
	const char *message;
	size_t len;
	const char *user, *secret;
	int other;
} plain[] = {
	{ TEXT("\0tim\0tanstaaftanstaaf"), "tim", "tanstaaftanstaaf", 0 },
	{ TEXT("tim\0tim\0secret"),	"tim", "secret", 0 },
	{ TEXT("\0a@b.test\0p q |\377"), "a@b.test", "p q |\377", 0 },
	{ TEXT("\0a\0\r\n"),		"a", "\r\n", 0 },
	/* To act for another: the RFC's own example. */
	{ TEXT("Ursel\0Kurt\0xipj3plmq"), NULL, NULL, 1 },
	{ TEXT("tim2\0tim\0secret"),	NULL, NULL, 1 },
	{ TEXT("ti\0tim\0secret"),	NULL, NULL, 1 },
	{ TEXT("Tim\0tim\0secret"),	NULL, NULL, 1 },
	/* Fields that are missing, or too many. */
	{ TEXT(""),			NULL, NULL, 0 },
	{ TEXT("\0"),			NULL, NULL, 0 },
	{ TEXT("tim"),			NULL, NULL, 0 },
	{ TEXT("\0tim"),		NULL, NULL, 0 },
	{ TEXT("tim\0secret"),		NULL, NULL, 0 },
	{ TEXT("\0tim\0sec\0ret"),	NULL, NULL, 0 },
	{ TEXT("\0tim\0secret\0"),	NULL, NULL, 0 },
	{ TEXT("\0tim\0\0"),		NULL, NULL, 0 },
	/* The RFC wants at least one octet of each. */
	{ TEXT("\0\0secret"),		NULL, NULL, 0 },
	{ TEXT("\0tim\0"),		NULL, NULL, 0 },
	{ TEXT("\0\0"),			NULL, NULL, 0 },
	{ TEXT("tim\0\0secret"),	NULL, NULL, 0 },
};

START_TEST(each_plain)
{
	char *message = copy_of(plain[_i].message, plain[_i].len);
	struct login login = { 0 };
	int other = 7;

	ck_assert_int_eq(sasl_read_plain(message, plain[_i].len, &login,
	    &other), plain[_i].user != NULL ? OK : PERMFAIL);
	ck_assert_int_eq(other, plain[_i].other);
	if (plain[_i].user != NULL) {
		assert_octets(login.user, login.user_len, plain[_i].user,
		    strlen(plain[_i].user));
		assert_octets(login.secret, login.secret_len,
		    plain[_i].secret, strlen(plain[_i].secret));
	}
	free(message);
}
END_TEST

#define DIGEST	"b913a602c7eda7a495b4e6e7334d3890"

/* The response of CRAM-MD5; `user` NULL: malformed. */
static const struct {
	const char *message;
	size_t len;
	const char *user, *digest;
} cram[] = {
	{ TEXT("tim " DIGEST),		"tim", DIGEST },
	{ TEXT("a@b.test " DIGEST),	"a@b.test", DIGEST },
	/* A user may have blanks; the last one ends it. */
	{ TEXT("tim the second " DIGEST), "tim the second", DIGEST },
	{ TEXT("tim  " DIGEST),		"tim ", DIGEST },
	{ TEXT("t B913A602C7EDA7A495B4E6E7334D3890"), "t",
	    "B913A602C7EDA7A495B4E6E7334D3890" },
	{ TEXT(""),			NULL, NULL },
	{ TEXT("tim"),			NULL, NULL },
	{ TEXT(DIGEST),			NULL, NULL },
	{ TEXT(" " DIGEST),		NULL, NULL },
	{ TEXT("tim "),			NULL, NULL },
	{ TEXT("tim " DIGEST " "),	NULL, NULL },
	{ TEXT("tim " DIGEST "0"),	NULL, NULL },
	{ TEXT("tim " DIGEST "\0"),	NULL, NULL },
	{ TEXT("t\0m " DIGEST),		NULL, NULL },
	{ TEXT("tim\t" DIGEST),		NULL, NULL },
	{ TEXT("tim b913a602c7eda7a495b4e6e7334d389"), NULL, NULL },
	{ TEXT("tim b913a602c7eda7a495b4e6e7334d389g"), NULL, NULL },
	{ TEXT("tim b913a602c7eda7a495b4e6e7334d38\0" "0"), NULL, NULL },
	{ TEXT("tim -913a602c7eda7a495b4e6e7334d3890"), NULL, NULL },
};

START_TEST(each_cram)
{
	char *message = copy_of(cram[_i].message, cram[_i].len);
	struct login login = { 0 };

	ck_assert_int_eq(sasl_read_cram(message, cram[_i].len, &login),
	    cram[_i].user != NULL ? OK : PERMFAIL);
	if (cram[_i].user != NULL) {
		assert_octets(login.user, login.user_len, cram[_i].user,
		    strlen(cram[_i].user));
		assert_octets(login.secret, login.secret_len, cram[_i].digest,
		    SASL_DIGEST);
	}
	free(message);
}
END_TEST

SUITE("sasl",
    { each_name, ROWS(names), NULL, NULL },
    { each_bit, 1, NULL, NULL },
    { each_plain, ROWS(plain), NULL, NULL },
    { each_cram, ROWS(cram), NULL, NULL })
