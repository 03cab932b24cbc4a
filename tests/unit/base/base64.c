#include "base/base64.h"

#include "../suite.h"

/* The vectors of RFC 4648 10, and digits that those do not have. */
static const struct {
	const char *octets;
	size_t len;
	const char *text;
} rows[] = {
	{ TEXT(""),			"" },
	{ TEXT("f"),			"Zg==" },
	{ TEXT("fo"),			"Zm8=" },
	{ TEXT("foo"),			"Zm9v" },
	{ TEXT("foob"),			"Zm9vYg==" },
	{ TEXT("fooba"),		"Zm9vYmE=" },
	{ TEXT("foobar"),		"Zm9vYmFy" },
	{ TEXT("\0"),			"AA==" },
	{ TEXT("\0\0\0"),		"AAAA" },
	{ TEXT("\377\377\377"),		"////" },
	{ TEXT("\373\357\276"),		"++++" },
	{ TEXT("\0user\0secret"),	"AHVzZXIAc2VjcmV0" },
};

START_TEST(each_vector)
{
	const char *text = rows[_i].text;
	size_t len = strlen(text), done;
	char *out = malloc(len + 1);

	ck_assert_ptr_nonnull(out);
	out[len] = '!';
	ck_assert_uint_eq(BASE64_TEXT(rows[_i].len), len);
	assert_octets(out, base64_encode(rows[_i].octets, rows[_i].len, out),
	    text, len);
	ck_assert_int_eq(out[len], '!');
	ck_assert_int_eq(base64_decode(text, len, out, &done), OK);
	assert_octets(out, done, rows[_i].octets, rows[_i].len);
	ck_assert_uint_le(done, BASE64_OCTETS(len));
	free(out);
}
END_TEST

/* Each length up to some groups, with many values, there and back. */
START_TEST(each_length)
{
	unsigned char octets[64];
	size_t i, len = (size_t)_i, done;
	char *text = malloc(BASE64_TEXT(len) + 1);

	ck_assert_ptr_nonnull(text);
	for (i = 0; i < len; i++)
		octets[i] = (unsigned char)(i * 37 + len * 101);
	ck_assert_uint_eq(base64_encode(octets, len, text), BASE64_TEXT(len));
	/* In place: what is read was not written yet. */
	ck_assert_int_eq(base64_decode(text, BASE64_TEXT(len), text, &done),
	    OK);
	assert_octets(text, done, (const char *)octets, len);
	free(text);
}
END_TEST

/* What is no base64, in the room of its own size, where a step out is seen. */
static const struct {
	const char *text;
	size_t len;
} malformed[] = {
	/* No whole groups. */
	{ TEXT("Z") },		{ TEXT("Zg") },		{ TEXT("Zg=") },
	{ TEXT("Zm9vY") },	{ TEXT("Zm9vYg=") },	{ TEXT("=") },
	/* Padding that is too much, or not at the end. */
	{ TEXT("====") },	{ TEXT("Z===") },	{ TEXT("Zm9v====") },
	{ TEXT("Zg==Zg==") },	{ TEXT("Zm8=Zm8=") },	{ TEXT("Z=g=") },
	{ TEXT("=Zg=") },	{ TEXT("==Zg") },	{ TEXT("Zg=g") },
	/* Bits left over. */
	{ TEXT("Zh==") },	{ TEXT("Zm9=") },	{ TEXT("Z/==") },
	{ TEXT("Zm//Zm8/Zm8=Zn==") },			{ TEXT("//==") },
	/* Octets that are no digits. */
	{ TEXT("Zm9 ") },	{ TEXT(" Zm9") },	{ TEXT("Zm\r\n") },
	{ TEXT("Zm9v\r\n") },	{ TEXT("Zm9v\n\n\n\n") },
	{ TEXT("Zm9-") },	{ TEXT("Zm9_") },	{ TEXT("Zm9.") },
	{ TEXT("Zm9:") },	{ TEXT("Zm9@") },	{ TEXT("Zm9[") },
	{ TEXT("Zm9`") },	{ TEXT("Zm9{") },	{ TEXT("Zm9\0") },
	{ TEXT("\0\0\0\0") },	{ TEXT("Zm9\377") },	{ TEXT("\200AAA") },
	{ TEXT("Zm\0=") },	{ TEXT("Z\0==") },	{ TEXT("Zm9,") },
	{ TEXT("*") },		{ TEXT("*===") },	{ TEXT("<a@b>") },
};

START_TEST(each_malformed)
{
	size_t len = malformed[_i].len, done = 12345;
	char *text = malloc(len);

	ck_assert_ptr_nonnull(text);
	memcpy(text, malformed[_i].text, len);
	ck_assert_int_eq(base64_decode(text, len, text, &done), PERMFAIL);
	ck_assert_uint_eq(done, 12345);
	free(text);
}
END_TEST

SUITE("base64",
    { each_vector, ROWS(rows), NULL, NULL },
    { each_length, 64, NULL, NULL },
    { each_malformed, ROWS(malformed), NULL, NULL })
