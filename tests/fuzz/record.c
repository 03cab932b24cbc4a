/* record - the hand-over protocol of qsmtp-tls, from a program that lies */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypt/request.h"
#include "target.h"

#define SOON_MS	1000	/* everything is there already */

/* What was read is what comes out of it when it is put together again. */
static void
check_items(struct record *record)
{
	struct record again;
	struct record_item item;
	char text[REQUEST_TEXT];
	uint32_t number;
	int more;

	record_begin(&again, record->type);
	while ((more = record_next(record, &item)) == 1) {
		MUST(item.tag <= 0xff);
		if (record_text(&item, text, sizeof text))
			MUST(strlen(text) == item.len);
		MUST(record_number(&item, &number) == (item.len == 4));
		record_add(&again, (enum record_tag)item.tag, item.value,
		    item.len);
	}
	MUST(!again.is_overfull);
	MUST(again.len <= record->len && (more == -1) ==
	    (again.len != record->len));
	MUST(memcmp(again.octets + RECORD_HEAD, record->octets + RECORD_HEAD,
	    again.len) == 0);
	record->at = 0;
}

static void
check_texts(const struct request *request)
{
	size_t i;

	MUST(request->name_count <= REQUEST_NAMES);
	MUST(request->fingerprint_count <= REQUEST_NAMES);
	MUST(memchr(request->session, '\0', REQUEST_TEXT) != NULL);
	MUST(memchr(request->peer, '\0', REQUEST_TEXT) != NULL);
	MUST(memchr(request->server_name, '\0', REQUEST_TEXT) != NULL);
	MUST(memchr(request->ciphers, '\0', REQUEST_CIPHERS) != NULL);
	for (i = 0; i < request->name_count; i++)
		MUST(request->names[i][0] != '\0' && memchr(
		    request->names[i], '\0', REQUEST_TEXT) != NULL);
}

/* Each descriptor is in the request, and open, or is closed. */
static void
check_request(struct record *record, size_t count)
{
	struct request request;
	int fds[RECORD_FDS];
	const char *why;
	size_t i;
	int good;

	for (i = 0; i < count; i++)
		MUST((fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC)) != -1);
	good = request_read(&request, record, fds, count, &why);
	MUST(good == (why == NULL));
	check_texts(&request);
	for (i = 0; i < count; i++) {
		int is_owned = fds[i] == request.ca_file ||
		    fds[i] == request.ca_folder ||
		    fds[i] == request.certificate || fds[i] == request.key;

		MUST((fcntl(fds[i], F_GETFD) != -1) == is_owned);
		if (is_owned)
			close(fds[i]);
	}
}

/* The first octet says how many descriptors come, all others are octets. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record record;
	int ends[2], fds[RECORD_FDS];
	unsigned char rest[1];
	enum record_end end;
	size_t count;

	if (size == 0 || size > RECORD_HEAD + RECORD_BODY)
		return 0;
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	MUST(write(ends[0], data + 1, size - 1) == (ssize_t)(size - 1));
	shutdown(ends[0], SHUT_WR);
	end = record_receive(ends[1], &record, fds, &count, SOON_MS);
	MUST(count == 0 && end != RECORD_LATE);
	MUST(record.len <= RECORD_BODY);
	if (end == RECORD_DONE) {
		/* Not an octet more was read. */
		MUST(recv(ends[1], rest, 1, 0) ==
		    (size - 1 > RECORD_HEAD + record.len));
		check_items(&record);
		check_request(&record, data[0] % (RECORD_FDS + 1));
	}
	close(ends[0]);
	close(ends[1]);
	return 0;
}
