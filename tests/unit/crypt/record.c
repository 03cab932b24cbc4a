#include "crypt/record.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../suite.h"

#define LONG_MS	60000	/* a wait that no test sits out */

static int ours, theirs;	/* the two ends of a channel */
static int given[8];		/* descriptors to send */
static struct record record;

static int
count_open(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int n = 0;

	ck_assert_ptr_nonnull(folder);
	while (readdir(folder) != NULL)
		n++;
	closedir(folder);
	return n;
}

static void
make(void)
{
	int ends[2], i;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	ours = ends[0];
	theirs = ends[1];
	for (i = 0; i < 8; i++) {
		given[i] = memfd_create("given", 0);
		ck_assert_int_ne(given[i], -1);
	}
}

static void
end(void)
{
	int i;

	close(ours);
	close(theirs);
	for (i = 0; i < 8; i++)
		close(given[i]);
}

/* Octets, with the first `count` of `given`. */
static void
put(const void *octets, size_t len, size_t count)
{
	struct iovec part = { (void *)(uintptr_t)octets, len };
	union {
		struct cmsghdr header;
		char octets[CMSG_SPACE(sizeof given)];
	} control;
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (count > 0) {
		memset(&control, 0, sizeof control);
		message.msg_control = control.octets;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int) * count);
		memcpy(CMSG_DATA(&control.header), given,
		    sizeof(int) * count);
	}
	ck_assert_int_eq(sendmsg(theirs, &message, 0), (ssize_t)len);
}

static int
is_same_file(int one, int other)
{
	struct stat facts[2];

	return fstat(one, &facts[0]) == 0 && fstat(other, &facts[1]) == 0 &&
	    facts[0].st_ino == facts[1].st_ino;
}

