"""One scenario played in one way over one wire."""
import collections
import errno
import os
import re
import select
import subprocess
import time

from dialogue import Trouble, unescape

QUIET_S = 0.2           # the one negative wait: nothing is said meanwhile
BYTES_MAX = 3000        # longer groups are cut into some hundreds of pieces
WHOLE_REPLY = re.compile(rb'((?:\d{3}-[^\n]*\n)*(?!\d{3}-)[^\n]*\n)')
BROKEN = re.compile(r'runtime error|ERROR: \w+Sanitizer|WARNING: \w+Sanitizer'
                    r'|stack smashing|double free|corrupted')


class Reply:
    def __init__(self, lines):
        self.lines = lines
        self.code = lines[0][:3]
        self.text = '\n'.join(line[4:] for line in lines)

    def normal(self):
        text = '\n'.join(self.lines)
        text = re.sub(r'\b\d{9,11} qp \d+', 'TIME qp PID', text)
        return re.sub(r'^334 P[DG][\w+/=]{40,}$', '334 CHALLENGE', text)

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
        self.reset = False      # closed without a proper end
        self.lost = False       # and what was said last with it
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
                self.unsendable = self.reset = True
                return False
            if n == len(piece):
                self.pieces.popleft()
            else:
                self.pieces[0] = memoryview(piece)[n:]
        return False

    def pump(self, limit):
        """One round of events, at most until `limit`."""
        had = len(self.pieces)
        poll = self.push()
        if had and not self.pieces:
            return          # all is sent: whoever waits for that may go on
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
                self.reset = True
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
            m = WHOLE_REPLY.match(self.received)
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
        if self.lost:
            self.transcript.append('S: lost')
            return
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
        # Whoever floods on may be reset, and then its last reply is lost.
        self.lost = self.reset
        if self.lost:
            self.received = b''
            self.taken = len(self.replies)
        else:
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
            elif kind == 'drain':
                self.until(lambda: self.closed, 'the server to close', number)
                for reply in self.replies[self.taken:]:
                    self.transcript.append('S: ' + '\n   '.join(reply.lines))
                self.taken = len(self.replies)
                ended = True
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
        starts = self.log.count(b'fake-queue: start')
        if self.scenario.starts not in (None, starts):
            self.fail(0, 'the queue program started %d times, wanted %d' % (
                starts, self.scenario.starts))
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
