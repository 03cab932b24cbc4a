#!/usr/bin/env python3
"""run.py BUILD [NAME...] - play the dialogues *.smtp against BUILD/Qsmtpd

NAME is a file (paths, paths.smtp) or a part of a scenario's name.
SEED=n repeats the cuts of an earlier run, JOBS=n sets how many scenarios
run at once, VERBOSE=1 shows every transcript.  The format is in README.
"""
import array
import collections
import concurrent.futures
import errno
import fcntl
import glob
import os
import random
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
WAYS = ('group', 'bytes', 'cuts', 'exact')
QUIET_S = 0.2           # the one negative wait: nothing is said meanwhile
BYTES_MAX = 3000        # longer groups are cut into some hundreds of pieces
LOCAL = 'server.example.test'
BROKEN = re.compile(r'runtime error|ERROR: \w+Sanitizer|WARNING: \w+Sanitizer'
                    r'|stack smashing|double free|corrupted')


# ----------------------------------------------------------------------------
# The files

class Trouble(Exception):
    """A scenario that cannot be read or a way that cannot go on."""


class Skip(Exception):
    """What this machine does not have."""


ESCAPES = {'r': '\r', 'n': '\n', 't': '\t', '0': '\0', '\\': '\\', 's': ' ',
           '{': '{', '}': '}', '|': '|'}


def unescape(text):
    """\\r \\n \\t \\0 \\s \\\\ \\xHH \\{ \\} and {N*text}, to a string of octets."""
    out = []
    i = 0
    while i < len(text):
        c = text[i]
        if c == '\\':
            if i + 1 == len(text):
                raise Trouble('backslash at the end of: ' + text)
            if text[i + 1] == 'x':
                out.append(chr(int(text[i + 2:i + 4], 16)))
                i += 4
                continue
            if text[i + 1] not in ESCAPES:
                raise Trouble('unknown escape in: ' + text)
            out.append(ESCAPES[text[i + 1]])
            i += 2
        elif c == '{' and (m := re.match(r'\{(\d+)\*((?:[^\\}]|\\.)*)\}',
                                         text[i:])):
            out.append(unescape(m.group(2)) * int(m.group(1)))
            i += m.end()
        else:
            out.append(c)
            i += 1
    return ''.join(out)


def line_of(text, ending):
    """One line with its ending; a backslash at its very end leaves it off."""
    if text.endswith('\\') and not text.endswith('\\\\'):
        return unescape(text[:-1])
    return unescape(text) + ending


def numbers(text):
    for part in text.split(','):
        first, _, last = part.partition('-')
        for n in range(int(first), int(last or first) + 1):
            yield str(n)


def expand(lines, macros, depth=0):
    """Macro calls replaced by their bodies; (number, line) pairs."""
    if depth > 8:
        raise Trouble('macros call each other without end')
    for number, line in lines:
        m = re.match(r'@(\*?)([\w-]+)\s*(.*)', line)
        if not m:
            yield number, line
            continue
        if m.group(2) not in macros:
            raise Trouble('line %d: no macro %s' % (number, m.group(2)))
        args = [a.strip() for a in re.split(r'(?<!\\)\|', m.group(3))]
        heads = numbers(args[0]) if m.group(1) else [args[0]]
        for head in heads:
            values = [head] + args[1:]

            def value(match):
                i = int(match.group(1)) - 1
                if i < len(values):
                    return values[i]
                raise Trouble('line %d: too few arguments' % number)
            body = [(number, re.sub(r'\$(\d)', value, b))
                    for _, b in macros[m.group(2)]]
            yield from expand(body, macros, depth + 1)


class Scenario:
    def __init__(self, file, name):
        self.file = file
        self.name = name
        self.controls = {}
        self.files = {}
        self.cdbs = {}
        self.env = {}
        self.unset = set()
        self.server = 'tcp'
        self.ways = None
        self.user = None
        self.time = None
        self.space = None
        self.softlimit = None
        self.modes = {}
        self.wait_s = 8.0
        self.steps = []
        self.mails = []
        self.count = None
        self.logs = []
        self.result = None

    @property
    def title(self):
        return '%s: %s' % (os.path.basename(self.file)[:-5], self.name)


def parse_reply(text, number):
    if text in ('close', 'quiet'):
        return (text, number)
    m = re.match(r'(\d\d\d)(?: ([245]\.[\d*]+\.[\d*]+))?(?: (.*))?$', text)
    if not m:
        raise Trouble('line %d: no reply: %s' % (number, text))
    enhanced = m.group(2)
    return ('reply', number, m.group(1), enhanced, m.group(3) or '', [])


