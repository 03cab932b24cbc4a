#!/usr/bin/env python3
"""receivers.py BUILD [NAME...] - BUILD/Qremote sends mail to real receivers

Postfix's smtp-sink, aiosmtpd, Exim, OpenSMTPD and our own Qsmtpd: for each
mail the report and what was delivered; aiosmtpd and Exim with AUTH, too, and a
wrong password then.  One that cannot run here is skipped.
Ends with 77 when nothing could be tried.
"""
import collections
import contextlib
import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import clients
from clients import Skip, Wrong, expect, program, program_of

WAIT_S = 30
SENDER = 'sender@client.example'
LOGIN, PASSWORD = 'user@example.test', 'pass: "word" % <\xe4>'
USER, TWO, REFUSED = 'user@example.test', 'two@example.test', \
    'refused@example.test'
HEADER = ('Date: Thu, 01 Jan 2026 00:00:00 +0000\nFrom: <%s>\nTo: <%s>\n'
          'Subject: a message\nMessage-ID: <%%s@client.example>\n\n' %
          (SENDER, USER)).encode()
# name: (body as the queue has it, recipients, report letters)
MAILS = {
    'small': (b'hello\n', [USER], 'rK'),
    'empty': (b'', [USER], 'rK'),
    '8bit': ('t\xe4st, \xff, \x80\n'.encode('latin-1') * 3, [USER], 'rK'),
    'dots': (b'.\n..\n.dot\n...\n\n.\nend\n', [USER], 'rK'),
    'large': (b'a line of text\n.and another\n' * 36000, [USER], 'rK'),
    'several': (b'to two\n', [USER, REFUSED, TWO], 'rhrK'),
    'refused': (b'to nobody\n', [REFUSED], 'hD'),
}
TRACE = re.compile(rb'(?:(?:Return-path|Envelope-to|Delivery-date|Received|'
                   rb'Delivered-To|X-[A-Za-z-]+):[^\n]*\n(?:[ \t][^\n]*\n)*)*',
                   re.I)
# A namespace in which anyone may reach the work and the peer, with an /etc
# of its own.  $1 is the work, $2 the peer's root.
NAMESPACE = '''set -e
work=$1 root=$2
cd /
mount -t tmpfs none /mnt
mkdir /mnt/work /mnt/root
mount --bind "$work" /mnt/work
mount --bind "$root" /mnt/root
mount --bind /mnt/work/etc /etc
LD_LIBRARY_PATH=$(echo /mnt/root/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH
'''
USERS = ('root:0', 'nobody:65534', 'mail:8', 'Debian-exim:40001',
         'opensmtpd:40002', 'opensmtpq:40003', 'user:40004', 'two:40005',
         'dovecot:40006', 'dovenull:40007', 'postfix:40008', 'postdrop:40009')
EXIM = '''primary_hostname = exim.example.test
exim_path = /mnt/root/usr/sbin/exim4
spool_directory = /mnt/work/spool
log_file_path = /mnt/work/spool/%%slog
pid_file_path = /mnt/work/spool/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = %d
deliver_drop_privilege
keep_environment = LD_LIBRARY_PATH
tls_advertise_hosts =
acl_smtp_rcpt = rcpt
begin acl
rcpt:
  deny local_parts = refused
       message = no such user
  accept domains = example.test
  deny
begin routers
keep:
  driver = accept
  transport = keep
begin transports
keep:
  driver = appendfile
  directory = /mnt/work/Maildir
  maildir_format
  create_directory
  batch_max = 100
  return_path_add
  envelope_to_add
'''
# With AUTH, which mail then needs.
EXIM_NEEDS = '''acl_smtp_mail = mail
begin acl
mail:
  accept authenticated = *
  deny message = log in first
'''
EXIM_LOGINS = {
    'PLAIN': '''begin authenticators
only:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{LOGIN}}{eq{$auth3}{PASSWORD}}}}
''',
    'LOGIN': '''begin authenticators
only:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| Username: | Password:
  server_condition = ${if and{{eq{$auth1}{LOGIN}}{eq{$auth2}{PASSWORD}}}}
''',
    'CRAM-MD5': '''begin authenticators
only:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${if eq{$auth1}{LOGIN}{PASSWORD}fail}
''',
}
OPENSMTPD = '''listen on 127.0.0.1 port %d hostname open.example.test
action "keep" maildir
match from any for domain "example.test" action "keep"
match from any for any reject
'''


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def is_open(port):
    with socket.socket() as s:
        return s.connect_ex(('127.0.0.1', port)) == 0


