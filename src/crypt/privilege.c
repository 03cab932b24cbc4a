/* privilege - give up root's rights, all but one */
#include "crypt/privilege.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "crypt/journal.h"

static int
fail(const char *user, const char *reason)
{
	journal_fault("user", user, reason);
	return 0;
}

static int
keep_right_to_read(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct sets[2];

	memset(sets, 0, sizeof sets);
	sets[0].permitted = sets[0].effective = 1u << CAP_DAC_READ_SEARCH;
	return syscall(SYS_capset, &header, sets) == 0;
}

int
privilege_become(const char *user)
{
	const struct passwd *entry;

	if (user == NULL)
		return 1;
	errno = 0;
	entry = getpwnam(user);
	if (entry == NULL)
		return fail(user, errno != 0 ? strerror(errno) :
		    "there is no such user");
	if (entry->pw_uid == 0)
		return fail(user, "that is root again");
	if (prctl(PR_SET_KEEPCAPS, 1) == -1 || setgroups(0, NULL) == -1 ||
	    setgid(entry->pw_gid) == -1 || setuid(entry->pw_uid) == -1)
		return fail(user, strerror(errno));
	/* Where root itself has no such right, files have to be readable. */
	if (!keep_right_to_read())
		fail(user, "no right to read all files is left");
	return 1;
}
