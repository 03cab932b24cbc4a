#include "base/iplist.h"

#include <errno.h>
#include <unistd.h>

#include "../home.h"
#include "../suite.h"

#define NAME	"relayclients"
#define PATH	"control/" NAME
#define MANY	100000u
#define UNTOUCHED 7

static struct control control;
static struct iplist list;
static stralloc octets;

static void
begin(void)
{
	home_make();
	memset(&list, 0, sizeof list);
	memset(&octets, 0, sizeof octets);
	ck_assert_int_eq(control_open(&control), OK);
}

static void
end(void)
{
	stralloc_free(&octets);
	iplist_free(&list);
	control_close(&control);
	home_remove();
}

static void
look_again(void)
{
	control_close(&control);
	ck_assert_int_eq(control_open(&control), OK);
}

static struct address
address_of(const char *text)
{
	struct address address = { 0 };

	address_parse(text, strlen(text), &address);
	return address;
}

static enum status
look(int family, const char *text, int *found)
{
	struct address address = address_of(text);

	*found = UNTOUCHED;
	return iplist_has(&control, NAME, family, &address, found);
}

/* Records: 10.1.2.3/8 has host bits, as Qsmtp's addipbl writes them. */
#define R10	"\12\1\2\3\10"
#define R10_1	"\12\1\0\0\20"
#define R192	"\300\0\2\1\40"
#define R127	"\177\0\0\0\10"
#define DB8	"\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\0\40"
#define FE80	"\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1\12"

