/* facts - what is known once TLS is up, and whether the policy is met */
#include "crypt/facts.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "crypt/setting.h"

#define TEXT		256	/* room for a text of a record, with its NUL */
#define LABEL		"EXPORTER-Channel-Binding"	/* RFC 9266 2 */

/* What comes from a certificate is anybody's. */
static void
make_printable(char text[TEXT], const char *from, size_t len)
{
	size_t i;

	for (i = 0; i < len && i < TEXT - 1; i++)
		text[i] = from[i] < ' ' || from[i] > '~' ? '?' : from[i];
	text[i] = '\0';
}

static void
add(struct record *record, enum record_tag tag, const char *text)
{
	char printable[TEXT];

	if (text == NULL || text[0] == '\0')
		return;
	make_printable(printable, text, strlen(text));
	record_add_text(record, tag, printable);
}

static void
add_group(struct record *record, SSL *ssl)
{
	int group = (int)SSL_get_negotiated_group(ssl);

	if (group > 0)
		add(record, TAG_GROUP, SSL_group_to_name(ssl, group));
}

/* Only where it binds: TLS 1.3, or 1.2 with an extended master secret. */
static void
add_exporter(struct record *record, SSL *ssl)
{
	unsigned char octets[RECORD_DIGEST];

	if ((SSL_version(ssl) >= TLS1_3_VERSION ||
	    SSL_get_extms_support(ssl) == 1) &&
	    SSL_export_keying_material(ssl, octets, sizeof octets, LABEL,
	    sizeof LABEL - 1, (const unsigned char *)"", 0, 1) == 1)
		record_add(record, TAG_EXPORTER, octets, sizeof octets);
}

static void
add_subject(struct record *record, X509 *certificate)
{
	BIO *out = BIO_new(BIO_s_mem());
	char text[TEXT];
	char *octets;
	long len;

	if (out == NULL)
		return;
	if (X509_NAME_print_ex(out, X509_get_subject_name(certificate), 0,
	    XN_FLAG_RFC2253) >= 0) {
		len = BIO_get_mem_data(out, &octets);
		make_printable(text, octets, len > 0 ? (size_t)len : 0);
		add(record, TAG_SUBJECT, text);
	}
	BIO_free(out);
}

/* Something else than it is would be somebody else: as it is, or not. */
static void
add_identity(struct record *record, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return;
	if (len > 0 && len < TEXT)
		record_add(record, TAG_IDENTITY, text, len);
}

/* Mail addresses; where there is none, the common name. */
static void
add_identities(struct record *record, X509 *certificate)
{
	STACK_OF(OPENSSL_STRING) *emails = X509_get1_email(certificate);
	X509_NAME *subject = X509_get_subject_name(certificate);
	int i, count = sk_OPENSSL_STRING_num(emails);

	for (i = 0; i < count && i < RECORD_IDENTITIES; i++) {
		const char *email = sk_OPENSSL_STRING_value(emails, i);

		add_identity(record, email, strlen(email));
	}
	i = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	if (count <= 0 && i >= 0) {
		const ASN1_STRING *name = X509_NAME_ENTRY_get_data(
		    X509_NAME_get_entry(subject, i));

		add_identity(record, (const char *)ASN1_STRING_get0_data(name),
		    (size_t)ASN1_STRING_length(name));
	}
	X509_email_free(emails);
}

static int
digest_of(X509 *certificate, unsigned char digest[RECORD_DIGEST])
{
	return X509_digest(certificate, EVP_sha256(), digest, NULL) == 1;
}

static int
digest_of_key(X509 *certificate, unsigned char digest[RECORD_DIGEST])
{
	unsigned char *octets = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &octets);
	int good = len > 0 && EVP_Digest(octets, (size_t)len, digest, NULL,
	    EVP_sha256(), NULL) == 1;

	OPENSSL_free(octets);
	return good;
}

static int
is_listed(const struct request *request,
    const unsigned char digest[RECORD_DIGEST])
{
	size_t i;

	for (i = 0; i < request->fingerprint_count; i++)
		if (memcmp(request->fingerprints[i], digest,
		    RECORD_DIGEST) == 0)
			return 1;
	return 0;
}

static enum record_verdict
judge_fingerprint(const struct request *request, X509 *certificate,
    const char **matched, const char **why)
{
	unsigned char digest[RECORD_DIGEST];

	if (digest_of(certificate, digest) && is_listed(request, digest))
		*matched = "fingerprint of the certificate";
	else if (digest_of_key(certificate, digest) &&
	    is_listed(request, digest))
		*matched = "fingerprint of the key";
	else {
		*why = "the certificate has none of the fingerprints";
		return VERDICT_UNMET;
	}
	return VERDICT_VERIFIED;
}

