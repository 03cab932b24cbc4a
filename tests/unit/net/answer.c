#include "net/answer.h"

#include <stdio.h>

#include "../suite.h"

/* Pieces of messages; numbers of two octets are written as such. */
#define ID	"\x12\x34"
#define ANSWER	"\x81\x80"	/* QR RD RA */
#define SECURE	"\x81\xa0"	/* ... AD */
#define NONE	"\0\0"
#define ONE	"\0\1"
#define TWO	"\0\2"
#define THREE	"\0\3"
#define IN	"\0\1"
#define TTL	"\0\0\0\x3c"
#define A	"\0\1"
#define NS	"\0\2"
#define CNAME	"\0\5"
#define SOA	"\0\6"
#define PTR	"\0\xc"
#define MX	"\0\xf"
#define TXT	"\0\x10"
#define AAAA	"\0\x1c"
#define DNAME	"\0\x27"
#define OPT	"\0\x29"
#define TLSA	"\0\x34"

#define NAME	"\1a\4test\0"
#define SAME	"\xc0\xc"	/* a pointer to NAME in the question */
#define ZONE	"\xc0\xe"	/* ... to `test` in it */
#define QUESTION(type)	NAME type IN
#define QUESTION_SIZE	12
#define RECORD(owner, type, len, data)	owner type IN TTL len data
#define ADDRESS	RECORD(SAME, A, "\0\4", "\xc0\0\2\1")
#define ALIAS(owner, target) RECORD(owner, CNAME, "\0\4", "\1" target ZONE)
#define START	RECORD("\4test\0", SOA, "\0\x16", "\0\0"		\
	"\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1")
#define EDNS	"\0" OPT "\4\xd0" "\0\0\0\0" "\0\0"
#define BADVERS	"\0" OPT "\4\xd0" "\1\0\0\0" "\0\0"

/* Of which all but the first two parts are the answer's, and its counts. */
#define MESSAGE(bits, an, ns, ar, rest)	TEXT(ID bits ONE an ns ar rest)
#define FOR_A(bits, an, ns, ar, rest)					\
	QUESTION(A), MESSAGE(bits, an, ns, ar, QUESTION(A) rest)
#define ONE_OF(type, rest)						\
	QUESTION(type), MESSAGE(ANSWER, ONE, NONE, NONE, QUESTION(type) rest)

/* Octets 2 to 11 of a query, and its OPT. */
#define ASKING	"\1\x20" ONE NONE NONE ONE
static unsigned char query[512];

static size_t
make_query(const char *question, size_t len)
{
	const char head[] = ID ASKING, tail[] = EDNS;

	memcpy(query, head, 12);
	memcpy(query + 12, question, len);
	memcpy(query + 12 + len, tail, sizeof tail - 1);
	return 12 + len + sizeof tail - 1;
}

/* From memory of just this size, so that one octet too far is found. */
static enum status
read_octets(const void *octets, size_t len, size_t query_len,
    struct answer *answer)
{
	unsigned char *copy = malloc(len > 0 ? len : 1);
	enum status status;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, octets, len);
	status = answer_read(copy, len, query, query_len, answer);
	free(copy);
	return status;
}

/* Records as text, one after another. */
static void
show(const struct answer *answer, unsigned type, char *text, size_t size)
{
	size_t i, k, len = 0;

	text[0] = '\0';
	for (i = 0; i < answer->count; i++) {
		const struct dns_record *record = &answer->records[i];
		char address[ADDRESS_TEXT] = "";

		if (type == DNS_MX)
			len += (size_t)snprintf(text + len, size - len, "%u ",
			    record->preference);
		if (type == DNS_TLSA)
			len += (size_t)snprintf(text + len, size - len,
			    "%u %u %u ", record->usage, record->selector,
			    record->matching);
		if (type == DNS_A || type == DNS_AAAA)
			address_print(&record->address, address);
		for (k = 0; k < record->len; k++)
			len += (size_t)snprintf(text + len, size - len,
			    "%02x", (unsigned char)record->octets[k]);
		len += (size_t)snprintf(text + len, size - len, "%s%s;",
		    record->name != NULL ? record->name : "", address);
	}
}

