/* transparency - stuffed dots undone, line ends judged, octet by octet */
#include "smtp/transparency.h"

#include <string.h>

void
transparency_start(struct transparency *data, int mend_bare_lf)
{
	memset(data, 0, sizeof *data);
	data->mend_bare_lf = mend_bare_lf;
}

/*
 * Where the scan reads and writes; `out` never passes `in`.  The next CR and
 * LF are remembered, or `end`, so that no octet is searched twice: whatever
 * comes, the work grows with its length and no faster.
 */
struct scan {
	char *in, *out, *end;
	char *cr, *lf;
};

static char *
find(char *known, char *in, char *end, char octet)
{
	if (known > in || (known == in && known < end && *known == octet))
		return known;
	known = memchr(in, octet, (size_t)(end - in));
	return known != NULL ? known : end;
}

/*
 * The dot that a line begins with.  Returns 0 when what follows has to be
 * seen first.
 */
static int
leading_dot(struct transparency *data, struct scan *scan)
{
	const char *in = scan->in;
	size_t left = (size_t)(scan->end - in);

	if (left < 2)
		return 0;
	if (in[1] == '\r' && left < 3)
		return 0;
	if (in[1] == '\r' && in[2] == '\n') {
		scan->in += 3;
		if (!data->after_bare_lf) {
			data->ended = 1;
			return 1;
		}
		/* LF . CR LF ends nothing; the dot is text. */
		*scan->out++ = '.';
		*scan->out++ = '\n';
		data->after_bare_lf = 0;
		data->lone_dot = 1;
		return 1;
	}
	data->in_line = 1;
	data->lone_dot = in[1] == '\n';
	/*
	 * Who ends lines with a bare LF may not know of stuffing: only a
	 * dot that stands before another was put there for transparency.
	 */
	if (in[1] == '\n' || (data->after_bare_lf && in[1] != '.'))
		*scan->out++ = '.';
	scan->in++;
	return 1;
}

static void
end_line(struct transparency *data, struct scan *scan, int bare)
{
	*scan->out++ = '\n';
	data->in_line = 0;
	data->after_bare_lf = bare;
	if (bare && !data->mend_bare_lf)
		data->faults |= DATA_BARE_LF;
}

/*
 * Text up to the next CR or LF.  Returns 0 when what follows has to be seen
 * first.
 */
static int
text_of_line(struct transparency *data, struct scan *scan)
{
	int lone_dot = data->lone_dot && data->in_line;
	char *stop;
	size_t len;

	scan->cr = find(scan->cr, scan->in, scan->end, '\r');
	scan->lf = find(scan->lf, scan->in, scan->end, '\n');
	stop = scan->cr < scan->lf ? scan->cr : scan->lf;
	len = (size_t)(stop - scan->in);
	if (scan->out != scan->in)
		memmove(scan->out, scan->in, len);
	scan->out += len;
	scan->in += len;
	data->in_line |= len > 0;
	data->lone_dot = 0;
	if (stop == scan->end)
		return 1;
	if (stop == scan->lf) {
		scan->in++;
		end_line(data, scan, 1);
		data->lone_dot = lone_dot && len == 0;
		return 1;
	}
	if (stop + 1 == scan->end)
		return 0;
	scan->in++;
	if (*scan->in == '\n') {
		scan->in++;
		end_line(data, scan, 0);
	} else {
		data->in_line = 1;
		data->faults |= DATA_BARE_CR;
	}
	return 1;
}

size_t
transparency_undo(struct transparency *data, char *text, size_t len,
    size_t *used)
{
	struct scan scan = { text, text, text + len, text, text };
	size_t left;

	while (scan.in < scan.end && !data->ended) {
		int taken = !data->in_line && *scan.in == '.' ?
		    leading_dot(data, &scan) : text_of_line(data, &scan);

		if (!taken)
			break;
	}
	*used = (size_t)(scan.in - text);
	left = (size_t)(scan.out - text);
	if (memchr(text, '\0', left) != NULL)
		data->faults |= DATA_NUL;
	return left;
}
