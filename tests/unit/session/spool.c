#include "session/spool.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "../home.h"
#include "../suite.h"

#define BORDER	((size_t)SPOOL_MEMORY)

/* Octet `at` of each message; no two blocks of a page are alike. */
static char
octet(uint64_t at)
{
	return (char)(at * 7 + at / 251 + at / 4096 * 13);
}

/* Append `len` octets, in pieces of `piece`. */
static enum status
fill(struct spool *spool, size_t len, size_t piece)
{
	char *text = malloc(piece);
	enum status status = OK;
	size_t i, n;

	ck_assert_ptr_nonnull(text);
	for (; status == OK && len > 0; len -= n) {
		n = len < piece ? len : piece;
		for (i = 0; i < n; i++)
			text[i] = octet(spool->size + i);
		status = spool_write(spool, text, n);
	}
	free(text);
	return status;
}

/* That it reads back, in blocks of `size`, from the begin to the end. */
static void
assert_whole(const struct spool *spool, size_t size)
{
	char *text = malloc(size);
	uint64_t at = 0;
	size_t len, i;

	ck_assert_ptr_nonnull(text);
	do {
		ck_assert_int_eq(spool_read(spool, at, text, size, &len), OK);
		ck_assert_uint_eq(len, spool->size - at < size ?
		    spool->size - at : size);
		for (i = 0; i < len; i++)
			if (text[i] != octet(at + i))
				ck_abort_msg("octet %llu differs",
				    (unsigned long long)(at + i));
		at += len;
	} while (len > 0);
	free(text);
}

static const struct {
	size_t len, piece, block;
	int in_file;
} rows[] = {
	{ 0, 1, 1, 0 },
	{ 1, 1, 1, 0 },
	{ 5000, 1, 7, 0 },
	{ 5000, 333, SPOOL_BLOCK, 0 },
	{ BORDER - 1, 4096, SPOOL_BLOCK, 0 },
	{ BORDER, 4096, SPOOL_BLOCK, 0 },
	{ BORDER, BORDER, 2 * BORDER, 0 },
	{ BORDER + 1, 4096, SPOOL_BLOCK, 1 },
	{ BORDER + 1, BORDER, SPOOL_BLOCK, 1 },
	{ BORDER + 1, BORDER + 1, SPOOL_BLOCK, 1 },
	{ 3 * BORDER + 77, 3 * BORDER + 77, 1000, 1 },
	{ 3 * BORDER + 77, 65536, 2 * BORDER, 1 },
	{ 2 * BORDER, 4095, SPOOL_BLOCK, 1 },
};

START_TEST(each_message)
{
	struct spool spool;

	home_file("spool", NULL);
	spool_start(&spool, "spool", "/nowhere/to/be/found");
	ck_assert_int_eq(fill(&spool, rows[_i].len, rows[_i].piece), OK);
	ck_assert_int_eq(spool_write(&spool, NULL, 0), OK);
	ck_assert_uint_eq(spool.size, rows[_i].len);
	ck_assert_int_eq(spool.file != -1, rows[_i].in_file);
	ck_assert_int_eq(spool.memory != NULL,
	    !rows[_i].in_file && rows[_i].len > 0);
	ck_assert_int_eq(spool.folder_error, 0);
	assert_whole(&spool, rows[_i].block);
	/* What is read may be read again. */
	assert_whole(&spool, rows[_i].block);
	spool_free(&spool);
	/* The file has no name while it is there, nor later. */
	ck_assert_int_eq(rmdir("spool"), 0);
}
END_TEST

static const struct {
	uint64_t at;
	size_t size, len;
} reads[] = {
	{ 0, 0, 0 },
	{ 0, 10, 10 },
	{ 1999, 10, 1 },
	{ 1990, 10, 10 },
	{ 2000, 10, 0 },
	{ 2001, 10, 0 },
	{ UINT64_MAX, 10, 0 },
	{ UINT64_MAX - 5, SIZE_MAX, 0 },
};

START_TEST(each_read)
{
	struct spool spool;
	char text[10] = "";
	size_t len = 77, i;
	int large;

	home_file("spool", NULL);
	for (large = 0; large < 2; large++) {
		uint64_t more = large ? BORDER : 0;
		uint64_t at = reads[_i].at;

		if (at <= 2001)
			at += more;
		spool_start(&spool, "spool", "/nowhere/to/be/found");
		ck_assert_int_eq(fill(&spool, 2000 + (size_t)more, 999), OK);
		ck_assert_int_eq(spool_read(&spool, at, text, reads[_i].size,
		    &len), OK);
		ck_assert_uint_eq(len, reads[_i].len);
		for (i = 0; i < len; i++)
			ck_assert_int_eq(text[i], octet(at + i));
		spool_free(&spool);
	}
}
END_TEST

/* `folder` and `temporary`: "good", "file", "absent" and so on. */
static const struct {
	const char *folder, *temporary;
	int folder_error, error;
} places[] = {
	{ "good", "absent", 0, 0 },
	{ "good", "good", 0, 0 },
	{ "absent", "good", ENOENT, 0 },
	{ "file", "good", ENOTDIR, 0 },
	{ "loop", "good", ELOOP, 0 },
	{ "", "good", ENOENT, 0 },
	{ "absent", "absent", ENOENT, ENOENT },
	{ "absent", "file", ENOENT, ENOTDIR },
	{ "absent", "", ENOENT, ENOENT },
};