/* Receive, and close what came; each has to be the one that was sent. */
static enum record_end
receive(size_t *count, int ms)
{
	int fds[RECORD_FDS];
	enum record_end result;
	size_t i;

	result = record_receive(ours, &record, fds, count, ms);
	ck_assert_uint_le(*count, RECORD_FDS);
	for (i = 0; i < *count; i++) {
		ck_assert_int_eq(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
		close(fds[i]);
	}
	return result;
}

/* What a record is on the wire. */
START_TEST(octets)
{
	static const char wanted[] =
	    "QT\1R\0\x1b" "\x81\0\4\0\0\0\2" "\5\0\3a.b" "\x86\0\0"
	    "\x03\0\4\x12\x34\x56\x78" "\2\0\1 ";
	char seen[sizeof wanted];

	record_begin(&record, RECORD_REQUEST);
	record_add_number(&record, TAG_ROLE, ROLE_CLIENT);
	record_add_text(&record, TAG_SERVER_NAME, "a.b");
	record_add(&record, TAG_ASK, NULL, 0);
	record_add_number(&record, TAG_HANDSHAKE_S, 0x12345678);
	record_add(&record, TAG_PEER, " ", 1);
	ck_assert_int_eq(record_send(ours, &record, NULL, 0, 0), RECORD_DONE);
	assert_octets(seen, (size_t)read(theirs, seen, sizeof seen), wanted,
	    sizeof wanted - 1);
}
END_TEST

/* Rows: so many descriptors; from this end and from the other. */
START_TEST(round_trip)
{
	static const enum record_type types[] = {
		RECORD_REQUEST, RECORD_READY, RECORD_GO, RECORD_FACTS,
		RECORD_REFUSAL,
	};
	int before = count_open(), fds[RECORD_FDS], from = ours, i;
	struct record_item item;
	size_t count, wanted = (size_t)_i % (RECORD_FDS + 1);
	uint32_t number;
	char rest[8];

	if (_i > RECORD_FDS) {
		from = theirs;
		theirs = ours;
		ours = from;
		from = theirs;
	} else
		from = theirs;
	for (i = 0; i < ROWS(types); i++) {
		record_begin(&record, types[i]);
		record_add_number(&record, TAG_VERDICT, (uint32_t)i);
		record_add_text(&record, TAG_SNI, "");
		ck_assert_int_eq(record_send(from, &record, given, wanted, 0),
		    RECORD_DONE);
		put("plain", 5, 0);
		memset(&record, 0x5a, sizeof record);
		ck_assert_int_eq(record_receive(ours, &record, fds, &count,
		    LONG_MS), RECORD_DONE);
		ck_assert_int_eq(record.type, types[i]);
		ck_assert_uint_eq(count, wanted);
		while (count-- > 0) {
			ck_assert(is_same_file(fds[count], given[count]));
			ck_assert_int_eq(fcntl(fds[count], F_GETFD),
			    FD_CLOEXEC);
			close(fds[count]);
		}
		ck_assert_int_eq(record_next(&record, &item), 1);
		ck_assert_uint_eq(item.tag, TAG_VERDICT);
		ck_assert_int_eq(record_number(&item, &number), 1);
		ck_assert_uint_eq(number, (uint32_t)i);
		ck_assert_int_eq(record_next(&record, &item), 1);
		ck_assert_uint_eq(item.tag, TAG_SNI);
		ck_assert_uint_eq(item.len, 0);
		ck_assert_int_eq(record_next(&record, &item), 0);
		ck_assert_int_eq(record_next(&record, &item), 0);
		/* Not an octet more was read. */
		ck_assert_int_eq(read(ours, rest, sizeof rest), 5);
		ck_assert_int_eq(count_open(), before);
	}
}
END_TEST

static const char whole[] = "QT\1F\0\x0a" "\xa1\0\4\0\0\0\1" "\x24\0\0";
#define WHOLE	(sizeof whole - 1)

/* Rows: how much of it comes, and whether the end follows. */
START_TEST(each_truncation)
{
	size_t len = (size_t)_i / 2, count;
	int before = count_open(), closes = _i % 2;

	if (len > 0)
		put(whole, len, 2);
	if (closes)
		shutdown(theirs, SHUT_WR);
	ck_assert_int_eq(receive(&count, closes ? LONG_MS : 0),
	    len == WHOLE ? RECORD_DONE : closes ? RECORD_CLOSED : RECORD_LATE);
	ck_assert_uint_eq(count, len > 0 ? 2 : 0);
	ck_assert_int_eq(count_open(), before);
	if (len < WHOLE)
		ck_assert_uint_eq(record.len, 0);
}
END_TEST

/* Descriptors with two octets of it: the kernel gives it in pieces. */
START_TEST(each_piece)
{
	size_t len = (size_t)_i + 1, count;
	int before = count_open();

	put(whole, len, 1);
	put(whole + len, WHOLE - len, 1);
	ck_assert_int_eq(receive(&count, LONG_MS), RECORD_DONE);
	ck_assert_uint_eq(count, 2);
	ck_assert_uint_eq(record.len, WHOLE - RECORD_HEAD);
	ck_assert_int_eq(count_open(), before);
}
END_TEST

/* More descriptors than there may be: in one octet, and in two. */
static const struct {
	size_t first, second;
} many[] = {
	{ 5, 0 }, { 8, 0 }, { 4, 1 }, { 3, 3 }, { 0, 5 }, { 1, 4 }, { 8, 8 },
};

START_TEST(each_many)
{
	int before = count_open();
	size_t count;

	put(whole, 1, many[_i].first);
	put(whole + 1, WHOLE - 1, many[_i].second);
	ck_assert_int_eq(receive(&count, LONG_MS), RECORD_MALFORMED);
	/* What nobody received yet is the kernel's. */
	shutdown(ours, SHUT_RDWR);
	ck_assert_int_eq(count_open(), before);
}
END_TEST

static const struct {
	const char *octets;
	size_t len;
	enum record_end end;
} heads[] = {
	{ TEXT("QT\1F\0\0"),		RECORD_DONE },
	{ TEXT("QT\1?\0\0"),		RECORD_DONE },
	{ TEXT("QS\1F\0\0"),		RECORD_MALFORMED },
	{ TEXT("qT\1F\0\0"),		RECORD_MALFORMED },
	{ TEXT("220 hi"),		RECORD_MALFORMED },
	{ TEXT("\0\0\0\0\0\0"),		RECORD_MALFORMED },
	{ TEXT("QT\2F\0\0"),		RECORD_ALIEN },
	{ TEXT("QT\0F\0\0"),		RECORD_ALIEN },
	{ TEXT("QT\xff" "F\xff\xff"),	RECORD_ALIEN },
	{ TEXT("QT\1F\x20\1"),		RECORD_MALFORMED },
	{ TEXT("QT\1F\xff\xff"),	RECORD_MALFORMED },
};

START_TEST(each_head)
{
	int before = count_open();
	size_t count;

	put(heads[_i].octets, heads[_i].len, 3);
	ck_assert_int_eq(receive(&count, LONG_MS), heads[_i].end);
	ck_assert_uint_eq(count, 3);
	ck_assert_uint_eq(record.len, 0);
	ck_assert_int_eq(count_open(), before);
}
END_TEST

/* Items of a body, and how its end is; -1: malformed. */
static const struct {
	const char *body;
	size_t len;
	int items, end;
} bodies[] = {
	{ TEXT(""),			0, 0 },
	{ TEXT("\1\0\0"),		1, 0 },
	{ TEXT("\1\0\1x\2\0\0"),	2, 0 },
	{ TEXT("\1"),			0, -1 },
	{ TEXT("\1\0"),			0, -1 },
	{ TEXT("\1\0\1"),		0, -1 },
	{ TEXT("\1\xff\xff"),		0, -1 },
	{ TEXT("\1\0\0\2"),		1, -1 },
	{ TEXT("\1\0\0\2\0"),		1, -1 },
	{ TEXT("\1\0\0\2\0\2x"),	1, -1 },
	{ TEXT("\1\1\0x"),		0, -1 },
};

START_TEST(each_body)
{
	struct record_item item;
	char head[RECORD_HEAD] = "QT\1F\0";
	size_t count;
	int i;

	head[5] = (char)bodies[_i].len;
	put(head, sizeof head, 0);
	if (bodies[_i].len > 0)
		put(bodies[_i].body, bodies[_i].len, 0);
	ck_assert_int_eq(receive(&count, LONG_MS), RECORD_DONE);
	for (i = 0; i < bodies[_i].items; i++)
		ck_assert_int_eq(record_next(&record, &item), 1);
	/* It stays so. */
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(record_next(&record, &item), bodies[_i].end);
}
END_TEST

static const struct {
	const char *value;
	size_t len;
	int is_number;
	uint32_t number;
} numbers[] = {
	{ TEXT("\0\0\0\0"),		1, 0 },
	{ TEXT("\0\0\0\1"),		1, 1 },
	{ TEXT("\xff\xfe\xfd\xfc"),	1, 0xfffefdfc },
	{ TEXT(""),			0, 4711 },
	{ TEXT("\0\0\1"),		0, 4711 },
	{ TEXT("\0\0\0\0\1"),		0, 4711 },
};

START_TEST(each_number)
{
	const struct record_item item = { .len = numbers[_i].len,
	    .value = (const unsigned char *)numbers[_i].value };
	uint32_t number = 4711;

	assert_row(record_number(&item, &number) == numbers[_i].is_number);
	ck_assert_uint_eq(number, numbers[_i].number);
}
END_TEST

#define SIZE	8
static const struct {
	const char *value;
	size_t len;
	int is_text;
} texts[] = {
	{ TEXT(""),		1 },
	{ TEXT(" a~"),		1 },
	{ TEXT("1234567"),	1 },
	{ TEXT("12345678"),	0 },
	{ TEXT("123456789"),	0 },
	{ TEXT("a\0b"),		0 },
	{ TEXT("a\0"),		0 },
	{ TEXT("a\n"),		0 },
	{ TEXT("\177"),		0 },
	{ TEXT("\200"),		0 },
	{ TEXT("\t"),		0 },
};

START_TEST(each_text)
{
	const struct record_item item = { .len = texts[_i].len,
	    .value = (const unsigned char *)texts[_i].value };
	char text[SIZE] = "before";

	assert_row(record_text(&item, text, sizeof text) ==
	    texts[_i].is_text);
	assert_octets(text, strlen(text), texts[_i].value,
	    texts[_i].is_text ? texts[_i].len : 0);
}
END_TEST

/* Rows: octets too many for a body.  What does not fit is not sent. */
START_TEST(overfull)
{
	static const char value[RECORD_BODY];
	size_t count;

	record_begin(&record, RECORD_REQUEST);
	record_add(&record, TAG_NAME, value, 4000);
	record_add(&record, TAG_NAME, value,
	    RECORD_BODY - 4003 - 3 + (size_t)_i);
	/* Nothing comes behind what did not fit. */
	if (_i > 0)
		record_add(&record, TAG_ASK, "", 0);
	ck_assert_int_eq(record_send(theirs, &record, NULL, 0, LONG_MS),
	    _i == 0 ? RECORD_DONE : RECORD_MALFORMED);
	ck_assert_int_eq(receive(&count, _i == 0 ? LONG_MS : 0),
	    _i == 0 ? RECORD_DONE : RECORD_LATE);
	ck_assert_uint_eq(record.len, _i == 0 ? RECORD_BODY : 0);
}
END_TEST

START_TEST(item_is_too_long)
{
	static const char value[70000];

	record_begin(&record, RECORD_REQUEST);
	record_add(&record, TAG_NAME, value, sizeof value);
	ck_assert_int_eq(record_send(theirs, &record, NULL, 0, 0),
	    RECORD_MALFORMED);
}
END_TEST

START_TEST(too_many_to_send)
{
	record_begin(&record, RECORD_REQUEST);
	ck_assert_int_eq(record_send(theirs, &record, given, RECORD_FDS + 1,
	    0), RECORD_MALFORMED);
}
END_TEST

/* Nobody is there any more; no signal comes. */
START_TEST(closed)
{
	size_t count;

	close(theirs);
	theirs = -1;
	record_begin(&record, RECORD_GO);
	ck_assert_int_eq(record_send(ours, &record, given, 1, LONG_MS),
	    RECORD_CLOSED);
	ck_assert_int_eq(receive(&count, LONG_MS), RECORD_CLOSED);
	ck_assert_uint_eq(count, 0);
}
END_TEST

/* Nobody reads. */
START_TEST(full)
{
	static const char value[8000];
	enum record_end last = RECORD_DONE;
	int i;

	for (i = 0; i < 1000 && last == RECORD_DONE; i++) {
		record_begin(&record, RECORD_REQUEST);
		record_add(&record, TAG_NAME, value, sizeof value);
		last = record_send(theirs, &record, NULL, 0, 0);
	}
	ck_assert_int_eq(last, RECORD_LATE);
}
END_TEST

SUITE("record",
    { octets, 1, make, end },
    { round_trip, 2 * (RECORD_FDS + 1), make, end },
    { each_truncation, 2 * (int)(WHOLE + 1), make, end },
    { each_piece, (int)WHOLE - 1, make, end },
    { each_many, ROWS(many), make, end },
    { each_head, ROWS(heads), make, end },
    { each_body, ROWS(bodies), make, end },
    { each_number, ROWS(numbers), NULL, NULL },
    { each_text, ROWS(texts), NULL, NULL },
    { overfull, 3, make, end },
    { item_is_too_long, 1, make, end },
    { too_many_to_send, 1, make, end },
    { closed, 1, make, end },
    { full, 1, make, end })
