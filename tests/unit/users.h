#ifndef UNIT_USERS_H
#define UNIT_USERS_H

#include "session/user.h"

#include "cdb.h"

/*
 * A qmail home in which mailboxes are looked for: users_make() and users_end()
 * go around each row; a test writes files and then asks.
 */

static struct control users_control;
static struct users users;
static struct user user;

static inline void
users_make(void)
{
	home_make();
	ck_assert_int_eq(mkdir("users", 0755), 0);
	ck_assert_int_eq(mkdir("bin", 0755), 0);
	memset(&users_control, 0, sizeof users_control);
	memset(&users, 0, sizeof users);
	memset(&user, 0, sizeof user);
}

static inline void
users_end(void)
{
	user_free(&user);
	users_free(&users);
	control_close(&users_control);
	home_remove();
}

/* Ask of a mailbox; files of control/ are there by now. */
static inline enum status
users_ask(const char *mailbox)
{
	const char *at = strrchr(mailbox, '@');
	const struct user_question question = {
		.mailbox = mailbox,
		.len = strlen(mailbox),
		.domain = at != NULL ? (size_t)(at + 1 - mailbox) : 0,
		.sender = "sender@far.test",
		.sender_len = 15,
		.helo = "client.test",
		.helo_len = 11,
	};

	if (users_control.names.s == NULL)
		ck_assert_int_eq(control_open(&users_control), OK);
	user_free(&user);
	return users_find(&users, &users_control, &question, &user);
}

/* Assignments as qmail-newu writes them: key and value are literals. */
#define ASSIGN(key, value)	{ TEXT(key), TEXT(value) }

static inline void
users_assign(const struct cdb_record *records, size_t count)
{
	cdb_write("users/cdb", records, count);
}

/* A program runs as somebody whom permissions bind. */
#define USERS_NOBODY	65534

static inline int
users_be_nobody(void)
{
	return geteuid() == 0 && seteuid(USERS_NOBODY) == 0;
}

static inline void
users_be_root(void)
{
	ck_assert_int_eq(seteuid(0), 0);
}

#endif
