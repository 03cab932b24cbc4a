/* converse - the client's side of a session */
#include "remote/converse.h"

#include <string.h>
#include <unistd.h>

#include "remote/login.h"
#include "remote/talk.h"
#include "remote/transact.h"

/* Whether a message of this size may be sent at all (RFC 1870 6.1). */
static int
is_too_large(const struct talk *talk)
{
	return (talk->extensions & EXTENSION_SIZE) != 0 &&
	    talk->delivery->body.is_known && talk->values.size > 0 &&
	    talk->delivery->body.size > talk->values.size;
}

/* What the lines of the reply to EHLO offer, but the first. */
static void
understand(struct talk *talk)
{
	const char *line = talk->reply.text.s;
	const char *end = line + talk->reply.text.len;
	int first = 1;

	while (line < end) {
		const char *feed = memchr(line, '\n', (size_t)(end - line));
		size_t len = (size_t)(feed - line);

		if (!first && len > 4)
			talk->extensions |= extension_understand(line + 4,
			    len - 4, &talk->values);
		first = 0;
		line = feed + 1;
	}
}

static enum hearing
say_name(struct talk *talk, const char *verb)
{
	const char *name = talk->delivery->helo;

	if (!stralloc_copym(&talk->commands, verb, " ", name, "\r\n") ||
	    !stralloc_0(&talk->commands))
		return DIED;
	return talk_ask(talk, talk->commands.s, COMMAND_S);
}

/* EHLO, and HELO where that is refused. */
static enum hearing
greet(struct talk *talk)
{
	enum hearing hearing;

	if (talk->delivery->says_helo)
		return say_name(talk, "HELO");
	hearing = say_name(talk, "EHLO");
	if (hearing != HEARD) {
		/* Behind TLS it would have to be said in clear. */
		talk->delivery->says_helo = hearing == DIED &&
		    !talk->secure.is_encrypted &&
		    link_ended(talk->link) != LINK_TIMEOUT;
		return hearing;
	}
	if (talk->reply.code == 250) {
		understand(talk);
		return HEARD;
	}
	return talk->reply.code == 421 ? HEARD : say_name(talk, "HELO");
}

/* Returns 1 when the host knows who we are; else `done` is set. */
static int
introduce(struct talk *talk, int *done)
{
	enum hearing hearing = greet(talk);

	if (hearing != HEARD)
		*done = talk_end_badly(talk, hearing);
	else if (talk->reply.code != 250)
		*done = talk_give_up(talk, talk_words(talk, CONNECTED,
		    " but my name was rejected."), 1);
	else
		return 1;
	return 0;
}

/*
 * STARTTLS, and our name once more: what the host offered before counts for
 * nothing (RFC 3207 4.2).
 */
static int
secure(struct talk *talk, int *done)
{
	int changed;

	if (!secure_by_command(talk, &changed, done))
		return 0;
	if (!changed)
		return 1;
	talk->extensions = 0;
	memset(&talk->values, 0, sizeof talk->values);
	return introduce(talk, done);
}

static int
talk_to(struct talk *talk)
{
	struct delivery *delivery = talk->delivery;
	enum hearing hearing;
	int done;

	if (!secure_begin(talk, &done) || !secure_connection(talk, &done))
		return done;
	hearing = talk_ask(talk, "", GREETING_S);
	if (hearing != HEARD)
		return talk_end_badly(talk, hearing);
	if (talk->reply.code != 220) {
		/* In clear anybody on the way can say so. */
		delivery->said_521 = talk->reply.code == 521 &&
		    secure_is_believed(talk);
		return talk_give_up(talk, talk_words(talk, CONNECTED,
		    " but greeting failed."), 1);
	}
	if (!introduce(talk, &done))
		return done;
	delivery->says_helo = 0;
	if (!secure(talk, &done) || !log_in(talk, &done))
		return done;
	if (is_too_large(talk)) {
		report_message(&delivery->report, REPORT_PERMANENT,
		    talk_words(talk, "", " does not take messages of this "
		    "size. (#5.3.4)"), NULL);
		return 1;
	}
	return transact(talk);
}

/* Without waiting for an answer; behind a message QUIT was said already. */
static void
say_quit(struct talk *talk)
{
	size_t written;

	if (talk->is_mute)
		return;
	if (!talk->dot_sent || (talk->extensions & EXTENSION_PIPELINING) == 0)
		link_step(talk->link, "QUIT\r\n", 6, &written, deadline_in(0));
}

int
converse(struct delivery *delivery, const struct candidate *candidate, int fd)
{
	struct talk talk = {
		.delivery = delivery, .fd = fd, .host = candidate->host,
	};
	int done;

	address_print(&candidate->address, talk.ip);
	stralloc_zero(&delivery->failure);
	delivery->said_521 = 0;
	talk.link = link_open(fd, fd, delivery->config->timeout_s);
	if (talk.link == NULL)
		done = talk_no_memory(&talk);
	else {
		done = talk_to(&talk);
		say_quit(&talk);
		link_close(talk.link);
	}
	close(talk.fd);
	secure_end(&talk);
	stralloc_free(&talk.reply.text);
	stralloc_free(&talk.commands);
	stralloc_free(&talk.text);
	return done;
}
