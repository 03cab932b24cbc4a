/* table - every filter, in order */
#include "filter/table.h"

const struct filter *const filters[] = {
	&filter_whitelistauth,
	&filter_earlytalk,
	&filter_rblsmtpd,
	&filter_forcestarttls,
	&filter_nobounce,
	&filter_noapos,
	&filter_onebounce,
	&filter_nomail,
	&filter_smtp_space_bug,
	&filter_usersize,
	&filter_block_SoberG,
	&filter_ipbl,
	&filter_helovalid,
	&filter_badhelo,
	&filter_badmailfrom,
	&filter_badcc,
	&filter_relayprobe,
	&filter_badrcptto,
	&filter_recipient,
	&filter_localsender,
	&filter_loop,
	&filter_limits,
	&filter_strict,
	/* These wait for the DNS. */
	&filter_dnsbl,
	&filter_forceesmtp,
	&filter_rhsbl,
	&filter_namebl,
	&filter_ptr,
	&filter_helodns,
	&filter_fromdomain,
	&filter_reject_ipv6only,
	&filter_mxof,
	&filter_block_wildcardns,
	&filter_spf,
};

const size_t filter_count = sizeof filters / sizeof filters[0];
