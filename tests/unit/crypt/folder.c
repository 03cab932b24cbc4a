#include "crypt/folder.h"

#include "../home.h"
#include "../suite.h"

static void
put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

/* One place a file, as `address NAME PATH KEY`; "" where it is none. */
static const struct {
	const char *file, *key;		/* below control; or NULL */
	const char *place;
} place_rows[] = {
	{ "servercert.pem", NULL, "1  control/servercert.pem -" },
	{ "servercert.pem", "serverkey.pem",
	    "1  control/servercert.pem control/serverkey.pem" },
	{ "servercert.pem", "serverkey.pem.192.0.2.1",
	    "1  control/servercert.pem -" },
	{ "servercert.pem.192.0.2.1", "serverkey.pem.192.0.2.1",
	    "1 192.0.2.1 control/servercert.pem.192.0.2.1 "
	    "control/serverkey.pem.192.0.2.1" },
	{ "servercert.pem.192.0.2.1:465", NULL,
	    "1 192.0.2.1:465 control/servercert.pem.192.0.2.1:465 -" },
	{ "servercert.pem.2001:db8::1", NULL,
	    "1 2001:db8::1 control/servercert.pem.2001:db8::1 -" },
	{ "servercert.pem.bak", NULL, "" },
	{ "servercert.pem.new", NULL, "" },
	{ "servercert.pem.", NULL, "" },
	{ "servercert.pem~", NULL, "" },
	{ "servercert.pe", NULL, "" },
	{ "serverkey.pem", NULL, "" },
	{ "servercerts/a.example", NULL,
	    "0 a.example control/servercerts/a.example -" },
	{ "servercerts/*.example", NULL,
	    "0 *.example control/servercerts/*.example -" },
	{ "servercerts/.hidden", NULL, "" },
};

static void
show(void *data, const struct folder_place *place)
{
	char *text = data;

	ck_assert_str_eq(text, "");
	sprintf(text, "%d %s %s %s", place->is_address, place->name,
	    place->path, place->key_path != NULL ? place->key_path : "-");
}

START_TEST(places)
{
	char path[64], text[256] = "";

	ck_assert_int_eq(mkdir("control/servercerts", 0700), 0);
	sprintf(path, "control/%s", place_rows[_i].file);
	put(path, "x");
	if (place_rows[_i].key != NULL) {
		sprintf(path, "control/%s", place_rows[_i].key);
		put(path, "x");
	}
	folder_walk(show, text);
	ck_assert_str_eq(text, place_rows[_i].place);
}
END_TEST

/* What changes the signature, by the shell; each behind what is above it. */
static const struct {
	const char *command;
	int changes;
} change_rows[] = {
	{ "true", 0 },
	{ "echo x >control/rcpthosts", 0 },
	{ "echo x >control/servercert.pem", 1 },
	{ "echo y >control/new; mv control/new control/servercert.pem", 1 },
	{ "touch -d 2001-01-01 control/servercert.pem", 1 },
	{ "echo x >control/serverkey.pem", 1 },
	{ "echo x >control/clientca.pem", 1 },
	{ "echo x >control/clientcrl.pem", 1 },
	{ "echo x >control/tlsserverciphers", 1 },
	{ "echo x >control/tlsserverminimum", 1 },
	{ "echo x >control/tlsservergroups", 1 },
	{ "mkdir -p control/servercerts/a live/a", 0 },
	{ "echo x >control/servercerts/a/cert.pem", 1 },
	{ "echo x >control/servercerts/a/README", 0 },
	{ "echo x >live/a/cert.pem", 0 },
	{ "ln -s ../../live/a control/servercerts/b", 1 },
	{ "echo y >>live/a/cert.pem", 1 },
	{ "ln -s ../nowhere control/servercerts/c", 1 },
	{ "echo y >control/nowhere", 1 },
	{ "rm -r control/servercerts/a", 1 },
	{ "rm control/clientca.pem", 1 },
	{ "cat control/servercert.pem >live/x", 0 },
};

START_TEST(changes)
{
	uint64_t before = folder_signature();
	int i;

	for (i = 0; i < ROWS(change_rows); i++) {
		ck_assert_int_eq(system(change_rows[i].command), 0);
		ck_assert_msg((folder_signature() != before) ==
		    change_rows[i].changes, "%s", change_rows[i].command);
		before = folder_signature();
	}
}
END_TEST

START_TEST(nothing_there)
{
	uint64_t sum = folder_signature();
	char text[256] = "";

	ck_assert_int_eq(rmdir("control"), 0);
	folder_walk(show, text);
	ck_assert_str_eq(text, "");
	ck_assert(folder_signature() == sum);
	ck_assert(!folder_has("control"));
}
END_TEST

static void
begin(void)
{
	home_make();
	setenv("PATH", "/usr/bin:/bin", 1);
}

SUITE("folder",
    { places, ROWS(place_rows), home_make, home_remove },
    { changes, 1, begin, home_remove },
    { nothing_there, 1, home_make, home_remove })
