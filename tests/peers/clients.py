#!/usr/bin/env python3
"""clients.py BUILD [NAME...] - real clients send mail to BUILD/Qsmtpd

swaks, Python's smtplib and Postfix's smtp-source, each against a queue
program that keeps what it gets and against maildir-queue, where it is built.
Ends with 77 when nothing could be tried.
"""
import collections
import contextlib
import os
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import threading
import time

WAIT_S = 120
SESSIONS = 20
MESSAGES = 500
BODY = ('Subject: t\xe4st\r\nFrom: <a@far.example>\r\n\r\nfirst\r\n'
        '.\r\n..\r\n.dot\r\n' + 'long' * 2000 + '\r\n\r\nlast\r\n'
        ).encode('latin-1')
STORED = BODY.replace(b'\r\n', b'\n')
# Whoever runs the tests may have them.
STRANGE = ('RELAYCLIENT', 'DATABYTES', 'RBLSMTPD', 'SMTPAUTH', 'SMTPS',
           'SSL_CIPHER', 'SSL_PROTOCOL', 'SUBMISSION', 'QMAILQUEUEAUTH',
           'QSMTP_FILTERS')


class Skip(Exception):
    """What this build or machine does not have."""


class Wrong(Exception):
    """What a client or the queue shows to be wrong."""


def find(build, name):
    for folder in (build, os.path.dirname(build)):
        path = os.path.join(folder, name)
        if os.path.exists(path):
            return path
    return None


def program(build, name):
    path = find(build, 'peers/bin/' + name)
    if not path:
        raise Skip('no %s in %s/peers/bin' % (name, build))
    return path


def program_of(build, name):
    """One of our own."""
    path = find(build, name)
    if not path:
        raise Skip('no %s in %s' % (name, build))
    return path


class FakeQueue:
    name = 'fake queue'

    def __init__(self, build, home):
        self.folder = os.path.join(home, 'queued')
        os.mkdir(self.folder)
        self.environment = {
            'QMAILQUEUE': find(build, 'tests/fake/queue') or '',
            'FAKE_QUEUE_DIR': self.folder,
        }
        if not self.environment['QMAILQUEUE']:
            raise Skip('tests/fake/queue is not built')

    def mails(self):
        """(reverse-path, recipients, message) of each mail."""
        out = []
        for name in sorted(os.listdir(self.folder)):
            path = os.path.join(self.folder, name)
            if name.startswith('.'):
                raise Wrong('an unfinished mail is left')
            with open(path + '/envelope', 'rb') as f:
                paths = f.read().decode('latin-1').split('\0')[:-2]
            with open(path + '/message', 'rb') as f:
                out.append((paths[0][1:], [p[1:] for p in paths[1:]],
                            f.read()))
        return out


class MaildirQueue:
    name = 'maildir-queue'

    def __init__(self, build, home):
        self.folder = os.path.join(home, 'Maildir')
        queue = find(build, 'maildir-queue')
        if not queue:
            raise Skip('maildir-queue is not built')
        for part in ('cur', 'new', 'tmp'):
            os.makedirs(os.path.join(self.folder, part))
        self.environment = {'QMAILQUEUE': queue, 'QSMTP_MAILDIR': self.folder}

    def mails(self):
        if os.listdir(self.folder + '/tmp'):
            raise Wrong('an unfinished mail is left in tmp')
        out = []
        new = self.folder + '/new'
        for name in sorted(os.listdir(new)):
            with open(os.path.join(new, name), 'rb') as f:
                text = f.read()
            sender, recipients = None, []
            while m := re.match(rb'(Return-Path|Delivered-To): ([^\n]*)\n',
                                text):
                value = m.group(2).decode('latin-1')
                if m.group(1) == b'Return-Path':
                    sender = value.strip('<>')
                else:
                    recipients.append(value)
                text = text[m.end():]
            out.append((sender, recipients, text))
        return out


class Server:
    """A qmail home with Qsmtpd behind tcpserver.

    A control file is a line, or octets as they are.
    """

    def __init__(self, build, kind, controls, arguments, environment):
        self.home = tempfile.mkdtemp(prefix='qsmtp-clients.')
        try:
            os.mkdir(self.home + '/control')
            os.mkdir(self.home + '/queue')
            self.queue = kind(build, self.home)
            files = {'me': 'mail.example.test', 'rcpthosts': 'example.test'}
            files.update(controls)
            for name, text in files.items():
                if isinstance(text, str):
                    text = (text + '\n').encode()
                path = self.home + '/control/' + name
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, 'wb') as f:
                    f.write(text)
            env = {name: value for name, value in os.environ.items()
                   if name not in STRANGE}
            env.update(self.queue.environment, QMAILHOME=self.home,
                       **environment)
            self.log_path = self.home + '/log'
            with open(self.log_path, 'ab') as log:
                self.process = subprocess.Popen(
                    [program(build, 'tcpserver'), '-v', '-1', '-H', '-R', '-l',
                     'mail.example.test', '-c', '40', '127.0.0.1', '0',
                     os.path.join(build, 'Qsmtpd'), *arguments], env=env,
                    stderr=log, stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE)
            self.port = int(self.process.stdout.readline() or 0)
            if not self.port:
                raise Wrong('tcpserver does not start:\n' + self.log())
        except BaseException:
            shutil.rmtree(self.home)
            raise

    def log(self):
        with open(self.log_path, encoding='latin-1') as f:
            return f.read()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.home)


