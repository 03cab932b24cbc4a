/* identity - private keys, their certificates, and the chains of those */
#include "crypt/identity.h"

#include <stdio.h>
#include <string.h>

#include <openssl/x509v3.h>

DEFINE_STACK_OF(EVP_PKEY)

/* Of two made out to one key, as after a renewal, the one that lasts longer. */
static X509 *
find_certificate(const struct pem *pem, EVP_PKEY *key)
{
	X509 *found = NULL;
	int i;

	for (i = 0; i < sk_X509_num(pem->certificates); i++) {
		X509 *certificate = sk_X509_value(pem->certificates, i);

		if (EVP_PKEY_eq(X509_get0_pubkey(certificate), key) != 1)
			continue;
		if (found == NULL || ASN1_TIME_compare(
		    X509_get0_notAfter(certificate),
		    X509_get0_notAfter(found)) == 1)
			found = certificate;
	}
	return found;
}

static X509 *
find_issuer(const struct pem *pem, X509 *certificate)
{
	int i;

	for (i = 0; i < sk_X509_num(pem->certificates); i++) {
		X509 *issuer = sk_X509_value(pem->certificates, i);

		if (issuer != certificate && X509_check_issued(issuer,
		    certificate) == X509_V_OK)
			return issuer;
	}
	return NULL;
}

/* All above it but the root, which who trusts it has. */
static STACK_OF(X509) *
build_chain(const struct pem *pem, X509 *certificate)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	X509 *issuer = certificate;

	if (chain == NULL)
		return NULL;
	while (sk_X509_num(chain) < IDENTITY_CHAIN) {
		issuer = find_issuer(pem, issuer);
		if (issuer == NULL || X509_self_signed(issuer, 0) == 1)
			break;
		if (!X509_add_cert(chain, issuer, X509_ADD_FLAG_UP_REF)) {
			sk_X509_pop_free(chain, X509_free);
			return NULL;
		}
	}
	return chain;
}

static int
has_key(const struct identity *identity, const EVP_PKEY *key)
{
	size_t i;

	for (i = 0; i < identity->count; i++)
		if (EVP_PKEY_eq(identity->pairs[i].key, key) == 1)
			return 1;
	return 0;
}

static int
add(struct identity *identity, X509 *certificate, EVP_PKEY *key,
    STACK_OF(X509) *chain)
{
	struct identity_pair *pair = &identity->pairs[identity->count];

	if (chain == NULL)
		return 0;
	X509_up_ref(certificate);
	EVP_PKEY_up_ref(key);
	pair->certificate = certificate;
	pair->key = key;
	pair->chain = chain;
	identity->count++;
	return 1;
}

int
identity_take(struct identity *identity, const struct pem *pem,
    char why[PEM_WHY])
{
	const char *reason = "the key fits no certificate";
	int i;

	for (i = 0; i < sk_EVP_PKEY_num(pem->keys) &&
	    identity->count < IDENTITY_KEYS; i++) {
		EVP_PKEY *key = sk_EVP_PKEY_value(pem->keys, i);
		X509 *certificate = find_certificate(pem, key);

		if (certificate == NULL || has_key(identity, key))
			continue;
		if (!add(identity, certificate, key,
		    build_chain(pem, certificate)))
			reason = "out of memory";
	}
	if (identity->count > 0)
		return 1;
	if (sk_EVP_PKEY_num(pem->keys) <= 0)
		reason = "there is no private key";
	else if (sk_X509_num(pem->certificates) <= 0)
		reason = "there is no certificate";
	snprintf(why, PEM_WHY, "%s", reason);
	return 0;
}

void
identity_free(struct identity *identity)
{
	size_t i;

	for (i = 0; i < identity->count; i++) {
		X509_free(identity->pairs[i].certificate);
		EVP_PKEY_free(identity->pairs[i].key);
		sk_X509_pop_free(identity->pairs[i].chain, X509_free);
	}
	identity->count = 0;
}

int
identity_copy(struct identity *copy, const struct identity *identity)
{
	size_t i;

	for (i = 0; i < identity->count; i++) {
		const struct identity_pair *pair = &identity->pairs[i];

		if (!add(copy, pair->certificate, pair->key,
		    X509_chain_up_ref(pair->chain))) {
			identity_free(copy);
			return 0;
		}
	}
	return 1;
}

int
identity_use(const struct identity *identity, SSL_CTX *context)
{
	size_t i;

	for (i = 0; i < identity->count; i++) {
		const struct identity_pair *pair = &identity->pairs[i];

		if (SSL_CTX_use_cert_and_key(context, pair->certificate,
		    pair->key, pair->chain, 1) != 1)
			return 0;
	}
	return 1;
}

int
identity_use_once(const struct identity *identity, SSL *ssl)
{
	size_t i;

	SSL_certs_clear(ssl);
	for (i = 0; i < identity->count; i++) {
		const struct identity_pair *pair = &identity->pairs[i];

		if (SSL_use_cert_and_key(ssl, pair->certificate, pair->key,
		    pair->chain, 1) != 1)
			return 0;
	}
	return 1;
}
