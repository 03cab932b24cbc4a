#ifndef BASE_DEADLINE_H
#define BASE_DEADLINE_H

#include <stdint.h>

/* A moment on the monotonic clock, in milliseconds. */
struct deadline {
	int64_t at_ms;
};

/* Milliseconds of the monotonic clock. */
int64_t clock_ms(void);

/* The moment that comes in `ms` milliseconds. */
struct deadline deadline_in(int64_t ms);

/* Milliseconds left; 0 when the deadline has passed. */
int64_t deadline_left_ms(struct deadline);

/* Whichever comes first. */
struct deadline deadline_sooner(struct deadline, struct deadline);

#endif
