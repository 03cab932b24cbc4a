/* local - which domains are ours */
#include "session/local.h"

#include <errno.h>
#include <string.h>

#define MORE		"morercpthosts.cdb"
#define DOMAIN_SIZE	1024	/* longer than any domain of a mailbox */

/* The keys of the map are in lower case. */
static enum status
look_in_map(struct local *local, const char *domain, size_t len, int *found)
{
	char key[DOMAIN_SIZE];
	enum status status;
	size_t i;

	if (local->more.data == NULL || len == 0 || len > sizeof key)
		return OK;
	for (i = 0; i < len; i++)
		key[i] = domain[i] >= 'A' && domain[i] <= 'Z' ?
		    (char)(domain[i] + ('a' - 'A')) : domain[i];
	status = map_has(&local->more, key, len, found);
	for (i = 1; i < len && status == OK && !*found; i++)
		if (key[i] == '.')
			status = map_has(&local->more, key + i, len - i, found);
	return status;
}

enum status
local_has(struct local *local, struct control *control, const char *domain,
    size_t len, int *found)
{
	if (list_read(control, "rcpthosts", &local->rcpthosts) != OK)
		return TEMPFAIL;
	*found = list_has_domain(&local->rcpthosts, domain, len);
	if (*found || !local->rcpthosts.found || !control_has(control, MORE))
		return OK;
	if (!local->more_is_open &&
	    map_open(&local->more, "control/" MORE) != OK)
		return control_refuse(control, MORE, errno);
	local->more_is_open = 1;
	if (look_in_map(local, domain, len, found) != OK)
		return control_refuse(control, MORE, EPROTO);
	return OK;
}

void
local_free(struct local *local)
{
	list_free(&local->rcpthosts);
	map_close(&local->more);
	local->more_is_open = 0;
}

enum status
local_literal_name(struct control *control, stralloc *name)
{
	int found;

	if (control_line(control, "localiphost", name, &found) != OK)
		return TEMPFAIL;
	return found ? OK : control_line(control, "me", name, &found);
}
