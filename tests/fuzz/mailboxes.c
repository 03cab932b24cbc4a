/* mailboxes - an address list: read, and each of it printed and read again */
#include <string.h>

#include "mail/mailboxes.h"
#include "smtp/mailbox.h"
#include "target.h"

static void
check(const stralloc *mailbox)
{
	size_t i, len = 0;
	const char *domain = mailbox_domain(mailbox->s, mailbox->len, &len);

	MUST(mailbox->len <= MAILBOX_SIZE);
	for (i = 0; i < mailbox->len; i++)
		MUST(mailbox->s[i] >= ' ' && mailbox->s[i] <= '~');
	MUST(domain != NULL && domain > mailbox->s + 1);
	MUST(domain_is_valid(domain, len) || (len > 2 && domain[0] == '[' &&
	    domain[len - 1] == ']'));
}

/* Alone in a list, with what may stand about it. */
static void
read_again(const stralloc *mailbox, const char *begin, const char *end)
{
	stralloc text = { 0 }, again = { 0 };
	struct mailboxes list;

	MUST(stralloc_copys(&text, begin) && mailbox_print(mailbox->s,
	    mailbox->len, &text) == OK && stralloc_cats(&text, end));
	mailboxes_start(&list, text.s, text.len);
	MUST(mailboxes_next(&list, &again) == OK);
	MUST(again.len == mailbox->len &&
	    memcmp(again.s, mailbox->s, again.len) == 0);
	MUST(mailboxes_next(&list, &again) == OK && again.len == 0);
	stralloc_free(&text);
	stralloc_free(&again);
}

/* Whoever sees a path in the whole text sees the mailbox that we see. */
static void
check_path(const char *text, size_t len, const stralloc *mailbox)
{
	struct path path = { .domain = 0 };
	const char *rest;
	size_t left;
	enum path_fault fault;

	if (path_parse(text, len, PATH_BARE, &path, &rest, &left, &fault) ==
	    OK && left == 0 && path.domain > 1)
		MUST(path.mailbox.len == mailbox->len && memcmp(
		    path.mailbox.s, mailbox->s, mailbox->len) == 0);
	path_free(&path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = size > 0 ? (const char *)data : "";
	stralloc mailbox = { 0 };
	struct mailboxes list;
	enum status status;
	unsigned count = 0;

	mailboxes_start(&list, text, size);
	while ((status = mailboxes_next(&list, &mailbox)) == OK &&
	    mailbox.len > 0) {
		MUST(++count <= MAILBOXES_MOST && count <= size);
		MUST(list.at > text && list.at <= list.end);
		check(&mailbox);
		read_again(&mailbox, "", "");
		read_again(&mailbox, "\"x@y\" <", ">");
		read_again(&mailbox, "(x) y: , ", "\n (x); ,");
		check_path(text, size, &mailbox);
	}
	MUST(mailbox.len == 0);
	if (status == OK)
		MUST(list.at == list.end);
	MUST(mailboxes_next(&list, &mailbox) == status && mailbox.len == 0);
	stralloc_free(&mailbox);
	return 0;
}
