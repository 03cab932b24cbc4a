#!/usr/bin/env python3
"""settings.py BUILD - each filter, by each of its settings, at each level

For every filter of src/filter/table.c a row of PROVOKE (provoke.py) says how a
client provokes its finding.  From that come the cases: switched on at each
level, in each mode, off by a negative number above, not set by 0, one list
alone or with !inherit, fail_hard_on_temp and nonexist_on_block.  Each case is
one recipient with folders of its own; those of the same client and the same
control files come in one session.  Replies, and what the log says of filter,
level, mode and setting, must be as wanted.
"""
import concurrent.futures
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'fake'))
import dnsd  # noqa: E402
import provoke  # noqa: E402 (it must find its own folder)
import settingcases  # noqa: E402
from settingcases import DOMAIN, ENVIRONMENT, GLOBAL, USER  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, '..', '..')
LIMIT_S = 40            # for a reply; none takes a second by itself
IN_A_SESSION = 18       # refusals; of more than 20 the log tells no more

EVENTS = 'refused', 'rejected', 'monitored', 'spared'


class Session:
    """Cases of the same client, in one session."""

    def __init__(self, cases):
        self.cases = cases
        self.row = cases[0].row
        self.failures = []

    def fail(self, case, why):
        self.failures.append('%s: %s' % (case, why))

    def write(self, folder, files):
        os.makedirs(folder, exist_ok=True)
        for name, text in files.items():
            with open(os.path.join(folder, name), 'wb') as f:
                f.write(text if isinstance(text, bytes) else
                        text.encode('latin-1'))

    def fill(self, home, dns_port):
        control = os.path.join(home, 'control')
        for i, case in enumerate(self.cases):
            case.domain = 'c%d.cases.test' % i
            folder = os.path.join(control, 'domains', case.domain)
            layers = case.layers
            self.write(folder, layers.at(DOMAIN, case.domain))
            self.write(os.path.join(folder, self.row.local),
                       layers.at(USER, case.domain))
        case = self.cases[0]
        self.write(control, {
            'me': 'mail.example.test\n', 'authcleartext': '1\n',
            'resolvers': '127.0.0.1:%d\n' % dns_port,
            'rcpthosts': '.cases.test\nplain.test\nours.test\n'})
        self.write(control, self.row.home)
        self.write(control, case.layers.at(GLOBAL, case.domain))

    def environment(self, build, home):
        env = {'PATH': os.environ['PATH'], 'PROTO': 'TCP',
               'TCPREMOTEIP': '192.0.2.77', 'TCPLOCALIP': '192.0.2.9',
               'TCPLOCALPORT': '25', 'QMAILHOME': home,
               'QMAILQUEUE': build.queue}
        env.update({k: v for k, v in os.environ.items()
                    if k.endswith('SAN_OPTIONS')})
        env.update(self.row.env)
        words = self.cases[0].layers.lines[ENVIRONMENT]
        if words:
            env['QSMTP_FILTERS'] = ' '.join(words)
        return env

    def start(self, build, home):
        command = [build.program]
        if self.row.login:
            command += ['mail.example.test', build.checker, 'true']
        self.wire, theirs = socket.socketpair()
        self.wire.settimeout(LIMIT_S)
        self.received = b''
        if self.row.early:
            self.say(self.row.hello)
        self.log = open(os.path.join(home, 'log'), 'w+b')
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=self.log, cwd='/',
            env=self.environment(build, home))
        theirs.close()

    def say(self, *lines):
        try:
            self.wire.sendall(''.join(x + '\r\n' for x in lines).encode())
        except OSError:
            pass                # it has hung up; its last words can be read

    def hear(self):
        """(code, enhanced code, text); no code: it has hung up."""
        while True:
            m = re.match(rb'(?:\d{3}-[^\n]*\n)*(\d{3}) (?:(\d\.\d+\.\d+) )?'
                         rb'([^\n]*)\n', self.received)
            if m:
                self.received = self.received[m.end():]
                return tuple((x or b'').decode().rstrip('\r')
                             for x in m.groups())
            try:
                some = self.wire.recv(65536)
            except ConnectionResetError:
                some = b''
            if not some:
                return '', '', 'hung up'
            self.received += some

    def greet(self):
        """Whether the server wants to hear of mails."""
        greeting = self.hear()
        if greeting[0] != '220':
            self.compare(self.cases[0], greeting)
            return False
        if not self.row.early:
            self.say(self.row.hello)
        self.hear()
        if self.row.login:
            self.say('AUTH PLAIN AGFubmEAc2VjcmV0')
            if self.hear()[0] != '235':
                self.fail(self.cases[0], 'cannot log in')
        return True

    def compare(self, case, reply):
        wanted = case.wanted
        refused = wanted is not None and wanted.is_refused
        code, enhanced, text = reply
        good = (code, enhanced) == (wanted.code, wanted.enhanced) \
            if refused else code == '250'
        if not good:
            self.fail(case, 'wanted %s, got %s' % (
                (wanted.code, wanted.enhanced) if refused else '250', reply))
        elif refused and enhanced != '5.1.1' and not re.search(
                wanted.words, text):
            self.fail(case, 'does not say %s: %s' % (wanted.words, text))

    def judge(self, case):
        row = self.row
        recipient = '%s@%s' % (row.local, case.domain)
        self.say('RSET', 'MAIL FROM:%s' % row.sender,
                 *['RCPT TO:<%s>' % r for r in row.others],
                 'RCPT TO:%s<%s>' % (row.blank, recipient))
        self.hear()
        first = [self.hear()[0] for _ in range(1 + len(row.others))]
        if set(first) != {'250'}:
            self.fail(case, 'before it: %s' % first)
        reply = self.hear()
        if row.message and reply[0] == '250':
            self.say('DATA')
            self.hear()
            self.say(*row.message, '.')
            reply = self.hear()
        self.compare(case, reply)

    def events(self):
        self.log.seek(0)
        for line in self.log.read().decode('latin-1').splitlines():
            if 'Sanitizer' in line or 'runtime error' in line:
                self.fail(self.cases[0], line)
            event = re.search(r'event=(\w+)', line)
            if event is None or event.group(1) not in EVENTS:
                continue
            yield {k: v.strip('"') for k, v in
                   re.findall(r'(\S+?)=("[^"]*"|\S+)', line)}

    def compare_log(self):
        events = list(self.events())
        wanted = [c for c in self.cases if c.wanted is not None]
        if len(events) != len(wanted):
            self.fail(self.cases[0], '%d events in the log, wanted %d: %s' % (
                len(events), len(wanted), events))
            return
        for case, event in zip(wanted, events):
            finding = case.wanted
            names = ['event', 'filter', 'level']
            if finding.is_refused:
                names += ['mode', 'code', 'enhanced']
            for name in names:
                value = getattr(finding, name)
                if event.get(name) != value:
                    self.fail(case, 'the log says %s=%s, wanted %s' % (
                        name, event.get(name), value))
            if not re.fullmatch(finding.setting, event.get('setting')) if \
                    isinstance(finding.setting, str) else \
                    not finding.setting.search(event.get('setting')):
                self.fail(case, 'the log says setting=%s' %
                          event.get('setting'))

    def run(self, build, root):
        home = tempfile.mkdtemp(dir=root)
        try:
            self.fill(home, build.dns.port if build.dns else 1)
            self.start(build, home)
            try:
                if self.greet():
                    for case in self.cases:
                        self.judge(case)
                    self.say('QUIT')
                    self.hear()
            finally:
                self.wire.close()
                if self.process.wait(LIMIT_S) not in (0, 1):
                    self.fail(self.cases[0], 'exit code %d' %
                              self.process.returncode)
            self.compare_log()
        except OSError as why:
            self.fail(self.cases[0], why)
        finally:
            self.log.close()
            shutil.rmtree(home)
        return self


