/* login - AUTH as a client (RFC 4954) */
#include "remote/login.h"

#include <string.h>

#include <nettle/md5.h>

#include "base/base64.h"
#include "base/text.h"
#include "smtp/sasl.h"

#define COMMAND_LINE	512	/* RFC 5321 4.5.3.1.4, CR LF counted */
#define CHALLENGE	1024	/* most octets of one, in base64 */
#define MESSAGE		(2 * ROUTE_SECRET + 2)	/* most octets of one of ours */
#define TELLING		8	/* octets of a line by which it is known */

static const char plain[] = "AUTH PLAIN";

/* One attempt to log in. */
struct attempt {
	struct talk *talk;
	const struct route *route;
	char line[BASE64_TEXT(MESSAGE) + sizeof plain + 2];
	size_t len;
	const char *secret;	/* where the password is in it; NULL: nowhere */
	int done;		/* what converse() returns once it is over */
};

/* " but the login of USER by FILE<how>", behind the address. */
static const char *
words(struct attempt *attempt, const char *how)
{
	const struct route *route = attempt->route;
	stralloc *text = &attempt->talk->commands;

	if (!stralloc_copym(text, " but the login of ", route->user.s, " by ",
	    route->source, how) || !stralloc_0(text))
		return talk_words(attempt->talk, CONNECTED, how);
	return talk_words(attempt->talk, CONNECTED, text->s);
}

/*
 * A host that repeats the password, or the line that it was in, must not bring
 * it into the report, where the log and a bounce would have it.
 */
static void
drop_repeated(struct attempt *attempt)
{
	stralloc *said = &attempt->talk->reply.text;
	const stralloc *password = &attempt->route->password;
	const char *end = attempt->line + attempt->len;
	char masked[ROUTE_SECRET + 1];
	size_t len = 0;

	if (said->len == 0)
		return;
	if (attempt->secret != NULL)
		len = (size_t)(end - attempt->secret);
	/* As it would look among the words of a reply. */
	memcpy(masked, password->s, password->len);
	text_mask_controls(masked, password->len - 1);
	if (len > TELLING)
		len = TELLING;
	if (memmem(said->s, said->len, masked, password->len - 1) != NULL ||
	    (len > 0 && memmem(said->s, said->len, attempt->secret,
	    len) != NULL))
		stralloc_zero(said);
	explicit_bzero(masked, sizeof masked);
}

/* What came is not what AUTH is; a host that waits for more is told so. */
static int
cancel(struct talk *talk)
{
	if (talk->reply.code == 334)
		talk_ask(talk, "*\r\n", COMMAND_S);
	return talk_end_badly(talk, GARBLED);
}

/* Send the line; returns whether the reply has this code.  Else it is over. */
static int
ask(struct attempt *attempt, unsigned wanted)
{
	struct talk *talk = attempt->talk;
	enum hearing hearing = talk_exchange(talk, attempt->line,
	    attempt->len, 1, COMMAND_S, NULL);
	unsigned code = talk->reply.code;

	if (hearing == HEARD && code >= 400)
		drop_repeated(attempt);
	explicit_bzero(attempt->line, attempt->len);
	attempt->len = 0;
	attempt->secret = NULL;
	if (hearing != HEARD)
		attempt->done = talk_end_badly(talk, hearing);
	else if (code == wanted && (code != 334 || talk->reply.lines == 1))
		return 1;
	else if (code / 100 == 4)
		attempt->done = talk_give_up(talk, words(attempt,
		    " failed for now. (#4.7.0)"), 1);
	else if (code / 100 == 5) {
		/* Never D: the fault is ours, and no mail's. */
		report_message(&talk->delivery->report, REPORT_DEFERRED,
		    words(attempt, " was refused. (#4.7.8)"),
		    &talk->reply.text);
		attempt->done = 1;
	} else
		attempt->done = cancel(talk);
	return 0;
}

static void
add(struct attempt *attempt, const char *text)
{
	size_t len = strlen(text);

	memcpy(attempt->line + attempt->len, text, len);
	attempt->len += len;
}

/* In base64, and the end of the line. */
static void
add_message(struct attempt *attempt, const void *octets, size_t len)
{
	attempt->len += base64_encode(octets, len,
	    attempt->line + attempt->len);
	add(attempt, "\r\n");
}

static int
say(struct attempt *attempt, const char *command)
{
	add(attempt, command);
	return ask(attempt, 334);
}

/* One of the two hashes of HMAC: the key with each octet changed, the text. */
static void
hash(const unsigned char key[MD5_BLOCK_SIZE], unsigned char change,
    const void *text, size_t len, uint8_t digest[MD5_DIGEST_SIZE])
{
	unsigned char block[MD5_BLOCK_SIZE];
	struct md5_ctx context;
	size_t i;

	for (i = 0; i < sizeof block; i++)
		block[i] = key[i] ^ change;
	md5_init(&context);
	md5_update(&context, sizeof block, block);
	md5_update(&context, len, text);
	md5_digest(&context, MD5_DIGEST_SIZE, digest);
	explicit_bzero(block, sizeof block);
	explicit_bzero(&context, sizeof context);
}

