/* auth - whether and how clients may log in */
#include "session/auth.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "smtp/mailbox.h"
#include "smtp/sasl.h"

#define LONGEST_S	3600u	/* of a delay or a time-out */
#define SUBMISSION_PORT	"587"

static size_t
count(char *const arguments[])
{
	size_t n = 0;

	while (arguments[n] != NULL)
		n++;
	return n;
}

static int
is_program(const char *path)
{
	struct stat facts;

	return stat(path, &facts) == 0 && S_ISREG(facts.st_mode) &&
	    access(path, X_OK) == 0;
}

/* Sets `path` to the program `name`, by PATH where it has no slash. */
static enum status
find_program(const char *name, stralloc *path, int *found)
{
	const char *folder = getenv("PATH");

	*found = 0;
	if (strchr(name, '/') != NULL || folder == NULL)
		folder = "";
	for (;;) {
		size_t len = strcspn(folder, ":");

		if (!stralloc_copyb(path, folder, len) ||
		    (len > 0 && !stralloc_cats(path, "/")) ||
		    !stralloc_cats(path, name) || !stralloc_0(path))
			return TEMPFAIL;
		*found = is_program(path->s);
		if (*found || folder[len] == '\0')
			return OK;
		folder += len + 1;
	}
}

/*
 * A dot is wanted: a program named in its place would make the subprogram,
 * "true" most often, the judge of all passwords.
 */
static int
is_host(const char *name)
{
	return strchr(name, '.') != NULL && domain_is_valid(name, strlen(name));
}

/*
 * It says yes to all.  Behind a program whose name looks like a host, or was
 * forgotten, it would stand where the program should, and open a relay.
 */
static int
is_true(const char *program)
{
	const char *slash = strrchr(program, '/');

	return strcmp(slash != NULL ? slash + 1 : program, "true") == 0;
}

/* [hostname] program subprogram [argument...] */
static enum status
take_arguments(struct auth *auth, char *const arguments[])
{
	size_t n = count(arguments);
	int has_host = n > 0 && arguments[0][0] != '/';
	int found;

	if (n == 0)
		return OK;
	if (has_host && !is_host(arguments[0]))
		auth->fault = "the first argument is no full host name";
	else if (n < 2 + (size_t)has_host)
		auth->fault = "a program and a subprogram are needed";
	else if (is_true(arguments[has_host]))
		auth->fault = "the program would let everybody in";
	if (auth->fault != NULL)
		return OK;
	if (has_host)
		auth->host = arguments[0];
	auth->program = arguments + has_host;
	if (find_program(auth->program[0], &auth->path, &found) != OK)
		return TEMPFAIL;
	if (!found)
		auth->fault = "the program cannot be executed";
	return OK;
}

static enum status
add(struct auth *auth, enum mechanism mechanism)
{
	if ((auth->mechanisms & mechanism) != 0)
		return OK;
	auth->mechanisms |= mechanism;
	if (auth->names.len > 0 && !stralloc_cats(&auth->names, " "))
		return TEMPFAIL;
	return stralloc_cats(&auth->names, mechanism_name(mechanism)) ?
	    OK : TEMPFAIL;
}

/* One mechanism or more a line, in order; unknown ones are nobody's. */
static enum status
read_types(struct auth *auth, struct control *control, int *found)
{
	stralloc text = { 0 };
	enum status status;
	size_t at, len;

	*found = 0;
	if (!control_has(control, "authtypes"))
		return OK;
	status = control_read(control, "authtypes", &text, found);
	for (at = 0; status == OK && at < text.len; at += len + 1) {
		unsigned mechanism;

		if (text.s[at] == '#') {
			const char *feed = memchr(text.s + at, '\n',
			    text.len - at);

			len = feed == NULL ? text.len - at :
			    (size_t)(feed - text.s) - at;
			continue;
		}
		for (len = 0; at + len < text.len; len++)
			if (strchr(" \t\r\n,", text.s[at + len]) != NULL)
				break;
		mechanism = mechanism_of(text.s + at, len);
		if (mechanism != 0)
			status = add(auth, mechanism);
	}
	stralloc_free(&text);
	return status;
}

