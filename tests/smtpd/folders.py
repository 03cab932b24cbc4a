#!/usr/bin/env python3
"""folders.py BUILD - many recipients with settings of their own, in a session

200 recipients, each with a folder, in one mail and in many: the verdicts are
those of each, the memory does not grow with them, and a file of settings is
opened once as long as its folder is kept.  With every filter asked, nobody
asks the DNS.
"""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import provoke  # noqa: E402 (it must find its own folder)
import settingcases  # noqa: E402
import settings  # noqa: E402

RECIPIENTS = 200
FIRST = 20              # in one folder each, before memory is measured
GROWTH_KB = 200
KEPT = 8                # SETTING_FOLDERS
OPENS = 12              # of a recipient whose folders are not kept
LISTS = ('badmailfrom', 'goodmailfrom', 'badcc', 'badhelo', 'badrcptto',
         'ipbl', 'ipwl', 'nomail', 'filterconf')

# What recipients may want of a message; the class of one is its number in
# here, by turns.  All but the first judge a message without Date, or might.
WISHES = ['', 'check_strict_rfc2822', 'check_strict_rfc2822=defer',
          'check_strict_rfc2822\nloop=defer', 'loop=defer', 'limits=defer']
MOST_PUT_OFF = 3
MILDEST_FIRST = ['250', '450', '550']


def recipients():
    """(mailbox, files of its folder, the code it gets)"""
    for i in range(RECIPIENTS):
        mailbox = 'u%d' % i
        files = {'badhelo': 'name%d.example\n' % i,
                 'badcc': 'cc%d.example\n' % i,
                 'filterconf': 'usersize=%d\n' % (100000 + i),
                 'badrcptto': 'nobody%d@example.test\n' % i,
                 'ipbl': '192.0.2.0/24\n', 'ipwl': '192.0.2.77\n'}
        code = '250'
        if i % 5 == 1:
            files['badmailfrom'] = '@far.example\n' * 20 + '!inherit\n'
            code = '553'
        elif i % 5 == 2:
            files['filterconf'] += 'noapos=defer\nfail_hard_on_temp\n'
            code = '550'
        elif i % 5 == 3:
            files['nomail'] = '452 4.2.2 full %d\n' % i
            code = '452'
        elif i % 5 == 4:
            files['filterconf'] += 'noapos=monitor\n'
        yield mailbox, files, code


def answer_to(wish):
    """What a message without Date gets from a recipient of this class."""
    if 'rfc2822' not in wish:
        return '250'
    return '450' if 'rfc2822=defer' in wish else '550'


def share_a_mail(pending):
    """Which of them are taken together, as control/split has it."""
    known, taken = [], []
    for one in pending:
        wish = WISHES[one % len(WISHES)]
        if not known:
            known.append(wish)
        if wish not in known:
            if len(known) > MOST_PUT_OFF:
                taken.append(one)
                continue
            known.append(wish)
        if wish == known[0]:
            taken.append(one)
    return taken


class Talk:
    """A session with a home that it is given."""

    def __init__(self, build, home, command=(), env=()):
        self.home, self.received = home, b''
        self.wire, theirs = socket.socketpair()
        self.wire.settimeout(settings.LIMIT_S)
        environment = {
            'PATH': os.environ['PATH'], 'PROTO': 'TCP', 'QMAILHOME': home,
            'TCPREMOTEIP': '192.0.2.77', 'TCPLOCALIP': '192.0.2.9',
            'QMAILQUEUE': build.queue}
        environment.update({k: v for k, v in os.environ.items()
                            if k.endswith('SAN_OPTIONS')})
        environment.update(env)
        self.log = open(os.path.join(home, 'log'), 'ab')
        self.process = subprocess.Popen(
            [*command, build.program], stdin=theirs, stdout=theirs,
            stderr=self.log, env=environment, cwd='/')
        theirs.close()
        self.hear()
        self.ask('EHLO client.example')

    hear = settings.Session.hear
    say = settings.Session.say

    def ask(self, line):
        self.say(line)
        return self.hear()[0]

    def kilobytes(self):
        path = '/proc/%d/status' % self.process.pid
        with open(path, encoding='ascii') as f:
            return int(re.search(r'VmHWM:\s+(\d+)', f.read()).group(1))

    def end(self):
        self.ask('QUIT')
        self.wire.close()
        status = self.process.wait(settings.LIMIT_S)
        self.log.close()
        return status


