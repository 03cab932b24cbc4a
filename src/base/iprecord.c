/* iprecord - the binary form of an IP list, and its seal */
#include "base/iprecord.h"

#include <stdint.h>

size_t
iprecord_size(int family)
{
	return family == 4 ? 5 : 17;
}

enum status
iprecord_parse(const unsigned char *record, int family, struct network *network)
{
	size_t len = iprecord_size(family) - 1;

	return network_set(network, family, record, record[len]);
}

/*
 * Each number is spread over all bits by a product and folded back.  1 to
 * 999,999,999: never 0, which file systems without nanoseconds have.
 */
long
iprecord_seal(const struct stat *facts)
{
	const uint64_t numbers[] = {
		(uint64_t)facts->st_ino, (uint64_t)facts->st_size,
		(uint64_t)facts->st_mtim.tv_sec,
	};
	uint64_t mix = 0;
	size_t i;

	for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		mix = (mix ^ numbers[i]) * UINT64_C(0x9e3779b97f4a7c15);
		mix ^= mix >> 29;
	}
	return 1 + (long)(mix % 999999999u);
}

int
iprecord_is_sealed(const struct stat *facts)
{
	return S_ISREG(facts->st_mode) && facts->st_size > 0 &&
	    facts->st_mtim.tv_nsec == iprecord_seal(facts);
}
