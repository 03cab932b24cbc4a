#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * What each target defines: take an input of any octets and abort() where an
 * invariant does not hold.  libFuzzer calls it, or driver/replay.c.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An invariant. */
#define MUST(what) do {							\
	if (!(what)) {							\
		fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,	\
		    __LINE__, #what);					\
		abort();						\
	}								\
} while (0)

#endif
