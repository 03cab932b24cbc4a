/* context - control files into the contexts of OpenSSL */
#include "crypt/context.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypt/folder.h"
#include "crypt/journal.h"
#include "crypt/setting.h"

static void
log_openssl(const char *file)
{
	journal_fault("file", file, pem_error());
}

/* Tickets would need keys that all hosts share, and compression leaks. */
static SSL_CTX *
make_context(const SSL_METHOD *method)
{
	SSL_CTX *context = SSL_CTX_new(method);

	if (context == NULL) {
		log_openssl("openssl.cnf");
		return NULL;
	}
	/* The kernel's TLS would be set up by a call that sessions may not. */
	SSL_CTX_clear_options(context, SSL_OP_ENABLE_KTLS);
	SSL_CTX_set_options(context, SSL_OP_NO_TICKET |
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
	    SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(context, 0);
	/* The system may want more. */
	if (SSL_CTX_get_min_proto_version(context) < TLS1_2_VERSION)
		SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	return context;
}

static void
use_minimum(SSL_CTX *context, const char *file, const char *text)
{
	int version = setting_version(text);

	if (version == 0) {
		journal_fault("file", file,
		    "no version of TLS, 1.2 is the least then");
		return;
	}
	if (version < TLS1_2_VERSION)
		SSL_CTX_set_security_level(context, 0);
	SSL_CTX_set_min_proto_version(context, version);
}

static void
use_ciphers(SSL_CTX *context, const char *file, const char *text)
{
	if (!setting_ciphers_for_all(context, text))
		log_openssl(file);
}

/* One that OpenSSL does not know makes it refuse all of them. */
static void
use_groups(SSL_CTX *context, const char *file, const char *text)
{
	if (SSL_CTX_set1_groups_list(context, text) == 1)
		return;
	log_openssl(file);
	journal_fault("file", file, "OpenSSL's own groups are offered");
}

/* What makes no sense is logged and left out; 0: one cannot be read. */
static int
read_settings(SSL_CTX *context)
{
	static const struct {
		const char *file;
		char between;
		void (*use)(SSL_CTX *, const char *file, const char *text);
	} rows[] = {
		{ "control/tlsserverminimum", ' ', use_minimum },
		{ "control/tlsserverciphers", ':', use_ciphers },
		{ "control/tlsservergroups", ':', use_groups },
	};
	char text[SETTING_SIZE];
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (!setting_read(rows[i].file, rows[i].between, text)) {
			journal_fault("file", rows[i].file, strerror(errno));
			return 0;
		}
		if (text[0] != '\0')
			rows[i].use(context, rows[i].file, text);
	}
	return 1;
}

static int
has_crl(X509_STORE *store, const char *file)
{
	X509_LOOKUP *lookup;

	if (!folder_has(file))
		return 1;
	lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
	if (lookup == NULL || X509_load_crl_file(lookup, file,
	    X509_FILETYPE_PEM) < 1) {
		log_openssl(file);
		return 0;
	}
	return X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK |
	    X509_V_FLAG_CRL_CHECK_ALL) == 1;
}

/*
 * A list of revoked certificates that cannot be used is as good as revoking
 * all of them: then nobody proves anything by a certificate.
 */
static void
read_client_ca(struct contexts *contexts)
{
	static const char file[] = "control/clientca.pem";
	STACK_OF(X509_NAME) *names;

	if (!folder_has(file))
		return;
	names = SSL_load_client_CA_file(file);
	if (names == NULL || SSL_CTX_load_verify_file(contexts->server,
	    file) != 1) {
		sk_X509_NAME_pop_free(names, X509_NAME_free);
		log_openssl(file);
		return;
	}
	SSL_CTX_set_client_CA_list(contexts->server, names);
	contexts->verifies_clients = has_crl(
	    SSL_CTX_get_cert_store(contexts->server), "control/clientcrl.pem");
}

