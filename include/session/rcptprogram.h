#ifndef SESSION_RCPTPROGRAM_H
#define SESSION_RCPTPROGRAM_H

#include "session/users.h"

/*
 * The back end "program": RCPTCHECK, or the program that is the argument,
 * answers with its exit code; see Qsmtpd(8).
 */
back_end_fn rcptprogram_find;

/* Whether the environment names one. */
int rcptprogram_is_wanted(void);

#endif
