/* findings - what was found, sorted and printed */
#include "tools/check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define TEXT_SIZE	512	/* of what is said; longer is cut */
#define NOWHERE		"is a link that leads nowhere"
#define ROOM		64	/* findings for which memory is got at once */

static const char *const severities[] = {
	[FAULT] = "error",
	[WARNING] = "warning",
	[NOTE] = "note",
};

static const char *
plural(size_t count)
{
	return count == 1 ? "" : "s";
}

/* The next free place; NULL: there is none. */
static struct found *
next_place(struct check *check)
{
	if (check->count == check->room) {
		struct found *more = realloc(check->found,
		    (check->room + ROOM) * sizeof *more);

		if (more == NULL) {
			check->is_out_of_memory = 1;
			return NULL;
		}
		check->found = more;
		check->room += ROOM;
	}
	memset(&check->found[check->count], 0, sizeof check->found[0]);
	return &check->found[check->count++];
}

/* What files are called and hold goes to terminals. */
static void
keep(struct check *check, stralloc *to, const char *text)
{
	if (!stralloc_copys(to, text) || !stralloc_0(to)) {
		check->is_out_of_memory = 1;
		return;
	}
	text_make_printable(to->s, to->len - 1);
}

static void
add(struct check *check, enum severity severity, const char *where,
    size_t number, const char *text)
{
	struct found *found = next_place(check);

	if (found == NULL)
		return;
	found->severity = severity;
	found->number = number;
	keep(check, &found->where, where);
	keep(check, &found->text, text);
}

void
check_say(struct check *check, enum severity severity, const char *file,
    size_t line, const char *format, ...)
{
	char where[TEXT_SIZE], text[TEXT_SIZE];
	va_list words;

	va_start(words, format);
	if (vsnprintf(text, sizeof text, format, words) < 0)
		text[0] = '\0';
	va_end(words);
	if (line == 0)
		snprintf(where, sizeof where, "%s", file);
	else
		snprintf(where, sizeof where, "%s line %zu", file, line);
	add(check, severity, where, line, text);
}

void
check_say_failed(struct check *check, enum severity severity,
    const struct control *control)
{
	const char *last = strrchr(control->failed, ' ');
	uint64_t number = 0;
	struct stat facts;

	if (last != NULL)
		text_number(last + 1, strlen(last + 1), &number);
	if (control->error == ENOENT && lstat(control->failed, &facts) == 0) {
		/* Else it is hidden, and was told of. */
		if (S_ISLNK(facts.st_mode))
			add(check, severity, control->failed, 0, NOWHERE);
	} else
		add(check, severity, control->failed, (size_t)number,
		    control->error == EINVAL ? "makes no sense" :
		    strerror(control->error));
}

void
check_say_unread(struct check *check, const struct control *control)
{
	if (control->error == EINVAL)
		check_say(check, FAULT, control->failed, 0,
		    "is no file that can be read");
	else
		check_say_failed(check, FAULT, control);
}

void
flaw_add(struct flaw *flaw, size_t line)
{
	if (flaw->count++ == 0)
		flaw->first = line;
}

void
flaw_say(struct check *check, enum severity severity, const char *file,
    const struct flaw *flaw, const char *text)
{
	if (flaw->count == 1)
		check_say(check, severity, file, flaw->first, "%s", text);
	else if (flaw->count > 1)
		check_say(check, severity, file, flaw->first,
		    "%s; %zu more line%s like it", text, flaw->count - 1,
		    plural(flaw->count - 1));
}

static const char *
text_of(const stralloc *text)
{
	return text->s != NULL ? text->s : "";
}

/* The file without its line, so that line 10 comes after line 9. */
static size_t
file_len(const struct found *found)
{
	const char *text = text_of(&found->where);
	const char *blank = found->number > 0 ? strchr(text, ' ') : NULL;

	return blank != NULL ? (size_t)(blank - text) : strlen(text);
}

static int
compare(const void *a, const void *b)
{
	const struct found *one = a, *other = b;
	size_t len = file_len(one), other_len = file_len(other);
	int order;

	if (one->severity != other->severity)
		return one->severity < other->severity ? -1 : 1;
	order = memcmp(text_of(&one->where), text_of(&other->where),
	    len < other_len ? len : other_len);
	if (order == 0 && len != other_len)
		order = len < other_len ? -1 : 1;
	if (order == 0 && one->number != other->number)
		order = one->number < other->number ? -1 : 1;
	if (order == 0)
		order = strcmp(text_of(&one->text), text_of(&other->text));
	return order;
}

static int
is_same(const struct found *one, const struct found *other)
{
	return one->severity == other->severity &&
	    strcmp(text_of(&one->where), text_of(&other->where)) == 0 &&
	    strcmp(text_of(&one->text), text_of(&other->text)) == 0;
}

int
check_print(struct check *check, int is_quiet)
{
	size_t counts[] = { [FAULT] = 0, [WARNING] = 0, [NOTE] = 0 };
	size_t i;

	if (check->count > 0)
		qsort(check->found, check->count, sizeof check->found[0],
		    compare);
	for (i = 0; i < check->count; i++) {
		const struct found *found = &check->found[i];

		if (i > 0 && is_same(found, found - 1))
			continue;
		counts[found->severity]++;
		if (!is_quiet || found->severity != NOTE)
			printf("%s: %s: %s\n", severities[found->severity],
			    text_of(&found->where), text_of(&found->text));
	}
	if (!is_quiet || counts[FAULT] + counts[WARNING] > 0)
		printf("%zu error%s, %zu warning%s, %zu note%s\n",
		    counts[FAULT], plural(counts[FAULT]), counts[WARNING],
		    plural(counts[WARNING]), counts[NOTE],
		    plural(counts[NOTE]));
	if (check->is_out_of_memory || fflush(stdout) == EOF)
		return EXIT_UNABLE;
	if (counts[FAULT] > 0)
		return EXIT_FAULTS;
	return counts[WARNING] > 0 ? EXIT_WARNINGS : EXIT_GOOD;
}

void
check_free(struct check *check)
{
	size_t i;

	for (i = 0; i < check->count; i++) {
		stralloc_free(&check->found[i].where);
		stralloc_free(&check->found[i].text);
	}
	free(check->found);
	control_close(&check->control);
}
