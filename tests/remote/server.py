"""A scripted SMTP server: one host with its script for each connection."""
import re
import select
import signal
import socket
import ssl
import struct
import threading
import time

import tls
from scenario import Trouble, unescape
from wire import to_wire

QUIET_S = 0.2           # how long nothing may come where nothing must
WAIT_S = 10             # the longest wait for what must come
IPV6_FREEBIND = 78
DATA_SEGS_IN = 152      # where struct tcp_info has tcpi_data_segs_in


def brief(octets):
    text = repr(bytes(octets))[1:]
    return text if len(text) < 160 else '%s ... %s (%d octets)' % (
        text[:90], text[-50:], len(octets))


class Closed(Exception):
    """The client has closed."""


class Connection:
    """One connection, played by its script."""

    def __init__(self, host, sock, script):
        self.host, self.sock, self.script = host, sock, script
        self.input = b''
        self.log = []
        self.split = False
        self.base = 0
        self.over = False       # we have closed
        self.names = []         # that were asked for by TLS
        sock.settimeout(WAIT_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def segments(self):
        info = self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        if len(info) < DATA_SEGS_IN + 4:
            return None
        return struct.unpack_from('I', info, DATA_SEGS_IN)[0]

    def receive(self):
        try:
            more = self.sock.recv(65536)
        except socket.timeout:
            raise Trouble('nothing came for %d s' % WAIT_S) from None
        except ssl.SSLError as why:
            raise Trouble('closed without a close_notify' if tls.is_cut(why)
                          else str(why)) from None
        except ConnectionError:
            more = b''
        if not more:
            raise Closed()
        self.input += more

    def line(self):
        while b'\n' not in self.input:
            self.receive()
        line, _, self.input = self.input.partition(b'\n')
        return line + b'\n'

    def expect(self, wanted):
        try:
            while len(self.input) < len(wanted) and \
                    wanted.startswith(self.input):
                self.receive()
        except Closed:
            raise Trouble('closed; wanted %s, had %s' % (
                brief(wanted), brief(self.input))) from None
        if not self.input.startswith(wanted):
            raise Trouble('wanted %s, got %s' % (
                brief(wanted), brief(self.input)))
        self.input = self.input[len(wanted):]

    def send(self, octets):
        try:
            if self.split:
                for i in range(len(octets)):
                    self.sock.sendall(octets[i:i + 1])
            else:
                self.sock.sendall(octets)
        except ConnectionError:
            raise Closed() from None
        except socket.timeout:
            raise Trouble('the client does not read') from None

    def say(self, text):
        if text.endswith('\\') and not text.endswith('\\\\'):
            self.send(unescape(text[:-1]))
        else:
            self.send(unescape(text) + b'\r\n')

    def step(self, word, rest):
        if word == 'S:':
            self.say(rest)
        elif word == 'C:':
            self.expect(unescape(rest) + b'\r\n')
        elif word == 'C?':
            wanted = unescape(rest) + b'\r\n'
            try:
                while len(self.input) < len(wanted):
                    self.receive()
            except Closed:
                pass
            if self.input.startswith(wanted):
                self.input = self.input[len(wanted):]
        elif word == 'C~':
            try:
                line = self.line().decode('latin-1')
            except Closed:
                raise Trouble('closed; wanted ' + rest) from None
            if not re.fullmatch(rest + '\r\n', line):
                raise Trouble('wanted %s, got %r' % (rest, line))
        elif word == 'B:':
            if rest == 'wire':
                wanted = to_wire(self.host.message) + b'.\r\n'
            elif rest.startswith('first '):
                wanted = to_wire(self.host.message)[:int(rest[6:])]
            else:
                wanted = unescape(rest)
            self.expect(wanted)
        elif word == 'TLS':
            self.start_tls(tls.options_of(rest))
        else:
            name, _, rest = rest.partition(' ')
            getattr(self, 'x_' + name)(rest)

    def start_tls(self, options):
        how = options.get('fail')
        if how:
            self.fail_tls(how)
            return
        if 'part' in options:
            self.receive()
            self.send(tls.first_flight(options, self.host.certificates,
                                       self.input)[:int(options['part'])])
            self.x_shutdown('')
            self.x_silent('')
            return
        try:
            self.sock = tls.accept(self.sock, options, self.host.certificates,
                                   self.names)
        except (ssl.SSLError, ConnectionError) as why:
            if 'refused' not in options:
                raise Trouble('handshake: %s' % why) from None
            self.over = True
            return
        if 'refused' in options:
            raise Trouble('the handshake was done')

    def fail_tls(self, how):
        self.receive()
        if how == 'garbage':
            self.send(tls.NOT_TLS)
        elif how == 'alert':
            self.send(tls.ALERT)
        elif how == 'stall':
            self.send(tls.STALLED)
        elif how == 'cut':
            self.x_reset('')
            return
        else:
            raise Trouble('TLS fail=' + how)
        self.x_silent('')

    def x_goodbye(self, _):
        """Says that it ends TLS, and closes."""
        self.sock = self.sock.unwrap()
        self.x_close(_)

    def x_cut(self, _):
        """The client's end comes, and without a close_notify."""
        try:
            if not self.sock.recv(1):
                raise Trouble('there was a close_notify')
            raise Trouble('something came')
        except (ssl.SSLError, ConnectionError) as why:
            if isinstance(why, ssl.SSLError) and not tls.is_cut(why):
                raise
            self.over = True

    def x_sni(self, rest):
        if self.names != [None if rest == '-' else rest]:
            raise Trouble('asked for %s, wanted %s' % (self.names, rest))

    def x_tls(self, rest):
        """VERSION REGEX: of the session, and of its cipher."""
        version, _, cipher = rest.partition(' ')
        if self.sock.version() != version or \
                not re.fullmatch(cipher or '.*', self.sock.cipher()[0]):
            raise Trouble('%s %s, wanted %s' % (
                self.sock.version(), self.sock.cipher(), rest))

    def x_client(self, rest):
        """The name in the client's certificate; -: it has shown none."""
        shown = self.sock.getpeercert() or {'subject': ((('', '-'),),)}
        if shown['subject'][0][0][1] != rest:
            raise Trouble('the client is %s, wanted %s' % (shown, rest))

    def x_unlisten(self, _):
        self.host.listener.close()

    def x_kill_tls(self, _):
        self.host.kill_tls()

    def x_close(self, _):
        self.sock.close()
        self.over = True

    def x_reset(self, _):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack('ii', 1, 0))
        self.x_close(_)

    def x_shutdown(self, _):
        self.sock.shutdown(socket.SHUT_WR)

    def x_silent(self, _):
        """Say nothing until the client closes."""
        self.input = b''
        try:
            while True:
                self.receive()
                self.input = b''
        except Closed:
            self.over = True

    def x_deaf(self, _):
        """Read nothing until the client has ended."""
        if not self.host.ended.wait(2 * WAIT_S):
            raise Trouble('the client waits without end')
        self.over = True

    def x_quiet(self, _):
        if self.input or self.pending() or \
                select.select([self.sock], [], [], QUIET_S)[0]:
            try:
                self.receive()
            except Closed:
                raise Trouble('closed where nothing was to come') from None
            raise Trouble('%s came where nothing was to' % brief(self.input))

    def pending(self):
        return isinstance(self.sock, ssl.SSLSocket) and self.sock.pending()

    def x_split(self, _):
        self.split = True

    def x_drip(self, rest):
        """SECONDS TEXT: an octet each so many seconds, until it closes."""
        seconds, _, text = rest.partition(' ')
        octets, at = unescape(text), 0
        try:
            while True:
                self.send(octets[at % len(octets):][:1])
                at += 1
                if select.select([self.sock], [], [], float(seconds))[0]:
                    self.receive()
        except Closed:
            self.over = True

    def x_flood(self, rest):
        octets = unescape(rest)
        octets *= max(1, 16384 // len(octets))
        until = time.monotonic() + WAIT_S
        try:
            while time.monotonic() < until:
                self.send(octets)
        except Closed:
            self.over = True
            return
        raise Trouble('the client reads without end')

    def x_from(self, rest):
        peer = self.sock.getpeername()[0]
        if peer != rest:
            raise Trouble('comes from %s, wanted %s' % (peer, rest))

    def x_mark(self, _):
        self.base = self.segments()

    def x_segments(self, rest):
        now = self.segments()
        if now is not None and now - self.base != int(rest):
            raise Trouble('came in %d writes, wanted %s' % (
                now - self.base, rest))

    def x_signal(self, rest):
        self.host.kill(getattr(signal, 'SIG' + rest))

    def x_shrink(self, _):
        self.host.empty_message()

    def play(self):
        """What went wrong, or None."""
        at = None
        try:
            for at in self.script:
                self.step(*at)
                self.log.append('%s %s' % at)
            if not self.over:
                self.until_closed()
        except Closed:
            return 'closed before %s %s' % at
        except Exception as why:        # pylint: disable=broad-except
            return '%s %s: %s' % (at[0], at[1], why) if at else str(why)
        finally:
            self.sock.close()
        return None

    def until_closed(self):
        try:
            while not self.input:
                self.receive()
        except Closed:
            return
        raise Trouble('at the end came ' + brief(self.input))


class Host(threading.Thread):
    """Listens on an address until stop()."""

    def __init__(self, address, port, scripts, message, connected):
        super().__init__(daemon=True)
        self.address, self.scripts, self.message = address, scripts, message
        self.connected = connected      # called with the address
        self.kill = self.kill_tls = self.empty_message = None
        self.certificates = None
        self.ended = threading.Event()
        self.failures, self.logs, self.count = [], [], 0
        family = socket.AF_INET6 if ':' in address else socket.AF_INET
        self.listener = socket.socket(family, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            self.listener.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
        for script in scripts:
            if script and script[0] == ('X', 'small'):
                for what in socket.SO_RCVBUF, socket.SO_SNDBUF:
                    self.listener.setsockopt(socket.SOL_SOCKET, what, 4096)
                script.pop(0)
        self.listener.bind((address, port))
        self.listener.listen(16)
        self.port = self.listener.getsockname()[1]
        self.wake, self.woken = socket.socketpair()

    def run(self):
        while True:
            if self.listener.fileno() == -1:
                break
            ready = select.select([self.listener, self.woken], [], [])[0]
            if self.listener not in ready:
                break
            sock, _ = self.listener.accept()
            self.connected(self.address)
            if self.count < len(self.scripts):
                connection = Connection(self, sock, self.scripts[self.count])
                why = connection.play()
                self.logs.append(connection.log)
                if why:
                    self.failures.append('host %s: %s' % (self.address, why))
            else:
                sock.close()
            self.count += 1
        self.listener.close()

    def stop(self, needed):
        """End; what went wrong is in failures."""
        self.ended.set()
        self.wake.send(b'x')
        self.join(2 * WAIT_S)
        self.wake.close()
        self.woken.close()
        if self.is_alive():
            self.failures.append('host %s: does not end' % self.address)
        if self.count > len(self.scripts) or \
                needed and self.count < len(self.scripts):
            self.failures.append('host %s: %d connections, wanted %d' % (
                self.address, self.count, len(self.scripts)))
