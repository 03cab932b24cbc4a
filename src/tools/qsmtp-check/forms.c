/* forms - what control files hold, line by line */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/iplist.h"
#include "base/list.h"
#include "base/map.h"
#include "base/text.h"
#include "filter/dnslists.h"
#include "filter/wildcard.h"
#include "remote/lines.h"
#include "session/senders.h"
#include "smtp/mailbox.h"
#include "tools/check.h"

/* For lines of which each is a whole. */
static const char *
no_key(const char *line, size_t len)
{
	(void)line;
	(void)len;
	return NULL;
}

/* The first line as control_line() has it. */
static size_t
first_line(const stralloc *text)
{
	const char *feed = text->len > 0 ?
	    memchr(text->s, '\n', text->len) : NULL;

	return text_trimmed(text->s, feed != NULL ?
	    (size_t)(feed - text->s) : text->len);
}

static void
check_line(struct check *check, const char *name, const char *path,
    const stralloc *text)
{
	size_t len = first_line(text);

	if (len == 0)
		check_say(check, strcmp(name, "me") == 0 ? WARNING : NOTE,
		    path, 1, "is empty, which is its value");
	else if (text->s[0] == '#')
		check_say(check, WARNING, path, 1,
		    "is the value: there are no comments in this file");
	else if (text->s[len - 1] == '\r')
		check_say(check, WARNING, path, 1,
		    "ends with CR, which is a part of it");
	else if (text_blanks(text->s, len) > 0)
		check_say(check, WARNING, path, 1,
		    "begins with a blank, which is a part of it");
	else if ((strcmp(name, "me") == 0 || strcmp(name, "helohost") == 0) &&
	    !domain_is_valid(text->s, len))
		check_say(check, WARNING, path, 1, "is no name of a host");
}

static void
check_number(struct check *check, const char *path, const stralloc *text)
{
	size_t len = first_line(text), digits;
	uint64_t number;

	digits = text_number(text->s, len, &number);
	if (digits == 0)
		check_say(check, WARNING, path, 1,
		    "begins with no digit, so the file counts as absent");
	else if (digits < len && text->s[digits] != ' ' &&
	    text->s[digits] != '\t' && text->s[digits] != '\r')
		check_say(check, WARNING, path, 1,
		    "only its digits count, not what follows them");
}

/* Whether other qmails would take it as a pattern. */
static int
is_pattern(const char *line, size_t len)
{
	size_t i;

	if (line[0] == '!' && !text_is(line, len, "!inherit"))
		return 1;
	/* An address literal is no pattern. */
	if (line[0] == '[' && line[len - 1] == ']' &&
	    memchr(line + 1, '[', len - 1) == NULL)
		return 0;
	for (i = 0; i < len; i++)
		if (strchr("*?^$|\\[]()", line[i]) != NULL)
			return 1;
	return 0;
}

/* A line that stock qmail has no use for and Qsmtp has. */
static int
is_qsmtps(const char *line, size_t len)
{
	return memchr(line, '@', len) == NULL &&
	    !text_is(line, len, "!inherit");
}

static int
has_blank(const char *line, size_t len)
{
	return memchr(line, ' ', len) != NULL ||
	    memchr(line, '\t', len) != NULL;
}

static void
check_list(struct check *check, const char *name, const char *path,
    const stralloc *text)
{
	struct flaw cr = { 0 }, lead = { 0 }, inner = { 0 };
	struct flaw pattern = { 0 }, other = { 0 };
	int is_bad_list = strncmp(name, "bad", 3) == 0;
	int is_senders = strcmp(name, "badmailfrom") == 0;
	struct line line = { 0 };

	while (lines_next(text, no_key, &line)) {
		if (line.text[line.len - 1] == '\r')
			flaw_add(&cr, line.number);
		else if (text_blanks(line.text, line.len) > 0)
			flaw_add(&lead, line.number);
		else if (has_blank(line.text, line.len))
			flaw_add(&inner, line.number);
		else if (is_bad_list && is_pattern(line.text, line.len))
			flaw_add(&pattern, line.number);
		else if (is_senders && is_qsmtps(line.text, line.len))
			flaw_add(&other, line.number);
	}
	flaw_say(check, WARNING, path, &cr, "ends with CR and matches nothing");
	flaw_say(check, WARNING, path, &lead,
	    "begins with a blank and matches nothing");
	flaw_say(check, WARNING, path, &inner,
	    "has a blank inside and matches nothing; a comment begins its "
	    "line");
	flaw_say(check, WARNING, path, &pattern,
	    "is a pattern of other qmails; here it matches only itself");
	flaw_say(check, NOTE, path, &other,
	    "has no @: it is a domain with all below it, as in Qsmtp; stock "
	    "qmail matches nothing by it");
}

