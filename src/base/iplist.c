/* iplist - lists of IP networks, binary and as text: addipbl(8) */
#include "base/iplist.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/iprecord.h"
#include "base/iptext.h"
#include "base/text.h"

#define BLOCK	4080		/* whole records of 5 and of 17 octets */

int
iplist_is_text(const char *octets, size_t len)
{
	struct iptext scan = { 0 };
	struct network network;
	size_t at = 0;

	while (iptext_next(&scan, (const void *)octets, len, &at, &network))
		;
	return !scan.is_binary;
}

/* A list that a server looks into. */
struct source {
	struct control *control;
	const char *name;
	int file;
	size_t size;
};

static enum status
refuse(const struct source *source, const char *what, size_t number)
{
	return control_refuse_at(source->control, source->name, what, number,
	    EINVAL);
}

/* Up to `most` octets; fewer only where the file ends. */
static enum status
read_at(const struct source *source, size_t at, unsigned char *octets,
    size_t most, size_t *len)
{
	ssize_t n = 1;

	if (at > source->size)
		at = source->size;
	if (most > source->size - at)
		most = source->size - at;
	for (*len = 0; *len < most && n != 0; *len += (size_t)n) {
		n = pread(source->file, octets + *len, most - *len,
		    (off_t)(at + *len));
		if (n == -1)
			return control_refuse(source->control, source->name,
			    errno);
	}
	return OK;
}

/*
 * See whether it is text, and if so whether it has the address.  A line that
 * makes no sense is only said of what is text up to its end.
 */
static enum status
look_in_text(const struct source *source, const struct address *address,
    int *is_text, int *found)
{
	unsigned char block[BLOCK];
	struct iptext scan = { 0 };
	struct network network;
	size_t at = 0, i, len;
	int has = 0;

	do {
		if (read_at(source, at, block, sizeof block, &len) != OK)
			return TEMPFAIL;
		for (i = 0; iptext_next(&scan, block, len, &i, &network);)
			has |= network_has(&network, address);
		at += len;
	} while (len == sizeof block && !scan.is_binary);
	*is_text = !scan.is_binary;
	if (!*is_text)
		return OK;
	if (iptext_end_line(&scan, &network))
		has |= network_has(&network, address);
	if (scan.bad != 0)
		return refuse(source, "line", scan.bad);
	*found = has;
	return OK;
}

/* Records in any order, each of which must be good. */
static enum status
look_in_all(const struct source *source, int family,
    const struct address *address, int *found)
{
	size_t size = iprecord_size(family), at = 0, i, len;
	unsigned char block[BLOCK];
	struct network network;
	int has = 0;

	do {
		if (read_at(source, at, block, sizeof block, &len) != OK)
			return TEMPFAIL;
		for (i = 0; i < len; i += size) {
			if (len - i < size || iprecord_parse(block + i, family,
			    &network) != OK)
				return refuse(source, "record",
				    (at + i) / size + 1);
			has |= network_has(&network, address);
		}
		at += len;
	} while (len == sizeof block);
	*found = has;
	return OK;
}

/*
 * Sorted records, none in another: only the last one that begins at the
 * address or before it can hold it.  PERMFAIL: they are not as the seal says.
 */
static enum status
look_in_sealed(const struct source *source, int family,
    const struct address *address, int *found)
{
	size_t size = iprecord_size(family), low = 0, len;
	size_t count = source->size / size, high = count;
	struct network one, before = { 0 }, after = { 0 };
	unsigned char record[IPRECORD_SIZE];

	if (source->size % size != 0)
		return PERMFAIL;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (read_at(source, middle * size, record, size, &len) != OK)
			return TEMPFAIL;
		if (len < size || iprecord_parse(record, family, &one) != OK ||
		    (low > 0 && network_compare(&before, &one) >= 0) ||
		    (high < count && network_compare(&one, &after) >= 0))
			return PERMFAIL;
		if (memcmp(one.address.octets, address->octets,
		    sizeof address->octets) <= 0) {
			before = one;
			low = middle + 1;
		} else {
			after = one;
			high = middle;
		}
	}
	*found = low > 0 && network_has(&before, address);
	return OK;
}

int
iplist_is_sealed(int file)
{
	struct stat facts;

	return fstat(file, &facts) == 0 && iprecord_is_sealed(&facts);
}

static enum status
look(struct source *source, int family, const struct address *address,
    int *found)
{
	enum status status;
	struct stat facts;
	int is_text = 0;

	if (fstat(source->file, &facts) == -1)
		return control_refuse(source->control, source->name, errno);
	source->size = (size_t)facts.st_size;
	if (iprecord_is_sealed(&facts)) {
		if (address->family != family)
			return OK;
		status = look_in_sealed(source, family, address, found);
		return status != PERMFAIL ? status :
		    look_in_all(source, family, address, found);
	}
	status = look_in_text(source, address, &is_text, found);
	if (status != OK || is_text || address->family != family)
		return status;
	return look_in_all(source, family, address, found);
}

enum status
iplist_has(struct control *control, const char *name, int family,
    const struct address *address, int *found)
{
	struct source source = { .control = control, .name = name };
	enum status status = control_open_file(control, name, &source.file);
	int has = 0;

	if (status != OK)
		return status;
	if (source.file != -1) {
		status = look(&source, family, address, &has);
		close(source.file);
	}
	if (status == OK)
		*found = has;
	return status;
}

enum status
iplist_add(struct iplist *list, const struct network *network)
{
	if (list->count == list->room) {
		size_t room = list->room > 0 ? list->room * 2 : 64;
		struct network *networks = reallocarray(list->networks, room,
		    sizeof *networks);

		if (networks == NULL)
			return TEMPFAIL;
		list->networks = networks;
		list->room = room;
	}
	list->networks[list->count++] = *network;
	return OK;
}

