/* reply - replies that come in, cut at an octet that the input chooses */
#include <string.h>

#include "smtp/reply.h"
#include "target.h"

#define MOST_REPLIES	64	/* of one input */

/* What came of an input: reply after reply, until garbage or its end. */
struct result {
	struct reply_reader reader;
	struct {
		unsigned code, lines;
		char *text;
		size_t len;
	} replies[MOST_REPLIES];
	size_t count, used;
	int garbage;
};

static void
check(const struct reply_reader *reader)
{
	size_t i;

	MUST(reader->text.len <= REPLY_TEXT);
	MUST(reader->garbage || (reader->code >= 200 && reader->code <= 599));
	MUST(reader->garbage || (reader->lines > 0 &&
	    reader->lines <= REPLY_LINES));
	for (i = 0; i < reader->text.len; i++)
		MUST(reader->text.s[i] == '\n' ||
		    ((unsigned char)reader->text.s[i] >= ' ' &&
		    reader->text.s[i] != 0x7f));
	MUST(i == 0 || reader->text.s[i - 1] == '\n');
}

static void
keep(struct result *result)
{
	const struct reply_reader *reader = &result->reader;
	size_t len = reader->text.len;
	char *text = malloc(len + 1);

	MUST(text != NULL);
	if (len > 0)
		memcpy(text, reader->text.s, len);
	result->replies[result->count].code = reader->code;
	result->replies[result->count].lines = reader->lines;
	result->replies[result->count].text = text;
	result->replies[result->count].len = len;
	result->count++;
}

/* Read what waits, the octets from `used` up to `len`. */
static void
take(struct result *result, const uint8_t *data, size_t len)
{
	size_t used, waiting;
	char *block;
	int whole = 1;

	while (whole && !result->garbage && result->count < MOST_REPLIES) {
		waiting = len - result->used;
		/* In memory of its own, where a step outside is seen. */
		block = malloc(waiting > 0 ? waiting : 1);
		MUST(block != NULL);
		memcpy(block, data + result->used, waiting);
		whole = reply_read(&result->reader, block, waiting, &used);
		free(block);
		MUST(used <= waiting);
		MUST(whole || waiting - used < REPLY_INPUT);
		result->used += used;
		if (!whole)
			continue;
		check(&result->reader);
		result->garbage = result->reader.garbage;
		keep(result);
		reply_start(&result->reader);
	}
}

static void
end(struct result *result)
{
	while (result->count > 0)
		free(result->replies[--result->count].text);
	stralloc_free(&result->reader.text);
}

static void
must_agree(const struct result *one, const struct result *other)
{
	size_t i;

	MUST(one->count == other->count && one->used == other->used);
	MUST(one->garbage == other->garbage);
	for (i = 0; i < one->count; i++) {
		MUST(one->replies[i].code == other->replies[i].code);
		MUST(one->replies[i].lines == other->replies[i].lines);
		MUST(one->replies[i].len == other->replies[i].len);
		MUST(memcmp(one->replies[i].text, other->replies[i].text,
		    one->replies[i].len) == 0);
	}
}

/* The first octet says where to cut. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct result whole = { 0 }, cut = { 0 }, octets = { 0 };
	size_t i;

	if (size == 0)
		return 0;
	i = data[0];
	data++;
	size--;
	take(&whole, data, size);
	take(&cut, data, size > 0 ? i % (size + 1) : 0);
	take(&cut, data, size);
	for (i = 0; i <= size; i++)
		take(&octets, data, i);
	must_agree(&whole, &cut);
	must_agree(&whole, &octets);
	end(&whole);
	end(&cut);
	end(&octets);
	return 0;
}
