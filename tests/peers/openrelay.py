#!/usr/bin/env python3
"""openrelay.py BUILD [NAME...] - nmap looks for an open relay in BUILD/Qsmtpd

nmap's script smtp-open-relay tries 16 ways to have mail relayed, on each of
the configurations below, and what it says is compared.  It sends no mail.
Ends with 77 when nothing could be tried.
"""
import collections
import os
import re
import subprocess
import sys
import time

import clients
from clients import Skip, Wrong

HERE = os.path.dirname(os.path.abspath(__file__))
END_S = 20
DOMAIN = 'nmap.scanme.org'      # to which nmap tries to relay
CHECKER = (os.path.join(HERE, 'checkpassword.py'), 'digest', 'true')
CLOSED = "Server doesn't seem to be an open relay, all tests failed"
LOGIN = "Server isn't an open relay, authentication needed"
OPEN = r'Server is an open relay \(%s/16 tests\)'
# No verdict: the session has ended.
BROKEN = r'SMTP \w+: failed to (receive|send)|Failed to issue'
GONE = ('/dev/null/checkpassword', 'true')


class Row:
    """A configuration and what is seen of it."""

    def __init__(self, said, refused, code, arguments=(), environment=None,
                 lists=(), own=False, **files):
        self.said = said                # by nmap, a regular expression
        self.refused = refused          # how many RCPT the log has refused
        self.code = code                # the last reply by the log
        self.arguments = arguments
        self.environment = environment or {}
        self.lists = lists              # (file, network) for addipbl
        self.own = own                  # all it found is mail to our domain
        self.files = files


def every_filter():
    """Each filter in mode monitor."""
    with open(os.path.join(HERE, '../../src/filter/table.c'),
              encoding='ascii') as file:
        names = re.findall(r'&filter_(\w+),', file.read())
    if not names:
        raise Wrong('no filters in src/filter/table.c')
    return ' '.join('%s=monitor' % name for name in names)


def stock(*arguments, **more):
    """All 16 recipients are refused, and nmap says QUIT."""
    return Row(CLOSED, 16, 221, *arguments, **more)


def rows():
    offered = {'authcleartext': '1', 'authdelay': '0'}
    tables = {'relayclients': '192.0.2.0/24\n10.0.0.1\n2001:db8::/32',
              'relayclients6': '2001:db8::/32\nfe80::/10'}
    return {
        'stock': stock(),
        # Nothing is local.
        'no rcpthosts': stock(rcpthosts=None),
        'relayclients as text': stock(**tables),
        'relayclients by addipbl': stock(
            lists=(('relayclients', '192.0.2.0/24'),
                   ('relayclients', '128.0.0.0/8'),
                   ('relayclients', '126.0.0.0/8'),
                   ('relayclients6', '2001:db8::/32'),
                   ('relayclients6', '::2/128'))),
        # Each RCPT is 421 4.3.0, and the session ends with the first.
        'relayclients of no sense': Row(BROKEN, 1, 421,
                                        relayclients='192.0.2.1\n127'),
        'AUTH not used': stock(CHECKER, **offered),
        'AUTH not offered': stock(CHECKER),
        'AUTH without its program': stock(GONE, **offered),
        # MAIL is 530 5.7.0.
        'submission': Row(LOGIN, 0, 221, CHECKER, {'SUBMISSION': ''},
                          **offered),
        'SUBMISSION without a program': Row(LOGIN, 0, 221, (),
                                            {'SUBMISSION': ''}),
        # MAIL is 454 4.7.0.
        'submission, its program is gone': Row(
            CLOSED, 0, 221, GONE, {'SUBMISSION': ''}, **offered),
        'login required': Row(LOGIN, 0, 221, CHECKER, {'SMTPAUTH': '!'},
                              **offered),
        'every filter in mode monitor': stock(
            environment={'QSMTP_FILTERS': every_filter()}),
        'every filter off': stock(environment={
            'QSMTP_FILTERS': every_filter().replace('monitor', 'off')}),
        'RBLSMTPD empty': stock(environment={'RBLSMTPD': ''}),
        'smtproutes': stock(smtproutes=':relay.example.test'),
        # The first malformed forward-path is one bad command too many.
        'maxerrors of one': Row(BROKEN, 7, 421, maxerrors='1'),
        # Mailboxes of our own with %, ! or a quoted @ in the local-part: the
        # mail stays here, for nothing of ours reads a route from them.
        'our own name is local': Row(OPEN % 5, 11, 221, own=True,
                                     rcpthosts='mail.example.test'),
        # That the test can fail.
        'control: RELAYCLIENT': Row(OPEN % 12, 4, 221,
                                    environment={'RELAYCLIENT': ''}),
        'control: relayclients has us': Row(OPEN % 12, 4, 221,
                                            relayclients='127.0.0.1'),
    }