static const struct {
	const char *question;		/* QUESTION_SIZE */
	const char *octets;
	size_t len;
	enum dns_state state;
	int authenticated;
	const char *canonical, *records;
} good[] = {
	{ FOR_A(ANSWER, ONE, NONE, NONE, ADDRESS),
	    DNS_DATA, 0, "a.test", "192.0.2.1;" },
	{ FOR_A(SECURE, ONE, NONE, ONE, ADDRESS EDNS),
	    DNS_DATA, 1, "a.test", "192.0.2.1;" },
	{ FOR_A(ANSWER, TWO, NONE, NONE, ADDRESS
	    RECORD(NAME, A, "\0\4", "\xc0\0\2\2")),
	    DNS_DATA, 0, "a.test", "192.0.2.1;192.0.2.2;" },
	{ FOR_A(ANSWER, ONE, NONE, NONE,
	    RECORD("\1A\4TeST\0", A, "\0\4", "\xc0\0\2\2")),
	    DNS_DATA, 0, "a.test", "192.0.2.2;" },
	/* From an authority that does not recurse. */
	{ FOR_A("\x85\0", ONE, NONE, NONE, ADDRESS),
	    DNS_DATA, 0, "a.test", "192.0.2.1;" },
	{ ONE_OF(AAAA, RECORD(SAME, AAAA, "\0\x10",
	    "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1")),
	    DNS_DATA, 0, "a.test", "2001:db8::1;" },
	{ ONE_OF(AAAA, RECORD(SAME, AAAA, "\0\x10",
	    "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1")),
	    DNS_DATA, 0, "a.test", "192.0.2.1;" },
	{ ONE_OF(MX, RECORD(SAME, MX, "\0\7", "\1\2" "\2mx" ZONE)),
	    DNS_DATA, 0, "a.test", "258 mx.test;" },
	{ ONE_OF(MX, RECORD(SAME, MX, "\0\3", "\0\0" "\0")),
	    DNS_DATA, 0, "a.test", "0 ;" },
	{ ONE_OF(PTR, RECORD(SAME, PTR, "\0\6", "\4Ho_1\0")),
	    DNS_DATA, 0, "a.test", "Ho_1;" },
	{ ONE_OF(PTR, RECORD(SAME, PTR, "\0\x0b", "\3a.b\5\0 \n\\\xff\0")),
	    DNS_DATA, 0, "a.test", "a\\046b.\\000\\032\\010\\092\\255;" },
	{ ONE_OF(TXT, RECORD(SAME, TXT, "\0\6", "\3a\0b\1c")),
	    DNS_DATA, 0, "a.test", "61006263;" },
	{ ONE_OF(TXT, RECORD(SAME, TXT, "\0\1", "\0")),
	    DNS_DATA, 0, "a.test", ";" },
	{ ONE_OF(TLSA, RECORD(SAME, TLSA, "\0\5", "\3\1\2\xab\xcd")),
	    DNS_DATA, 0, "a.test", "3 1 2 abcd;" },
	/* Useless to DANE, but whole. */
	{ ONE_OF(TLSA, RECORD(SAME, TLSA, "\0\3", "\3\1\2")),
	    DNS_DATA, 0, "a.test", "3 1 2 ;" },

	{ FOR_A(ANSWER, NONE, ONE, NONE, START),
	    DNS_NODATA, 0, "a.test", "" },
	{ FOR_A(SECURE, NONE, NONE, ONE, EDNS),
	    DNS_NODATA, 1, "a.test", "" },
	{ FOR_A("\x85\0", NONE, NONE, NONE, ""),
	    DNS_NODATA, 0, "a.test", "" },
	{ FOR_A("\x81\xa3", NONE, ONE, NONE, START),
	    DNS_NXDOMAIN, 1, "a.test", "" },

	{ FOR_A(ANSWER, TWO, NONE, NONE, ALIAS(SAME, "B")
	    RECORD("\1b" ZONE, A, "\0\4", "\xc0\0\2\3")),
	    DNS_DATA, 0, "B.test", "192.0.2.3;" },
	{ FOR_A(ANSWER, THREE, NONE, NONE,
	    RECORD("\1c" ZONE, A, "\0\4", "\xc0\0\2\3")
	    ALIAS("\1b" ZONE, "c") ALIAS(SAME, "b")),
	    DNS_DATA, 0, "c.test", "192.0.2.3;" },
	{ FOR_A(ANSWER, ONE, NONE, NONE, ALIAS(SAME, "b")),
	    DNS_NODATA, 0, "b.test", "" },
	{ FOR_A("\x81\x83", ONE, NONE, NONE, ALIAS(SAME, "b")),
	    DNS_NXDOMAIN, 0, "b.test", "" },
	{ FOR_A(ANSWER, THREE, NONE, NONE,
	    RECORD(ZONE, DNAME, "\0\3", "\1x\0") ALIAS(SAME, "b")
	    RECORD("\1b" ZONE, A, "\0\4", "\xc0\0\2\3")),
	    DNS_DATA, 0, "b.test", "192.0.2.3;" },
};

