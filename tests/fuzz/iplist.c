/* iplist - networks and lists of them as text, printed and read again */
#include <string.h>

#include "base/iplist.h"
#include "target.h"

/* One that was read is printed as what reads as the same. */
static void
check_network(const struct network *network)
{
	struct network again, masked = *network;
	char text[NETWORK_TEXT];

	network_mask(&masked);
	MUST(network_compare(&masked, network) == 0);
	MUST(network->prefix >= NETWORK_PREFIX_LEAST);
	MUST(network_has(network, &network->address));
	MUST(network_covers(network, network));
	network_print(network, text);
	MUST(strlen(text) < sizeof text);
	MUST(network_parse(text, strlen(text), &again) == OK);
	MUST(network_compare(&again, network) == 0);
}

/* Sorted, each apart from the next, and nothing is lost. */
static void
check_normal(const struct iplist *list, const struct iplist *before)
{
	size_t i;

	for (i = 1; i < list->count; i++) {
		MUST(network_compare(&list->networks[i - 1],
		    &list->networks[i]) < 0);
		MUST(!network_covers(&list->networks[i - 1],
		    &list->networks[i]));
	}
	for (i = 0; i < before->count; i++) {
		const struct network *each = &before->networks[i];
		size_t at = iplist_place(list, each);

		MUST((at < list->count &&
		    network_compare(&list->networks[at], each) == 0) ||
		    (at > 0 && network_covers(&list->networks[at - 1], each)));
	}
}

static void
check_list(const struct iplist *list)
{
	struct iplist normal = { 0 };
	stralloc octets = { 0 };
	size_t i, len = 0;

	for (i = 0; i < list->count; i++) {
		check_network(&list->networks[i]);
		MUST(iplist_add(&normal, &list->networks[i]) == OK);
	}
	iplist_normalise(&normal);
	check_normal(&normal, list);
	for (i = 0; i < normal.count; i++)
		len += normal.networks[i].address.family == 4 ? 5 : 17;
	MUST((iplist_print(&normal, &octets) == OK) ==
	    (len == 0 || !iplist_is_text(octets.s, octets.len)));
	MUST(octets.len == len);
	stralloc_free(&octets);
	iplist_free(&normal);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = size > 0 ? (const char *)data : "";
	struct iplist list = { 0 };
	struct network network;
	enum status status;
	size_t bad = 0;

	if (network_parse(text, size, &network) == OK)
		check_network(&network);
	status = iplist_parse(text, size, &list, &bad);
	MUST(status == OK || status == PERMFAIL);
	MUST((status == OK) == (bad == 0));
	if (status == OK) {
		MUST(iplist_is_text(text, size));
		check_list(&list);
	}
	iplist_free(&list);
	return 0;
}
