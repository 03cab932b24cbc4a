#ifndef REMOTE_CONFIG_H
#define REMOTE_CONFIG_H

#include <stralloc.h>

#include "base/address.h"
#include "base/control.h"
#include "base/list.h"
#include "base/status.h"

/*
 * The settings of one delivery, read once and const from then on; see
 * qsmtp-control(5) for each file.
 */
struct config {
	stralloc helohost;	/* helohost, else me; with a NUL */
	unsigned connect_s;	/* timeoutconnect */
	unsigned timeout_s;	/* timeoutremote */
	struct address from4, from6;	/* outgoingip(6); or family 0 */
	int family;		/* ipfamily: 4, 6, or 0 for any */
	struct list moreipme, notipme;
	stralloc tls_ciphers;	/* tlsclientciphers; with a NUL, or empty */
	unsigned tls_minimum;	/* tlsclientminimum, 0x0303; 0: as ever */
};

/*
 * TEMPFAIL: a file cannot be read or makes no sense; control->failed names
 * it.  remote_config_free() it in any case.
 */
enum status remote_config_read(struct config *, struct control *);
void remote_config_free(struct config *);

#endif
