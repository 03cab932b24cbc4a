/* mailbox - paths of every leniency: read, printed and read again */
#include <string.h>

#include "smtp/mailbox.h"
#include "target.h"

/* What is said of a path fits what was kept of it. */
static void
check(const struct path *path)
{
	const char *mailbox = path->mailbox.s;
	size_t i, len = path->mailbox.len, domain_len;
	const char *domain = mailbox_domain(mailbox, len, &domain_len);

	MUST(len <= MAILBOX_SIZE);
	for (i = 0; i < len; i++)
		MUST(mailbox[i] >= ' ' && mailbox[i] <= '~');
	if (path->domain == 0) {
		MUST(domain == NULL);
		MUST(path->literal.family == 0);
		return;
	}
	MUST(domain == mailbox + path->domain);
	MUST(domain_len > 0);
	MUST(path->literal.family == 0 ? domain_is_valid(domain, domain_len) :
	    domain[0] == '[' && domain[domain_len - 1] == ']');
}

/* `<`, the mailbox as it is printed, `>`: it reads as the same. */
static void
read_again(const struct path *path, unsigned leniency)
{
	struct path again = { .domain = 0 };
	stralloc text = { 0 };
	const char *rest;
	size_t len;
	enum path_fault fault;

	MUST(stralloc_copys(&text, "<") && mailbox_print(path->mailbox.s,
	    path->mailbox.len, &text) == OK && stralloc_cats(&text, ">"));
	MUST(path_parse(text.s, text.len, leniency, &again, &rest, &len,
	    &fault) == OK);
	MUST(len == 0);
	MUST(again.mailbox.len == path->mailbox.len && memcmp(again.mailbox.s,
	    path->mailbox.s, path->mailbox.len) == 0);
	MUST(again.domain == path->domain);
	MUST(again.literal.family == path->literal.family);
	stralloc_free(&text);
	path_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = size > 0 ? (const char *)data : "";
	unsigned leniency;

	for (leniency = 0; leniency <= (PATH_BARE | PATH_NO_DOMAIN);
	    leniency++) {
		struct path path = { .domain = 0 };
		const char *rest = text;
		size_t len = size;
		enum path_fault fault = PATH_GOOD;
		enum status status = path_parse(text, size, leniency, &path,
		    &rest, &len, &fault);

		MUST(rest >= text && rest + len == text + size);
		MUST((status == OK) == (fault == PATH_GOOD));
		if (status == OK) {
			MUST(rest > text);
			MUST(len == 0 || *rest == ' ' || *rest == '\t');
			check(&path);
			read_again(&path, leniency);
		} else
			MUST(rest == text && len == size);
		path_free(&path);
	}
	return 0;
}
