"""Where a scenario is played: a network of its own, a qmail home, a run."""
import ctypes
import fcntl
import os
import resource
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

import tls
from scenario import Skip, Trouble
from server import Host

sys.path.insert(0, os.path.join(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))), 'fake'))
import dnsd                                             # noqa: E402

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PACKET = 4096           # of a pipe in packet mode, PIPE_BUF
POLL_S = 0.001          # between two looks at a pipe
RUN_S = 25              # no run takes longer

# 198.51.100.0/24 and 2001:db8:1::/48 are addresses of this machine that no
# interface has; what goes to 203.0.113.0/24 and 2001:db8:dead::/48 is lost;
# 192.0.2.0/24 is unreachable, and the rest of IPv6 has no route.
NETWORK = """\
link set lo up
route add local 198.51.100.0/24 dev lo
route add local 2001:db8:1::/48 dev lo
route add unreachable 192.0.2.0/24
"""
# What a kernel has of devices that lose packets: the first that works.
HOLES = ('link add hole type dummy', 'link add hole type ifb',
         'tuntap add dev hole mode tun')
HOLE = """\
link set hole up
addr add 203.0.113.250/24 dev hole
addr add 2001:db8:dead::250/48 dev hole nodad
"""
LOST = ('203.0.113.', '2001:db8:dead:')
# Least, usual and most octets of a socket's buffers: little fits in them.
BUFFERS = '4096 32768 65536'
OUTSIDE = LOST + ('198.51.100.', '2001:db8:', '192.0.2.')


class Network:
    """A network of this process's own; `missing` says why it has none."""

    def __init__(self):
        self.path = shutil.which('ip', path='/sbin:/usr/sbin:/bin:/usr/bin')
        self.missing = None
        self.has_hole = False
        if self.path is None:
            self.missing = 'there is no program ip'
            return
        try:
            unshare()
        except OSError as why:
            self.missing = 'unshare: %s' % why
            return
        if not self.ip(NETWORK):
            self.missing = 'ip cannot set it up'
            return
        for name in 'tcp_wmem', 'tcp_rmem':
            try:
                with open('/proc/sys/net/ipv4/' + name, 'w',
                          encoding='ascii') as file:
                    file.write(BUFFERS)
            except OSError:
                pass            # they are only larger then
        self.has_hole = any(self.ip(hole + '\n') for hole in HOLES) and \
            self.ip(HOLE)

    def ip(self, commands):
        done = subprocess.run([self.path, '-batch', '-'], input=commands,
                              text=True, capture_output=True, check=False)
        return done.returncode == 0

    def check(self, words, needed):
        """Skip what this network cannot do."""
        def names(prefixes):
            return any(p in w for p in prefixes for w in words)

        if self.missing and (needed or names(OUTSIDE)):
            raise Skip('no network of its own: ' + self.missing)
        if not self.has_hole and names(LOST):
            raise Skip('no device that loses packets')


def unread(fd):
    """How many octets wait in a pipe."""
    return struct.unpack('i', fcntl.ioctl(fd, termios.FIONREAD, b'1234'))[0]


def unshare():
    flags = CLONE_NEWNET
    user, group = os.geteuid(), os.getegid()
    if user != 0:
        flags |= CLONE_NEWUSER
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    if user != 0:
        map_user(0, user, group)


def map_user(inside, user, group):
    for path, text in (('setgroups', 'deny'),
                       ('uid_map', '%d %d 1' % (inside, user)),
                       ('gid_map', '%d %d 1' % (inside, group))):
        with open('/proc/self/' + path, 'w', encoding='ascii') as file:
            file.write(text)


def is_root():
    """Of the machine, not of a namespace that has one user."""
    with open('/proc/self/uid_map', encoding='ascii') as file:
        return os.geteuid() == 0 and int(file.read().split()[2]) > 1


