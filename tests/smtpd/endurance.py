#!/usr/bin/env python3
"""endurance.py BUILD - DNS servers that are slow, dead or lying

The same sessions with a server that answers at once, one that is slow, a dead
one, and those that lie or come late: what they say must not depend on that
where it may not.  Then a session of many mails and many sessions of one mail
against a slow server, behind which nothing is left.
"""
import concurrent.futures
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'fake'))
import fastdns  # noqa: E402
import settings  # noqa: E402 (it must find its own folder)

FASTDNS = fastdns.__file__
LISTS = 8
SLOW_MS = 100
SLACK_S = 0.4           # what a busy machine may add
LATE_MS = 1500          # dnstimeout is 1 s
AGAIN = 6               # mails of a session
MAILS, FIRST, GROWTH_KB = 500, 50, 200
MAIL_MS = 5
SESSIONS, PARALLEL, SESSION_MS = 5000, 8, 20
PATIENCE_S = 10

CLEAN, LISTED, NAMELESS = '192.0.2.1', '192.0.2.2', '192.0.2.3'
ZONE = '''
1.2.0.192.in-addr.arpa PTR clean.test
2.2.0.192.in-addr.arpa PTR listed.test
clean.test A 192.0.2.1
listed.test A 192.0.2.2
sender.test MX 10 mx.sender.test
*.sender.test MX 10 mx.sender.test
fail.test TXT "v=spf1 mx -all"
fail.test MX 10 mx.sender.test
*.sender.test TXT "v=spf1 mx ip4:192.0.2.0/24 ip4:127.0.0.0/8 -all"
mx.sender.test A 9.9.9.9
bad.sender.test MX 10 mx.sender.test
bad.sender.test.rhs.test A 127.0.0.2
1.0.0.127.in-addr.arpa PTR localhost.test
localhost.test A 127.0.0.1
''' + ''.join('2.2.0.192.bl%d.test A 127.0.0.2\n' % i for i in range(LISTS))

FILES = {'me': 'mail.example.test\n', 'rcpthosts': 'example.test\n',
         'maxerrors': '0\n'}
BLACK = {'dnsbl': ''.join('bl%d.test\n' % i for i in range(LISTS))}
NAMES = {**BLACK, 'filterconf': 'ptr\nptrconfirmed\nfromdomain=7\nmxof\n'}
ALL = {**NAMES, 'filterconf': NAMES['filterconf'] + 'spfpolicy=3\n'}
SENDER, GONE = 'a@x.sender.test', 'a@gone.test'

# Files, client and sender; what RCPT gets when the server answers in time, and
# when nothing that it says counts.
CASES = {
    'not listed': (BLACK, CLEAN, SENDER, '250', '250'),
    'listed': (BLACK, LISTED, SENDER, '550', '250'),
    'listed, faults count': ({**BLACK, 'filterconf': 'dnsblfault\n'},
                             LISTED, SENDER, '550', '451'),
    'no reverse name': ({'filterconf': 'ptr\n'}, NAMELESS, SENDER,
                        '550', '250'),
    'no reverse name, put off': ({'filterconf': 'ptr\nptrdefer\n'}, NAMELESS,
                                 SENDER, '550', '451'),
    'fromdomain': ({'filterconf': 'fromdomain=6\n'}, CLEAN, GONE,
                   '250', '250'),
    'fromdomain=1': ({'filterconf': 'fromdomain=1\n'}, CLEAN, GONE,
                     '550', '451'),
    'mxof': ({'filterconf': 'mxof\n'}, CLEAN, GONE, '550', '451'),
    'SPF': ({'filterconf': 'spfpolicy=3\n'}, CLEAN, 'a@fail.test',
            '550', '451'),
    'all, nothing found': (ALL, CLEAN, SENDER, '250', '451'),
    'names, null sender': (NAMES, CLEAN, '', '250', '250'),
    'all, listed': (ALL, LISTED, SENDER, '550', '451'),
}
# Servers: what they do to each answer, and whether it counts.
SERVERS = {
    'instant': (0, None, True), 'slow': (SLOW_MS, None, True),
    'dead': (0, 'timeout', False), 'late': (LATE_MS, None, False),
    'garbage': (0, 'garbage', False), 'wrong id': (0, 'wrongid', False),
    'other question': (0, 'wrongquestion', False),
    'no answer': (0, 'notanswer', False), 'cut': (0, 'cut', False),
}


def write_home(root, port, files, seconds):
    home = tempfile.mkdtemp(dir=root)
    control = os.path.join(home, 'control')
    os.mkdir(control)
    for name, text in {**FILES, 'resolvers': '127.0.0.1:%d\n' % port,
                       'dnstimeout': '%d\n' % seconds, **files}.items():
        with open(os.path.join(control, name), 'w', encoding='ascii') as f:
            f.write(text)
    return home