@contextlib.contextmanager
def server(build, kind, arguments=(), environment=None, **controls):
    s = Server(build, kind, controls, arguments, environment or {})
    try:
        yield s
        for line in s.log().split('\n'):
            if re.search(r'runtime error|Sanitizer', line):
                raise Wrong('broken: ' + line)
            m = re.search(r'tcpserver: end \d+ status (\d+)', line)
            if m and int(m.group(1)) & 127:
                raise Wrong('Qsmtpd died by a signal: ' + line)
    except Wrong as why:
        why.log = getattr(why, 'log', s.log())
        raise
    finally:
        s.stop()


def without_trace(message):
    m = re.match(rb'Received: from [^\n]*\n(?:[ \t][^\n]*\n)*', message)
    if not m:
        raise Wrong('no Received on top: %r' % message[:100])
    return message[m.end():]


def expect(got, wanted, what):
    if got != wanted:
        raise Wrong('%s: %s, wanted %s' % (what, repr(got)[:300],
                                           repr(wanted)[:300]))


# ----------------------------------------------------------------------------

def smtplib_mails(build, kind):
    """Mails of every form in one session, and refusals between them."""
    with server(build, kind, databytes='100000') as s:
        with smtplib.SMTP('127.0.0.1', s.port, 'client.example') as c:
            c.sendmail('a@far.example', ['user@example.test'], BODY)
            c.sendmail('', ['user@example.test', 'two@example.test'], BODY,
                       ['BODY=8BITMIME'])
            try:
                c.sendmail('a@far.example', ['user@far.example'], BODY)
                raise Wrong('relayed for a stranger')
            except smtplib.SMTPRecipientsRefused as why:
                expect(why.recipients['user@far.example'][0], 553, 'reply')
            refused = c.sendmail('a@far.example', [
                'user@far.example', 'three@example.test'], BODY)
            expect(list(refused), ['user@far.example'], 'refused')
            try:
                c.sendmail('a@far.example', ['user@example.test'],
                           b'x' * 200000)
                raise Wrong('took more than databytes')
            except smtplib.SMTPSenderRefused as why:
                expect(why.smtp_code, 552, 'reply to SIZE')
            c.does_esmtp = False
            try:
                c.sendmail('a@far.example', ['user@example.test'],
                           b'x' * 200000)
                raise Wrong('took more than databytes')
            except smtplib.SMTPDataError as why:
                expect(why.smtp_code, 552, 'reply to data')
            expect(c.noop()[0], 250, 'NOOP')
            expect(c.verify('user')[0], 252, 'VRFY')
            c.sendmail('b@far.example', ['user@example.test'], b'')
        mails = sorted(s.queue.mails())
        expect([(m[0], m[1]) for m in mails], [
            ('', ['user@example.test', 'two@example.test']),
            ('a@far.example', ['three@example.test']),
            ('a@far.example', ['user@example.test']),
            ('b@far.example', ['user@example.test'])], 'envelopes')
        for mail in mails[:3]:
            expect(without_trace(mail[2]), STORED, 'message')


def smtplib_threads(build, kind):
    """Many writers at once: each mail arrives once and whole."""
    errors = []

    def client(port, number):
        try:
            with smtplib.SMTP('127.0.0.1', port, 'client.example') as c:
                for i in range(10):
                    c.sendmail('a%d-%d@far.example' % (number, i),
                               ['user@example.test'], BODY)
        except (smtplib.SMTPException, OSError) as why:
            errors.append(str(why))

    with server(build, kind) as s:
        threads = [threading.Thread(target=client, args=(s.port, n))
                   for n in range(10)]
        for t in threads:
            t.start()
        for t in threads:
            t.join(WAIT_S)
        expect(errors, [], 'errors')
        mails = s.queue.mails()
        expect(sorted(m[0] for m in mails), sorted(
            'a%d-%d@far.example' % (n, i)
            for n in range(10) for i in range(10)), 'senders')
        for mail in mails:
            expect(without_trace(mail[2]), STORED, 'message')


def swaks_run(build, port, *options):
    out = subprocess.run(
        [program(build, 'swaks'), '--server', '127.0.0.1', '--port', str(port),
         '--helo', 'client.example', *options], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=WAIT_S)
    return out.returncode, out.stdout.decode('latin-1')


