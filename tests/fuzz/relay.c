/* relay - values of smtproutes and authsenders: read, and read again */
#include <string.h>

#include "base/text.h"
#include "remote/relay.h"
#include "target.h"

static int
has(const stralloc *text, char octet)
{
	return memchr(text->s, octet, text->len - 1) != NULL;
}

static void
check_secret(const stralloc *secret)
{
	MUST(secret->len > 1 && secret->len <= ROUTE_SECRET + 1);
	MUST(strlen(secret->s) == secret->len - 1);
	MUST(!has(secret, '|'));
}

static void
check(const struct route *route)
{
	MUST(route->port >= 1 && route->port <= 65535);
	MUST(route->relay.len != 1);
	if (route->relay.len > 0)
		MUST(!has(&route->relay, '|') && (route->relay.s[0] == '[' ||
		    !has(&route->relay, ':')));
	MUST((route->user.len > 0) == (route->password.len > 0));
	MUST(!route->is_cleartext || route->user.len > 0);
	if (route->user.len == 0)
		return;
	/* No password goes where the DNS says. */
	MUST(route->relay.len > 0);
	check_secret(&route->user);
	check_secret(&route->password);
}

static void
add_text(stralloc *line, const stralloc *text)
{
	if (text->len > 0)
		MUST(stralloc_catb(line, text->s, text->len - 1));
}

static int
is_same(const stralloc *one, const stralloc *other)
{
	return one->len == other->len && (one->len == 0 ||
	    memcmp(one->s, other->s, one->len) == 0);
}

/* The route as a line says the same. */
static void
read_again(const struct route *route)
{
	struct route again = { .port = SMTP_PORT };
	stralloc line = { 0 };
	char port[TEXT_NUMBER];

	add_text(&line, &route->relay);
	text_print_number(port, route->port);
	MUST(stralloc_catm(&line, ":", port));
	if (route->user.len > 0) {
		MUST(stralloc_cats(&line, "|"));
		add_text(&line, &route->user);
		MUST(stralloc_cats(&line, "|"));
		add_text(&line, &route->password);
	}
	if (route->is_cleartext)
		MUST(stralloc_cats(&line, "|cleartext"));
	MUST(relay_parse(&again, line.s, line.len) == OK);
	MUST(is_same(&again.relay, &route->relay));
	MUST(is_same(&again.user, &route->user));
	MUST(is_same(&again.password, &route->password));
	MUST(again.port == route->port);
	MUST(again.is_cleartext == route->is_cleartext);
	route_free(&again);
	stralloc_free(&line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct route route = { .port = SMTP_PORT };
	/* In memory of its own, where a step outside is seen. */
	char *text = malloc(size > 0 ? size : 1);
	enum status status;

	MUST(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	status = relay_parse(&route, text, size);
	MUST(status == OK || status == PERMFAIL);
	free(text);
	if (status == OK) {
		check(&route);
		read_again(&route);
	}
	route_free(&route);
	return 0;
}
