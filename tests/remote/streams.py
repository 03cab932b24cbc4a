"""Messages of random CR, LF, dots, NUL and letters, judged by wire.py."""
import os
import random

from scenario import Scenario

MESSAGES = 20
SEED = os.environ.get('SEED') or str(random.randrange(1 << 32))


def seed():
    return SEED


def octets(rng):
    letters = [b'\r', b'\n', b'.', b'\r\n', b'\n.', b'a', b'\0', b'\xe4',
               b'\r.', b'\n.\n', b'\r\n.\r\n', b'line\n']
    size = rng.choice((0, 1, 2, 10, 100, 1000))
    out = b''.join(rng.choices(letters, k=size))
    if rng.random() < .3:       # where a block of the file ends
        out = b'x' * (rng.choice((1, 2)) * 32768 - rng.randrange(8)) + out
    return out


def scenarios():
    out = []
    for i in range(MESSAGES):
        rng = random.Random('%s %d' % (SEED, i))
        scenario = Scenario('streams.smtp', 'streams: message %d' % i)
        scenario.message = octets(rng)
        scenario.stdin = rng.choice(('file', 'pipe'))
        pipelining = rng.random() < .5
        words = [('S:', '220 mx'), ('C:', 'EHLO me.test')]
        if pipelining:
            words += [('S:', '250-mx'), ('S:', '250 PIPELINING'),
                      ('C:', 'MAIL FROM:<a@me.test>'),
                      ('C:', 'RCPT TO:<r@x.test>'), ('C:', 'DATA'),
                      ('S:', '250 ok'), ('S:', '250 ok'), ('S:', '354 go'),
                      ('B:', 'wire'), ('C:', 'QUIT'), ('S:', '250 ok')]
        else:
            words += [('S:', '250 mx'), ('C:', 'MAIL FROM:<a@me.test>'),
                      ('S:', '250 ok'), ('C:', 'RCPT TO:<r@x.test>'),
                      ('S:', '250 ok'), ('C:', 'DATA'), ('S:', '354 go'),
                      ('B:', 'wire'), ('S:', '250 ok'), ('C:', 'QUIT')]
        scenario.hosts.append(['127.0.0.1', [words], True])
        scenario.report = ['r', 'K127.0.0.1 accepted message.\\n'
                           'Remote host said: 250 ok\\n']
        scenario.outcome = 'K'
        out.append(scenario)
    return out