/*
 * Made out to one of the names.  OpenSSL itself would look for any name and
 * for an address besides.
 */
static enum record_verdict
judge_names(const struct request *request, X509 *certificate,
    const char **matched, const char **why)
{
	int is_found = 0, mismatch = X509_V_ERR_HOSTNAME_MISMATCH;
	char *found;
	size_t i;

	for (i = 0; i < request->name_count && !is_found; i++) {
		const char *name = request->names[i];

		found = NULL;
		if (handshake_is_address(name)) {
			is_found = X509_check_ip_asc(certificate, name,
			    0) == 1;
			mismatch = X509_V_ERR_IP_ADDRESS_MISMATCH;
		} else
			is_found = X509_check_host(certificate, name, 0,
			    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
			    &found) == 1;
		/* What the certificate has, where that is a name. */
		if (is_found)
			*matched = found != NULL ? found : name;
	}
	if (is_found)
		return VERDICT_VERIFIED;
	*why = X509_verify_cert_error_string(mismatch);
	return VERDICT_UNMET;
}

/* A server's certificate, by the policy. */
static enum record_verdict
judge_server(const struct handshake *handshake, X509 *certificate,
    const char **matched, const char **why)
{
	const struct request *request = handshake->request;
	long result = SSL_get_verify_result(handshake->ssl);

	if (request->policy == POLICY_ENCRYPT)
		return VERDICT_ENCRYPTED;
	if (certificate == NULL) {
		*why = "there is no certificate";
		return VERDICT_UNMET;
	}
	if (request->policy == POLICY_FINGERPRINT)
		return judge_fingerprint(request, certificate, matched, why);
	if (result != X509_V_OK) {
		*why = X509_verify_cert_error_string(result);
		return VERDICT_UNMET;
	}
	return judge_names(request, certificate, matched, why);
}

/* A client's certificate proves something, or nothing. */
static enum record_verdict
judge_client(const struct handshake *handshake, X509 *certificate,
    const char **why)
{
	long result = SSL_get_verify_result(handshake->ssl);

	if (certificate == NULL || !handshake->request->asks_certificate ||
	    !handshake->contexts->verifies_clients)
		return VERDICT_ENCRYPTED;
	if (result == X509_V_OK)
		return VERDICT_VERIFIED;
	*why = X509_verify_cert_error_string(result);
	return VERDICT_ENCRYPTED;
}

static void
log_facts(struct journal *line, const struct handshake *handshake,
    enum record_verdict verdict, const char *matched, const char *why)
{
	static const char *const verdicts[] = {
		[VERDICT_ENCRYPTED] = "encrypted",
		[VERDICT_VERIFIED] = "verified",
		[VERDICT_DANE] = "dane",
		[VERDICT_UNMET] = "unmet",
	};

	journal_text(line, "result", verdicts[verdict]);
	journal_text(line, "tls", SSL_get_version(handshake->ssl));
	journal_text(line, "cipher", SSL_get_cipher_name(handshake->ssl));
	if (handshake->own[0] != '\0')
		journal_text(line, "certificate", handshake->own);
	if (matched != NULL)
		journal_text(line, "matched", matched);
	if (why != NULL)
		journal_text(line, "reason", why);
}

enum record_verdict
facts_compose(const struct handshake *handshake, struct record *record,
    struct journal *line)
{
	int is_server = handshake->request->role == ROLE_SERVER;
	SSL *ssl = handshake->ssl;
	X509 *certificate = SSL_get0_peer_certificate(ssl);
	unsigned char digest[RECORD_DIGEST];
	const char *matched = NULL, *why = NULL;
	enum record_verdict verdict = is_server ?
	    judge_client(handshake, certificate, &why) :
	    judge_server(handshake, certificate, &matched, &why);

	record_begin(record, RECORD_FACTS);
	record_add_number(record, TAG_VERDICT, verdict);
	add(record, TAG_VERSION, SSL_get_version(ssl));
	add(record, TAG_CIPHER, SSL_get_cipher_name(ssl));
	add_group(record, ssl);
	add(record, TAG_OWN, handshake->own);
	add(record, TAG_MATCHED, matched);
	add(record, TAG_TEXT, why);
	if (is_server)
		add(record, TAG_SNI, SSL_get_servername(ssl,
		    TLSEXT_NAMETYPE_host_name));
	if (certificate != NULL) {
		add_subject(record, certificate);
		if (digest_of(certificate, digest))
			record_add(record, TAG_DIGEST, digest,
			    sizeof digest);
	}
	/* Whom nobody vouches for is nobody. */
	if (is_server && verdict == VERDICT_VERIFIED)
		add_identities(record, certificate);
	add_exporter(record, ssl);
	log_facts(line, handshake, verdict, matched, why);
	return verdict;
}
