/* nomail - the recipient takes no mail, and says why */
#include <string.h>

#include "base/text.h"
#include "filter/table.h"

#define TEXT_SIZE	400	/* of the reply, with its NUL */

struct memory {
	char text[TEXT_SIZE];
	char enhanced[sizeof "5.7.1"];
};

/* The first line that is more than a comment. */
static void
find_line(const stralloc *text, const char **line, size_t *len)
{
	const char *end = text->s + text->len;

	*len = 0;
	for (*line = text->s; *line < end && *len == 0; ) {
		const char *feed = memchr(*line, '\n', (size_t)(end - *line));
		const char *stop = feed != NULL ? feed : end;
		size_t whole = (size_t)(stop - *line);

		*len = text_without_comment(*line, whole);
		if (*len == 0)
			*line = feed != NULL ? feed + 1 : end;
	}
}

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

#define CODES	(sizeof "550 5.7.1" - 1)

/* Whether the line begins with a code and an enhanced one: `550 5.2.1 `. */
static int
has_codes(const char *line, size_t len)
{
	return len >= CODES &&
	    (line[0] == '4' || line[0] == '5') && is_digit(line[1]) &&
	    is_digit(line[2]) && line[3] == ' ' && line[4] == line[0] &&
	    line[5] == '.' && is_digit(line[6]) && line[7] == '.' &&
	    is_digit(line[8]) && (len == CODES || line[CODES] == ' ');
}

/*
 * Codes that blame the client for its syntax, or end the session, are not one
 * recipient's to give.
 */
static unsigned
code_of(const char *line)
{
	unsigned class = (unsigned)(line[0] - '0') * 100;
	unsigned code = class + (unsigned)(line[1] - '0') * 10 +
	    (unsigned)(line[2] - '0');

	return code == 421 || code == 555 || code / 10 == 50 ? class + 50 :
	    code;
}

/* The words of the reply, `\#` as `#`. */
static void
copy_words(struct memory *memory, const char *words, size_t len)
{
	size_t i, at = 0;

	for (i = 0; i < len && at < sizeof memory->text - 1; i++)
		if (words[i] != '\\' || i + 1 == len || words[i + 1] != '#')
			memory->text[at++] = words[i];
	memory->text[at] = '\0';
	text_make_printable(memory->text, at);
}

static enum verdict
refuse(struct memory *memory, const char *line, size_t len,
    struct finding *finding)
{
	unsigned code = 550;
	size_t blanks;

	strcpy(memory->enhanced, "5.7.1");
	if (has_codes(line, len)) {
		code = code_of(line);
		memcpy(memory->enhanced, line + 4, sizeof memory->enhanced - 1);
		blanks = text_blanks(line + CODES, len - CODES);
		line += CODES + blanks;
		len -= CODES + blanks;
	}
	copy_words(memory, line, len);
	if (memory->text[0] == '\0')
		strcpy(memory->text, "this recipient takes no mail");
	finding_set(finding, "nomail", code, memory->enhanced, memory->text);
	return code < 500 ? DEFER : REJECT;
}

static enum verdict
rcpt(const struct session *session, struct own *own, struct finding *finding)
{
	const stralloc *text;
	struct folder *folder;
	const char *line;
	size_t len;

	if (setting_find_file(session->settings, "nomail",
	    SETTING_NOT_GLOBAL, &folder, &finding->level) != OK)
		return finding_fault_of(finding, session, folder->control);
	if (folder == NULL)
		return PASS;
	if (folder_text(folder, "nomail", &text) != OK)
		return finding_fault_of(finding, session, folder->control);
	if (text == NULL)
		return PASS;
	find_line(text, &line, &len);
	return refuse(own->session, line, len, finding);
}

const struct filter filter_nomail = {
	.name = "nomail",
	.file = "nomail",
	.flags = SETTING_NOT_GLOBAL,
	.session = sizeof(struct memory),
	.spares = SPARES_ACCEPTED,
	.on = { [ON_RCPT] = rcpt },
};