/*
 * The digest of RFC 2195, in lower case.  HMAC (RFC 2104) stands here, for
 * nettle's own brings ciphers along, which look at the processor at each
 * start.
 */
static void
answer(const stralloc *password, const void *challenge, size_t len,
    char digits[SASL_DIGEST])
{
	static const char digit[] = "0123456789abcdef";
	unsigned char key[MD5_BLOCK_SIZE] = "";
	uint8_t digest[MD5_DIGEST_SIZE];
	struct md5_ctx context;
	size_t i, key_len = password->len - 1;

	if (key_len > sizeof key) {
		md5_init(&context);
		md5_update(&context, key_len, (const uint8_t *)password->s);
		md5_digest(&context, MD5_DIGEST_SIZE, key);
		explicit_bzero(&context, sizeof context);
	} else
		memcpy(key, password->s, key_len);
	hash(key, 0x36, challenge, len, digest);
	hash(key, 0x5c, digest, sizeof digest, digest);
	explicit_bzero(key, sizeof key);
	for (i = 0; i < sizeof digest; i++) {
		digits[2 * i] = digit[digest[i] >> 4];
		digits[2 * i + 1] = digit[digest[i] & 15];
	}
}

/* What a 334 asks.  RFC 2195 has a msg-id there: no NUL, and not nothing. */
static enum status
read_challenge(const struct talk *talk, char challenge[CHALLENGE], size_t *len)
{
	const stralloc *said = &talk->reply.text;
	size_t text = said->len > 5 ? said->len - 5 : 0;

	if (text == 0 || text > CHALLENGE || base64_decode(said->s + 4, text,
	    challenge, len) != OK || memchr(challenge, '\0', *len) != NULL)
		return PERMFAIL;
	return OK;
}

static int
by_cram_md5(struct attempt *attempt)
{
	const stralloc *user = &attempt->route->user;
	char challenge[CHALLENGE], message[ROUTE_SECRET + 1 + SASL_DIGEST];
	size_t len;

	if (!say(attempt, "AUTH CRAM-MD5\r\n"))
		return 0;
	if (read_challenge(attempt->talk, challenge, &len) != OK) {
		attempt->done = cancel(attempt->talk);
		return 0;
	}
	memcpy(message, user->s, user->len - 1);
	message[user->len - 1] = ' ';
	answer(&attempt->route->password, challenge, len,
	    message + user->len);
	add_message(attempt, message, user->len + SASL_DIGEST);
	return ask(attempt, 235);
}

/* RFC 4616, with an initial response where the line may be so long. */
static int
by_plain(struct attempt *attempt)
{
	const stralloc *user = &attempt->route->user;
	const stralloc *password = &attempt->route->password;
	size_t len = user->len + password->len;
	char message[MESSAGE];

	add(attempt, plain);
	if (sizeof plain + BASE64_TEXT(len) + 2 > COMMAND_LINE) {
		if (!say(attempt, "\r\n"))
			return 0;
	} else
		add(attempt, " ");
	/* NUL user NUL password: each lends its own NUL. */
	message[0] = '\0';
	memcpy(message + 1, user->s, user->len);
	memcpy(message + 1 + user->len, password->s, password->len - 1);
	attempt->secret = attempt->line + attempt->len;
	add_message(attempt, message, len);
	explicit_bzero(message, len);
	return ask(attempt, 235);
}

/* What a 334 says here is a prompt for people, in whatever words. */
static int
by_login(struct attempt *attempt)
{
	const struct route *route = attempt->route;

	if (!say(attempt, "AUTH LOGIN\r\n"))
		return 0;
	add_message(attempt, route->user.s, route->user.len - 1);
	if (!ask(attempt, 334))
		return 0;
	attempt->secret = attempt->line;
	add_message(attempt, route->password.s, route->password.len - 1);
	return ask(attempt, 235);
}

int
log_in(struct talk *talk, int *done)
{
	struct attempt attempt = {
		.talk = talk, .route = talk->delivery->route,
	};
	unsigned offered = (talk->extensions & EXTENSION_AUTH) != 0 ?
	    talk->values.mechanisms : 0;
	int is_in = 0;

	if (attempt.route->user.len == 0)
		return 1;
	if (!secure_for_password(talk)) {
		*done = talk_give_up(talk, words(&attempt, " goes only over "
		    "TLS, unless |cleartext stands behind it. (#4.7.11)"), 0);
		return 0;
	}
	if ((offered & MECHANISM_CRAM_MD5) != 0)
		is_in = by_cram_md5(&attempt);
	else if ((offered & MECHANISM_PLAIN) != 0)
		is_in = by_plain(&attempt);
	else if ((offered & MECHANISM_LOGIN) != 0)
		is_in = by_login(&attempt);
	else
		attempt.done = talk_give_up(talk, talk_words(talk, CONNECTED,
		    " but it does not offer a login that I know. (#4.7.4)"),
		    0);
	*done = attempt.done;
	return is_in;
}
