#include "crypt/request.h"

#include <fcntl.h>
#include <unistd.h>

#include "../suite.h"

#define NUMBER(n)	"\0\4\0\0\0" n
#define SERVER		"\x81" NUMBER("\1")
#define CLIENT		"\x81" NUMBER("\2")
#define VERIFY		"\x87" NUMBER("\1")
#define NAME		"\x88\0\1a"

/* The tags are those of crypt/record.h, by their numbers. */
static const struct {
	const char *body;
	size_t len;
	int fds;
	const char *why;	/* NULL: it is good */
} rows[] = {
	{ TEXT(SERVER), 0, NULL },
	{ TEXT(CLIENT), 0, NULL },
	{ TEXT(""), 0, "no role" },
	{ TEXT("\x81" NUMBER("\0")), 0, "no role" },
	{ TEXT("\x81" NUMBER("\3")), 0, "no role" },
	{ TEXT("\x81\0\3\0\0\1"), 0, "malformed" },
	{ TEXT(SERVER "\1"), 0, "malformed" },
	{ TEXT(SERVER "\1\0\2a"), 0, "malformed" },
	{ TEXT(SERVER "\1\0\1\n"), 0, "malformed" },
	{ TEXT(SERVER "\x7f\0\1\n"), 0, NULL },
	{ TEXT(SERVER "\x80\0\0"), 0, "something that is not known here" },
	{ TEXT(SERVER "\xa1" NUMBER("\1")), 0,
	    "something that is not known here" },
	{ TEXT(SERVER "\x8a\0\4\3\1\1x"), 0,
	    "something that is not known here" },
	{ TEXT(SERVER "\3\0\4\0\1\x51\x80"), 0, NULL },
	{ TEXT(SERVER "\3\0\4\0\1\x51\x81"), 0, "malformed" },
	{ TEXT(CLIENT VERIFY), 0, "no name to be verified" },
	{ TEXT(CLIENT VERIFY NAME), 0, "no CA to verify by" },
	{ TEXT(CLIENT VERIFY NAME "\x91\0\0"), 1, NULL },
	{ TEXT(CLIENT VERIFY NAME "\x92\0\0"), 1, NULL },
	{ TEXT(CLIENT VERIFY NAME "\x91\0\0\x92\0\0"), 1, "malformed" },
	{ TEXT(CLIENT VERIFY NAME "\x91\0\0\x91\0\0"), 2, "malformed" },
	{ TEXT(CLIENT "\x91\0\0\x92\0\0\x93\0\0\x94\0\0"), 4, NULL },
	{ TEXT(CLIENT "\x94\0\0"), 3, NULL },
	{ TEXT(CLIENT), 4, NULL },
	{ TEXT(CLIENT "\x88\0\0"), 0, "malformed" },
	{ TEXT(CLIENT "\x87" NUMBER("\2")), 0,
	    "a policy that is not known here" },
	{ TEXT(CLIENT "\x87" NUMBER("\3") NAME), 0, "no CA to verify by" },
	{ TEXT(CLIENT "\x87" NUMBER("\4")), 0, "no fingerprint" },
	{ TEXT(CLIENT "\x87" NUMBER("\4") "\x89\0\4abcd"), 0, "malformed" },
};

/* Every descriptor is in the request, or closed. */
START_TEST(requests)
{
	struct record record;
	struct request request;
	int fds[RECORD_FDS], i, owned;
	const char *why;

	record_begin(&record, RECORD_REQUEST);
	memcpy(record.octets + RECORD_HEAD, rows[_i].body, rows[_i].len);
	record.len = rows[_i].len;
	for (i = 0; i < rows[_i].fds; i++) {
		fds[i] = open("/dev/null", O_RDONLY);
		ck_assert_int_ne(fds[i], -1);
	}
	ck_assert_int_eq(request_read(&request, &record, fds,
	    (size_t)rows[_i].fds, &why), rows[_i].why == NULL);
	if (rows[_i].why != NULL)
		ck_assert_str_eq(why, rows[_i].why);
	else
		ck_assert_ptr_null(why);
	for (i = 0; i < rows[_i].fds; i++) {
		owned = fds[i] == request.ca_file ||
		    fds[i] == request.ca_folder ||
		    fds[i] == request.certificate || fds[i] == request.key;
		ck_assert_int_eq(fcntl(fds[i], F_GETFD) != -1, owned);
		if (owned)
			close(fds[i]);
	}
}
END_TEST

START_TEST(everything)
{
	static const unsigned char digest[RECORD_DIGEST] = { 1, 2, 3 };
	struct record record;
	struct request request;
	const char *why;

	record_begin(&record, RECORD_REQUEST);
	record_add_number(&record, TAG_ROLE, ROLE_CLIENT);
	record_add_number(&record, TAG_POLICY, POLICY_FINGERPRINT);
	record_add_number(&record, TAG_MINIMUM, 0x0303);
	record_add_number(&record, TAG_HANDSHAKE_S, 7);
	record_add_text(&record, TAG_SESSION, "s");
	record_add_text(&record, TAG_PEER, "p");
	record_add_text(&record, TAG_LOCAL_IP, "i");
	record_add_text(&record, TAG_LOCAL_PORT, "o");
	record_add_text(&record, TAG_SERVER_NAME, "n");
	record_add_text(&record, TAG_CIPHERS, "c");
	record_add_text(&record, TAG_NAME, "one");
	record_add_text(&record, TAG_NAME, "two");
	record_add(&record, TAG_FINGERPRINT, digest, sizeof digest);
	record_add(&record, TAG_ASK, "", 0);
	ck_assert(request_read(&request, &record, NULL, 0, &why));
	ck_assert_int_eq(request.role, ROLE_CLIENT);
	ck_assert_int_eq(request.policy, POLICY_FINGERPRINT);
	ck_assert_uint_eq(request.minimum, 0x0303);
	ck_assert_uint_eq(request.handshake_s, 7);
	ck_assert_uint_eq(request.idle_s, 1200);
	ck_assert_str_eq(request.session, "s");
	ck_assert_str_eq(request.peer, "p");
	ck_assert_str_eq(request.local_ip, "i");
	ck_assert_str_eq(request.local_port, "o");
	ck_assert_str_eq(request.server_name, "n");
	ck_assert_str_eq(request.ciphers, "c");
	ck_assert_uint_eq(request.name_count, 2);
	ck_assert_str_eq(request.names[1], "two");
	ck_assert_uint_eq(request.fingerprint_count, 1);
	ck_assert_mem_eq(request.fingerprints[0], digest, sizeof digest);
	ck_assert(request.asks_certificate);
	ck_assert_int_eq(request.ca_file, REQUEST_NO_FD);
	ck_assert_int_eq(request.key, REQUEST_NO_FD);
}
END_TEST

SUITE("request",
    { requests, ROWS(rows), NULL, NULL },
    { everything, 1, NULL, NULL })
