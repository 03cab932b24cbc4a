#ifndef FILTER_TABLE_H
#define FILTER_TABLE_H

#include "filter/filter.h"

/* Every filter, in the order in which they are asked. */
extern const struct filter *const filters[];
extern const size_t filter_count;

extern const struct filter filter_badcc;
extern const struct filter filter_badhelo;
extern const struct filter filter_badmailfrom;
extern const struct filter filter_badrcptto;
extern const struct filter filter_block_SoberG;
extern const struct filter filter_block_wildcardns;
extern const struct filter filter_dnsbl;
extern const struct filter filter_earlytalk;
extern const struct filter filter_forceesmtp;
extern const struct filter filter_forcestarttls;
extern const struct filter filter_fromdomain;
extern const struct filter filter_helodns;
extern const struct filter filter_helovalid;
extern const struct filter filter_ipbl;
extern const struct filter filter_limits;
extern const struct filter filter_localsender;
extern const struct filter filter_loop;
extern const struct filter filter_mxof;
extern const struct filter filter_namebl;
extern const struct filter filter_noapos;
extern const struct filter filter_nobounce;
extern const struct filter filter_nomail;
extern const struct filter filter_onebounce;
extern const struct filter filter_ptr;
extern const struct filter filter_rblsmtpd;
extern const struct filter filter_recipient;
extern const struct filter filter_reject_ipv6only;
extern const struct filter filter_relayprobe;
extern const struct filter filter_rhsbl;
extern const struct filter filter_smtp_space_bug;
extern const struct filter filter_spf;
extern const struct filter filter_strict;
extern const struct filter filter_usersize;
extern const struct filter filter_whitelistauth;

#endif
