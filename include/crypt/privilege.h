#ifndef CRYPT_PRIVILEGE_H
#define CRYPT_PRIVILEGE_H

/*
 * Become this user for good, and keep of root's rights only that to read all
 * files: renewed keys are root's alone, and children drop it.  NULL: stay.
 * 0: it cannot be, and was logged.
 */
int privilege_become(const char *user);

#endif
