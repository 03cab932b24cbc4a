#!/usr/bin/env python3
"""remote - what a delivery costs ours, another remote program and the floor

remote.py FOLDER OURS HOME; bench.sh builds and calls it.
Environment: OTHER_REMOTE, OTHER_REMOTE_HOME, ROUNDS, SCALE (see bench.sh).
"""
import os
import re
import shutil
import statistics
import subprocess
import sys

from bench import MARK, Failed, Table, machine

# A delivery: its message in octets, how many recipients, what the sink does.
SMALL, MEDIUM, LARGE = 1000, 16000, 50000000
# name: (runs, size, recipients, pipelining, target of CPU, what)
SCENARIOS = {
    'small': (150, SMALL, 1, 1, 0.70, 'one message of 1 kB'),
    'alone': (150, SMALL, 1, 0, 0.70, 'the same, no PIPELINING'),
    'medium': (60, MEDIUM, 1, 1, None, 'one message of 16 kB'),
    'hundred': (60, SMALL, 100, 1, None, '100 recipients, 1 kB'),
    'large': (2, LARGE, 1, 1, 0.10, 'one message of 50 MB'),
}
DELAY_MS, DELAYED_RUNS, ROUND_TRIPS = 20, 5, 4
PEAK_KB = 2000
HOST, SENDER = 'far.bench.example', 'sender@client.example'


def write_home(home):
    """A home for a remote program; nothing of anyone else's is touched."""
    control = os.path.join(home, 'control')
    os.makedirs(control, exist_ok=True)
    for folder in ('queue/mess', 'queue/lock'):
        os.makedirs(os.path.join(home, folder), exist_ok=True)
    if os.listdir(control) and not os.path.exists(os.path.join(home, MARK)):
        raise Failed(f'{control} is not empty and not written by the bench')
    for name, text in ((MARK, ''), ('control/me', 'mail.bench.example\n'),
                       ('control/timeoutconnect', '60\n'),
                       ('control/timeoutremote', '1200\n'),
                       ('queue/lock/tcpto', '\0' * 1024)):
        with open(os.path.join(home, name), 'w', encoding='ascii') as file:
            file.write(text)


def write_routes(home, port):
    """Some routes that do not fit, and the one that does."""
    text = ''.join(f'customer{i}.example:10.0.0.{i}\n' for i in range(20))
    path = os.path.join(home, 'control/smtproutes')
    with open(path, 'w', encoding='ascii') as file:
        file.write(f'{text}:127.0.0.1:{port}\n')


