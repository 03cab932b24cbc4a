"""Where a scenario runs: its qmail home, its server, the wire to it."""
import array
import fcntl
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import termios
import time

from dialogue import Skip, Trouble, unescape
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'fake'))
import dnsd                                              # noqa: E402

UNREAD_S = 3.0              # the longest a question is on its way
LOCAL = 'server.example.test'


class Build:
    def __init__(self, path):
        self.path = os.path.abspath(path)
        # That of the ordinary build starts sooner than one with sanitizers.
        self.fake = self.find('tests/fake/queue', outer_first=True)
        self.checker = self.find('tests/fake/checkpassword', outer_first=True)
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

    def find(self, name, outer_first=False):
        """In the build folder, or in the one around it (build/asan)."""
        folders = [self.path, os.path.dirname(self.path)]
        if outer_first:
            folders.reverse()
        for folder in folders:
            path = os.path.join(folder, name)
            if os.path.exists(path):
                return path
        return None


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
        self.dns = None
        if scenario.zone:
            self.dns = dnsd.Server('\n'.join(scenario.zone) + '\n')
        fake = build.fake
        if scenario.user:
            self.program = shutil.copy(self.program, root + '/bin/Qsmtpd')
            fake = shutil.copy(fake, root + '/bin/fake')
        os.symlink(fake, os.path.join(root, 'bin/qmail-queue'))
        self.write_controls()
        for name, mode in scenario.modes.items():
            os.chmod(os.path.join(root, name), mode)
        self.environment = self.make_environment()
        os.symlink(build.checker, os.path.join(root, 'bin/checkpassword'))
        self.command = [self.program] + [
            a.replace('$HOME', self.home) for a in scenario.arguments]
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
                    'rcpthosts': ('=', 'example.test\n.sub.example.test\n'),
                    # Nobody listens at port 1: no question leaves the machine.
                    'resolvers': ('=', '127.0.0.1:%d\n' % (
                        self.dns.port if self.dns else 1))}
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
                f.write(text.replace('$HOME', self.home))
            if text.startswith('#!'):
                os.chmod(path, 0o755)
        for name, keys in self.scenario.cdbs.items():
            path = os.path.join(self.home, '' if '/' in name else 'control',
                                name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            records = ''
            for line in keys:
                key, _, value = line.replace(
                    '$HOME', self.home).partition('=>')
                if line:
                    records += '+%d,%d:%s->%s\n' % (
                        len(key), len(value), key, value)
            subprocess.run(['cdb', '-c', path], check=True,
                           input=(records + '\n').encode('latin-1'))

    def make_environment(self):
        env = {'PATH': os.environ['PATH'], 'QMAILHOME': self.home,
               'FAKE_QUEUE_DIR': self.queue, 'FAKE_QUEUE_LOG': '1',
               'FAKE_QUEUE_GATE': self.gate,
               'UBSAN_OPTIONS': 'print_stacktrace=1'}
        for key in ('ASAN_OPTIONS', 'UBSAN_OPTIONS'):
            if key in os.environ:
                env[key] = os.environ[key]
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

    def check_dns(self, session):
        """Whether what was asked is what the scenario has; forgets it."""
        wanted = self.scenario.asked
        counts = self.scenario.questions
        # Nobody need have waited for the answer to a question.
        until = time.monotonic() + UNREAD_S
        while time.monotonic() < until:
            questions = list(self.dns.questions) if self.dns else []
            asked = {(q.name.lower(), dnsd.type_name(q.type))
                     for q in questions}
            found = [sum(bool(re.search(pattern, str(q))) for q in questions)
                     for _, pattern in counts]
            if (wanted or set()) <= asked and all(
                    n >= number for n, (number, _) in zip(found, counts)):
                break
            time.sleep(0.01)
        if self.dns:
            self.dns.forget()
        if wanted is not None and asked != wanted:
            session.fail(0, 'asked the DNS for %s, wanted %s' % (
                sorted(asked), sorted(wanted)))
        for n, (number, pattern) in zip(found, counts):
            if n != number:
                session.fail(0, '%d questions %s, wanted %d: %s' % (
                    n, pattern, number, [str(q) for q in questions]))

    def remove(self):
        if self.dns:
            self.dns.close()
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
