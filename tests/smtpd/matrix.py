#!/usr/bin/env python3
"""matrix.py BUILD - nobody relays without a right, whatever is set

Each filter in each mode, each environment variable and each control file that
the source of Qsmtpd reads, with plausible and hostile values, alone and in
combination, with and without an AUTH program and submission: a client without
a right asks for recipients elsewhere and must never hear 2yz.  What names our
domains (rcpthosts, localiphost) and what grants the right (RELAYCLIENT,
relayclients) is left alone.  First it is shown that a client with a right is
found out.
"""
import concurrent.futures
import glob
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, '..', '..')
COMBINATIONS = 400
LIMIT_S = 20            # for a session; none takes a second by itself

GRANTING = {'RELAYCLIENT', 'relayclients', 'relayclients6'}
OURS = {'rcpthosts', 'morercpthosts.cdb', 'localiphost'}

# What the client asks for; only the local ones may be taken.
RECIPIENTS = [
    '<user@example.test>',
    '<user@far.example>',
    '<user%far.example@example.test>',
    '<user%example.test@far.example>',
    '<far.example!user>',
    '<far.example!user@far.example>',
    '<example.test!user@far.example>',
    '<@example.test:user@far.example>',
    '<@far.example,@example.test:user@far.example>',
    '<"user@example.test"@far.example>',
    '<"user@far.example"@example.test>',
    '<"user@far.example">',
    '<user@example.test@far.example>',
    '<user@[192.0.2.1]>',
    '<user@[192.0.2.77]>',
    '<user@[IPv6:2001:db8::1]>',
    '<user@far.example.>',
    '<user@example.test.>',
    '<user@EXAMPLE.TEST.far.example>',
    '<user@notexample.test>',
    '<user@sub.example.test>',
    '<user@example>',
    '<user@test>',
    '<user>',
    'user@far.example',
    '<postmaster@far.example>',
    '<"postmaster@far.example">',
    '<user@far.example> AUTH=<>',
    '<user@far.example> RELAYCLIENT=1',
]

TEXTS = ['', '*', '@', '.', 'far.example', '@far.example', '.example',
         'user@far.example', '127.0.0.1', '192.0.2.77', '192.0.2.',
         '0.0.0.0/0', '::/0', '0', '1', '-1', 'relay', 'off', 'accept',
         'RELAYCLIENT=', '|', '!', '#', 'x' * 3000]
MODES = ['off', 'monitor', 'defer', 'reject', '0', '1', '-1', '2', 'accept']
WORDS = {
    'SMTPAUTH': ['-', '!', '+cram', 'cram', '!cram', '!+cram', 'plain'],
    'PROTO': ['TCP', 'TCP6', 'SSL', 'RELAY', 'RELAYCLIENT'],
    'SUBMISSION': ['yes'],
    'authtypes': ['PLAIN', 'CRAM-MD5', 'ANONYMOUS', 'EXTERNAL'],
    'authsenders-allowed': ['anna|@far.example', '|', 'anna', '|@', '*|*'],
    'barelf': ['normalize', 'reject'],
    'TCPREMOTEIP': ['::ffff:127.0.0.1', '0.0.0.0', '::', '::1'],
    'TCPLOCALPORT': ['25', '465', '587'],
    'TCPREMOTEINFO': ['anna', 'root'],
}
# What these say is waited for: no more than a moment of it.
SLOW = {'authdelay', 'tarpit'}
# Whom to ask: nobody, for questions must not leave this machine.
ASKED = {'DNSCACHEIP', 'resolvers'}


def sources():
    for folder in ('base', 'net', 'smtp', 'mail', 'session', 'filter',
                   'smtpd'):
        for path in sorted(glob.glob(os.path.join(TOP, 'src', folder,
                                                  '*.c'))):
            with open(path, encoding='ascii') as f:
                yield re.sub(r'\s+', ' ', f.read())


