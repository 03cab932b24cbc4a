#!/usr/bin/env python3
"""tls - what TLS costs a session: the service, the program executed for one
session, OpenSSL in the process, and none

tls.py FOLDER HOME TCPSERVER; bench.sh builds and calls it.  FOLDER has
nullqueue and inprocess, HOME/bin has Qsmtpd and qsmtp-tls.
Environment: ROUNDS, SCALE, SMTPD, the last a program that speaks STARTTLS.
"""
import ctypes
import os
import re
import shutil
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from bench import Failed, children, kilobytes, machine, wait_until

SESSIONS, WORKERS, IDLE, SIZE = 300, 2, 100, 50_000_000
MOST_MS, MOST_RATIO, LEAST_RATE, MOST_PSS = 3.5, 0.45, 0.5, 450
MAIL = (b'Subject: bench\r\n\r\n' + (b'x' * 70 + b'\r\n') * 14)
KEYS = {
    'ec': ('ec', '-pkeyopt', 'ec_paramgen_curve:P-256'),
    'rsa': ('rsa:2048',),
}


class Client:
    """One session; each reply is checked."""

    def __init__(self, port, context=None):
        self.socket = socket.create_connection(('127.0.0.1', port), 60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b''
        self.expect(220)
        self.say('EHLO client.example', 250)
        if context is not None:
            self.say('STARTTLS', 220)
            self.socket = context.wrap_socket(
                self.socket, server_hostname='mx.bench.example')
            self.say('EHLO client.example', 250)

    def expect(self, code):
        while True:
            while b'\n' not in self.buffer:
                more = self.socket.recv(4096)
                if not more:
                    raise Failed('the server hung up')
                self.buffer += more
            line, self.buffer = self.buffer.split(b'\n', 1)
            if line[3:4] == b'-':
                continue
            if not line.startswith(b'%d ' % code):
                raise Failed(f'{line} is not {code}')
            return

    def say(self, command, code):
        self.socket.sendall(command.encode() + b'\r\n')
        self.expect(code)

    def mail(self, text):
        self.say('MAIL FROM:<a@bench.example>', 250)
        self.say('RCPT TO:<b@bench.example>', 250)
        self.say('DATA', 354)
        self.socket.sendall(text)
        self.socket.sendall(b'.\r\n')
        self.expect(250)

    def quit(self):
        self.say('QUIT', 221)
        if isinstance(self.socket, ssl.SSLSocket):
            try:
                self.socket.unwrap()
            except (ssl.SSLError, OSError):
                pass
        self.socket.close()


def trusting():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def work(port, count, encrypted):
    context = trusting() if encrypted else None
    for _ in range(count):
        client = Client(port, context)
        client.mail(MAIL)
        client.quit()


def cpu_of(usage):
    return usage.ru_utime + usage.ru_stime


def has_ended(pid):
    """It waits to be asked how."""
    with open(f'/proc/{pid}/stat', encoding='ascii') as file:
        return file.read().rsplit(')', 1)[1].split()[0] == 'Z'


class Tree:
    """tcpserver with a program, and the service if it needs that."""

    def __init__(self, bench, name, limit=100):
        program, has_service = bench.programs[name]
        self.service = None
        env = {'PATH': os.environ['PATH'], 'QMAILHOME': bench.home,
               'QMAILQUEUE': bench.queue}
        self.log = open(os.path.join(bench.folder, 'tls.log'), 'ab')
        if has_service:
            user = ['-u', 'nobody'] if os.geteuid() == 0 else []
            self.service = subprocess.Popen(
                [bench.tls, '-s', '-c', '1000', *user], env=env,
                stderr=self.log)
            wait_until('the service', lambda: bench.answers() or
                       self.service.poll() is not None)
            if self.service.poll() is not None:
                raise Failed('the service does not start')
        self.server = subprocess.Popen(
            [bench.tcpserver, '-H', '-R', '-D', '-l', 'mail.bench.example',
             '-1', '-c', str(limit), '-b', '1000', '127.0.0.1', '0',
             program],
            env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=self.log)
        self.port = int(self.server.stdout.readline())
        self.usage = 0
        self.own = children(os.getpid())

    def processes(self):
        """Of all sessions."""
        pids = children(self.server.pid)
        for pid in list(pids):
            pids += children(pid)
        pids += [pid for pid in children(os.getpid())
                 if pid not in self.own and not has_ended(pid)]
        if self.service:
            pids += children(self.service.pid)
        return pids

    def close(self):
        """Only what was waited for is counted: orphans come to us, too."""
        wait_until('sessions to end', lambda: not self.processes())
        for process in (self.server, self.service):
            if process is None:
                continue
            process.send_signal(signal.SIGTERM)
            _, process.returncode, usage = os.wait4(process.pid, 0)
            self.usage += cpu_of(usage)
        try:
            while True:
                self.usage += cpu_of(os.wait4(-1, 0)[2])
        except ChildProcessError:
            pass
        self.server.stdout.close()
        self.log.close()


class Bench:
    def __init__(self, folder, home, tcpserver):
        self.folder, self.home, self.tcpserver = folder, home, tcpserver
        self.queue = os.path.join(folder, 'nullqueue')
        self.tls = os.path.join(home, 'bin', 'qsmtp-tls')
        smtpd = os.path.join(home, 'bin', 'Qsmtpd')
        self.programs = {
            'service': (smtpd, True),
            'embedded': (smtpd, False),
            'inprocess': (os.path.join(folder, 'inprocess'), False),
        }
        other = os.environ.get('SMTPD')
        if other:
            self.programs['other'] = (os.path.abspath(other), False)
        self.rounds = int(os.environ.get('ROUNDS') or 5)
        self.sessions = max(WORKERS, int(SESSIONS * float(
            os.environ.get('SCALE') or 1)))
        os.makedirs(os.path.join(home, 'run'), exist_ok=True)
        os.chmod(os.path.join(home, 'run'), 0o755)

    def answers(self):
        with socket.socket(socket.AF_UNIX) as probe:
            folder = os.open(self.home, os.O_RDONLY)
            try:
                probe.connect(f'/proc/self/fd/{folder}/run/tls')
                return True
            except OSError:
                return False
            finally:
                os.close(folder)

    def write_certificate(self, kind):
        control = os.path.join(self.home, 'control')
        os.makedirs(control, exist_ok=True)
        for name in os.listdir(control):
            if name.startswith('server'):
                os.unlink(os.path.join(control, name))
        for name, text in (('me', 'mail.bench.example\n'),
                           ('rcpthosts', 'bench.example\n'),
                           ('timeoutsmtpd', '1200\n')):
            with open(os.path.join(control, name), 'w',
                      encoding='ascii') as file:
                file.write(text)
        subprocess.run(
            ['openssl', 'req', '-x509', '-newkey', *KEYS[kind], '-nodes',
             '-keyout', os.path.join(control, 'serverkey.pem'),
             '-out', os.path.join(control, 'servercert.pem'),
             '-subj', '/CN=mx.bench.example', '-days', '2'],
            check=True, stderr=subprocess.DEVNULL)

    def measure(self, name, encrypted=True):
        """CPU of a session in ms, of all processes but the client's."""
        tree = Tree(self, name)
        try:
            with ProcessPoolExecutor(WORKERS) as pool:
                each = self.sessions // WORKERS
                for done in [pool.submit(work, tree.port, each, encrypted)
                             for _ in range(WORKERS)]:
                    done.result()
        finally:
            tree.close()
        return 1000 * tree.usage / (each * WORKERS)

    def idle(self, name):
        """PSS of one of many sessions that wait, in kB, without what the
        service needs once, which is the second value."""
        context = trusting()
        tree = Tree(self, name, IDLE + 50)
        clients = []
        try:
            clients = [Client(tree.port, context) for _ in range(IDLE)]
            # Who is idle gives memory back after half a second.
            time.sleep(1)
            total = sum(kilobytes(pid, 'smaps_rollup', 'Pss')
                        for pid in tree.processes())
            once = kilobytes(tree.service.pid, 'smaps_rollup', 'Pss') \
                if tree.service else 0
            return total / IDLE, once
        finally:
            for client in clients:
                client.quit()
            tree.close()

    def rate(self, name):
        """MB a second of one large message."""
        text = MAIL[:18] + (b'y' * 76 + b'\r\n') * (SIZE // 78)
        tree = Tree(self, name)
        try:
            client = Client(tree.port, trusting())
            began = time.monotonic()
            client.mail(text)
            took = time.monotonic() - began
            client.quit()
        finally:
            tree.close()
        return len(text) / took / 1e6, 1000 * tree.usage


def bare_rate(bench):
    """MB a second from openssl's own client to its own server."""
    path = os.path.join(bench.folder, 'large.txt')
    with open(path, 'wb') as file:
        file.write((b'y' * 77 + b'\n') * (SIZE // 78))
    control = os.path.join(bench.home, 'control')
    with socket.create_server(('127.0.0.1', 0)) as probe:
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        ['openssl', 's_server', '-quiet', '-naccept', '1',
         '-accept', f'127.0.0.1:{port}',
         '-cert', os.path.join(control, 'servercert.pem'),
         '-key', os.path.join(control, 'serverkey.pem')],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL)
    wait_until('s_server', lambda: is_listening(port))
    with open(path, 'rb') as file:
        began = time.monotonic()
        client = subprocess.Popen(
            ['openssl', 's_client', '-quiet', '-connect',
             f'127.0.0.1:{port}'], stdin=file, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        size = 0
        while size < SIZE // 78 * 78:
            got = server.stdout.read1(1 << 20)
            if not got:
                raise Failed('s_server ended')
            size += len(got)
        took = time.monotonic() - began
    for process in (client, server):
        process.kill()
        process.wait()
    server.stdout.close()
    os.unlink(path)
    return size / took / 1e6


def is_listening(port):
    with open('/proc/net/tcp', encoding='ascii') as file:
        return re.search(rf': 0100007F:{port:04X} 00000000:0000 0A',
                         file.read()) is not None


def row(what, cells, note=''):
    print(f'{what:34}' + ''.join(f'{cell:>11}' for cell in cells) + note,
          flush=True)


def cpu(bench):
    for kind in KEYS:
        bench.write_certificate(kind)
        runs = {name: [] for name in bench.programs}
        plain = []
        for _ in range(bench.rounds):
            for name, run in runs.items():
                run.append(bench.measure(name))
            plain.append(bench.measure('service', False))
        row(f'\nCPU, ms a session, {kind}', [*runs, 'no TLS', 'ratio'])
        ratio = statistics.median(
            a / b for a, b in zip(runs['service'], runs['inprocess']))
        value = statistics.median(runs['service'])
        row('STARTTLS, one message of 1 kB',
            [f'{statistics.median(run):.2f}' for run in runs.values()] +
            [f'{statistics.median(plain):.2f}', f'{ratio:.2f}'],
            '' if kind == 'rsa' else
            f'   at most {MOST_MS} and {MOST_RATIO}' +
            (': above target' if value > MOST_MS or ratio > MOST_RATIO
             else ''))


def adopt_orphans():
    """A program executed for one session outlives who executed it."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)     # PR_SET_CHILD_SUBREAPER


def main():
    if len(sys.argv) != 4:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    if not shutil.which('openssl'):
        print('tls: not measured: no openssl')
        return 0
    adopt_orphans()
    bench = Bench(*(os.path.abspath(path) for path in sys.argv[1:]))
    try:
        print(f'\nTLS. {machine()}; medians of {bench.rounds} rounds')
        cpu(bench)
        bench.write_certificate('ec')
        rates = {name: [] for name in bench.programs}
        bare = []
        for _ in range(bench.rounds):
            for name, run in rates.items():
                run.append(bench.rate(name)[0])
            bare.append(bare_rate(bench))
        ratio = statistics.median(
            a / b for a, b in zip(rates['service'], bare))
        row('\n50 MB, MB a second', [*rates, 'openssl', 'ratio'])
        row('one message', [f'{statistics.median(run):.0f}'
                            for run in [*rates.values(), bare]] +
            [f'{ratio:.2f}'], f'   at least {LEAST_RATE}' + (
                ': below target' if ratio < LEAST_RATE else ''))
        sizes = {name: bench.idle(name) for name in bench.programs}
        row('\nMemory, kB', list(sizes))
        row(f'PSS of one of {IDLE} idle sessions',
            [f'{size:.0f}' for size, _ in sizes.values()],
            f'   at most {MOST_PSS}')
        row('PSS of the service itself, once',
            [f'{once:.0f}' for _, once in sizes.values()])
    except (Failed, OSError, subprocess.SubprocessError) as error:
        print(f'tls: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