/* `failed`: what is named after "control/", or NULL. */
static const struct {
	const char *file;
	size_t len;
	int family;
	const char *address;
	int found;
	const char *failed;
} rows[] = {
	{ TEXT(""),			4, "10.1.2.3",	0, NULL },
	{ TEXT(R10),			4, "10.9.9.9",	1, NULL },
	{ TEXT(R10),			4, "11.0.0.0",	0, NULL },
	{ TEXT(R10),			4, "::ffff:10.9.9.9", 1, NULL },
	/* Neither sorted nor free of what lies in another. */
	{ TEXT(R192 R10_1 R10 R192),	4, "10.9.9.9",	1, NULL },
	{ TEXT(R192 R10_1 R10 R192),	4, "10.1.9.9",	1, NULL },
	{ TEXT(R192 R10_1 R10 R192),	4, "192.0.2.1",	1, NULL },
	{ TEXT(R192 R10_1 R10 R192),	4, "192.0.2.2",	0, NULL },
	{ TEXT(FE80 DB8),		6, "2001:db8::1", 1, NULL },
	{ TEXT(FE80 DB8),		6, "fe9f::1",	1, NULL },
	{ TEXT(FE80 DB8),		6, "2001:db9::", 0, NULL },
	/* Of another family than the address. */
	{ TEXT(R10),			4, "2001:db8::1", 0, NULL },
	{ TEXT(DB8),			6, "32.1.13.184", 0, NULL },
	{ TEXT(R10 "x"),		4, "2001:db8::1", 0, NULL },
	{ TEXT(R10),			4, "",		0, NULL },
	/* Malformed, before what matches or after it. */
	{ TEXT("\1"),			4, "10.1.2.3",	0, " record 1" },
	{ TEXT(R10 "\12\1\2"),		4, "10.1.2.3",	0, " record 2" },
	{ TEXT(R10 "\12\1\2\3\7"),	4, "10.1.2.3",	0, " record 2" },
	{ TEXT(R10 "\12\1\2\3\41"),	4, "10.1.2.3",	0, " record 2" },
	{ TEXT(R10 "\12\1\2\3\0"),	4, "10.1.2.3",	0, " record 2" },
	{ TEXT(R192 R10 R127 "\12\1\2\3\0"), 4, "10.1.2.3", 0, " record 4" },
	{ TEXT("\12\1\2\3\377" R10),	4, "10.1.2.3",	0, " record 1" },
	{ TEXT(DB8),			4, "10.1.2.3",	0, " record 1" },
	{ TEXT(R10 R10 R10),		6, "2001:db8::1", 0, " record 1" },
	{ TEXT(DB8 FE80 "\0"),		6, "2001:db8::1", 0, " record 3" },
	/* Text, for either family. */
	{ TEXT("10.1.2.3\n"),		4, "10.1.2.3",	1, NULL },
	{ TEXT("10.1.2.3"),		4, "10.1.2.3",	1, NULL },
	{ TEXT("10.\n"),		4, "10.1.2.3",	1, NULL },
	{ TEXT("10.1.\n10.2.\n"),	4, "10.2.3.4",	1, NULL },
	{ TEXT("10.1.\n10.2.\n"),	4, "10.3.3.4",	0, NULL },
	{ TEXT("10.1.\n10.2."),		4, "10.2.3.4",	1, NULL },
	{ TEXT("10.1.\r\n10.2.\r\n"),	4, "10.2.3.4",	1, NULL },
	{ TEXT("\n \n\t10.0.0.0/8 \t\n\n"), 4, "10.1.2.3", 1, NULL },
	{ TEXT("# ours: \303\274\n10.\n"), 4, "10.1.2.3", 1, NULL },
	{ TEXT("10. # 11.\n"),		4, "10.1.2.3",	1, NULL },
	{ TEXT("10. # 11.\n"),		4, "11.1.2.3",	0, NULL },
	{ TEXT("10.# 11.\n"),		4, "10.1.2.3",	1, NULL },
	{ TEXT("#10.\n"),		4, "10.1.2.3",	0, NULL },
	{ TEXT("# a comment\r\n#\n#"),	4, "10.1.2.3",	0, NULL },
	{ TEXT(" \n\n"),		4, "10.1.2.3",	0, NULL },
	{ TEXT("10.\n2001:db8:\n"),	4, "2001:db8::1", 1, NULL },
	{ TEXT("10.\n2001:db8:\n"),	6, "10.1.2.3",	1, NULL },
	{ TEXT("10.\n2001:DB8::/32\n"),	6, "2001:db8::1", 1, NULL },
	{ TEXT("::ffff:10.0.0.0/104"),	4, "10.1.2.3",	1, NULL },
	/* A record of five octets, if it were not text. */
	{ TEXT("10.1\n"),		4, "49.48.46.49", 0, " line 1" },
	{ TEXT("10.1 "),		4, "49.48.46.49", 0, " line 1" },
	{ TEXT("10.1\n"),		4, "2001:db8::1", 0, " line 1" },
	/* Nothing is granted by a list with a mistake, wherever it is. */
	{ TEXT("10.\n11\n"),		4, "10.1.2.3",	0, " line 2" },
	{ TEXT("10.\n\n# x\n11.0.0.0/7"), 4, "10.1.2.3", 0, " line 4" },
	{ TEXT("11\n10.\n12\n"),	4, "10.1.2.3",	0, " line 1" },
	{ TEXT("10. 11.\n"),		4, "10.1.2.3",	0, " line 1" },
	{ TEXT("10.\r11.\n"),		4, "10.1.2.3",	0, " line 1" },
	{ TEXT("10.0.0.0 /8\n"),	4, "10.1.2.3",	0, " line 1" },
	{ TEXT("10.\n2001:db8::/7\n"),	4, "10.1.2.3",	0, " line 2" },
	{ TEXT("10.\n2001:db8:0000:0000:0000:0000:0000:0000:0000:0001\n"),
	    4, "10.1.2.3", 0, " line 2" },
	{ TEXT("10.\n0000000000000000000000000000000000000000000000000000"
	    "0000000000000000000000000000000000000000000000000000010.1.2.3\n"),
	    4, "10.1.2.3", 0, " line 2" },
	/* What no text has makes records of it. */
	{ TEXT("10.\nall\n"),		4, "10.1.2.3",	0, " record 1" },
	{ TEXT("10.\n10.1.2.3-9\n"),	4, "10.1.2.3",	0, " record 1" },
	{ TEXT("10.\n# \033[2J\n"),	4, "10.1.2.3",	0, " record 1" },
	{ TEXT("10.\n# \177\n"),	4, "10.1.2.3",	0, " record 1" },
	{ TEXT("10.\n\0"),		4, "10.1.2.3",	0, " record 1" },
	{ TEXT("\357\273\27710.\n"),	4, "10.1.2.3",	0, " record 1" },
};

START_TEST(each_row)
{
	char failed[sizeof control.failed] = "";
	int found;
	enum status status;

	home_octets(PATH, rows[_i].file, rows[_i].len);
	look_again();
	status = look(rows[_i].family, rows[_i].address, &found);
	if (rows[_i].failed != NULL)
		snprintf(failed, sizeof failed, PATH "%s", rows[_i].failed);
	ck_assert_str_eq(control.failed, failed);
	assert_row(status == (rows[_i].failed != NULL ? TEMPFAIL : OK));
	assert_row(found == (status == OK ? rows[_i].found : UNTOUCHED));
	assert_row(control.error == (status == OK ? 0 : EINVAL));
}
END_TEST

