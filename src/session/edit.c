/* edit - header fields added, removed and kept while a message streams by */
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

/* Step over a name or field of `completing`. */
static const char *
next_word(const char *word)
{
	return word + strlen(word) + 1;
}

enum status
edits_complete(struct edits *edits, const char *name, const char *field,
    size_t len)
{
	stralloc *list = &edits->completing;
	size_t i, words = 0, before = list->len;

	for (i = 0; i < list->len; i++)
		words += list->s[i] == '\0';
	if (words / 2 >= EDIT_COMPLETIONS || memchr(field, '\0', len) != NULL)
		return PERMFAIL;
	if (stralloc_cats(list, name) && stralloc_0(list) &&
	    stralloc_catb(list, field, len) && stralloc_0(list))
		return OK;
	list->len = before;
	return TEMPFAIL;
}

void
edits_capture(struct edits *edits, const char *name)
{
	edits->captured = name;
}

void
edits_free(struct edits *edits)
{
	stralloc_free(&edits->top);
	stralloc_free(&edits->removed);
	stralloc_free(&edits->completing);
}

enum status
edit_start(struct edit *edit, const struct edits *edits)
{
	memset(edit, 0, offsetof(struct edit, holds));
	edit->edits = edits;
	header_start(&edit->header);
	return edits->captured == NULL ||
	    stralloc_ready(&edit->captured, EDIT_CAPTURED) ? OK : TEMPFAIL;
}

void
edit_free(struct edit *edit)
{
	stralloc_free(&edit->captured);
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

static void
note_present(struct edit *edit)
{
	const stralloc *list = &edit->edits->completing;
	const char *name = list->s, *end = name + list->len;
	unsigned bit;

	for (bit = 1; name < end; bit <<= 1) {
		if (header_is(&edit->header, name))
			edit->pending |= bit;
		name = next_word(next_word(name));
	}
}

/*
 * Whether a colon follows the name, be it behind blanks or a fold (RFC 5322
 * 4.5): "Date of birth" is no Date.
 */
static void
settle_present(struct edit *edit, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len && strchr(" \t\n", text[i]) != NULL; i++)
		;
	if (i == len)
		return;
	if (text[i] == ':')
		edit->present |= edit->pending;
	edit->pending = 0;
}

/* What follows the name that ends in this piece. */
static size_t
name_end(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len && strchr(": \t\n", text[i]) == NULL; i++)
		;
	return i;
}

/* A field has its name: count it, and decide whether it goes. */
static void
judge_field(struct edit *edit)
{
	const struct edits *edits = edit->edits;

	edit->removing = edits->removed.len > 0 && is_removed(edit);
	edit->hops += header_is(&edit->header, "Received") ||
	    header_is(&edit->header, "Delivered-To");
	if (edits->completing.len > 0 && !edit->removing)
		note_present(edit);
	if (edits->captured != NULL && !edit->removing &&
	    header_is(&edit->header, edits->captured))
		edit->capturing = CAPTURE_NAME;
}

static void
keep(struct edit *edit, const char *text, size_t len)
{
	size_t room = EDIT_CAPTURED - edit->captured.len;

	if (len > room) {
		edit->capture_cut = 1;
		len = room;
	}
	memcpy(edit->captured.s + edit->captured.len, text, len);
	edit->captured.len += len;
}

/*
 * Find the colon behind the name that was read.  RFC 5322 4.5 has no fold
 * before it; a reader that unfolds first sees a field there nevertheless.
 */
static size_t
find_colon(struct edit *edit, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] == ' ' || text[i] == '\t' || text[i] == '\n')
			edit->capturing = CAPTURE_BLANK;
		else if (text[i] == ':') {
			edit->capturing = CAPTURE_BODY;
			edit->captures++;
			keep(edit, edit->header.name, edit->header.name_len);
			return i;
		} else if (edit->capturing == CAPTURE_BLANK) {
			edit->capturing = CAPTURE_NOT;
			break;
		}
	}
	return i;
}