class Build:
    dns = None

    def __init__(self, path):
        self.program = os.path.join(path, 'Qsmtpd')
        # That of the ordinary build starts sooner than one with sanitizers.
        for folder in (os.path.dirname(path), path):
            fake = os.path.join(folder, 'tests/fake')
            if os.path.exists(fake + '/queue'):
                break
        self.queue = fake + '/queue'
        self.checker = fake + '/checkpassword'


def sessions(cases):
    groups = {}
    for case in cases:
        layers = case.layers
        shared = str([layers.lines[ENVIRONMENT], layers.lines[GLOBAL],
                      layers.files[GLOBAL]])
        if '{domain}' in shared or case.row.early:
            shared = case
        groups.setdefault((case.row, shared), []).append(case)
    for group in groups.values():
        for i in range(0, len(group), IN_A_SESSION):
            yield Session(group[i:i + IN_A_SESSION])


def show_that_none_is_missing():
    """Each filter of the table, and each list it reads, has its row."""
    folder = os.path.join(TOP, 'src/filter')
    with open(os.path.join(folder, 'table.c'), encoding='ascii') as f:
        descriptors = re.findall(r'&filter_(\w+),', f.read())
    names, lists = set(), set()
    for path in sorted(os.listdir(folder)):
        with open(os.path.join(folder, path), encoding='ascii') as f:
            text = re.sub(r'\s+', ' ', f.read())
        m = re.search(r'struct filter filter_(\w+) = \{ \.name = "(\w+)"',
                      text)
        if m is None or m.group(1) not in descriptors:
            continue
        descriptors.remove(m.group(1))
        names.add(m.group(2))
        lists.update(re.findall(r'\.(?:file6?|blocked|spared) = "(\w+)"',
                                text))
        lists.update(re.findall(r'(?:finding_lists|setting_lists|'
                                r'setting_find_file)\([^;"]*"(\w+)"', text))
    rows = provoke.PROVOKE
    missing = names - {row.filter for row in rows}
    missing |= lists - {row.file for row in rows} - \
        {row.good for row in rows} - provoke.ELSEWHERE
    if descriptors or missing:
        sys.exit('no row in provoke.py: %s' % sorted(
            missing | set(descriptors)))
    return names, lists


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    build = Build(os.path.abspath(sys.argv[1]))
    names, lists = show_that_none_is_missing()
    cases = [*settingcases.every()]
    todo = list(sessions(cases))
    failures = []
    root = tempfile.mkdtemp(prefix='settings.')
    try:
        with dnsd.Server(provoke.ZONE) as build.dns, \
                concurrent.futures.ThreadPoolExecutor(4) as pool:
            for session in pool.map(lambda s: s.run(build, root), todo):
                failures += session.failures
    finally:
        shutil.rmtree(root, ignore_errors=True)
    for failure in failures:
        print(failure)
    print('%d filters, %d lists: %d recipients in %d sessions, %d failures'
          % (len(names), len(lists), len(cases), len(todo), len(failures)))
    sys.exit(1 if failures else 0)


if __name__ == '__main__':
    main()
