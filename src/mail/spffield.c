/* spffield - compose Received-SPF */
#include "mail/spffield.h"

#include <string.h>

#define WORD	320		/* most octets of a value: RFC 5321 4.5.3.1 */

static int
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* dot-atom of RFC 5322 3.2.3, of the characters that need no thought. */
static int
is_dot_atom(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!is_word(text[i]) && (text[i] != '.' || i == 0 ||
		    i == len - 1 || text[i - 1] == '.'))
			return 0;
	return len > 0;
}

static int
add_quoted(stralloc *field, const char *text, size_t len)
{
	size_t i;

	if (!stralloc_cats(field, "\""))
		return 0;
	for (i = 0; i < len; i++) {
		char c = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';

		if ((c == '"' || c == '\\') && !stralloc_cats(field, "\\"))
			return 0;
		if (!stralloc_append(field, &c))
			return 0;
	}
	return stralloc_cats(field, "\"");
}

static int
add_pair(stralloc *field, const char *key, const char *text, size_t len)
{
	if (len > WORD)
		len = WORD;
	if (!stralloc_catm(field, key, "="))
		return 0;
	return is_dot_atom(text, len) ? stralloc_catb(field, text, len) :
	    add_quoted(field, text, len);
}

static int
add_text(stralloc *field, const char *key, const char *text)
{
	return add_pair(field, key, text, strlen(text));
}

/* For a comment, where brackets would end it. */
static int
add_harmless(stralloc *field, const char *text, size_t len)
{
	size_t i;

	if (len > WORD)
		len = WORD;
	for (i = 0; i < len; i++)
		if (!stralloc_catb(field, is_word(text[i]) || text[i] == '.' ?
		    text + i : "?", 1))
			return 0;
	return 1;
}

static int
add_comment(stralloc *field, const struct spf *spf, const char *client)
{
	static const struct {
		const char *before, *after;	/* of the client's address */
	} words[] = {
		[SPF_UNKNOWN] = { " is not asked about ", "" },
		[SPF_NONE] = { " has no record that could name ", "" },
		[SPF_NEUTRAL] = { " does not say whether ",
		    " may send its mail" },
		[SPF_PASS] = { " lets ", " send its mail" },
		[SPF_FAIL] = { " does not let ", " send its mail" },
		[SPF_SOFTFAIL] = { " would rather not let ",
		    " send its mail" },
		[SPF_TEMPERROR] = { " cannot be asked now about ", "" },
		[SPF_PERMERROR] = { " has a bad record, asked about ", "" },
	};

	return stralloc_cats(field, " (") &&
	    add_harmless(field, spf->receiver.s, strlen(spf->receiver.s)) &&
	    stralloc_cats(field, ": ") &&
	    add_harmless(field, spf->domain.s, spf->domain.len) &&
	    stralloc_catm(field, words[spf->result].before, client,
	    words[spf->result].after, ")\n  ");
}

enum status
spf_field(const struct spf *spf, enum spf_identity identity,
    const char *mailbox, size_t len, stralloc *field)
{
	char client[ADDRESS_TEXT];

	address_print(&spf->client, client);
	if (!stralloc_catm(field, "Received-SPF: ",
	    spf_result_name(spf->result)) ||
	    !add_comment(field, spf, client) ||
	    !add_text(field, "receiver", spf->receiver.s) ||
	    !stralloc_cats(field, ";\n  ") ||
	    !add_text(field, "client-ip", client) ||
	    !stralloc_cats(field, ";\n  ") ||
	    !add_pair(field, "helo", spf->helo.s, spf->helo.len) ||
	    !stralloc_cats(field, ";\n  ") ||
	    !add_pair(field, "envelope-from", mailbox, len) ||
	    !stralloc_cats(field, ";\n  ") ||
	    !add_text(field, "identity",
	    identity == SPF_MAILFROM ? "mailfrom" : "helo"))
		return TEMPFAIL;
	if (spf->mechanism.len > 0 && (!stralloc_cats(field, ";\n  ") ||
	    !add_text(field, "mechanism", spf->mechanism.s)))
		return TEMPFAIL;
	if (spf->problem != NULL && (!stralloc_cats(field, ";\n  ") ||
	    !add_text(field, "problem", spf->problem)))
		return TEMPFAIL;
	return stralloc_cats(field, "\n") ? OK : TEMPFAIL;
}
