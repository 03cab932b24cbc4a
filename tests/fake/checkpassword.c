/*
 * checkpassword - a stand-in that does as the login says, and follows the
 * interface of checkpassword: user, secret and a third part, each ended by
 * NUL, come by descriptor 3.
 *
 *	FAKE_CHECK_LOG	set: what came, the arguments and the descriptors are
 *			written to standard error
 *
 *	user		exit code
 *	exitN		N
 *	crash		killed by a signal
 *	hang		none: it sleeps
 *	flood		none: it writes to descriptor 1 without end
 *	deaf		0, without reading
 *	anybody else	0 with the password "secret", else 1
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MESSAGE_FD	3

static void
tell(int argc, char **argv, const char *message, size_t len)
{
	size_t at;
	int i;

	dprintf(2, "checker: argc=%d", argc);
	for (i = 0; i < argc; i++)
		dprintf(2, " %s", argv[i]);
	dprintf(2, " asked=");
	for (at = 0; at < len; at++)
		dprintf(2, "%c", message[at] == '\0' ? '|' : message[at]);
	dprintf(2, " fds=");
	for (i = 0; i < 64; i++)
		if (fcntl(i, F_GETFD) != -1)
			dprintf(2, "%d,", i);
	dprintf(2, " stdin=%d\n", (int)read(0, &i, 1));
}

int
main(int argc, char **argv)
{
	static char message[65536];
	size_t len = 0;
	ssize_t got;
	const char *secret;

	while ((got = read(MESSAGE_FD, message + len,
	    sizeof message - 1 - len)) > 0) {
		len += (size_t)got;
		if (strncmp(message, "deaf", 4) == 0)
			return 0;
	}
	if (getenv("FAKE_CHECK_LOG") != NULL)
		tell(argc, argv, message, len);
	secret = message + strlen(message) + 1;
	if (strncmp(message, "exit", 4) == 0)
		return atoi(message + 4);
	if (strcmp(message, "crash") == 0)
		raise(SIGKILL);
	if (strcmp(message, "hang") == 0)
		for (;;)
			pause();
	if (strcmp(message, "flood") == 0)
		for (;;) {
			dprintf(1, "garbage\r\n");
			usleep(1000);
		}
	return strcmp(secret, "secret") != 0;
}
