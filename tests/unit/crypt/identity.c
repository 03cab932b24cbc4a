#include "crypt/identity.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "../suite.h"

DEFINE_STACK_OF(EVP_PKEY)

enum who { ROOT, MIDDLE, LEAF, OTHER, WHO_COUNT };

static EVP_PKEY *keys[WHO_COUNT];

static void
make_keys(void)
{
	size_t i;

	for (i = 0; i < WHO_COUNT; i++)
		keys[i] = EVP_EC_gen("P-256");
}

static void
free_keys(void)
{
	size_t i;

	for (i = 0; i < WHO_COUNT; i++)
		EVP_PKEY_free(keys[i]);
}

static void
set_name(X509_NAME *name, enum who who)
{
	const unsigned char text[] = { (unsigned char)('A' + who) };

	X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC, text,
	    1, -1, 0);
}

/* A certificate of `who` by `issuer` that lasts for so many days. */
static X509 *
certify(enum who who, enum who issuer, int days)
{
	X509 *certificate = X509_new();

	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), days);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 86400L * days);
	set_name(X509_get_subject_name(certificate), who);
	set_name(X509_get_issuer_name(certificate), issuer);
	X509_set_pubkey(certificate, keys[who]);
	ck_assert_int_gt(X509_sign(certificate, keys[issuer], EVP_sha256()),
	    0);
	return certificate;
}

/*
 * What files have, a letter each: keys L and O; certificates r, m and l of
 * root, middle and leaf, n of the leaf for longer, o of another by itself.
 */
static void
fill(struct pem *pem, const char *text)
{
	pem->certificates = sk_X509_new_null();
	pem->keys = sk_EVP_PKEY_new_null();
	for (; *text != '\0'; text++) {
		X509 *certificate = *text == 'r' ? certify(ROOT, ROOT, 9) :
		    *text == 'm' ? certify(MIDDLE, ROOT, 9) :
		    *text == 'l' ? certify(LEAF, MIDDLE, 9) :
		    *text == 'n' ? certify(LEAF, MIDDLE, 99) :
		    *text == 'o' ? certify(OTHER, OTHER, 9) : NULL;

		if (certificate != NULL) {
			sk_X509_push(pem->certificates, certificate);
			continue;
		}
		EVP_PKEY_up_ref(keys[*text == 'L' ? LEAF : OTHER]);
		sk_EVP_PKEY_push(pem->keys, keys[*text == 'L' ? LEAF :
		    OTHER]);
	}
}

static const struct {
	const char *files;
	int pairs;		/* 0: none, `why` says why */
	int chain;		/* of the first */
	long days;		/* how long the first lasts */
	const char *why;
} rows[] = {
	{ "Ll", 1, 0, 9, "" },
	{ "lL", 1, 0, 9, "" },
	{ "Llm", 1, 1, 9, "" },
	{ "rmlL", 1, 1, 9, "" },
	{ "Lllm", 1, 1, 9, "" },
	{ "Llnm", 1, 1, 99, "" },
	{ "Lnlm", 1, 1, 99, "" },
	{ "LLl", 1, 0, 9, "" },
	{ "LlOo", 2, 0, 9, "" },
	{ "LlO", 1, 0, 9, "" },
	{ "Oo", 1, 0, 9, "" },
	{ "l", 0, 0, 0, "there is no private key" },
	{ "L", 0, 0, 0, "there is no certificate" },
	{ "", 0, 0, 0, "there is no private key" },
	{ "Lo", 0, 0, 0, "the key fits no certificate" },
	{ "Om", 0, 0, 0, "the key fits no certificate" },
};

START_TEST(takes)
{
	struct identity identity = { 0 }, copy = { 0 };
	struct pem pem = { 0 };
	char why[PEM_WHY] = "";
	SSL_CTX *context = SSL_CTX_new(TLS_method());
	X509 *first;

	fill(&pem, rows[_i].files);
	ck_assert_int_eq(identity_take(&identity, &pem, why),
	    rows[_i].pairs > 0);
	ck_assert_str_eq(why, rows[_i].why);
	ck_assert_int_eq((int)identity.count, rows[_i].pairs);
	pem_free(&pem);
	ck_assert(identity_copy(&copy, &identity));
	identity_free(&identity);
	ck_assert_int_eq((int)copy.count, rows[_i].pairs);
	if (copy.count > 0) {
		first = copy.pairs[0].certificate;
		ck_assert_int_eq(sk_X509_num(copy.pairs[0].chain),
		    rows[_i].chain);
		ck_assert_int_eq((int)ASN1_INTEGER_get(
		    X509_get_serialNumber(first)), (int)rows[_i].days);
		ck_assert_int_eq(EVP_PKEY_eq(X509_get0_pubkey(first),
		    copy.pairs[0].key), 1);
		ck_assert(identity_use(&copy, context));
	}
	identity_free(&copy);
	SSL_CTX_free(context);
}
END_TEST

SUITE("identity", { takes, ROWS(rows), make_keys, free_keys })
