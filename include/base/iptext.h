#ifndef BASE_IPTEXT_H
#define BASE_IPTEXT_H

#include <stddef.h>

#include "base/network.h"

/*
 * The text form of a list (base/iplist.h) as it is read, in blocks of any
 * size; begin with { 0 }.
 */
struct iptext {
	size_t line;		/* how many lines have ended */
	size_t bad;		/* the first one that makes no sense, from 1 */
	int is_binary;		/* it was no text after all */
	int in_comment;
	int has_ended;		/* the word; only a comment may follow */
	int is_wrong;		/* this line */
	size_t len;
	char word[NETWORK_TEXT];
};

/*
 * Go on in the block from *at to the end of the next line that has a network;
 * 0: the block has no more.
 */
int iptext_next(struct iptext *, const unsigned char *block, size_t len,
    size_t *at, struct network *);

/* After the last block: the last line may lack its LF.  1: a network. */
int iptext_end_line(struct iptext *, struct network *);

#endif
