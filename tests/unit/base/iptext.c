#include "base/iptext.h"

#include <stdio.h>

#include "../suite.h"

/* What is found in a text, wherever it is cut into blocks. */
static const struct {
	const char *text;
	size_t len;
	const char *networks;
	size_t bad;
	int is_binary;
} texts[] = {
	{ TEXT(""),			"",				0, 0 },
	{ TEXT("\n \t\r\n"),		"",				0, 0 },
	{ TEXT("10.1."),		"10.1.0.0/16 ",			0, 0 },
	{ TEXT("10.\n2001:db8:\n"),	"10.0.0.0/8 2001:db8::/32 ",	0, 0 },
	{ TEXT(" 10. # 1 \344\n\n11.#"), "10.0.0.0/8 11.0.0.0/8 ",	0, 0 },
	{ TEXT("10.\r\n# x\r\n11.\r\n"), "10.0.0.0/8 11.0.0.0/8 ",	0, 0 },
	{ TEXT("10.\n1\n11.\n2\n"),	"10.0.0.0/8 11.0.0.0/8 ",	2, 0 },
	{ TEXT("10. 11.\n12.\n"),	"12.0.0.0/8 ",			1, 0 },
	{ TEXT("12.\n10.\r11."),	"12.0.0.0/8 ",			2, 0 },
	{ TEXT("10.\n11.x\n12.\n"),	"10.0.0.0/8 ",			0, 1 },
	{ TEXT("10.\n# \001\n12.\n"),	"10.0.0.0/8 ",			0, 1 },
	{ TEXT("10.\n\0"),		"10.0.0.0/8 ",			0, 1 },
};

static void
note(char *seen, size_t size, const struct network *network)
{
	char text[NETWORK_TEXT];
	size_t len = strlen(seen);

	network_print(network, text);
	snprintf(seen + len, size - len, "%s ", text);
}

START_TEST(each_text)
{
	size_t len = texts[_i].len, cut;

	for (cut = 0; cut <= len; cut++) {
		struct iptext text = { 0 };
		struct network network;
		char seen[128] = "";
		size_t at = 0;

		while (at < len && !text.is_binary) {
			size_t end = piece_end(at, len, cut);

			while (iptext_next(&text, (const unsigned char *)
			    texts[_i].text, end, &at, &network))
				note(seen, sizeof seen, &network);
		}
		if (!text.is_binary && iptext_end_line(&text, &network))
			note(seen, sizeof seen, &network);
		ck_assert_str_eq(seen, texts[_i].networks);
		ck_assert_uint_eq(text.bad, texts[_i].bad);
		ck_assert_int_eq(text.is_binary, texts[_i].is_binary);
	}
}
END_TEST

SUITE("iptext",
    { each_text, ROWS(texts), NULL, NULL })
