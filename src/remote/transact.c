/* transact - a mail transaction with a host, from MAIL to the final dot */
#include "remote/transact.h"

#include <string.h>

#include "base/text.h"
#include "smtp/mailbox.h"

/* A recipient, MAIL or the end of data was refused, or not. */
static enum message_report
letter_of(unsigned code)
{
	return code / 100 == 5 ? REPORT_PERMANENT : REPORT_DEFERRED;
}

/*
 * Who wants TLS says 530 without it (RFC 3207 4), and others say what they
 * like: where TLS is offered and could not be had, that is why.
 */
static int
is_for_want_of_tls(const struct talk *talk)
{
	return !talk->secure.is_encrypted && (talk->delivery->goes_clear ||
	    (talk->mail_code == 530 &&
	    (talk->extensions & EXTENSION_STARTTLS) != 0));
}

static void
take_mail(struct talk *talk)
{
	struct delivery *delivery = talk->delivery;

	talk->mail_code = talk->reply.code;
	if (talk->mail_code / 100 == 2)
		return;
	if (talk->mail_code / 100 == 5 && !is_for_want_of_tls(talk))
		report_message(&delivery->report, REPORT_PERMANENT,
		    talk_words(talk, CONNECTED, " but sender was rejected."),
		    &talk->reply.text);
	else
		talk_give_up(talk, talk_words(talk, CONNECTED,
		    " but sender was rejected."), 1);
}

static void
take_recipient(struct talk *talk)
{
	struct report *report = &talk->delivery->report;
	const char *text;

	if (talk->mail_code / 100 != 2)
		return;
	if (talk->reply.code / 100 == 2) {
		talk->accepted++;
		report_recipient(report, RECIPIENT_ACCEPTED, "", NULL);
		return;
	}
	text = talk_words(talk, "", " does not like recipient.");
	if (talk->reply.code / 100 == 5)
		report_recipient(report, RECIPIENT_REFUSED, text,
		    &talk->reply.text);
	else {
		talk->deferred++;
		report_recipient(report, RECIPIENT_DEFERRED, text,
		    &talk->reply.text);
	}
}

/* The replies to MAIL, each RCPT, and DATA, in this order. */
static void
take_envelope(struct talk *talk, size_t which)
{
	if (which == 0)
		take_mail(talk);
	else if (which <= talk->count)
		take_recipient(talk);
	else
		talk->data_code = talk->reply.code;
}

static void
take_one_recipient(struct talk *talk, size_t which)
{
	(void)which;
	take_recipient(talk);
}

static enum status
add_mail(struct talk *talk)
{
	const struct delivery *delivery = talk->delivery;
	stralloc *out = &talk->commands;
	char size[TEXT_NUMBER];

	if (!stralloc_cats(out, "MAIL FROM:<") ||
	    mailbox_print(delivery->sender, strlen(delivery->sender),
	    out) != OK || !stralloc_cats(out, ">"))
		return TEMPFAIL;
	text_print_number(size, delivery->body.size);
	if ((talk->extensions & EXTENSION_SIZE) != 0 &&
	    delivery->body.is_known && !stralloc_catm(out, " SIZE=", size))
		return TEMPFAIL;
	/* What was not counted may have 8 bits. */
	if ((talk->extensions & EXTENSION_8BITMIME) != 0 &&
	    (delivery->body.is_8bit || !delivery->body.is_known) &&
	    !stralloc_cats(out, " BODY=8BITMIME"))
		return TEMPFAIL;
	return stralloc_cats(out, "\r\n") ? OK : TEMPFAIL;
}

static enum status
add_rcpt(struct talk *talk, const char *recipient)
{
	stralloc *out = &talk->commands;

	return stralloc_cats(out, "RCPT TO:<") && mailbox_print(recipient,
	    strlen(recipient), out) == OK && stralloc_cats(out, ">\r\n") ?
	    OK : TEMPFAIL;
}

/* MAIL, each RCPT and DATA in one group (RFC 2920). */
static enum hearing
send_group(struct talk *talk)
{
	size_t i, count = talk->count;

	for (i = 0; i < count; i++)
		if (add_rcpt(talk, talk->delivery->recipients[i]) != OK)
			return DIED;
	if (!stralloc_cats(&talk->commands, "DATA\r\n"))
		return DIED;
	return talk_exchange(talk, talk->commands.s, talk->commands.len,
	    count + 2, COMMAND_S, take_envelope);
}

/* The same one by one, for a host that does not know better. */
static enum hearing
send_singly(struct talk *talk)
{
	struct delivery *delivery = talk->delivery;
	enum hearing hearing;
	size_t i;

	hearing = talk_exchange(talk, talk->commands.s, talk->commands.len, 1,
	    COMMAND_S, take_envelope);
	for (i = 0; i < talk->count && hearing == HEARD &&
	    talk->mail_code / 100 == 2; i++) {
		stralloc_zero(&talk->commands);
		if (add_rcpt(talk, delivery->recipients[i]) != OK)
			return DIED;
		hearing = talk_exchange(talk, talk->commands.s,
		    talk->commands.len, 1, COMMAND_S, take_one_recipient);
	}
	if (hearing != HEARD || talk->accepted == 0)
		return hearing;
	hearing = talk_ask(talk, "DATA\r\n", DATA_S);
	talk->data_code = talk->reply.code;
	return hearing;
}