def write(folder, files):
    os.makedirs(folder, exist_ok=True)
    for name, text in files.items():
        with open(os.path.join(folder, name), 'w', encoding='ascii') as f:
            f.write(text)


def make_home(root):
    home = tempfile.mkdtemp(dir=root)
    control = os.path.join(home, 'control')
    write(control, {
        'me': 'mail.example.test\n', 'rcpthosts': 'example.test\n',
        'maxrcpt': '0\n', 'split': 'never\n', 'maxerrors': '0\n',
        'badmailfrom': '@bad.example\n', 'badhelo': 'bad.example\n'})
    domain = os.path.join(control, 'domains', 'example.test')
    write(domain, {'filterconf': 'block_SoberG\n'})
    for mailbox, files, _ in recipients():
        write(os.path.join(domain, mailbox), files)
    return home


class Test:
    def __init__(self, build, root):
        self.build, self.root = build, root
        self.failures = []
        with open(build.program, 'rb') as f:
            self.is_sanitized = b'__asan_init' in f.read()

    def check(self, good, why):
        if not good:
            self.failures.append(why)

    def send(self, talk, count, in_one):
        """Ask for the first `count`; in one mail or in one each."""
        sender = "MAIL FROM:<o'a@far.example>"
        if in_one:
            talk.ask(sender)
        for mailbox, _, code in [*recipients()][:count]:
            if not in_one:
                talk.ask(sender)
            said = talk.ask('RCPT TO:<%s@example.test>' % mailbox)
            self.check(said == code, '%s: wanted %s, got %s' % (
                mailbox, code, said))
            if not in_one:
                talk.ask('RSET')

    def memory(self, in_one):
        talk = Talk(self.build, make_home(self.root))
        self.send(talk, FIRST, in_one)
        before = talk.kilobytes()
        if in_one:
            talk.ask('RSET')
        for _ in range(2):
            self.send(talk, RECIPIENTS, in_one)
            talk.ask('RSET')
        grown = talk.kilobytes() - before
        self.check(talk.end() == 0, 'exit code')
        print('%d recipients in %s: %d kB more than with %d' % (
            RECIPIENTS, 'one mail' if in_one else 'mails of their own',
            grown, FIRST))
        # A sanitizer keeps what is freed.
        self.check(self.is_sanitized or grown < GROWTH_KB, 'memory grows')

    def splits(self):
        """A client that comes again for those that were put off."""
        home = make_home(self.root)
        control = os.path.join(home, 'control')
        write(control, {'split': 'recipient\n'})
        for i in range(RECIPIENTS):
            write(os.path.join(control, 'domains/example.test/w%d' % i),
                  {'filterconf': WISHES[i % len(WISHES)] + '\n'})
        talk = Talk(self.build, home)
        pending, mails = [*range(RECIPIENTS)], 0
        while pending:
            talk.ask('MAIL FROM:<a@far.example>')
            taken = share_a_mail(pending)
            for one in pending:
                said = talk.ask('RCPT TO:<w%d@example.test>' % one)
                wanted = '250' if one in taken else '452'
                self.check(said == wanted, 'mail %d, w%d: wanted %s, got %s'
                           % (mails, one, wanted, said))
            talk.ask('DATA')
            talk.say('From: a@far.example', '')
            said = talk.ask('.')
            wanted = min((answer_to(WISHES[one % len(WISHES)])
                          for one in taken), key=MILDEST_FIRST.index)
            self.check(said == wanted, 'mail %d: wanted %s, got %s' % (
                mails, wanted, said))
            pending = [one for one in pending if one not in taken]
            mails += 1
        talk.end()
        print('%d recipients of %d classes in %d mails' % (
            RECIPIENTS, len(WISHES), mails))

    def opened(self, home, mailboxes):
        """Paths that a session opens, with the number of times."""
        trace = os.path.join(home, 'trace')
        talk = Talk(self.build, home, command=[
            'strace', '-f', '-y', '-o', trace, '-e', 'trace=open,openat'])
        talk.ask('MAIL FROM:<a@far.example>')
        for mailbox in mailboxes:
            talk.ask('RCPT TO:<%s@example.test>' % mailbox)
        talk.end()
        counts = {}
        with open(trace, encoding='latin-1') as f:
            for line in f:
                m = re.search(r'openat?\((?:[\w]+(?:<([^>]*)>)?, )?"([^"]*)"',
                              line)
                if m is None or line.rstrip().endswith(')'):
                    continue
                path = os.path.normpath(os.path.join(
                    m.group(1) or home, m.group(2)))
                if path.startswith(home + '/control/domains'):
                    counts[path] = counts.get(path, 0) + 1
        return counts

    def opens(self):
        if shutil.which('strace') is None:
            print('opens are not counted: no strace')
            return
        if self.is_sanitized:
            print('opens are not counted: strace and LeakSanitizer exclude '
                  'each other')
            return
        home = make_home(self.root)
        # The folder of the domain is kept, too.
        few = ['u%d' % (i % (KEPT - 1)) for i in range(4 * KEPT)]
        counts = self.opened(home, few)
        files = {k: n for k, n in counts.items()
                 if os.path.basename(k) in LISTS}
        self.check(len(files) >= 3 * (KEPT - 1), 'too few files are opened: '
                   '%s' % counts)
        for path, count in counts.items():
            self.check(count == 1, '%s is opened %d times while it is kept'
                       % (path, count))
        counts = self.opened(home, [m for m, _, _ in recipients()])
        once = [n for n in counts.values()]
        each = sum(once) / RECIPIENTS
        print('%d opens of settings for %d recipients, %.1f each' % (
            sum(once), RECIPIENTS, each))
        self.check(max(once) == 1, 'a file is opened twice: %s' % counts)
        self.check(each <= OPENS, 'too many files are opened')

    def questions(self):
        """Every filter's finding, in a network where the DNS is counted."""
        probe = subprocess.run(['unshare', '-n', 'ip', 'link', 'set', 'lo',
                                'up'], capture_output=True, check=False)
        if probe.returncode != 0:
            print('DNS questions are not counted: no network namespace')
            return
        result = subprocess.run(
            ['unshare', '-n', sys.executable, os.path.abspath(__file__),
             'dns', os.path.dirname(self.build.program)],
            capture_output=True, text=True, check=False)
        print(result.stdout.strip())
        self.check(result.returncode == 0, 'DNS: %s%s' % (
            result.stdout, result.stderr))


