/* setting - control files and what OpenSSL makes of them */
#include "crypt/setting.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Read it whole; the length, or -1. */
static ssize_t
read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t len = 0;
	ssize_t got;

	if (fd == -1)
		return -1;
	while ((got = read(fd, text + len, size - len)) > 0)
		len += (size_t)got;
	close(fd);
	if (got == -1)
		return -1;
	if (len == size) {
		errno = EFBIG;
		return -1;
	}
	return (ssize_t)len;
}

int
setting_read(const char *path, char between, char text[SETTING_SIZE])
{
	char file[SETTING_SIZE];
	ssize_t size = read_file(path, file, sizeof file);
	size_t at, len, n, used = 0;

	text[0] = '\0';
	if (size == -1)
		return errno == ENOENT;
	for (at = 0; at < (size_t)size; at += len + 1) {
		const char *line = file + at;
		const char *feed = memchr(line, '\n', (size_t)size - at);

		len = feed != NULL ? (size_t)(feed - line) :
		    (size_t)size - at;
		for (n = len; n > 0 && strchr(" \t\r", line[n - 1]) != NULL; )
			n--;
		if (n == 0 || line[0] == '#')
			continue;
		if (memchr(line, '\0', n) != NULL) {
			errno = EINVAL;
			return 0;
		}
		if (used > 0)
			text[used++] = between;
		memcpy(text + used, line, n);
		used += n;
	}
	text[used] = '\0';
	return 1;
}

int
setting_version(const char *text)
{
	static const struct {
		const char *text;
		int version;
	} rows[] = {
		{ "1.0", TLS1_VERSION }, { "1.1", TLS1_1_VERSION },
		{ "1.2", TLS1_2_VERSION }, { "1.3", TLS1_3_VERSION },
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(text, rows[i].text) == 0)
			return rows[i].version;
	return 0;
}

/* Sort the names: those of TLS 1.3 to `suites`, all others to `list`. */
static int
sort_ciphers(const char *text, char list[SETTING_SIZE],
    char suites[SETTING_SIZE])
{
	size_t len;

	list[0] = suites[0] = '\0';
	if (strlen(text) >= SETTING_SIZE)
		return 0;
	for (; *text != '\0'; text += len) {
		char *out = strncmp(text, "TLS_", 4) == 0 ? suites : list;

		len = strcspn(text, ": ,");
		if (len > 0) {
			if (out[0] != '\0')
				strcat(out, ":");
			strncat(out, text, len);
		}
		len += text[len] != '\0';
	}
	return 1;
}

static int
set(SSL *ssl, const char *list, const char *suites)
{
	return (list[0] == '\0' || SSL_set_cipher_list(ssl, list) == 1) &&
	    (suites[0] == '\0' || SSL_set_ciphersuites(ssl, suites) == 1);
}

/* Where OpenSSL refuses, it has dropped what was there before. */
static int
can_be_set(SSL_CTX *context, const char *list, const char *suites)
{
	SSL *trial = SSL_new(context);
	int good = trial != NULL && set(trial, list, suites);

	SSL_free(trial);
	return good;
}

int
setting_ciphers(SSL *ssl, const char *text)
{
	char list[SETTING_SIZE], suites[SETTING_SIZE];

	return sort_ciphers(text, list, suites) &&
	    can_be_set(SSL_get_SSL_CTX(ssl), list, suites) &&
	    set(ssl, list, suites);
}

int
setting_ciphers_for_all(SSL_CTX *context, const char *text)
{
	char list[SETTING_SIZE], suites[SETTING_SIZE];

	return sort_ciphers(text, list, suites) &&
	    can_be_set(context, list, suites) &&
	    (list[0] == '\0' ||
	    SSL_CTX_set_cipher_list(context, list) == 1) &&
	    (suites[0] == '\0' ||
	    SSL_CTX_set_ciphersuites(context, suites) == 1);
}

int
setting_minimum(SSL *ssl, int version)
{
	if (version < TLS1_VERSION || version > TLS1_3_VERSION)
		return 0;
	if (version < TLS1_2_VERSION)
		SSL_set_security_level(ssl, 0);
	return SSL_set_min_proto_version(ssl, version) == 1;
}