/* What is absent, or no file. */
static const struct {
	const char *link;	/* to what; NULL: a folder */
	enum status status;
	int error;
} kinds[] = {
	{ "/dev/null",	OK,		0 },
	{ "nothing",	TEMPFAIL,	ENOENT },
	{ NAME,		TEMPFAIL,	ELOOP },
	{ NULL,		TEMPFAIL,	EISDIR },
};

START_TEST(each_kind)
{
	int found;

	ck_assert_int_eq(look(4, "10.1.2.3", &found), OK);
	ck_assert_int_eq(found, 0);
	if (kinds[_i].link == NULL)
		home_file(PATH, NULL);
	else
		ck_assert_int_eq(symlink(kinds[_i].link, PATH), 0);
	look_again();
	ck_assert_int_eq(look(4, "10.1.2.3", &found), kinds[_i].status);
	ck_assert_int_eq(found, kinds[_i].status == OK ? 0 : UNTOUCHED);
	ck_assert_int_eq(control.error, kinds[_i].error);
	ck_assert_str_eq(control.failed, kinds[_i].error != 0 ? PATH : "");
}
END_TEST

/* More than a block of text: lines are cut anywhere. */
static const size_t shifts[] = { 0, 1, 2, 3, 4, 5, 6, 7 };

START_TEST(long_text)
{
	static char text[20000];
	size_t len = shifts[_i];
	int found;

	memset(text, '\n', len);
	while (len + 16 < sizeof text - 32) {
		memcpy(text + len, "192.0.2.200/31\n", 15);
		len += 15;
	}
	len += (size_t)sprintf(text + len, "10.1.2.3");
	home_octets(PATH, text, len);
	look_again();
	ck_assert_int_eq(look(4, "10.1.2.3", &found), OK);
	ck_assert_int_eq(found, 1);
	ck_assert_int_eq(look(4, "192.0.2.201", &found), OK);
	ck_assert_int_eq(found, 1);
	ck_assert_int_eq(look(4, "192.0.2.0", &found), OK);
	ck_assert_int_eq(found, 0);
	/* What was found in an earlier block is not granted. */
	text[len++] = '4';
	text[len++] = '/';
	home_octets(PATH, text, len);
	ck_assert_int_eq(look(4, "192.0.2.201", &found), TEMPFAIL);
	ck_assert_int_eq(found, UNTOUCHED);
	ck_assert_ptr_nonnull(strstr(control.failed, PATH " line "));
	/* One octet at its end makes records of it. */
	text[len++] = '\1';
	home_octets(PATH, text, len);
	ck_assert_int_eq(look(4, "10.1.2.3", &found), TEMPFAIL);
	ck_assert_ptr_nonnull(strstr(control.failed, PATH " record "));
}
END_TEST

/* 10.0.0.0/31, 10.0.0.4/31, 10.0.0.8/31, ... or 16-octet ones like them. */
static void
set_many(struct network *network, int family, size_t i)
{
	unsigned char address[16] = { 10 };
	size_t at = family == 4 ? 1 : 13;

	address[at] = (unsigned char)(i >> 14);
	address[at + 1] = (unsigned char)(i >> 6);
	address[at + 2] = (unsigned char)(i << 2);
	ck_assert_int_eq(network_set(network, family, address,
	    family == 4 ? 31 : 127), OK);
}