class Receiver:
    """A process that listens on loopback and files what it takes."""

    copies = 1      # of a mail to two recipients
    partial = True  # whether it can refuse one recipient of several
    mechanism = None    # of AUTH: the only one that it offers, and needs
    fixed_port = None   # any that is free

    def __init__(self, build, work):
        self.build, self.work = build, work
        self.port = self.fixed_port or free_port()
        self.home = work + '/home'
        for folder in ('control', 'queue/mess', 'queue/lock'):
            os.makedirs(os.path.join(self.home, folder))
        self.write('home/control/me', 'client.example\n')
        self.start()
        self.route(PASSWORD)

    def route(self, password):
        self.write('home/control/smtproutes', ':127.0.0.1:%d%s\n' % (
            self.port, '|%s|%s|cleartext' % (LOGIN, password)
            if self.mechanism else ''))
        os.chmod(self.home + '/control/smtproutes', 0o600)

    def write(self, name, text):
        path = os.path.join(self.work, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='latin-1') as file:
            file.write(text)

    def run(self, *command, folder=''):
        log = os.path.join(self.work, 'log')
        with open(log, 'wb') as file:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                cwd=os.path.join(self.work, folder), start_new_session=True)
        end = time.monotonic() + WAIT_S
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > end:
                raise Wrong('it does not start:\n' + self.log())
            time.sleep(0.05)

    def is_ready(self):
        return is_open(self.port)

    def log(self):
        text = ''
        for path in [self.work + '/log'] + glob.glob(self.work +
                                                     '/spool/*log'):
            with contextlib.suppress(OSError):
                with open(path, encoding='latin-1') as file:
                    text += file.read()
        return text

    def stop(self):
        if not hasattr(self, 'process'):
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def files(self):
        return [path for pattern in ('Maildir/new/*', 'users/*/Maildir/new/*',
                                     'kept/*')
                for path in glob.glob(os.path.join(self.work, pattern))
                if not path.endswith('.tmp')]

    def found(self, wanted):
        """The texts of so many new mails, when they are there."""
        end = time.monotonic() + WAIT_S
        while len(self.files()) < wanted and time.monotonic() < end:
            time.sleep(0.05)
        texts = []
        for path in self.files():
            with open(path, 'rb') as file:
                texts.append(file.read().replace(b'\r\n', b'\n'))
            os.unlink(path)
        expect(len(texts), wanted, 'mails delivered')
        return texts


class Sink(Receiver):
    """Postfix's smtp-sink"""
    options = ()
    partial = False

    def start(self):
        os.mkdir(self.work + '/kept')
        user = ()
        if os.getuid() == 0:
            # It may have no way to the folders above: it begins in its own.
            shutil.chown(self.work + '/kept', 'nobody')
            user = ('-u', 'nobody')
        self.run(program(self.build, 'smtp-sink'), *user, *self.options, '-d',
                 '%M.', 'inet:127.0.0.1:%d' % self.port, '100', folder='kept')


class SinkAlone(Sink):
    """Postfix's smtp-sink without PIPELINING"""
    options = ('-p',)


class SinkOld(Sink):
    """Postfix's smtp-sink without ESMTP"""
    options = ('-e',)


class Aio(Receiver):
    """aiosmtpd"""

    def start(self):
        os.mkdir(self.work + '/kept')
        self.run(program(self.build, 'aiosmtpd'), os.path.join(
            os.path.dirname(os.path.abspath(__file__)), 'aioserver.py'),
            str(self.port), self.work + '/kept', *(
                (self.mechanism, LOGIN, PASSWORD.encode('latin-1'))
                if self.mechanism else ()))


class AioPlain(Aio):
    """aiosmtpd with AUTH PLAIN"""
    mechanism = 'PLAIN'


