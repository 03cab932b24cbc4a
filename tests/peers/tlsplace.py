"""What the tests of TLS have in common: certificates, and Qsmtpd or Qremote
with a running qsmtp-tls."""
import atexit
import contextlib
import functools
import os
import re
import shutil
import subprocess
import tempfile
import time

import clients
from clients import Skip, Wrong

NAME = 'mail.example.test'      # of our server, and in its certificate
SENDER, RECIPIENT = 'a@far.example', 'user@example.test'
STRANGER = 'user@far.example'   # takes the right to relay
READY_S = 20
DAYS = '90'
KINDS = {
    'ecdsa': ('ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'),
    'rsa': ('rsa', '-pkeyopt', 'rsa_keygen_bits:2048'),
}


def openssl(*arguments, text=None):
    done = subprocess.run(['openssl', *arguments], input=text,
                          capture_output=True, timeout=clients.WAIT_S,
                          check=False)
    if done.returncode != 0:
        raise Wrong('openssl %s: %r' % (arguments[0], done.stderr))
    return done.stdout


class Authority:
    """A CA, and what it vouches for; each certificate is made once."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder)
        self.file = os.path.join(folder, 'ca.pem')
        self.key = os.path.join(folder, 'ca.key')
        openssl('req', '-x509', '-newkey', *KINDS['ecdsa'], '-nodes',
                '-keyout', self.key, '-out', self.file, '-days', DAYS,
                '-subj', '/CN=CA of the tests')

    def certificate(self, name, kind='ecdsa', email=None):
        """Paths of a certificate and of its key."""
        base = os.path.join(self.folder, '%s.%s' % (email or name, kind))
        if os.path.exists(base + '.pem'):
            return base + '.pem', base + '.key'
        request = openssl(
            'req', '-new', '-newkey', *KINDS[kind], '-nodes', '-keyout',
            base + '.key', '-subj', '/CN=' + name, '-addext',
            'subjectAltName=' + ('email:' + email if email else
                                 'DNS:' + name))
        openssl('x509', '-req', '-CA', self.file, '-CAkey', self.key,
                '-set_serial', '0x' + os.urandom(16).hex(), '-days', DAYS,
                '-copy_extensions', 'copy', '-out', base + '.pem',
                text=request)
        return base + '.pem', base + '.key'

    def both(self, name):
        """A file's octets: an ECDSA and an RSA certificate, and the keys."""
        return b''.join(octets(path) for kind in KINDS
                        for path in self.certificate(name, kind))


def octets(path):
    with open(path, 'rb') as file:
        return file.read()


@functools.lru_cache(maxsize=None)
def authority(build):
    """The one CA of a test program, gone when that ends."""
    if not shutil.which('openssl'):
        raise Skip('no program openssl')
    parent = os.path.join(build, 'authorities')
    os.makedirs(parent, exist_ok=True)
    folder = tempfile.mkdtemp(prefix='ca.', dir=parent)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.chmod(folder, 0o755)
    return Authority(os.path.join(folder, 'ca'))


@contextlib.contextmanager
def service(build, home, log_path):
    """qsmtp-tls waits below the home; its log is added to the other's."""
    path = clients.find(build, 'qsmtp-tls')
    if not path:
        raise Skip('qsmtp-tls is not built')
    os.makedirs(home + '/run', exist_ok=True)
    user = ('-u', 'nobody') if os.getuid() == 0 else ()
    with open(log_path, 'ab') as log:
        process = subprocess.Popen([path, '-s', *user], stderr=log,
                                   stdin=subprocess.DEVNULL,
                                   env={'QMAILHOME': home})
    try:
        end = time.monotonic() + READY_S
        while not os.path.exists(home + '/run/tls'):
            if process.poll() is not None or time.monotonic() > end:
                raise Wrong('qsmtp-tls does not start')
            time.sleep(0.02)
        yield process
        if b'event=crashed' in octets(log_path):
            raise Wrong('qsmtp-tls crashed')
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def server(build, kind, arguments=(), environment=None, embedded=False,
           **controls):
    """clients.server with TLS by the service, or by a program a session."""
    files = {'servercert.pem': authority(build).both(NAME)}
    files.update(controls)
    with clients.server(build, kind, arguments, environment, **files) as s:
        if embedded:
            os.mkdir(s.home + '/bin')
            os.symlink(clients.program_of(build, 'qsmtp-tls'),
                       s.home + '/bin/qsmtp-tls')
            yield s
            return
        try:
            with service(build, s.home, s.log_path):
                yield s
        except Wrong as why:
            why.log = getattr(why, 'log', s.log())
            raise


def received(message):
    """Our own field, on top, in one line."""
    field = message[:len(message) - len(clients.without_trace(message))]
    return re.sub(r'\s+', ' ', field.decode('latin-1'))


def expect_received(message, protocol, version):
    """`protocol` is RFC 3848's; `version` a regular expression."""
    field = received(message)
    if not re.search(r' with %s id \S+ (\(relay=[^)]*\) )?\(%s \S+\) for <'
                     % (protocol, version), field):
        raise Wrong('another Received: ' + field)
