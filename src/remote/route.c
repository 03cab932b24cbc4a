/* route - smtproutes and smtproutes.d */
#include "remote/route.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "smtp/mailbox.h"

#define FOLDER		"smtproutes.d"

/*
 * A port is 1 to 65535; what follows its digits does not count in smtproutes,
 * as in stock qmail (a CR, say), and is an error in smtproutes.d.
 */
static enum status
parse_port(const char *text, size_t len, int is_strict, unsigned *port)
{
	uint64_t number = 0;
	size_t digits = text_number(text, len, &number);

	if (digits == 0 || (is_strict && digits != len) || number == 0 ||
	    number > 65535)
		return PERMFAIL;
	*port = (unsigned)number;
	return OK;
}

static enum status
set_relay(struct route *route, const char *text, size_t len)
{
	return stralloc_copyb(&route->relay, text, len) &&
	    (len == 0 || stralloc_0(&route->relay)) ? OK : TEMPFAIL;
}

/* `relay`, `relay:port`, `[IPv6]:port`, or nothing. */
static enum status
parse_relay(struct route *route, const char *text, size_t len)
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
	if (colon < end && parse_port(colon + 1, (size_t)(end - colon - 1),
	    0, &route->port) != OK)
		return PERMFAIL;
	return set_relay(route, text, (size_t)(colon - text));
}

/* The key of a line of smtproutes: up to the colon, or a whole `[...]`. */
static const char *
key_end(const char *line, size_t len)
{
	const char *from = line;

	if (len > 0 && line[0] == '[') {
		from = memchr(line, ']', len);
		if (from == NULL)
			return NULL;
	}
	return memchr(from, ':', len - (size_t)(from - line));
}

/* The value of the last line with this key; NULL: there is none. */
static const char *
find_line(const stralloc *file, const char *key, size_t key_len, size_t *len)
{
	const char *line = file->s, *end = file->s + file->len;
	const char *value = NULL;

	while (line < end) {
		const char *feed = memchr(line, '\n', (size_t)(end - line));
		const char *next = feed != NULL ? feed + 1 : end;
		size_t n = text_trimmed(line, (size_t)((feed != NULL ? feed :
		    end) - line));
		const char *colon = n > 0 && line[0] != '#' ?
		    key_end(line, n) : NULL;

		if (colon != NULL && (size_t)(colon - line) == key_len &&
		    strncasecmp(line, key, key_len) == 0) {
			value = colon + 1;
			*len = n - (size_t)(value - line);
		}
		line = next;
	}
	return value;
}

static enum status
look_in_file(struct route *route, struct control *control, const char *host)
{
	size_t host_len = strlen(host), i, len = 0;
	stralloc file = { 0 };
	const char *value = NULL;
	enum status status;
	int found;

	if (!control_has(control, "smtproutes"))
		return OK;
	status = control_read(control, "smtproutes", &file, &found);
	if (status == OK && found) {
		for (i = 0; i <= host_len && value == NULL; i++)
			if (i == 0 || i == host_len || host[i] == '.')
				value = find_line(&file, host + i,
				    host_len - i, &len);
		if (value != NULL) {
			strcpy(route->source, "control/smtproutes");
			status = parse_relay(route, value, len);
		}
		if (status != OK)
			status = control_refuse(control, "smtproutes",
			    status == PERMFAIL ? EINVAL : ENOMEM);
	}
	stralloc_free(&file);
	return status;
}

static enum status
set_address(struct address *address, const char *text, size_t len, int family)
{
	return address_parse(text, len, address) == OK &&
	    address->family == family ? OK : PERMFAIL;
}

/* One line `key=value` of a file of smtproutes.d; an odd one is an error. */
static enum status
take_setting(struct route *route, const char *line, size_t len, int is_default)
{
	const char *equal = memchr(line, '=', len);
	size_t key = equal != NULL ? (size_t)(equal - line) : 0;
	const char *value = line + key + 1;
	size_t value_len = len - key - 1;

	if (equal == NULL)
		return PERMFAIL;
	if (text_is(line, key, "relay"))
		return set_relay(route, value, value_len);
	if (text_is(line, key, "port"))
		return parse_port(value, value_len, 1, &route->port);
	if (text_is(line, key, "outgoingip"))
		return set_address(&route->from4, value, value_len, 4);
	if (text_is(line, key, "outgoingip6"))
		return set_address(&route->from6, value, value_len, 6);
	if (text_is(line, key, "clientcert")) {
		route->wants_certificate = !is_default;
		return OK;
	}
	return text_is(line, key, "clientkey") ? OK : PERMFAIL;
}

/* Read one file of the folder; `found` tells whether it is there. */
static enum status
read_folder_file(struct route *route, struct control *control,
    const char *before, const char *name, int *found)
{
	char path[ROUTE_FILE] = FOLDER "/";
	stralloc file = { 0 };
	const char *line, *end;
	enum status status;
	size_t i;

	strcat(path, before);
	strcat(path, name);
	for (i = sizeof FOLDER; path[i] != '\0'; i++)
		if (path[i] >= 'A' && path[i] <= 'Z')
			path[i] = (char)(path[i] + ('a' - 'A'));
	status = control_read(control, path, &file, found);
	line = file.s;
	end = file.s + file.len;
	while (status == OK && line < end) {
		const char *feed = memchr(line, '\n', (size_t)(end - line));
		size_t whole = (size_t)((feed != NULL ? feed : end) - line);
		const char *comment = memchr(line, '#', whole);
		size_t len = text_trimmed(line, comment != NULL ?
		    (size_t)(comment - line) : whole);

		if (len > 0)
			status = take_setting(route, line, len,
			    strcmp(name, "default") == 0);
		line += whole + 1;
	}
	if (status == PERMFAIL)
		status = control_refuse(control, path, EINVAL);
	else if (status != OK && control->error == 0)
		status = control_refuse(control, path, ENOMEM);
	if (*found) {
		strcpy(route->source, "control/");
		strcat(route->source, path);
	}
	stralloc_free(&file);
	return status;
}

static enum status
look_in_folder(struct route *route, struct control *control, const char *host,
    int *found)
{
	const char *dot;
	enum status status;

	*found = 0;
	if (!control_has(control, FOLDER))
		return OK;
	if (domain_is_valid(host, strlen(host))) {
		status = read_folder_file(route, control, "", host, found);
		if (status != OK || *found)
			return status;
		for (dot = strchr(host, '.'); dot != NULL;
		    dot = strchr(dot + 1, '.')) {
			status = read_folder_file(route, control, "*", dot,
			    found);
			if (status != OK || *found)
				return status;
		}
	}
	return read_folder_file(route, control, "", "default", found);
}

enum status
route_find(struct route *route, struct control *control, const char *host)
{
	enum status status;
	int found;

	memset(route, 0, sizeof *route);
	route->port = SMTP_PORT;
	status = look_in_folder(route, control, host, &found);
	if (status == OK && !found)
		status = look_in_file(route, control, host);
	return status;
}

void
route_free(struct route *route)
{
	stralloc_free(&route->relay);
}
