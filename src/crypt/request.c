/* request - what a program wants */
#include "crypt/request.h"

#include <string.h>
#include <unistd.h>

#define LONGEST_S	86400u		/* of a handshake */
#define HANDSHAKE_S	60u		/* unless the program says */

/* Each text has a place of its own; 0: none is for this tag. */
static int
take_text(struct request *request, const struct record_item *item, int *good)
{
	const struct {
		unsigned tag;
		char *text;
		size_t size;
	} rows[] = {
		{ TAG_SESSION, request->session, REQUEST_TEXT },
		{ TAG_PEER, request->peer, REQUEST_TEXT },
		{ TAG_LOCAL_IP, request->local_ip, REQUEST_TEXT },
		{ TAG_LOCAL_PORT, request->local_port, REQUEST_TEXT },
		{ TAG_SERVER_NAME, request->server_name, REQUEST_TEXT },
		{ TAG_CIPHERS, request->ciphers, REQUEST_CIPHERS },
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (item->tag == rows[i].tag) {
			*good = record_text(item, rows[i].text, rows[i].size);
			return 1;
		}
	return 0;
}

static int
take_number(struct request *request, const struct record_item *item, int *good)
{
	uint32_t number = 0;

	switch (item->tag) {
	case TAG_ROLE:
	case TAG_POLICY:
	case TAG_MINIMUM:
	case TAG_HANDSHAKE_S:
		*good = record_number(item, &number) && number <= LONGEST_S;
		break;
	default:
		return 0;
	}
	if (!*good)
		return 1;
	if (item->tag == TAG_ROLE)
		request->role = (enum record_role)number;
	else if (item->tag == TAG_POLICY)
		request->policy = (enum record_policy)number;
	else if (item->tag == TAG_MINIMUM)
		request->minimum = number;
	else
		request->handshake_s = number;
	return 1;
}

static int
take_list(struct request *request, const struct record_item *item, int *good)
{
	if (item->tag == TAG_NAME) {
		*good = request->name_count < REQUEST_NAMES &&
		    item->len > 0 && record_text(item,
		    request->names[request->name_count], REQUEST_TEXT);
		request->name_count += (size_t)*good;
		return 1;
	}
	if (item->tag == TAG_FINGERPRINT) {
		*good = request->fingerprint_count < REQUEST_NAMES &&
		    item->len == RECORD_DIGEST;
		if (*good)
			memcpy(request->fingerprints[
			    request->fingerprint_count++], item->value,
			    RECORD_DIGEST);
		return 1;
	}
	return 0;
}

/* The next descriptor goes where the tag says, once each. */
static int
take_descriptor(struct request *request, unsigned tag, const int *fds,
    size_t count, size_t *used, int *good)
{
	int *place;

	switch (tag) {
	case TAG_CA_FILE:
		place = &request->ca_file;
		break;
	case TAG_CA_FOLDER:
		place = &request->ca_folder;
		break;
	case TAG_CERTIFICATE:
		place = &request->certificate;
		break;
	case TAG_KEY:
		place = &request->key;
		break;
	default:
		return 0;
	}
	*good = *used < count && *place == REQUEST_NO_FD;
	if (*good)
		*place = fds[(*used)++];
	return 1;
}

/* What it wants must be something, and be all there. */
static const char *
find_fault(const struct request *request)
{
	if (request->role != ROLE_SERVER && request->role != ROLE_CLIENT)
		return "no role";
	switch (request->policy) {
	case POLICY_ENCRYPT:
		return NULL;
	case POLICY_VERIFY:
	case POLICY_STS:
		if (request->name_count == 0)
			return "no name to be verified";
		if (request->ca_file == REQUEST_NO_FD &&
		    request->ca_folder == REQUEST_NO_FD)
			return "no CA to verify by";
		return NULL;
	case POLICY_FINGERPRINT:
		return request->fingerprint_count > 0 ? NULL :
		    "no fingerprint";
	default:
		return "a policy that is not known here";
	}
}

int
request_read(struct request *request, struct record *record, const int *fds,
    size_t count, const char **why)
{
	struct record_item item;
	size_t used = 0;
	int more, good = 1;

	memset(request, 0, sizeof *request);
	request->handshake_s = HANDSHAKE_S;
	request->ca_file = request->ca_folder = REQUEST_NO_FD;
	request->certificate = request->key = REQUEST_NO_FD;
	*why = "malformed";
	while (good && (more = record_next(record, &item)) != 0) {
		if (more == -1)
			good = 0;
		else if (item.tag == TAG_ASK)
			request->asks_certificate = 1;
		else if (!take_text(request, &item, &good) &&
		    !take_number(request, &item, &good) &&
		    !take_list(request, &item, &good) &&
		    !take_descriptor(request, item.tag, fds, count, &used,
		    &good) && item.tag >= 0x80) {
			*why = "something that is not known here";
			good = 0;
		}
	}
	/* What no tag stands for is nobody's. */
	while (used < count)
		close(fds[used++]);
	if (!good)
		return 0;
	*why = find_fault(request);
	return *why == NULL;
}
