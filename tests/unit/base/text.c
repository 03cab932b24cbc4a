#include "base/text.h"

#include "../suite.h"

static const struct {
	const char *text;
	size_t len;
	const char *word;
	int is, begins;
} words[] = {
	{ TEXT("mail"),		"MAIL",	1, 1 },
	{ TEXT("MaIl"),		"mail",	1, 1 },
	{ TEXT("mails"),	"mail",	0, 1 },
	{ TEXT("mai"),		"mail",	0, 0 },
	{ TEXT(""),		"mail",	0, 0 },
	{ TEXT(""),		"",	1, 1 },
	{ TEXT("mail"),		"",	0, 1 },
	{ TEXT("ma\0l"),	"mail",	0, 0 },
	{ TEXT("mail\0"),	"mail",	0, 1 },
	/* Case is ASCII: no other letter has two forms. */
	{ TEXT("\344"),		"\304",	0, 0 },
	{ TEXT("["),		"{",	0, 0 },
	{ TEXT("@"),		"`",	0, 0 },
};

START_TEST(each_word)
{
	ck_assert_int_eq(text_is(words[_i].text, words[_i].len,
	    words[_i].word), words[_i].is);
	ck_assert_int_eq(text_begins(words[_i].text, words[_i].len,
	    words[_i].word), words[_i].begins);
}
END_TEST

static const struct {
	const char *text;
	size_t len, trimmed, blanks;
} blanks[] = {
	{ TEXT(""),		0, 0 },
	{ TEXT("a"),		1, 0 },
	{ TEXT(" \ta \t"),	3, 2 },
	{ TEXT(" \t"),		0, 2 },
	{ TEXT("a b"),		3, 0 },
	{ TEXT("a\r"),		2, 0 },
	{ TEXT("a\n"),		2, 0 },
	{ TEXT("\v\f"),		2, 0 },
	{ TEXT("\0 "),		1, 0 },
};

START_TEST(each_blank)
{
	ck_assert_uint_eq(text_trimmed(blanks[_i].text, blanks[_i].len),
	    blanks[_i].trimmed);
	ck_assert_uint_eq(text_blanks(blanks[_i].text, blanks[_i].len),
	    blanks[_i].blanks);
}
END_TEST

static const struct {
	const char *line;
	size_t len, without;
} comments[] = {
	{ TEXT(""),		0 },
	{ TEXT("# all"),	0 },
	{ TEXT("a # b"),	1 },
	{ TEXT("a# b"),		1 },
	{ TEXT("a \t#"),	1 },
	{ TEXT("a\\#b"),	4 },
	{ TEXT("a\\#b #c"),	4 },
	{ TEXT("a "),		1 },
	{ TEXT("  #"),		0 },
};

START_TEST(each_comment)
{
	ck_assert_uint_eq(text_without_comment(comments[_i].line,
	    comments[_i].len), comments[_i].without);
}
END_TEST

#define UNTOUCHED	4711u

static const struct {
	const char *text;
	size_t len, digits;
	uint64_t number;
} numbers[] = {
	{ TEXT("0"),		1, 0 },
	{ TEXT("42"),		2, 42 },
	{ TEXT("007"),		3, 7 },
	{ TEXT("42 octets"),	2, 42 },
	{ TEXT("1k"),		1, 1 },
	{ TEXT(""),		0, UNTOUCHED },
	{ TEXT("-1"),		0, UNTOUCHED },
	{ TEXT("+1"),		0, UNTOUCHED },
	{ TEXT(" 1"),		0, UNTOUCHED },
	{ TEXT("x"),		0, UNTOUCHED },
	{ TEXT("4294967296"),		10, 4294967296u },
	{ TEXT("18446744073709551614"),	20, UINT64_MAX - 1 },
	{ TEXT("18446744073709551615"),	20, UINT64_MAX },
	{ TEXT("18446744073709551616"),	20, UINT64_MAX },
	{ TEXT("99999999999999999999"),	20, UINT64_MAX },
	/* Too large stays too large, however many digits follow. */
	{ TEXT("184467440737095516160000000000"), 30, UINT64_MAX },
	{ TEXT("00000000000000000000000000001"), 29, 1 },
};

START_TEST(each_number)
{
	uint64_t number = UNTOUCHED;

	ck_assert_uint_eq(text_number(numbers[_i].text, numbers[_i].len,
	    &number), numbers[_i].digits);
	ck_assert_uint_eq(number, numbers[_i].number);
}
END_TEST

/* Digits behind `len` are not ours to read. */
START_TEST(number_is_counted)
{
	uint64_t number;

	ck_assert_uint_eq(text_number("123", 2, &number), 2);
	ck_assert_uint_eq(number, 12);
}
END_TEST

static const struct {
	uint64_t number;
	const char *text;
} printed[] = {
	{ 0,		"0" },
	{ 9,		"9" },
	{ 10,		"10" },
	{ 4294967296u,	"4294967296" },
	{ UINT64_MAX,	"18446744073709551615" },
};

START_TEST(each_print)
{
	char text[TEXT_NUMBER];

	ck_assert_uint_eq(text_print_number(text, printed[_i].number),
	    strlen(printed[_i].text));
	ck_assert_str_eq(text, printed[_i].text);
}
END_TEST

static const struct {
	const char *text;
	size_t len;
	void (*make)(char *text, size_t len);
	const char *result;
} printables[] = {
	{ TEXT("plain ~!"),		text_make_printable, "plain ~!" },
	{ TEXT("a\r\nb"),		text_make_printable, "a??b" },
	{ TEXT("\0\t\033\177"),		text_make_printable, "????" },
	{ TEXT("\200\303\244\377"),	text_make_printable, "????" },
	{ TEXT(""),			text_make_printable, "" },
	{ TEXT("a\r\nb"),		text_mask_controls, "a?\nb" },
	{ TEXT("\0\t\033\177"),		text_mask_controls, "????" },
	{ TEXT("\200\303\244\377"),	text_mask_controls,
	    "\200\303\244\377" },
	{ TEXT(""),			text_mask_controls, "" },
};

START_TEST(each_printable)
{
	char text[16];

	memcpy(text, printables[_i].text, printables[_i].len);
	printables[_i].make(text, printables[_i].len);
	assert_octets(text, printables[_i].len, printables[_i].result,
	    strlen(printables[_i].result));
}
END_TEST

SUITE("text",
    { each_word, ROWS(words), NULL, NULL },
    { each_blank, ROWS(blanks), NULL, NULL },
    { each_comment, ROWS(comments), NULL, NULL },
    { each_number, ROWS(numbers), NULL, NULL },
    { number_is_counted, 1, NULL, NULL },
    { each_print, ROWS(printed), NULL, NULL },
    { each_printable, ROWS(printables), NULL, NULL })
