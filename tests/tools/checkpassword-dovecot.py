"""checkpassword-dovecot.py: what control-examples/checkpassword-dovecot says.

The auth server is a script here: it reads what it is told to wait for, and
answers line by line.  No Dovecot is needed; tests/peers has one.
"""
import base64
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       '../../control-examples/checkpassword-dovecot')
GOOD, BAD, FAILED = 0, 1, 111
WAIT_S = 20
GREETING = (b'VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\n'
            b'SPID\t7\nCUID\t1\nCOOKIE\tabcdef\nDONE\n')
LOGIN = b'anna\0a secret\0\0'
AUTH = b'AUTH\t1\tPLAIN\tservice=smtp\tnologin\t'
RESP = b'resp=' + base64.b64encode(b'\0anna\0a secret') + b'\n'
OK = b'OK\t1\tuser=anna\n'


class Server(threading.Thread):
    """Takes one connection, greets, waits for three lines and answers.

    Without a greeting it hangs up, without an answer it is silent.
    """

    def __init__(self, path, greeting, answer):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        self.socket.listen()
        self.greeting, self.answer = greeting, answer
        self.asked = b''
        self.start()

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.join(WAIT_S)
        self.socket.close()

    def run(self):
        try:
            end = self.socket.accept()[0]
        except OSError:
            return
        with end:
            end.settimeout(3 * WAIT_S)
            try:
                self.talk(end)
            except OSError:
                pass        # it knows enough, or was killed

    def talk(self, end):
        if self.greeting is None:
            return
        for part in self.greeting:
            end.sendall(part)
        while self.answer is not None and self.asked.count(b'\n') < 3:
            text = end.recv(65536)
            if not text:
                return
            self.asked += text
        for part in self.answer or ():
            end.sendall(part)
        if self.answer is None:
            # Silence, until it goes.
            while end.recv(65536):
                pass


def run(home, message, environment, program):
    """Exit code, standard error and what stands in /proc meanwhile."""
    read, write = os.pipe()
    environment = {'PATH': os.environ['PATH'],
                   'DOVECOT_AUTH_SOCKET': home + '/auth', **environment}
    environment = {n: v for n, v in environment.items() if v is not None}
    # Descriptor 3 by the shell: the pipe's own number is another.
    process = subprocess.Popen(
        ['sh', '-c', 'exec 3<&%d %d<&-; exec "$@"' % (read, read) if read != 3
         else 'exec "$@"', 'sh', PROGRAM, *program], env=environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, pass_fds=(read,))
    os.close(read)
    with os.fdopen(write, 'wb', 0) as file:
        try:
            file.write(message)
        except BrokenPipeError:
            pass
    out, err = process.communicate(timeout=WAIT_S + 20)
    return process.returncode, out.decode(), err.decode()


class Case:
    def __init__(self, code, answer=(OK,), message=LOGIN,
                 greeting=(GREETING,), said='', asked=None, out='', program=('true',), **environment):
        self.code, self.answer, self.message = code, answer, message
        self.greeting, self.said, self.asked = greeting, said, asked
        self.out, self.program, self.environment = out, program, environment


def resp(user, password):
    return b'resp=' + base64.b64encode(b'\0' + user + b'\0' + password) + b'\n'


