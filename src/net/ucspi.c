/* ucspi - UCSPI-TLS: whoever started us speaks TLS */
#include "net/ucspi.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/text.h"

#define VARIABLES	65536	/* octets of what is said; chains are long */
#define HANDSHAKE_MS	60000	/* how long it may take */
#define LOWEST_FD	3	/* below are the client and the log */
#define HIGHEST_FD	1023

/* The three descriptors. */
struct ends {
	int control, in, out;
};

static int
read_end(const char *variable, int *fd)
{
	const char *text = getenv(variable);
	uint64_t number;
	size_t len;

	if (text == NULL)
		return 0;
	len = text_number(text, strlen(text), &number);
	if (len == 0 || text[len] != '\0' || number < LOWEST_FD ||
	    number > HIGHEST_FD)
		return 0;
	*fd = (int)number;
	return 1;
}

static int
read_ends(struct ends *ends)
{
	return read_end("SSLCTLFD", &ends->control) &&
	    read_end("SSLREADFD", &ends->in) &&
	    read_end("SSLWRITEFD", &ends->out);
}

static int
says(const char *wanted)
{
	const char *word = getenv("UCSPITLS");

	return word != NULL && strcmp(word, wanted) == 0;
}

int
ucspi_is_offered(void)
{
	struct ends ends;

	return !says("-") && read_ends(&ends);
}

int
ucspi_is_required(void)
{
	return says("!");
}

/* NAME=VALUE NUL ..., ended by one NUL more.  Only what tells of TLS counts. */
static enum status
take_variables(char *text, size_t len)
{
	size_t at, n;

	for (at = 0; at < len && text[at] != '\0'; at += n + 1) {
		char *equal;

		n = strlen(text + at);
		equal = strchr(text + at, '=');
		if (equal == NULL || !text_begins(text + at, n, "SSL_"))
			continue;
		*equal = '\0';
		if (setenv(text + at, equal + 1, 1) == -1)
			return TEMPFAIL;
	}
	return OK;
}

/* Whether two NULs, or one at the front, end it; only `got` octets are new. */
static int
is_whole(const char *text, size_t len, size_t got)
{
	size_t at = len - got;

	if (text[0] == '\0')
		return 1;
	for (at = at > 0 ? at : 1; at < len; at++)
		if (text[at] == '\0' && text[at - 1] == '\0')
			return 1;
	return 0;
}

static enum status
read_variables(int control, char text[VARIABLES], size_t *len)
{
	struct deadline until = deadline_in(HANDSHAKE_MS);
	struct pollfd poll_fd = { control, POLLIN, 0 };
	ssize_t got;

	*len = 0;
	do {
		if (*len == VARIABLES || poll(&poll_fd, 1,
		    (int)deadline_left_ms(until)) != 1)
			return TEMPFAIL;
		got = read(control, text + *len, VARIABLES - *len);
		if (got <= 0)
			return TEMPFAIL;
		*len += (size_t)got;
	} while (!is_whole(text, *len, (size_t)got));
	return OK;
}

enum status
ucspi_start(int *in, int *out)
{
	char text[VARIABLES];
	struct ends ends;
	size_t len;

	/* An `y` would start TLS as well, and say nothing of it. */
	if (!read_ends(&ends) || write(ends.control, "Y", 1) != 1 ||
	    read_variables(ends.control, text, &len) != OK ||
	    take_variables(text, len) != OK)
		return TEMPFAIL;
	close(ends.control);
	*in = ends.in;
	*out = ends.out;
	return OK;
}
