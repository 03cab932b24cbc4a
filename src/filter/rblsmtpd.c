/* rblsmtpd - RBLSMTPD in the environment: the client is on the rules' list */
#include <string.h>

#include "base/text.h"
#include "filter/table.h"

#define TEXT_SIZE	400	/* of the reply, with its NUL */

struct memory {
	char text[TEXT_SIZE];
};

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	const char *text = session->peer.listed;
	struct memory *memory = own->session;
	int is_for_good;

	/* Empty: DNS lists spare it, see session_is_off_lists(). */
	if (text == NULL || text[0] == '\0')
		return PASS;
	is_for_good = text[0] == '-';
	text += is_for_good;
	if (text[0] == '\0')
		text = "your host is on a list here";
	strncpy(memory->text, text, sizeof memory->text - 1);
	text_make_printable(memory->text, strlen(memory->text));
	finding_set(finding, "RBLSMTPD", is_for_good ? 553 : 451,
	    is_for_good ? "5.7.1" : "4.7.1", memory->text);
	return is_for_good ? REJECT : DEFER;
}

const struct filter filter_rblsmtpd = {
	.name = "rblsmtpd",
	.session = sizeof(struct memory),
	.spares = SPARES_TRUSTED,
	.is_on = 1,
	.judges_postmaster = 1,
	.on = { [ON_RCPT] = rcpt },
};
