#!/usr/bin/env python3
"""run.py BUILD [NAME...] - play the dialogues *.smtp against BUILD/Qsmtpd

NAME is a file (paths, paths.smtp) or a part of a scenario's name.
SEED=n repeats the cuts of an earlier run, JOBS=n sets how many scenarios
run at once, VERBOSE=1 shows every transcript.  The format is in README.
"""
import collections
import concurrent.futures
import glob
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback

sys.dont_write_bytecode = True
from dialogue import Skip, Trouble, read_file           # noqa: E402
from mails import brief, check_queue, collect, normal_message  # noqa: E402
from place import Build, Listener, Place, start_alone    # noqa: E402
from session import Session                              # noqa: E402
import streams                                           # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
WAYS = ('group', 'bytes', 'cuts', 'exact')


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
    place.check_dns(session)
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
    jobs = int(os.environ.get('JOBS') or 2) * 6
    scenarios = []
    _, macros = read_file(os.path.join(HERE, 'macros'), {})
    for path in sorted(glob.glob(os.path.join(HERE, '*.smtp'))):
        try:
            scenarios += read_file(path, macros)[0]
        except Trouble as why:
            sys.exit('%s: %s' % (path, why))
    scenarios += streams.scenarios(seed)
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
        except Exception:       # pylint: disable=broad-except
            word, text = 'failed', traceback.format_exc()
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