ODD = b'a\tb\nc\r\xff '
CASES = {
    'good': Case(GOOD, asked=AUTH + RESP),
    'bad': Case(BAD, (b'FAIL\t1\tuser=anna\n',), asked=AUTH + RESP),
    'bad, with words': Case(BAD, (b'FAIL\t1\tuser=temp\tuser_disabled\n',)),
    'for now': Case(FAILED, (b'FAIL\t1\tuser=anna\ttemp\n',),
                    said='cannot tell now'),
    'for now, by its code': Case(
        FAILED, (b'FAIL\t1\tuser=anna\tcode=temp_fail\n',),
        said='cannot tell now'),
    'goes on': Case(FAILED, (b'CONT\t1\t\n',), said='wants to go on'),
    'of another request': Case(
        BAD, (b'OK\t2\tuser=x\nOK\nOK\t11\nFAIL\t1\n',)),
    'octet by octet': Case(GOOD, tuple(OK[i:i + 1] for i in range(len(OK))),
                           greeting=tuple(GREETING[i:i + 1] for i in
                                          range(len(GREETING)))),
    'a good one in an unfinished line': Case(FAILED, (OK[:-1],),
                                             said='hung up'),
    'hangs up': Case(FAILED, (), said='hung up'),
    'hangs up at once': Case(FAILED, greeting=None,
                             said='checkpassword-dovecot: '),
    'another protocol': Case(FAILED, said='another protocol', greeting=(
        GREETING.replace(b'VERSION\t1', b'VERSION\t2'),)),
    'no version': Case(FAILED, said='another protocol', greeting=(
        GREETING.replace(b'VERSION\t1\t2\n', b''),)),
    'no PLAIN': Case(FAILED, said='does not offer PLAIN', greeting=(
        GREETING.replace(b'\tPLAIN', b'\tEXTERNAL'),)),
    'a flood': Case(FAILED, (b'x' * 200000,), said='says too much'),
    'a flood of lines': Case(FAILED, (b'NOTE\t1x\n' * 30000,),
                             said='says too much'),
    'a flood before': Case(FAILED, greeting=(b'SPID\t1\n' * 30000,),
                           said='says too much'),
    'no socket': Case(FAILED, said='/none: No such file or directory',
                      DOVECOT_AUTH_SOCKET='/none'),
    'no socket named': Case(FAILED, said='/run/dovecot/auth-qsmtp: No such',
                            DOVECOT_AUTH_SOCKET=None),
    'an address': Case(GOOD, asked=AUTH + b'rip=192.0.2.1\tlip=192.0.2.9\t' +
                       RESP, TCPREMOTEIP='192.0.2.1', TCPLOCALIP='192.0.2.9'),
    'IPv6': Case(GOOD, asked=AUTH + b'rip=2001:db8::1\t' + RESP,
                 TCP6REMOTEIP='2001:db8::1'),
    'no address': Case(GOOD, asked=AUTH + RESP,
                       TCPREMOTEIP='192.0.2.1\tresp=eA=='),
    'systemd': Case(GOOD, asked=AUTH + b'rip=192.0.2.1\t' + RESP,
                    REMOTE_ADDR='192.0.2.1'),
    'TLS of sslserver': Case(GOOD, asked=AUTH + b'secured\t' + RESP,
                             SSL_PROTOCOL='TLSv1.3'),
    'SMTPS': Case(GOOD, asked=AUTH + b'secured\t' + RESP, SMTPS='1'),
    'SMTPS empty': Case(GOOD, asked=AUTH + RESP, SMTPS=''),
    'tabs and line ends': Case(GOOD, asked=AUTH + resp(ODD, ODD),
                               message=ODD + b'\0' + ODD + b'\0\0'),
    'words of the protocol': Case(
        BAD, (b'FAIL\t1\n',), message=b'anna\tsecured\0x\nOK\t1\n\0\0',
        asked=AUTH + resp(b'anna\tsecured', b'x\nOK\t1\n')),
    # A NUL ends a part; what follows the second is not looked at.
    'a third part': Case(GOOD, asked=AUTH + RESP,
                         message=b'anna\0a secret\0Y123456\0'),
    'a NUL too many': Case(GOOD, asked=AUTH + resp(b'anna', b'a'),
                           message=b'anna\0a\0secret\0\0'),
    'long': Case(GOOD, asked=AUTH + resp(b'u' * 2048, b'p' * 2048),
                 message=b'u' * 2048 + b'\0' + b'p' * 2048 + b'\0\0'),
    'too long': Case(BAD, message=b'u' * 2048 + b'\0' + b'p' * 2049 + b'\0\0',
                     asked=b''),
    'much too long': Case(FAILED, message=b'u' * 100000, asked=b'',
                          said='no user and password'),
    'no user': Case(BAD, message=b'\0x\0\0', asked=b''),
    'no password': Case(BAD, message=b'anna\0\0\0', asked=b''),
    'no end': Case(FAILED, message=b'anna\0a secret', asked=b'',
                   said='no user and password'),
    'nothing': Case(FAILED, message=b'', asked=b'',
                    said='no user and password'),
    'no program': Case(FAILED, program=(), asked=b'', said='which program'),
    'a program that is not there': Case(FAILED, program=('/none',),
                                        said='No such file'),
    'what the program gets': Case(
        7, program=('sh', '-c', 'echo $#,$1,$X; env; ls /proc/$$/fd; exit 7',
                    'sh', 'one'), X='y', out='1,one,y\n'),
    'a bad login executes nothing': Case(
        BAD, (b'FAIL\t1\n',), program=('echo', 'executed')),
    # PIPE and XFSZ, as Python has it; others may be from whoever started us.
    'no signal is ignored': Case(GOOD, program=(
        'sh', '-c', 'ignored=$(sed -n "s/^SigIgn:[[:space:]]*/0x/p" '
        '/proc/$$/status); [ $((ignored & 0x1001000)) = 0 ]')),
    # The bound of our time would end the program.
    'no alarm is left': Case(GOOD, program=(
        'python3', '-c', 'import signal, sys\n'
        'sys.exit(signal.getitimer(signal.ITIMER_REAL)[0] > 0)')),
}