/*
 * Write a block of mail data; early replies wait in the link's buffer.  The
 * last `spare` octets are not missed if the link ends before them.
 */
static enum status
send_octets(struct talk *talk, const char *text, size_t len, size_t spare)
{
	struct deadline until = talk_within(talk, BLOCK_S);
	struct deadline end = deadline_in(SLOWEST_S * 1000);
	size_t written;

	while (len > 0) {
		if (link_step(talk->link, text, len, &written,
		    deadline_sooner(until, end)) != OK)
			return len <= spare ? OK : TEMPFAIL;
		if (written > 0)
			until = talk_within(talk, BLOCK_S);
		text += written;
		len -= written;
	}
	return OK;
}

/*
 * The message, its end, and QUIT behind it where a group may have that.
 * PERMFAIL: the file cannot be read, and the host has no end of it.
 */
static enum status
send_message(struct talk *talk)
{
	static const char end[] = ".\r\nQUIT\r\n";
	size_t tail = (talk->extensions & EXTENSION_PIPELINING) != 0 ?
	    sizeof end - 1 : 3;
	char buffers[2][BODY_ROOM + sizeof end];
	char *out = buffers[0], *next = buffers[1], *swap;
	size_t len = 0, more;

	/* One block is held back, so that the end goes out with the last. */
	for (;;) {
		if (body_next(&talk->delivery->body, next, &more) != OK)
			return PERMFAIL;
		if (more == 0)
			break;
		if (len + more <= BODY_ROOM) {
			memcpy(out + len, next, more);
			len += more;
			continue;
		}
		if (send_octets(talk, out, len, 0) != OK)
			return TEMPFAIL;
		swap = out;
		out = next;
		next = swap;
		len = more;
	}
	/* A host that answers before the end does not mean this message. */
	if (link_has_input(talk->link, 0)) {
		talk->is_mute = 1;
		return TEMPFAIL;
	}
	memcpy(out + len, end, tail);
	talk->dot_sent = 1;
	/* A host may take the message and hang up before it reads QUIT. */
	return send_octets(talk, out, len + tail, tail - 3);
}

/* The end of mail data was answered: nothing may change that now. */
static int
report_end(struct talk *talk)
{
	struct report *report = &talk->delivery->report;
	unsigned code = talk->reply.code;

	if (code / 100 == 2)
		report_message(report, REPORT_ACCEPTED,
		    talk_words(talk, "", " accepted message."),
		    &talk->reply.text);
	else
		report_message(report, letter_of(code), talk_words(talk, "",
		    " failed after I sent the message."), &talk->reply.text);
	return 1;
}

static int
send_data(struct talk *talk)
{
	enum status status = send_message(talk);
	enum hearing hearing;

	if (status == PERMFAIL) {
		talk->is_mute = 1;
		report_message(&talk->delivery->report, REPORT_DEFERRED,
		    "Unable to read the message file. (#4.3.0)\n", NULL);
		return 1;
	}
	/* A host that hangs up in between may have said why. */
	hearing = talk_exchange(talk, "", 0, 1, DOT_S, NULL);
	if (hearing == HEARD && status != OK && talk->reply.code < 400)
		hearing = GARBLED;
	if (hearing != HEARD)
		return talk_end_badly(talk, hearing);
	return report_end(talk);
}

/* Every recipient was refused. */
static int
report_no_recipient(struct talk *talk)
{
	size_t written;

	/* 354 all the same: an end of mail data is owed (RFC 2920 3.1). */
	if (talk->data_code == 354)
		link_step(talk->link, ".\r\n", 3, &written,
		    talk_within(talk, COMMAND_S));
	report_message(&talk->delivery->report, talk->deferred > 0 ?
	    REPORT_DEFERRED : REPORT_PERMANENT,
	    talk_words(talk, "Giving up on ", "."), NULL);
	return 1;
}

/* Recipients beyond what the host takes in one transaction (RFC 9422). */
static void
defer_rest(struct talk *talk)
{
	size_t i;

	for (i = talk->count; i < talk->delivery->count; i++) {
		talk->deferred++;
		report_recipient(&talk->delivery->report, RECIPIENT_DEFERRED,
		    talk_words(talk, "", " takes fewer recipients at once."),
		    NULL);
	}
}

int
transact(struct talk *talk)
{
	struct delivery *delivery = talk->delivery;
	enum hearing hearing;

	talk->count = delivery->count;
	if (talk->values.rcptmax > 0 && talk->values.rcptmax < talk->count)
		talk->count = (size_t)talk->values.rcptmax;
	stralloc_zero(&talk->commands);
	if (add_mail(talk) != OK)
		return talk_no_memory(talk);
	hearing = (talk->extensions & EXTENSION_PIPELINING) != 0 ?
	    send_group(talk) : send_singly(talk);
	if (talk->mail_code / 100 > 2 && !delivery->report.is_ready)
		return 0;
	if (delivery->report.is_ready)
		return 1;
	if (hearing != HEARD)
		return talk_end_badly(talk, hearing);
	defer_rest(talk);
	if (talk->accepted == 0)
		return report_no_recipient(talk);
	if (talk->data_code / 100 == 2)
		return talk_end_badly(talk, GARBLED);
	if (talk->data_code != 354) {
		report_message(&delivery->report, letter_of(talk->data_code),
		    talk_words(talk, "", " failed on DATA command."),
		    &talk->reply.text);
		return 1;
	}
	return send_data(talk);
}