static char
to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* What the same name had when the files could be read. */
static const struct context_identity *
find(const struct contexts *contexts, const char *name, int is_address)
{
	size_t i;

	for (i = 0; contexts != NULL && i < contexts->count; i++)
		if (contexts->identities[i].is_address == is_address &&
		    strcmp(contexts->identities[i].name, name) == 0)
			return &contexts->identities[i];
	return NULL;
}

static void
log_expiry(const struct identity *identity, const char *path)
{
	size_t i;

	for (i = 0; i < identity->count; i++)
		if (X509_cmp_current_time(X509_get0_notAfter(
		    identity->pairs[i].certificate)) < 0)
			journal_fault("file", path,
			    "the certificate has expired");
}

/* What a walk through the files leaves behind. */
struct walk {
	struct contexts *contexts;
	const struct contexts *before;
};

/* What OpenSSL does not take would end each session that asks for it. */
static int
is_of_use(const struct contexts *contexts, const struct identity *identity,
    char why[PEM_WHY])
{
	SSL *ssl = SSL_new(contexts->server);
	int good = ssl != NULL && identity_use_once(identity, ssl);

	if (!good)
		snprintf(why, PEM_WHY, "%s", pem_error());
	SSL_free(ssl);
	return good;
}

/* An address is looked for as others print it (RFC 5952). */
static int
print_address(char *name, size_t size, const char *text)
{
	unsigned char octets[16];
	int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;

	return inet_pton(family, text, octets) == 1 &&
	    inet_ntop(family, octets, name, (socklen_t)size) != NULL;
}

/* IP, or IP:PORT: the last colon is of the port only if there is one. */
static void
set_address(char name[CONTEXT_NAME], const char *text)
{
	char address[CONTEXT_NAME];
	const char *colon = strrchr(text, ':');
	size_t len;

	if (print_address(name, CONTEXT_NAME, text))
		return;
	snprintf(address, sizeof address, "%s", text);
	if (colon != NULL && (size_t)(colon - text) < sizeof address)
		address[colon - text] = '\0';
	if (colon != NULL && print_address(name, CONTEXT_NAME, address)) {
		len = strlen(name);
		snprintf(name + len, CONTEXT_NAME - len, "%s", colon);
	} else
		snprintf(name, CONTEXT_NAME, "%s", text);
}

/* DNS knows no case, and a client asks as it likes. */
static void
set_name(struct context_identity *identity, const struct folder_place *place)
{
	char *c;

	identity->is_address = place->is_address;
	if (place->is_address) {
		set_address(identity->name, place->name);
		return;
	}
	snprintf(identity->name, sizeof identity->name, "%s", place->name);
	for (c = identity->name; *c != '\0'; c++)
		*c = to_lower(*c);
}

static void
take_identity(void *data, const struct folder_place *place)
{
	struct walk *walk = data;
	struct contexts *contexts = walk->contexts;
	const struct context_identity *old;
	struct context_identity *new = &contexts->identities[contexts->count];
	struct pem pem = { 0 };
	char why[PEM_WHY] = "";

	if (contexts->count == CONTEXT_NAMES)
		return;
	memset(new, 0, sizeof *new);
	set_name(new, place);
	if (folder_read(place, &pem, why) &&
	    identity_take(&new->identity, &pem, why) &&
	    is_of_use(contexts, &new->identity, why))
		log_expiry(&new->identity, place->path);
	else {
		journal_fault("file", place->path, why);
		identity_free(&new->identity);
		old = find(walk->before, new->name, new->is_address);
		if (old != NULL && is_of_use(contexts, &old->identity, why))
			identity_copy(&new->identity, &old->identity);
	}
	pem_free(&pem);
	contexts->count += new->identity.count > 0;
}

/* The host's own before others, and those by their names. */
static int
goes_before(const struct context_identity *one,
    const struct context_identity *other)
{
	int is_own = one->is_address && one->name[0] == '\0';
	int other_is_own = other->is_address && other->name[0] == '\0';

	if (is_own != other_is_own)
		return is_own;
	return strcmp(one->name, other->name) < 0;
}

