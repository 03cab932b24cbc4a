/* handshake - one session of TLS, from the request to the last message */
#include "crypt/handshake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "crypt/setting.h"
#include "crypt/trust.h"

static int
fail(struct handshake *handshake, enum record_code code, const char *why)
{
	handshake->code = code;
	if (why != handshake->why)
		snprintf(handshake->why, sizeof handshake->why, "%s", why);
	return 0;
}

static int
fail_by_openssl(struct handshake *handshake)
{
	return fail(handshake, CODE_INTERNAL, pem_error());
}

/* The client names who it looks for (RFC 6066 3); unknown ones get the rest. */
static int
choose_by_name(SSL *ssl, int *alert, void *data)
{
	struct handshake *handshake = data;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	const struct context_identity *found;

	(void)alert;
	found = name != NULL ? contexts_by_name(handshake->contexts, name) :
	    NULL;
	if (found == NULL)
		return SSL_TLSEXT_ERR_NOACK;
	if (!identity_use_once(&found->identity, ssl))
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	handshake->own = found->name;
	return SSL_TLSEXT_ERR_OK;
}

/*
 * Who cannot prove who he is may send mail all the same.  What was found
 * stays in `store`, the first fault of all, and is judged later.
 */
static int
verify_client(X509_STORE_CTX *store, void *data)
{
	(void)data;
	if (X509_verify_cert(store) != 1 &&
	    X509_STORE_CTX_get_error(store) == X509_V_OK)
		X509_STORE_CTX_set_error(store, X509_V_ERR_UNSPECIFIED);
	return 1;
}

static int
prepare_server(struct handshake *handshake)
{
	const struct request *request = handshake->request;
	const struct contexts *contexts = handshake->contexts;

	if (contexts->count == 0)
		return fail(handshake, CODE_NO_CERTIFICATE,
		    "there is no certificate that can be used");
	handshake->ssl = contexts_accept(contexts, request->local_ip,
	    request->local_port, &handshake->own);
	if (handshake->ssl == NULL)
		return fail_by_openssl(handshake);
	SSL_CTX_set_tlsext_servername_callback(contexts->server,
	    choose_by_name);
	SSL_CTX_set_tlsext_servername_arg(contexts->server, handshake);
	SSL_CTX_set_cert_verify_callback(contexts->server, verify_client,
	    NULL);
	if (request->asks_certificate && contexts->verifies_clients)
		SSL_set_verify(handshake->ssl, SSL_VERIFY_PEER, NULL);
	SSL_set_accept_state(handshake->ssl);
	return 1;
}

static int
is_address(const char *name)
{
	unsigned char octets[16];

	return inet_pton(AF_INET, name, octets) == 1 ||
	    inet_pton(AF_INET6, name, octets) == 1;
}

