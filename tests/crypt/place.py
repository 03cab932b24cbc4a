"""A qmail home, qsmtp-tls as a service in it or executed, and both ends."""
import concurrent.futures
import contextlib
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

import program as P

WAIT_S = 20             # for what must come
NEGATIVE_WAIT_S = 0.2   # for what must not
UNWANTED = ('event=crashed', 'AddressSanitizer', 'LeakSanitizer',
            'runtime error')


def same(got, wanted, what):
    if got != wanted:
        raise AssertionError('%s: %.300r, not %.300r' % (what, got, wanted))


def has(text, part, what):
    if part not in text:
        raise AssertionError('%s: %r is not in %.600r' % (what, part, text))


def until(condition, what):
    """Wait for an event that nothing announces."""
    end = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError('in vain: ' + what)
        time.sleep(0.01)


def tcp_pair(is_narrow=False):
    """Two ends; `is_narrow`: little fits in between."""
    with socket.create_server(('127.0.0.1', 0)) as listener:
        if is_narrow:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one = socket.create_connection(listener.getsockname())
        if is_narrow:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        other = listener.accept()[0]
    for end in (one, other):
        end.settimeout(WAIT_S)
    return one, other


def reset(connection):
    """Close with a RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                          b'\1\0\0\0\0\0\0\0')
    if isinstance(connection, ssl.SSLSocket):
        connection = socket.socket(fileno=connection.detach())
    connection.close()


def client_context(ca=None, **more):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=ca.decode())
    for name, value in more.items():
        setattr(context, name, value)
    return context


class Box:
    """One case's place, `way` is how qsmtp-tls runs in it."""

    def __init__(self, build, way, mill):
        self.program = os.path.join(os.path.abspath(build), 'qsmtp-tls')
        self.way = way
        self.mill = mill
        self.home = tempfile.mkdtemp()
        os.chmod(self.home, 0o755)
        os.makedirs(self.path('control'))
        os.makedirs(self.path('run'))
        self.log = open(self.path('log'), 'wb')
        self.service = None
        self.is_narrow = False
        self.executed = []
        self.pool = concurrent.futures.ThreadPoolExecutor(8)

    def path(self, name):
        return os.path.join(self.home, name)

    def put(self, name, octets):
        """A control file, all of it at once."""
        name = self.path('control/' + name)
        os.makedirs(os.path.dirname(name), exist_ok=True)
        if isinstance(octets, str):
            octets = octets.encode()
        with open(name + '.new', 'wb') as file:
            file.write(octets)
        os.chmod(name + '.new', 0o600)
        os.rename(name + '.new', name)
        return name

    def put_certificate(self, name='mx.example.org', place='servercert.pem',
                        **more):
        certificate, key = self.mill.issue(name, 'DNS:' + name, **more)
        self.put(place, certificate + key)
        return certificate

    def open_file(self, octets):
        """A descriptor of a file with that."""
        with tempfile.TemporaryFile(dir=self.home) as file:
            file.write(octets)
            file.flush()
            return os.dup(file.fileno())

    def start(self, *words, **more):
        if os.geteuid() == 0 and '-u' not in words:
            words = ('-u', 'nobody', *words)
        self.service = subprocess.Popen(
            [self.program, '-s', *words], stdin=subprocess.DEVNULL,
            stderr=more.pop('stderr', self.log),
            env=dict(os.environ, QMAILHOME=self.home,
                     **more.pop('variables', {})), **more)
        until(lambda: os.path.exists(self.path('run/tls')) or
              self.service.poll() is not None, 'run/tls')
        return self.service

    def channel(self):
        if self.way == 'service':
            if self.service is None:
                self.start()
            return P.connect(self.home)
        ours, its = socket.socketpair()
        with its:
            # A shell that knows descriptors above 9.
            self.executed.append(subprocess.Popen(
                ['bash', '-c', 'exec "$0" 3<&%d' % its.fileno(),
                 self.program], stdin=subprocess.DEVNULL, stderr=self.log,
                cwd=self.home, pass_fds=[its.fileno()]))
        ours.settimeout(WAIT_S)
        return ours

    def said(self):
        with open(self.path('log'), errors='replace') as file:
            return file.read()

    def logs(self, part):
        until(lambda: part in self.said(), 'in the log: %r\n%s' %
              (part, self.said()))

    def ask(self, role=P.SERVER, wanted=()):
        """A channel, and the record that answers R."""
        channel = self.channel()
        P.request(channel, [('role', role), ('session', 's1'),
                            ('peer', '192.0.2.1'), *wanted])
        return channel, P.receive(channel)

    def ready(self, role=P.SERVER, wanted=()):
        channel, answer = self.ask(role, wanted)
        same(answer, ('Y', {}), 'the answer')
        return channel

    def refused(self, role, wanted, code, text):
        channel, (kind, items) = self.ask(role, wanted)
        with channel:
            same((kind, items.get('code')), ('E', [code]), 'the answer')
            has(items['text'][0], text, 'its text')
            same(channel.recv(1), b'', 'behind it')
        self.logs('result=refused')

    def hand_over(self, role=P.SERVER, wanted=()):
        """A channel on which G was sent, and the connection's far end."""
        channel = self.ready(role, wanted)
        near, far = tcp_pair(self.is_narrow)
        P.go(channel, near)
        return channel, far

    @contextlib.contextmanager
    def serving(self, context=None, name=None, wanted=(), kind='F'):
        """A server's session, with a client of Python's at the far end:
        facts, channel, the client's future of its TLS."""
        channel, far = self.hand_over(P.SERVER, wanted)
        tls = self.pool.submit((context or client_context()).wrap_socket,
                               far, server_hostname=name,
                               suppress_ragged_eofs=False)
        with channel:
            got, facts = P.receive(channel)
            if got != kind:
                raise AssertionError('%s: %s' % (got, facts))
            yield facts, channel, tls
        if tls.exception(WAIT_S) is None:
            tls.result().close()

    @contextlib.contextmanager
    def calling(self, pair, wanted=(), kind='F', context=None):
        """A client's session, with a server of Python's that has `pair`."""
        if context is None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile() as file:
            file.write(b''.join(pair))
            file.flush()
            context.load_cert_chain(file.name)
        channel, far = self.hand_over(P.CLIENT, wanted)
        tls = self.pool.submit(context.wrap_socket, far, server_side=True,
                               suppress_ragged_eofs=False)
        with channel:
            got, facts = P.receive(channel)
            if got != kind:
                raise AssertionError('%s: %s' % (got, facts))
            yield facts, channel, tls
        if tls.exception(WAIT_S) is None:
            tls.result().close()

    def children(self):
        """Processes that the service has forked, and that still are."""
        found = []
        with open('/proc/%d/task/%d/children' %
                  (self.service.pid, self.service.pid)) as file:
            for child in file.read().split():
                with contextlib.suppress(OSError, IndexError):
                    with open('/proc/%s/stat' % child) as stat:
                        if stat.read().rsplit(')', 1)[1].split()[0] != 'Z':
                            found.append(int(child))
        return found

    def descriptors(self):
        return sorted(os.listdir('/proc/%d/fd' % self.service.pid))

    def end(self):
        """Stop all; what is wrong with how they ended."""
        wrong = []
        self.pool.shutdown()
        for one in self.executed:
            try:
                one.wait(WAIT_S)
            except subprocess.TimeoutExpired:
                wrong.append('one that was executed does not end')
                one.kill()
                one.wait()
        if self.service is not None:
            children = self.children() if self.service.poll() is None else []
            if self.service.poll() is None:
                self.service.send_signal(signal.SIGTERM)
            try:
                if self.service.wait(WAIT_S) not in (0, 111):
                    wrong.append('the service ended with %d' %
                                 self.service.returncode)
            except subprocess.TimeoutExpired:
                wrong.append('the service does not end')
                self.service.kill()
                self.service.wait()
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
        self.log.close()
        said = self.said()
        wrong += [word for word in UNWANTED if word in said]
        shutil.rmtree(self.home)
        return wrong, said
