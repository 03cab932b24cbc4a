/* earlytalk - the client speaks before the greeting */
#include "filter/table.h"

#define WAIT_MS	1000	/* how long the greeting is held back */

static enum verdict
talks(const struct session *session, struct own *own, struct finding *finding)
{
	(void)own;
	/* Whoever greeted in our place has let it speak already. */
	if (!session->config->greets ||
	    !link_has_input(session->link, WAIT_MS))
		return PASS;
	finding_set(finding, "earlytalk", 554, "5.5.1",
	    "spoke before the greeting (#5.5.1)");
	return DROP;
}

const struct filter filter_earlytalk = {
	.name = "earlytalk",
	.spares = SPARES_TRUSTED,
	.on = { [ON_CONNECT] = talks },
};
