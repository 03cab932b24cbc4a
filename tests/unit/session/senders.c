#include "session/senders.h"

#include "../home.h"
#include "../suite.h"

static const char list[] = "# login|address\n"
    "anna|anna@example.test|@anna.example\n"
    "#bob|bob@example.test\n"
    "\n"
    "ANNA | Sales@example.test |\t@sub.anna.example\t\n"
    "  carl|carl@example.test\r\n"
    "dora\r\n"
    "eve|\n"
    "fay||@|x\n"
    "|nobody@example.test\n"
    "gus gus|gus@example.test\n"
    "last|last@example.test";

static const struct {
	const char *login;
	int is_bound;
	const char *mailbox;
	int allowed;
} rows[] = {
	{ "anna",	1, "anna@example.test",		1 },
	{ "Anna",	1, "anna@example.test",		1 },
	{ "anna",	1, "ANNA@EXAMPLE.TEST",		1 },
	{ "anna",	1, "any@anna.example",		1 },
	{ "anna",	1, "@@Anna.Example",		1 },
	/* The last `@` counts. */
	{ "anna",	1, "x@evil.test@anna.example",	1 },
	{ "anna",	1, "x@anna.example@evil.test",	0 },
	{ "anna",	1, "anna@example.test@evil.test", 0 },
	{ "anna",	1, "any@xanna.example",		0 },
	{ "anna",	1, "any@x.anna.example",	0 },
	{ "anna",	1, "any@anna.example.",		0 },
	{ "anna",	1, "anna.example",		0 },
	{ "anna",	1, "@anna.example",		1 },
	{ "anna",	1, "anna",			0 },
	{ "anna",	1, "nna@example.test",		0 },
	{ "anna",	1, "anna@example.tes",		0 },
	{ "anna",	1, "",				0 },
	{ "anna",	1, "carl@example.test",		0 },
	/* Lines of one login add up, and blanks are none of a name. */
	{ "anna",	1, "sales@example.test",	1 },
	{ "anna",	1, "any@sub.anna.example",	1 },
	{ "carl",	1, "carl@example.test",		1 },
	{ "carl",	1, "anna@example.test",		0 },
	/* The program may take a name with blanks around it for the same. */
	{ " anna",	1, "carl@example.test",		0 },
	{ "anna \t",	1, "carl@example.test",		0 },
	{ "gus gus",	1, "gus@example.test",		1 },
	{ "gus",	0, "gus@example.test",		0 },
	/* Bound to nothing. */
	{ "dora",	1, "dora@example.test",		0 },
	{ "dora",	1, "",				0 },
	{ "eve",	1, "eve@example.test",		0 },
	{ "eve",	1, "",				0 },
	{ "fay",	1, "fay@example.test",		0 },
	{ "fay",	1, "@",				1 },
	{ "fay",	1, "x",				1 },
	{ "last",	1, "last@example.test",		1 },
	{ "last",	1, "last@example.tes",		0 },
	/* Not bound. */
	{ "bob",	0, "bob@example.test",		0 },
	{ "#bob",	0, "bob@example.test",		0 },
	{ "ann",	0, "anna@example.test",		0 },
	{ "annaa",	0, "anna@example.test",		0 },
	{ "anna|",	0, "anna@example.test",		0 },
	{ "anna@example.test", 0, "anna@example.test",	0 },
};

START_TEST(each_row)
{
	struct control control = { .names = { 0 } };
	struct senders senders = { .is_read = 0 };

	home_file("control/authsenders-allowed", list);
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(senders_read(&senders, &control), OK);
	ck_assert_int_eq(senders_bind(&senders, rows[_i].login),
	    rows[_i].is_bound);
	ck_assert_int_eq(senders_allow(&senders, rows[_i].login,
	    rows[_i].mailbox, strlen(rows[_i].mailbox)), rows[_i].allowed);
	senders_free(&senders);
	control_close(&control);
}
END_TEST

/* Absent and empty: nobody is bound. */
START_TEST(no_list)
{
	struct control control = { .names = { 0 } };
	struct senders senders = { .is_read = 0 };

	if (_i > 0)
		home_file("control/authsenders-allowed", "");
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(senders_read(&senders, &control), OK);
	ck_assert_int_eq(senders_bind(&senders, "anna"), 0);
	senders_free(&senders);
	control_close(&control);
}
END_TEST

/* It is read once; before that, it may fail. */
START_TEST(unreadable)
{
	struct control control = { .names = { 0 } };
	struct senders senders = { .is_read = 0 };

	home_file("control/authsenders-allowed", NULL);
	ck_assert_int_eq(control_open(&control), OK);
	ck_assert_int_eq(senders_read(&senders, &control), TEMPFAIL);
	ck_assert_str_eq(control.failed, "control/authsenders-allowed");
	ck_assert_int_eq(rmdir("control/authsenders-allowed"), 0);
	home_file("control/authsenders-allowed", "anna|\n");
	ck_assert_int_eq(senders_read(&senders, &control), OK);
	ck_assert_int_eq(unlink("control/authsenders-allowed"), 0);
	ck_assert_int_eq(senders_read(&senders, &control), OK);
	ck_assert_int_eq(senders_bind(&senders, "anna"), 1);
	senders_free(&senders);
	control_close(&control);
}
END_TEST

SUITE("senders",
    { each_row, ROWS(rows), home_make, home_remove },
    { no_list, 2, home_make, home_remove },
    { unreadable, 1, home_make, home_remove })
