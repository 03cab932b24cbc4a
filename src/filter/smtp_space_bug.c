/* smtp_space_bug - a blank before the path of MAIL or RCPT */
#include "filter/table.h"

/* Whose blanks are forgiven, as Qsmtp numbers them. */
enum forgiven {
	EHLO_FORGIVES = 1,
	TLS_OR_AUTH_FORGIVES = 2,
	AUTH_FORGIVES = 3,
	NOTHING_FORGIVES = 255
};

struct memory {
	int is_logged;
};

static void
log_unknown(const struct session *session, const struct finding *finding,
    struct memory *memory)
{
	struct log_line line;

	if (memory->is_logged++)
		return;
	session_log(session, &line, "unknown");
	log_text(&line, "level", level_name(finding->level));
	log_text(&line, "key", "smtp_space_bug");
	log_text(&line, "reason", "its value is none of 1, 2, 3 and 255");
	log_end(&line);
}

static int
is_forgiven(const struct session *session, uint64_t whose,
    const struct finding *finding, struct memory *memory)
{
	int is_known = session_is_authenticated(session);

	switch (whose) {
	case 0:
		return 1;
	case EHLO_FORGIVES:
		return session->greeted == VERB_EHLO;
	case TLS_OR_AUTH_FORGIVES:
		return is_known || session_is_encrypted(session);
	case AUTH_FORGIVES:
		return is_known;
	case NOTHING_FORGIVES:
		return 0;
	default:
		log_unknown(session, finding, memory);
		return 1;
	}
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	enum verdict verdict;
	uint64_t whose;

	if ((session->mail.notes & NOTE_BLANK_BEFORE_PATH) == 0)
		return PASS;
	verdict = finding_number(finding, session, "smtp_space_bug", &whose);
	if (verdict != PASS || is_forgiven(session, whose, finding,
	    own->session))
		return verdict;
	finding_set(finding, "smtp_space_bug", 500, "5.5.2",
	    "no blank may stand before the path of MAIL or RCPT "
	    "(smtp_space_bug) (#5.5.2)");
	return REJECT;
}

const struct filter filter_smtp_space_bug = {
	.name = "smtp_space_bug",
	.session = sizeof(struct memory),
	.spares = SPARES_ACCEPTED,
	.on = { [ON_RCPT] = rcpt },
};
