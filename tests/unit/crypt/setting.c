#include "crypt/setting.h"

#include <errno.h>

#include "../home.h"
#include "../suite.h"

#define PATH	"control/setting"

static void
write_file(const char *octets, size_t len)
{
	FILE *file = fopen(PATH, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(octets, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
}

static const struct {
	const char *file;
	size_t len;
	char between;
	const char *text;	/* NULL: it cannot be read */
} file_rows[] = {
	{ TEXT(""), ':', "" },
	{ TEXT("\n\n"), ':', "" },
	{ TEXT("one"), ':', "one" },
	{ TEXT("one\n"), ':', "one" },
	{ TEXT("one \t\r\n"), ':', "one" },
	{ TEXT("one\ntwo\n"), ':', "one:two" },
	{ TEXT("one\n\n# no\ntwo"), ' ', "one two" },
	{ TEXT("# no"), ':', "" },
	{ TEXT(" one"), ':', " one" },
	{ TEXT("o\0ne\n"), ':', NULL },
	{ TEXT("one\n\0\n"), ':', "one" },
};

START_TEST(files)
{
	char text[SETTING_SIZE];

	write_file(file_rows[_i].file, file_rows[_i].len);
	if (file_rows[_i].text == NULL) {
		assert_row(!setting_read(PATH, file_rows[_i].between, text));
		ck_assert_str_eq(text, "");
		return;
	}
	assert_row(setting_read(PATH, file_rows[_i].between, text));
	ck_assert_str_eq(text, file_rows[_i].text);
}
END_TEST

/* Most octets, one more, no file, a folder. */
START_TEST(limits)
{
	char long_text[SETTING_SIZE], text[SETTING_SIZE];

	memset(long_text, 'a', sizeof long_text);
	write_file(long_text, sizeof long_text - 1);
	ck_assert(setting_read(PATH, ':', text));
	ck_assert_uint_eq(strlen(text), sizeof text - 1);
	write_file(long_text, sizeof long_text);
	ck_assert(!setting_read(PATH, ':', text));
	ck_assert_int_eq(errno, EFBIG);
	ck_assert(setting_read("control/absent", ':', text));
	ck_assert_str_eq(text, "");
	ck_assert(!setting_read("control", ':', text));
	ck_assert_int_eq(errno, EISDIR);
}
END_TEST

static const struct {
	const char *text;
	int version;
} version_rows[] = {
	{ "1.0", TLS1_VERSION }, { "1.1", TLS1_1_VERSION },
	{ "1.2", TLS1_2_VERSION }, { "1.3", TLS1_3_VERSION },
	{ "", 0 }, { "1.4", 0 }, { "1", 0 }, { "1.2 ", 0 }, { "TLSv1.2", 0 },
};

START_TEST(versions)
{
	ck_assert_int_eq(setting_version(version_rows[_i].text),
	    version_rows[_i].version);
}
END_TEST

static const struct {
	int version, is_good;
} minimum_rows[] = {
	{ TLS1_VERSION, 1 }, { TLS1_3_VERSION, 1 }, { SSL3_VERSION, 0 },
	{ TLS1_3_VERSION + 1, 0 }, { 0, 0 },
};

START_TEST(minima)
{
	SSL_CTX *context = SSL_CTX_new(TLS_method());
	SSL *ssl = SSL_new(context);

	ck_assert_int_eq(setting_minimum(ssl, minimum_rows[_i].version),
	    minimum_rows[_i].is_good);
	if (minimum_rows[_i].is_good)
		ck_assert_int_eq(SSL_get_min_proto_version(ssl),
		    minimum_rows[_i].version);
	SSL_free(ssl);
	SSL_CTX_free(context);
}
END_TEST

#define SUITE_13	"TLS_AES_128_GCM_SHA256"
#define SUITE_12	"ECDHE-RSA-AES128-GCM-SHA256"

static const struct {
	const char *text;
	int is_good;
	const char *with, *without;	/* among what is offered; or NULL */
} cipher_rows[] = {
	{ "", 1, SUITE_12, NULL },
	{ SUITE_12, 1, SUITE_12, "AES256-SHA" },
	{ SUITE_12, 1, "TLS_AES_256_GCM_SHA384", NULL },
	{ SUITE_13, 1, SUITE_13, "TLS_AES_256_GCM_SHA384" },
	{ SUITE_13, 1, SUITE_12, NULL },
	{ SUITE_12 " , " SUITE_13 "::", 1, SUITE_13, "AES256-SHA" },
	{ SUITE_12 ":no-such-cipher", 1, SUITE_12, NULL },
	{ "no-such-cipher", 0, NULL, NULL },
	{ "TLS_NO_SUCH_CIPHER", 0, NULL, NULL },
};

static int
is_offered(SSL *ssl, const char *cipher)
{
	STACK_OF(SSL_CIPHER) *list = SSL_get1_supported_ciphers(ssl);
	int i, found = 0;

	for (i = 0; i < sk_SSL_CIPHER_num(list); i++)
		found |= strcmp(SSL_CIPHER_get_name(sk_SSL_CIPHER_value(list,
		    i)), cipher) == 0;
	sk_SSL_CIPHER_free(list);
	return found;
}

START_TEST(ciphers)
{
	SSL_CTX *context = SSL_CTX_new(TLS_method());
	SSL *ssl = SSL_new(context), *other;

	ck_assert_int_eq(setting_ciphers(ssl, cipher_rows[_i].text),
	    cipher_rows[_i].is_good);
	ck_assert_int_eq(setting_ciphers_for_all(context,
	    cipher_rows[_i].text), cipher_rows[_i].is_good);
	other = SSL_new(context);
	if (cipher_rows[_i].with != NULL) {
		assert_row(is_offered(ssl, cipher_rows[_i].with));
		assert_row(is_offered(other, cipher_rows[_i].with));
	}
	if (cipher_rows[_i].without != NULL) {
		assert_row(!is_offered(ssl, cipher_rows[_i].without));
		assert_row(!is_offered(other, cipher_rows[_i].without));
	}
	SSL_free(other);
	SSL_free(ssl);
	SSL_CTX_free(context);
}
END_TEST

SUITE("setting",
    { files, ROWS(file_rows), home_make, home_remove },
    { limits, 1, home_make, home_remove },
    { versions, ROWS(version_rows), NULL, NULL },
    { minima, ROWS(minimum_rows), NULL, NULL },
    { ciphers, ROWS(cipher_rows), NULL, NULL })
