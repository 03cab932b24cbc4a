/* relay - what a line of smtproutes or authsenders says behind its key */
#include "remote/relay.h"

#include <string.h>

#include "base/text.h"

enum status
relay_parse_port(const char *text, size_t len, int is_strict, unsigned *port)
{
	uint64_t number = 0;
	size_t digits = text_number(text, len, &number);

	if (digits == 0 || (is_strict && digits != len) || number == 0 ||
	    number > 65535)
		return PERMFAIL;
	*port = (unsigned)number;
	return OK;
}

enum status
relay_set(struct route *route, const char *text, size_t len)
{
	return stralloc_copyb(&route->relay, text, len) &&
	    (len == 0 || stralloc_0(&route->relay)) ? OK : TEMPFAIL;
}

/* `relay`, `relay:port`, `[IPv6]:port`, or nothing. */
static enum status
parse_place(struct route *route, const char *text, size_t len)
{
	const char *end = text + len;
	const char *colon;

	if (len > 0 && text[0] == '[') {
		const char *bracket = memchr(text, ']', len);

		if (bracket == NULL)
			return PERMFAIL;
		colon = bracket + 1;
		if (colon < end && *colon != ':')
			return PERMFAIL;
	} else
		colon = memchr(text, ':', len);
	if (colon == NULL)
		colon = end;
	/* Stock qmail takes what follows the digits: a CR, say. */
	if (colon < end && relay_parse_port(colon + 1,
	    (size_t)(end - colon - 1), 0, &route->port) != OK)
		return PERMFAIL;
	return relay_set(route, text, (size_t)(colon - text));
}

/* RFC 4616 2: at least one octet, and no NUL. */
static enum status
set_secret(stralloc *secret, const char *text, size_t len)
{
	if (len == 0 || len > ROUTE_SECRET || memchr(text, '\0', len) != NULL)
		return PERMFAIL;
	/* At once as large as it will be: what grows leaves a copy behind. */
	return stralloc_ready(secret, len + 1) &&
	    stralloc_copyb(secret, text, len) && stralloc_0(secret) ?
	    OK : TEMPFAIL;
}

/* `user|password` or `user|password|cleartext`. */
static enum status
parse_credentials(struct route *route, const char *text, size_t len)
{
	const char *end = text + len;
	const char *password = memchr(text, '|', len), *rest;
	enum status status;

	/* A password is not for whatever host the MX names. */
	if (password == NULL || route->relay.len == 0)
		return PERMFAIL;
	status = set_secret(&route->user, text, (size_t)(password - text));
	if (status != OK)
		return status;
	password++;
	rest = memchr(password, '|', (size_t)(end - password));
	if (rest != NULL) {
		route->is_cleartext = text_is(rest + 1,
		    (size_t)(end - rest - 1), "cleartext");
		if (!route->is_cleartext)
			return PERMFAIL;
		end = rest;
	}
	return set_secret(&route->password, password,
	    (size_t)(end - password));
}

enum status
relay_parse(struct route *route, const char *text, size_t len)
{
	const char *bar = memchr(text, '|', len);
	size_t place = bar != NULL ? (size_t)(bar - text) : len;
	enum status status = parse_place(route, text, place);

	if (status == OK && bar != NULL)
		status = parse_credentials(route, bar + 1, len - place - 1);
	return status;
}
