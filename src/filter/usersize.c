/* usersize - the mail is declared larger than the recipient takes */
#include "base/text.h"
#include "filter/table.h"

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	char size[TEXT_NUMBER];
	enum verdict verdict;
	uint64_t most;

	(void)own;
	verdict = finding_number(finding, session, "usersize", &most);
	if (verdict != PASS || most == 0 || session->mail.declared_size <= most)
		return verdict;
	/* Memory that is gone costs the log a word, not the answer. */
	text_print_number(size, session->mail.declared_size);
	if (!stralloc_copys(&finding->reason, "SIZE=") ||
	    !stralloc_cats(&finding->reason, size))
		stralloc_zero(&finding->reason);
	finding_set(finding, "usersize", 552, "5.2.3",
	    "the message is larger than this recipient takes "
	    "(usersize) (#5.2.3)");
	return REJECT;
}

const struct filter filter_usersize = {
	.name = "usersize",
	.spares = SPARES_ACCEPTED,
	.on = { [ON_RCPT] = rcpt },
};
