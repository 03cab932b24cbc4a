#include "crypt/confine.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../suite.h"

#define NOT_CONFINED	99

enum deed {
	TAKES_MEMORY, SETS_FLAGS, HAS_HIGH_FD, MAPS_CODE, MAPS_CODE_ODDLY,
	MAKES_CODE, OPENS, CONNECTS, EXECUTES, FORKS, DUPLICATES, SIGNALS
};

/* A sanitizer needs some of it for itself. */
#ifdef __SANITIZE_ADDRESS__
#define UNLESS_SANITIZED 0
#else
#define UNLESS_SANITIZED SIGSYS
#endif

static const struct {
	enum deed deed;
	int signal;		/* 0: it is allowed, or fails harmlessly */
} rows[] = {
	{ TAKES_MEMORY, 0 }, { SETS_FLAGS, 0 }, { HAS_HIGH_FD, 0 },
	{ MAPS_CODE, SIGSYS }, { MAPS_CODE_ODDLY, SIGSYS },
	{ MAKES_CODE, SIGSYS }, { OPENS, UNLESS_SANITIZED },
	{ CONNECTS, SIGSYS }, { EXECUTES, SIGSYS },
	{ FORKS, UNLESS_SANITIZED }, { DUPLICATES, SIGSYS },
	{ SIGNALS, SIGSYS },
};

static void *
map(int rights)
{
	return mmap(NULL, 4096, rights, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* 0: it went as it should, where it is allowed. */
static int
commit(enum deed deed, int high, void *page)
{
	char name[] = "true";
	char *const words[] = { name, NULL };

	switch (deed) {
	case TAKES_MEMORY:
		return map(PROT_READ | PROT_WRITE) == MAP_FAILED;
	case SETS_FLAGS:
		return fcntl(0, F_SETFL, fcntl(0, F_GETFL)) == -1;
	case HAS_HIGH_FD:
		return fcntl(high, F_GETFL) != -1;
	case MAPS_CODE:
		return map(PROT_READ | PROT_EXEC) == MAP_FAILED;
	case MAPS_CODE_ODDLY:
		return map(PROT_READ | PROT_EXEC | 0x100) == MAP_FAILED;
	case MAKES_CODE:
		return mprotect(page, 4096, PROT_READ | PROT_EXEC);
	case OPENS:
		return open("/", O_RDONLY) == -1;
	case CONNECTS:
		return socket(AF_UNIX, SOCK_STREAM, 0) == -1;
	case EXECUTES:
		return execv("/bin/true", words);
	case FORKS:
		/* The limit of processes does not hold for root. */
		if (fork() == 0)
			_exit(0);
		return 0;
	case DUPLICATES:
		return fcntl(0, F_DUPFD, 9) == -1;
	case SIGNALS:
		return kill(getpid(), 0);
	}
	return NOT_CONFINED;
}

START_TEST(deeds)
{
	struct confinement *confinement = confine_prepare();
	void *page = map(PROT_READ | PROT_WRITE);
	int status, high = open("/", O_RDONLY);
	pid_t child;

	ck_assert_ptr_nonnull(confinement);
	ck_assert_ptr_ne(page, MAP_FAILED);
	ck_assert_int_gt(high, 2);
	child = fork();
	if (child == 0)
		_exit(confine_reduce(2) && confine(confinement) ?
		    commit(rows[_i].deed, high, page) : NOT_CONFINED);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	if (rows[_i].signal != 0)
		assert_row(WIFSIGNALED(status) &&
		    WTERMSIG(status) == rows[_i].signal);
	else
		assert_row(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	close(high);
	munmap(page, 4096);
	free(confinement);
}
END_TEST

SUITE("confine", { deeds, ROWS(rows), NULL, NULL })