def become_another():
    """Root of a namespace becomes somebody in one of its own."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(CLONE_NEWUSER) != 0:
            raise OSError(ctypes.get_errno(), 'unshare')
        map_user(1000, 0, 0)


def is_dynamic(program):
    """Whether a program names a loader at its begin."""
    with open(program, 'rb') as file:
        return b'/ld-' in file.read(4096)


def record(size, at, address, count, when):
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    octets = socket.inet_pton(family, address)
    out = bytearray(size)
    out[:len(octets)] = octets
    out[at] = count
    struct.pack_into('<I', out, 8 if size == 16 else 24, when)
    return bytes(out)


class Place:
    """One run of a scenario."""

    def __init__(self, build, scenario, network):
        self.build, self.scenario, self.network = build, scenario, network
        self.failures, self.order = [], []
        self.hosts, self.dns, self.process = [], None, None
        self.service = None
        self.output, self.packets, self.errors = b'', [], b''
        self.status = None
        self.before = {}
        self.root = tempfile.mkdtemp(prefix='remote.', dir=build.work)
        self.started = threading.Event()
        self.began = int(time.time())

    def path(self, *names):
        return os.path.join(self.root, 'home', *names)

    def fail(self, text):
        self.failures.append(text)

    def put(self, path, octets):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as file:
            file.write(octets)

    def prepare(self):
        scenario = self.scenario
        # Only the runner's own route knows another port than 25.
        self.network.check(self.words(), any(
            not scenario.routed or a != '127.0.0.1'
            for a, _, _ in scenario.hosts))
        if scenario.descriptors and is_dynamic(self.build.program):
            raise Skip('its dynamic loader needs descriptors')
        port = 0 if self.network.missing else scenario.port
        for address, scripts, _ in scenario.hosts:
            host = Host(address, port, [list(s) for s in scripts],
                        scenario.message, self.order.append)
            host.kill, host.kill_tls = self.kill, self.kill_tls
            host.tls_holds = self.tls_holds
            host.certificates = self.build.certificates
            host.empty_message = self.empty_message
            self.hosts.append(host)
            port = host.port
        for name in 'control', 'queue/mess', 'queue/lock':
            os.makedirs(self.path(name))
        if scenario.zone:
            self.dns = dnsd.Server('\n'.join(scenario.zone) + '\n')
        control = dict(scenario.control)
        if 'control/resolvers' not in scenario.files:
            control.setdefault('resolvers', b'127.0.0.1:%d\n' % (
                self.dns.port if self.dns else 1))
        if scenario.routed:
            control['smtproutes'] = b':127.0.0.1:%d\n' % (port or 25)
        certificates = self.build.certificates
        for name, octets in control.items():
            self.put(self.path('control', name),
                     tls.fill(octets, certificates))
        for name, (kind, what) in scenario.files.items():
            if kind == 'text':
                self.put(self.path(name), tls.fill(what, certificates))
            elif kind == 'folder':
                os.makedirs(self.path(name))
            else:
                os.chmod(self.path(name), what)
        for name, path in scenario.copies:
            os.makedirs(os.path.dirname(self.path(path)), exist_ok=True)
            shutil.copy(os.path.join(certificates, name), self.path(path))
        for name, mode in scenario.modes.items():
            os.chmod(self.path(name), mode)
        self.put(self.path('queue/mess/message'), scenario.message)
        self.prepare_tcpto()
        self.prepare_tls()

    def link(self, path, to):
        os.makedirs(os.path.dirname(self.path(path)), exist_ok=True)
        os.symlink(to, self.path(path))

    def prepare_tls(self):
        kind = self.scenario.tls
        if kind == 'embedded':
            self.link('bin/qsmtp-tls', self.build.tls)
        elif kind == 'liar':
            self.link('bin/qsmtp-tls', os.path.join(
                os.path.dirname(os.path.abspath(__file__)), 'liar.py'))
        elif kind == 'service':
            self.service = tls.Service(
                self.build.tls, self.path(), self.environment(),
                None if is_root() else become_another)
        elif kind != 'none':
            raise Trouble('tls ' + kind)

    def words(self):
        """All that may name an address."""
        scenario = self.scenario
        words = [a for a, _, _ in scenario.hosts]
        words += scenario.zone + [scenario.host]
        words += [o.decode('latin-1') for o in scenario.control.values()]
        words += [o.decode('latin-1') for kind, o in scenario.files.values()
                  if kind == 'text']
        return words

    def prepare_tcpto(self):
        for name, size, at in ('tcpto', 16, 4), ('tcpto6', 32, 16):
            rows = self.scenario.tcpto.get(
                name, [] if name == 'tcpto' else None)
            if rows is None:
                continue
            if isinstance(rows, list):
                rows = b''.join(record(size, at, a, c, self.began - age)
                                for a, c, age in rows).ljust(64 * size, b'\0')
            self.before[name] = rows
            self.put(self.path('queue/lock', name), rows)

    def kill(self, number):
        # It may be connected before Popen() has returned.
        self.started.wait()
        self.process.send_signal(number)

    def empty_message(self):
        os.truncate(self.path('queue/mess/message'), 0)

    def standard_input(self):
        """A descriptor for fd 0, and what has to be written there or None."""
        kind = self.scenario.stdin
        path = self.path('queue/mess/message')
        if kind == 'file':
            return os.open(path, os.O_RDONLY), None
        if kind in ('pipe', 'octets'):
            return os.pipe()
        if kind == 'folder':
            return os.open(self.path('queue/mess'), os.O_RDONLY), None
        if kind == 'writeonly':
            return os.open(path, os.O_WRONLY), None
        if kind == 'none':
            return None, None
        raise Trouble('stdin ' + kind)

    def feed(self, fd):
        """Write the message; octet by octet, each when the last was read."""
        view = memoryview(self.scenario.message)
        slow = self.scenario.stdin == 'octets'
        try:
            while view:
                view = view[os.write(fd, view[:1] if slow else view):]
                while slow and unread(fd) and self.status is None:
                    time.sleep(POLL_S)
        except OSError:
            pass
        os.close(fd)

    def kill_tls(self):
        """Who carries the session now; nobody else is a child of these."""
        parent = self.service.process if self.service else self.process
        for pid in tls.children_of(parent.pid):
            os.kill(pid, signal.SIGKILL)

    def tls_holds(self):
        """What qsmtp-tls has open, by descriptor: a path, or its kind."""
        child, = tls.children_of(self.process.pid)
        folder = '/proc/%d/fd/' % child
        return [os.readlink(folder + fd).partition(':')[0]
                for fd in sorted(os.listdir(folder), key=int)]

    def environment(self):
        log = os.path.join(self.root, 'sanitizer')
        return {'QMAILHOME': self.path(),
                'ASAN_OPTIONS': 'detect_leaks=0:log_path=' + log,
                'UBSAN_OPTIONS': 'print_stacktrace=1:log_path=' + log}

    def run(self):
        scenario = self.scenario
        environment = self.environment()
        for key, value in scenario.env.items():
            environment[key] = value.replace('$HOME', self.path())
        argv = scenario.argv
        if argv is None:
            argv = [scenario.host, scenario.sender] + scenario.recipients
        given, feeding = self.standard_input()
        closed = [n for n, is_closed in (
            (0, given is None), (2, scenario.stderr == 'closed')) if is_closed]

        def limit():
            for fd in closed:
                os.close(fd)
            most = scenario.descriptors
            if most:
                resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

        out, report = os.pipe2(os.O_DIRECT)
        err, errors = os.pipe()
        for host in self.hosts:
            host.start()
        self.process = subprocess.Popen(
            ['qmail-remote'] + [a.encode('utf-8', 'surrogateescape')
                                for a in argv],
            executable=os.path.abspath(self.build.program), stdin=given,
            stdout=report, stderr=report if scenario.stderr == 'same' else
            errors, cwd=scenario.cwd or self.path('queue/mess'),
            env=environment, preexec_fn=limit if closed or scenario.descriptors
            else None)
        self.started.set()
        os.close(report)
        os.close(errors)
        feeder = None
        if feeding is not None:
            os.close(given)
            given = None
            feeder = threading.Thread(target=self.feed, args=(feeding,))
            feeder.start()
        began = time.monotonic()
        self.read(out, err, began + RUN_S)
        self.status = self.process.wait()
        took = time.monotonic() - began
        if feeder:
            feeder.join()
        if given is not None:
            if scenario.stdin == 'file' and \
                    os.lseek(given, 0, os.SEEK_CUR) != 0:
                self.fail('the offset of the message file has moved')
            os.close(given)
        if not scenario.time[0] <= took <= scenario.time[1]:
            self.fail('took %.2f s, wanted %g to %g' % (
                (took,) + scenario.time))

    def read(self, out, err, until):
        waiting = [out, err]
        while waiting:
            left = until - time.monotonic()
            ready = select.select(waiting, [], [], max(left, 0))[0]
            if not ready:
                self.fail('still running after %d s' % RUN_S)
                self.process.kill()
                until += RUN_S
            for fd in ready:
                octets = os.read(fd, 65536)
                if not octets:
                    waiting.remove(fd)
                    os.close(fd)
                elif fd == err:
                    self.errors += octets
                else:
                    self.packets.append(octets)
        self.output = b''.join(self.packets)

    def end(self):
        for host, (_, _, needed) in zip(self.hosts, self.scenario.hosts):
            if host.is_alive() or host.count:
                host.stop(needed)
            else:
                host.listener.close()
            self.failures += host.failures
        if self.dns:
            self.dns.close()
        if self.service and self.service.stop() != 0:
            self.fail('qsmtp-tls: ' + str(self.service.process.returncode))

    def sanitizer(self):
        out = ''
        for name in sorted(os.listdir(self.root)):
            if name.startswith('sanitizer'):
                with open(os.path.join(self.root, name), encoding='utf-8',
                          errors='replace') as file:
                    out += file.read()
        return out

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)


def tcpto_rows(name, octets):
    """(address, count, when) of each record that is not all zero."""
    size, at = (16, 4) if name == 'tcpto' else (32, 16)
    family = socket.AF_INET if size == 16 else socket.AF_INET6
    out = []
    for i in range(0, len(octets) - size + 1, size):
        one = octets[i:i + size]
        if not any(one):
            continue
        when = struct.unpack_from('<I', one, 8 if size == 16 else 24)[0]
        address = socket.inet_ntop(family, one[:4 if size == 16 else 16])
        if one != record(size, at, address, one[at], when):
            address += ' and octets that are not zero'
        out.append((address, one[at], when))
    return out
