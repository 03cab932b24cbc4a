#ifndef CRYPT_RECORD_H
#define CRYPT_RECORD_H

#include <stddef.h>
#include <stdint.h>

/*
 * The hand-over protocol between a program that talks SMTP and qsmtp-tls(8),
 * which is written down in src/crypt/README.  A record is a head of six
 * octets and a body of items, each a tag, a length of two octets, and a
 * value.  This is all that both ends share: no library is behind it.
 */

#define RECORD_VERSION	1
#define RECORD_HEAD	6
#define RECORD_BODY	8192	/* most octets of a body */
#define RECORD_FDS	4	/* most descriptors that come with one record */
#define RECORD_IDENTITIES 16	/* most mail addresses of a certificate */
#define RECORD_DIGEST	32	/* octets of a SHA-256, and of an exporter */

enum record_type {
	RECORD_REQUEST = 'R',	/* program: what is wanted */
	RECORD_READY = 'Y',	/* service: it can be had */
	RECORD_GO = 'G',	/* program: with the connection, 1 or 2 fds */
	RECORD_FACTS = 'F',	/* service: TLS is up; plaintext follows */
	RECORD_REFUSAL = 'E'	/* service: it cannot be had, or failed */
};

/* Who does not know a tag skips it, unless its top bit is set. */
enum record_tag {
	/* R; numbers are four octets, the most significant first. */
	TAG_SESSION = 0x01,	/* text, for the log */
	TAG_PEER = 0x02,	/* text, for the log */
	TAG_HANDSHAKE_S = 0x03,	/* number: how long it may take */
	TAG_SERVER_NAME = 0x05,	/* text: client, for SNI */
	TAG_ROLE = 0x81,	/* number, see enum record_role */
	TAG_LOCAL_IP = 0x82,	/* text: server, chooses the certificate */
	TAG_LOCAL_PORT = 0x83,	/* text: the same */
	TAG_MINIMUM = 0x84,	/* number: least version, 0x0303 is TLS 1.2 */
	TAG_CIPHERS = 0x85,	/* text: as openssl-ciphers(1) has it */
	TAG_ASK = 0x86,		/* server: ask for a client certificate */
	TAG_POLICY = 0x87,	/* number, see enum record_policy */
	TAG_NAME = 0x88,	/* text: a name or address to be verified */
	TAG_FINGERPRINT = 0x89,	/* SHA-256 of a certificate or its key */
	TAG_TLSA = 0x8a,	/* usage, selector, matching type, data */
	/* Each of these is empty and stands for the next descriptor. */
	TAG_CA_FILE = 0x91,
	TAG_CA_FOLDER = 0x92,
	TAG_CERTIFICATE = 0x93,
	TAG_KEY = 0x94,
	/* F */
	TAG_VERDICT = 0xa1,	/* number, see enum record_verdict */
	TAG_VERSION = 0x21,	/* text: "TLSv1.3" */
	TAG_CIPHER = 0x22,	/* text */
	TAG_GROUP = 0x23,	/* text: of the key exchange */
	TAG_SNI = 0x24,		/* text: the name that the client asked for */
	TAG_OWN = 0x25,		/* text: where our certificate came from */
	TAG_SUBJECT = 0x26,	/* text: of the other side's certificate */
	TAG_DIGEST = 0x27,	/* its SHA-256 */
	TAG_IDENTITY = 0x28,	/* text: a mail address it is made out to */
	TAG_MATCHED = 0x29,	/* text: the name or fingerprint that fits */
	TAG_EXPORTER = 0x2a,	/* RFC 9266 */
	/* F with VERDICT_UNMET, and E */
	TAG_TEXT = 0x31,	/* text: why */
	TAG_CODE = 0xb1		/* number, see enum record_code */
};

enum record_role { ROLE_SERVER = 1, ROLE_CLIENT = 2 };

/* What a client wants to know of the server. */
enum record_policy {
	POLICY_ENCRYPT = 0,	/* nothing: any certificate will do */
	POLICY_VERIFY = 1,	/* issued by a CA, for one of the names */
	POLICY_DANE = 2,
	POLICY_STS = 3,		/* as POLICY_VERIFY */
	POLICY_FINGERPRINT = 4	/* it is one of these */
};

enum record_verdict {
	VERDICT_ENCRYPTED = 1,	/* who the other side is was not asked, */
				/* or a client could not prove it */
	VERDICT_VERIFIED = 2,	/* by CA or fingerprint */
	VERDICT_DANE = 3,
	VERDICT_UNMET = 4	/* TLS is up, and the policy is not met */
};

/* Why there is no TLS. */
enum record_code {
	CODE_BUSY = 1,		/* as many sessions as there may be */
	CODE_NO_CERTIFICATE = 2,
	CODE_BAD_REQUEST = 3,
	CODE_INTERNAL = 4,
	CODE_OTHER_VERSION = 5,	/* of this protocol */
	CODE_HANDSHAKE = 6	/* began and failed: the connection is lost */
};

struct record {
	enum record_type type;
	size_t len;		/* of the body */
	size_t at;		/* how much of it was read */
	int is_overfull;	/* something did not fit */
	unsigned char octets[RECORD_HEAD + RECORD_BODY];
};

struct record_item {
	unsigned tag;
	size_t len;
	const unsigned char *value;	/* within the record */
};

/* Put one together.  What does not fit makes record_send() fail. */
void record_begin(struct record *, enum record_type);
void record_add(struct record *, enum record_tag, const void *, size_t len);
void record_add_text(struct record *, enum record_tag, const char *text);
void record_add_number(struct record *, enum record_tag, uint32_t);

/* Go through one.  1: `item` is the next; 0: the end; -1: malformed. */
int record_next(struct record *, struct record_item *);

/* 0: the value is no number. */
int record_number(const struct record_item *, uint32_t *number);

/*
 * Copy a text of printable ASCII, with a NUL.  0: it is longer than that, or
 * is no such text; `text` is then empty.
 */
int record_text(const struct record_item *, char *text, size_t size);

enum record_end {
	RECORD_DONE,
	RECORD_CLOSED,		/* the other side has, or the channel broke */
	RECORD_LATE,
	RECORD_ALIEN,		/* another version of this protocol */
	RECORD_MALFORMED
};

/*
 * Send one, and the descriptors with it, within `ms`.  They stay open here.
 */
enum record_end record_send(int channel, struct record *, const int *fds,
    size_t count, int ms);

/*
 * Receive one within `ms`, and not an octet more: plaintext may follow.
 * `count` gets how many descriptors came, which the caller closes, whatever
 * the end is; with more than RECORD_FDS it is malformed.
 */
enum record_end record_receive(int channel, struct record *,
    int fds[RECORD_FDS], size_t *count, int ms);

#endif