/* Though nobody can log in: without a program, addresses may still relay. */
static int
wants_login(void)
{
	const char *word = getenv("SMTPAUTH");

	return word != NULL && word[0] == '!';
}

/*
 * SMTPAUTH, as other qmails have it: `-` off, `!` required, `cram` CRAM-MD5
 * alone, `+cram` besides the others, `!cram` and `!+cram` both.
 */
static enum status
choose_mechanisms(struct auth *auth, struct control *control)
{
	const char *word = getenv("SMTPAUTH");
	enum status status;
	int found;

	if (word == NULL)
		word = "";
	if (strcmp(word, "-") == 0 || strcmp(word, "0") == 0) {
		auth->program = NULL;
		auth->fault = NULL;
		return OK;
	}
	word += word[0] == '!';
	if (text_begins(word, strlen(word), "cram"))
		status = add(auth, MECHANISM_CRAM_MD5);
	else {
		status = read_types(auth, control, &found);
		if (status == OK && !found &&
		    (add(auth, MECHANISM_PLAIN) != OK ||
		    add(auth, MECHANISM_LOGIN) != OK))
			status = TEMPFAIL;
		if (status == OK && text_begins(word, strlen(word), "+cram"))
			status = add(auth, MECHANISM_CRAM_MD5);
	}
	if (status == OK && auth->mechanisms == 0)
		auth->fault = "control/authtypes has no mechanism known here";
	return status == OK && stralloc_0(&auth->names) ? OK : TEMPFAIL;
}

static enum status
read_number(struct control *control, const char *file, uint64_t absent,
    uint64_t most, uint64_t *number)
{
	*number = absent;
	if (control_number(control, file, number) != OK)
		return TEMPFAIL;
	if (*number > most)
		*number = most;
	return OK;
}

/*
 * FORCETLS, as patched qmails have it: logins go over TLS whatever the files
 * say; with 0 they go without as well, unless forcesslauth forbids that.
 */
static int
needs_tls(int takes_cleartext, int forces_tls)
{
	const char *word = getenv("FORCETLS");

	if (word != NULL && word[0] != '\0') {
		takes_cleartext = strcmp(word, "0") == 0;
		forces_tls |= !takes_cleartext;
	}
	return !takes_cleartext || forces_tls;
}

static enum status
read_files(struct auth *auth, struct control *control)
{
	uint64_t delay, timeout, cleartext, forces_tls, hides;

	if (read_number(control, "authdelay", 2, LONGEST_S, &delay) != OK ||
	    read_number(control, "authtimeout", 30, LONGEST_S,
	    &timeout) != OK ||
	    read_number(control, "maxauthfailures", 3, UINT64_MAX,
	    &auth->failures) != OK ||
	    read_number(control, "authcleartext", 0, 1, &cleartext) != OK ||
	    read_number(control, "forcesslauth", 0, 1, &forces_tls) != OK ||
	    read_number(control, "authhide", 0, 1, &hides) != OK)
		return TEMPFAIL;
	auth->delay_s = (unsigned)delay;
	auth->timeout_s = timeout > 0 ? (unsigned)timeout : 1;
	auth->needs_tls = needs_tls(cleartext != 0, forces_tls != 0);
	auth->hides = (int)hides;
	return OK;
}

enum status
auth_read(struct auth *auth, struct control *control, char *const arguments[],
    const struct peer *peer)
{
	memset(auth, 0, sizeof *auth);
	if (take_arguments(auth, arguments) != OK)
		return TEMPFAIL;
	if ((auth->program != NULL || auth->fault != NULL) &&
	    (choose_mechanisms(auth, control) != OK ||
	    read_files(auth, control) != OK))
		return TEMPFAIL;
	/* A program that cannot be used was given all the same. */
	auth->is_submission = getenv("SUBMISSION") != NULL ||
	    ((auth->program != NULL || auth->fault != NULL) &&
	    peer->local_port != NULL &&
	    strcmp(peer->local_port, SUBMISSION_PORT) == 0);
	auth->is_required = auth->is_submission || wants_login();
	if (auth->fault != NULL)
		auth->mechanisms = 0;
	return OK;
}

void
auth_free(struct auth *auth)
{
	stralloc_free(&auth->path);
	stralloc_free(&auth->names);
}