def swaks_mails(build, kind):
    """A mail, one in pipelined groups, a large one, and refusals."""
    with server(build, kind, databytes='2000000') as s:
        large = os.path.join(s.home, 'large')
        with open(large, 'w') as f:
            f.write('Subject: large\n\n' + 'a line of text\n' * 60000)
        for options in (
                ('--from', 'a@far.example', '--to', 'user@example.test'),
                ('--from', '<>', '--to', 'one@example.test,two@example.test'),
                ('--from', 'p@far.example', '--to', 'user@example.test',
                 '--pipeline'),
                ('--from', 'l@far.example', '--to', 'user@example.test',
                 '--data', '@' + large),
                ('--from', 'h@far.example', '--to', 'user@example.test',
                 '--protocol', 'SMTP')):
            code, text = swaks_run(build, s.port, *options)
            if code != 0 or not re.search(r'<-  250 2\.0\.0 ok \d+ qp \d+',
                                          text):
                raise Wrong('swaks %s ended with %d:\n%s' % (
                    ' '.join(options), code, text[-2000:]))
        code, text = swaks_run(build, s.port, '--from', 'a@far.example',
                               '--to', 'user@far.example')
        if code != 24 or '553 5.7.1' not in text:
            raise Wrong('swaks, a refused recipient: %d\n%s' % (code, text))
        code, text = swaks_run(build, s.port, '--from', 'a@far.example',
                               '--to', 'user@example.test', '--quit-after',
                               'RCPT')
        expect(code, 0, 'swaks that quits after RCPT')
        mails = sorted(s.queue.mails())
        expect([(m[0], m[1]) for m in mails], [
            ('', ['one@example.test', 'two@example.test']),
            ('a@far.example', ['user@example.test']),
            ('h@far.example', ['user@example.test']),
            ('l@far.example', ['user@example.test']),
            ('p@far.example', ['user@example.test'])], 'envelopes')
        expect(mails[3][2].count(b'a line of text\n'), 60000, 'lines')


def source(build, kind, *options, count=MESSAGES):
    with server(build, kind) as s:
        began = time.monotonic()
        out = subprocess.run(
            [program(build, 'smtp-source'), '-s', str(SESSIONS), '-m',
             str(count), '-N', '-M', 'client.example', '-f', 'a@far.example',
             '-t', 'user@example.test', *options,
             'inet:127.0.0.1:%d' % s.port], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=WAIT_S)
        took = time.monotonic() - began
        if out.returncode != 0:
            raise Wrong('smtp-source ended with %d: %s' % (
                out.returncode, out.stdout.decode('latin-1')[-1000:]))
        mails = s.queue.mails()
        recipients = collections.Counter(r for m in mails for r in m[1])
        expect(len(mails), count, 'mails in the queue')
        expect(len(recipients), count, 'different recipients')
        sizes = {len(without_trace(m[2])) for m in mails}
        if max(sizes) - min(sizes) > 40:
            raise Wrong('messages of unlike size: %s' % sorted(sizes))
        ends = len(re.findall(r'tcpserver: end ', s.log()))
    return '%d messages in %.1f s, %d connections' % (count, took, ends)


def source_sessions(build, kind):
    """500 messages over 20 sessions, none lost."""
    return source(build, kind, '-d', '-l', '4000')


def source_connections(build, kind):
    """500 messages, a connection for each, 20 at once."""
    return source(build, kind, '-l', '1000')


def source_large(build, kind):
    """60 messages of a megabyte, 20 at once."""
    return source(build, kind, '-d', '-l', '1000000', count=60)


TESTS = (smtplib_mails, smtplib_threads, swaks_mails, source_sessions,
         source_connections, source_large)


def run(tests, kinds=(FakeQueue, MaildirQueue)):
    """What the command line asks for of the tests; never returns."""
    if len(sys.argv) < 2:
        sys.exit(sys.modules['__main__'].__doc__)
    build = os.path.abspath(sys.argv[1])
    names = sys.argv[2:]
    counts = collections.Counter()
    socket.setdefaulttimeout(WAIT_S)
    for test in tests:
        for kind in kinds:
            title = '%s, %s' % (test.__name__.replace('_', ' '), kind.name)
            if names and not any(n in title for n in names):
                continue
            try:
                word, text = 'passed', test(build, kind) or ''
            except Skip as why:
                word, text = 'skipped', str(why)
            except (Wrong, smtplib.SMTPException, OSError,
                    subprocess.TimeoutExpired) as why:
                word, text = 'failed', '%s: %s' % (type(why).__name__, why)
                text += ''.join('\n    log| ' + line for line in getattr(
                    why, 'log', '').split('\n')[-20:])
            counts[word] += 1
            print('%s  %s%s' % (word, title, text and ': ' + text),
                  flush=True)
    print('%d passed, %d failed' % (counts['passed'], counts['failed']))
    if counts['failed']:
        sys.exit(1)
    sys.exit(0 if counts['passed'] else 77)


if __name__ == '__main__':
    run(TESTS)
