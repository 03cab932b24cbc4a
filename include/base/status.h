#ifndef BASE_STATUS_H
#define BASE_STATUS_H

/*
 * How an operation ended.  A failure says whether trying again can help: a
 * caller answers TEMPFAIL with 4yz (Z in a report) and PERMFAIL with 5yz (D).
 */
enum status {
	OK = 0,
	TEMPFAIL = -1,
	PERMFAIL = -2
};

#endif
