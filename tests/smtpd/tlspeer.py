"""The other side of TLS: certificates, a client, and a stand-in for a server
that speaks UCSPI-TLS."""
import os
import re
import select
import shutil
import socket
import ssl
import subprocess
import tempfile
import time

from dialogue import Scenario
from mails import collect
from place import Listener, Place

WAIT_S = 20             # the longest wait for anything
NAME = 'mail.example.test'

CA = '''[ca]
default_ca = all
[all]
dir = %(dir)s
database = %(dir)s/index
new_certs_dir = %(dir)s
serial = %(dir)s/serial
crlnumber = %(dir)s/crlnumber
certificate = %(dir)s/ca.pem
private_key = %(dir)s/ca.key
default_md = sha256
default_days = 2
default_crl_days = 2
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
'''


class Authority:
    """A CA of EC keys in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder)
        for name, text in (('index', ''), ('serial', '1000\n'),
                           ('crlnumber', '01\n'),
                           ('ca.cnf', CA % {'dir': folder})):
            with open(self.path(name), 'w', encoding='ascii') as f:
                f.write(text)
        self.run('req', '-x509', '-newkey', 'ec', '-pkeyopt',
                 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
                 '-subj', '/CN=test CA', '-keyout', self.path('ca.key'),
                 '-out', self.path('ca.pem'))

    def path(self, name):
        return os.path.join(self.folder, name)

    @staticmethod
    def run(*words):
        subprocess.run(('openssl',) + words, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def issue(self, name, alternative):
        """NAME.pem and NAME.key."""
        self.run('req', '-newkey', 'ec', '-pkeyopt',
                 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=' + name,
                 '-addext', 'subjectAltName=' + alternative,
                 '-keyout', self.path(name + '.key'),
                 '-out', self.path(name + '.csr'))
        self.run('ca', '-batch', '-config', self.path('ca.cnf'),
                 '-in', self.path(name + '.csr'),
                 '-out', self.path(name + '.pem'), '-notext')
        return self.path(name + '.pem'), self.path(name + '.key')

    def revoke(self, name):
        self.run('ca', '-config', self.path('ca.cnf'), '-revoke',
                 self.path(name + '.pem'))

    def list_revoked(self):
        self.run('ca', '-config', self.path('ca.cnf'), '-gencrl',
                 '-out', self.path('crl.pem'))
        return self.path('crl.pem')


class Failure(Exception):
    """Something came that should not, or did not come."""


class Client:
    """One connection, in clear or within TLS."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, WAIT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input = b''

    def send(self, text):
        self.socket.sendall(text)

    def read(self):
        """What comes next; b'' at the end, however it comes."""
        try:
            return self.socket.recv(65536)
        except (ssl.SSLError, ConnectionError):
            return b''
        except TimeoutError:
            raise Failure('nothing comes') from None

    def rest(self):
        text, self.input = self.input, b''
        while more := self.read():
            text += more
        return text

    def hear(self, code):
        """The lines of the next reply, which has this code."""
        lines = []
        while not lines or lines[-1][3:4] == '-':
            while b'\r\n' not in self.input:
                more = self.read()
                if not more:
                    raise Failure('wanted %s, got the end after %r %r' % (
                        code, lines, self.input))
                self.input += more
            line, self.input = self.input.split(b'\r\n', 1)
            lines.append(line.decode('latin-1'))
        if not lines[-1].startswith(code):
            raise Failure('wanted %s, got %r' % (code, lines))
        return [line[4:] for line in lines]

    def say(self, line, code):
        self.send(line.encode() + b'\r\n')
        return self.hear(code)

    def ehlo(self, name='client.example'):
        return self.say('EHLO ' + name, '250')[1:]

    def handshake(self, context, name=NAME):
        self.socket = context.wrap_socket(self.socket, server_hostname=name,
                                          suppress_ragged_eofs=False)
        # With a client's certificate TLS 1.3 is done on one side only.
        return self

    def starttls(self, context, name=NAME):
        self.hear('220')
        self.ehlo()
        self.say('STARTTLS', '220 2.0.0')
        return self.handshake(context, name)

    def mail(self, recipient='user@example.test', reply='250'):
        self.say('MAIL FROM:<a@far.example>', '250')
        self.say('RCPT TO:<%s>' % recipient, reply)
        if reply != '250':
            return
        self.say('DATA', '354')
        self.say('Subject: one\r\n\r\ntext\r\n.', '250 2.0.0')

    def quit(self):
        self.say('QUIT', '221')
        if self.rest():
            raise Failure('more behind 221')

    def close(self):
        self.socket.close()


