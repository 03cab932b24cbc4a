#!/usr/bin/env python3
"""run.py BUILD [NAME...] - play the scenarios *.smtp with BUILD/Qremote

NAME is a file (routes, routes.smtp) or a part of a scenario's name.
JOBS=n sets the processors, VERBOSE=1 shows every report.  See README.
"""
import collections
import glob
import multiprocessing
import os
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
from place import PACKET, Network, Place, tcpto_rows  # noqa: E402
from scenario import Skip, Trouble, read_file, unescape  # noqa: E402
from server import brief                                 # noqa: E402
import rspawn                                            # noqa: E402
import streams                                           # noqa: E402
import tls                                               # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
JUST_NOW_S = 60         # `new` in T: is not older


class Build:
    def __init__(self, path, work):
        self.program = os.path.join(path, 'Qremote')
        self.tls = os.path.abspath(os.path.join(path, 'qsmtp-tls'))
        self.work = work
        self.certificates = os.path.join(work, 'certificates')
        self.verbose = bool(os.environ.get('VERBOSE'))


def wanted_report(place):
    peer = place.order[-1] if place.order else '-'
    home = place.path()
    out = b''
    for chunk in place.scenario.report:
        out += unescape(chunk.replace('{peer}', peer).replace(
            '{home}', home)) + b'\0'
    return tls.fill(out, place.build.certificates)


def check_report(place):
    scenario = place.scenario
    if scenario.died:
        number = getattr(signal, 'SIG' + scenario.died)
        if place.status != -number:
            place.fail('%s, wanted death by %s' % (
                rspawn.describe(place.status), scenario.died))
    elif place.status != 0:
        place.fail(rspawn.describe(place.status))
    wanted = wanted_report(place)
    if place.output != wanted:
        place.fail('report:\n         %s\n  wanted %s' % (
            show(place.output), show(wanted)))
    if any(len(p) < PACKET for p in place.packets[:-1]):
        place.fail('the report was written in %d parts' % len(place.packets))
    if place.errors:
        place.fail('on fd 2: ' + brief(place.errors))
    letter, _ = rspawn.outcome(place.status, place.output)
    if letter != scenario.outcome:
        place.fail('qmail-rspawn makes %s of it, wanted %s' % (
            letter, scenario.outcome))


def show(octets):
    text = repr(bytes(octets))[1:]
    if len(text) > 1500:
        text = '%s ... %s' % (text[:700], text[-700:])
    return text.replace('\\x00', ' <NUL> ')


def check_tcpto(place):
    scenario = place.scenario
    rows = []
    for name, before in place.before.items():
        with open(place.path('queue/lock', name), 'rb') as file:
            octets = file.read()
        if len(octets) != len(before):
            place.fail('%s has %d octets' % (name, len(octets)))
        if not scenario.after and octets != before:
            place.fail('%s has changed: %s' % (
                name, tcpto_rows(name, octets)))
        rows += tcpto_rows(name, octets)
    if not scenario.after:
        return
    found = []
    for (address, count, when), wanted in zip(
            rows, scenario.after + [None] * len(rows)):
        age = place.began - when
        if wanted and wanted[2] is None and -JUST_NOW_S <= age <= 0:
            age = None
        found.append((address, count, age))
    if found != scenario.after:
        place.fail('tcpto: %s, wanted %s' % (found, scenario.after))
    for name in 'tcpto', 'tcpto6':
        if name not in place.before and \
                os.path.exists(place.path('queue/lock', name)):
            place.fail('%s was made' % name)


def check_rest(place):
    scenario = place.scenario
    if scenario.order is not None and place.order != scenario.order:
        place.fail('connected to %s, wanted %s' % (
            place.order, scenario.order))
    for number, pattern in scenario.questions:
        asked = [str(q) for q in place.dns.questions]
        count = sum(bool(re.search(pattern, q)) for q in asked)
        if count != number:
            place.fail('%d questions %s, wanted %d: %s' % (
                count, pattern, number, asked))
    text = place.sanitizer()
    if text:
        place.fail('sanitizer:\n' + text[:3000])


