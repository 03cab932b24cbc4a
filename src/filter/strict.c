/* strict - the message does not have the form of RFC 5322 */
#include "filter/table.h"

#include <string.h>

#include "mail/header.h"
#include "mail/mailboxes.h"

#define LONGEST_LINE	998	/* RFC 5322 2.1.1 */

#define EIGHT_BIT	0x80

/*
 * RFC 5322 3.6: fields that may come but once; some must.  The texts are no
 * pointers, for those cost each start of the program.
 */
static const struct {
	char name[12];
	char several[52], missing[36];	/* "": it may be */
} fields[] = {
#define SEVERAL(name)	name, "the message has more than one " name " (#5.6.0)"
	{ SEVERAL("From"), "the message has no From (#5.6.0)" },
	{ SEVERAL("Date"), "the message has no Date (#5.6.0)" },
	{ SEVERAL("Sender"), "" },
	{ SEVERAL("Reply-To"), "" },
	{ SEVERAL("To"), "" },
	{ SEVERAL("Cc"), "" },
	{ SEVERAL("Bcc"), "" },
	{ SEVERAL("Message-ID"), "" },
	{ SEVERAL("In-Reply-To"), "" },
	{ SEVERAL("References"), "" },
	{ SEVERAL("Subject"), "" },
#undef SEVERAL
};

#define FIELDS		(sizeof fields / sizeof fields[0])

/* What was seen of a message. */
struct form {
	struct header header;
	struct edit edit;		/* captures From */
	size_t field;			/* whose colon is looked for; FIELDS */
	int after_name;			/* and only blanks may come before it */
	unsigned seen[FIELDS];
	uint64_t line;			/* octets of it */
	int has_long_line;
	unsigned header_octets, body_octets;	/* all of them, by OR */
};

static unsigned
all_octets(const char *text, size_t len)
{
	unsigned all = 0;
	size_t i;

	for (i = 0; i < len; i++)
		all |= (unsigned char)text[i];
	return all;
}

static void
measure_lines(struct form *form, const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end) {
		const char *feed = memchr(text, '\n', (size_t)(end - text));

		form->line += (uint64_t)((feed != NULL ? feed : end) - text);
		form->has_long_line |= form->line > LONGEST_LINE;
		if (feed == NULL)
			return;
		form->line = 0;
		text = feed + 1;
	}
}

static size_t
field_of(const struct header *header)
{
	size_t i;

	for (i = 0; i < FIELDS; i++)
		if (header_is(header, fields[i].name))
			break;
	return i;
}

/* A name makes a field only with a colon, as session/edit.h has it, too. */
static void
find_colon(struct form *form, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len && form->field < FIELDS; i++) {
		if (text[i] == ':') {
			form->seen[form->field]++;
			form->field = FIELDS;
		} else if (text[i] == ' ' || text[i] == '\t' ||
		    text[i] == '\n')
			form->after_name = 1;
		else if (form->after_name)
			form->field = FIELDS;
	}
}

static void
look(struct form *form, char *text, size_t len)
{
	struct header_piece piece;
	struct iovec parts[EDIT_PARTS];
	size_t at;

	edit_take(&form->edit, text, len, parts);
	measure_lines(form, text, len);
	for (at = 0; at < len; at += piece.len) {
		header_next(&form->header, text + at, len - at, &piece);
		if (form->header.place == HEADER_BODY) {
			form->body_octets |= all_octets(text + at, piece.len);
			continue;
		}
		form->header_octets |= all_octets(text + at, piece.len);
		if (piece.begins) {
			form->field = piece.named ? field_of(&form->header) :
			    FIELDS;
			form->after_name = 0;
		}
		find_colon(form, text + at, piece.len);
	}
}

/* One block at a time: memory does not grow with the message. */
static enum status
read_message(struct form *form, const struct spool *spool)
{
	char block[SPOOL_BLOCK];
	uint64_t at = 0;
	size_t len;

	for (;;) {
		if (spool_read(spool, at, block, sizeof block, &len) != OK)
			return TEMPFAIL;
		if (len == 0)
			return OK;
		look(form, block, len);
		at += len;
	}
}

/* Whether From names somebody, and nobody can read another author in it. */
static enum status
read_authors(const struct edit *edit, int *good)
{
	struct mailboxes mailboxes;
	stralloc mailbox = { 0 };
	enum status status;
	const char *body;
	size_t len, authors = 0;

	header_field(edit->captured.s, edit->captured.len, &body, &len);
	mailboxes_start(&mailboxes, body, len);
	while ((status = mailboxes_next(&mailboxes, &mailbox)) == OK &&
	    mailbox.len > 0)
		authors++;
	stralloc_free(&mailbox);
	if (status == TEMPFAIL)
		return TEMPFAIL;
	*good = status == OK && authors > 0 && !edit->capture_cut;
	return OK;
}

static const char *
wrong_fields(const struct form *form)
{
	size_t i;

	for (i = 0; i < FIELDS; i++) {
		if (form->seen[i] == 0 && fields[i].missing[0] != '\0')
			return fields[i].missing;
		if (form->seen[i] > 1)
			return fields[i].several;
	}
	return NULL;
}

/* Which rule the message breaks; NULL: none. */
static enum status
judge(const struct form *form, int may_have_8bit, const char **wrong)
{
	int good = 1;

	*wrong = wrong_fields(form);
	if (*wrong == NULL && read_authors(&form->edit, &good) != OK)
		return TEMPFAIL;
	if (*wrong != NULL)
		return OK;
	if (!good)
		*wrong = "From is no list of mailboxes (#5.6.0)";
	else if (form->header_octets >= EIGHT_BIT)
		*wrong = "the header section is not in ASCII (#5.6.0)";
	else if (form->body_octets >= EIGHT_BIT && !may_have_8bit)
		*wrong = "the body has 8 bits, BODY=8BITMIME was not said "
		    "(#5.6.0)";
	else if (form->has_long_line)
		*wrong = "a line has more than 998 octets (#5.6.0)";
	return OK;
}

static enum verdict
cannot_judge(struct finding *finding)
{
	finding_set(finding, "check_strict_rfc2822", 451, "4.3.0",
	    "cannot judge the message now, try again later (#4.3.0)");
	finding->is_ours = 1;
	return DEFER;
}

/*
 * It needs the spool for what intake does not count, and intake counts but
 * size and hops, so that other mails do not pay for this filter.
 */
static enum verdict
message(const struct session *session, struct own *own, struct finding *finding)
{
	const struct edits edits = { .captured = "From" };
	struct form form = { .field = FIELDS };
	enum status status = TEMPFAIL;
	const char *wrong = NULL;

	(void)own;
	/* Too large: limits refuses it, and there is nothing to read. */
	if (session->mail.spool == NULL)
		return PASS;
	header_start(&form.header);
	if (edit_start(&form.edit, &edits) == OK &&
	    read_message(&form, session->mail.spool) == OK)
		status = judge(&form, session->mail.is_8bit, &wrong);
	edit_free(&form.edit);
	if (status == OK && wrong == NULL)
		return PASS;
	if (status != OK || !stralloc_copyb(&finding->reason, wrong,
	    strlen(wrong) - strlen(" (#5.6.0)")))
		return cannot_judge(finding);
	finding_set(finding, "check_strict_rfc2822", 550, "5.6.0", wrong);
	return REJECT;
}

const struct filter filter_strict = {
	.name = "check_strict_rfc2822",
	.spares = SPARES_ACCEPTED,
	.needs_spool = 1,
	.on = { [ON_MESSAGE] = message },
};
