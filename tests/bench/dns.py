#!/usr/bin/env python3
"""dns - what asking the DNS costs a message, in CPU and in waiting

dns.py FOLDER OURS HOME TCPSERVER; bench.sh builds and calls it.  The DNS server
is a process of its own, and its CPU time is not counted.
Environment: ROUNDS, SCALE (see bench.sh).
"""
import contextlib
import copy
import os
import statistics
import subprocess
import sys

from bench import Bench, Failed, machine, write_texts

FASTDNS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       '..', 'fake', 'fastdns.py')
LISTS, DELAY_MS = 8, 100
CPU_TARGET = 2.5        # of the bare message
WAIT_TARGET_MS = 1.2 * DELAY_MS
SLOW_SESSIONS = 20
ZONE = '''
1.0.0.127.in-addr.arpa PTR client.example
client.example A 127.0.0.1
client.example MX 10 mx.client.example
mx.client.example A 9.9.9.9
client.example TXT "v=spf1 mx include:_spf.client.example -all"
_spf.client.example TXT "v=spf1 ip4:192.0.2.0/24 ip4:127.0.0.0/8 ~all"
'''
BARE = {'me': 'mail.bench.example\n', 'rcpthosts': 'bench.example\n'}
BLACK = {'dnsbl': ''.join(f'bl{i}.test\n' for i in range(LISTS))}
# Names of rows: (files, filterconf)
ROWS = {
    'bare': ({}, ''),
    'PTR': ({}, 'ptr\nptrconfirmed\n'),
    'fromdomain': ({}, 'fromdomain=7\n'),
    'SPF': ({}, 'spfpolicy=3\n'),
    f'{LISTS} lists': (BLACK, ''),
    'all of these': (BLACK, 'ptr\nptrconfirmed\nfromdomain=7\n'
                            'spfpolicy=3\n'),
}


@contextlib.contextmanager
def server(folder, delay_ms):
    """The port of a DNS server that answers after so long."""
    path = os.path.join(folder, 'zone')
    with open(path, 'w', encoding='ascii') as file:
        file.write(ZONE)
    process = subprocess.Popen(
        [sys.executable, FASTDNS, '-d', str(delay_ms), path],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        port = process.stdout.readline().decode().strip()
        if not port:
            raise Failed('the DNS server does not start')
        yield port
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def give_homes(bench, port):
    """Each row as a program of its own, with its own control files."""
    program, _ = bench.programs['ours']
    bench = copy.copy(bench)
    bench.programs = {}
    for i, (name, (files, keys)) in enumerate(ROWS.items()):
        home = os.path.join(bench.folder, f'home-dns{i}')
        write_texts(home, {**BARE, **files, 'filterconf': keys,
                           'resolvers': f'127.0.0.1:{port}\n'})
        bench.programs[name] = program, home
    return bench


def measure(bench, names):
    """(CPU, wall time, page faults) of each round, for each of the names."""
    runs = {name: [] for name in names}
    for _ in range(bench.rounds):
        for name in names:
            runs[name].append(bench.measure(name, 'message'))
    return runs


def cpu(bench):
    print('\nCPU, ms a message of 1 kB, the DNS answers at once')
    print(f'{"":32}{"CPU":>9}{"ratio":>7}  target{"wall":>9}')
    runs = measure(bench, ROWS)
    for name, run in runs.items():
        ratio = statistics.median(
            b[0] / a[0] for a, b in zip(runs['bare'], run))
        last = name == list(ROWS)[-1]
        target = f'{CPU_TARGET:8.2f}' if last else 8 * ' '
        print(f'{name:32}{statistics.median(x[0] for x in run):9.2f}'
              f'{ratio:7.2f}{target}'
              f'{statistics.median(x[1] for x in run):9.2f}' +
              ('  above target' if last and ratio > CPU_TARGET else ''))


def waiting(bench):
    names = 'bare', f'{LISTS} lists', 'all of these'
    scale = bench.scale
    bench.scale = SLOW_SESSIONS / 300 * scale
    runs = measure(bench, names)
    bench.scale = scale
    print(f'\nWall time, ms a message of 1 kB, the DNS answers after '
          f'{DELAY_MS} ms')
    print(f'{"":32}{"wall":>9}{"more":>7}  target')
    walls = {name: statistics.median(x[1] for x in run)
             for name, run in runs.items()}
    for name, wall in walls.items():
        more = wall - walls['bare']
        has_target = name == names[1]
        target = f'{WAIT_TARGET_MS:8.0f}' if has_target else ''
        print(f'{name:32}{wall:9.1f}{more:7.1f}{target}' +
              ('  above target' if has_target and more > WAIT_TARGET_MS
               else ''))


def main():
    if len(sys.argv) != 5:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        bench = Bench(*(os.path.abspath(path) for path in sys.argv[1:]))
        print(f'{machine()}; medians of '
              f'{bench.rounds} rounds, ratios within each round')
        with server(bench.folder, 0) as port:
            cpu(give_homes(bench, port))
        with server(bench.folder, DELAY_MS) as port:
            waiting(give_homes(bench, port))
    except (Failed, OSError, subprocess.SubprocessError) as error:
        print(f'bench: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == '__main__':
    sys.exit(main())
