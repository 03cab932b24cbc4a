#ifndef CRYPT_CONFINE_H
#define CRYPT_CONFINE_H

/*
 * What a process that speaks TLS with a stranger can still do: read, write and
 * wait on what it has open, and take memory.  It opens, connects and executes
 * nothing, and nobody may look into it.
 */
struct confinement;

/*
 * Put the rules together, once, and have the C library read what it reads
 * when first asked for the time.  NULL: it cannot be; errno says
 * why.  free() it.
 */
struct confinement *confine_prepare(void);

/* Leave no core file, and let nobody look into this process. */
void confine_hide(void);

/* Give up descriptors above `highest` and every privilege.  0: it cannot be. */
int confine_reduce(int highest);

/* From here on the rules hold; who breaks one is killed.  0: they cannot. */
int confine(const struct confinement *);

#endif