def context_of(authority, pair=None, **settings):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(authority.path('ca.pem'))
    if pair:
        context.load_cert_chain(*pair)
    for name, value in settings.items():
        setattr(context, name, value)
    return context


class Server:
    """Qsmtpd behind tcpserver, in a qmail home of its own."""

    def __init__(self, build, controls=(), files=(), env=(), arguments=(),
                 before=(), tls=True):
        scenario = Scenario('tls.py', 'tls')
        scenario.env.update(env)
        scenario.arguments = list(arguments)
        for name, text in dict(controls).items():
            scenario.controls[name] = ('folder', '') if text is None else \
                ('=', text)
        self.place = Place(build, scenario,
                           tempfile.mkdtemp(prefix='tls.', dir=build.work))
        for name, source in dict(files).items():
            shutil.copy(source, os.path.join(self.place.home, 'control',
                                             name))
        if tls:
            os.symlink(build.find('qsmtp-tls', outer_first=True),
                       os.path.join(self.place.home, 'bin/qsmtp-tls'))
        self.place.command = list(before) + self.place.command
        self.listener = Listener(self.place)
        self.text = ''

    def __enter__(self):
        return self

    def __exit__(self, *why):
        if why[0]:
            self.read_log()
            print(self.text)
        self.listener.stop()
        self.place.remove()

    def connect(self):
        return Client(self.listener.address)

    def read_log(self):
        try:
            while more := os.read(self.listener.log, 65536):
                self.text += more.decode('latin-1')
        except BlockingIOError:
            pass
        if 'Sanitizer' in self.text or 'runtime error' in self.text:
            raise Failure('a sanitizer says: ' + self.text)

    def log(self, *patterns):
        """Wait for a line that has all of them."""
        until = time.monotonic() + WAIT_S
        while True:
            self.read_log()
            for line in self.text.splitlines():
                if all(re.search(p, line) for p in patterns):
                    return line
            if time.monotonic() > until:
                raise Failure('no line has %s' % (patterns,))
            select.select([self.listener.log], [], [], 1)

    def mails(self):
        return collect(self.place.queue)

    def one_mail(self):
        """The message and the environment of the one in the queue."""
        mails = self.mails()
        if len(mails) != 1:
            raise Failure('%d mails in the queue' % len(mails))
        environment = dict(entry.partition('=')[::2] for entry in
                           mails[0]['environment'].split('\0') if entry)
        return mails[0]['message'], environment, mails[0]['process']


# It does as sslserver does where UCSPITLS is set: what the client sends is
# Qsmtpd's to read until a Y comes, and then TLS is spoken here.
UCSPI = r'''
import os, select, socket, ssl, sys, threading
certificate, key, silent = sys.argv[1:4]
control, theirs = socket.socketpair()
in_r, in_w = os.pipe()
out_r, out_w = os.pipe()
fds = (theirs.fileno(), in_r, out_w)
for fd in fds:
    os.set_inheritable(fd, True)
env = dict(os.environ, SSLCTLFD=str(fds[0]), SSLREADFD=str(fds[1]),
           SSLWRITEFD=str(fds[2]))
pid = os.fork()
if pid == 0:
    control.close()
    os.close(in_w)
    os.close(out_r)
    os.execve(sys.argv[4], sys.argv[4:], env)
theirs.close()
os.close(in_r)
os.close(out_w)
word = control.recv(1)
if word == b'Y' and silent == 'no':
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    client = context.wrap_socket(socket.socket(fileno=0), server_side=True)
    words = ['SSL_PROTOCOL=' + client.version(), 'SSL_EMPTY=',
             'SSL_CIPHER=' + client.cipher()[0], 'PATH=/nowhere']
    for piece in ''.join(w + '\0' for w in words) + '\0':
        control.sendall(piece.encode())
    while True:
        if not client.pending():
            ready = select.select([client, out_r], [], [])[0]
        if client.pending() or client in ready:
            text = client.recv(65536)
            if not text:
                break
            os.write(in_w, text)
        elif out_r in ready:
            text = os.read(out_r, 65536)
            if not text:
                break
            client.sendall(text)
    os.close(in_w)
    client.unwrap()
else:
    control.close()
os.waitpid(pid, 0)
'''