START_TEST(each_place)
{
	struct spool spool;
	char text[1];
	size_t len;

	home_file("good", NULL);
	home_file("file", "");
	ck_assert_int_eq(symlink("loop", "loop"), 0);
	spool_start(&spool, places[_i].folder, places[_i].temporary);
	ck_assert_int_eq(fill(&spool, BORDER, BORDER), OK);
	ck_assert_int_eq(spool.folder_error, 0);
	ck_assert_int_eq(fill(&spool, 1, 1),
	    places[_i].error == 0 ? OK : TEMPFAIL);
	ck_assert_int_eq(spool.folder_error, places[_i].folder_error);
	ck_assert_int_eq(spool.error, places[_i].error);
	ck_assert_int_eq(spool.is_broken, places[_i].error != 0);
	if (places[_i].error == 0)
		assert_whole(&spool, SPOOL_BLOCK);
	else {
		/* It stays broken, and is no longer than it was. */
		ck_assert_int_eq(spool_write(&spool, "x", 1), TEMPFAIL);
		ck_assert_uint_eq(spool.size, BORDER);
		ck_assert_int_eq(spool_read(&spool, BORDER, text, 1, &len), OK);
		ck_assert_uint_eq(len, 0);
	}
	spool_free(&spool);
	ck_assert_int_eq(rmdir("good"), 0);
}
END_TEST

/* Who may not write the folder; root may, and becomes somebody else. */
START_TEST(unwritable)
{
	struct spool spool;

	home_file("kept", NULL);
	home_file("good", NULL);
	ck_assert_int_eq(chmod("kept", 0555), 0);
	ck_assert_int_eq(chmod("good", 0777), 0);
	ck_assert_int_eq(chmod(".", 0755), 0);
	if (geteuid() == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	spool_start(&spool, "kept", "good");
	ck_assert_int_eq(fill(&spool, BORDER + 1, BORDER), OK);
	ck_assert_int_eq(spool.folder_error, EACCES);
	assert_whole(&spool, SPOOL_BLOCK);
	spool_free(&spool);
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

/*
 * How large files may get, how much is written, in what pieces, and how much
 * of it is kept.  The limit stands for the full disk: both end a write early.
 */
static const struct {
	rlim_t most;
	size_t len, piece;
	int status;
} disks[] = {
	{ 0,			BORDER,		BORDER,		OK },
	{ 0,			BORDER + 1,	BORDER,		TEMPFAIL },
	{ BORDER - 1,		BORDER + 1,	BORDER,		TEMPFAIL },
	{ BORDER,		BORDER + 1,	BORDER,		TEMPFAIL },
	{ BORDER + 1,		BORDER + 1,	BORDER,		OK },
	{ 2 * BORDER,		2 * BORDER,	5000,		OK },
	{ 2 * BORDER,		2 * BORDER + 1,	5000,		TEMPFAIL },
	{ 2 * BORDER,		3 * BORDER,	3 * BORDER,	TEMPFAIL },
};

START_TEST(each_disk)
{
	struct rlimit before, limit;
	struct spool spool;
	uint64_t size;

	home_file("spool", NULL);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = disks[_i].most;
	spool_start(&spool, "spool", ".");
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(fill(&spool, disks[_i].len, disks[_i].piece),
	    (int)disks[_i].status);
	size = spool.size;
	if (disks[_i].status != OK)
		ck_assert_int_eq(spool_write(&spool, "x", 1), TEMPFAIL);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	/* No other folder is tried, and room that comes late is no help. */
	ck_assert_int_eq(spool.folder_error, 0);
	if (disks[_i].status != OK) {
		ck_assert_int_eq(spool_write(&spool, "x", 1), TEMPFAIL);
		ck_assert_uint_eq(spool.size, size);
		ck_assert_int_eq(spool.error, EFBIG);
	} else {
		ck_assert_uint_eq(size, disks[_i].len);
		assert_whole(&spool, SPOOL_BLOCK);
	}
	spool_free(&spool);
}
END_TEST

/* A file that cannot be read, or is shorter than it was, is TEMPFAIL. */
START_TEST(unreadable)
{
	struct spool spool;
	char text[100];
	size_t len = 77;

	home_file("spool", NULL);
	spool_start(&spool, "spool", ".");
	ck_assert_int_eq(fill(&spool, BORDER + 100, BORDER), OK);
	ck_assert_int_eq(ftruncate(spool.file, (off_t)BORDER + 50), 0);
	ck_assert_int_eq(spool_read(&spool, BORDER, text, 50, &len), OK);
	ck_assert_int_eq(spool_read(&spool, BORDER, text, 51, &len), TEMPFAIL);
	ck_assert_uint_eq(len, 50);
	ck_assert_int_eq(errno, EIO);
	close(spool.file);
	spool.file = open("spool", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_eq(spool_read(&spool, 0, text, 1, &len), TEMPFAIL);
	ck_assert_int_eq(errno, EISDIR);
	spool_free(&spool);
}
END_TEST

/* The file is nobody else's, and no program that is started gets it. */
START_TEST(private)
{
	struct spool spool;
	struct stat facts;
	mode_t before = umask(0);

	home_file("spool", NULL);
	spool_start(&spool, "spool", ".");
	ck_assert_int_eq(fill(&spool, BORDER + 1, BORDER), OK);
	ck_assert_int_eq(fstat(spool.file, &facts), 0);
	ck_assert_uint_eq(facts.st_mode, S_IFREG | 0600);
	ck_assert_uint_eq(facts.st_nlink, 0);
	ck_assert_int_eq(fcntl(spool.file, F_GETFD), FD_CLOEXEC);
	spool_free(&spool);
	umask(before);
}
END_TEST

SUITE("spool",
    { each_message, ROWS(rows), home_make, home_remove },
    { each_read, ROWS(reads), home_make, home_remove },
    { each_place, ROWS(places), home_make, home_remove },
    { unwritable, 1, home_make, home_remove },
    { each_disk, ROWS(disks), home_make, home_remove },
    { unreadable, 1, home_make, home_remove },
    { private, 1, home_make, home_remove })