/* Copy what belongs to a field that is to be kept. */
static void
capture(struct edit *edit, const char *text, size_t len)
{
	size_t skipped = 0;

	if (edit->capturing != CAPTURE_BODY)
		skipped = find_colon(edit, text, len);
	if (edit->capturing == CAPTURE_BODY)
		keep(edit, text + skipped, len - skipped);
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

/* The header section is over: hand out what is missing in it. */
static void
complete(struct edit *edit, struct iovec *parts)
{
	const stralloc *list = &edit->edits->completing;
	char *field, *name = list->s;
	unsigned bit;

	edit->completed = 1;
	if (list->len == 0)
		return;
	for (bit = 1; name < list->s + list->len; bit <<= 1) {
		field = name + strlen(name) + 1;
		if ((edit->present & bit) == 0)
			set_part(parts++, field, strlen(field));
		name = field + strlen(field) + 1;
	}
}

/* What was held back stays, or goes with its field. */
static void
let_go(struct edit *edit, struct iovec *part)
{
	if (!edit->removing)
		set_part(part, edit->holds[edit->hold], edit->held);
	edit->held = 0;
	edit->hold ^= 1;
}

/* What a piece of a block means; returns whether it stays. */
static int
judge_piece(struct edit *edit, const char *text,
    const struct header_piece *piece, struct iovec *held)
{
	if (edit->header.place == HEADER_BODY)
		edit->removing = 0;
	if (edit->header.place == HEADER_BODY || piece->begins) {
		edit->capturing = CAPTURE_NOT;
		edit->pending = 0;
	}
	if (piece->begins && !piece->named) {
		if (hold_back(edit, text, piece->len))
			return 0;
		/* Nobody asks for a name as long as that to go. */
		edit->removing = 0;
	}
	if (piece->named)
		judge_field(edit);
	if (edit->pending != 0) {
		size_t skipped = piece->named ? name_end(text, piece->len) : 0;

		settle_present(edit, text + skipped, piece->len - skipped);
	}
	if (edit->held > 0)
		let_go(edit, held);
	if (edit->capturing != CAPTURE_NOT)
		capture(edit, text, piece->len);
	return !edit->removing;
}

void
edit_take(struct edit *edit, char *text, size_t len,
    struct iovec parts[EDIT_PARTS])
{
	static const char guard[] = "X-Qsmtp-Folded:\n";
	struct header_piece piece;
	size_t at, header = 0, kept = 0;

	memset(parts, 0, EDIT_PARTS * sizeof *parts);
	if (!edit->begun)
		set_part(&parts[0], edit->edits->top.s, edit->edits->top.len);
	edit->begun = 1;
	if (begins_folded(edit, text, len))
		set_part(&parts[1], (char *)guard, sizeof guard - 1);
	edit->size += len;
	for (at = 0; at < len; at += piece.len) {
		header_next(&edit->header, text + at, len - at, &piece);
		if (edit->header.place == HEADER_BODY && !edit->completed) {
			set_part(&parts[2], text, kept);
			complete(edit, &parts[3]);
			header = kept;
		}
		if (!judge_piece(edit, text + at, &piece, &parts[1]))
			continue;
		if (kept != at)
			memmove(text + kept, text + at, piece.len);
		kept += piece.len;
	}
	set_part(&parts[EDIT_PARTS - 1], text + header, kept - header);
}

void
edit_end(struct edit *edit, struct iovec parts[EDIT_PARTS])
{
	memset(parts, 0, EDIT_PARTS * sizeof *parts);
	if (!edit->begun)
		set_part(&parts[0], edit->edits->top.s, edit->edits->top.len);
	edit->begun = 1;
	/* A field that was never named is none to remove. */
	edit->removing = 0;
	if (edit->held > 0)
		let_go(edit, &parts[1]);
	if (!edit->completed)
		complete(edit, &parts[3]);
}
