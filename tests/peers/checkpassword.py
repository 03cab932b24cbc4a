#!/usr/bin/env python3
"""checkpassword.py FORM PROGRAM... - the checkpassword interface, to test it

Of CRAM-MD5 the FORM `challenge` has user, challenge and digest, as behind a
host name; `digest` has user, digest and challenge.  PROGRAM is executed after
a good login.
"""
import hashlib
import hmac
import os
import sys

USERS = {b'anna': b'a secret, "$HOME"\\',
         'jörg'.encode(): 'gräßlich'.encode()}
GOOD, BAD, MISUSED = 0, 1, 2
MOST = 65536


def main():
    form, program = sys.argv[1], sys.argv[2:]
    with os.fdopen(3, 'rb') as file:
        parts = file.read(MOST).split(b'\0')
    if form not in ('challenge', 'digest') or len(parts) != 4 or parts[3]:
        return MISUSED
    user, second, third = parts[:3]
    password = USERS.get(user, b'')
    if third:
        challenge, digest = (second, third) if form == 'challenge' else \
            (third, second)
        wanted = hmac.new(password, challenge, hashlib.md5).hexdigest()
        good = challenge.startswith(b'<') and \
            hmac.compare_digest(wanted.encode(), digest)
    else:
        good = hmac.compare_digest(password, second)
    if not good or not password:
        return BAD
    os.execvp(program[0], program)
    return MISUSED


if __name__ == '__main__':
    sys.exit(main())