START_TEST(each_good)
{
	size_t query_len = make_query(good[_i].question, QUESTION_SIZE), len;
	struct answer answer;
	char text[256];

	ck_assert_int_eq(read_octets(good[_i].octets, good[_i].len, query_len,
	    &answer), OK);
	ck_assert_int_eq(answer.state, good[_i].state);
	ck_assert_int_eq(answer.authenticated, good[_i].authenticated);
	ck_assert_int_eq(answer.count > 0, answer.state == DNS_DATA);
	ck_assert_str_eq(answer.canonical, good[_i].canonical);
	show(&answer, (unsigned char)good[_i].question[QUESTION_SIZE - 3],
	    text, sizeof text);
	ck_assert_str_eq(text, good[_i].records);
	free((void *)answer.records);

	/* What is cut anywhere is no answer. */
	for (len = 0; len < good[_i].len; len++)
		ck_assert_int_eq(read_octets(good[_i].octets, len, query_len,
		    &answer), TEMPFAIL);
}
END_TEST

/* Each is a good answer but for one thing. */
static const struct {
	const char *question;
	const char *octets;
	size_t len;
} bad[] = {
	/* The header. */
	{ FOR_A("\1\x80", ONE, NONE, NONE, ADDRESS) },
	{ FOR_A("\x89\x80", ONE, NONE, NONE, ADDRESS) },
	{ FOR_A("\x83\x80", ONE, NONE, NONE, ADDRESS) },
	{ FOR_A("\x81\x81", NONE, NONE, NONE, "") },
	{ FOR_A("\x81\x82", NONE, NONE, NONE, "") },
	{ FOR_A("\x81\x84", NONE, NONE, NONE, "") },
	{ FOR_A("\x81\x85", NONE, NONE, NONE, "") },
	{ FOR_A("\x81\x82", ONE, NONE, NONE, ADDRESS) },
	{ FOR_A(ANSWER, NONE, NONE, ONE, BADVERS) },
	{ FOR_A(ANSWER, ONE, NONE, ONE, ADDRESS BADVERS) },
	/* The question: id, name, case, type, class, how many. */
	{ QUESTION(A), TEXT("\x12\x35" ANSWER ONE ONE NONE NONE
	    QUESTION(A) ADDRESS) },
	{ QUESTION(A), TEXT(ID ANSWER ONE ONE NONE NONE
	    "\1b\4test\0" A IN ADDRESS) },
	{ QUESTION(A), TEXT(ID ANSWER ONE ONE NONE NONE
	    "\1A\4test\0" A IN ADDRESS) },
	{ QUESTION(A), TEXT(ID ANSWER ONE NONE NONE NONE QUESTION(AAAA)) },
	{ QUESTION(A), TEXT(ID ANSWER ONE ONE NONE NONE
	    NAME A THREE ADDRESS) },
	{ QUESTION(A), TEXT(ID ANSWER NONE NONE NONE NONE QUESTION(A)) },
	{ QUESTION(A), TEXT(ID ANSWER NONE NONE NONE NONE) },
	{ QUESTION(A), TEXT(ID ANSWER TWO ONE NONE NONE
	    QUESTION(A) QUESTION(A) ADDRESS) },
	/* RDATA of the wrong size. */
	{ ONE_OF(A, RECORD(SAME, A, "\0\3", "\xc0\0\2")) },
	{ ONE_OF(A, RECORD(SAME, A, "\0\5", "\xc0\0\2\1\1")) },
	{ ONE_OF(A, RECORD(SAME, A, "\0\0", "")) },
	{ ONE_OF(A, RECORD(SAME, A, "\0\5", "\xc0\0\2\1")) },
	{ ONE_OF(A, RECORD(SAME, A, "\xff\xff", "\xc0\0\2\1")) },
	{ ONE_OF(AAAA, RECORD(SAME, AAAA, "\0\4", "\xc0\0\2\1")) },
	{ ONE_OF(MX, RECORD(SAME, MX, "\0\1", "\0")) },
	{ ONE_OF(MX, RECORD(SAME, MX, "\0\2", "\0\1")) },
	{ ONE_OF(MX, RECORD(SAME, MX, "\0\5", "\0\1" "\2mx")) },
	{ ONE_OF(MX, RECORD(SAME, MX, "\0\5", "\0\1" SAME "x")) },
	{ ONE_OF(PTR, RECORD(SAME, PTR, "\0\0", "")) },
	{ ONE_OF(PTR, RECORD(SAME, PTR, "\0\1", "\xc0") "\xc") },
	{ ONE_OF(PTR, RECORD(SAME, PTR, "\0\3", SAME "\0")) },
	{ ONE_OF(TXT, RECORD(SAME, TXT, "\0\0", "")) },
	{ ONE_OF(TXT, RECORD(SAME, TXT, "\0\2", "\2a")) },
	{ ONE_OF(TXT, RECORD(SAME, TXT, "\0\3", "\1a\1")) },
	{ ONE_OF(TLSA, RECORD(SAME, TLSA, "\0\2", "\3\1")) },
	{ FOR_A(ANSWER, ONE, NONE, NONE, ALIAS(SAME, "b") "x") },
	{ FOR_A(ANSWER, ONE, NONE, NONE,
	    RECORD(SAME, CNAME, "\0\5", "\1b" ZONE "x")) },
	{ FOR_A(ANSWER, ONE, NONE, NONE, RECORD(SAME, CNAME, "\0\0", "")) },
	/* Class and owner. */
	{ ONE_OF(A, SAME A THREE TTL "\0\4" "\xc0\0\2\1") },
	{ FOR_A(ANSWER, ONE, NONE, NONE, SAME CNAME THREE TTL "\0\4"
	    "\1b" ZONE) },
	{ ONE_OF(A, RECORD(ZONE, A, "\0\4", "\xc0\0\2\1")) },
	{ ONE_OF(A, RECORD("\1b" ZONE, A, "\0\4", "\xc0\0\2\1")) },
	{ FOR_A(ANSWER, TWO, NONE, NONE, ADDRESS
	    RECORD("\1b" ZONE, A, "\0\4", "\xc0\0\2\1")) },
	{ FOR_A(ANSWER, TWO, NONE, NONE, ALIAS(SAME, "b") ADDRESS) },
	{ FOR_A(ANSWER, TWO, NONE, NONE, ADDRESS ALIAS("\1b" ZONE, "a")) },
	/* CNAME: to itself, in a ring, two ways, off the way. */
	{ FOR_A(ANSWER, ONE, NONE, NONE, ALIAS(SAME, "a")) },
	{ FOR_A(ANSWER, TWO, NONE, NONE, ALIAS(SAME, "b")
	    ALIAS("\1b" ZONE, "A")) },
	{ FOR_A(ANSWER, THREE, NONE, NONE, ALIAS(SAME, "b")
	    ALIAS("\1b" ZONE, "c") ALIAS("\1c" ZONE, "b")) },
	{ FOR_A(ANSWER, TWO, NONE, NONE, ALIAS(SAME, "b") ALIAS(SAME, "c")) },
	{ FOR_A(ANSWER, TWO, NONE, NONE, ALIAS(SAME, "b") ALIAS(SAME, "b")) },
	{ FOR_A(ANSWER, TWO, NONE, NONE, ALIAS(SAME, "b")
	    ALIAS("\1c" ZONE, "d")) },
	/* Names: the record begins at octet 0x18. */
	{ ONE_OF(A, RECORD("\xc0\x18", A, "\0\4", "\xc0\0\2\1")) },
	{ ONE_OF(A, RECORD("\xc0\x1a", A, "\0\4", "\xc0\0\2\1")) },
	{ ONE_OF(A, RECORD("\1a\xc0\x18", A, "\0\4", "\xc0\0\2\1")) },
	{ ONE_OF(A, RECORD("\xc0\0", A, "\0\4", "\xc0\0\2\1")) },
	{ ONE_OF(A, RECORD("\xc0\xb", A, "\0\4", "\xc0\0\2\1")) },
	{ ONE_OF(A, RECORD("\xff\xff", A, "\0\4", "\xc0\0\2\1")) },
	{ ONE_OF(A, RECORD("\x41" "a" ZONE, A, "\0\4", "\xc0\0\2\1")) },
	{ ONE_OF(A, RECORD("\x81" "a" ZONE, A, "\0\4", "\xc0\0\2\1")) },
	{ ONE_OF(A, "\xc0") },
	{ ONE_OF(A, "") },
	/* Counts that lie, and sections that nobody needs. */
	{ FOR_A(ANSWER, TWO, NONE, NONE, ADDRESS) },
	{ FOR_A(ANSWER, "\xff\xff", NONE, NONE, ADDRESS) },
	{ FOR_A(ANSWER, NONE, NONE, NONE, ADDRESS) },
	{ FOR_A(ANSWER, ONE, ONE, NONE, ADDRESS) },
	{ FOR_A(ANSWER, ONE, NONE, ONE, ADDRESS) },
	{ FOR_A(ANSWER, ONE, NONE, NONE, ADDRESS EDNS) },
	{ FOR_A(ANSWER, ONE, NONE, ONE, ADDRESS "\xc0\x28" OPT) },
	{ FOR_A(ANSWER, NONE, ONE, NONE,
	    RECORD("\xc0\x18", SOA, "\0\0", "")) },
	/* Answers that contradict themselves, or of one who cannot know. */
	{ FOR_A("\x81\x83", ONE, NONE, NONE, ADDRESS) },
	{ FOR_A("\x81\0", NONE, NONE, NONE, "") },
	{ FOR_A("\x81\3", NONE, NONE, NONE, "") },
	{ FOR_A("\x81\0", NONE, ONE, NONE,
	    RECORD(ZONE, NS, "\0\2", SAME)) },
	{ FOR_A("\x85\0", ONE, NONE, NONE, ALIAS(SAME, "b")) },
	{ FOR_A("\x85\3", ONE, NONE, NONE, ALIAS(SAME, "b")) },
};