def parse_line(scenario, number, line):
    word, _, rest = line.partition(' ')
    rest = rest.strip(' ') if word not in ('C:', 'Q=') else rest
    if word == 'C:':
        data = line_of(rest, '\r\n').encode('latin-1')
        if scenario.steps and scenario.steps[-1][0] == 'send':
            scenario.steps[-1][2].append(data)
        else:
            scenario.steps.append(('send', number, [data]))
    elif word == 'C!':
        scenario.steps.append(('act', number, rest))
    elif word == 'S:':
        scenario.steps.append(parse_reply(rest, number))
    elif word == 'S?':
        step = parse_reply(rest, number)
        scenario.steps.append(('maybe',) + step[1:])
    elif word in ('S~', 'S!'):
        if not scenario.steps or scenario.steps[-1][0] != 'reply':
            raise Trouble('line %d: %s without S:' % (number, word))
        scenario.steps[-1][5].append((word == 'S~', rest))
    elif word == 'Q:':
        paths = [unescape(p) for p in re.findall(r'<(.*?)>(?=\s|$)', rest)]
        if not paths:
            raise Trouble('line %d: no paths' % number)
        scenario.mails.append({'paths': paths, 'body': None, 'checks': []})
    elif word == 'Q=':
        mail = scenario.mails[-1]
        mail['body'] = (mail['body'] or '') + line_of(rest, '\n')
    elif word in ('Q~', 'Q!', 'Qe', 'Qp'):
        scenario.mails[-1]['checks'].append((word, unescape(rest)
                                             if word == 'Qe' else rest))
    elif word == 'Q*':
        scenario.count = int(rest)
    elif word in ('L:', 'L!'):
        scenario.logs.append((word == 'L:', rest.split()))
    elif word == 'L#':
        count, *patterns = rest.split()
        scenario.logs.append((int(count), patterns))
    elif word == 'control':
        m = re.match(r'(\S+) (absent|folder|mode|=) ?(.*)$', rest)
        if not m:
            raise Trouble('line %d: control NAME = TEXT' % number)
        scenario.controls[m.group(1)] = (m.group(2),
                                         line_of(m.group(3), '\n')
                                         if m.group(2) == '=' else m.group(3))
    elif word == 'file':
        m = re.match(r'(\S+) = ?(.*)$', rest)
        scenario.files[m.group(1)] = line_of(m.group(2), '\n')
    elif word == 'cdb':
        m = re.match(r'(\S+) = ?(.*)$', rest)
        scenario.cdbs[m.group(1)] = unescape(m.group(2)).split('\n')
    elif word == 'env':
        if rest.startswith('-'):
            scenario.unset.add(rest[1:])
            scenario.env.pop(rest[1:], None)
        else:
            key, _, value = rest.partition('=')
            scenario.env[key] = unescape(value)
            scenario.unset.discard(key)
    elif word == 'server':
        scenario.server = rest
    elif word == 'ways':
        scenario.ways = rest.split()
    elif word == 'user':
        scenario.user = rest
    elif word == 'time':
        scenario.time = tuple(float(x) for x in rest.split())
    elif word == 'space':
        scenario.space = rest
    elif word == 'mode':
        path, mode = rest.split()
        scenario.modes[path] = int(mode, 8)
    elif word == 'softlimit':
        scenario.softlimit = rest.split()
    elif word == 'wait':
        scenario.wait_s = float(rest)
    elif word == '--':
        scenario.steps.append(('cut', number))
    else:
        raise Trouble('line %d: what is: %s' % (number, line))


def read_file(path, known):
    """The scenarios of a file and all macros, its own and the known."""
    macros = dict(known)
    head = []
    blocks = []
    current = head
    name = None
    with open(path, encoding='ascii') as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip('\n')
            if name is not None:
                if line == 'end':
                    name = None
                else:
                    macros[name].append((number, line))
            elif not line.strip() or line.startswith('#'):
                continue
            elif line.startswith('define '):
                name = line.split()[1]
                macros[name] = []
            elif line.startswith('== '):
                current = []
                blocks.append((line[3:].strip(), current))
            else:
                current.append((number, line))
    scenarios = []
    for title, lines in blocks:
        scenario = Scenario(path, title)
        for number, line in expand(head + lines, macros):
            try:
                parse_line(scenario, number, line)
            except (IndexError, ValueError, AttributeError) as why:
                raise Trouble('%s:%d: %s: %s' % (path, number, line, why))
        scenarios.append(scenario)
    return scenarios, macros


# ----------------------------------------------------------------------------
# The place a scenario runs in