class AioLogin(Aio):
    """aiosmtpd with AUTH LOGIN"""
    mechanism = 'LOGIN'


class Confined(Receiver):
    """What needs users and fixed places, in namespaces of its own."""

    def start(self):
        program(self.build, self.door)
        if os.getuid() != 0:
            raise Skip('it takes root')
        if self.work.startswith(('/var/', '/run/', '/mnt/', '/etc/')):
            raise Skip('its own /var would hide ' + self.work)
        if subprocess.run(['unshare', '-m', '-p', '-f', 'mount', '-t', 'tmpfs',
                           'none', '/mnt'], capture_output=True,
                          check=False).returncode != 0:
            raise Skip('no namespaces here')
        self.write('etc/passwd', ''.join(
            '%s:x:%s:%s::/mnt/work/users/%s:/bin/sh\n' % (*u.split(':'),
            u.split(':')[1], u.split(':')[0]) for u in USERS))
        self.write('etc/group', ''.join('%s:x:%s:\n' % tuple(u.split(':'))
                                        for u in USERS))
        self.write('etc/nsswitch.conf', 'passwd: files\ngroup: files\n'
                   'hosts: files\n')
        self.write('etc/hosts', '127.0.0.1 localhost\n')
        self.write('etc/mailname', 'mail.example.test\n')
        self.prepare()
        root = os.path.realpath(clients.find(
            self.build, 'peers/%s/root' % self.peer))
        os.chmod(self.work, 0o755)
        # A child of this process ends with it, and its namespace with that.
        self.run('unshare', '-m', '-p', '-f', '--kill-child', '--mount-proc',
                 'sh', '-c', NAMESPACE + self.script, 'sh', self.work, root)

    def owned(self, name, uid):
        path = os.path.join(self.work, name)
        os.makedirs(path)
        os.chown(path, uid, uid)


class Exim(Confined):
    """Exim"""
    door, peer = 'exim', 'exim4-daemon-light'
    script = 'exec /mnt/root/usr/sbin/exim4 -bdf -C /mnt/work/exim.conf\n'

    def prepare(self):
        text = EXIM % self.port
        if self.mechanism:
            text = text.replace('begin acl\n', EXIM_NEEDS)
            text += EXIM_LOGINS[self.mechanism].replace(
                'LOGIN}', LOGIN + '}').replace('PASSWORD', PASSWORD)
        self.write('exim.conf', text)
        self.owned('spool', 40001)
        self.owned('Maildir', 40001)


class EximPlain(Exim):
    """Exim with AUTH PLAIN"""
    mechanism = 'PLAIN'


class EximLogin(Exim):
    """Exim with AUTH LOGIN"""
    mechanism = 'LOGIN'


class EximCram(Exim):
    """Exim with AUTH CRAM-MD5"""
    mechanism = 'CRAM-MD5'


class OpenSMTPD(Confined):
    """OpenSMTPD"""
    door, peer, copies = 'opensmtpd', 'opensmtpd', 2
    script = '''for folder in /var/spool /var/lib /run; do
	mount -t tmpfs none $folder
done
mkdir -p /var/lib/opensmtpd/empty
mount --bind /mnt/root/usr/libexec /usr/libexec
exec /mnt/root/usr/sbin/smtpd -d -f /mnt/work/smtpd.conf
'''

    def prepare(self):
        self.write('smtpd.conf', OPENSMTPD % self.port)
        self.owned('users/user', 40004)
        self.owned('users/two', 40005)


class Own(Receiver):
    """Qsmtpd with maildir-queue"""

    def start(self):
        self.write('home/control/rcpthosts', 'example.test\n')
        self.write('home/control/badrcptto', REFUSED + '\n')
        for part in ('cur', 'new', 'tmp'):
            os.makedirs(self.work + '/Maildir/' + part)
        self.run('env', 'QMAILHOME=' + self.home, 'QMAILQUEUE=' +
                 program_of(self.build, 'maildir-queue'),
                 'QSMTP_MAILDIR=' + self.work + '/Maildir',
                 program(self.build, 'tcpserver'), '-v', '-H', '-R', '-l',
                 'mail.example.test', '127.0.0.1', str(self.port),
                 program_of(self.build, 'Qsmtpd'))