START_TEST(each_bad)
{
	size_t query_len = make_query(bad[_i].question, QUESTION_SIZE);
	struct answer answer;

	assert_row(read_octets(bad[_i].octets, bad[_i].len, query_len,
	    &answer) == TEMPFAIL);
}
END_TEST

/* Any octet may be any other: never a fault, and seldom an answer. */
START_TEST(each_octet)
{
	size_t query_len = make_query(good[_i].question, QUESTION_SIZE), at;
	unsigned char octets[512];
	struct answer answer;
	int value;

	for (at = 0; at < good[_i].len; at++) {
		memcpy(octets, good[_i].octets, good[_i].len);
		for (value = 0; value < 256; value++) {
			octets[at] = (unsigned char)value;
			if (read_octets(octets, good[_i].len, query_len,
			    &answer) == OK)
				free((void *)answer.records);
		}
	}
}
END_TEST

/* Chains and crowds, made here: how many CNAME records, then how many A. */
static const struct {
	unsigned cnames, addresses;
	enum status status;
	size_t count;
} crowds[] = {
	{ 0,			DNS_RECORDS - 1, OK,	DNS_RECORDS - 1 },
	{ 0,			DNS_RECORDS,	OK,	DNS_RECORDS },
	{ 0,			DNS_RECORDS + 1, OK,	DNS_RECORDS },
	{ 0,			4000,		OK,	DNS_RECORDS },
	{ DNS_CNAMES - 1,	2,		OK,	2 },
	{ DNS_CNAMES,		2,		OK,	2 },
	{ DNS_CNAMES,		DNS_RECORDS * 2, OK,	DNS_RECORDS },
	{ DNS_CNAMES,		0,		OK,	0 },
	{ DNS_CNAMES + 1,	2,		TEMPFAIL, 0 },
	{ DNS_CNAMES + 2,	0,		TEMPFAIL, 0 },
	{ 4000,			0,		TEMPFAIL, 0 },
};

