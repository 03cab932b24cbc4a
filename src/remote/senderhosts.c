/* senderhosts - who we are to a host, by the domain of the sender */
#include "remote/senderhosts.h"

#include <errno.h>
#include <string.h>

#include "remote/lines.h"

/* The bar behind the domain; where there is none, that is all. */
static const char *
domain_end(const char *line, size_t len)
{
	const char *bar = memchr(line, '|', len);

	return bar != NULL ? bar : line + len;
}

static enum status
take_address(struct address *address, const char *text, size_t len, int family)
{
	if (len == 0)
		return OK;
	return address_parse(text, len, address) == OK &&
	    address->family == family ? OK : PERMFAIL;
}

/* A name that can stand behind EHLO. */
static enum status
take_name(stralloc *name, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return PERMFAIL;
	if (len > SENDERHOST_NAME)
		return PERMFAIL;
	return len == 0 || (stralloc_copyb(name, text, len) &&
	    stralloc_0(name)) ? OK : TEMPFAIL;
}

/* `IPv4|IPv6|helo`, any of them empty, or missing at the end. */
static enum status
parse(struct senderhost *host, const char *text, size_t len)
{
	const char *end = text + len;
	enum status status = OK;
	unsigned field;

	for (field = 0; status == OK; field++) {
		const char *bar = memchr(text, '|', (size_t)(end - text));
		size_t n = (size_t)((bar != NULL ? bar : end) - text);

		if (field == 0)
			status = take_address(&host->from4, text, n, 4);
		else if (field == 1)
			status = take_address(&host->from6, text, n, 6);
		else if (field == 2)
			status = take_name(&host->helo, text, n);
		else
			status = PERMFAIL;
		if (bar == NULL)
			break;
		text = bar + 1;
	}
	return status;
}

enum status
senderhost_find(struct senderhost *host, struct control *control,
    const char *sender)
{
	const char *at = strrchr(sender, '@'), *value;
	stralloc file = { 0 };
	enum status status;
	size_t len = 0;
	int found;

	memset(host, 0, sizeof *host);
	if (!control_has(control, "senderhosts"))
		return OK;
	status = control_read(control, "senderhosts", &file, &found);
	if (status == OK && found) {
		value = lines_find_domain(&file, domain_end,
		    at != NULL ? at + 1 : "", &len);
		if (value != NULL)
			status = parse(host, value, len);
		if (status != OK)
			status = control_refuse_at(control, "senderhosts",
			    "line", lines_number(&file, value),
			    status == PERMFAIL ? EINVAL : ENOMEM);
	}
	stralloc_free(&file);
	return status;
}

void
senderhost_free(struct senderhost *host)
{
	stralloc_free(&host->helo);
}

enum status
senderhosts_check(const stralloc *file, unsigned after, unsigned *number)
{
	struct line line = { 0 };
	struct senderhost host;
	enum status status = OK;

	*number = 0;
	while (status == OK && lines_next(file, domain_end, &line)) {
		if (line.number <= after)
			continue;
		memset(&host, 0, sizeof host);
		status = parse(&host, line.value, line.value_len);
		senderhost_free(&host);
	}
	if (status == PERMFAIL)
		*number = line.number;
	return status;
}
