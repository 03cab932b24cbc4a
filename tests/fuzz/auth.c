/* auth - the lines of AUTH: mechanism, base64, the messages of each */
#include <string.h>

#include "base/base64.h"
#include "smtp/command.h"
#include "smtp/sasl.h"
#include "target.h"

static int
is_within(const char *part, size_t part_len, const char *text, size_t len)
{
	return part >= text && part + part_len <= text + len;
}

static int
has_nul(const char *text, size_t len)
{
	return len > 0 && memchr(text, '\0', len) != NULL;
}

static void
check_login(const struct login *login, const char *message, size_t len)
{
	MUST(is_within(login->user, login->user_len, message, len));
	MUST(is_within(login->secret, login->secret_len, message, len));
	MUST(login->user_len > 0);
	MUST(login->secret_len > 0);
	MUST(!has_nul(login->user, login->user_len));
	MUST(!has_nul(login->secret, login->secret_len));
	MUST(login->user + login->user_len < login->secret);
}

/* What the mechanisms make of any message. */
static void
read_message(const char *message, size_t len)
{
	struct login login = { 0 };
	size_t acts_for;
	int other = 7;

	if (sasl_read_plain(message, len, &login, &other) == OK) {
		MUST(other == 0);
		check_login(&login, message, len);
		/* All of it is used, and it acts for nobody else. */
		acts_for = (size_t)(login.user - message) - 1;
		MUST(acts_for == 0 || (acts_for == login.user_len &&
		    memcmp(message, login.user, acts_for) == 0));
		MUST(acts_for + 1 + login.user_len + 1 + login.secret_len ==
		    len);
	} else if (other) {
		/* Auth takes the user of such a message for its log. */
		MUST(is_within(login.user, login.user_len, message, len));
		MUST(!has_nul(login.user, login.user_len));
	}
	memset(&login, 0, sizeof login);
	if (sasl_read_cram(message, len, &login) == OK) {
		check_login(&login, message, len);
		MUST(login.secret_len == SASL_DIGEST);
		MUST(login.user_len + 1 + SASL_DIGEST == len);
		MUST(memchr(login.secret, ' ', SASL_DIGEST) == NULL);
	}
}

/* Strict base64 is the one text of its octets. */
static void
read_text(const char *text, size_t len)
{
	size_t octets_len = SIZE_MAX, again_len;
	char *octets, *again;

	octets = malloc(BASE64_OCTETS(len) + 1);
	MUST(octets != NULL);
	if (base64_decode(text, len, octets, &octets_len) == OK) {
		MUST(octets_len <= BASE64_OCTETS(len));
		MUST(BASE64_TEXT(octets_len) == len);
		again = malloc(len + 1);
		MUST(again != NULL);
		again_len = base64_encode(octets, octets_len, again);
		MUST(again_len == len && memcmp(again, text, len) == 0);
		free(again);
		read_message(octets, octets_len);
	} else
		MUST(octets_len == SIZE_MAX);
	free(octets);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = size > 0 ? (const char *)data : "", *argument;
	const char *space;
	size_t len, name;
	unsigned bit;

	read_message(line, size);
	read_text(line, size);
	if (command_verb(line, size, &argument, &len) != VERB_AUTH)
		return 0;
	space = len > 0 ? memchr(argument, ' ', len) : NULL;
	name = space != NULL ? (size_t)(space - argument) : len;
	bit = mechanism_of(argument, name);
	MUST((bit & ~(unsigned)MECHANISM_ALL) == 0);
	if (bit != 0) {
		MUST(name == strlen(mechanism_name((enum mechanism)bit)));
		MUST((bit & (bit - 1)) == 0);
	}
	if (space != NULL)
		read_text(space + 1, len - name - 1);
	return 0;
}
