#!/usr/bin/env python3
"""bench - what a session costs ours, another smtpd and the floor

bench.py FOLDER OURS HOME TCPSERVER; bench.sh builds and calls it.
Environment: OTHER, OTHER_HOME, ROUNDS, SCALE (see bench.sh).
"""
import contextlib
import copy
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time

# scenario: (sessions a run, parallel, target, what)
SCENARIOS = {
    'connect': (400, 2, 0.70, 'greeting, EHLO, QUIT'),
    'message': (300, 2, 0.70, 'one message of 1 kB'),
    'hundred': (4, 2, 0.65, '100 messages of 4 kB'),
    'large': (2, 1, 0.10, 'one message of 50 MB'),
    'recipients': (200, 2, 0.70, '50 recipients, one write, 1 kB'),
    'refused': (300, 2, 0.70, 'recipient refused with 553'),
}
IDLE, IDLE_TARGET, MANY = 100, 0.85, 1000
SETTINGS_TARGET = 1.30  # 25 control files against two
PATIENCE = 120
MARK = 'control/.written-by-the-bench'


class Failed(Exception):
    """What makes a run worthless."""


def wait_until(what, condition):
    """Ask again until it is so: there is no event to wait for."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise Failed('waited too long: ' + what)
        time.sleep(0.002)


def children(pid):
    with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as file:
        return [int(word) for word in file.read().split()]


def kilobytes(pid, name, field):
    with open(f'/proc/{pid}/{name}', encoding='ascii') as file:
        return int(re.search(rf'^{field}:\s+(\d+) kB', file.read(), re.M)[1])


def write_home(home):
    """Every control file of stock qmail, of the size a small host has."""
    control = os.path.join(home, 'control')
    os.makedirs(control, exist_ok=True)
    if os.listdir(control) and not os.path.exists(os.path.join(home, MARK)):
        print(f'{control} is not empty and not ours: used as it is')
        return
    texts = {
        MARK[8:]: '',
        'me': 'mail.bench.example\n',
        'smtpgreeting': 'mail.bench.example\n',
        'localiphost': 'mail.bench.example\n',
        'timeoutsmtpd': '1200\n',
        'databytes': '100000000\n',
        'rcpthosts': 'bench.example\n.bench.example\n' + ''.join(
            f'domain{i}.example\n' for i in range(20)),
        'morercpthosts': ''.join(
            f'customer{i}.example\n' for i in range(500)),
        'badmailfrom': '@spam.example\n' + ''.join(
            f'bad{i}@spam{i}.example\n' for i in range(20)),
    }
    for name, text in texts.items():
        with open(os.path.join(control, name), 'w', encoding='ascii') as file:
            file.write(text)
    write_cdb(home, texts['morercpthosts'])


def lines(form, count=100):
    return ''.join(form.format(i) + '\n' for i in range(count))


def write_bare_home(home):
    """What a host needs to receive mail, and nothing else."""
    write_texts(home, {'me': 'mail.bench.example\n',
                       'rcpthosts': 'bench.example\n'})


def write_settings_home(home):
    """25 control files: each list has 100 lines, each local key is set.

    Only earlytalk is not, which waits for a second, nor forcestarttls, by
    which nothing would be taken.
    """
    texts = {
        'me': 'mail.bench.example\n', 'localiphost': 'mail.bench.example\n',
        'smtpgreeting': 'mail.bench.example\n', 'timeoutsmtpd': '1200\n',
        'databytes': '100000000\n', 'maxrcpt': '1000\n', 'maxhops': '50\n',
        'maxerrors': '10\n', 'tarpit': '2\n', 'split': 'domain\n',
        'ehlodiscard': 'LIMITS\n', 'barelf': 'reject\n',
        'maxsession': '3600\n', 'recipientcheck': ':none\n',
        'rcpthosts': 'bench.example\n' + lines('domain{}.example'),
        'badmailfrom': lines('bad{0}@spam{0}.example'),
        'goodmailfrom': lines('good{0}@spam{0}.example'),
        'badrcptto': lines('bad{}@bench.example'),
        'badhelo': lines('bad{}.example'),
        'badcc': lines('trap{}@bench.example'),
        'ipbl': lines('192.0.2.{}'), 'ipwl': lines('198.51.100.{}'),
        'relayclients': lines('203.0.113.{}'),
        'filterconf': 'whitelistauth\nnobounce\nnoapos\nonebounce\n'
                      'smtp_space_bug=255\nusersize=90000000\n'
                      'block_SoberG\nhelovalid=46\nrelayprobe\n'
                      'localsender\ncheck_strict_rfc2822\n'
                      'fail_hard_on_temp\nnonexist_on_block\n',
    }
    write_texts(home, texts)
    write_cdb(home, lines('customer{}.example', 500))
    return len(os.listdir(os.path.join(home, 'control')))


def write_texts(home, texts):
    control = os.path.join(home, 'control')
    shutil.rmtree(control, ignore_errors=True)
    os.makedirs(control)
    for name, text in texts.items():
        with open(os.path.join(control, name), 'w', encoding='ascii') as file:
            file.write(text)


def write_cdb(home, keys):
    cdb = os.path.join(home, 'control', 'morercpthosts.cdb')
    subprocess.run(['cdb', '-c', '-m', '-t', cdb + '.tmp', cdb],
                   input=keys.replace('\n', ' \n'), encoding='ascii',
                   check=True)


class Server:
    """tcpserver with one program; closed, it tells what the tree used."""

    def __init__(self, bench, name, limit=100):
        program, home = bench.programs[name]
        self.log = open(os.path.join(bench.folder, name + '.log'), 'ab')
        # As under a logger: the program writes its log to a pipe.
        self.cat = subprocess.Popen(['cat'], stdin=subprocess.PIPE,
                                    stdout=self.log)
        self.process = subprocess.Popen(
            [bench.tcpserver, '-H', '-R', '-D', '-l', 'mail.bench.example',
             '-1', '-c', str(limit), '-b', '1000', '127.0.0.1', '0', program],
            env=bench.environment(home), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=self.cat.stdin)
        self.cat.stdin.close()
        self.port = self.process.stdout.readline().decode().strip()
        self.usage = None
        if not self.port:
            raise Failed(bench.tcpserver + ' does not start')

    def sessions(self):
        return children(self.process.pid)

    def close(self):
        """Only what was waited for is counted: wait for the last session."""
        try:
            wait_until('sessions to end', lambda: not self.sessions())
        finally:
            for pid in self.sessions():
                os.kill(pid, signal.SIGKILL)
            os.kill(self.process.pid, signal.SIGTERM)
            _, self.process.returncode, self.usage = os.wait4(
                self.process.pid, 0)
            self.process.stdout.close()
            self.cat.wait()
            self.log.close()


class Bench:
    """The programs to compare and what can be measured of them."""

    def __init__(self, folder, ours, home, tcpserver):
        self.folder, self.tcpserver = folder, tcpserver
        self.load = os.path.join(folder, 'load')
        self.queue = os.path.join(folder, 'nullqueue')
        other = os.environ.get('OTHER')
        self.programs = {'ours': (ours, home)}
        if other:
            self.programs['other'] = (os.path.abspath(other), os.path.abspath(
                os.environ.get('OTHER_HOME') or home))
        self.programs['floor'] = (os.path.join(folder, 'floor'), home)
        self.rounds = int(os.environ.get('ROUNDS') or 5)
        self.scale = float(os.environ.get('SCALE') or 1)
        for _, path in self.programs.values():
            write_home(path)

    def environment(self, home):
        return {'PATH': os.environ['PATH'], 'QMAILQUEUE': self.queue,
                'QMAILHOME': home}

    def measure(self, name, scenario):
        """A session's CPU in ms, wall time in ms and page faults."""
        sessions, workers, _, _ = SCENARIOS[scenario]
        sessions = max(workers, int(sessions * self.scale))
        server = Server(self, name)
        try:
            result = subprocess.run(
                [self.load, scenario, str(sessions), str(workers),
                 server.port], stdout=subprocess.PIPE, check=False)
        finally:
            server.close()
        if result.returncode != 0:
            raise Failed(f'{name}: {scenario} failed')
        wall = float(result.stdout.split()[1])
        usage = server.usage
        return (1000 * (usage.ru_utime + usage.ru_stime) / sessions,
                1000 * wall, usage.ru_minflt / sessions)

    @contextlib.contextmanager
    def held(self, name, scenario, count):
        """`count` sessions before their QUIT: the pids of their servers."""
        server = Server(self, name, count + 100)
        client = subprocess.Popen([self.load, scenario, str(count), '0',
                                   server.port], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE)
        try:
            begun = int(client.stdout.readline() or 0)
            if begun != count:
                raise Failed(f'{name}: {begun} of {count} sessions held')
            yield server.sessions()
        finally:
            client.stdin.close()
            client.stdout.close()
            status = client.wait()
            server.close()
        if status != 0:
            raise Failed(f'{name}: {scenario} failed')

    def pss(self, name, count):
        with self.held(name, 'connect', count) as pids:
            if len(pids) != count:
                raise Failed(f'{name}: {len(pids)} processes, not {count}')
            return sum(kilobytes(pid, 'smaps_rollup', 'Pss') for pid in pids)

    def peak(self, name, scenario):
        with self.held(name, scenario, 1) as pids:
            return kilobytes(pids[0], 'status', 'VmHWM')

    def instructions(self, name, scenario):
        """Thousands in the program alone, without its queue program."""
        program, home = self.programs[name]
        env = self.environment(home)
        env.update(PROTO='TCP', TCPLOCALHOST='mail.bench.example',
                   TCPLOCALIP='127.0.0.1', TCPLOCALPORT='25',
                   TCPREMOTEIP='127.0.0.1', TCPREMOTEPORT='50000')
        result = subprocess.run(
            [self.load, scenario, '1', '1', 'valgrind', '--tool=callgrind',
             '--callgrind-out-file=/dev/null', program], env=env, check=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        counts = re.findall(rb'Collected : (\d+)', result.stderr)
        if result.returncode != 0 or not counts:
            return None
        return max(int(count) for count in counts) / 1000


def settings(bench):
    """What control files with local lists add to a session.  Returns 0."""
    ours, _ = bench.programs['ours']
    bench = copy.copy(bench)
    homes = [os.path.join(bench.folder, name)
             for name in ('home-bare', 'home-settings')]
    write_bare_home(homes[0])
    files = write_settings_home(homes[1])
    bench.programs = {'bare': (ours, homes[0]), 'settings': (ours, homes[1])}
    print(f'\nCPU, ms a session, {files} control files with local lists')
    print(f'{"":32}{"bare":>9}{"settings":>9}{"ratio":>7}  target')
    for scenario in ('connect', 'message', 'recipients'):
        runs = {name: [] for name in bench.programs}
        for _ in range(bench.rounds):
            for name in bench.programs:
                runs[name].append(bench.measure(name, scenario)[0])
        ratio = statistics.median(b / a for a, b in zip(*runs.values()))
        cells = ''.join(f'{statistics.median(run):9.2f}'
                        for run in runs.values())
        print(f'{SCENARIOS[scenario][3]:32}{cells}{ratio:7.2f}'
              f'{SETTINGS_TARGET:8.2f}' +
              ('  above target' if ratio > SETTINGS_TARGET else ''),
              flush=True)
    return 0


class Table:
    """ours, other, floor; ours/other against the target."""

    def __init__(self, names, title):
        self.names = names
        print(f'\n{title}')
        print(f'{"":32}' + ''.join(f'{name:>9}' for name in names) +
              ('  ours/other  target' if 'other' in names else ''))

    def row(self, what, values, target=None, ratio=None, digits=2):
        cells = ''.join(
            f'{"-":>9}' if values.get(name) is None
            else f'{values[name]:9.{digits}f}' for name in self.names)
        if values.get('other') and values.get('ours') is not None:
            ratio = ratio or values['ours'] / values['other']
            cells += f'{ratio:12.2f}'
            if target:
                cells += f'{target:8.2f}'
                if ratio > target:
                    cells += '  above target'
        print(f'{what:32}{cells}', flush=True)


def speed(bench):
    """Ours, other, floor in turn, so that a loud minute hits all of them."""
    runs = {scenario: {name: [] for name in bench.programs}
            for scenario in SCENARIOS}
    for scenario in SCENARIOS:
        for _ in range(bench.rounds):
            for name in bench.programs:
                runs[scenario][name].append(bench.measure(name, scenario))
    for figure, title in enumerate((
            'CPU, ms a session, tcpserver and queue program included',
            'Wall time, ms a session', 'Page faults a session, all of them')):
        table = Table(bench.programs, title)
        for scenario, (_, _, target, what) in SCENARIOS.items():
            values = {name: [run[figure] for run in done]
                      for name, done in runs[scenario].items()}
            ratio = None
            if 'other' in values:
                ratio = statistics.median(
                    a / b for a, b in zip(values['ours'], values['other']))
            table.row(what, {name: statistics.median(value)
                             for name, value in values.items()},
                      None if figure else target, ratio)


def instructions(bench):
    table = Table(bench.programs, 'Instructions of the program, thousands')
    if not shutil.which('valgrind'):
        print('not measured: no valgrind')
        return
    for scenario, (_, _, _, what) in SCENARIOS.items():
        if scenario != 'large':
            table.row(what, {name: bench.instructions(name, scenario)
                             for name in bench.programs}, digits=0)


def memory(bench):
    table = Table(bench.programs, 'Memory, kB')
    small = {name: bench.peak(name, 'message') for name in bench.programs}
    large = {name: bench.peak(name, 'large') for name in bench.programs}
    table.row('peak RSS, one message of 1 kB', small, digits=0)
    table.row('peak RSS, one message of 50 MB', large, digits=0)
    table.row(f'PSS of one of {IDLE} idle sessions', {
        name: bench.pss(name, IDLE) / IDLE for name in bench.programs},
        IDLE_TARGET, digits=1)
    table.row(f'PSS of {MANY} idle sessions, sum', {
        name: bench.pss(name, MANY) for name in bench.programs}, digits=0)


def machine():
    model = 'unknown processor'
    with open('/proc/cpuinfo', encoding='utf-8') as file:
        for line in file:
            if line.startswith('model name'):
                model = line.split(':')[1].strip()
    return (f'{os.cpu_count()} x {model}, {platform.system()} '
            f'{platform.release()} {platform.machine()}')


def main():
    if len(sys.argv) != 5:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        bench = Bench(*(os.path.abspath(path) for path in sys.argv[1:]))
        print(f'{machine()}; medians of '
              f'{bench.rounds} rounds, ratios within each round')
        for name, (program, _) in bench.programs.items():
            print(f'{name}: {program}')
        if os.environ.get('ONLY') == 'settings':
            return settings(bench)
        speed(bench)
        settings(bench)
        instructions(bench)
        memory(bench)
    except (Failed, OSError, subprocess.SubprocessError) as error:
        print(f'bench: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == '__main__':
    sys.exit(main())
