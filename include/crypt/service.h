#ifndef CRYPT_SERVICE_H
#define CRYPT_SERVICE_H

#include <stddef.h>
#include <sys/types.h>

#define SERVICE_SOCKET	"run/tls"
#define SERVICE_CALLERS	16	/* most users that may ask */

/* How the service is to run. */
struct service_options {
	const char *user;	/* to become; NULL: stay as we are */
	unsigned most;		/* sessions at once */
	uid_t callers[SERVICE_CALLERS];	/* who may ask, besides root and us */
	size_t caller_count;
};

/*
 * Wait at the socket below the current folder and fork a child for each
 * session, until SIGTERM.  Returns an exit code.
 */
int service_run(const struct service_options *);

#endif
