#!/usr/bin/env python3
"""guesses.py BUILD [GUESSES] - one client guesses passwords without end

With authdelay and maxauthfailures 0 nothing stops it.  Then memory, open
descriptors and children of Qsmtpd are the same after 10,000 guesses as after
the first hundred; a build with sanitizers, which remembers what was freed, is
spared the look at memory and makes 2,000.
"""
import base64
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

GUESSES = 10000
SANITIZED = 2000
WARM_UP = 100
MAY_GROW_KB = 64        # what a few pages of libc's stack may come to
LOGGED = 20             # the first ones; the last line counts them all
LIMIT_S = 60


def numbers(pid):
    """Kilobytes ever resident, open descriptors, children."""
    with open('/proc/%d/status' % pid, encoding='ascii') as f:
        peak = int(re.search(r'VmHWM:\s*(\d+)', f.read()).group(1))
    with open('/proc/%d/task/%d/children' % (pid, pid),
              encoding='ascii') as f:
        children = f.read().split()
    return peak, len(os.listdir('/proc/%d/fd' % pid)), children


def line_of(number):
    """A guess of each mechanism in turn; each tenth is malformed."""
    secret = ('x' * (number % 700)).encode()
    if number % 10 == 9:
        return ['AUTH PLAIN A'], ['501']
    if number % 2:
        text = base64.b64encode(b'anna').decode()
        return (['AUTH LOGIN ' + text,
                 base64.b64encode(secret + b'-').decode()], ['334', '535'])
    text = base64.b64encode(b'\0user%d\0%s-' % (number, secret)).decode()
    return ['AUTH PLAIN ' + text], ['535']


def found_in_memory(pid, needles):
    """Which of them the memory that it can write holds; None: not shown."""
    found = []
    try:
        with open('/proc/%d/maps' % pid, encoding='ascii') as maps, \
                open('/proc/%d/mem' % pid, 'rb', 0) as memory:
            for line in maps:
                first, last, mode = re.match(
                    r'(\w+)-(\w+) (\S+)', line).groups()
                if 'rw' not in mode or '[vvar' in line:
                    continue
                memory.seek(int(first, 16))
                octets = memory.read(int(last, 16) - int(first, 16))
                found += [n for n in needles if n in octets]
    except PermissionError:
        return None
    return found


# One secret in each way in which it can come.
MARK = b'Wipe-this-Secret'
PLAIN = base64.b64encode(b'\0anna\0' + MARK)
AGAIN = base64.b64encode(MARK)
SECRETS = [
    (b'AUTH PLAIN ' + PLAIN, '535'),
    (b'AUTH PLAIN', '334'), (PLAIN, '535'),
    (b'AUTH LOGIN YW5uYQ==', '334'), (AGAIN, '535'),
    (b'AUTH X-NONE ' + PLAIN, '504'), (AGAIN, '502'),
    (b'AUTH PLAIN ' + PLAIN + b'!', '501'),
    (b'AUTH PLAIN    ' + AGAIN * 500, '501'),
    (b'AUTH PLAIN ' + AGAIN * 1000, '500'),
    (b'MAIL FROM:<a@far.example>', '250'),
    (b'AUTH PLAIN ' + PLAIN, '503'),
    (b'RSET', '250'),
]


def main():
    build = os.path.abspath(sys.argv[1])
    with open(build + '/Qsmtpd', 'rb') as f:
        sanitized = b'__asan_init' in f.read()
    guesses = int(sys.argv[2]) if len(sys.argv) > 2 else \
        SANITIZED if sanitized else GUESSES
    checker = next(p for p in (
        os.path.dirname(build) + '/tests/fake/checkpassword',
        build + '/tests/fake/checkpassword') if os.path.exists(p))
    home = tempfile.mkdtemp(prefix='guesses.')
    os.mkdir(home + '/control')
    for name, text in (('me', 'mail.example.test'), ('authdelay', '0'),
                       ('rcpthosts', 'example.test'), ('authcleartext', '1'),
                       ('maxauthfailures', '0'), ('maxerrors', '0'),
                       ('maxsession', '0')):
        with open('%s/control/%s' % (home, name), 'w', encoding='ascii') as f:
            f.write(text + '\n')
    ours, theirs = socket.socketpair()
    ours.settimeout(LIMIT_S)
    log = open(home + '/log', 'wb')
    process = subprocess.Popen(
        [build + '/Qsmtpd', 'mail.example.test', checker, 'true'],
        stdin=theirs, stdout=theirs, stderr=log,
        env={'PATH': '/usr/bin:/bin', 'QMAILHOME': home,
             'TCPREMOTEIP': '192.0.2.77',
             'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '')})
    theirs.close()
    replies = ours.makefile('r', encoding='ascii', newline='\r\n')
    faults = []

    def hear(wanted):
        line = replies.readline()
        while line[3:4] == '-':
            line = replies.readline()
        if not line.startswith(wanted) and len(faults) < 10:
            faults.append('wanted %s, got %r' % (wanted, line))

    try:
        hear('220')
        ours.sendall(b'EHLO client.example\r\n')
        hear('250')
        early = None
        for number in range(guesses):
            if number == WARM_UP:
                early = numbers(process.pid)
            lines, wanted = line_of(number)
            for line, code in zip(lines, wanted):
                ours.sendall(line.encode() + b'\r\n')
                hear(code)
        late = numbers(process.pid)
        for line, code in SECRETS:
            ours.sendall(line + b'\r\n')
            hear(code)
        # Sanitizers keep what is freed, and have terabytes of their own.
        left = None if sanitized else found_in_memory(
            process.pid, (MARK, PLAIN[-20:], AGAIN[-20:]))
        if left:
            faults.append('secrets are left in memory: %s' % left)
        if left == [] and not found_in_memory(process.pid,
                                              (b'mail.example.test',)):
            faults.append('memory is not seen as it is')
        # And still nobody may relay.
        ours.sendall(b'MAIL FROM:<a@far.example>\r\n'
                     b'RCPT TO:<user@far.example>\r\nQUIT\r\n')
        hear('250')
        hear('553')
        hear('221')
        if process.wait(LIMIT_S) != 0:
            faults.append('exit code %d' % process.returncode)
        print('%d guesses: peak %d kB, then %d kB; descriptors %d, then %d' % (
            guesses, early[0], late[0], early[1], late[1]))
        if not sanitized and late[0] > early[0] + MAY_GROW_KB:
            faults.append('memory grows')
        if late[1] != early[1]:
            faults.append('descriptors leak')
        if early[2] or late[2]:
            faults.append('children are left: %s %s' % (early[2], late[2]))
        log.close()
        with open(home + '/log', encoding='latin-1') as f:
            text = f.read()
        tried = sum(1 for n in range(guesses) if n % 10 != 9)
        if text.count('event=login') != LOGGED:
            faults.append('%d guesses in the log, wanted %d' % (
                text.count('event=login'), LOGGED))
        tried += 3
        if 'login-failures=%d ' % tried not in text:
            faults.append('the last line does not count %d' % tried)
        if 'Sanitizer' in text or 'runtime error' in text:
            faults.append(text[:4000])
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        shutil.rmtree(home, ignore_errors=True)
    print('\n'.join(faults) or 'nothing grows')
    sys.exit(1 if faults else 0)


if __name__ == '__main__':
    main()
