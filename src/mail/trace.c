/* trace - compose Received */
#include "mail/trace.h"

#include <string.h>

#include "smtp/mailbox.h"

#define WORD	255		/* most octets of a word from outside */
#define MOST_FOR 990		/* most octets of the line that says for whom */

/* What may stand in a Received field without changing its structure. */
static int
is_harmless(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (c != '\0' && strchr(".-_:[]@%+/=",
	    c) != NULL);
}

static enum status
add(stralloc *field, const char *text)
{
	return stralloc_cats(field, text) ? OK : TEMPFAIL;
}

/* A word from outside, cut, and anything doubtful in it as `?`. */
static enum status
add_word(stralloc *field, const char *word, size_t len)
{
	size_t i;

	if (len > WORD)
		len = WORD;
	if (!stralloc_readyplus(field, len))
		return TEMPFAIL;
	for (i = 0; i < len; i++)
		field->s[field->len++] = is_harmless(word[i]) ? word[i] : '?';
	return OK;
}

/* `[192.0.2.1]`, `[IPv6:2001:db8::1]`, or `[unknown]`. */
static enum status
add_literal(stralloc *field, const struct address *address)
{
	char text[ADDRESS_TEXT];

	address_print(address, text);
	return stralloc_cats(field, address->family == 6 ? "[IPv6:" : "[") &&
	    stralloc_cats(field, text) && stralloc_cats(field, "]") ?
	    OK : TEMPFAIL;
}

/* ` (KEY=WORD)`, or nothing where there is no word. */
static enum status
add_comment(stralloc *field, const char *key, const char *word)
{
	if (word == NULL || word[0] == '\0')
		return OK;
	if (!stralloc_catm(field, " (", key, "=") ||
	    add_word(field, word, strlen(word)) != OK)
		return TEMPFAIL;
	return add(field, ")");
}

/* From-domain: what the client calls itself, then what we know of it. */
static enum status
add_from(const struct trace *trace, stralloc *field)
{
	const char *host = trace->host != NULL && trace->host[0] != '\0' ?
	    trace->host : "unknown";
	enum status status = add(field, "Received: from ");

	if (trace->is_hidden)
		return status == OK ? add(field, "unknown") : status;
	if (status == OK && trace->helo != NULL && trace->helo_len > 0)
		status = add_word(field, trace->helo, trace->helo_len);
	else if (status == OK)
		status = add_literal(field, &trace->address);
	if (status == OK)
		status = add(field, " (");
	if (status == OK)
		status = add_word(field, host, strlen(host));
	if (status == OK)
		status = add(field, " ");
	if (status == OK)
		status = add_literal(field, &trace->address);
	if (status == OK)
		status = add(field, ")");
	if (status == OK && trace->user != NULL)
		return add_comment(field, "auth", trace->user);
	return status == OK ? add_comment(field, "ident", trace->info) :
	    status;
}

static enum status
add_by(const struct trace *trace, stralloc *field)
{
	enum status status = add(field, "\n  by ");

	if (status == OK)
		status = add_word(field, trace->name,
		    strcspn(trace->name, " \t"));
	if (status != OK || !stralloc_catm(field, " with ", trace->protocol,
	    " id ", trace->id))
		return TEMPFAIL;
	if (trace->relay == NULL)
		return OK;
	if (!stralloc_catm(field, " (relay=", trace->relay))
		return TEMPFAIL;
	if (trace->relay_by != NULL &&
	    !stralloc_catm(field, " by=", trace->relay_by))
		return TEMPFAIL;
	return add(field, ")");
}

/* `(PROTOCOL CIPHER)`, on a line of its own. */
static enum status
add_tls(const struct trace *trace, stralloc *field)
{
	enum status status;

	if (trace->tls == NULL)
		return OK;
	status = add(field, "\n  (");
	if (status == OK)
		status = add_word(field, trace->tls, strlen(trace->tls));
	if (status == OK && trace->cipher != NULL)
		status = add(field, " ");
	if (status == OK && trace->cipher != NULL)
		status = add_word(field, trace->cipher, strlen(trace->cipher));
	return status == OK ? add(field, ")") : status;
}

static enum status
add_for(const struct trace *trace, stralloc *field)
{
	size_t before = field->len;

	if (trace->recipient == NULL)
		return OK;
	if (add(field, "\n  for <") != OK || mailbox_print(trace->recipient,
	    trace->recipient_len, field) != OK || add(field, ">") != OK)
		return TEMPFAIL;
	/* Quoting can double it, beyond what a line may hold. */
	if (field->len - before > MOST_FOR)
		field->len = before;
	return OK;
}

enum status
trace_received(const struct trace *trace, stralloc *field)
{
	if (add_from(trace, field) != OK || add_by(trace, field) != OK ||
	    add_tls(trace, field) != OK || add_for(trace, field) != OK ||
	    add(field, ";\n  ") != OK ||
	    trace_date(trace->time, field) != OK)
		return TEMPFAIL;
	return add(field, "\n");
}

static int
is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static void
two_digits(char *at, int64_t number)
{
	at[0] = (char)('0' + number / 10);
	at[1] = (char)('0' + number % 10);
}

/*
 * Not gmtime(): it reads the machine's time zone first, a file, to print a
 * date in none.
 */
enum status
trace_date(int64_t time, stralloc *text)
{
	static const char days[7][4] = {
		"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed",
	};
	static const struct {
		char name[4];
		int days;
	} months[12] = {
		{ "Jan", 31 }, { "Feb", 28 }, { "Mar", 31 }, { "Apr", 30 },
		{ "May", 31 }, { "Jun", 30 }, { "Jul", 31 }, { "Aug", 31 },
		{ "Sep", 30 }, { "Oct", 31 }, { "Nov", 30 }, { "Dec", 31 },
	};
	char date[] = "Thu, 01 Jan 1970 00:00:00 +0000";
	int64_t day = time / 86400, second = time % 86400, year = 1970, length;
	unsigned month = 0;

	memcpy(date, days[day % 7], 3);
	for (; day >= (length = 365 + is_leap(year)); day -= length)
		year++;
	for (; day >= (length = months[month].days +
	    (month == 1 && is_leap(year))); day -= length)
		month++;
	two_digits(date + 5, day + 1);
	memcpy(date + 8, months[month].name, 3);
	two_digits(date + 12, year / 100);
	two_digits(date + 14, year % 100);
	two_digits(date + 17, second / 3600);
	two_digits(date + 20, second / 60 % 60);
	two_digits(date + 23, second % 60);
	return stralloc_catb(text, date, sizeof date - 1) ? OK : TEMPFAIL;
}
