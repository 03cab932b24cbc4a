/* talk - commands and replies of a client's session */
#include "remote/talk.h"

#include <string.h>

struct deadline
talk_within(const struct talk *talk, unsigned most_s)
{
	unsigned seconds = talk->delivery->config->timeout_s;

	return deadline_in((int64_t)(seconds < most_s ? seconds : most_s) *
	    1000);
}

/* Sending and hearing go together: neither side waits for the other to read. */
enum hearing
talk_exchange(struct talk *talk, const char *text, size_t len,
    size_t count, unsigned most_s, void (*take)(struct talk *, size_t which))
{
	struct deadline until = talk_within(talk, most_s);
	size_t sent = 0, got = 0, waiting, used, written;
	int has_ended = 0;

	/* Whoever speaks out of turn answers something that was not said. */
	if (len > 0 && link_has_input(talk->link, 0))
		return GARBLED;
	reply_start(&talk->reply);
	while (got < count || sent < len) {
		const char *input = link_input(talk->link, &waiting);
		int whole = got < count && reply_read(&talk->reply, input,
		    waiting, &used);

		if (got < count)
			link_consume(talk->link, used);
		if (whole && talk->reply.garbage)
			return GARBLED;
		if (whole) {
			if (take != NULL)
				take(talk, got);
			if (++got < count)
				reply_start(&talk->reply);
			until = talk_within(talk, most_s);
			continue;
		}
		if (has_ended)
			return DIED;
		/* What came before the end is looked at once more. */
		has_ended = link_step(talk->link, text + sent, len - sent,
		    &written, until) != OK;
		sent += written;
	}
	return HEARD;
}

enum hearing
talk_ask(struct talk *talk, const char *command, unsigned most_s)
{
	return talk_exchange(talk, command, strlen(command), 1, most_s, NULL);
}

const char *
talk_words(struct talk *talk, const char *before, const char *after)
{
	if (!stralloc_copym(&talk->text, before, talk->ip, after, "\n") ||
	    !stralloc_0(&talk->text))
		return "";
	return talk->text.s;
}

int
talk_give_up(struct talk *talk, const char *text, int heard)
{
	struct delivery *delivery = talk->delivery;
	const stralloc *said = &talk->reply.text;

	report_restart(&delivery->report);
	if (!stralloc_copys(&delivery->failure, text))
		return 0;
	if (heard && said->len > 0 &&
	    (!stralloc_cats(&delivery->failure, "Remote host said: ") ||
	    !stralloc_cat(&delivery->failure, said)))
		delivery->failure.len = 0;
	return 0;
}

int
talk_end_badly(struct talk *talk, enum hearing hearing)
{
	const char *why = hearing == GARBLED ?
	    " but it answered garbage. (#4.4.2)" :
	    " but connection died. (#4.4.2)";

	if (talk->dot_sent)
		why = hearing == GARBLED ?
		    " but it answered garbage. Possible duplicate! (#4.4.2)" :
		    " but connection died. Possible duplicate! (#4.4.2)";
	else if (talk->mail_code / 100 != 2 && talk->mail_code / 100 != 5)
		return talk_give_up(talk, talk_words(talk, CONNECTED, why), 0);
	report_message(&talk->delivery->report, REPORT_DEFERRED,
	    talk_words(talk, CONNECTED, why), NULL);
	return 1;
}

int
talk_no_memory(struct talk *talk)
{
	report_message(&talk->delivery->report, REPORT_DEFERRED,
	    "Out of memory. (#4.3.0)\n", NULL);
	return 1;
}