void
iplist_free(struct iplist *list)
{
	free(list->networks);
	memset(list, 0, sizeof *list);
}

enum status
iplist_parse(const char *text, size_t len, struct iplist *list, size_t *bad)
{
	struct iptext scan = { 0 };
	struct network network;
	size_t at = 0;

	while (iptext_next(&scan, (const void *)text, len, &at, &network))
		if (iplist_add(list, &network) != OK)
			return TEMPFAIL;
	if (scan.is_binary) {
		*bad = scan.bad != 0 ? scan.bad : scan.line + 1;
		return PERMFAIL;
	}
	if (iptext_end_line(&scan, &network) &&
	    iplist_add(list, &network) != OK)
		return TEMPFAIL;
	*bad = scan.bad;
	return scan.bad == 0 ? OK : PERMFAIL;
}

/* The number of the first record that is not good; 0: all are. */
static size_t
find_bad_record(const unsigned char *octets, size_t len, int family)
{
	size_t size = iprecord_size(family), at;
	struct network network;

	for (at = 0; at < len; at += size)
		if (len - at < size ||
		    iprecord_parse(octets + at, family, &network) != OK)
			return at / size + 1;
	return 0;
}

static enum status
parse_binary(const unsigned char *octets, size_t len, int family,
    struct iplist *list, size_t *bad)
{
	struct network network;
	size_t at;

	if (family == 0)
		family = find_bad_record(octets, len, 4) != 0 &&
		    find_bad_record(octets, len, 6) == 0 ? 6 : 4;
	*bad = find_bad_record(octets, len, family);
	if (*bad != 0)
		return PERMFAIL;
	for (at = 0; at < len; at += iprecord_size(family)) {
		iprecord_parse(octets + at, family, &network);
		if (iplist_add(list, &network) != OK)
			return TEMPFAIL;
	}
	list->family = family;
	return OK;
}

/* All the rest of a file; an errno, or 0. */
static int
read_rest(int file, stralloc *octets)
{
	ssize_t len;

	do {
		if (octets->len > CONTROL_SIZE)
			return EFBIG;
		if (!stralloc_readyplus(octets, 65536))
			return ENOMEM;
		len = read(file, octets->s + octets->len, 65536);
		if (len == -1)
			return errno;
		octets->len += (size_t)len;
	} while (len > 0);
	return 0;
}

enum status
iplist_read(int file, int family, struct iplist *list, size_t *bad)
{
	enum status status = TEMPFAIL;
	stralloc octets = { 0 };
	int error = read_rest(file, &octets);

	if (error == 0) {
		list->is_text = octets.len > 0 &&
		    iplist_is_text(octets.s, octets.len);
		if (octets.len == 0)
			status = OK;
		else if (list->is_text)
			status = iplist_parse(octets.s, octets.len, list, bad);
		else
			status = parse_binary((const void *)octets.s,
			    octets.len, family, list, bad);
		if (status == TEMPFAIL)
			error = ENOMEM;
	}
	stralloc_free(&octets);
	errno = error;
	return status;
}

static int
compare(const void *one, const void *other)
{
	return network_compare(one, other);
}

void
iplist_sort(struct iplist *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		network_mask(&list->networks[i]);
	if (list->count > 0)
		qsort(list->networks, list->count, sizeof *list->networks,
		    compare);
}

void
iplist_normalise(struct iplist *list)
{
	struct network *networks = list->networks;
	size_t i, kept = 0;

	iplist_sort(list);
	for (i = 0; i < list->count; i++)
		if (kept == 0 ||
		    !network_covers(&networks[kept - 1], &networks[i]))
			networks[kept++] = networks[i];
	list->count = kept;
}

size_t
iplist_place(const struct iplist *list, const struct network *network)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (network_compare(&list->networks[middle], network) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum status
iplist_print(const struct iplist *list, stralloc *octets)
{
	size_t i;

	if (!stralloc_copyb(octets, "", 0))
		return TEMPFAIL;
	for (i = 0; i < list->count; i++) {
		const struct network *network = &list->networks[i];
		const char prefix = (char)network->prefix;

		if (octets->len > CONTROL_SIZE)
			return PERMFAIL;
		if (!stralloc_catb(octets, (const void *)
		    network->address.octets,
		    iprecord_size(network->address.family) - 1) ||
		    !stralloc_append(octets, &prefix))
			return TEMPFAIL;
	}
	return octets->len > CONTROL_SIZE || (octets->len > 0 &&
	    iplist_is_text(octets->s, octets->len)) ? PERMFAIL : OK;
}

static enum status
seal(int file)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };
	struct stat facts;

	if (fstat(file, &facts) == -1)
		return TEMPFAIL;
	times[1] = facts.st_mtim;
	times[1].tv_nsec = iprecord_seal(&facts);
	return futimens(file, times) == 0 ? OK : TEMPFAIL;
}

enum status
iplist_write(int file, const stralloc *octets)
{
	size_t at = 0;

	while (at < octets->len) {
		ssize_t n = write(file, octets->s + at, octets->len - at);

		if (n == -1 && errno != EINTR)
			return TEMPFAIL;
		if (n > 0)
			at += (size_t)n;
	}
	if (fsync(file) == -1)
		return TEMPFAIL;
	return seal(file);
}

int
iplist_family(const char *path)
{
	static const char *const names[] = {
		"relayclients", "spffriends", "ipbl", "ipwl",
	};
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	size_t i, len = strlen(name);

	if (len > 0 && name[len - 1] == '6')
		return 6;
	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(name, names[i]) == 0)
			return 4;
	return 0;
}
