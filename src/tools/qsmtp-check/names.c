/* names - every file of control/ that a qmail is known to have */
#include <string.h>

#include "tools/check.h"

#define QSMTP	"Qsmtp"
#define SAGREDO	"sagredo's qmail"
#define SQMAIL	"s/qmail"
#define PERL	"qpsmtpd"

#define BOTH		(BY_SERVER | BY_CLIENT)
#define READ(file, form, by)	{ file, form, by, NULL, NULL }
/* By qsmtp-tls, whose user is its own, unless it is executed by a program. */
#define KEEPS(file, form)	{ file, form, 0, NULL, NULL }
#define OTHER(file)		{ file, FORM_OTHERS, 0, NULL, NULL }
#define SOURCE(file)		{ file, FORM_SOURCE, 0, NULL, NULL }
#define OTHERS_SOURCE(file)	{ file, FORM_OTHERS_SOURCE, 0, NULL, NULL }
#define LACKS(file, of, say)	{ file, FORM_UNSUPPORTED, 0, of, say }
#define SPARE(file, of, say)	{ file, FORM_UNUSED, 0, of, say }

/* What to use instead. */
#define NO_PARAMETERS	"OpenSSL has its own"
#define NO_LEARNING	"where TLS fails the mail goes without it, unless " \
			"control/tlspolicy or control/tlshosts wants it"
#define NO_SPF		"spfpolicy in control/filterconf says what is refused"
#define NO_CHECK	"control/recipientcheck says who knows the recipients"
#define NO_PLUGIN	"a program that QMAILQUEUE names can judge mail"
#define TCPRULES	"tcprules for tcpserver does that"
#define ONE_LIST	"Qsmtpd judges all clients by the file without its end"

