/* route - authsenders, smtproutes.d and smtproutes */
#include "remote/route.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "remote/lines.h"
#include "remote/relay.h"
#include "smtp/mailbox.h"

#define FOLDER		"smtproutes.d"
#define NULL_SENDER	"!@"	/* the key of its line in smtproutes */

/* The colon behind a key; one in an address literal does not count. */
static const char *
colon_from(const char *from, const char *end)
{
	if (from < end && *from == '[') {
		from = memchr(from, ']', (size_t)(end - from));
		if (from == NULL)
			return NULL;
	}
	return memchr(from, ':', (size_t)(end - from));
}

static const char *
host_end(const char *line, size_t len)
{
	return colon_from(line, line + len);
}

/*
 * A local-part may hold colons, a domain none, and a password anything: so
 * the key ends at the first colon behind the first `@`, unless it is empty.
 */
static const char *
sender_end(const char *line, size_t len)
{
	const char *at = line[0] != ':' ? memchr(line, '@', len) : NULL;

	return colon_from(at != NULL ? at + 1 : line, line + len);
}

static const char *
find_host(const stralloc *file, const char *host, size_t *len)
{
	return lines_find_domain(file, host_end, host, len);
}

static const char *
find_null_sender(const stralloc *file, const char *key, size_t *len)
{
	return lines_find(file, host_end, key, strlen(key), len);
}

static const char *
find_sender(const stralloc *file, const char *sender, size_t *len)
{
	const char *domain = strrchr(sender, '@');
	const char *value = lines_find(file, sender_end, sender,
	    strlen(sender), len);

	if (value == NULL && domain != NULL)
		value = lines_find(file, sender_end, domain, strlen(domain),
		    len);
	return value != NULL ? value :
	    lines_find(file, sender_end, "", 0, len);
}

/*
 * Read a file of lines and take the route of the one that `find` chooses for
 * `what`; `found` tells whether it did.
 */
static enum status
look_in_lines(struct route *route, struct control *control, const char *name,
    const char *(*find)(const stralloc *file, const char *what, size_t *len),
    const char *what, int *found)
{
	stralloc file = { 0 };
	const char *value = NULL;
	enum status status;
	size_t len = 0;

	*found = 0;
	if (!control_has(control, name))
		return OK;
	status = control_read(control, name, &file, found);
	if (status == OK && *found)
		value = find(&file, what, &len);
	*found = value != NULL;
	if (value != NULL) {
		strcpy(route->source, "control/");
		strcat(route->source, name);
		status = relay_parse(route, value, len);
		if (status != OK)
			control_refuse_at(control, name, "line",
			    lines_number(&file, value), status == PERMFAIL ?
			    EINVAL : ENOMEM);
		route->is_exposed = status == OK && route->user.len > 0 &&
		    (control->mode & S_IROTH) != 0;
	}
	/* The passwords of others were in it, too. */
	if (file.s != NULL)
		explicit_bzero(file.s, file.len);
	stralloc_free(&file);
	return status == OK ? OK : TEMPFAIL;
}

static enum status
set_address(struct address *address, const char *text, size_t len, int family)
{
	return address_parse(text, len, address) == OK &&
	    address->family == family ? OK : PERMFAIL;
}

static enum status
set_path(stralloc *path, const char *text, size_t len)
{
	if (len == 0 || memchr(text, '\0', len) != NULL)
		return PERMFAIL;
	return stralloc_copyb(path, text, len) && stralloc_0(path) ?
	    OK : TEMPFAIL;
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
		return relay_set(route, value, value_len);
	if (text_is(line, key, "port"))
		return relay_parse_port(value, value_len, 1, &route->port);
	if (text_is(line, key, "outgoingip"))
		return set_address(&route->from4, value, value_len, 4);
	if (text_is(line, key, "outgoingip6"))
		return set_address(&route->from6, value, value_len, 6);
	if (text_is(line, key, "clientcert")) {
		route->wants_certificate = !is_default;
		return set_path(&route->certificate, value, value_len);
	}
	return text_is(line, key, "clientkey") ?
	    set_path(&route->key, value, value_len) : PERMFAIL;
}

/*
 * The settings of a file that stand behind line `after`.  PERMFAIL: line
 * `number` makes no sense.
 */
static enum status
take_settings(struct route *route, const stralloc *file, int is_default,
    unsigned after, unsigned *number)
{
	const char *line = file->s, *end = file->s + file->len;
	enum status status = OK;

	for (*number = 0; status == OK && line < end; ) {
		const char *feed = memchr(line, '\n', (size_t)(end - line));
		size_t whole = (size_t)((feed != NULL ? feed : end) - line);
		const char *comment = memchr(line, '#', whole);
		size_t len = text_trimmed(line, comment != NULL ?
		    (size_t)(comment - line) : whole);

		if (++*number > after && len > 0)
			status = take_setting(route, line, len, is_default);
		line += whole + 1;
	}
	return status;
}

/* Read one file of the folder; `found` tells whether it is there. */
static enum status
read_folder_file(struct route *route, struct control *control,
    const char *before, const char *name, int *found)
{
	char path[ROUTE_FILE] = FOLDER "/";
	stralloc file = { 0 };
	unsigned number = 0;
	enum status status;
	size_t i;

	strcat(path, before);
	strcat(path, name);
	for (i = sizeof FOLDER; path[i] != '\0'; i++)
		if (path[i] >= 'A' && path[i] <= 'Z')
			path[i] = (char)(path[i] + ('a' - 'A'));
	status = control_read(control, path, &file, found);
	if (status == OK)
		status = take_settings(route, &file,
		    strcmp(name, "default") == 0, 0, &number);
	if (status == PERMFAIL)
		status = control_refuse_at(control, path, "line", number,
		    EINVAL);
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
route_find(struct route *route, struct control *control, const char *host,
    const char *sender)
{
	enum status status = OK;
	int found = 0;

	memset(route, 0, sizeof *route);
	route->port = SMTP_PORT;
	if (sender[0] == '\0')
		status = look_in_lines(route, control, "smtproutes",
		    find_null_sender, NULL_SENDER, &found);
	if (status == OK && !found)
		status = look_in_lines(route, control, "authsenders",
		    find_sender, sender, &found);
	if (status == OK && !found)
		status = look_in_folder(route, control, host, &found);
	if (status == OK && !found)
		status = look_in_lines(route, control, "smtproutes",
		    find_host, host, &found);
	return status;
}

void
route_free(struct route *route)
{
	if (route->password.s != NULL)
		explicit_bzero(route->password.s, route->password.len);
	stralloc_free(&route->password);
	stralloc_free(&route->user);
	stralloc_free(&route->relay);
	stralloc_free(&route->certificate);
	stralloc_free(&route->key);
}

lines_key_end *
route_key_end(enum route_form form)
{
	return form == ROUTE_BY_SENDER ? sender_end : host_end;
}

enum status
route_check(const stralloc *file, enum route_form form, unsigned after,
    unsigned *number)
{
	struct line line = { 0 };
	struct route route;
	enum status status = OK;

	memset(&route, 0, sizeof route);
	if (form == ROUTE_SETTINGS) {
		status = take_settings(&route, file, 0, after, number);
		route_free(&route);
	} else
		while (status == OK &&
		    lines_next(file, route_key_end(form), &line)) {
			*number = line.number;
			if (line.number <= after || line.behind == NULL)
				continue;
			status = relay_parse(&route, line.value,
			    line.value_len);
			route_free(&route);
			memset(&route, 0, sizeof route);
		}
	if (status != PERMFAIL)
		*number = 0;
	return status;
}
