#include "base/iprecord.h"

#include "../suite.h"

static const struct {
	int family;
	const char *record;
	size_t size;
	const char *printed;	/* NULL: the prefix is none for a list */
} records[] = {
	{ 4, "\12\1\2\3\40",	5,	"10.1.2.3/32" },
	{ 4, "\12\1\2\3\10",	5,	"10.1.2.3/8" },
	{ 4, "\12\1\2\3\7",	5,	NULL },
	{ 4, "\12\1\2\3\41",	5,	NULL },
	{ 4, "\12\1\2\3\377",	5,	NULL },
	{ 6, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1\200", 17,
	    "2001:db8::1/128" },
	{ 6, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1\10", 17,
	    "2001:db8::1/8" },
	{ 6, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1\7", 17, NULL },
	{ 6, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1\201", 17, NULL },
};

START_TEST(each_record)
{
	char printed[NETWORK_TEXT];
	struct network network;
	enum status status = iprecord_parse(
	    (const unsigned char *)records[_i].record, records[_i].family,
	    &network);

	ck_assert_uint_eq(iprecord_size(records[_i].family),
	    records[_i].size);
	ck_assert_uint_le(records[_i].size, IPRECORD_SIZE);
	assert_row(status == (records[_i].printed != NULL ? OK : PERMFAIL));
	if (status != OK)
		return;
	network_print(&network, printed);
	ck_assert_str_eq(printed, records[_i].printed);
}
END_TEST

/*
 * Another inode, size or second is another seal.  The values are part of the
 * form: a list sealed by one version is read by the next.
 */
static const struct {
	ino_t inode;
	off_t size;
	time_t seconds;
	long seal;
} seals[] = {
	{ 1,		5,	1000000000,	421516108 },
	{ 2,		5,	1000000000,	232942532 },
	{ 1,		10,	1000000000,	379688721 },
	{ 1,		5,	1000000001,	65388853 },
	{ 123456789,	500000,	1795305600,	344690257 },
};

START_TEST(each_seal)
{
	struct stat facts = { .st_mode = S_IFREG | 0644 };

	facts.st_ino = seals[_i].inode;
	facts.st_size = seals[_i].size;
	facts.st_mtim.tv_sec = seals[_i].seconds;
	ck_assert_int_eq(iprecord_seal(&facts), seals[_i].seal);
	ck_assert(!iprecord_is_sealed(&facts));
	facts.st_mtim.tv_nsec = seals[_i].seal;
	ck_assert(iprecord_is_sealed(&facts));
	facts.st_mtim.tv_nsec++;
	ck_assert(!iprecord_is_sealed(&facts));
	facts.st_mtim.tv_nsec = iprecord_seal(&facts);
	facts.st_mode = S_IFCHR | 0644;
	ck_assert(!iprecord_is_sealed(&facts));
}
END_TEST

START_TEST(empty_is_not_sealed)
{
	struct stat facts = { .st_mode = S_IFREG | 0644 };

	facts.st_mtim.tv_nsec = iprecord_seal(&facts);
	ck_assert(!iprecord_is_sealed(&facts));
}
END_TEST

SUITE("iprecord",
    { each_record, ROWS(records), NULL, NULL },
    { each_seal, ROWS(seals), NULL, NULL },
    { empty_is_not_sealed, 1, NULL, NULL })