static void
write_list(int is_sealed)
{
	int file = open(PATH, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert_int_ne(file, -1);
	ck_assert_int_eq(iplist_print(&list, &octets), OK);
	ck_assert_int_eq(iplist_write(file, &octets), OK);
	ck_assert(iplist_is_sealed(file));
	if (!is_sealed)
		ck_assert_int_eq(futimens(file, NULL), 0);
	ck_assert_int_eq(iplist_is_sealed(file), is_sealed);
	close(file);
	look_again();
}

static void
make_many(int family)
{
	struct network network;
	size_t i;

	for (i = 0; i < MANY; i++) {
		set_many(&network, family, i);
		ck_assert_int_eq(iplist_add(&list, &network), OK);
	}
}

/* How many octets this process has read; what reads them counts too. */
static unsigned long
count_read(void)
{
	char text[512], *word;
	size_t len = home_read("/proc/self/io", text, sizeof text - 1);

	text[len] = '\0';
	word = strstr(text, "rchar: ");
	ck_assert_ptr_nonnull(word);
	return strtoul(word + 7, NULL, 10);
}

#define FEW_OCTETS	1024u	/* 17 records, and what count_read() reads */

static const struct {
	int family;
	int is_sealed;
} many[] = {
	{ 4, 1 }, { 6, 1 }, { 4, 0 }, { 6, 0 },
};

START_TEST(each_many)
{
	static const size_t places[] = {
		0, 1, 2, 4095, 49999, 50000, 65536, MANY - 2, MANY - 1
	};
	int family = many[_i].family, found;
	struct network network;
	size_t i;

	make_many(family);
	write_list(many[_i].is_sealed);
	for (i = 0; i < sizeof places / sizeof places[0]; i++) {
		unsigned char last = family == 4 ? 3 : 15;
		unsigned octet;

		set_many(&network, family, places[i]);
		for (octet = 0; octet < 4; octet++) {
			unsigned long before = count_read(), octets_read;

			found = UNTOUCHED;
			ck_assert_int_eq(iplist_has(&control, NAME, family,
			    &network.address, &found), OK);
			ck_assert_int_eq(found, octet < 2);
			octets_read = count_read() - before;
			ck_assert_int_eq(octets_read < FEW_OCTETS,
			    many[_i].is_sealed);
			network.address.octets[last]++;
		}
	}
	/* Before the first one and after the last. */
	ck_assert_int_eq(look(family, family == 4 ? "9.255.255.255" :
	    "9ff::", &found), OK);
	ck_assert_int_eq(found, 0);
	ck_assert_int_eq(look(family, family == 4 ? "255.255.255.255" :
	    "ffff::", &found), OK);
	ck_assert_int_eq(found, 0);
}
END_TEST

/* The last of many: what was found in an earlier block is not granted. */
START_TEST(last_record)
{
	int family = _i == 0 ? 4 : 6, found = UNTOUCHED;
	struct network network;

	set_many(&network, family, 0);
	make_many(family);
	list.networks[MANY - 1].prefix = 7;
	write_list(0);
	ck_assert_int_eq(iplist_has(&control, NAME, family, &network.address,
	    &found), TEMPFAIL);
	ck_assert_int_eq(found, UNTOUCHED);
	ck_assert_str_eq(control.failed, PATH " record 100000");
	ck_assert_int_eq(control.error, EINVAL);
}
END_TEST

/* Whatever is done to a sealed list, the answer is that of its records. */
enum deed { APPEND, CUT, CUT_TO_RECORD, OVERWRITE, COPY, LATER };
static const struct {
	enum deed deed;
	enum status status;	/* of a look for 250.1.2.3 */
	int found;
} deeds[] = {
	{ APPEND,	OK,		1 },
	{ CUT,		TEMPFAIL,	UNTOUCHED },
	{ CUT_TO_RECORD, OK,		0 },
	{ OVERWRITE,	OK,		1 },
	{ COPY,		OK,		0 },
	{ LATER,	OK,		0 },
};

static void
keep_time(const struct stat *facts, const char *path)
{
	const struct timespec times[] = { facts->st_atim, facts->st_mtim };

	ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void
do_deed(enum deed deed, int file, const struct stat *facts)
{
	static const char record[] = "\372\1\0\0\20";

	switch (deed) {
	case APPEND:
		/* The seal is of the size too. */
		ck_assert_int_eq(pwrite(file, record, 5, facts->st_size), 5);
		keep_time(facts, PATH);
		break;
	case CUT:
	case CUT_TO_RECORD:
		ck_assert_int_eq(ftruncate(file, facts->st_size -
		    (deed == CUT ? 1 : 5)), 0);
		keep_time(facts, PATH);
		break;
	case OVERWRITE:
		ck_assert_int_eq(pwrite(file, record, 5, 500), 5);
		break;
	case COPY:
		/* As cp -p does it. */
		home_octets(PATH ".copy", octets.s, octets.len);
		keep_time(facts, PATH ".copy");
		ck_assert_int_eq(rename(PATH ".copy", PATH), 0);
		break;
	case LATER:
		ck_assert_int_eq(futimens(file, (const struct timespec[]) {
		    facts->st_atim, { facts->st_mtim.tv_sec + 1,
		    facts->st_mtim.tv_nsec } }), 0);
		break;
	}
}

START_TEST(each_deed)
{
	struct stat facts;
	int file, found;

	make_many(4);
	write_list(1);
	file = open(PATH, O_RDWR | O_CLOEXEC);
	ck_assert_int_ne(file, -1);
	ck_assert_int_eq(fstat(file, &facts), 0);
	do_deed(deeds[_i].deed, file, &facts);
	close(file);
	file = open(PATH, O_RDONLY | O_CLOEXEC);
	ck_assert(!iplist_is_sealed(file));
	close(file);
	look_again();
	ck_assert_int_eq(look(4, "250.1.2.3", &found), deeds[_i].status);
	ck_assert_int_eq(found, deeds[_i].found);
	if (deeds[_i].status == OK) {
		ck_assert_int_eq(look(4, "10.0.0.4", &found), OK);
		ck_assert_int_eq(found, 1);
	}
}
END_TEST

/* A seal on what is not sorted, or makes no sense, is not believed. */
static const struct {
	const char *file;
	size_t len;
	enum status status;	/* of a look for 192.0.2.1 */
	int found;
} lies[] = {
	{ TEXT(R192 R127 R10),			OK,		1 },
	{ TEXT(R10 R10 R192 R192 R192),		OK,		1 },
	{ TEXT(R192 R192 R10 R10 R10),		OK,		1 },
	{ TEXT(R10 "\177\0\0\0\0" R192),	TEMPFAIL,	UNTOUCHED },
	{ TEXT(R10 R192 "\0"),			TEMPFAIL,	UNTOUCHED },
	{ TEXT(R10 R127 R192),			OK,		1 },
};

START_TEST(each_lie)
{
	int found, file = open(PATH, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	ck_assert(stralloc_copyb(&octets, lies[_i].file, lies[_i].len));
	ck_assert_int_eq(iplist_write(file, &octets), OK);
	ck_assert(iplist_is_sealed(file));
	close(file);
	look_again();
	ck_assert_int_eq(look(4, "192.0.2.1", &found), lies[_i].status);
	ck_assert_int_eq(found, lies[_i].found);
	/* The other family is not asked for. */
	ck_assert_int_eq(look(4, "2001:db8::", &found), OK);
	ck_assert_int_eq(found, 0);
}
END_TEST

/* A whole list, as it is and as it is written. */
static const struct {
	const char *file;
	size_t len;
	int family, is_text;
	size_t bad;		/* 0: none */
	size_t count;
	const char *normal;
	size_t normal_len;
} wholes[] = {
	{ TEXT(""),			0, 0, 0, 0, TEXT("") },
	{ TEXT(""),			6, 0, 0, 0, TEXT("") },
	{ TEXT(R192 R10_1 R10 R192),	4, 0, 0, 4,
	    TEXT("\12\0\0\0\10" R192) },
	{ TEXT(R192 R10_1 R10 R192),	0, 0, 0, 4,
	    TEXT("\12\0\0\0\10" R192) },
	{ TEXT(R10_1 R10_1),		0, 0, 0, 2, TEXT(R10_1) },
	{ TEXT(FE80 DB8),		0, 0, 0, 2,
	    TEXT(DB8 "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0\12") },
	{ TEXT(DB8),			4, 0, 1, 0, NULL, 0 },
	{ TEXT(R10),			6, 0, 1, 0, NULL, 0 },
	{ TEXT(R10 R10 "\1"),		0, 0, 3, 0, NULL, 0 },
	{ TEXT(DB8 "\1"),		0, 0, 1, 0, NULL, 0 },
	{ TEXT("10.1.\n# x\n192.0.2.1\n10."), 4, 1, 0, 3,
	    TEXT("\12\0\0\0\10" R192) },
	{ TEXT("2001:db8:"),		4, 1, 0, 1, TEXT(DB8) },
	{ TEXT("10.\n10\n"),		4, 1, 2, 0, NULL, 0 },
	/* Each lies in the next. */
	{ TEXT("10.1.2.3\n10.1.2.2/31\n10.1.2.0/24\n10.1.0.0/16\n10."), 0, 1,
	    0, 5, TEXT("\12\0\0\0\10") },
	{ TEXT("10.0.0.0/9\n10.128.0.0/9\n"), 0, 1, 0, 2,
	    TEXT("\12\0\0\0\11\12\200\0\0\11") },
};

START_TEST(each_whole)
{
	size_t bad = 0;
	enum status status;
	int file;

	home_octets("list", wholes[_i].file, wholes[_i].len);
	file = open("list", O_RDONLY | O_CLOEXEC);
	status = iplist_read(file, wholes[_i].family, &list, &bad);
	close(file);
	assert_row(list.is_text == wholes[_i].is_text);
	if (wholes[_i].bad != 0) {
		assert_row(status == PERMFAIL);
		assert_row(bad == wholes[_i].bad);
		return;
	}
	assert_row(status == OK);
	assert_row(list.count == wholes[_i].count);
	iplist_normalise(&list);
	ck_assert_int_eq(iplist_print(&list, &octets), OK);
	assert_octets(octets.s, octets.len, wholes[_i].normal,
	    wholes[_i].normal_len);
}
END_TEST

/* Binary lists that would be taken for text, and those that would not. */
static const struct {
	const char *text;
	int is_text;
} chances[] = {
	{ "49.48.46.49/32",			1 },
	{ "49.48.46.49/32\n49.48.46.48/32",	1 },
	{ "49.48.46.49/31",			0 },
	{ "49.48.46.49/32\n49.48.46.1/32",	0 },
	/* The first one begins a comment. */
	{ "35.65.66.200/32\n200.201.202.203/32", 1 },
	{ "64.64.64.64/32",			0 },
	/* Host bits are zero, and no text has a zero. */
	{ "3131:3131:3131:3131:3131:3131:3131:3131/32", 0 },
	{ "3132:3132:3132:3132:3132:3132:3132:3132/49", 0 },
	{ "3132:3132:3132:3132:3132:3132:3132:3132/102", 0 },
	{ "10.",				0 },
};

START_TEST(each_chance)
{
	const char *text = chances[_i].text;
	size_t bad;

	ck_assert_int_eq(iplist_parse(text, strlen(text), &list, &bad), OK);
	assert_row(iplist_print(&list, &octets) ==
	    (chances[_i].is_text ? PERMFAIL : OK));
	assert_row(iplist_is_text(octets.s, octets.len) ==
	    chances[_i].is_text);
}
END_TEST

START_TEST(too_large)
{
	int found, file = open(PATH, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	size_t bad;

	look_again();
	ck_assert_int_eq(ftruncate(file, CONTROL_SIZE), 0);
	ck_assert_int_eq(look(4, "10.1.2.3", &found), TEMPFAIL);
	ck_assert_int_eq(control.error, EINVAL);
	ck_assert_int_eq(ftruncate(file, CONTROL_SIZE + 1), 0);
	ck_assert_int_eq(look(4, "10.1.2.3", &found), TEMPFAIL);
	ck_assert_int_eq(control.error, EFBIG);
	ck_assert_int_eq(iplist_read(file, 4, &list, &bad), TEMPFAIL);
	ck_assert_int_eq(errno, EFBIG);
	close(file);
	ck_assert_int_eq(iplist_read(-1, 4, &list, &bad), TEMPFAIL);
	ck_assert_int_eq(errno, EBADF);
}
END_TEST

static const struct {
	const char *path;
	int family;
} paths[] = {
	{ "relayclients",		4 },
	{ "control/relayclients",	4 },
	{ "control/relayclients6",	6 },
	{ "/var/qmail/control/ipbl",	4 },
	{ "ipwl",			4 },
	{ "spffriends",			4 },
	{ "ipblv6",			6 },
	{ "ipwlv6",			6 },
	{ "spffriends6",		6 },
	{ "6",				6 },
	{ "ipbl6/list",			0 },
	{ "relayclients.old",		0 },
	{ "myrelayclients",		0 },
	{ "",				0 },
};

START_TEST(each_path)
{
	assert_row(iplist_family(paths[_i].path) == paths[_i].family);
}
END_TEST

SUITE("iplist",
    { each_row, ROWS(rows), begin, end },
    { each_kind, ROWS(kinds), begin, end },
    { long_text, ROWS(shifts), begin, end },
    { each_many, ROWS(many), begin, end },
    { last_record, 2, begin, end },
    { each_deed, ROWS(deeds), begin, end },
    { each_lie, ROWS(lies), begin, end },
    { each_whole, ROWS(wholes), begin, end },
    { each_chance, ROWS(chances), begin, end },
    { too_large, 1, begin, end },
    { each_path, ROWS(paths), NULL, NULL })
