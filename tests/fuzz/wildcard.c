/* wildcard - lines of control/wildcardns: read, written, and read again */
#include <string.h>

#include "filter/wildcard.h"
#include "target.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[WILDCARD_DOMAIN + 1 + ADDRESS_TEXT];
	/* In memory of its own, where a step outside is seen. */
	char *line = malloc(size > 0 ? size : 1);
	struct wildcard wildcard, again;

	MUST(line != NULL);
	if (size > 0)
		memcpy(line, data, size);
	if (wildcard_parse(line, size, &wildcard) == OK) {
		MUST(wildcard.domain == line);
		MUST(wildcard.len > 0 && wildcard.len <= WILDCARD_DOMAIN);
		MUST(wildcard.len < size && line[wildcard.len] == '_');
		MUST(wildcard.address.family == 4 ||
		    wildcard.address.family == 6);
		memcpy(text, line, wildcard.len + 1);
		address_print(&wildcard.address, text + wildcard.len + 1);
		MUST(wildcard_parse(text, strlen(text), &again) == OK);
		MUST(again.len == wildcard.len);
		MUST(address_equal(&again.address, &wildcard.address));
	}
	free(line);
	return 0;
}
