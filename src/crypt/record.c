/* record - the hand-over protocol of qsmtp-tls(8); see README here */
#include "crypt/record.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ITEM_HEAD	3	/* a tag and a length */

void
record_begin(struct record *record, enum record_type type)
{
	record->type = type;
	record->len = record->at = 0;
	record->is_overfull = 0;
}

void
record_add(struct record *record, enum record_tag tag, const void *value,
    size_t len)
{
	unsigned char *out = record->octets + RECORD_HEAD + record->len;

	if (len > RECORD_BODY - ITEM_HEAD ||
	    record->len > RECORD_BODY - ITEM_HEAD - len) {
		record->is_overfull = 1;
		return;
	}
	out[0] = (unsigned char)tag;
	out[1] = (unsigned char)(len >> 8);
	out[2] = (unsigned char)len;
	if (len > 0)
		memcpy(out + ITEM_HEAD, value, len);
	record->len += ITEM_HEAD + len;
}

void
record_add_text(struct record *record, enum record_tag tag, const char *text)
{
	record_add(record, tag, text, strlen(text));
}

void
record_add_number(struct record *record, enum record_tag tag, uint32_t number)
{
	const unsigned char octets[4] = {
		(unsigned char)(number >> 24), (unsigned char)(number >> 16),
		(unsigned char)(number >> 8), (unsigned char)number
	};

	record_add(record, tag, octets, sizeof octets);
}

int
record_next(struct record *record, struct record_item *item)
{
	const unsigned char *in = record->octets + RECORD_HEAD + record->at;
	size_t left = record->len - record->at;

	if (left == 0)
		return 0;
	if (left < ITEM_HEAD)
		return -1;
	item->tag = in[0];
	item->len = (size_t)in[1] << 8 | in[2];
	item->value = in + ITEM_HEAD;
	if (item->len > left - ITEM_HEAD)
		return -1;
	record->at += ITEM_HEAD + item->len;
	return 1;
}

int
record_number(const struct record_item *item, uint32_t *number)
{
	if (item->len != 4)
		return 0;
	*number = (uint32_t)item->value[0] << 24 |
	    (uint32_t)item->value[1] << 16 |
	    (uint32_t)item->value[2] << 8 | item->value[3];
	return 1;
}

int
record_text(const struct record_item *item, char *text, size_t size)
{
	size_t i;

	text[0] = '\0';
	if (item->len >= size)
		return 0;
	for (i = 0; i < item->len; i++)
		if (item->value[i] < ' ' || item->value[i] > '~')
			return 0;
	memcpy(text, item->value, item->len);
	text[item->len] = '\0';
	return 1;
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Wait for the channel until then. */
static enum record_end
await(int channel, short events, int64_t until)
{
	struct pollfd poll_fd = { channel, events, 0 };
	int result;

	do {
		int64_t left = until - now_ms();

		result = poll(&poll_fd, 1, left > 0 ? (int)left : 0);
	} while (result == -1 && errno == EINTR);
	if (result == 0)
		return RECORD_LATE;
	return result > 0 ? RECORD_DONE : RECORD_CLOSED;
}

/* Room for the descriptors of one message, aligned as the kernel wants it. */
union control {
	struct cmsghdr header;
	char octets[CMSG_SPACE(sizeof(int) * RECORD_FDS)];
};

static void
attach(struct msghdr *message, union control *control, const int *fds,
    size_t count)
{
	struct cmsghdr *header;

	memset(control, 0, sizeof *control);
	message->msg_control = control->octets;
	message->msg_controllen = CMSG_SPACE(sizeof(int) * count);
	header = CMSG_FIRSTHDR(message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int) * count);
	memcpy(CMSG_DATA(header), fds, sizeof(int) * count);
}

enum record_end
record_send(int channel, struct record *record, const int *fds, size_t count,
    int ms)
{
	unsigned char *head = record->octets;
	size_t at = 0, len = RECORD_HEAD + record->len;
	int64_t until = now_ms() + ms;

	if (record->is_overfull || count > RECORD_FDS)
		return RECORD_MALFORMED;
	head[0] = 'Q';
	head[1] = 'T';
	head[2] = RECORD_VERSION;
	head[3] = (unsigned char)record->type;
	head[4] = (unsigned char)(record->len >> 8);
	head[5] = (unsigned char)record->len;
	while (at < len) {
		struct iovec part = { head + at, len - at };
		struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
		union control control;
		enum record_end end;
		ssize_t sent;

		/* They go with the first octet. */
		if (at == 0 && count > 0)
			attach(&message, &control, fds, count);
		sent = sendmsg(channel, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent > 0)
			at += (size_t)sent;
		else if (errno == EAGAIN) {
			end = await(channel, POLLOUT, until);
			if (end != RECORD_DONE)
				return end;
		} else if (errno != EINTR)
			return RECORD_CLOSED;
	}
	return RECORD_DONE;
}

/* Take the descriptors that came along.  0: more than there may be. */
static int
take(struct msghdr *message, int fds[RECORD_FDS], size_t *count)
{
	struct cmsghdr *header;
	int fits = (message->msg_flags & MSG_CTRUNC) == 0;

	for (header = CMSG_FIRSTHDR(message); header != NULL;
	    header = CMSG_NXTHDR(message, header)) {
		size_t i, n;

		if (header->cmsg_level != SOL_SOCKET ||
		    header->cmsg_type != SCM_RIGHTS)
			continue;
		n = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(header) + i * sizeof fd,
			    sizeof fd);
			if (*count < RECORD_FDS)
				fds[(*count)++] = fd;
			else {
				close(fd);
				fits = 0;
			}
		}
	}
	return fits;
}

/* Read exactly so much. */
static enum record_end
read_exactly(int channel, unsigned char *out, size_t len, int fds[RECORD_FDS],
    size_t *count, int64_t until)
{
	size_t at = 0;

	while (at < len) {
		struct iovec part = { out + at, len - at };
		union control control;
		struct msghdr message = {
			.msg_iov = &part, .msg_iovlen = 1,
			.msg_control = control.octets,
			.msg_controllen = sizeof control.octets,
		};
		enum record_end end = await(channel, POLLIN, until);
		ssize_t got;

		if (end != RECORD_DONE)
			return end;
		got = recvmsg(channel, &message, MSG_CMSG_CLOEXEC |
		    MSG_DONTWAIT);
		if (got == -1 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (got <= 0)
			return RECORD_CLOSED;
		if (!take(&message, fds, count))
			return RECORD_MALFORMED;
		at += (size_t)got;
	}
	return RECORD_DONE;
}

enum record_end
record_receive(int channel, struct record *record, int fds[RECORD_FDS],
    size_t *count, int ms)
{
	unsigned char *head = record->octets;
	int64_t until = now_ms() + ms;
	enum record_end end;

	record_begin(record, RECORD_REFUSAL);
	*count = 0;
	end = read_exactly(channel, head, RECORD_HEAD, fds, count, until);
	if (end != RECORD_DONE)
		return end;
	if (head[0] != 'Q' || head[1] != 'T')
		return RECORD_MALFORMED;
	if (head[2] != RECORD_VERSION)
		return RECORD_ALIEN;
	record->type = (enum record_type)head[3];
	record->len = (size_t)head[4] << 8 | head[5];
	if (record->len > RECORD_BODY) {
		record->len = 0;
		return RECORD_MALFORMED;
	}
	end = read_exactly(channel, head + RECORD_HEAD, record->len, fds,
	    count, until);
	if (end != RECORD_DONE)
		record->len = 0;
	return end;
}
