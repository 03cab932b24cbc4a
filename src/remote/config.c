/* config - control files into the settings of a delivery */
#include "remote/config.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "net/tls.h"

#define LONGEST_TIMEOUT	(24u * 3600)

static enum status
read_name(struct config *config, struct control *control)
{
	stralloc *name = &config->helohost;
	int found;

	if (control_line(control, "helohost", name, &found) != OK)
		return TEMPFAIL;
	if (!found && control_line(control, "me", name, &found) != OK)
		return TEMPFAIL;
	if (!found)
		return control_refuse(control, "me", ENOENT);
	/* EHLO without a name is refused everywhere. */
	if (name->len == 0)
		return control_refuse(control, "helohost", EINVAL);
	text_make_printable(name->s, name->len);
	return stralloc_0(name) ? OK :
	    control_refuse(control, "helohost", ENOMEM);
}

static enum status
read_seconds(struct control *control, const char *file, unsigned absent,
    unsigned *seconds)
{
	uint64_t number = absent;

	if (control_number(control, file, &number) != OK)
		return TEMPFAIL;
	if (number == 0)
		number = 1;
	*seconds = number > LONGEST_TIMEOUT ? LONGEST_TIMEOUT :
	    (unsigned)number;
	return OK;
}

static enum status
read_address(struct control *control, const char *file, int family,
    struct address *address)
{
	stralloc line = { 0 };
	enum status status;
	int found = 0;

	address->family = 0;
	if (!control_has(control, file))
		return OK;
	status = control_line(control, file, &line, &found);
	if (status == OK && line.len > 0 && (address_parse(line.s, line.len,
	    address) != OK || address->family != family))
		status = control_refuse(control, file, EINVAL);
	stralloc_free(&line);
	return status;
}

static enum status
read_family(struct config *config, struct control *control)
{
	stralloc line = { 0 };
	enum status status;
	int found = 0;

	if (!control_has(control, "ipfamily"))
		return OK;
	status = control_line(control, "ipfamily", &line, &found);
	if (status == OK && found) {
		if (text_is(line.s, line.len, "4"))
			config->family = 4;
		else if (text_is(line.s, line.len, "6"))
			config->family = 6;
		else if (line.len > 0 && !text_is(line.s, line.len, "any"))
			status = control_refuse(control, "ipfamily", EINVAL);
	}
	stralloc_free(&line);
	return status;
}

/* Lines of names, which OpenSSL wants with colons between them. */
static enum status
read_ciphers(struct config *config, struct control *control)
{
	static const char file[] = "tlsclientciphers";
	stralloc *ciphers = &config->tls_ciphers;
	stralloc text = { 0 };
	enum status status;
	size_t at, len;
	int found;

	if (!control_has(control, file))
		return OK;
	status = control_read(control, file, &text, &found);
	for (at = 0; status == OK && at < text.len; at += len + 1) {
		const char *feed = memchr(text.s + at, '\n', text.len - at);
		size_t n;

		len = feed != NULL ? (size_t)(feed - text.s) - at :
		    text.len - at;
		n = text_trimmed(text.s + at, len);
		if (n > 0 && text.s[at] != '#' &&
		    ((ciphers->len > 0 && !stralloc_cats(ciphers, ":")) ||
		    !stralloc_catb(ciphers, text.s + at, n)))
			status = control_refuse(control, file, ENOMEM);
	}
	if (status == OK && ciphers->len > 0 && !stralloc_0(ciphers))
		status = control_refuse(control, file, ENOMEM);
	stralloc_free(&text);
	return status;
}

static enum status
read_minimum(struct config *config, struct control *control)
{
	static const char file[] = "tlsclientminimum";
	stralloc line = { 0 };
	enum status status;
	int found = 0;

	if (!control_has(control, file))
		return OK;
	status = control_line(control, file, &line, &found);
	if (status == OK && line.len > 0 && tls_version(line.s, line.len,
	    &config->tls_minimum) != OK)
		status = control_refuse(control, file, EINVAL);
	stralloc_free(&line);
	return status;
}

enum status
remote_config_read(struct config *config, struct control *control)
{
	memset(config, 0, sizeof *config);
	if (read_name(config, control) != OK ||
	    read_seconds(control, "timeoutconnect", 60,
	    &config->connect_s) != OK ||
	    read_seconds(control, "timeoutremote", 1200,
	    &config->timeout_s) != OK ||
	    read_address(control, "outgoingip", 4, &config->from4) != OK ||
	    read_address(control, "outgoingip6", 6, &config->from6) != OK ||
	    read_family(config, control) != OK ||
	    read_ciphers(config, control) != OK ||
	    read_minimum(config, control) != OK ||
	    list_read(control, "moreipme", &config->moreipme) != OK)
		return TEMPFAIL;
	return list_read(control, "notipme", &config->notipme);
}

void
remote_config_free(struct config *config)
{
	stralloc_free(&config->helohost);
	stralloc_free(&config->tls_ciphers);
	list_free(&config->moreipme);
	list_free(&config->notipme);
}