static const struct known rows[] = {
	/* Read here. */
	READ("authcleartext", FORM_NUMBER, BY_SERVER),
	READ("authdelay", FORM_NUMBER, BY_SERVER),
	READ("authhide", FORM_NUMBER, BY_SERVER),
	READ("authsenders", FORM_SENDERS, BY_CLIENT),
	READ("authsenders-allowed", FORM_LOGINS, BY_SERVER),
	READ("authtimeout", FORM_NUMBER, BY_SERVER),
	READ("authtypes", FORM_WORDS, BY_SERVER),
	READ("badcc", FORM_LIST, BY_SERVER),
	READ("badhelo", FORM_LIST, BY_SERVER),
	READ("badmailfrom", FORM_LIST, BY_SERVER),
	READ("badrcptto", FORM_LIST, BY_SERVER),
	READ("barelf", FORM_LINE, BY_SERVER),
	KEEPS("clientca.pem", FORM_CERTIFICATE),
	READ("clientcert.pem", FORM_CERTIFICATE, BY_CLIENT),
	KEEPS("clientcrl.pem", FORM_TEXT),
	READ("clientkey.pem", FORM_KEY, BY_CLIENT),
	READ("domains", FORM_DOMAINS, BY_SERVER),
	READ("databytes", FORM_NUMBER, BY_SERVER),
	READ("dnsbl", FORM_ZONES, BY_SERVER),
	READ("dnsbl_zones", FORM_ZONES_TEXT, BY_SERVER),
	READ("dnsbllist", FORM_ZONES_DASHED, BY_SERVER),
	READ("dnsblv6", FORM_ZONES, BY_SERVER),
	READ("dnstimeout", FORM_NUMBER, BOTH),
	READ("ehlodiscard", FORM_WORDS, BY_SERVER),
	READ("filterconf", FORM_SETTINGS, BY_SERVER),
	READ("forceesmtp", FORM_ZONES, BY_SERVER),
	READ("forceesmtpv6", FORM_ZONES, BY_SERVER),
	{ "forcesslauth", FORM_NUMBER, BY_SERVER, NULL,
	    "AUTH wants TLS with or without it; control/authcleartext says "
	    "that it need not" },
	READ("goodmailfrom", FORM_LIST, BY_SERVER),
	READ("helohost", FORM_LINE, BY_CLIENT),
	READ("ipfamily", FORM_LINE, BY_CLIENT),
	READ("ipbl", FORM_NETWORKS, BY_SERVER),
	READ("ipblv6", FORM_NETWORKS, BY_SERVER),
	READ("ipwl", FORM_NETWORKS, BY_SERVER),
	READ("ipwlv6", FORM_NETWORKS, BY_SERVER),
	READ("localiphost", FORM_LINE, BY_SERVER),
	READ("locals", FORM_LIST, BY_SERVER),
	READ("maxauthfailures", FORM_NUMBER, BY_SERVER),
	READ("maxerrors", FORM_NUMBER, BY_SERVER),
	READ("maxhops", FORM_NUMBER, BY_SERVER),
	READ("maxrcpt", FORM_NUMBER, BY_SERVER),
	READ("maxrcptrelay", FORM_NUMBER, BY_SERVER),
	READ("maxsession", FORM_NUMBER, BY_SERVER),
	READ("me", FORM_LINE, BOTH),
	READ("moreipme", FORM_LIST, BY_CLIENT),
	READ("morercpthosts.cdb", FORM_MAP, BY_SERVER),
	SOURCE("morercpthosts"),
	READ("msgidhost", FORM_LINE, BY_SERVER),
	READ("namebl", FORM_ZONES, BY_SERVER),
	{ "nomail", FORM_UNUSED, 0, QSMTP,
	    "it counts in the folder of a domain or of a user" },
	READ("notipme", FORM_LIST, BY_CLIENT),
	READ("notlshosts", FORM_NO_TLS_HOSTS, BY_CLIENT),
	READ("outgoingip", FORM_LINE, BY_CLIENT),
	READ("outgoingip6", FORM_LINE, BY_CLIENT),
	READ("Qsmtpd_debug", FORM_FLAG, BY_SERVER),
	READ("rcpthosts", FORM_LIST, BY_SERVER),
	READ("recipientcheck", FORM_RULES, BY_SERVER),
	READ("relayclients", FORM_NETWORKS, BY_SERVER),
	READ("relayclients6", FORM_NETWORKS, BY_SERVER),
	READ("resolvers", FORM_SERVERS, BOTH),
	READ("rhsbl", FORM_ZONES, BY_SERVER),
	READ("rhsbl_zones", FORM_ZONES_TEXT, BY_SERVER),
	READ("rspf", FORM_LIST, BY_SERVER),
	READ("senderhosts", FORM_HOSTS, BY_CLIENT),
	KEEPS("servercert.pem*", FORM_CERTIFICATE),
	KEEPS("servercerts", FORM_OWN_NAMES),
	KEEPS("serverkey.pem*", FORM_KEY),
	READ("smtpgreeting", FORM_LINE, BY_SERVER),
	READ("smtproutes", FORM_ROUTES, BY_CLIENT),
	READ("smtproutes.d", FORM_FOLDER, BY_CLIENT),
	READ("spffriends", FORM_NETWORKS, BY_SERVER),
	READ("spffriends6", FORM_NETWORKS, BY_SERVER),
	READ("spfignore", FORM_LIST, BY_SERVER),
	READ("spfstrict", FORM_LIST, BY_SERVER),
	READ("split", FORM_LINE, BY_SERVER),
	READ("spooldir", FORM_LINE, BY_SERVER),
	READ("tarpit", FORM_NUMBER, BY_SERVER),
	READ("timeoutconnect", FORM_NUMBER, BY_CLIENT),
	READ("timeoutremote", FORM_NUMBER, BY_CLIENT),
	READ("timeoutsmtpd", FORM_NUMBER, BY_SERVER),
	READ("tlsclientciphers", FORM_LIST, BY_CLIENT),
	READ("tlsclientminimum", FORM_VERSION, BY_CLIENT),
	READ("tlsclients", FORM_LIST, BY_SERVER),
	READ("tlshosts", FORM_TLS_HOSTS, BY_CLIENT),
	READ("tlspolicy", FORM_POLICIES, BY_CLIENT),
	READ("tlsserverciphers", FORM_LIST, BY_SERVER),
	READ("tlsservergroups", FORM_LINE, BY_SERVER),
	READ("tlsserverminimum", FORM_VERSION, BY_SERVER),
	READ("validrcptto.cdb", FORM_MAP, BY_SERVER),
	SOURCE("validrcptto"),
	READ("virtualdomains", FORM_LIST, BY_SERVER),
	READ("vpopbounce", FORM_TEXT, BY_SERVER),
	READ("whitednsbl", FORM_ZONES, BY_SERVER),
	READ("whitednsblv6", FORM_ZONES, BY_SERVER),
	READ("wildcardns", FORM_WILDCARDS, BY_SERVER),

	/* Of qmail-send, qmail-inject, and what starts and stops them. */
	OTHER("aliasempty"), OTHER("bouncefrom"), OTHER("bouncehost"),
	OTHER("bouncemaxbytes"), OTHER("bouncesubject"),
	OTHER("concurrencyincoming"), OTHER("concurrencylocal"),
	OTHER("concurrencypop3"), OTHER("concurrencyremote"),
	OTHER("concurrencysubmission"), OTHER("defaultdelivery"),
	OTHER("defaultdomain"), OTHER("defaulthost"),
	OTHER("doublebouncehost"), OTHER("doublebounceto"),
	OTHER("envnoathost"), OTHER("idhost"),
	OTHER("logcount"), OTHER("logsize"), OTHER("percenthack"),
	OTHER("plusdomain"), OTHER("qmqpservers"),
	OTHER("queuelifetime"),
	OTHER("filterargs"), OTHER("domainkeys"), OTHER("dkimdomains"),
	OTHER("qfilters"), OTHER("simcontrol"), OTHER("simcontrol.cdb"),
	OTHER("simversions"), OTHER("simversions.cdb"), OTHER("taps"),
	OTHER("srs_domain"), OTHER("srs_maxage"), OTHER("srs_secrets"),

	LACKS("chunksizeremote", QSMTP, "CHUNKING is not there"),
	SPARE("dh2048.pem", QSMTP, NO_PARAMETERS),
	SPARE("Qremote_debug", QSMTP, "the report of a delivery tells all"),
	SPARE("rsa2048.pem", QSMTP, NO_PARAMETERS),

	SPARE("authservid", SAGREDO, "there is no Authentication-Results"),
	LACKS("badhelonorelay", SAGREDO, ONE_LIST),
	LACKS("badmailfromnorelay", SAGREDO, ONE_LIST),
	LACKS("badrcpttonorelay", SAGREDO, ONE_LIST),
	LACKS("brtlimit", SAGREDO, "control/maxrcpt bounds recipients"),
	LACKS("exhaustivelist", SAGREDO,
	    "it counts as control/tlshosts/exhaustivelist"),
	LACKS("helodnscheck", SAGREDO, "filters helodns and ptr look names up"),
	SPARE("notlshosts_auto", SAGREDO, NO_LEARNING),
	LACKS("morevalidrcptto.cdb", SAGREDO, NO_CHECK),
	OTHERS_SOURCE("morevalidrcptto"),
	LACKS("smtpplugins", SAGREDO, NO_PLUGIN),
	LACKS("spfbehavior", SAGREDO, NO_SPF),
	LACKS("spfexp", SAGREDO, NO_SPF),
	LACKS("spfguess", SAGREDO, NO_SPF),
	LACKS("spfrules", SAGREDO, NO_SPF),
	LACKS("surbl*", SAGREDO, NO_PLUGIN),

	LACKS("badloadertypes", SQMAIL, NO_PLUGIN),
	LACKS("badloadertypes.cdb", SQMAIL, NO_PLUGIN),
	LACKS("badmimetypes", SQMAIL, NO_PLUGIN),
	LACKS("badmimetypes.cdb", SQMAIL, NO_PLUGIN),
	LACKS("domaincerts", SQMAIL,
	    "clientcert in control/smtproutes.d names a certificate"),
	LACKS("domainips", SQMAIL, "control/senderhosts has addresses to "
	    "send from"),
	LACKS("mailfromrules", SQMAIL, "control/authsenders-allowed binds "
	    "logins to senders"),
	LACKS("mailfromrules.cdb", SQMAIL, "control/authsenders-allowed "
	    "binds logins to senders"),
	LACKS("qmtproutes", SQMAIL, "mail goes by SMTP alone"),
	LACKS("recipients", SQMAIL, NO_CHECK),
	LACKS("recipients.cdb", SQMAIL, NO_CHECK),
	LACKS("spfexplain", SQMAIL, NO_SPF),
	LACKS("spflocalrules", SQMAIL, NO_SPF),
	SPARE("srsdomains", SQMAIL, "sender addresses are not rewritten"),
	LACKS("tarpitcount", SQMAIL, "control/tarpit holds refusals back"),
	SPARE("tarpitdelay", SQMAIL, "control/tarpit holds refusals back"),
	LACKS("tlsdestinations", SQMAIL,
	    "control/tlspolicy says what hosts are to have"),

	LACKS("badmailfromto", PERL, "a badmailfrom in the recipient's "
	    "folder does that"),
	SPARE("cleanup_sockets", PERL, "there are none"),
	SPARE("add_geoip_headers", PERL, "there are none"),
	SPARE("content_log_enabled", PERL, NO_PLUGIN),
	SPARE("content_log_file", PERL, NO_PLUGIN),
	LACKS("denysoft_greylist", PERL, "greylisting is not there yet"),
	LACKS("dkim", PERL, "DKIM is not there yet"),
	LACKS("dnsbl_allow", PERL, "an empty RBLSMTPD in the rules of "
	    "tcpserver spares a client DNS lists"),
	SPARE("dnsbl_rejectmsg", PERL, "the reply has the list's own words"),
	LACKS("flat_auth_pw", PERL, "a checkpassword program judges logins"),
	LACKS("greylist_exclude_files", PERL, "greylisting is not there yet"),
	LACKS("hbedv_deny", PERL, NO_PLUGIN),
	LACKS("hosts_allow", PERL, TCPRULES),
	LACKS("invalid_resolvable_fromhost", PERL,
	    "filter fromdomain has its own networks"),
	SPARE("IP", PERL, "tcpserver is told where to listen"),
	LACKS("karma_tlds", PERL, "there is no such filter"),
	LACKS("ldap", PERL, "a checkpassword program judges logins"),
	SPARE("log2sql", PERL, "the log goes to standard error"),
	SPARE("logging", PERL, "the log goes to standard error"),
	SPARE("loglevel", PERL, "the log goes to standard error"),
	SPARE("me-auth-results", PERL, "there is no Authentication-Results"),
	LACKS("morerelayclients", PERL, "control/relayclients has them all"),
	LACKS("morerelayclients.cdb", PERL,
	    "control/relayclients has them all"),
	LACKS("norelayclients", PERL, "control/relayclients has no exceptions"),
	LACKS("p0f_blocked_operating_systems", PERL,
	    "there is no such filter"),
	SPARE("plugin_dirs", PERL, "filters are built in"),
	LACKS("plugins", PERL, "filters are built in; control/filterconf "
	    "switches them"),
	SPARE("public_suffix_list", PERL, "DMARC is not there yet"),
	LACKS("rcpt_regexp", PERL, "control/badrcptto has addresses only"),
	SPARE("size_threshold", PERL, "the spool has a fixed one"),
	LACKS("smtpauth-checkpassword", PERL,
	    "the arguments of Qsmtpd name the program"),
	SPARE("spool_dir", PERL, "control/spooldir is read"),
	SPARE("spool_perms", PERL, "a spool has no name"),
	LACKS("subject_prefix", PERL, NO_PLUGIN),
	SPARE("timeout", PERL, "control/timeoutsmtpd is read"),
	SPARE("tls_before_auth", PERL, "control/authcleartext is read"),
	LACKS("tls_ciphers", PERL, "control/tlsserverciphers is read"),
	LACKS("tls_protocols", PERL, "control/tlsserverminimum is read"),
	LACKS("uribl_whitelist_domains", PERL, NO_PLUGIN),
	LACKS("uribl_zones", PERL, NO_PLUGIN),
	LACKS("vpopmail_mysql_*", PERL,
	    "a checkpassword program judges logins"),
	LACKS("whitelist_zones", PERL, "control/whitednsbl has such lists"),
	LACKS("whitelisthelo", PERL, "control/badhelo has no exceptions"),
	LACKS("whitelisthosts", PERL, "control/ipwl makes exceptions of "
	    "ipbl"),
	LACKS("whitelistrcpt", PERL, "control/badrcptto has no exceptions"),
	LACKS("whitelistsenders", PERL, "control/goodmailfrom makes "
	    "exceptions of badmailfrom"),
};

static int
is_name(const char *name, const char *row)
{
	size_t len = strlen(row);

	if (row[len - 1] == '*')
		return strncmp(name, row, len - 1) == 0;
	return strcmp(name, row) == 0;
}

const struct known *
name_find(const char *name)
{
	static const struct known nobody = { "", FORM_NOBODYS, 0, NULL, NULL };
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (is_name(name, rows[i].name))
			return &rows[i];
	return &nobody;
}