START_TEST(each_crowd)
{
	static unsigned char octets[65536];
	const char head[] = ID ANSWER ONE NONE NONE NONE QUESTION(A);
	size_t query_len = make_query(QUESTION(A), QUESTION_SIZE);
	unsigned total = crowds[_i].cnames + crowds[_i].addresses, i;
	size_t len = sizeof head - 1, owner = 12;
	struct answer answer;

	memcpy(octets, head, len);
	octets[6] = (unsigned char)(total >> 8);
	octets[7] = (unsigned char)total;
	for (i = 0; i < total; i++) {
		const char alias[] = CNAME IN TTL "\0\4" "\1x" ZONE;
		const char address[] = A IN TTL "\0\4" "\xc0\0\2\1";
		int is_alias = i < crowds[_i].cnames;

		octets[len++] = (unsigned char)(0xc0 | owner >> 8);
		octets[len++] = (unsigned char)owner;
		memcpy(octets + len, is_alias ? alias : address, 14);
		if (is_alias) {
			owner = len + 10;
			octets[owner + 1] = (unsigned char)('!' + i % 90);
		}
		len += 14;
	}
	ck_assert_int_eq(read_octets(octets, len, query_len, &answer),
	    crowds[_i].status);
	if (crowds[_i].status != OK)
		return;
	ck_assert_uint_eq(answer.count, crowds[_i].count);
	for (i = 0; i < answer.count; i++)
		ck_assert_int_eq(answer.records[i].address.family, 4);
	free((void *)answer.records);
}
END_TEST