class Talk:
    """A session on a socket pair; its log is a file."""

    def __init__(self, build, home, client):
        self.received = b''
        self.wire, theirs = socket.socketpair()
        self.wire.settimeout(settings.LIMIT_S)
        with open(os.path.join(home, 'log'), 'ab') as log:
            self.process = subprocess.Popen(
                [build.program], stdin=theirs, stdout=theirs, stderr=log,
                cwd='/', env={
                    'PATH': os.environ['PATH'], 'PROTO': 'TCP',
                    'TCPREMOTEIP': client, 'TCPLOCALIP': '192.0.2.9',
                    'QMAILHOME': home, 'QMAILQUEUE': build.queue})
        theirs.close()
        self.hear()
        self.ask('EHLO client.example')

    hear = settings.Session.hear
    say = settings.Session.say

    def ask(self, line):
        self.say(line)
        return self.hear()[0]

    def rcpt(self, sender):
        """The reply to a recipient of this sender."""
        self.say('RSET', 'MAIL FROM:<%s>' % sender,
                 'RCPT TO:<user@example.test>')
        self.hear()
        self.hear()
        return self.hear()[0]

    def end(self):
        self.ask('QUIT')
        self.wire.close()
        return self.process.wait(settings.LIMIT_S)

    def descriptors(self):
        return sorted(os.listdir('/proc/%d/fd' % self.process.pid))

    def kilobytes(self):
        path = '/proc/%d/status' % self.process.pid
        with open(path, encoding='ascii') as f:
            return int(re.search(r'VmRSS:\s+(\d+)', f.read()).group(1))


def children(pid):
    """Zombies are among them."""
    with open('/proc/%d/task/%d/children' % (pid, pid), encoding='ascii') as f:
        return f.read().split()


def sockets_to(port):
    """Sockets of this machine that are connected to that UDP port."""
    with open('/proc/net/udp', encoding='ascii') as f:
        return sum(line.split()[2].endswith(':%04X' % port)
                   for line in f.readlines()[1:])


def eventually(condition):
    """Whether it becomes so: there is no event to wait for."""
    until = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


class Test:
    def __init__(self, build, tcpserver, root):
        self.build, self.tcpserver, self.root = build, tcpserver, root
        self.failures = []

    def check(self, good, why):
        if not good:
            self.failures.append(why)

    def verdict(self, server_name, name):
        """What comes too late for the first mail comes while the others do."""
        delay_ms, fault, counts = SERVERS[server_name]
        files, client, sender, good, bad = CASES[name]
        wanted = good if counts else bad
        with fastdns.Server(ZONE, delay_ms, fault) as server:
            home = write_home(self.root, server.port, files,
                              20 if counts else 1)
            talk = Talk(self.build, home, client)
            began = time.monotonic()
            said = [talk.rcpt(sender) for _ in range(AGAIN)]
            took = time.monotonic() - began
            status = talk.end()
            where = '%s, %s' % (server_name, name)
            self.check(status == 0, '%s: exit code %d' % (where, status))
            self.check(said == [wanted] * AGAIN, '%s: wanted %s, got %s' % (
                where, wanted, said))
            self.check(server.arrived, where + ': nothing was asked')
            # 1 s for a session, not for each list nor for each mail.
            self.check(counts or took < AGAIN / 2,
                       '%s: waited for %.2f s' % (where, took))

    def verdicts(self):
        rows = [(server, case) for server in SERVERS for case in CASES]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for _ in pool.map(lambda row: self.verdict(*row), rows):
                pass
        print('%d servers, %d sessions' % (len(SERVERS), len(rows)))

    def overlap(self):
        """A busy machine may be late once, and once more."""
        took = min(self.waits() for _ in range(3))
        # The exchangers of the sender and their addresses: two answers.
        self.check(took < 2 * SLOW_MS / 1000 + SLACK_S,
                   'overlap: waited for %.2f s' % took)
        print('%d lists of %d ms, and names: %.0f ms' % (
            LISTS, SLOW_MS, took * 1000))

    def waits(self):
        """All that can be asked is asked before the first answer."""
        first = {('1.2.0.192.bl%d.test' % i, 'A') for i in range(LISTS)}
        first |= {('1.2.0.192.in-addr.arpa', 'PTR')}
        with fastdns.Server(ZONE, SLOW_MS) as server:
            home = write_home(self.root, server.port, ALL, 20)
            began = time.monotonic()
            talk = Talk(self.build, home, CLEAN)
            said = talk.rcpt(SENDER)
            took = time.monotonic() - began
            talk.end()
            arrived = {asked for when, asked in server.arrived
                       if when < server.sent[0]}
        self.check(said == '250', 'overlap: got %s' % said)
        self.check(first <= arrived, 'asked after the first answer: %s' % (
            first - arrived))
        return took

    def long_session(self):
        files = {**ALL, 'rhsbl': 'rhs.test\n'}
        with Process(self.root, MAIL_MS) as server:
            home = write_home(self.root, server.port, files, 600)
            talk = Talk(self.build, home, CLEAN)
            for i in range(MAILS):
                if i == FIRST:
                    before = talk.kilobytes(), talk.descriptors()
                self.mail(talk, i)
            talk.ask('RSET')
            grown = talk.kilobytes() - before[0]
            more = set(talk.descriptors()) - set(before[1])
            self.check(not more, '%d descriptors more, such as %s' % (
                len(more), sorted(more)[:3]))
            self.check(talk.end() == 0, 'exit code of the long session')
        self.check(grown < GROWTH_KB, 'memory grows by %d kB' % grown)
        print('%d mails in a session: %d kB more than with %d' % (
            MAILS, grown, FIRST))

    def mail(self, talk, i):
        sender, wanted = [('a@n%d.sender.test' % i, '250'),
                          ('a@gone%d.test' % i, '550'),
                          ('a@bad.sender.test', '550')][i % 3]
        said = talk.rcpt(sender)
        self.check(said == wanted, 'mail %d: wanted %s, got %s' % (
            i, wanted, said))
        if i % 30 == 0:
            talk.ask('DATA')
            talk.say('Subject: x', '', 'text')
            self.check(talk.ask('.') == '250', 'mail %d is not taken' % i)

    def short_sessions(self):
        with Process(self.root, SESSION_MS) as server:
            home = write_home(self.root, server.port, ALL, 20)
            listener = Listener(self, home)
            try:
                idle = listener.descriptors()
                began = time.monotonic()
                with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
                    for _ in pool.map(listener.session, range(SESSIONS)):
                        pass
                took = time.monotonic() - began
                pid = listener.process.pid
                self.check(eventually(lambda: not children(pid)),
                           'processes are left: %s' % children(pid))
                # It closes the first two itself, once it has begun.
                self.check(eventually(lambda: set(listener.descriptors()) <=
                                      set(idle)),
                           'tcpserver has %s, had %s' % (
                               listener.descriptors(), idle))
                self.check(eventually(lambda: sockets_to(server.port) == 0),
                           'sockets to the DNS are left')
            finally:
                listener.stop()
        print('%d sessions: %.0f s' % (SESSIONS, took))