def scan(build, port):
    """What the script says, line by line."""
    nmap = clients.program(build, 'nmap')
    data = os.path.join(os.path.dirname(nmap), '../nmap/root/usr/share/nmap')
    out = subprocess.run(
        [nmap, '--datadir', data, '--unprivileged', '-n', '-Pn', '-sT', '-vv',
         '--script', '+smtp-open-relay', '-p', str(port), '127.0.0.1'],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=clients.WAIT_S, check=False)
    text = out.stdout.decode('latin-1')
    found = re.search(r'^\|[ _]smtp-open-relay: (.*\n(?:\|.*\n)*)', text, re.M)
    if out.returncode != 0 or not found:
        raise Wrong('nmap ended with %d:\n%s' % (out.returncode, text))
    return re.sub(r'^\|[ _] ?', '', found.group(1), flags=re.M).splitlines()


def fill_lists(build, home, lists):
    """By the tool, in place: a copy would not be as it left it."""
    addipbl = clients.find(build, 'addipbl')
    if lists and not addipbl:
        raise Skip('addipbl is not built')
    for name, network in lists:
        subprocess.run([addipbl, home + '/control/' + name, network],
                       check=True, timeout=clients.WAIT_S)


def session_end(s):
    """What the log has at its end, which may come after nmap's.

    nmap's first connection is its look at the port, and says nothing.
    """
    limit = time.monotonic() + END_S
    while True:
        found = re.search(r'event=end .* helo=%s .* refused=(\d+) code=(\d+) '
                          % DOMAIN, s.log())
        if found or time.monotonic() > limit:
            return found and found.groups()
        time.sleep(0.02)


def try_row(build, row):
    files = {'rcpthosts': 'example.test', **row.files}
    with clients.server(build, clients.FakeQueue, row.arguments,
                        row.environment,
                        **{n: t for n, t in files.items() if t}) as s:
        if files['rcpthosts'] is None:
            os.unlink(s.home + '/control/rcpthosts')
        fill_lists(build, s.home, row.lists)
        said = scan(build, s.port)
        if not re.match(row.said, said[0]):
            raise Wrong('nmap says: ' + '\n'.join(said))
        if row.own and [line for line in said[1:] if not line.endswith(
                ('@[127.0.0.1]>', '@mail.example.test>'))]:
            raise Wrong('not all stays here: ' + '\n'.join(said))
        end = session_end(s)
        if end != (str(row.refused), str(row.code)):
            raise Wrong('the log has %r of %s' % (end, DOMAIN))
        if s.queue.mails():
            raise Wrong('mail is in the queue')
    return said[0]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build = os.path.abspath(sys.argv[1])
    names = sys.argv[2:]
    counts = collections.Counter()
    for title, row in rows().items():
        if names and not any(n in title for n in names):
            continue
        try:
            word, text = 'passed', try_row(build, row)
        except Skip as why:
            word, text = 'skipped', str(why)
        except (Wrong, OSError, subprocess.SubprocessError) as why:
            word, text = 'failed', '%s: %s' % (type(why).__name__, why)
            text += ''.join('\n    log| ' + line for line in getattr(
                why, 'log', '').split('\n')[-20:])
        counts[word] += 1
        print('%s  %s: %s' % (word, title, text), flush=True)
    print('%d passed, %d failed' % (counts['passed'], counts['failed']))
    if counts['failed']:
        sys.exit(1)
    sys.exit(0 if counts['passed'] else 77)


if __name__ == '__main__':
    main()
