#!/usr/bin/env python3
"""sserver.py BUILD - Qremote sends to `openssl s_server` at port 465

The scripted servers have TLS by Python; here it is OpenSSL's own server, and
certificates of four kinds, by qsmtp-tls as a program and as a service.
"""
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import tls                                              # noqa: E402
from place import Network, become_another, is_root       # noqa: E402

ADDRESS = '127.0.0.1'
WAIT_S = 10
POLL_S = 0.002
VERIFY = '[%s]:verify ca=$CERTS/ca.pem\n' % ADDRESS
KEY = '[%s]:fingerprint sha256=$KEYSUM(self)\n' % ADDRESS
K = 'K127.0.0.1 accepted message.\nRemote host said: 250 ok\n' \
    'TLS: TLSv1.3 TLS_AES_256_GCM_SHA384%s.\n'
Z = 'ZConnected to 127.0.0.1, but its certificate will not do: %s; ' \
    'control/tlspolicy wants TLS. (#4.7.5)\n' \
    '127.0.0.1 [127.0.0.1]: would not talk, see above\n'
BY = ', verified by control/tlspolicy: '
# name, certificate, control/tlspolicy, further words to s_server, the report
ROWS = [
    ('verified', 'address', VERIFY, '', K % (BY + ADDRESS)),
    ('verified, and only TLS 1.2', 'address', VERIFY, '-tls1_2', K.replace(
        'TLSv1.3 TLS_AES_256_GCM_SHA384',
        'TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384') % (BY + ADDRESS)),
    ('another name', 'good', VERIFY, '', Z % 'IP address mismatch'),
    ('expired', 'expired', VERIFY, '', Z % 'certificate has expired'),
    ('signed by itself', 'self', VERIFY, '', Z % 'self-signed certificate'),
    ('known by its key', 'self', KEY, '',
     K % (BY + 'fingerprint of the key')),
    ('another key', 'good', KEY, '',
     Z % 'the certificate has none of the fingerprints'),
    ('any will do', 'self', '', '', K % ''),
    ('it asks for a certificate', 'address', VERIFY, '-verify 2 -CAfile '
     '$CERTS/ca.pem', K % (BY + ADDRESS)),
]


class Server:
    """s_server, whose plaintext is on pipes."""

    def __init__(self, folder, certificate, words):
        path = os.path.join(folder, certificate)
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen(
            ['openssl', 's_server', '-accept', ADDRESS + ':465', '-quiet',
             '-naccept', '1', '-cert', path + '.pem', '-key', path + '.key'] +
            words.replace('$CERTS', folder).split(),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        self.text = b''
        self.wait_for_port()

    def wait_for_port(self):
        """What listens is in /proc/net/tcp: 01D1 is 465, state 0A."""
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            with open('/proc/net/tcp', encoding='ascii') as file:
                if any(':01D1' in w[1] and w[3] == '0A' for w in
                       map(str.split, file)):
                    return
            time.sleep(POLL_S)
        raise AssertionError('s_server does not listen')

    def say(self, text):
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def hear(self, wanted):
        """Whether that came; else the other side has hung up."""
        while wanted not in self.text:
            if not select.select([self.process.stdout], [], [], WAIT_S)[0]:
                raise AssertionError('%r, wanted %r' % (self.text, wanted))
            more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                return False
            self.text += more
        self.text = self.text.partition(wanted)[2]
        return True

    def play(self):
        """A host that takes the message, if it gets one."""
        try:
            self.say(b'220 mx\r\n')
            for wanted, reply in (
                    (b'EHLO me.test\r\n', b'250 mx\r\n'),
                    (b'MAIL FROM:<a@me.test>\r\n', b'250 ok\r\n'),
                    (b'RCPT TO:<r@x.test>\r\n', b'250 ok\r\n'),
                    (b'DATA\r\n', b'354 go\r\n'),
                    (b'Subject: t\r\n\r\nbody\r\n.\r\n', b'250 ok\r\n'),
                    (b'QUIT\r\n', b'')):
                if not self.hear(wanted):
                    return 'Z'
                self.say(reply)
        except BrokenPipeError:
            return 'Z'
        return 'K'

    def stop(self):
        for pipe in self.process.stdin, self.process.stdout:
            try:
                pipe.close()
            except BrokenPipeError:
                pass
        self.process.terminate()
        self.process.wait()


def put(home, name, text):
    path = os.path.join(home, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as file:
        file.write(text)


def run(build, home, certificates, row):
    """What went wrong, or None."""
    name, certificate, policy, words, wanted = row
    put(home, 'control/tlspolicy', tls.fill(policy.encode(), certificates))
    server = Server(certificates, certificate, words)
    try:
        with open(os.path.join(home, 'message'), 'rb') as message:
            process = subprocess.Popen(
                [os.path.join(build, 'Qremote'), 'x.test', 'a@me.test',
                 'r@x.test'], stdin=message, stdout=subprocess.PIPE,
                env={'QMAILHOME': home})
            heard = server.play()
            report = process.communicate(timeout=WAIT_S)[0].decode()
    finally:
        server.stop()
    if heard != wanted[0]:
        return '%s: the server saw %s' % (name, heard)
    if wanted[0] == 'K':
        wanted = 'r\0' + wanted
    if report != wanted + '\0':
        return '%s: %r, wanted %r' % (name, report, wanted)
    return None


def make_home(path, build, is_service):
    for name, text in (
            ('control/me', b'me.test\n'), ('control/timeoutremote', b'6\n'),
            ('control/smtproutes', b':%s:465\n' % ADDRESS.encode()),
            ('message', b'Subject: t\n\nbody\n'),
            ('queue/lock/tcpto', b'\0' * 1024)):
        put(path, name, text)
    os.makedirs(os.path.join(path, 'bin'))
    program = os.path.abspath(os.path.join(build, 'qsmtp-tls'))
    if is_service:
        return tls.Service(program, path, {'QMAILHOME': path},
                           None if is_root() else become_another)
    os.symlink(program, os.path.join(path, 'bin/qsmtp-tls'))
    return None


def main():
    build = sys.argv[1]
    network = Network()
    if network.missing:
        print('skipped: no network of its own: ' + network.missing)
        return 0
    work = tempfile.mkdtemp(prefix='qsmtp-sserver.')
    passed, failed = 0, []
    try:
        certificates = os.path.join(work, 'certificates')
        tls.make_certificates(certificates)
        for is_service in False, True:
            home = os.path.join(work, 'home%d' % is_service)
            service = make_home(home, build, is_service)
            try:
                for row in ROWS:
                    why = run(build, home, certificates, row)
                    passed += not why
                    failed += [why] if why else []
            finally:
                if service:
                    service.stop()
    finally:
        shutil.rmtree(work)
    for why in failed:
        print('failed  ' + why)
    print('%d passed, %d failed' % (passed, len(failed)))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