class Process:
    """A slow server that is a process of its own."""

    def __init__(self, root, delay_ms):
        with tempfile.NamedTemporaryFile('w', dir=root) as zone:
            zone.write(ZONE)
            zone.flush()
            self.process = subprocess.Popen(
                [sys.executable, FASTDNS, '-d', str(delay_ms), zone.name],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Listener:
    """Qsmtpd under tcpserver."""

    def __init__(self, test, home):
        self.test = test
        with open(os.path.join(home, 'log'), 'ab') as log:
            self.process = subprocess.Popen(
                [test.tcpserver, '-1', '-H', '-R', '-l', 'mail.example.test',
                 '-c', str(2 * PARALLEL), '127.0.0.1', '0',
                 test.build.program],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                cwd='/', env={'PATH': os.environ['PATH'], 'QMAILHOME': home,
                              'QMAILQUEUE': test.build.queue})
        self.port = int(self.process.stdout.readline())

    def descriptors(self):
        return sorted(os.listdir('/proc/%d/fd' % self.process.pid))

    def session(self, i):
        """One mail; each tenth client hangs up while the DNS is asked."""
        with socket.create_connection(('127.0.0.1', self.port),
                                      settings.LIMIT_S) as wire:
            stream = wire.makefile('rb')
            self.read(stream)
            wire.sendall(b'EHLO client.example\r\n')
            self.read(stream)
            wire.sendall(b'MAIL FROM:<%s>\r\nRCPT TO:<user@example.test>\r\n'
                         b'QUIT\r\n' % SENDER.encode())
            if i % 10 == 9:
                return
            codes = [self.read(stream) for _ in range(3)]
            self.test.check(codes == [b'250', b'250', b'221'],
                            'session %d: %s' % (i, codes))
            self.test.check(stream.read() == b'', 'it says more')

    @staticmethod
    def read(stream):
        line = b'   -'
        while line[3:4] == b'-':
            line = stream.readline()
        return line[:3]

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = os.path.abspath(sys.argv[1])
    root = tempfile.mkdtemp(prefix='endurance.')
    test = Test(settings.Build(folder), os.environ.get('TCPSERVER') or
                folder + '/peers/bin/tcpserver', root)
    try:
        test.verdicts()
        test.overlap()
        test.long_session()
        test.short_sessions()
    finally:
        shutil.rmtree(root, ignore_errors=True)
    for failure in test.failures[:40]:
        print(failure)
    print('%d failures' % len(test.failures))
    sys.exit(1 if test.failures else 0)


if __name__ == '__main__':
    main()
