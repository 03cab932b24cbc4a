#ifndef TOOLS_CHECK_H
#define TOOLS_CHECK_H

#include <stddef.h>
#include <stralloc.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/control.h"
#include "session/setting.h"

/* What the modules of qsmtp-check(8) share, which are in src/tools. */

/* In the order in which they are printed. */
enum severity {
	FAULT,			/* a program would put mail off, or worse */
	WARNING,		/* it does not do what it seems to say */
	NOTE
};

struct found {
	enum severity severity;
	stralloc where, text;	/* a file, with its line; what is wrong */
	size_t number;		/* of the line or record; 0: none */
};

/* A user of the system, by /etc/passwd. */
struct account {
	int is_known;
	uid_t user;
	gid_t group;
};

struct check {
	struct control control;	/* its files; those found bad are hidden */
	struct found *found;
	size_t count, room;
	int is_out_of_memory;
	struct account qmaild, qmailr, qmailq;
};

#define CHECK_LINES	20	/* of a file that are told of each */

/* findings: say something of a file and its line; 0: of the whole file. */
__attribute__((format(printf, 5, 6)))
void check_say(struct check *, enum severity, const char *file, size_t line,
    const char *format, ...);

/* The same, of what control->failed and control->error tell. */
void check_say_failed(struct check *, enum severity, const struct control *);

/* The same, of control_read() as a whole. */
void check_say_unread(struct check *, const struct control *);

/*
 * Print what was found, sorted and each once, and a last line that sums it
 * up; without notes if `is_quiet`.  Returns the exit code.
 */
int check_print(struct check *, int is_quiet);
void check_free(struct check *);

/* Lines with the same flaw are told of once. */
struct flaw {
	size_t first, count;
};

void flaw_add(struct flaw *, size_t line);
void flaw_say(struct check *, enum severity, const char *file,
    const struct flaw *, const char *text);

/* names: what a file of control/ is. */
enum form {
	FORM_NOBODYS,		/* of no program that is known */
	FORM_OTHERS,		/* of other programs of qmail */
	FORM_UNSUPPORTED,	/* mail is treated otherwise without it */
	FORM_UNUSED,		/* without it all is well */
	FORM_SOURCE,		/* the text that a .cdb is made of, */
	FORM_OTHERS_SOURCE,	/* or one that is not supported */
	FORM_FLAG,
	FORM_LINE,
	FORM_NUMBER,
	FORM_WORDS,
	FORM_LIST,
	FORM_NETWORKS,
	FORM_MAP,
	FORM_SETTINGS,
	FORM_ROUTES,
	FORM_SENDERS,		/* authsenders */
	FORM_HOSTS,		/* senderhosts */
	FORM_LOGINS,		/* authsenders-allowed */
	FORM_SERVERS,		/* resolvers */
	FORM_RULES,		/* recipientcheck */
	FORM_POLICIES,		/* tlspolicy */
	FORM_VERSION,		/* of TLS: 1.2 */
	FORM_WILDCARDS,		/* wildcardns */
	FORM_ZONES,		/* DNS lists, */
	FORM_ZONES_DASHED,	/* those of sagredo's qmail, */
	FORM_ZONES_TEXT,	/* and of qpsmtpd */
	FORM_CERTIFICATE,	/* PEM, perhaps with its key */
	FORM_KEY,		/* PEM */
	FORM_TEXT,		/* of any kind */
	FORM_DOMAINS,		/* folders of settings */
	FORM_FOLDER,		/* smtproutes.d */
	FORM_TLS_HOSTS,		/* tlshosts */
	FORM_NO_TLS_HOSTS,	/* notlshosts */
	FORM_OWN_NAMES		/* servercerts */
};

#define BY_SERVER	1u
#define BY_CLIENT	2u

struct known {
	const char *name;	/* an asterisk at its end is anything */
	enum form form;
	unsigned readers;	/* BY_SERVER, BY_CLIENT */
	const char *of;		/* whose it is, if it is not supported */
	const char *say;	/* what to know of it, or NULL */
};

/* Never NULL. */
const struct known *name_find(const char *name);

/* accounts: who may do what, by mode bits alone. */
void accounts_read(struct check *);
int account_may(const struct account *, const struct stat *, unsigned bits);

/*
 * places: modes and owners; the folder of a home is the current one.  `spool`
 * may be NULL: nobody knows.
 */
void check_places(struct check *, const char *queue, const char *auth_queue,
    const char *spool);

/*
 * A program that is needed, or a link to one; `absent` is how bad it is when
 * it is not there.  0: it cannot be run, and nothing is known of it.
 */
int check_program(struct check *, const char *path, enum severity absent,
    const char *say, struct stat *);
void check_mode(struct check *, const char *path, const struct stat *,
    unsigned readers);

/* forms: what a file of one form holds.  `text` is all of it. */
void check_form(struct check *, const struct known *, const char *name,
    const stralloc *text);
void check_map(struct check *, const char *path);

/* A .cdb that is older than its text. */
void check_age(struct check *, const char *path, const char *source);

/* routes: the files that only Qremote reads. */
void check_routes(struct check *, const char *name, enum form,
    const stralloc *text);
void check_route_folder(struct check *);

/*
 * tls: policies, certificates and keys.  A folder has a file or a folder for
 * each name.
 */
void check_tls(struct check *, const char *name, enum form,
    const stralloc *text);
void check_tls_folder(struct check *, const char *name, enum form);

/* folders: the settings of domains and users in control/domains. */
void check_domains(struct check *);

/* rules: the lines of recipientcheck, and what they name. */
void check_rules(struct check *);

/* Whether one of them has this list. */
int rules_name(struct check *, const char *name);

/* settings: a filterconf, of control/ or of a folder below it. */
void check_settings(struct check *, struct settings *, const char *path,
    struct control *);

/* server, client: the settings of both programs, by their own code. */
void check_server(struct check *);
void check_client(struct check *);

/*
 * address: print what counts for mail to an address, and, unless `sender` is
 * NULL, which way it would go.  Return the exit code.
 */
int address_show(const char *address, const char *sender);
int route_show(struct control *, const char *address, const char *sender);

/* Exit codes. */
#define EXIT_GOOD	0
#define EXIT_WARNINGS	1
#define EXIT_FAULTS	2
#define EXIT_USAGE	64
#define EXIT_UNABLE	111

#endif