def names():
    """Variables, control files and filters, as the source has them."""
    variables, files, filters = set(), set(), []
    readers = (r'(?:control_(?:has|read|line|number|open_file)|list_read|'
               r'read_(?:name|number|seconds|address))\([^()";]*"([^"/$]+)"')
    for text in sources():
        variables.update(re.findall(r'getenv\("(\w+)"\)', text))
        variables.update('TCP' + n for n in
                         re.findall(r'[^a-z_]get\("([A-Z]+)"\)', text))
        files.update(re.findall(readers, text))
        files.update(re.findall(r'\{ "([a-z]+)", &config->', text))
        files.update(re.findall(r'\.file = "([^"]+)"', text))
        files.update(re.findall(r'FILE_NAME "([^"]+)"', text))
        files.update(re.findall(r'file\[\] = "([^"]+)"', text))
        filters += re.findall(r'&filter_(\w+),', text)
    return (sorted(variables - GRANTING - ASKED),
            sorted(files - GRANTING - OURS - ASKED), sorted(set(filters)))


class Case:
    """Settings: what differs from a plain server that nobody may relay by."""

    def __init__(self, *settings):
        self.env = {}
        self.files = {}
        self.arguments = False
        for kind, name, value in settings:
            if kind == 'env':
                self.env[name] = value
            elif kind == 'file':
                self.files[name] = value
            else:
                self.arguments = True

    def __str__(self):
        def brief(value):
            return 'a folder' if value is None else repr(value)[:60]
        words = ['env %s=%s' % (k, brief(v)) for k, v in self.env.items()]
        words += ['control %s = %s' % (k, brief(v))
                  for k, v in self.files.items()]
        if self.arguments:
            words.append('an AUTH program')
        return ', '.join(words) or 'nothing set'


PROGRAM = ('program', '', '')
SUBMISSION = ('env', 'SUBMISSION', '')


def settings():
    variables, files, filters = names()
    out = []
    for name in variables:
        for value in TEXTS + WORDS.get(name, []):
            out.append(('env', name, value))
    for name in files:
        for value in TEXTS + WORDS.get(name, []):
            if name in SLOW and re.match('[1-9]', value):
                continue
            out.append(('file', name, value + '\n'))
        out += [('file', name, None), ('file', name, ''),
                ('file', name, '\0' * 17), ('file', name, '\n' * 9)]
    modes = ['%s=%s' % (f, m) for f in filters for m in MODES]
    modes += [' '.join('%s=%s' % (f, m) for f in filters) for m in MODES]
    for text in modes:
        out.append(('env', 'QSMTP_FILTERS', text))
        out.append(('file', 'filterconf', text.replace(' ', '\n') + '\n'))
    return variables, files, filters, out


def cases(every):
    yield Case()
    for number, one in enumerate(every):
        yield Case(one)
        if one[1] in ('SMTPAUTH', 'TCPLOCALPORT') or 'auth' in one[1]:
            yield Case(one, PROGRAM)
            yield Case(one, PROGRAM, SUBMISSION)
        elif number % 2:
            yield Case(one, PROGRAM)
    rng = random.Random('relaying')
    for _ in range(COMBINATIONS):
        some = rng.sample(every, rng.randrange(2, 7))
        some += [s for s in (PROGRAM, SUBMISSION) if rng.random() < 0.25]
        yield Case(*some)


class Server:
    def __init__(self, build, checker, case, root):
        self.home = tempfile.mkdtemp(dir=root)
        for folder in ('control', 'queue', 'bin'):
            os.mkdir(os.path.join(self.home, folder))
        files = {'me': 'mail.example.test\n', 'authdelay': '0\n',
                 'rcpthosts': 'example.test\n.sub.example.test\n',
                 'resolvers': '127.0.0.1:1\n', 'authcleartext': '1\n'}
        files.update(case.files)
        for name, text in files.items():
            path = os.path.join(self.home, 'control', name)
            if text is None:
                os.mkdir(path)
                continue
            with open(path, 'w', encoding='latin-1', newline='') as f:
                f.write(text)
        env = {'PATH': os.environ['PATH'], 'PROTO': 'TCP',
               'TCPREMOTEIP': '192.0.2.77', 'TCPLOCALIP': '192.0.2.9',
               'TCPLOCALPORT': '25', 'QMAILHOME': self.home}
        env.update(case.env)
        command = [os.path.join(build, 'Qsmtpd')]
        if case.arguments:
            command += ['mail.example.test', checker, 'true']
        ours, theirs = socket.socketpair()
        ours.settimeout(LIMIT_S)
        self.wire = ours
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL,
            env=env, cwd='/')
        theirs.close()
        self.received = b''

    def say(self, *lines):
        try:
            self.wire.sendall(''.join(x + '\r\n' for x in lines).encode())
        except OSError:
            pass                # it has hung up; its last words can be read

    def hear(self):
        """The code of the next reply; None: it has hung up."""
        while True:
            m = re.match(rb'(?:\d{3}-[^\n]*\n)*(\d{3}) [^\n]*\n',
                         self.received)
            if m:
                self.received = self.received[m.end():]
                return int(m.group(1))
            try:
                some = self.wire.recv(65536)
            except ConnectionResetError:
                some = b''
            if not some:
                return None
            self.received += some

    def end(self):
        self.wire.close()
        self.process.wait(LIMIT_S)
        shutil.rmtree(self.home)
        return self.process.returncode