def letters(report):
    """The first octet of each part; rspawn reads no more of the form."""
    if not report.endswith(b'\0'):
        raise Wrong('a report without its end: %r' % report)
    return ''.join(chr(part[0]) if part else '-'
                   for part in report[:-1].split(b'\0'))


def send(receiver, name, is_pipe, wanted=None):
    """Returns the report; `wanted` is its letters, if not what they are."""
    body, recipients, usual = MAILS[name]
    wanted = wanted or usual
    message = HEADER % name.encode() + body
    path = os.path.join(receiver.work, 'message')
    with open(path, 'wb') as file:
        file.write(message)
    command = [os.path.join(receiver.build, 'Qremote'), 'example.test', SENDER,
               *recipients]
    settings = {'env': {'QMAILHOME': receiver.home}, 'check': False,
                'cwd': receiver.home + '/queue/mess', 'timeout': 2 * WAIT_S,
                'stdout': subprocess.PIPE, 'stderr': subprocess.STDOUT}
    if is_pipe:
        result = subprocess.run(command, input=message, **settings)
    else:
        with open(path, 'rb') as file:
            result = subprocess.run(command, stdin=file, **settings)
    expect(result.returncode, 0, name + ': exit code')
    if letters(result.stdout) != wanted:
        raise Wrong('%s: report %r, wanted %s' % (name, result.stdout, wanted))
    accepted = wanted.count('r')
    receiver.texts = receiver.found(min(accepted, receiver.copies))
    for text in receiver.texts:
        top = TRACE.match(text).end()
        # smtp-sink ends a dump with an empty line.
        if text[top:] not in (message, message + b'\n' if isinstance(
                receiver, Sink) else message):
            raise Wrong('%s: delivered %r' % (name, text[:2000]))
    return result.stdout


def try_wrong_password(receiver):
    receiver.route(PASSWORD + 'x')
    report = send(receiver, 'small', False, 'Z')
    if b'was refused. (#4.7.8)\nRemote host said: 535' not in report or \
            PASSWORD.encode('latin-1') in report:
        raise Wrong('a wrong password: %r' % report)


def tried(build, kind, parent):
    """All mails to one receiver, each from a file, the first from a pipe."""
    work = tempfile.mkdtemp(prefix='work.', dir=parent)
    receiver = kind.__new__(kind)
    try:
        receiver.__init__(build, work)
        count = 0
        for name, (_, recipients, _) in MAILS.items():
            if REFUSED in recipients and not kind.partial:
                continue
            for is_pipe in (False, True):
                send(receiver, name, is_pipe)
                count += 1
        if kind.mechanism:
            try_wrong_password(receiver)
        return '%d mails' % count
    except Wrong as why:
        why.log = receiver.log()
        raise
    finally:
        receiver.stop()
        shutil.rmtree(work)


KINDS = (Sink, SinkAlone, SinkOld, Aio, AioPlain, AioLogin, Exim, EximPlain,
         EximLogin, EximCram, OpenSMTPD, Own)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build = os.path.abspath(sys.argv[1])
    names = sys.argv[2:]
    counts = collections.Counter()
    parent = os.path.join(build, 'receivers')
    shutil.rmtree(parent, ignore_errors=True)
    os.makedirs(parent)
    for kind in KINDS:
        title = kind.__doc__
        if names and not any(n in title for n in names):
            continue
        try:
            program_of(build, 'Qremote')
            word, text = 'passed', tried(build, kind, parent)
        except Skip as why:
            word, text = 'skipped', str(why)
        except (Wrong, OSError, subprocess.SubprocessError) as why:
            word, text = 'failed', '%s: %s' % (type(why).__name__, why)
            text += ''.join('\n    log| ' + line for line in getattr(
                why, 'log', '').split('\n')[-30:])
        counts[word] += 1
        print('%s  %s: %s' % (word, title, text), flush=True)
    print('%d passed, %d failed' % (counts['passed'], counts['failed']))
    if counts['failed']:
        sys.exit(1)
    sys.exit(0 if counts['passed'] else 77)


if __name__ == '__main__':
    main()
