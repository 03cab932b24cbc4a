/* transparency - mail data cut at an octet that the input chooses */
#include <string.h>

#include "smtp/transparency.h"
#include "target.h"

/* What came of an input. */
struct result {
	struct transparency data;
	char *text;
	size_t len, used;
};

/* Take `to - from` octets in memory of their own; returns how many. */
static size_t
take(struct result *result, const uint8_t *from, size_t len)
{
	char *block = malloc(len > 0 ? len : 1);
	size_t used, left;

	MUST(block != NULL);
	memcpy(block, from, len);
	left = transparency_undo(&result->data, block, len, &used);
	MUST(left <= used && used <= len);
	MUST(result->data.ended || len - used <= 2);
	memcpy(result->text + result->len, block, left);
	result->len += left;
	free(block);
	return used;
}

/* All of the input, first the octets before the cut. */
static void
run(struct result *result, int mend, const uint8_t *data, size_t size,
    size_t cut)
{
	memset(result, 0, sizeof *result);
	result->text = malloc(size + 1);
	MUST(result->text != NULL);
	transparency_start(&result->data, mend);
	if (cut > 0)
		result->used = take(result, data, cut);
	if (!result->data.ended && size > result->used)
		result->used += take(result, data + result->used,
		    size - result->used);
}

static void
run_in_octets(struct result *result, int mend, const uint8_t *data,
    size_t size)
{
	size_t end;

	run(result, mend, data, 0, 0);
	free(result->text);
	result->text = malloc(size + 1);
	MUST(result->text != NULL);
	for (end = 1; end <= size && !result->data.ended; end++)
		result->used += take(result, data + result->used,
		    end - result->used);
}

static void
must_agree(const struct result *one, const struct result *other)
{
	MUST(memcmp(&one->data, &other->data, sizeof one->data) == 0);
	MUST(one->used == other->used);
	MUST(one->len == other->len);
	MUST(memcmp(one->text, other->text, one->len) == 0);
}

/* Where mail data ends, by looking for CR LF . CR LF; 0: nowhere. */
static size_t
find_end(const uint8_t *data, size_t size)
{
	const uint8_t *at;

	if (size >= 3 && memcmp(data, ".\r\n", 3) == 0)
		return 3;
	at = size > 0 ? memmem(data, size, "\r\n.\r\n", 5) : NULL;
	return at != NULL ? (size_t)(at - data) + 5 : 0;
}

static unsigned
find_faults(const uint8_t *data, size_t size, int mend)
{
	unsigned faults = 0;
	size_t i;

	for (i = 0; i < size; i++) {
		if (data[i] == '\n' && !mend && (i == 0 ||
		    data[i - 1] != '\r'))
			faults |= DATA_BARE_LF;
		if (data[i] == '\r' && data[i + 1] != '\n')
			faults |= DATA_BARE_CR;
		if (data[i] == '\0')
			faults |= DATA_NUL;
	}
	return faults;
}

/* A message that is stuffed again and sent comes out as it was. */
static void
must_come_back(const struct result *good)
{
	struct result again;
	uint8_t *wire = malloc(3 * good->len + 3);
	size_t i, len = 0;

	MUST(wire != NULL);
	for (i = 0; i < good->len; i++) {
		if (good->text[i] == '.' && (i == 0 ||
		    good->text[i - 1] == '\n'))
			wire[len++] = '.';
		if (good->text[i] == '\n')
			wire[len++] = '\r';
		wire[len++] = (uint8_t)good->text[i];
	}
	memcpy(wire + len, ".\r\n", 3);
	len += 3;
	run(&again, 0, wire, len, 0);
	MUST(again.data.ended && again.used == len);
	MUST(again.data.faults == 0);
	MUST(again.len == good->len);
	MUST(memcmp(again.text, good->text, good->len) == 0);
	free(again.text);
	free(wire);
}

/* The first octet says where to cut, and whether LF is mended. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct result whole, cut, octets;
	size_t where;
	int mend;

	if (size == 0)
		return 0;
	mend = data[0] & 1;
	where = data[0] >> 1;
	data++;
	size--;
	where = size > 0 ? where % (size + 1) : 0;
	run(&whole, mend, data, size, 0);
	run(&cut, mend, data, size, where);
	run_in_octets(&octets, mend, data, size);
	must_agree(&whole, &cut);
	must_agree(&whole, &octets);
	MUST(memchr(whole.text, '\r', whole.len) == NULL);
	MUST((whole.data.ended ? whole.used : 0) == find_end(data, size));
	MUST(whole.data.faults == find_faults(data, whole.used, mend));
	if (whole.data.ended && whole.data.faults == 0)
		must_come_back(&whole);
	free(whole.text);
	free(cut.text);
	free(octets.text);
	return 0;
}
