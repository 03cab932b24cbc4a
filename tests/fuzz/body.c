/* body - a message on its way to the wire, and back by smtp/transparency */
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "remote/body.h"
#include "smtp/transparency.h"
#include "target.h"

#define FEW	64	/* octets that are read one by one, too */

struct text {
	char *s;
	size_t len;
};

/* The message with LF alone, as the far side is to have it. */
static struct text
expect(const uint8_t *data, size_t size)
{
	struct text text = { malloc(size + 1), 0 };
	size_t i;

	MUST(text.s != NULL);
	for (i = 0; i < size; i++) {
		if (data[i] != '\r')
			text.s[text.len++] = (char)data[i];
		else if (i + 1 == size)
			text.s[text.len++] = '\n';
		else if (data[i + 1] != '\n')
			text.s[text.len++] = ' ';
	}
	if (text.len > 0 && text.s[text.len - 1] != '\n')
		text.s[text.len++] = '\n';
	return text;
}

static struct text
read_all(struct body *body, size_t size)
{
	struct text wire = { malloc(2 * size + 8), 0 };
	char *out = malloc(BODY_ROOM);
	size_t len;

	MUST(wire.s != NULL && out != NULL);
	do {
		MUST(body_next(body, out, &len) == OK);
		MUST(len <= BODY_ROOM && wire.len + len <= 2 * size + 2);
		memcpy(wire.s + wire.len, out, len);
		wire.len += len;
	} while (len > 0);
	free(out);
	return wire;
}

/* No bare CR or LF, no line of one dot; returns the dots that were stuffed. */
static size_t
check_wire(const struct text *wire)
{
	size_t i, stuffed = 0;

	for (i = 0; i < wire->len; i++) {
		int begins = i == 0 || wire->s[i - 1] == '\n';

		if (wire->s[i] == '\n')
			MUST(i > 0 && wire->s[i - 1] == '\r');
		if (wire->s[i] == '\r')
			MUST(i + 1 < wire->len && wire->s[i + 1] == '\n');
		if (begins && wire->s[i] == '.') {
			MUST(i + 1 < wire->len && wire->s[i + 1] == '.');
			stuffed++;
		}
	}
	MUST(i == 0 || wire->s[i - 1] == '\n');
	return stuffed;
}

/* What the far side reads; `wire` has room for the end of mail data. */
static void
must_come_back(struct text *wire, const struct text *wanted)
{
	struct transparency data;
	size_t used, left;

	memcpy(wire->s + wire->len, ".\r\n", 3);
	transparency_start(&data, 0);
	left = transparency_undo(&data, wire->s, wire->len + 3, &used);
	MUST(data.ended && used == wire->len + 3);
	MUST((data.faults & ~(unsigned)DATA_NUL) == 0);
	MUST(left == wanted->len);
	MUST(memcmp(wire->s, wanted->s, left) == 0);
}

/* As a file, which is counted, and read once more for the next host. */
static void
by_file(const uint8_t *data, size_t size, const struct text *wanted)
{
	struct body body;
	struct text wire;
	int file = memfd_create("message", MFD_CLOEXEC), again;
	size_t stuffed;

	MUST(file != -1 && write(file, data, size) == (ssize_t)size);
	MUST(lseek(file, 0, SEEK_SET) == 0);
	MUST(body_open(&body, file) == OK);
	for (again = 0; again < 2; again++) {
		wire = read_all(&body, size);
		stuffed = check_wire(&wire);
		MUST(body.is_known && body.size == wire.len - stuffed);
		must_come_back(&wire, wanted);
		free(wire.s);
		MUST(body_rewind(&body) == OK);
	}
	MUST(lseek(file, 0, SEEK_CUR) == 0);
	close(file);
}

/* In pieces: `first` octets, then `step` at once; none is empty. */
static void
by_pieces(const uint8_t *data, size_t size, size_t first, size_t step,
    const struct text *wanted)
{
	struct body body;
	struct text wire;
	int ends[2];
	size_t at, len;

	/* Each read gets what one write has put there. */
	MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
	for (at = 0; at < size; at += len) {
		len = at == 0 && first > 0 ? first : step;
		if (len > size - at)
			len = size - at;
		MUST(write(ends[1], data + at, len) == (ssize_t)len);
	}
	close(ends[1]);
	MUST(body_open(&body, ends[0]) == OK);
	wire = read_all(&body, size);
	check_wire(&wire);
	must_come_back(&wire, wanted);
	free(wire.s);
	close(ends[0]);
}

/* The first octet says where to cut. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text wanted;
	size_t cut;

	if (size == 0)
		return 0;
	cut = data[0];
	data++;
	size--;
	wanted = expect(data, size);
	by_file(data, size, &wanted);
	if (size <= BODY_BLOCK)
		by_pieces(data, size, cut, BODY_BLOCK, &wanted);
	if (size <= FEW)
		by_pieces(data, size, 1, 1, &wanted);
	free(wanted.s);
	return 0;
}