class Place:
    """A qmail home, the folder of the fake queue, and what starts Qsmtpd."""

    def __init__(self, build, scenario, root):
        self.scenario = scenario
        self.build = build
        self.home = root
        self.queue = os.path.join(root, 'queued')
        self.gate = os.path.join(root, 'gate')
        self.program = os.path.join(build.path, 'Qsmtpd')
        for folder in ('control', 'bin', 'queue', 'queued'):
            os.mkdir(os.path.join(root, folder))
        os.chmod(root, 0o755)
        os.chmod(self.queue, 0o777)
        os.mkfifo(self.gate)
        os.chmod(self.gate, 0o666)
        self.gate_fd = os.open(self.gate, os.O_RDWR | os.O_NONBLOCK)
        fake = build.fake
        if scenario.user:
            self.program = shutil.copy(self.program, root + '/bin/Qsmtpd')
            fake = shutil.copy(fake, root + '/bin/fake')
        os.symlink(fake, os.path.join(root, 'bin/qmail-queue'))
        self.write_controls()
        for name, mode in scenario.modes.items():
            os.chmod(os.path.join(root, name), mode)
        self.environment = self.make_environment()
        self.command = [self.program]
        if scenario.softlimit:
            if not build.softlimit:
                raise Skip('no softlimit (peers/bin/softlimit)')
            if build.is_sanitized():
                raise Skip('a sanitizer needs the whole address space')
            self.command = [build.softlimit] + scenario.softlimit + \
                self.command
        self.prefix = []
        if scenario.space:
            self.prefix = self.small_space(scenario.space)

    def write_controls(self):
        controls = {'me': ('=', 'mail.example.test\n'),
                    'rcpthosts': ('=', 'example.test\n.sub.example.test\n')}
        controls.update(self.scenario.controls)
        for name, (how, text) in controls.items():
            path = os.path.join(self.home, 'control', name)
            if how == 'folder':
                os.mkdir(path)
            elif how == 'mode':
                mode, _, content = text.partition(' ')
                with open(path, 'w', encoding='latin-1', newline='') as f:
                    f.write(unescape(content) + '\n')
                os.chmod(path, int(mode, 8))
            elif how == '=':
                with open(path, 'w', encoding='latin-1', newline='') as f:
                    f.write(text)
        for name, text in self.scenario.files.items():
            path = os.path.join(self.home, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w', encoding='latin-1', newline='') as f:
                f.write(text)
            if text.startswith('#!'):
                os.chmod(path, 0o755)
        for name, keys in self.scenario.cdbs.items():
            records = ''.join('+%d,0:%s->\n' % (len(k), k) for k in keys if k)
            subprocess.run(['cdb', '-c', os.path.join(
                self.home, 'control', name)], check=True,
                input=(records + '\n').encode('latin-1'))

    def make_environment(self):
        env = {'PATH': os.environ['PATH'], 'QMAILHOME': self.home,
               'FAKE_QUEUE_DIR': self.queue, 'FAKE_QUEUE_LOG': '1',
               'FAKE_QUEUE_GATE': self.gate,
               'ASAN_OPTIONS': 'detect_leaks=0:handle_abort=1',
               'UBSAN_OPTIONS': 'print_stacktrace=1'}
        for key, value in self.scenario.env.items():
            env[key] = value.replace('$HOME', self.home)
        for key in self.scenario.unset:
            env.pop(key, None)
        return {k.encode('latin-1'): v.encode('latin-1')
                for k, v in env.items()}

    def small_space(self, size):
        probe = subprocess.run(
            ['unshare', '-m', 'mount', '-t', 'tmpfs', 'none', '/mnt'],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if probe.returncode != 0:
            raise Skip('no mount namespace for a small file system')
        return ['unshare', '-m', 'sh', '-c',
                'mount -t tmpfs -o size=%s none "$0" && exec "$@"' % size,
                os.path.join(self.home, 'queue')]

    def release(self):
        os.write(self.gate_fd, b'x')

    def remove(self):
        os.close(self.gate_fd)
        shutil.rmtree(self.home, ignore_errors=True)


class Listener:
    """A tcpserver with Qsmtpd for one place; its log comes by a pipe."""

    def __init__(self, place):
        scenario = place.scenario
        program = place.build.tcpserver
        host = '127.0.0.1'
        self.family = socket.AF_INET
        if scenario.server == 'tcp4':
            program = place.build.tcpserver4
            if not program:
                raise Skip('no IPv4 tcpserver (peers/bin/tcpserver4)')
        elif scenario.server == 'tcp6':
            host = '::1'
            self.family = socket.AF_INET6
            if not has_ipv6():
                raise Skip('this machine has no ::1')
        if not program:
            raise Trouble('no tcpserver in %s/peers/bin' % place.build.path)
        options = ['-v', '-1', '-H', '-R', '-l', LOCAL, '-c', '20']
        if scenario.user == 'nobody':
            options += ['-u', '65534', '-g', '65534']
        log_r, log_w = os.pipe()
        self.log = log_r
        os.set_blocking(log_r, False)
        self.process = subprocess.Popen(
            place.prefix + [program] + options + [host, '0'] +
            place.command,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log_w,
            env=place.environment, cwd='/')
        os.close(log_w)
        line = self.process.stdout.readline()
        if not line.strip().isdigit():
            self.process.wait()
            said = os.read(log_r, 65536).decode('latin-1')
            raise Trouble('tcpserver does not start: ' + said)
        self.port = int(line)
        self.address = (host, self.port)

    def connect(self):
        sock = socket.socket(self.family, socket.SOCK_STREAM)
        sock.settimeout(10)
        sock.connect(self.address)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
        return Wire(sock, sock, self.log, None)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        os.close(self.log)


class Wire:
    """The client's end: where to write, read, and the log."""

    def __init__(self, out, into, log, process):
        self.out = out
        self.into = into
        self.log = log
        self.process = process
        self.exact = False

    def send(self, data):
        if isinstance(self.out, socket.socket):
            return self.out.send(data)
        return os.write(self.out, data)

    def receive(self):
        if isinstance(self.into, socket.socket):
            return self.into.recv(65536)
        return os.read(self.into, 65536)

    def unread(self):
        """Octets the server has not read yet."""
        size = array.array('i', [0])
        fcntl.ioctl(self.out, termios.FIONREAD, size)
        return size[0]

    def shutdown(self):
        if isinstance(self.out, socket.socket):
            self.out.shutdown(socket.SHUT_WR)
        else:
            os.close(self.out)
            self.out = None

    def close(self, reset=False):
        if isinstance(self.out, socket.socket):
            if reset and self.out.family != socket.AF_UNIX:
                self.out.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                    struct.pack('ii', 1, 0))
            self.out.close()
            return
        if self.out is not None:
            os.close(self.out)
        if self.into is not None:
            os.close(self.into)
        self.out = self.into = None


TCPSERVER_LIKE = {
    b'PROTO': b'TCP', b'TCPLOCALIP': b'127.0.0.1', b'TCPLOCALPORT': b'25',
    b'TCPLOCALHOST': LOCAL.encode(), b'TCPREMOTEIP': b'127.0.0.1',
    b'TCPREMOTEPORT': b'40000',
}


def start_alone(place, kind):
    """Qsmtpd without tcpserver: on pipes, a socket pair, or as from inetd."""
    env = dict(place.environment)
    if place.scenario.server.startswith('tcp'):
        env.update(TCPSERVER_LIKE)
    log_r, log_w = os.pipe()
    os.set_blocking(log_r, False)
    if kind == 'pipes':
        in_r, in_w = os.pipe()
        out_r, out_w = os.pipe()
        ends = (in_r, out_w)
        mine = (in_w, out_r)
        os.set_blocking(in_w, False)
        os.set_blocking(out_r, False)
    else:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        ends = (theirs.fileno(), theirs.fileno())
        mine = (ours, ours)
    error = log_w
    command = place.prefix + place.command
    if kind in ('inetd', 'nolog'):
        env.pop(b'FAKE_QUEUE_LOG')
    if kind == 'inetd':
        error = ends[0]
    elif kind == 'nolog':
        command = ['sh', '-c', 'exec "$0" "$@" 2>&-'] + command
    if place.scenario.user == 'nobody':
        options = {'user': 65534, 'group': 65534, 'extra_groups': []}
    else:
        options = {}
    process = subprocess.Popen(command, stdin=ends[0], stdout=ends[1],
                               stderr=error, env=env, cwd='/', **options)
    os.close(log_w)
    if kind == 'pipes':
        os.close(in_r)
        os.close(out_w)
    else:
        theirs.close()
    return Wire(mine[0], mine[1], log_r, process)


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as s:
            s.bind(('::1', 0))
        return True
    except OSError:
        return False


# ----------------------------------------------------------------------------
# One session

class Reply:
    def __init__(self, lines):
        self.lines = lines
        self.code = lines[0][:3]
        self.text = '\n'.join(line[4:] for line in lines)

    def normal(self):
        text = '\n'.join(self.lines)
        text = re.sub(r'\b\d{9,11} qp \d+', 'TIME qp PID', text)
        return text

    def faults(self):
        """What is wrong with any reply, whatever was asked."""
        for line in self.lines:
            if len(line) > 510:
                yield 'reply line of %d octets' % len(line)
            if re.search(r'[^\x20-\x7e]', line):
                yield 'reply holds what is not printable: %r' % line
            if not re.match(r'[2-5]\d\d[ -]', line):
                yield 'malformed reply line: %r' % line
            if line[:3] != self.code:
                yield 'codes differ within a reply: %r' % line
            m = re.match(r'\d\d\d[ -]([245])\.\d+\.\d+(?= |$)', line)
            if m and m.group(1) != line[0]:
                yield 'enhanced code of another class: %r' % line


class Session:
    """Plays one scenario in one way over one wire."""

    def __init__(self, scenario, way, wire, rng, release):
        self.scenario = scenario
        self.way = way
        self.wire = wire
        self.rng = rng
        self.release = release
        self.pieces = collections.deque()
        self.received = b''
        self.replies = []
        self.taken = 0
        self.log = b''
        self.closed = False
        self.gone = False
        self.unsendable = False
        self.transcript = []
        self.failures = []
        self.status = None

    # -- bytes out, bytes in

    def cut(self, group):
        data = b''.join(group)
        if self.way == 'group':
            return [data]
        if self.way == 'cuts':
            marks = sorted({self.rng.randrange(1, len(data))
                            for _ in range(min(len(data) // 4 + 2, 40))}
                           ) if len(data) > 1 else []
            marks = [0] + marks + [len(data)]
            return [data[a:b] for a, b in zip(marks, marks[1:])]
        if len(data) <= BYTES_MAX:
            return [data[i:i + 1] for i in range(len(data))]
        out, i = [], 0
        while i < len(data):
            n = self.rng.randrange(1, max(2, len(data) // 200))
            if i < 300 or len(data) - i < 300:
                n = 1
            out.append(data[i:i + n])
            i += n
        return out

    def push(self):
        """Send what can be sent without waiting; True if it should poll."""
        while self.pieces and not self.unsendable:
            if self.wire.out is None:
                self.unsendable = True
                return False
            if self.wire.exact and self.wire.unread():
                return True
            piece = self.pieces[0]
            try:
                n = self.wire.send(piece)
            except BlockingIOError:
                return False
            except OSError as why:
                if why.errno not in (errno.EPIPE, errno.ECONNRESET):
                    raise
                self.unsendable = True
                return False
            if n == len(piece):
                self.pieces.popleft()
            else:
                self.pieces[0] = piece[n:]
        return False

    def pump(self, limit):
        """One round of events, at most until `limit`."""
        poll = self.push()
        readers = [self.wire.log]
        if not self.closed and not self.gone:
            readers.append(self.wire.into)
        writers = []
        if self.pieces and not self.unsendable and not poll:
            writers.append(self.wire.out)
        left = max(0, limit - time.monotonic())
        if poll:
            os.sched_yield()
            left = 0
        ready, _, _ = select.select(readers, writers, [], left)
        if self.wire.log in ready:
            self.read_log()
        if not self.gone and self.wire.into in ready:
            try:
                data = self.wire.receive()
            except BlockingIOError:
                return
            except ConnectionResetError:
                data = b''
            if data:
                self.received += data
                self.split()
            else:
                self.closed = True

    def read_log(self):
        try:
            data = os.read(self.wire.log, 65536)
        except BlockingIOError:
            return
        self.log += data

    def split(self):
        while True:
            m = re.match(rb'((?:\d{3}-[^\n]*\n)*(?!\d{3}-)[^\n]*\n)', self.received)
            if not m:
                return
            lines = m.group(1).decode('latin-1').split('\n')[:-1]
            if not all(line.endswith('\r') for line in lines):
                self.fail(0, 'a reply line does not end in CR LF: %r' % lines)
            reply = Reply([line.rstrip('\r') for line in lines])
            self.received = self.received[m.end():]
            self.replies.append(reply)
            for fault in reply.faults():
                self.fail(0, fault)

    def until(self, done, what, number):
        limit = time.monotonic() + self.scenario.wait_s
        while not done():
            if time.monotonic() >= limit:
                raise Trouble('line %d: waited %g s for %s' % (
                    number, self.scenario.wait_s, what))
            self.pump(limit)

    def flush(self, number):
        self.until(lambda: not self.pieces or self.unsendable or self.closed,
                   'the server to read', number)

    # -- expectations

    def fail(self, number, why):
        where = 'line %d: ' % number if number else ''
        self.failures.append(where + why)

    def take(self, step):
        _, number, code, enhanced, text, more = step
        self.until(lambda: len(self.replies) > self.taken or self.closed,
                   'reply %s' % ' '.join(x for x in step[2:5] if x), number)
        if len(self.replies) <= self.taken:
            rest = ' after %r' % self.received if self.received else ''
            raise Trouble('line %d: connection closed instead of %s%s'
                          % (number, ' '.join(x for x in step[2:5] if x),
                             rest))
        reply = self.replies[self.taken]
        self.taken += 1
        self.transcript.append('S: ' + '\n   '.join(reply.lines))
        wanted = ' '.join(x for x in step[2:5] if x)
        if reply.code != code:
            self.fail(number, 'wanted %s, got %s' % (wanted, reply.lines[0]))
            return
        for line in reply.lines:
            m = re.match(r'\d\d\d[ -](\d\.\d+\.\d+)(?: |$)', line)
            got = m.group(1) if m else None
            pattern = enhanced and enhanced.replace('.', r'\.').replace(
                '*', r'\d+')
            if (got is None) != (enhanced is None) or (
                    got and not re.fullmatch(pattern, got)):
                self.fail(number, 'wanted %s, got %s' % (wanted, line))
        if text and not re.search(text, reply.text):
            self.fail(number, 'wanted %s, got %s' % (wanted,
                                                     ' / '.join(reply.lines)))
        for positive, pattern in more:
            if bool(re.search(pattern, reply.text, re.M)) != positive:
                self.fail(number, '%s in %s: %s' % (
                    'missing' if positive else 'unwanted',
                    ' / '.join(reply.lines), pattern))

    def act(self, number, what):
        word, _, rest = what.partition(' ')
        if word in ('kill', 'close'):
            self.flush(number)
            self.wire.close(reset=word == 'kill')
            self.gone = True
        elif word == 'shutdown':
            self.flush(number)
            self.wire.shutdown()
        elif word == 'release':
            self.release()
        elif word == 'trickle':
            self.trickle(float(rest), b'slow' * 25 + b'\r\n', 0.05)
        elif word == 'drip':
            self.trickle(float(rest), b'x\r\n', 0.05)
        elif word in ('flood', 'deaf'):
            seconds, _, text = rest.partition(' ')
            self.flood(float(seconds), unescape(text).encode('latin-1'),
                       word == 'deaf', number)
        elif word == 'await':
            pattern = re.compile(rest.encode('latin-1'))
            self.until(lambda: pattern.search(self.log),
                       'log line ' + rest, number)
        else:
            raise Trouble('line %d: no act %s' % (number, what))

    def trickle(self, seconds, line, beat_s):
        """A line of mail data each beat: a slow client, not a dead one."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.closed:
            self.pieces.append(line)
            beat = time.monotonic() + beat_s
            while time.monotonic() < beat and not self.closed:
                self.pump(beat)

    def flood(self, seconds, text, deaf, number):
        """Send without end until the server closes; it must within seconds.

        Of all replies the last is left for S:.  Who is deaf reads nothing,
        and learns of the end by the log.
        """
        end = time.monotonic() + seconds
        ended = re.compile(rb'event=end')
        some = text * (1 + (1 << 18) // len(text))
        while not self.closed and not self.unsendable:
            if time.monotonic() >= end:
                raise Trouble('line %d: still served after %g s' % (number,
                                                                    seconds))
            if not self.pieces:
                self.pieces.append(some)
            if not deaf:
                self.pump(min(end, time.monotonic() + 0.05))
                continue
            self.push()
            select.select([self.wire.log], [self.wire.out], [], 0.05)
            self.read_log()
            if ended.search(self.log):
                break
        self.pieces.clear()
        if deaf:
            self.wire.close(reset=True)
            self.gone = True
            return
        self.until(lambda: self.closed, 'the server to close', number)
        self.taken = max(self.taken, len(self.replies) - 1)

    def wait_closed(self, number):
        self.until(lambda: self.closed, 'the server to close', number)
        if len(self.replies) > self.taken:
            extra = [r.lines[0] for r in self.replies[self.taken:]]
            self.fail(number, 'said before it closed: %s' % ' / '.join(extra))
        if self.received:
            self.fail(number, 'unfinished line: %r' % self.received)
        self.transcript.append('S: close')

    def play(self):
        ended = False
        for step in self.scenario.steps:
            kind, number = step[0], step[1]
            if kind == 'send':
                for data in step[2]:
                    self.transcript.append('C: ' + shown(data))
                self.pieces.extend(self.cut(step[2]))
                self.push()
            elif kind == 'reply':
                self.take(step)
            elif kind == 'maybe':
                self.until(lambda: len(self.replies) > self.taken or
                           self.closed, 'any reply', number)
                if len(self.replies) > self.taken and \
                        self.replies[self.taken].code == step[2]:
                    self.take(('reply',) + step[1:])
            elif kind == 'act':
                self.transcript.append('C! ' + step[2])
                self.act(number, step[2])
            elif kind == 'quiet':
                limit = time.monotonic() + QUIET_S
                while time.monotonic() < limit and not self.closed:
                    self.pump(limit)
                if self.closed or len(self.replies) > self.taken:
                    self.fail(number, 'not quiet')
            elif kind == 'close':
                self.wait_closed(number)
                ended = True
        if not ended and not self.gone:
            self.transcript.append('C: QUIT')
            self.pieces.append(b'QUIT\r\n')
            self.take(('reply', 0, '221', '2.0.0', '', []))
            self.wait_closed(0)

    def finish(self):
        """Wait for the end of the server and of every queue program."""
        wire = self.wire
        self.pieces.clear()
        if not self.gone:
            wire.close()
            self.gone = True
        limit = time.monotonic() + self.scenario.wait_s
        if wire.process:
            try:
                wire.process.wait(self.scenario.wait_s)
            except subprocess.TimeoutExpired:
                self.fail(0, 'Qsmtpd does not end')
                wire.process.kill()
                wire.process.wait()
            self.status = wire.process.returncode
            if self.status < 0:
                self.fail(0, 'Qsmtpd died by signal %d' % -self.status)
        else:
            end = re.compile(rb'tcpserver: end \d+ status (\d+)')
            while not end.search(self.log):
                if time.monotonic() >= limit:
                    self.fail(0, 'Qsmtpd does not end')
                    return
                self.pump(limit)
            self.status = int(end.search(self.log).group(1))
            if self.status & 127:
                self.fail(0, 'Qsmtpd died by signal %d' % (self.status & 127))
        while True:
            self.read_log()
            started = self.log.count(b'fake-queue: start')
            ended = self.log.count(b'fake-queue: end')
            if started <= ended:
                return
            if time.monotonic() >= limit:
                self.fail(0, 'the queue program does not end')
                return
            self.pump(limit)

    def log_lines(self):
        lines = self.log.decode('latin-1').split('\n')
        return [x for x in lines
                if x and not x.startswith(('tcpserver:', 'fake-queue:'))]

    def check_log(self):
        lines = self.log_lines()
        for line in lines:
            if BROKEN.search(line):
                self.fail(0, 'broken: ' + line)
            if re.search(r'[^\x20-\x7e]', line):
                self.fail(0, 'log holds what is not printable: %r' % line)
        for positive, patterns in self.scenario.logs:
            found = sum(all(re.search(p, line) for p in patterns)
                        for line in lines)
            if positive is not True and positive is not False:
                if found != positive:
                    self.fail(0, '%d times in the log, wanted %d: %s' % (
                        found, positive, ' '.join(patterns)))
            elif bool(found) != positive:
                self.fail(0, '%s in the log: %s' % (
                    'missing' if positive else 'unwanted', ' '.join(patterns)))


def shown(data):
    text = data.decode('latin-1')
    text = text[:-2] if text.endswith('\r\n') else text + '\\'
    text = ''.join(c if ' ' <= c <= '~' else '\\r' if c == '\r' else '\\n'
                   if c == '\n' else '\\x%02x' % ord(c) for c in text)
    return text if len(text) < 120 else '%s... (%d octets)' % (text[:100],
                                                               len(data))


# ----------------------------------------------------------------------------
# What the queue got

TRACE = re.compile(r'\AReceived:[^\n]*\n(?:[ \t][^\n]*\n)*')


def collect(folder):
    """The mails in order of arrival; the folder is empty after it."""
    mails = []
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if not name.startswith('.'):
            mail = {}
            for part in ('message', 'envelope', 'environment', 'process'):
                with open(os.path.join(path, part), 'rb') as f:
                    mail[part] = f.read().decode('latin-1')
            mails.append(mail)
        shutil.rmtree(path, ignore_errors=True)
    return mails


def paths_of(envelope):
    return [p[1:] for p in envelope.split('\0')[:-2]]


def normal_message(text):
    m = TRACE.match(text)
    if not m:
        return text
    trace = re.sub(r'\bid [^\s;]+', 'id ID', m.group())
    trace = re.sub(r';[^;]*\Z', '; DATE\n', trace)
    return trace + text[m.end():]


def check_mail(mail, wanted, session):
    got = paths_of(mail['envelope'])
    if got != wanted['paths']:
        session.fail(0, 'envelope %s, wanted %s' % (got, wanted['paths']))
    message = mail['message']
    m = TRACE.match(message)
    if not m:
        session.fail(0, 'no Received on top: %r' % message[:80])
        return
    if re.search(r'[^\x20-\x7e\n\t]', m.group()):
        session.fail(0, 'Received is not printable: %r' % m.group())
    if re.search(r'[\r\0]', message):
        session.fail(0, 'a CR or NUL came into the queue')
    body = message[m.end():]
    if wanted['body'] is not None and body != wanted['body']:
        session.fail(0, 'message %s, wanted %s' % (
            brief(body), brief(wanted['body'])))
    for kind, text in wanted['checks']:
        if kind in ('Q~', 'Q!'):
            if bool(re.search(text, message, re.M)) != (kind == 'Q~'):
                session.fail(0, '%s in the message: %s\n        %s' % (
                    'missing' if kind == 'Q~' else 'unwanted', text,
                    brief(m.group())))
        elif kind == 'Qe':
            entries = mail['environment'].split('\0')
            if text.startswith('-'):
                if any(e.startswith(text[1:] + '=') for e in entries):
                    session.fail(0, 'in the environment: ' + text[1:])
            elif text not in entries:
                session.fail(0, 'not in the environment: ' + text)
        elif kind == 'Qp' and not re.search(text, mail['process'], re.M):
            session.fail(0, 'not so started: %s in %r' % (text,
                                                          mail['process']))


def brief(text):
    shown_text = repr(text)
    if len(shown_text) > 400:
        return '%s ... %s (%d octets)' % (shown_text[:200], shown_text[-150:],
                                          len(text))
    return shown_text


def check_queue(scenario, session, mails):
    if scenario.count is not None:
        if len(mails) != scenario.count:
            session.fail(0, '%d mails queued, wanted %d' % (
                len(mails), scenario.count))
        return
    if len(mails) != len(scenario.mails):
        session.fail(0, '%d mails queued, wanted %d: %s' % (
            len(mails), len(scenario.mails),
            [paths_of(m['envelope']) for m in mails]))
    for mail, wanted in zip(mails, scenario.mails):
        check_mail(mail, wanted, session)


# ----------------------------------------------------------------------------
# A scenario in all its ways

def ways_of(scenario):
    ways = scenario.ways
    if ways is None:
        ways = WAYS if scenario.server in ('tcp', 'pipes') else WAYS[:3]
    return ways


def run_way(place, listener, scenario, way, rng):
    began = time.monotonic()
    if way == 'exact' or not scenario.server.startswith('tcp'):
        kind = scenario.server
        wire = start_alone(place, 'pipes' if kind.startswith('tcp') else kind)
        wire.exact = way == 'exact'
    else:
        wire = listener.connect()
    session = Session(scenario, way, wire, rng, place.release)
    try:
        session.play()
    except Trouble as why:
        session.fail(0, str(why))
        for reply in session.replies[session.taken:]:
            session.transcript.append('S: ' + '\n   '.join(reply.lines))
        if session.received:
            session.transcript.append('S: %r' % session.received)
    took = time.monotonic() - began
    session.finish()
    if wire.process:
        session.read_log()
        os.close(wire.log)
    if scenario.time and not scenario.time[0] <= took <= scenario.time[1]:
        session.fail(0, 'took %.2f s, wanted %g to %g' % (
            (took,) + scenario.time))
    session.check_log()
    mails = collect(place.queue)
    check_queue(scenario, session, mails)
    outcome = ([r.normal() for r in session.replies],
               [(m['envelope'], normal_message(m['message'])) for m in mails])
    return session, outcome


def run(build, scenario, seed):
    """None if it passed, else the text of its failure."""
    root = tempfile.mkdtemp(prefix='smtpd.', dir=build.work)
    place = None
    listener = None
    report = []
    first = None
    try:
        place = Place(build, scenario, root)
        ways = ways_of(scenario)
        if scenario.server.startswith('tcp') and set(ways) - {'exact'}:
            listener = Listener(place)
        for way in ways:
            rng = random.Random('%s %s %s' % (seed, scenario.title, way))
            session, outcome = run_way(place, listener, scenario, way, rng)
            if first is None:
                first = (way, outcome)
            elif outcome != first[1] and not session.failures:
                session.fail(0, 'differs from the way %s:\n%s' % (
                    first[0], difference(first[1], outcome)))
            if session.failures or build.verbose:
                report.append(describe(session))
            if any('does not end' in f for f in session.failures):
                break
    finally:
        if listener:
            listener.stop()
        if place:
            place.remove()
        else:
            shutil.rmtree(root, ignore_errors=True)
    failed = any('FAILED' in r for r in report)
    return failed, '\n'.join(report)


def difference(a, b):
    out = []
    for i in range(max(len(a[0]), len(b[0]))):
        x = a[0][i] if i < len(a[0]) else '(nothing)'
        y = b[0][i] if i < len(b[0]) else '(nothing)'
        if x != y:
            out.append('        reply %d: %s\n             now: %s' % (
                i + 1, x, y))
    for i, (x, y) in enumerate(zip(a[1], b[1])):
        if x != y:
            at = next(n for n in range(2) if x[n] != y[n])
            n = len(os.path.commonprefix([x[at], y[at]]))
            n = max(0, n - 60)
            out.append('        mail %d: %s\n           now: %s' % (
                i + 1, brief(x[at][n:]), brief(y[at][n:])))
    if len(a[1]) != len(b[1]):
        out.append('        %d mails\n        now %d' % (
            len(a[1]), len(b[1])))
    return '\n'.join(out[:6])


def describe(session):
    transcript = session.transcript
    if len(transcript) > 60:
        transcript = transcript[:20] + [
            '... %d lines' % (len(transcript) - 50)] + transcript[-30:]
    lines = ['  way %s: %s' % (
        session.way, 'FAILED' if session.failures else 'passed')]
    lines += ['    * ' + f for f in session.failures[:12]]
    if len(session.failures) > 12:
        lines.append('    * and %d more' % (len(session.failures) - 12))
    lines += ['    | ' + t.replace('\n', '\n    | ') for t in transcript]
    lines += ['    log| ' + x[:300] for x in session.log_lines()[:30]]
    lines.append('    status %s' % session.status)
    return '\n'.join(lines)


# ----------------------------------------------------------------------------

class Build:
    def __init__(self, path):
        self.path = os.path.abspath(path)
        self.fake = self.find('tests/fake/queue')
        self.tcpserver = os.environ.get('TCPSERVER') or \
            self.find('peers/bin/tcpserver')
        self.tcpserver4 = os.environ.get('TCPSERVER4') or \
            self.find('peers/bin/tcpserver4')
        self.softlimit = self.find('peers/bin/softlimit')
        self.verbose = bool(os.environ.get('VERBOSE'))
        self.work = None

    def is_sanitized(self):
        with open(self.path + '/Qsmtpd', 'rb') as f:
            return b'__asan_init' in f.read()

    def find(self, name):
        """In the build folder, or in the one around it (build/asan)."""
        for folder in (self.path, os.path.dirname(self.path)):
            path = os.path.join(folder, name)
            if os.path.exists(path):
                return path
        return None


def chosen(scenarios, names):
    if not names:
        return scenarios
    files = {os.path.basename(s.file)[:-5] for s in scenarios}
    out = []
    for scenario in scenarios:
        file = os.path.basename(scenario.file)[:-5]
        for name in names:
            stem = name[:-5] if name.endswith('.smtp') else name
            if stem == file or stem not in files and stem in scenario.title:
                out.append(scenario)
                break
    return out


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build = Build(sys.argv[1])
    seed = os.environ.get('SEED') or str(random.randrange(1 << 32))
    jobs = int(os.environ.get('JOBS') or 2) * 4
    scenarios = []
    _, macros = read_file(os.path.join(HERE, 'macros'), {})
    for path in sorted(glob.glob(os.path.join(HERE, '*.smtp'))):
        try:
            scenarios += read_file(path, macros)[0]
        except Trouble as why:
            sys.exit('%s: %s' % (path, why))
    scenarios = chosen(scenarios, sys.argv[2:])
    if not scenarios:
        sys.exit('no such scenario')
    for program in (build.path + '/Qsmtpd', build.fake):
        if not program or not os.path.exists(program):
            sys.exit('%s is not built' % (program or 'tests/fake/queue'))
    print('SEED=%s' % seed, flush=True)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    lock = threading.Lock()
    counts = collections.Counter()
    began = time.monotonic()
    build.work = tempfile.mkdtemp(prefix='qsmtp-dialogues.')
    os.chmod(build.work, 0o755)

    def one(scenario):
        try:
            failed, text = run(build, scenario, seed)
            word = 'failed' if failed else 'passed'
        except Skip as why:
            word, text = 'skipped', str(why)
        except Trouble as why:
            word, text = 'failed', '  ' + str(why)
        with lock:
            counts[word] += 1
            if word == 'skipped':
                print('skipped  %s: %s' % (scenario.title, text), flush=True)
            elif word == 'failed' or build.verbose:
                print('%s  %s\n%s' % (word, scenario.title, text), flush=True)
            if word == 'failed':
                scenario.result = word

    try:
        # Those that wait go first, so that the others fill their time.
        scenarios.sort(key=lambda s: -(s.time[0] if s.time else 0))
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for done in concurrent.futures.as_completed(
                    [pool.submit(one, s) for s in scenarios]):
                done.result()
    finally:
        shutil.rmtree(build.work, ignore_errors=True)
    failed = [s for s in scenarios if s.result]
    if failed:
        print('failed (SEED=%s):' % seed)
        for scenario in failed:
            print('    ' + scenario.title)
    print('%d scenarios in %.1f s, %d skipped' % (
        len(scenarios), time.monotonic() - began, counts['skipped']))
    print('%d passed, %d failed' % (counts['passed'], counts['failed']))
    sys.exit(1 if counts['failed'] else 0)


if __name__ == '__main__':
    main()
