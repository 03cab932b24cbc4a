"""Scenarios that nobody wrote.

Mail data at random is judged by a small model: each stream is of CR, LF, dots,
NUL and letters; where it ends and whether it may be taken is said here, octet
by octet, after RFC 5321 4.1.1.4 and 4.5.2.

Commands at random have no model but that every way of cutting them has to end
in the same replies and the same queue, and no reply may be malformed.

Messages at random, of a form that check_strict_rfc2822 takes, go the streamed
way and the spooled way: both have to end as the model says.
"""
import random

from dialogue import Scenario

SESSIONS = 4
MAILS = 60
TOKENS = ('\r\n', '\r\n', '\r\n', '.', '.', '..', '\r\n.', 'a', 'bc', '\r',
          '\n', '\0', '\r\n..\r\n', 'a\r\n')
CLEAN = ('\r\n', '\r\n', '.', '..', '...', '\r\n.', '\r\n..', 'a', 'b.c',
         'a\r\n', '\xff', ' ', '\t', 'x' * 70)

# No octet of 8 bits, and no line of more than 998.
PLAIN = ('\r\n', '\r\n', '.', '..', '...', '\r\n.', '\r\n..', 'a', 'b.c',
         'a\r\n', 'X: y\r\n', ' ', '\t', 'x' * 35)
FAULTY = PLAIN + ('\r', '\n', '\0')
BOTH_WAYS = 3
PAIRS = 25
# As lines of 64 octets, how much a spool keeps in memory.
MEMORY_LINES = 4096

TALKS = 12
LINES = 120
ENDINGS = ('\r\n',) * 14 + ('\n', '\r\r\n', '\0\r\n', '\n\r\n',
                             ' \r\n', '\r')
VERBS = ('HELO', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'RSET', 'NOOP', 'VRFY',
         'EXPN', 'HELP', 'XYZZY', 'mail', 'data', '', 'STARTTLS')
PATHS = ('<>', '<a@far.example>', '<user@example.test>', '<"a b"@x.example>',
         '<@r.example:a@b.example>', '<a@[127.0.0.1]>', '<a@[IPv6:::1]>',
         'a@b.example', '<a', '<a@>', '<\xe9@b.example>', 'postmaster', '',
         '<a@b.example', '<a@b.example>>', '<' + 'l' * 950 + '@b.example>')
PARAMETERS = ('', '', '', ' SIZE=1', ' SIZE=', ' BODY=8BITMIME', ' FOO=1', ' ',
              ' SIZE=1 SIZE=1', ' =', '  SIZE=5 ')


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
    text = ''.join(rng.choice(tokens) for _ in range(rng.randrange(1, 25)))
    text += '\r\n.\r\n'
    end, good, stored = judge(text)
    if stored[:1] in (' ', '\t'):       # it may not go on with our Received
        stored = 'X-Qsmtp-Folded:\n' + stored
    return text[:end], good, stored


def formed(rng, large):
    """A message with From and Date, else at random; large: near the border
    between memory and file."""
    text = 'From: a@far.example\r\nDate: today\r\n'
    if large:
        lines = MEMORY_LINES + rng.randrange(-3, 3)
        text += '\r\n' + ('z' * 63 + '\r\n') * lines
    elif rng.random() < 0.5:
        text += '\r\n' + rng.choice(('', '\xff'))
    tokens = rng.choice((PLAIN, PLAIN, PLAIN, FAULTY))
    text += ''.join(rng.choice(tokens) for _ in range(rng.randrange(1, 25)))
    text += '\r\n.\r\n'
    end, good, stored = judge(text)
    return text[:end], good, stored


def both_ways(seed):
    """The same messages, streamed into the queue and by way of a spool."""
    for number in range(BOTH_WAYS):
        for how in ('streamed', 'spooled'):
            rng = random.Random('%s both ways %d' % (seed, number))
            scenario = Scenario('streams.smtp', 'messages at random %d, %s' % (
                number, how))
            scenario.files['spool/keep'] = ''
            if how == 'spooled':
                scenario.env['QSMTP_FILTERS'] = 'check_strict_rfc2822'
            scenario.steps += [
                ('reply', 0, '220', None, '', []),
                ('send', 0, [b'EHLO client.example\r\n']),
                ('reply', 0, '250', None, '', [])]
            good = 0
            for turn in range(PAIRS):
                mail = formed(rng, turn % (PAIRS // 2) == 0)
                good += mail[1]
                add_mail(scenario, *mail, parameters=b' BODY=8BITMIME')
            scenario.starts = PAIRS if how == 'streamed' else good
            yield scenario


def add_mail(scenario, text, good, stored, parameters=b''):
    begin = (b'MAIL FROM:<a@far.example>%b\r\n' % parameters,
             b'RCPT TO:<user@example.test>\r\n', b'DATA\r\n')
    scenario.steps += [
        ('send', 0, list(begin)), ('reply', 0, '250', '2.1.0', '', []),
        ('reply', 0, '250', '2.1.5', '', []),
        ('reply', 0, '354', None, '', []),
        ('send', 0, [text.encode('latin-1')])]
    if good:
        scenario.steps.append(('reply', 0, '250', '2.0.0', 'ok', []))
        scenario.mails.append({
            'paths': ['a@far.example', 'user@example.test'], 'body': stored,
            'checks': []})
    else:
        scenario.steps.append(('reply', 0, '550', '5.6.0', '', []))


def command(rng):
    """A line of a client that knows little of SMTP."""
    verb = rng.choice(VERBS)
    if verb.upper() in ('MAIL', 'RCPT') and rng.random() < 0.9:
        keyword = 'FROM:' if verb.upper() == 'MAIL' else 'TO:'
        line = '%s %s%s%s%s' % (verb, keyword, rng.choice(('', '', '', ' ')),
                                rng.choice(PATHS), rng.choice(PARAMETERS))
    else:
        line = verb + rng.choice(('', '', ' x.example', ' ', ' a b', '\t',
                                  ' ' + 'x' * rng.randrange(2100)))
    return line + rng.choice(ENDINGS)


def talk(rng):
    """Commands, whole mails and pieces of mail data, as they come."""
    out = []
    for _ in range(LINES):
        dice = rng.random()
        if dice < 0.15:
            out.append('MAIL FROM:<a@far.example>\r\n'
                       'RCPT TO:<user@example.test>\r\nDATA\r\n' +
                       stream(rng, rng.choice((TOKENS, CLEAN)))[0])
        elif dice < 0.2:
            out.append(stream(rng, TOKENS)[0])
        elif dice < 0.3:
            out.append('RSET\r\n')
        else:
            out.append(command(rng))
    return ''.join(out)


def talks(seed):
    """One who may relay talks nonsense, then stops."""
    for number in range(TALKS):
        rng = random.Random('%s talk %d' % (seed, number))
        scenario = Scenario('streams.smtp', 'commands at random %d' % number)
        scenario.env['RELAYCLIENT'] = ''
        scenario.controls['maxerrors'] = (
            '=', rng.choice(('0\n', '0\n', '10\n')))
        scenario.controls['databytes'] = ('=', '300\n')
        scenario.controls['barelf'] = (
            '=', rng.choice(('reject\n', 'normalize\n')))
        scenario.count = -1
        scenario.steps += [
            ('reply', 0, '220', None, '', []),
            ('send', 0, [talk(rng).encode('latin-1')]),
            ('act', 0, 'shutdown'), ('drain', 0)]
        yield scenario


def scenarios(seed):
    """The random scenarios of a seed."""
    yield from talks(seed)
    yield from both_ways(seed)
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