/* The first is what a session gets unless it asks for another. */
static int
choose_default(struct contexts *contexts)
{
	struct context_identity *list = contexts->identities, swap;
	size_t i, first = 0;

	if (contexts->count == 0)
		return 1;
	for (i = 1; i < contexts->count; i++)
		if (goes_before(&list[i], &list[first]))
			first = i;
	swap = list[0];
	list[0] = list[first];
	list[first] = swap;
	return identity_use(&list[0].identity, contexts->server);
}

static int
read_server(struct contexts *contexts, const struct contexts *before)
{
	struct walk walk = { contexts, before };

	/* Before anything is read: what changes meanwhile is seen later. */
	contexts->signature = folder_signature();
	contexts->identities = calloc(CONTEXT_NAMES,
	    sizeof contexts->identities[0]);
	contexts->server = make_context(TLS_server_method());
	if (contexts->identities == NULL || contexts->server == NULL)
		return 0;
	SSL_CTX_set_dh_auto(contexts->server, 1);
	if (!read_settings(contexts->server))
		return 0;
	read_client_ca(contexts);
	if (!folder_walk(take_identity, &walk)) {
		journal_fault("file", "control/servercerts", strerror(errno));
		return 0;
	}
	if (choose_default(contexts))
		return 1;
	log_openssl("control/servercert.pem");
	return 0;
}

struct contexts *
contexts_read(const struct contexts *before, int serves)
{
	struct contexts *contexts = calloc(1, sizeof *contexts);

	if (contexts == NULL)
		return NULL;
	contexts->client = make_context(TLS_client_method());
	if (contexts->client == NULL ||
	    (serves && !read_server(contexts, before))) {
		contexts_free(contexts);
		return NULL;
	}
	return contexts;
}

void
contexts_free(struct contexts *contexts)
{
	size_t i;

	if (contexts == NULL)
		return;
	for (i = 0; i < contexts->count; i++)
		identity_free(&contexts->identities[i].identity);
	free(contexts->identities);
	SSL_CTX_free(contexts->server);
	SSL_CTX_free(contexts->client);
	free(contexts);
}

int
contexts_are_old(const struct contexts *contexts)
{
	return contexts->signature != folder_signature();
}

/* By address and port, by address, the host's own. */
static const struct context_identity *
by_address(const struct contexts *contexts, const char *ip, const char *port)
{
	const struct context_identity *found = NULL;
	char name[CONTEXT_NAME];

	if (ip[0] != '\0') {
		snprintf(name, sizeof name, "%s:%s", ip, port);
		found = find(contexts, name, 1);
		if (found == NULL)
			found = find(contexts, ip, 1);
	}
	if (found == NULL && contexts->count > 0)
		found = &contexts->identities[0];
	return found;
}

SSL *
contexts_accept(const struct contexts *contexts, const char *ip,
    const char *port, const char **name)
{
	const struct context_identity *found = by_address(contexts, ip, port);
	SSL *ssl;

	if (found == NULL)
		return NULL;
	ssl = SSL_new(contexts->server);
	if (ssl != NULL && found != &contexts->identities[0] &&
	    !identity_use_once(&found->identity, ssl)) {
		SSL_free(ssl);
		return NULL;
	}
	*name = found->name;
	return ssl;
}

const struct context_identity *
contexts_by_name(const struct contexts *contexts, const char *name)
{
	const struct context_identity *found;
	char lower[CONTEXT_NAME];
	const char *dot;
	size_t i;

	for (i = 0; name[i] != '\0' && i < sizeof lower - 1; i++)
		lower[i] = to_lower(name[i]);
	lower[i] = '\0';
	if (name[i] != '\0')
		return NULL;
	found = find(contexts, lower, 0);
	dot = strchr(lower, '.');
	if (found == NULL && dot != NULL && dot > lower) {
		/* A folder `*.example.org` is for all names in that. */
		char star[CONTEXT_NAME + 1] = "*";

		strcat(star, dot);
		found = find(contexts, star, 0);
	}
	return found;
}
