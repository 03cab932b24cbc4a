/* rcptprogram - a program tells whether a mailbox exists */
#include "session/rcptprogram.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/deadline.h"
#include "base/text.h"

#define TIME_MS		20000
#define TEXT_SIZE	512	/* of the program's words */
#define TEXT_FD		4	/* where it writes them */

/* Its exit codes; all others but a crash mean that the mailbox exists. */
enum answer {
	ANSWER_REFUSE = 100,
	ANSWER_DEFER = 111,
	ANSWER_FULL = 113,
	ANSWER_NOT_RUN = 120
};

extern char **environ;

/* The environment of the program: ours, and what it is asked. */
struct surroundings {
	stralloc words;		/* ours, each with its NUL */
	size_t at[4];		/* where each begins */
	size_t count;
	char **list;
};

int
rcptprogram_is_wanted(void)
{
	const char *program = getenv("RCPTCHECK");

	return program != NULL && program[0] != '\0';
}

static enum status
add_word(struct surroundings *around, const char *name, const char *value,
    size_t len)
{
	/* A variable ends at a NUL, and so does what it is told. */
	if (len > 0)
		len = strnlen(value, len);
	around->at[around->count++] = around->words.len;
	return stralloc_cats(&around->words, name) &&
	    stralloc_catb(&around->words, value, len) &&
	    stralloc_0(&around->words) ? OK : TEMPFAIL;
}

static int
is_ours(const char *word)
{
	static const char *const names[] = {
		"SENDER=", "RECIPIENT=", "HELO=", "USE_FD4=",
	};
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strncmp(word, names[i], strlen(names[i])) == 0)
			return 1;
	return 0;
}

static enum status
surround(struct surroundings *around, const struct user_question *question)
{
	size_t i, n = 0, inherited = 0;

	if (add_word(around, "SENDER=", question->sender,
	    question->sender_len) != OK ||
	    add_word(around, "RECIPIENT=", question->mailbox,
	    question->len) != OK ||
	    add_word(around, "HELO=", question->helo,
	    question->helo_len) != OK ||
	    add_word(around, "USE_FD4=", "1", 1) != OK)
		return TEMPFAIL;
	while (environ != NULL && environ[inherited] != NULL)
		inherited++;
	around->list = calloc(inherited + around->count + 1,
	    sizeof *around->list);
	if (around->list == NULL)
		return TEMPFAIL;
	for (i = 0; i < inherited; i++)
		if (!is_ours(environ[i]))
			around->list[n++] = environ[i];
	for (i = 0; i < around->count; i++)
		around->list[n++] = around->words.s + around->at[i];
	return OK;
}

static enum status
start(const char *program, const struct surroundings *around, int end,
    pid_t *pid, int *error)
{
	char *const arguments[] = { (char *)program, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const struct child_fd fds[] = {
		{ null, STDIN_FILENO }, { null, STDOUT_FILENO },
		{ end, TEXT_FD },
	};
	enum status status;

	*error = errno;
	if (null == -1)
		return TEMPFAIL;
	status = child_start(pid, arguments, around->list, fds,
	    sizeof fds / sizeof fds[0], error);
	close(null);
	return status;
}

/* Run it to its end: an errno, or 0 and its exit code. */
static int
run(const char *program, const struct surroundings *around,
    char text[TEXT_SIZE], size_t *len, int *code)
{
	struct deadline until = deadline_in(TIME_MS);
	enum status status;
	int ends[2], error;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return errno;
	status = start(program, around, ends[1], &pid, &error);
	close(ends[1]);
	if (status == OK) {
		error = 0;
		if (child_read(pid, ends[0], TIME_MS, text, TEXT_SIZE,
		    len) != OK || child_wait(pid,
		    (int)deadline_left_ms(until), code) != OK) {
			child_kill(pid);
			error = ETIMEDOUT;
		}
	}
	close(ends[0]);
	return error;
}

/* The first line, without the reply code that some begin it with. */
static enum status
keep_words(struct user *user, char *text, size_t len)
{
	const char *feed;
	uint64_t code;
	size_t digits;

	if (len > TEXT_SIZE)
		len = TEXT_SIZE;
	feed = memchr(text, '\n', len);
	if (feed != NULL)
		len = (size_t)(feed - text);
	if (len > 0 && text[len - 1] == '\r')
		len--;
	len = text_trimmed(text, len);
	digits = text_number(text, len, &code);
	if (digits == 3 && code >= 400 && code < 600 && len > 3 &&
	    text[3] == ' ') {
		text += 4;
		len -= 4;
	}
	if (len == 0)
		return OK;
	text_make_printable(text, len);
	return stralloc_copyb(&user->text, text, len) &&
	    stralloc_0(&user->text) ? OK : TEMPFAIL;
}

/* What its exit code says; an errno, or 0. */
static int
judge(int code, char *text, size_t len, struct user *user)
{
	user->existence = USER_EXISTS;
	switch (code) {
	case -1:
		return EPROTO;
	case ANSWER_NOT_RUN:
		return ENOEXEC;
	case ANSWER_REFUSE:
		user->existence = USER_REFUSED;
		break;
	case ANSWER_DEFER:
		user->existence = USER_DEFERRED;
		break;
	case ANSWER_FULL:
		user->existence = USER_DEFERRED;
		user->is_full = 1;
		break;
	default:
		return 0;
	}
	return keep_words(user, text, len) == OK ? 0 : ENOMEM;
}

enum status
rcptprogram_find(struct users *users, struct control *control,
    const struct user_question *question, const char *argument,
    struct user *user)
{
	struct surroundings around = { .count = 0 };
	const char *program = argument;
	char text[TEXT_SIZE];
	int code, error = ENOMEM;
	size_t len = 0;

	(void)users;
	if (program == NULL && !rcptprogram_is_wanted())
		return control_refuse(control, "$RCPTCHECK", ENOENT);
	if (program == NULL)
		program = getenv("RCPTCHECK");
	if (surround(&around, question) == OK)
		error = run(program, &around, text, &len, &code);
	if (error == 0)
		error = judge(code, text, len, user);
	stralloc_free(&around.words);
	free(around.list);
	return error == 0 ? OK : users_refuse(control, program, error);
}