/* Pointers that lead to pointers, in a record that nobody reads. */
START_TEST(each_pointer)
{
	const char head[] = ID ANSWER ONE TWO NONE NONE QUESTION(A)
	    "\0\xff\xff" IN TTL;
	size_t query_len = make_query(QUESTION(A), QUESTION_SIZE);
	size_t len = sizeof head + 1, target = 12, n;
	const char last[] = A IN TTL "\0\4" "\xc0\0\2\1";
	unsigned char octets[512];
	struct answer answer;

	memcpy(octets, head, sizeof head - 1);
	for (n = 0; n < (size_t)_i; n++) {
		octets[len] = (unsigned char)(0xc0 | target >> 8);
		octets[len + 1] = (unsigned char)target;
		target = len;
		len += 2;
	}
	octets[sizeof head - 1] = (unsigned char)(n * 2 >> 8);
	octets[sizeof head] = (unsigned char)(n * 2);
	octets[len] = (unsigned char)(0xc0 | target >> 8);
	octets[len + 1] = (unsigned char)target;
	memcpy(octets + len + 2, last, sizeof last - 1);
	len += 2 + sizeof last - 1;
	if (read_octets(octets, len, query_len, &answer) != OK) {
		ck_assert_int_ge(_i, 127);
		return;
	}
	ck_assert_int_lt(_i, 127);
	ck_assert_int_eq(answer.state, DNS_DATA);
	free((void *)answer.records);
}
END_TEST

