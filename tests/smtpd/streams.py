"""Scenarios that nobody wrote: mail data at random, judged by a small model.

Each stream is of CR, LF, dots, NUL and letters; where it ends and whether it
may be taken is said here, octet by octet, after RFC 5321 4.1.1.4 and 4.5.2.
"""
import random

from dialogue import Scenario

SESSIONS = 4
MAILS = 60
TOKENS = ('\r\n', '\r\n', '\r\n', '.', '.', '..', '\r\n.', 'a', 'bc', '\r',
          '\n', '\0', '\r\n..\r\n', 'a\r\n')
CLEAN = ('\r\n', '\r\n', '.', '..', '...', '\r\n.', '\r\n..', 'a', 'b.c',
         'a\r\n', '\xff', ' ', '\t', 'x' * 70)


def judge(text):
    """(how long the mail data is, whether it is good, what is stored)."""
    stored = []
    good = True
    start = True        # at the start of a line that CR LF began
    i = 0
    while i < len(text):
        if start and text.startswith('.\r\n', i):
            return i + 3, good, ''.join(stored)
        if start and text[i] == '.':
            i += 1
            start = False
            continue
        if text.startswith('\r\n', i):
            stored.append('\n')
            start = True
            i += 2
            continue
        good = good and text[i] not in '\r\n\0'
        stored.append(text[i])
        start = False
        i += 1
    return 0, good, ''


def stream(rng, tokens):
    """Mail data that ends where it ends, with what is in it."""
    stored = ' '
    while stored[:1] in (' ', '\t'):    # would be folded into our Received
        text = ''.join(rng.choice(tokens) for _ in range(rng.randrange(1, 25)))
        text += '\r\n.\r\n'
        end, good, stored = judge(text)
    return text[:end], good, stored


def add_mail(scenario, text, good, stored):
    begin = (b'MAIL FROM:<a@far.example>\r\n',
             b'RCPT TO:<user@example.test>\r\n', b'DATA\r\n')
    scenario.steps += [
        ('send', 0, list(begin)), ('reply', 0, '250', '2.1.0', '', []),
        ('reply', 0, '250', '2.1.5', '', []), ('reply', 0, '354', None, '', []),
        ('send', 0, [text.encode('latin-1')])]
    if good:
        scenario.steps.append(('reply', 0, '250', '2.0.0', 'ok', []))
        scenario.mails.append({
            'paths': ['a@far.example', 'user@example.test'], 'body': stored,
            'checks': []})
    else:
        scenario.steps.append(('reply', 0, '550', '5.6.0', '', []))


def scenarios(seed):
    """The random scenarios of a seed."""
    for number in range(SESSIONS):
        rng = random.Random('%s streams %d' % (seed, number))
        scenario = Scenario('streams.smtp', 'mail data at random %d' % number)
        scenario.controls['maxhops'] = ('=', '1000\n')
        scenario.steps += [
            ('reply', 0, '220', None, '', []),
            ('send', 0, [b'EHLO client.example\r\n']),
            ('reply', 0, '250', None, '', [])]
        for _ in range(MAILS):
            add_mail(scenario, *stream(rng, rng.choice((TOKENS, CLEAN))))
        yield scenario