def write_message(folder, size):
    """The file as a queue has it, and as it goes over the wire."""
    header = ('From: <sender@client.example>\nTo: <user0@bench.example>\n'
              'Subject: a message of the bench\n'
              'Date: Thu, 01 Jan 2026 00:00:00 +0000\n'
              'Message-ID: <1@client.example>\n\n')
    line = 'words of a mail of everyday life, ' * 2 + '72\n'
    text = header + line * ((size - len(header)) // len(line))
    text += 'z' * (size - len(text) - 1) + '\n'
    path = os.path.join(folder, f'message.{size}')
    for name, content in ((path, text), (path + '.wire', text.replace(
            '\n', '\r\n') + '.\r\n')):
        with open(name, 'w', encoding='ascii', newline='') as file:
            file.write(content)
    return path


class Sink:
    """A server for one run; closed, it tells what it has seen."""

    def __init__(self, bench, size, pipelining, delay):
        self.process = subprocess.Popen(
            [bench.sink, bench.messages[size] + '.wire', str(delay),
             str(pipelining)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline() or 0)
        if not self.port:
            raise Failed('the sink does not start')

    def close(self):
        self.process.stdin.close()
        counts = [int(word) for word in self.process.stdout.read().split()]
        self.process.stdout.close()
        if self.process.wait() != 0:
            raise Failed('the sink was not content')
        return counts


class Bench:
    """The programs to compare and what can be measured of them."""

    def __init__(self, folder, ours, home):
        self.sink = os.path.join(folder, 'sink')
        self.spawn = os.path.join(folder, 'spawn')
        other = os.environ.get('OTHER_REMOTE')
        self.programs = {'ours': (ours, home)}
        if other:
            path = os.environ.get('OTHER_REMOTE_HOME')
            if not path:
                raise Failed('OTHER_REMOTE_HOME is not set: where that '
                             'program reads control/')
            self.programs['other'] = (os.path.abspath(other),
                                      os.path.abspath(path))
        self.programs['floor'] = (os.path.join(folder, 'floor-remote'), home)
        self.rounds = int(os.environ.get('ROUNDS') or 5)
        self.scale = float(os.environ.get('SCALE') or 1)
        for _, path in self.programs.values():
            write_home(path)
        self.messages = {size: write_message(folder, size)
                         for size in (SMALL, MEDIUM, LARGE)}

    def call(self, name, port, recipients):
        program, home = self.programs[name]
        write_routes(home, port)
        return ([program, HOST, SENDER] +
                [f'user{i}@{HOST}' for i in range(recipients)],
                {'env': {'QMAILHOME': home, 'PORT': str(port)},
                 'cwd': os.path.join(home, 'queue/mess')})

    def run(self, name, scenario, runs, delay=0, wrap=()):
        """A run's CPU ms, wall ms, faults and peak; its round trips."""
        _, size, recipients, pipelining, _, _ = SCENARIOS[scenario]
        sink = Sink(self, size, pipelining, delay)
        counts = []
        try:
            command, settings = self.call(name, sink.port, recipients)
            result = subprocess.run(
                [self.spawn, str(runs), str(recipients), self.messages[size],
                 *wrap, *command], stdout=subprocess.PIPE, check=False,
                stdin=subprocess.DEVNULL, **settings)
        finally:
            counts = sink.close()
        if result.returncode != 0:
            raise Failed(f'{name}: {scenario} failed')
        if counts[:3] != [runs, runs, runs * recipients]:
            raise Failed(f'{name}: {scenario}: sessions, messages and '
                         f'recipients are {counts[:3]}')
        return ([float(word) for word in result.stdout.split()],
                counts[3] / runs)

    def measure(self, name, scenario):
        runs = SCENARIOS[scenario][0]
        return self.run(name, scenario, max(1, int(runs * self.scale)))[0]

    def instructions(self, name, scenario):
        """Thousands, of the program alone."""
        log = os.path.join(os.path.dirname(self.sink), 'valgrind.log')
        try:
            self.run(name, scenario, 1, wrap=(
                shutil.which('valgrind'), '--tool=callgrind',
                '--callgrind-out-file=/dev/null', '--log-file=' + log))
        except Failed:
            return None
        with open(log, encoding='latin-1') as file:
            count = re.search(r'Collected : (\d+)', file.read())
        return int(count[1]) / 1000 if count else None


class Goals(Table):
    """Each figure of ours against a number, not against the other's."""

    def row(self, what, values, target=None, ratio=None, digits=2):
        cells = ''.join(f'{values[name]:9.{digits}f}' for name in self.names)
        if 'other' in values:
            cells += f'{values["ours"] / values["other"]:12.2f}'
        if target:
            cells += f'{target:8}'
            if round(values['ours'], digits) > target:
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
            'CPU, ms a delivery', 'Wall time, ms a delivery',
            'Page faults a delivery')):
        table = Table(bench.programs, title)
        for scenario, (_, _, _, _, target, what) in SCENARIOS.items():
            values = {name: [run[figure] for run in done]
                      for name, done in runs[scenario].items()}
            ratio = None
            if 'other' in values:
                ratio = statistics.median(
                    a / b for a, b in zip(values['ours'], values['other']))
            table.row(what, {name: statistics.median(value)
                             for name, value in values.items()},
                      None if figure else target, ratio)
    table = Goals(bench.programs, 'Peak of memory, kB')
    for scenario, (_, _, _, _, _, what) in SCENARIOS.items():
        table.row(what, {name: max(run[3] for run in done)
                         for name, done in runs[scenario].items()},
                  PEAK_KB, digits=0)


def round_trips(bench):
    runs = {scenario: {name: bench.run(name, scenario, DELAYED_RUNS, DELAY_MS)
                       for name in bench.programs}
            for scenario in SCENARIOS if scenario != 'large'}
    table = Goals(bench.programs, 'Round trips after connect')
    for scenario, done in runs.items():
        table.row(SCENARIOS[scenario][5],
                  {name: trips for name, (_, trips) in done.items()},
                  ROUND_TRIPS if SCENARIOS[scenario][3] else None, digits=1)
    # A pause for a delayed acknowledgement would make them 40 ms longer.
    table = Goals(bench.programs,
                  f'Wall time, ms, each round trip {DELAY_MS} ms longer')
    for scenario, done in runs.items():
        table.row(SCENARIOS[scenario][5],
                  {name: figures[1] for name, (figures, _) in done.items()},
                  (ROUND_TRIPS + 1) * DELAY_MS
                  if SCENARIOS[scenario][3] else None, digits=1)


def instructions(bench):
    table = Table(bench.programs, 'Instructions of the program, thousands')
    if not shutil.which('valgrind'):
        print('not measured: no valgrind')
        return
    for scenario, (_, _, _, _, _, what) in SCENARIOS.items():
        table.row(what, {name: bench.instructions(name, scenario)
                         for name in bench.programs}, digits=0)


def main():
    if len(sys.argv) != 4:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        bench = Bench(*(os.path.abspath(path) for path in sys.argv[1:]))
        print(f'\nDeliveries; {machine()}; medians of '
              f'{bench.rounds} rounds, ratios within each round')
        for name, (program, _) in bench.programs.items():
            print(f'{name}: {program}')
        speed(bench)
        round_trips(bench)
        instructions(bench)
    except (Failed, OSError, subprocess.SubprocessError) as error:
        print(f'bench: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == '__main__':
    sys.exit(main())