def is_ours(path):
    """What rcpthosts says, by rules of this test's own."""
    mailbox = path[1:path.rindex('>')] if '>' in path else path
    domain = mailbox.strip('"').rpartition('@')[2].lower()
    return path.startswith('<') and (
        domain == 'example.test' or domain.endswith('.sub.example.test'))


def attempt(build, checker, case, root, login='AGFubmEAd3Jvbmc='):
    """(recipients that were taken, how many were judged, exit code)"""
    server = Server(build, checker, case, root)
    taken, judged = [], 0
    try:
        if 'BANNER' not in case.env:
            server.hear()
        if case.arguments:
            server.say('EHLO example.test')
            server.hear()
            server.say('AUTH PLAIN ' + login)
            server.hear()
        else:
            server.say('HELO example.test')
            server.hear()
        for sender in ('<a@far.example>', '<>', '<user@example.test>'):
            # Where only the first may be taken it is once an own one.
            order = RECIPIENTS if sender == '<>' else \
                RECIPIENTS[1:] + RECIPIENTS[:1]
            server.say('RSET', 'MAIL FROM:' + sender)
            server.hear()
            server.hear()
            server.say(*['RCPT TO:' + r for r in order])
            for recipient in order:
                code = server.hear()
                if code is None:
                    break
                judged += code in (553, 250)
                if 200 <= code < 300:
                    taken.append(recipient)
        server.say('QUIT')
    finally:
        status = server.end()
    return taken, judged, status


def foreign(taken):
    return [r for r in taken if not is_ours(r)]


def show_that_it_can_fail(build, checker, root):
    rights = [
        (Case(('env', 'RELAYCLIENT', '')), ''),
        (Case(('file', 'relayclients', '192.0.2.77\n')), ''),
        (Case(PROGRAM), 'AGFubmEAc2VjcmV0'),
    ]
    for case, login in rights:
        taken, _, _ = attempt(build, checker, case, root, login)
        if '<user@far.example>' not in foreign(taken):
            sys.exit('a right is not seen: ' + str(case))
    taken, judged, _ = attempt(build, checker, Case(), root)
    if '<user@example.test>' not in taken or judged < 40:
        sys.exit('without a setting our own mail is not taken: %s %s' % (
            taken, judged))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    build = os.path.abspath(sys.argv[1])
    checker = os.path.join(build, 'tests/fake/checkpassword')
    variables, files, filters, every = settings()
    print('%d variables, %d control files, %d filters' % (
        len(variables), len(files), len(filters)))
    print('variables: ' + ' '.join(variables))
    print('files: ' + ' '.join(files))
    bad = sessions = judging = 0
    root = tempfile.mkdtemp(prefix='matrix.')
    try:
        show_that_it_can_fail(build, checker, root)
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            todo = {pool.submit(attempt, build, checker, case, root): case
                    for case in cases(every)}
            for done in concurrent.futures.as_completed(todo):
                taken, judged, status = done.result()
                sessions += 1
                judging += judged > 0
                relayed = foreign(taken)
                if relayed or status not in (0, 1):
                    bad += 1
                    print('%s: exit code %s, relays to %s' % (
                        todo[done], status, ' '.join(relayed) or 'nobody'))
    finally:
        shutil.rmtree(root, ignore_errors=True)
    print('%d sessions, %d of them came to a recipient, %d bad' % (
        sessions, judging, bad))
    # Settings that end each session early would prove nothing.
    sys.exit(1 if bad or judging * 2 < sessions else 0)


if __name__ == '__main__':
    main()