/* Each line of a text of networks that is none, by the reader's own parser. */
static void
check_text_networks(struct check *check, const char *path,
    const stralloc *text)
{
	struct iplist list = { 0 };
	enum status status = PERMFAIL;
	size_t at = 0, before = 0, bad = 0, said;

	for (said = 0; status == PERMFAIL && said < CHECK_LINES; said++) {
		status = iplist_parse(text->s + at, text->len - at, &list,
		    &bad);
		if (status != PERMFAIL)
			break;
		check_say(check, FAULT, path, before + bad, "makes no sense");
		before += bad;
		for (; bad > 0 && at < text->len; bad--) {
			const char *feed = memchr(text->s + at, '\n',
			    text->len - at);

			at = feed != NULL ? (size_t)(feed + 1 - text->s) :
			    text->len;
		}
	}
	if (status == OK && said == 0)
		check_say(check, NOTE, path, 0, "a text of %zu network%s",
		    list.count, list.count == 1 ? "" : "s");
	iplist_free(&list);
}

/* Octets that are readable are more likely a text gone wrong. */
static int
is_readable(const stralloc *text)
{
	size_t i;

	for (i = 0; i < text->len; i++)
		if ((text->s[i] < ' ' || text->s[i] > '~') &&
		    text->s[i] != '\n' && text->s[i] != '\t' &&
		    text->s[i] != '\r')
			return 0;
	return 1;
}

/* All records, which a look for one address does not read if it is sealed. */
static void
check_records(struct check *check, const char *name, const char *path)
{
	struct control *control = &check->control;
	struct iplist list = { 0 };
	int family = iplist_family(path), file = -1;
	enum status status = TEMPFAIL;
	size_t bad = 0;

	if (control_open_file(control, name, &file) == OK && file != -1)
		status = iplist_read(file, family, &list, &bad);
	if (status == PERMFAIL) {
		control_refuse_at(control, name, "record", bad, EINVAL);
		check_say_failed(check, FAULT, control);
	} else if (status == OK)
		check_say(check, NOTE, path, 0,
		    "a binary list of %zu network%s of IPv%d", list.count,
		    list.count == 1 ? "" : "s", family);
	else
		check_say(check, FAULT, path, 0, "%s", strerror(errno));
	if (file != -1)
		close(file);
	iplist_free(&list);
}

static void
check_networks(struct check *check, const char *name, const char *path,
    const stralloc *text)
{
	if (iplist_is_text(text->s, text->len)) {
		check_text_networks(check, path, text);
		return;
	}
	if (is_readable(text))
		check_say(check, WARNING, path, 0, "is read as a binary list, "
		    "but looks like a text that is no list of networks");
	check_records(check, name, path);
}

static void
check_logins(struct check *check, const char *path, const stralloc *text)
{
	struct senders senders = { *text, 1 };
	struct flaw flaw = { 0 };
	size_t at = 0, number = 0;

	while (senders_without_address(&senders, &at, &number))
		flaw_add(&flaw, number);
	flaw_say(check, WARNING, path, &flaw,
	    "names no address: its login may send as nobody by this line");
}

