/* sasl - the messages of the mechanisms of AUTH */
#include "smtp/sasl.h"

#include <string.h>

#include "base/text.h"

static const struct row {
	enum mechanism mechanism;
	const char *name;
} rows[] = {
	{ MECHANISM_LOGIN,	"LOGIN" },
	{ MECHANISM_PLAIN,	"PLAIN" },
	{ MECHANISM_CRAM_MD5,	"CRAM-MD5" },
};
#define ROWS	(sizeof rows / sizeof rows[0])

unsigned
mechanism_of(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (text_is(name, len, rows[i].name))
			return rows[i].mechanism;
	return 0;
}

const char *
mechanism_name(enum mechanism mechanism)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (rows[i].mechanism == mechanism)
			return rows[i].name;
	return "?";
}

enum status
sasl_read_plain(const char *message, size_t len, struct login *login,
    int *other)
{
	const char *end = message + len, *secret;
	const char *user = memchr(message, '\0', len);
	size_t acts_for;

	*other = 0;
	if (user == NULL)
		return PERMFAIL;
	acts_for = (size_t)(user++ - message);
	secret = memchr(user, '\0', (size_t)(end - user));
	if (secret == NULL)
		return PERMFAIL;
	login->user = user;
	login->user_len = (size_t)(secret++ - user);
	login->secret = secret;
	login->secret_len = (size_t)(end - secret);
	/* RFC 4616 2: one octet at least of each, and no NUL. */
	if (login->user_len == 0 || login->secret_len == 0 ||
	    memchr(secret, '\0', login->secret_len) != NULL)
		return PERMFAIL;
	*other = acts_for > 0 && (acts_for != login->user_len ||
	    memcmp(message, user, acts_for) != 0);
	return *other ? PERMFAIL : OK;
}

enum status
sasl_read_cram(const char *message, size_t len, struct login *login)
{
	const char *space = memrchr(message, ' ', len);
	char digest[SASL_DIGEST + 1] = "";

	if (space == NULL || space == message ||
	    memchr(message, '\0', len) != NULL)
		return PERMFAIL;
	login->user = message;
	login->user_len = (size_t)(space - message);
	login->secret = space + 1;
	login->secret_len = len - login->user_len - 1;
	if (login->secret_len != SASL_DIGEST)
		return PERMFAIL;
	memcpy(digest, login->secret, SASL_DIGEST);
	return strspn(digest, "0123456789abcdefABCDEF") == SASL_DIGEST ?
	    OK : PERMFAIL;
}
