/* pem - certificates and keys out of PEM files */
#include "crypt/pem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>

DEFINE_STACK_OF(EVP_PKEY)

const char *
pem_error(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return reason != NULL ? reason : "unknown error of OpenSSL";
}

static int
fail(char why[PEM_WHY], const char *reason)
{
	snprintf(why, PEM_WHY, "%s", reason);
	return 0;
}

static int
take_certificate(struct pem *pem, const unsigned char *octets, long len)
{
	X509 *certificate = d2i_X509(NULL, &octets, len);

	if (certificate != NULL &&
	    sk_X509_push(pem->certificates, certificate) > 0)
		return 1;
	X509_free(certificate);
	return 0;
}

static int
take_key(struct pem *pem, const unsigned char *octets, long len)
{
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &octets, len);

	if (key != NULL && sk_EVP_PKEY_push(pem->keys, key) > 0)
		return 1;
	EVP_PKEY_free(key);
	return 0;
}

static int
ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

/* One block; what is neither a certificate nor a key is passed over. */
static int
take_block(struct pem *pem, const char *name, const char *header,
    const unsigned char *octets, long len, char why[PEM_WHY])
{
	if (strcmp(name, PEM_STRING_X509) == 0 ||
	    strcmp(name, PEM_STRING_X509_OLD) == 0)
		return take_certificate(pem, octets, len) ||
		    fail(why, pem_error());
	if (!ends_with(name, "PRIVATE KEY"))
		return 1;
	/* There is nobody to ask for a password. */
	if (header[0] != '\0' || strcmp(name, PEM_STRING_PKCS8) == 0)
		return fail(why, "the key is encrypted");
	return take_key(pem, octets, len) || fail(why, pem_error());
}

/* The end of the file, or something that was meant to be more. */
static int
is_at_end(void)
{
	unsigned long error = ERR_peek_last_error();
	int end = ERR_GET_LIB(error) == ERR_LIB_PEM &&
	    ERR_GET_REASON(error) == PEM_R_NO_START_LINE;

	if (end)
		ERR_clear_error();
	return end;
}

static int
take_blocks(struct pem *pem, BIO *in, char why[PEM_WHY])
{
	char *name, *header;
	unsigned char *octets;
	int good = 1;
	long len;

	while (good && PEM_read_bio(in, &name, &header, &octets, &len) == 1) {
		good = take_block(pem, name, header, octets, len, why);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_clear_free(octets, (size_t)len);
	}
	return good && (is_at_end() || fail(why, pem_error()));
}

static int
take(struct pem *pem, const char *text, size_t len, char why[PEM_WHY])
{
	BIO *in = BIO_new_mem_buf(text, (int)len);
	int good = 0;

	if (pem->certificates == NULL)
		pem->certificates = sk_X509_new_null();
	if (pem->keys == NULL)
		pem->keys = sk_EVP_PKEY_new_null();
	ERR_clear_error();
	if (in == NULL || pem->certificates == NULL || pem->keys == NULL)
		fail(why, "out of memory");
	else
		good = take_blocks(pem, in, why);
	BIO_free(in);
	return good;
}

/* From the front, whoever read it before. */
static int
read_whole(int fd, char *text, size_t size, size_t *len)
{
	*len = 0;
	while (*len < size) {
		ssize_t got = pread(fd, text + *len, size - *len,
		    (off_t)*len);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return 0;
		if (got == 0)
			break;
		*len += (size_t)got;
	}
	return 1;
}

int
pem_read(struct pem *pem, int fd, char why[PEM_WHY])
{
	struct stat facts;
	size_t len, size;
	char *text;
	int good = 0;

	if (fstat(fd, &facts) == -1)
		return fail(why, strerror(errno));
	if (!S_ISREG(facts.st_mode))
		return fail(why, "it is no file");
	if (facts.st_size > PEM_FILE_SIZE)
		return fail(why, "it is too long");
	size = (size_t)facts.st_size;
	text = malloc(size + 1);
	if (text == NULL)
		return fail(why, strerror(errno));
	if (!read_whole(fd, text, size, &len))
		fail(why, strerror(errno));
	else
		good = take(pem, text, len, why);
	/* A key may have been in it. */
	OPENSSL_cleanse(text, size + 1);
	free(text);
	return good;
}

int
pem_read_path(struct pem *pem, const char *path, char why[PEM_WHY])
{
	int good, fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1)
		return fail(why, strerror(errno));
	good = pem_read(pem, fd, why);
	close(fd);
	return good;
}

void
pem_free(struct pem *pem)
{
	sk_X509_pop_free(pem->certificates, X509_free);
	sk_EVP_PKEY_pop_free(pem->keys, EVP_PKEY_free);
	pem->certificates = NULL;
	pem->keys = NULL;
}