def play(build, scenario, network):
    """What failed, as text, and who was connected first."""
    place = Place(build, scenario, network)
    try:
        place.prepare()
        place.run()
        place.end()
        check_report(place)
        check_tcpto(place)
        check_rest(place)
    finally:
        place.remove()
    lines = ['    * ' + f for f in place.failures]
    if lines or build.verbose:
        for host in place.hosts:
            for log in host.logs:
                if len(log) > 30:
                    log = log[:15] + ['...'] + log[-10:]
                lines += ['    %s| %s' % (host.address, t[:200]) for t in log]
        lines.append('    report| ' + show(place.output))
    return place.failures, '\n'.join(lines), place.order[:1]


def play_all(build, scenario, network):
    first = collections.Counter()
    text = ''
    for _ in range(scenario.runs):
        failures, text, order = play(build, scenario, network)
        if failures:
            return True, text
        first.update(order)
    missing = [a for a in scenario.spread if not first[a]]
    if missing:
        return True, '    * never first: %s, in %s' % (missing, first)
    return False, text


STATE = {}


def begin(build, scenarios):
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    STATE.update(build=build, scenarios=scenarios, network=Network())


def one(index):
    scenario = STATE['scenarios'][index]
    began = time.monotonic()
    try:
        failed, text = play_all(STATE['build'], scenario, STATE['network'])
        word = 'failed' if failed else 'passed'
    except Skip as why:
        word, text = 'skipped', str(why)
    except Trouble as why:
        word, text = 'failed', '    * ' + str(why)
    except Exception:           # pylint: disable=broad-except
        word, text = 'failed', traceback.format_exc()
    return index, word, text, time.monotonic() - began


def chosen(scenarios, names):
    files = {s.file[:-5] for s in scenarios}
    out = []
    for scenario in scenarios:
        for name in names or ['']:
            stem = name[:-5] if name.endswith('.smtp') else name
            if stem == scenario.file[:-5] or \
                    stem not in files and stem in scenario.title:
                out.append(scenario)
                break
    return out


def read_all(names):
    scenarios = []
    _, macros = read_file(os.path.join(HERE, 'macros'), {})
    for path in sorted(glob.glob(os.path.join(HERE, '*.smtp'))):
        try:
            scenarios += read_file(path, macros)[0]
        except Trouble as why:
            sys.exit('%s: %s' % (path, why))
    scenarios += streams.scenarios()
    scenarios = chosen(scenarios, names)
    # Those that wait go first, so that the others fill their time.
    return sorted(scenarios, key=lambda s: -s.time[0] - s.runs / 1000)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    work = tempfile.mkdtemp(prefix='qsmtp-remote.')
    build = Build(sys.argv[1], work)
    if not os.path.exists(build.program):
        sys.exit(build.program + ' is not built')
    scenarios = read_all(sys.argv[2:])
    if not scenarios:
        sys.exit('no such scenario')
    jobs = int(os.environ.get('JOBS') or 2) * 4
    print('SEED=%s' % streams.seed(), flush=True)
    counts, failed, slow = collections.Counter(), [], []
    began = time.monotonic()
    context = multiprocessing.get_context('fork')
    try:
        tls.make_certificates(build.certificates)
        with context.Pool(min(jobs, len(scenarios)), begin,
                          (build, scenarios)) as pool:
            for index, word, text, took in pool.imap_unordered(
                    one, range(len(scenarios))):
                title = scenarios[index].title
                counts[word] += 1
                slow.append((took, title))
                if word != 'passed' or build.verbose:
                    print('%s  %s\n%s' % (word, title, text), flush=True)
                if word == 'failed':
                    failed.append(title)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if build.verbose:
        for took, title in sorted(slow)[-10:]:
            print('%6.2f s  %s' % (took, title))
    for title in failed:
        print('    failed: ' + title)
    print('%d scenarios in %.1f s, %d skipped' % (
        len(scenarios), time.monotonic() - began, counts['skipped']))
    print('%d passed, %d failed' % (counts['passed'], counts['failed']))
    sys.exit(1 if counts['failed'] else 0)


if __name__ == '__main__':
    main()