static void
check_wildcards(struct check *check, const char *path, const stralloc *text)
{
	struct flaw flaw = { 0 };
	struct line line = { 0 };
	struct wildcard wildcard;

	while (lines_next(text, no_key, &line))
		if (wildcard_parse(line.text, text_without_comment(line.text,
		    line.len), &wildcard) != OK)
			flaw_add(&flaw, line.number);
	flaw_say(check, WARNING, path, &flaw, "matches nothing: no top-level "
	    "domain, underscore and address");
}

/* The file of our own that goes before one of another dialect, if it does. */
static const char *
own_of(enum form form, const char *name)
{
	if (form == FORM_ZONES)
		return NULL;
	return name[0] == 'r' ? "rhsbl" : "dnsbl";
}

static void
check_zones(struct check *check, const struct known *known, const char *path,
    const stralloc *text)
{
	static const enum dnsline_form forms[] = {
		[FORM_ZONES] = DNSLINE_OWN,
		[FORM_ZONES_DASHED] = DNSLINE_DASHED,
		[FORM_ZONES_TEXT] = DNSLINE_TEXT,
	};
	const char *own = own_of(known->form, known->name);
	struct line line = { 0 };
	struct dnsline parsed;
	size_t count = 0, said = 0;

	if (own != NULL && control_has(&check->control, own)) {
		check_say(check, WARNING, path, 0,
		    "counts for nothing beside control/%s", own);
		return;
	}
	while (said < CHECK_LINES && lines_next(text, no_key, &line)) {
		size_t len = list_without_comment(line.text, line.len);

		if (len == 0 || text_is(line.text, len, "!inherit"))
			continue;
		if (++count > DNSLISTS_LINES) {
			check_say(check, FAULT, path, line.number,
			    "is one too many: %d lists may be asked",
			    DNSLISTS_LINES);
			return;
		}
		if (dnsline_parse(line.text, len, forms[known->form],
		    &parsed) != OK) {
			check_say(check, FAULT, path, line.number,
			    "makes no sense");
			said++;
		}
	}
}

void
check_age(struct check *check, const char *path, const char *source)
{
	struct stat facts, of_source;

	if (stat(source, &of_source) == 0 && stat(path, &facts) == 0 &&
	    facts.st_mtime < of_source.st_mtime)
		check_say(check, WARNING, path, 0,
		    "is older than %s, and is to be made anew", source);
}

void
check_map(struct check *check, const char *path)
{
	struct map map;
	size_t records;
	enum status status = map_open(&map, path);

	if (status != OK) {
		check_say(check, FAULT, path, 0, "%s", errno == ENOENT ?
		    "is a link that leads nowhere" : strerror(errno));
		return;
	}
	status = map_check(&map, &records);
	if (status == PERMFAIL)
		check_say(check, FAULT, path, 0, "is a damaged cdb");
	else if (status != OK)
		check_say(check, FAULT, path, 0, "%s", strerror(errno));
	map_close(&map);
}

void
check_form(struct check *check, const struct known *known, const char *name,
    const stralloc *text)
{
	char path[sizeof check->control.failed] = "control/";

	strncat(path, name, sizeof path - strlen(path) - 1);
	switch (known->form) {
	case FORM_LINE:
		check_line(check, name, path, text);
		break;
	case FORM_NUMBER:
		check_number(check, path, text);
		break;
	case FORM_LIST:
		check_list(check, known->name, path, text);
		break;
	case FORM_NETWORKS:
		check_networks(check, name, path, text);
		break;
	case FORM_LOGINS:
		check_logins(check, path, text);
		break;
	case FORM_WILDCARDS:
		check_wildcards(check, path, text);
		break;
	case FORM_ZONES:
	case FORM_ZONES_DASHED:
	case FORM_ZONES_TEXT:
		check_zones(check, known, path, text);
		break;
	case FORM_ROUTES:
	case FORM_SENDERS:
	case FORM_HOSTS:
		check_routes(check, name, known->form, text);
		break;
	case FORM_POLICIES:
	case FORM_VERSION:
	case FORM_CERTIFICATE:
	case FORM_KEY:
		check_tls(check, name, known->form, text);
		break;
	default:
		break;
	}
}
