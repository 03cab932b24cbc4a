#ifndef UNIT_JUDGE_H
#define UNIT_JUDGE_H

#include <stdio.h>

#include "filter/chain.h"
#include "home.h"

/*
 * A session that filters judge: judge_make() and judge_end() go around each
 * row; between them a test sets what it likes in `session` and `config`, puts
 * files into control/, domain/ and user/, and calls judge_start().
 */

static struct config config;
static struct control control;
static struct settings settings;
static struct session session;
static struct chain chain;
static struct outcome outcome;

static inline void
judge_make(void)
{
	home_make();
	memset(&config, 0, sizeof config);
	memset(&session, 0, sizeof session);
	memset(&chain, 0, sizeof chain);
	config.greets = 1;
	session.config = &config;
	session.control = &control;
	session.settings = &settings;
	strcpy(session.id, "1.2");
	strcpy(session.peer.text, "192.0.2.1");
}

/* A file of settings, in the folder of a level; a NULL text: none. */
static inline void
judge_file(const char *folder, const char *name, const char *text)
{
	char path[128];

	if (text == NULL)
		return;
	if (access(folder, F_OK) == -1)
		ck_assert_int_eq(mkdir(folder, 0755), 0);
	snprintf(path, sizeof path, "%s/%s", folder, name);
	home_file(path, text);
}

/* Go to the folders of a recipient, as far as they are there. */
static inline void
judge_enter(const char *domain, const char *user)
{
	ck_assert_int_eq(settings_enter(&settings,
	    access(domain, F_OK) == 0 ? domain : NULL,
	    access(user, F_OK) == 0 ? user : NULL), OK);
}

/* Read the settings of all levels and begin. */
static inline void
judge_start(const struct filter *const table[], size_t count)
{
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(settings_read(&settings, &control), OK);
	judge_enter("domain", "user");
	ck_assert_int_eq(chain_start(&chain, table, count, &session), OK);
}

static inline void
judge_end(void)
{
	chain_stop(&chain);
	session_free(&session);
	settings_free(&settings);
	control_close(&control);
	home_remove();
}

static inline enum verdict
judge(enum phase phase)
{
	chain_ask(&chain, phase, &outcome);
	return outcome.verdict;
}

static inline void
judge_path(struct path *path, const char *mailbox)
{
	const char *at = strrchr(mailbox, '@');

	ck_assert(stralloc_copys(&path->mailbox, mailbox));
	path->domain = at != NULL ? (size_t)(at + 1 - mailbox) : 0;
}

static inline enum verdict
judge_mail(const char *mailbox)
{
	judge_path(&session.mail.reverse_path, mailbox);
	return judge(ON_MAIL);
}

static inline enum verdict
judge_rcpt(const char *mailbox)
{
	judge_path(&session.mail.forward_path, mailbox);
	ck_assert_int_eq(session_ask(&session,
	    &session.mail.forward_path.mailbox), OK);
	return judge(ON_RCPT);
}

/* The same, and what is not refused comes into the envelope. */
static inline enum verdict
judge_take(const char *mailbox)
{
	struct transaction *mail = &session.mail;

	if (judge_rcpt(mailbox) != PASS)
		return outcome.verdict;
	ck_assert(stralloc_cats(&mail->envelope, "T") &&
	    stralloc_cats(&mail->envelope, mailbox) &&
	    stralloc_0(&mail->envelope));
	mail->recipients++;
	return PASS;
}

/* What a row wants of the last answer; code 0: nothing was refused. */
static inline void
judge_wants(int row, unsigned code, const char *enhanced, enum level level)
{
	if (code == 0) {
		ck_assert_msg(outcome.verdict == PASS, "row %d: refused, %u %s",
		    row, outcome.reply.code, outcome.reply.text);
		return;
	}
	ck_assert_msg(outcome.verdict == (code < 500 ? DEFER : REJECT) &&
	    outcome.reply.code == code &&
	    strcmp(outcome.reply.enhanced, enhanced) == 0 &&
	    outcome.level == level, "row %d: seen %d: %u %s at %s, wanted "
	    "%u %s at %s", row, outcome.verdict, outcome.reply.code,
	    outcome.verdict != PASS ? outcome.reply.enhanced : "",
	    level_name(outcome.level), code, enhanced, level_name(level));
}

static inline void
judge_reset(void)
{
	session_reset(&session);
	chain_reset(&chain);
}

/*
 * A filter that follows a list: what it asks of the mail is refused by a row
 * that is listed, with this reply; PASS else.
 */
static inline void
judge_listed(int listed, unsigned code, const char *setting)
{
	if (!listed) {
		ck_assert_int_eq(outcome.verdict, PASS);
		return;
	}
	ck_assert_int_eq(outcome.verdict, REJECT);
	ck_assert_uint_eq(outcome.reply.code, code);
	ck_assert_str_eq(outcome.reply.enhanced, "5.7.1");
	ck_assert_str_eq(outcome.setting, setting);
	ck_assert_ptr_nonnull(strstr(outcome.reply.text, "(#5.7.1)"));
}

/* A list that cannot be read ends the session, for now. */
static inline void
judge_unreadable(const struct filter *filter, enum phase phase)
{
	char path[64];

	snprintf(path, sizeof path, "control/%s", filter->file);
	home_file(path, NULL);
	judge_start(&filter, 1);
	ck_assert(stralloc_copys(&session.helo, "a"));
	judge_path(&session.mail.reverse_path, "a@b");
	judge_path(&session.mail.forward_path, "c@d");
	ck_assert_int_eq(judge(phase), DROP);
	ck_assert_uint_eq(outcome.reply.code, 421);
	ck_assert_str_eq(outcome.reply.enhanced, "4.3.0");
	ck_assert_int_eq(outcome.is_ours, 1);
}

#endif
