/* dnsnames - the names that DNS lists are asked for */
#include "filter/dnsnames.h"

#include <string.h>

#include "smtp/mailbox.h"

/* All digits behind the last dot, as no top-level domain is. */
static int
ends_in_number(const char *domain, size_t len)
{
	size_t i = len;

	while (i > 0 && domain[i - 1] >= '0' && domain[i - 1] <= '9')
		i--;
	return i < len && (i == 0 || domain[i - 1] == '.');
}

void
dnsnames_add(struct dnsnames *names, const char *domain, size_t len)
{
	if (names->count == DNSNAMES || len == 0)
		return;
	if (domain[len - 1] == '.')
		len--;
	if (!domain_is_valid(domain, len) ||
	    memchr(domain, '.', len) == NULL || ends_in_number(domain, len))
		return;
	names->names[names->count] = domain;
	names->lens[names->count++] = len;
}

void
dnsnames_add_client(struct dnsnames *names,
    const struct session *session, char text[ADDRESS_REVERSED])
{
	names->names[0] = text;
	names->lens[0] = address_print_reversed(&session->peer.address, text);
	names->count = names->for_others = 1;
}
