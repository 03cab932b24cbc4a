/* base64 - encode and decode */
#include "base/base64.h"

#include <stdint.h>

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t
base64_encode(const void *octets, size_t len, char *text)
{
	const unsigned char *in = octets;
	size_t i, out = 0;

	for (i = 0; i < len; i += 3) {
		uint32_t bits = (uint32_t)in[i] << 16;

		if (i + 1 < len)
			bits |= (uint32_t)in[i + 1] << 8;
		if (i + 2 < len)
			bits |= in[i + 2];
		text[out++] = digits[bits >> 18];
		text[out++] = digits[bits >> 12 & 63];
		text[out++] = i + 1 < len ? digits[bits >> 6 & 63] : '=';
		text[out++] = i + 2 < len ? digits[bits & 63] : '=';
	}
	return out;
}

/* The value of a digit; 64: it is none. */
static uint32_t
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (uint32_t)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (uint32_t)(c - 'a') + 26;
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0') + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : 64;
}

enum status
base64_decode(const char *text, size_t len, void *octets, size_t *octets_len)
{
	unsigned char *out = octets;
	size_t i, j, padding = 0, done = 0;

	if (len % 4 != 0)
		return PERMFAIL;
	while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
		padding++;
	for (i = 0; i < len; i += 4) {
		size_t missing = i + 4 == len ? padding : 0;
		uint32_t bits = 0;

		for (j = 0; j < 4; j++) {
			uint32_t value = j + missing < 4 ?
			    value_of(text[i + j]) : 0;

			if (value == 64)
				return PERMFAIL;
			bits = bits << 6 | value;
		}
		/* What the padding stands for was nothing. */
		if ((bits & ((1u << (8 * missing)) - 1)) != 0)
			return PERMFAIL;
		out[done++] = (unsigned char)(bits >> 16);
		if (missing < 2)
			out[done++] = (unsigned char)(bits >> 8);
		if (missing < 1)
			out[done++] = (unsigned char)bits;
	}
	*octets_len = done;
	return OK;
}