class Listener:
    """Counts what comes to port 53."""

    def __init__(self):
        self.count = 0
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(('127.0.0.1', 53))
        self.tcp = socket.socket()
        self.tcp.bind(('127.0.0.1', 53))
        self.tcp.listen(100)

    def heard(self):
        """How many, by now; all that was sent over lo has arrived."""
        for one in (self.udp, self.tcp):
            one.setblocking(False)
            while True:
                try:
                    if one is self.udp:
                        one.recv(512)
                    else:
                        one.accept()[0].close()
                except BlockingIOError:
                    break
                self.count += 1
        return self.count


def count_questions(build):
    subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
    listener = Listener()
    # The listener must hear what there is to hear.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.sendto(b'?', ('127.0.0.1', 53))
    with socket.create_connection(('127.0.0.1', 53)):
        pass
    if listener.heard() != 2:
        sys.exit('the listener is deaf')
    os.environ['DNSCACHEIP'] = '127.0.0.1'
    cases = [c for row in provoke.PROVOKE
             if not row.asks for c in settingcases.Maker(row).switched()]
    with tempfile.TemporaryDirectory(prefix='folders.') as root:
        for session in settings.sessions(cases):
            session.row.env['DNSCACHEIP'] = '127.0.0.1'
            if session.run(build, root).failures:
                sys.exit('\n'.join(session.failures))
    questions = listener.heard() - 2
    print('%d recipients, filters that need no DNS: %d questions' % (
        len(cases), questions))
    sys.exit(1 if questions else 0)


def main():
    if len(sys.argv) == 3 and sys.argv[1] == 'dns':
        count_questions(settings.Build(os.path.abspath(sys.argv[2])))
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    root = tempfile.mkdtemp(prefix='folders.')
    test = Test(settings.Build(os.path.abspath(sys.argv[1])), root)
    try:
        for in_one in (True, False):
            test.memory(in_one)
        test.splits()
        test.opens()
        test.questions()
    finally:
        shutil.rmtree(root, ignore_errors=True)
    for failure in test.failures:
        print(failure)
    print('%d failures' % len(test.failures))
    sys.exit(1 if test.failures else 0)


if __name__ == '__main__':
    main()
