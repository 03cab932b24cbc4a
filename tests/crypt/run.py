"""run.py BUILD [CASE]...: BUILD/qsmtp-tls as a black box: we are the program
that asks, and the other side of the connection.

Each case has a home of its own, and runs both ways or as it says.
"""
import concurrent.futures
import glob
import os
import signal
import sys
import tempfile
import time
import traceback

import place
from mill import Mill

CASES = []      # name, function, way
JOBS = 12


class Skipped(Exception):
    pass


def case(function=None, *, ways=('service', 'embedded'), ordinary=False):
    """A case; `ordinary`: not with the sanitizers, which make it long."""
    def add(function):
        for way in ways:
            if not (ordinary and IS_SANITIZED):
                CASES.append((function.__name__, function, way))
        return function
    return add(function) if function else add


def run(name, function, way, mill):
    began = time.monotonic()
    box = place.Box(BUILD, way, mill)
    word, why = 'passed', ''
    try:
        why = function(box) or ''
    except Skipped as reason:
        word, why = 'skipped', str(reason)
    except Exception:
        word, why = 'FAILED', traceback.format_exc()
    wrong, said = box.end()
    if word == 'passed' and wrong and not getattr(box, 'expected', None):
        word, why = 'FAILED', ', '.join(wrong)
    if word == 'FAILED':
        why += '\nthe log:\n' + said[-4000:]
    return word, '%s (%s)' % (name, way), why, time.monotonic() - began


def main():
    signal.alarm(300)       # should a case hang
    counts = {'passed': 0, 'skipped': 0, 'FAILED': 0}
    names = sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        mill = Mill(folder)
        started = [pool.submit(run, *one, mill) for one in CASES
                   if not names or one[0] in names]
        for future in started:
            word, name, why, seconds = future.result()
            counts[word] += 1
            if word != 'passed' or why or names:
                print('%s: %s, %.1f s: %s' % (word, name, seconds, why),
                      flush=True)
    print('%(FAILED)d failed, %(skipped)d skipped' % counts)
    print('%(passed)d cases passed' % counts)
    return 1 if counts['FAILED'] or not counts['passed'] else 0


BUILD = os.path.abspath(sys.argv[1])
with open(os.path.join(BUILD, 'qsmtp-tls'), 'rb') as file:
    IS_SANITIZED = b'__asan_init' in file.read()
if __name__ == '__main__':
    sys.modules['run'] = sys.modules['__main__']
    for name in sorted(glob.glob(os.path.join(os.path.dirname(
            os.path.abspath(__file__)), 'cases_*.py'))):
        __import__(os.path.basename(name)[:-3])
    sys.exit(main())
