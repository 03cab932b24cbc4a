/* deadline - how long something may still take */
#include "base/deadline.h"

#include <time.h>

int64_t
clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct deadline
deadline_in(int64_t ms)
{
	struct deadline deadline = { clock_ms() + ms };

	return deadline;
}

int64_t
deadline_left_ms(struct deadline deadline)
{
	int64_t left = deadline.at_ms - clock_ms();

	return left > 0 ? left : 0;
}

struct deadline
deadline_sooner(struct deadline one, struct deadline other)
{
	return one.at_ms < other.at_ms ? one : other;
}
