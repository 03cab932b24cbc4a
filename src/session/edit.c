/* edit - header fields put on top and removed while a message streams by */
#include "session/edit.h"

#include <string.h>

enum status
edits_add(struct edits *edits, const char *field, size_t len)
{
	return stralloc_catb(&edits->top, field, len) ? OK : TEMPFAIL;
}

enum status
edits_remove(struct edits *edits, const char *name)
{
	return stralloc_cats(&edits->removed, name) &&
	    stralloc_0(&edits->removed) ? OK : TEMPFAIL;
}

void
edits_free(struct edits *edits)
{
	stralloc_free(&edits->top);
	stralloc_free(&edits->removed);
}

void
edit_start(struct edit *edit, const struct edits *edits)
{
	memset(edit, 0, offsetof(struct edit, holds));
	edit->edits = edits;
	header_start(&edit->header);
}

static int
is_removed(const struct edit *edit)
{
	const char *name = edit->edits->removed.s;
	const char *end = name + edit->edits->removed.len;

	for (; name < end; name += strlen(name) + 1)
		if (header_is(&edit->header, name))
			return 1;
	return 0;
}

/* Keep the begin of a field back until its name is known. */
static int
hold_back(struct edit *edit, const char *text, size_t len)
{
	if (edit->edits->removed.len == 0 || edit->held + len > FIELD_NAME)
		return 0;
	memcpy(edit->holds[edit->hold] + edit->held, text, len);
	edit->held += len;
	return 1;
}

/* A field has its name: count it, and decide whether it goes. */
static void
judge_field(struct edit *edit)
{
	edit->removing = edit->edits->removed.len > 0 && is_removed(edit);
	edit->hops += header_is(&edit->header, "Received") ||
	    header_is(&edit->header, "Delivered-To");
}

static void
set_part(struct iovec *part, char *text, size_t len)
{
	part->iov_base = text;
	part->iov_len = len;
}

/*
 * A message that begins with a folded line would go on with our last field;
 * it gets one of its own.
 */
static int
begins_folded(const struct edit *edit, const char *text, size_t len)
{
	return edit->size == 0 && edit->edits->top.len > 0 && len > 0 &&
	    (text[0] == ' ' || text[0] == '\t');
}

void
edit_take(struct edit *edit, char *text, size_t len,
    struct iovec parts[EDIT_PARTS])
{
	static const char guard[] = "X-Qsmtp-Folded:\n";
	struct header_piece piece;
	size_t at, kept = 0;

	memset(parts, 0, EDIT_PARTS * sizeof *parts);
	if (!edit->begun)
		set_part(&parts[0], edit->edits->top.s, edit->edits->top.len);
	edit->begun = 1;
	if (begins_folded(edit, text, len))
		set_part(&parts[1], (char *)guard, sizeof guard - 1);
	edit->size += len;
	for (at = 0; at < len; at += piece.len) {
		header_next(&edit->header, text + at, len - at, &piece);
		if (edit->header.place == HEADER_BODY)
			edit->removing = 0;
		if (piece.begins && !piece.named) {
			if (hold_back(edit, text + at, piece.len))
				continue;
			/* Nobody asks for a name as long as that to go. */
			edit->removing = 0;
		}
		if (piece.named)
			judge_field(edit);
		if (edit->held > 0) {
			if (!edit->removing)
				set_part(&parts[1], edit->holds[edit->hold],
				    edit->held);
			edit->held = 0;
			edit->hold ^= 1;
		}
		if (edit->removing)
			continue;
		if (kept != at)
			memmove(text + kept, text + at, piece.len);
		kept += piece.len;
	}
	set_part(&parts[2], text, kept);
}