def same(got, wanted, what):
    if got != wanted:
        raise AssertionError('%s: %.300r, not %.300r' % (what, got, wanted))


def try_case(case, home):
    server = Server(home + '/auth', case.greeting, case.answer)
    code, out, err = run(home, case.message, case.environment, case.program)
    server.stop()
    same(code, case.code, 'exit code (%s)' % err)
    if case.said not in err or (err and not case.said):
        raise AssertionError('standard error: %r' % err)
    if case.out:
        same(out[:len(case.out)], case.out, 'standard output')
        if 'secret' in out:
            raise AssertionError('the password is in ' + out)
        same(out.split()[-3:], ['0', '1', '2'], 'descriptors')
    else:
        same(out, '', 'standard output')
    if case.asked == b'':
        same(server.asked, b'', 'asked')
    elif case.asked is not None:
        lines = server.asked.split(b'\n', 2)
        same(lines[0], b'VERSION\t1\t1', 'VERSION')
        if not lines[1].startswith(b'CPID\t') or not lines[1][5:].isdigit():
            raise AssertionError('CPID: %r' % lines[1])
        same(lines[2], case.asked, 'AUTH')


def silence(home):
    """Bounded in time, and the password is in no argument or variable."""
    server = Server(home + '/auth', (GREETING,), None)
    began = time.monotonic()
    read, write = os.pipe()
    process = subprocess.Popen(
        ['sh', '-c', 'exec 3<&%d; exec "$@"' % read, 'sh', PROGRAM, 'true'],
        env={'PATH': os.environ['PATH'],
             'DOVECOT_AUTH_SOCKET': home + '/auth'},
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, pass_fds=(read,))
    os.close(read)
    os.write(write, LOGIN)
    os.close(write)
    while process.poll() is None:
        for name in ('cmdline', 'environ'):
            try:
                with open('/proc/%d/%s' % (process.pid, name), 'rb') as file:
                    if b'secret' in file.read():
                        raise AssertionError('the password is in ' + name)
            except OSError:
                pass
        if time.monotonic() - began > 40:
            process.kill()
            raise AssertionError('it waits for ever')
        time.sleep(0.1)
    err = process.communicate()[1].decode()
    server.stop()
    same(process.returncode, FAILED, 'exit code')
    if 'no answer within 25 seconds' not in err:
        raise AssertionError('standard error: %r' % err)


def main():
    names = sys.argv[1:]
    failed = 0
    tests = {name: lambda home, case=case: try_case(case, home)
             for name, case in CASES.items()}
    tests['silence'] = silence
    for name, test in tests.items():
        if names and name not in names:
            continue
        home = tempfile.mkdtemp(prefix='checkpassword.')
        try:
            test(home)
        except (AssertionError, OSError, subprocess.SubprocessError) as why:
            print('failed  %s: %s' % (name, why))
            failed += 1
        finally:
            shutil.rmtree(home)
    print('checkpassword-dovecot: %d cases, %d failed' % (len(tests), failed))
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
