/* client - what Qremote makes of its control files */
#include <stdio.h>
#include <string.h>

#include "net/resolvers.h"
#include "remote/config.h"
#include "remote/policy.h"
#include "remote/route.h"
#include "remote/senderhosts.h"
#include "tools/check.h"

#define MOST_FAULTS	64

void
check_client(struct check *check)
{
	struct control *control = &check->control;
	struct resolvers resolvers;
	struct config config;
	char before[sizeof control->failed] = "";
	unsigned faults;

	for (faults = 0; faults < MOST_FAULTS; faults++) {
		char *name = control->failed + strlen("control/");

		if (remote_config_read(&config, control) == OK)
			break;
		check_say_failed(check, FAULT, control);
		if (strcmp(before, control->failed) == 0 ||
		    strncmp(control->failed, "control/", 8) != 0)
			break;
		strcpy(before, control->failed);
		control_hide(control, name);
		remote_config_free(&config);
	}
	remote_config_free(&config);
	if (resolvers_read(&resolvers, control) != OK)
		check_say_failed(check, FAULT, control);
}

static void
show_address(const char *what, const struct address *of_route,
    const char *source, const struct address *of_sender,
    const struct address *of_all, const char *file)
{
	char text[ADDRESS_TEXT];
	const struct address *address = of_all;

	if (of_route->family != 0) {
		address = of_route;
		file = source;
	} else if (of_sender->family != 0) {
		address = of_sender;
		file = "control/senderhosts";
	}
	if (address->family == 0) {
		printf("%s: as the system chooses\n", what);
		return;
	}
	address_print(address, text);
	printf("%s: %s, %s\n", what, text, file);
}

/* Never the password. */
static void
show_relay(const struct route *route, const char *host)
{
	if (route->source[0] == '\0')
		printf("route: by the DNS, as no file has one\n");
	else
		printf("route: %s\n", route->source);
	printf("relay: %s\n", route->relay.len > 0 ? route->relay.s : host);
	printf("relay is looked up: %s\n", route->relay.len > 0 ?
	    "its addresses" : "its MX, then its addresses");
	printf("port: %u\n", route->port);
	if (route->user.len > 0)
		printf("login: %s, %s TLS\n", route->user.s,
		    route->is_cleartext ? "also without" : "only with");
}

static void
show_names(const stralloc *names)
{
	size_t at;

	printf("TLS names:");
	for (at = 0; at < names->len; at += strlen(names->s + at) + 1)
		printf(" %s", names->s + at);
	printf("\n");
}

/* What is known before the DNS has told of any host. */
static void
show_policy(const struct policy *policy, const struct route *route,
    const struct control *control)
{
	printf("TLS: %s, %s\n", policy_name(policy->level),
	    policy->source[0] != '\0' ? policy->source : "by default");
	if (policy->minimum != 0)
		printf("TLS version: 1.%u or later\n",
		    policy->minimum - 0x0301);
	if (policy->level == LEVEL_VERIFY) {
		show_names(&policy->names);
		printf("TLS certificates: of %s\n", policy->ca.len > 0 ?
		    policy->ca.s : "the system's CAs");
	}
	if (route->relay.len == 0 && (control_has(control, "tlshosts") ||
	    control_has(control, "notlshosts")))
		printf("TLS of its hosts: as a file in control/tlshosts or "
		    "control/notlshosts says, if it may\n");
}

static void
show_all(const struct config *config, const struct route *route,
    const struct policy *policy, const struct senderhost *own,
    const char *host, struct control *control)
{
	int has_helo = own->helo.len > 0;

	show_relay(route, host);
	show_policy(policy, route, control);
	show_address("source of IPv4", &route->from4, route->source,
	    &own->from4, &config->from4, "control/outgoingip");
	show_address("source of IPv6", &route->from6, route->source,
	    &own->from6, &config->from6, "control/outgoingip6");
	printf("helo: %s, %s\n", has_helo ? own->helo.s : config->helohost.s,
	    has_helo ? "control/senderhosts" :
	    control_has(control, "helohost") ? "control/helohost" :
	    "control/me");
}

int
route_show(struct control *control, const char *address, const char *sender)
{
	const char *at = strrchr(address, '@');
	const char *host = at != NULL ? at + 1 : address;
	struct senderhost own = { 0 };
	struct route route = { 0 };
	struct policy policy = { 0 };
	struct config config;
	int code = EXIT_FAULTS;

	control->failed[0] = '\0';
	if (remote_config_read(&config, control) == OK &&
	    route_find(&route, control, host, sender) == OK &&
	    senderhost_find(&own, control, sender) == OK &&
	    policy_find(&policy, control, &route, host,
	    route.relay.len > 0 ? route.relay.s : "") == OK) {
		show_all(&config, &route, &policy, &own, host, control);
		code = EXIT_GOOD;
	} else
		printf("the mail waits: %s: %s\n", control->failed,
		    strerror(control->error));
	policy_free(&policy);
	senderhost_free(&own);
	route_free(&route);
	remote_config_free(&config);
	return code;
}