/* A name of labels of 61 octets and a last one, in a PTR record. */
START_TEST(each_length)
{
	const char head[] = ID ANSWER ONE ONE NONE NONE QUESTION(PTR)
	    SAME PTR IN TTL;
	size_t query_len = make_query(QUESTION(PTR), QUESTION_SIZE);
	size_t rdata = sizeof head + 1, len, last, i;
	unsigned char octets[512];
	struct answer answer;

	for (last = 1; last <= 63; last++) {
		memcpy(octets, head, sizeof head - 1);
		for (len = rdata, i = 0; i < 4; i++) {
			size_t label = i < 3 ? 61 : last;

			octets[len] = (unsigned char)label;
			memset(octets + len + 1, ' ', label);
			len += label + 1;
		}
		octets[len++] = 0;
		octets[rdata - 2] = 0;
		octets[rdata - 1] = (unsigned char)(len - rdata);
		if (read_octets(octets, len, query_len, &answer) != OK) {
			ck_assert_uint_gt(len - rdata, 255);
			continue;
		}
		ck_assert_uint_le(len - rdata, 255);
		ck_assert_uint_eq(strlen(answer.records[0].name),
		    (3 * 61 + last) * 4 + 3);
		free((void *)answer.records);
	}
}
END_TEST

#define L63	"a23456789-b23456789-c23456789-d23456789-e23456789-f23456789-g23"
#define L61	"a23456789-b23456789-c23456789-d23456789-e23456789-f23456789-g"

static const struct {
	const char *name;
	size_t len;
	int is_name;
} names[] = {
	{ TEXT("example.org"),		1 },
	{ TEXT("example.org."),		1 },
	{ TEXT("Example-1.ORG"),	1 },
	{ TEXT("_25._tcp.mx.example.org"), 1 },
	{ TEXT("org"),			1 },
	{ TEXT("-"),			1 },
	{ TEXT("192.0.2.1"),		1 },
	{ TEXT(L63),			1 },
	{ TEXT(L63 ".test"),		1 },
	{ TEXT(L63 "x.test"),		0 },
	{ TEXT(L63 "." L63 "." L63 "." L61), 1 },
	{ TEXT(L63 "." L63 "." L63 "." L61 "."), 1 },
	{ TEXT(L63 "." L63 "." L63 "." L61 "x"), 0 },
	{ TEXT(L63 "." L63 "." L63 "." L61 ".."), 0 },
	{ TEXT(""),			0 },
	{ TEXT("."),			0 },
	{ TEXT(".."),			0 },
	{ TEXT(".org"),			0 },
	{ TEXT("a..org"),		0 },
	{ TEXT("a.org.."),		0 },
	{ TEXT("a b.org"),		0 },
	{ TEXT("a\0b.org"),		0 },
	{ TEXT("a\\.org"),		0 },
	{ TEXT("*.org"),		0 },
	{ TEXT("0/25.2.0.192.in-addr.arpa"), 0 },
	{ TEXT("a@example.org"),	0 },
	{ TEXT("[192.0.2.1]"),		0 },
	{ TEXT("::1"),			0 },
	{ TEXT("m\xc3\xbcll.org"),	0 },
	{ TEXT("a.org\n"),		0 },
};

START_TEST(each_name)
{
	assert_row(answer_is_name(names[_i].name, names[_i].len) ==
	    names[_i].is_name);
}
END_TEST

SUITE("answer",
    { each_good, ROWS(good), NULL, NULL },
    { each_bad, ROWS(bad), NULL, NULL },
    { each_octet, ROWS(good), NULL, NULL },
    { each_crowd, ROWS(crowds), NULL, NULL },
    { each_pointer, 200, NULL, NULL },
    { each_length, 1, NULL, NULL },
    { each_name, ROWS(names), NULL, NULL })