/* Names, or one address: OpenSSL would want both of a certificate. */
static int
set_names(struct handshake *handshake)
{
	const struct request *request = handshake->request;
	X509_VERIFY_PARAM *param = SSL_get0_param(handshake->ssl);
	size_t i;

	X509_VERIFY_PARAM_set_hostflags(param,
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	for (i = 0; i < request->name_count; i++) {
		const char *name = request->names[i];

		if (is_address(name) ? request->name_count > 1 ||
		    X509_VERIFY_PARAM_set1_ip_asc(param, name) != 1 :
		    X509_VERIFY_PARAM_add1_host(param, name, 0) != 1)
			return fail(handshake, CODE_BAD_REQUEST,
			    "an address is verified alone");
	}
	return 1;
}

static int
set_trust(struct handshake *handshake)
{
	const struct request *request = handshake->request;
	X509_STORE *store;

	if (request->policy != POLICY_VERIFY && request->policy != POLICY_STS)
		return 1;
	store = trust_read(request->ca_file, request->ca_folder,
	    handshake->why);
	if (store == NULL)
		return fail(handshake, CODE_INTERNAL, handshake->why);
	if (SSL_set0_verify_cert_store(handshake->ssl, store) != 1)
		return fail_by_openssl(handshake);
	return set_names(handshake);
}

/* Our own certificate; the key may be in the same file. */
static int
set_certificate(struct handshake *handshake)
{
	const struct request *request = handshake->request;
	struct identity identity = { 0 };
	struct pem pem = { 0 };
	int good = 1;

	if (request->certificate == REQUEST_NO_FD)
		return 1;
	if (!pem_read(&pem, request->certificate, handshake->why) ||
	    (request->key != REQUEST_NO_FD &&
	    !pem_read(&pem, request->key, handshake->why)) ||
	    !identity_take(&identity, &pem, handshake->why))
		good = fail(handshake, CODE_NO_CERTIFICATE, handshake->why);
	else if (!identity_use_once(&identity, handshake->ssl))
		good = fail_by_openssl(handshake);
	identity_free(&identity);
	pem_free(&pem);
	return good;
}

static int
prepare_client(struct handshake *handshake)
{
	const struct request *request = handshake->request;

	handshake->own = "";
	handshake->ssl = SSL_new(handshake->contexts->client);
	if (handshake->ssl == NULL)
		return fail_by_openssl(handshake);
	/* What was found is judged behind the handshake. */
	SSL_set_verify(handshake->ssl, SSL_VERIFY_NONE, NULL);
	if (request->server_name[0] != '\0' &&
	    !is_address(request->server_name) &&
	    SSL_set_tlsext_host_name(handshake->ssl,
	    request->server_name) != 1)
		return fail_by_openssl(handshake);
	SSL_set_connect_state(handshake->ssl);
	return set_trust(handshake) && set_certificate(handshake);
}

int
handshake_prepare(struct handshake *handshake, const struct contexts *contexts,
    const struct request *request)
{
	memset(handshake, 0, sizeof *handshake);
	handshake->contexts = contexts;
	handshake->request = request;
	if (request->role == ROLE_SERVER ? !prepare_server(handshake) :
	    !prepare_client(handshake))
		return 0;
	if (request->minimum != 0 && !setting_minimum(handshake->ssl,
	    (int)request->minimum))
		return fail(handshake, CODE_BAD_REQUEST,
		    "no such version of TLS");
	if (request->ciphers[0] != '\0' && !setting_ciphers(handshake->ssl,
	    request->ciphers))
		return fail(handshake, CODE_BAD_REQUEST,
		    "OpenSSL knows none of the ciphers");
	return 1;
}

long
handshake_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
handshake_wait(const struct handshake *handshake, int error, long until)
{
	struct pollfd poll_fd = { handshake->in, POLLIN, 0 };
	int result;

	if (error == SSL_ERROR_WANT_WRITE) {
		poll_fd.fd = handshake->out;
		poll_fd.events = POLLOUT;
	} else if (error != SSL_ERROR_WANT_READ)
		return 0;
	do {
		long left = until - handshake_clock_ms();

		/* Who always has one more octet is late, too. */
		if (left <= 0)
			return 0;
		result = poll(&poll_fd, 1, (int)left);
	} while (result == -1 && errno == EINTR);
	return result == 1;
}

/* Why the handshake failed, in words for an operator. */
static int
explain(struct handshake *handshake, int error)
{
	unsigned long reason = ERR_peek_last_error();
	int system = errno;
	const char *text;

	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
		text = "it took too long";
	else if (reason != 0 &&
	    ERR_GET_REASON(reason) != SSL_R_UNEXPECTED_EOF_WHILE_READING)
		text = pem_error();
	else if (error == SSL_ERROR_SYSCALL && system != 0)
		text = strerror(system);
	else
		text = "the other side hung up";
	ERR_clear_error();
	fail(handshake, CODE_HANDSHAKE, "");
	snprintf(handshake->why, sizeof handshake->why,
	    "TLS handshake failed: %s", text);
	return 0;
}

int
handshake_run(struct handshake *handshake, int in, int out)
{
	long until = handshake_clock_ms() +
	    (long)handshake->request->handshake_s * 1000;
	int result, error;

	handshake->in = in;
	handshake->out = out;
	fcntl(in, F_SETFL, fcntl(in, F_GETFL) | O_NONBLOCK);
	fcntl(out, F_SETFL, fcntl(out, F_GETFL) | O_NONBLOCK);
	if (SSL_set_rfd(handshake->ssl, in) != 1 ||
	    SSL_set_wfd(handshake->ssl, out) != 1)
		return fail_by_openssl(handshake);
	for (;;) {
		ERR_clear_error();
		errno = 0;
		result = SSL_do_handshake(handshake->ssl);
		if (result == 1)
			return 1;
		error = SSL_get_error(handshake->ssl, result);
		if (!handshake_wait(handshake, error, until))
			return explain(handshake, error);
	}
}
