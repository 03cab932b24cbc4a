/* intake - mail data from the link into the queue or the spool */
#include "smtpd/intake.h"

#include "filter/table.h"
#include "smtp/transparency.h"

#define LONE_DOT_MS	10000	/* wait after a dot that ends nothing */
#define WINDOW_MS	10000	/* over which the rate is measured */
#define SLOWEST		1024	/* octets a second */

/* What came in since a moment, to tell slow from stalled. */
struct window {
	int64_t began_ms;
	uint64_t octets;
};

/*
 * Read more.  The session's time does not count while mail data flows: once
 * it is over, ten seconds of silence or of less than SLOWEST end it.
 */
static enum status
fill(struct session *session, struct window *window)
{
	int64_t now = clock_ms(), age = now - window->began_ms;
	struct deadline until = { session->until_ms };

	if (age >= WINDOW_MS) {
		if (now > until.at_ms &&
		    window->octets < (uint64_t)age * SLOWEST / 1000)
			return TEMPFAIL;
		window->began_ms = now;
		window->octets = 0;
	}
	if (until.at_ms < now + WINDOW_MS)
		until.at_ms = now + WINDOW_MS;
	return link_fill(session->link, until);
}

/* Nothing is written of a message that cannot be taken any more. */
static int
is_lost(const struct server *server)
{
	const struct session *session = &server->session;

	return session->mail.data_faults != 0 ||
	    (session->config->databytes > 0 &&
	    session->mail.size > session->config->databytes &&
	    chain_mode(&server->chain, &filter_limits) >= MODE_DEFER);
}

static int
client_waits(const struct session *session, const struct transparency *data)
{
	return data->lone_dot && !link_has_more(session->link, LONE_DOT_MS);
}

/* The next octets of the message: count them, and hand them on. */
static void
put(struct server *server, const struct sink *sink, char *text, size_t len)
{
	struct transaction *mail = &server->session.mail;
	struct iovec parts[EDIT_PARTS];

	edit_take(sink->edit, text, len, parts);
	mail->size = sink->edit->size;
	mail->hops = sink->edit->hops;
	if (is_lost(server))
		return;
	if (sink->queue != NULL)
		queue_write(sink->queue, parts, EDIT_PARTS);
	else
		spool_write(sink->spool, text, len);
}

static void
put_end(const struct server *server, const struct sink *sink)
{
	struct iovec parts[EDIT_PARTS];

	edit_end(sink->edit, parts);
	if (sink->queue != NULL && !is_lost(server))
		queue_write(sink->queue, parts, EDIT_PARTS);
}

enum status
intake_read(struct server *server, const struct sink *sink)
{
	struct session *session = &server->session;
	struct window window = { clock_ms(), 0 };
	struct transparency data;
	size_t waiting, used, len;
	enum status status;

	transparency_start(&data, session->config->mend_bare_lf &&
	    session_may_relay(session));
	/* A client that is forgiven may have sent the begin of it with DATA. */
	for (status = OK; status == OK; status = fill(session, &window)) {
		char *text = link_input(session->link, &waiting);

		if (waiting == 0)
			continue;
		len = transparency_undo(&data, text, waiting, &used);
		window.octets += used;
		session->mail.data_faults = data.faults;
		put(server, sink, text, len);
		link_consume(session->link, used);
		if (data.ended) {
			put_end(server, sink);
			return OK;
		}
		if (client_waits(session, &data)) {
			session->mail.data_faults |= DATA_BARE_LF;
			return TEMPFAIL;
		}
	}
	return TEMPFAIL;
}
