#!/usr/bin/env python3
"""tlsclients.py BUILD [NAME...] - real clients speak TLS with BUILD/Qsmtpd

swaks, gnutls-cli, openssl s_client and Postfix's posttls-finger, by STARTTLS
and with TLS at once; certificates of clients.  Ends with 77 when nothing
could be tried.
"""
import contextlib
import os
import re
import select
import subprocess
import time

import clients
import logins
import tlsplace
from clients import Wrong, expect
from tlsplace import NAME, RECIPIENT, SENDER, STRANGER

ANNA, PAUL = 'anna@example.test', 'paul@example.test'
SECOND = 'second.example.test'
AT_ONCE = {'SMTPS': '1'}
END_S = 20
MAIL = b'Subject: t\r\n\r\nfirst\r\n..\r\n..dot\r\nlast\r\n.\r\n'
STORED = b'Subject: t\n\nfirst\n.\n.dot\nlast\n'
V2, V3, BOTH = r'TLSv1\.2', r'TLSv1\.3', r'TLSv1\.[23]'


def ways():
    """Of starting TLS: the environment of Qsmtpd, whether it is at once."""
    return (({}, False), (AT_ONCE, True))


def expect_one(s, protocol, version, relay='none'):
    """The one mail, and what Received and both logs say of its TLS."""
    mails = s.queue.mails()
    expect(len(mails), 1, 'mails')
    tlsplace.expect_received(mails[0][2], protocol, version)
    for event in 'tls', 'end':
        await_log(s, '^event=%s .* tls=%s cipher=' % (event, version))
    await_log(s, '^event=accepted .* relay=%s ' % relay)
    return mails[0]


def await_log(s, pattern):
    """A session may end after its client."""
    end = time.monotonic() + END_S
    while not re.search(pattern, s.log(), re.M):
        if time.monotonic() > end:
            raise Wrong('the log has no ' + pattern)
        time.sleep(0.02)


# swaks ----------------------------------------------------------------------

def swaks(build, s, *options, code=0, said=''):
    got, text = clients.swaks_run(build, s.port, '--from', SENDER, *options)
    if got != code or not re.search(said, text):
        raise Wrong('swaks %s: %d, wanted %d and %r\n%s' % (
            ' '.join(options), got, code, said, text[-3000:]))


def verified(build):
    """What makes swaks verify our name."""
    return ('--tls-verify', '--tls-ca-path', tlsplace.authority(build).file)


def swaks_mails(build, kind):
    """By STARTTLS and at once, by the service and by a program a session."""
    for embedded in False, True:
        for environment, at_once in ways():
            with tlsplace.server(build, kind, (), environment,
                                 embedded=embedded) as s:
                swaks(build, s, '--tlsc' if at_once else '--tls', '--to',
                      RECIPIENT, *verified(build),
                      said=r'TLS started with cipher TLSv1\.3.*\n.*\n'
                      r'.*DN="/CN=mail\.example\.test"')
                expect_one(s, 'ESMTPS', V3)


def swaks_versions(build, kind):
    """TLS 1.2 is taken, 1.1 is not."""
    for environment, at_once in ways():
        tls = '--tlsc' if at_once else '--tls'
        with tlsplace.server(build, kind, (), environment) as s:
            swaks(build, s, tls, '--to', RECIPIENT, '--tls-protocol',
                  'tlsv1_1', code=29)
            await_log(s, 'event=tls .* result=failed')
            expect(s.queue.mails(), [], 'mails')
            swaks(build, s, tls, '--to', RECIPIENT, '--tls-protocol',
                  'tlsv1_2')
            expect_one(s, 'ESMTPS', V2)


def swaks_logins(build, kind):
    """AUTH is offered within TLS alone, and then relays."""
    options = ('--to', STRANGER, '--auth', 'PLAIN', '--auth-user',
               logins.USER, '--auth-password')
    for environment, at_once in ways():
        with tlsplace.server(build, kind, (logins.CHECKER, 'digest', 'true'),
                             environment, authdelay='0') as s:
            if not at_once:
                swaks(build, s, *options, logins.PASSWORD, code=28,
                      said='did not advertise auth')
            tls = '--tlsc' if at_once else '--tls'
            swaks(build, s, tls, *options, 'wrong', code=28,
                  said=r'<~\* +535 5\.7\.8')
            expect(s.queue.mails(), [], 'mails')
            swaks(build, s, tls, *options, logins.PASSWORD,
                  said=r'<~  235 2\.7\.0')
            expect_one(s, 'ESMTPSA', V3, 'auth')


def client_certificate(build, email, authority=None):
    path, key = (authority or tlsplace.authority(build)).certificate(
        email.split('@')[0], email=email)
    return '--tls-cert', path, '--tls-key', key


def swaks_certificates(build, kind):
    """Who is in tlsclients relays; others do not."""
    ca = tlsplace.octets(tlsplace.authority(build).file)
    for environment, at_once in ways():
        tls = '--tlsc' if at_once else '--tls'
        with tlsplace.server(build, kind, (), environment, **{
                'clientca.pem': ca, 'tlsclients': ANNA}) as s:
            for options in client_certificate(build, PAUL), ():
                swaks(build, s, tls, '--to', STRANGER, *options, code=24,
                      said=r'553 5\.7\.1')
            expect(s.queue.mails(), [], 'mails')
            swaks(build, s, tls, '--to', STRANGER,
                  *client_certificate(build, ANNA))
            mail = expect_one(s, 'ESMTPS', V3, 'certificate')
            expect(mail[1], [STRANGER], 'recipients')
            if 'relay=certificate' not in tlsplace.received(mail[2]):
                raise Wrong(tlsplace.received(mail[2]))


def swaks_strange_certificate(build, kind):
    """A listed name in the certificate of another CA relays nothing."""
    other = tlsplace.Authority(os.path.join(
        tlsplace.authority(build).folder, 'other'))
    ca = tlsplace.octets(tlsplace.authority(build).file)
    with tlsplace.server(build, kind, **{'clientca.pem': ca,
                                         'tlsclients': ANNA}) as s:
        swaks(build, s, '--tls', '--to', STRANGER,
              *client_certificate(build, ANNA, other), code=24,
              said=r'553 5\.7\.1')
        expect(s.queue.mails(), [], 'mails')


# gnutls-cli and openssl s_client --------------------------------------------

class Stream:
    """A program that copies between its standard files and TLS."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.got = b''

    def say(self, text):
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def await_line(self, pattern):
        end = time.monotonic() + END_S
        while not re.search(pattern, self.got, re.M):
            ready = select.select([self.process.stdout], [], [],
                                  max(0, end - time.monotonic()))[0]
            more = os.read(self.process.stdout.fileno(), 65536) if ready \
                else b''
            if not more:
                raise Wrong('no %r: %r' % (pattern, self.got))
            self.got += more
        self.got = b''

    def end(self):
        """The exit code, and all that it said on standard error."""
        try:
            err = self.process.communicate(timeout=END_S)[1]
        finally:
            self.process.kill()
        return self.process.returncode, err.decode('latin-1')


def send_by(command, at_once):
    """A whole mail; what the program said besides."""
    stream = Stream(command)
    try:
        if at_once:
            stream.await_line(rb'^220 ')
        stream.say(b'EHLO client.example\r\n')
        # s_client shows the end of what was said in clear, with STARTTLS.
        stream.await_line(rb'^250 (?!STARTTLS)')
        stream.say(b'MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nDATA\r\n' % (
            SENDER.encode(), RECIPIENT.encode()))
        stream.await_line(rb'^354 ')
        stream.say(MAIL)
        stream.await_line(rb'^250 2\.0\.0 ok \d+ qp ')
        stream.say(b'QUIT\r\n')
        stream.await_line(rb'^221 ')
    except (Wrong, BrokenPipeError) as why:
        raise Wrong('%s\n%s' % (why, stream.end()[1])) from why
    return stream.end()


def refused_by(command):
    """The client itself does not want this server, or the reverse."""
    done = subprocess.run(command, input=b'', capture_output=True,
                          timeout=END_S, check=False)
    if done.returncode == 0:
        raise Wrong('%s: not refused' % ' '.join(command))


def gnutls(build, s, at_once, *options, ca=None, name=NAME):
    return (clients.program(build, 'gnutls-cli'), '--logfile=/dev/stderr',
            '--x509cafile=' + (ca or tlsplace.authority(build).file),
            '--verify-hostname=' + name, '--sni-hostname=' + name,
            '--port=%d' % s.port, *options, '127.0.0.1', *(
                () if at_once else ('--starttls-proto=smtp',)))


ONLY = 'NORMAL:-VERS-ALL:+VERS-TLS'


def gnutls_mails(build, kind):
    """Each version, by each of our certificates."""
    for environment, at_once in ways():
        for priority, version, said in (
                (ONLY + '1.2', V2, r'\(TLS1\.2-X\.509\)-\(ECDHE'),
                (ONLY + '1.2:-ECDHE-ECDSA', V2, r'\(TLS1\.2.*ECDHE.*-\(RSA'),
                (ONLY + '1.3', V3, r'\(TLS1\.3-X\.509\).*ECDSA'),
                ('NORMAL', V3, r'\(TLS1\.3-X\.509\)')):
            with tlsplace.server(build, kind, (), environment) as s:
                code, err = send_by(gnutls(build, s, at_once,
                                           '--priority=' + priority), at_once)
                if code != 0 or 'The certificate is trusted' not in err or \
                        not re.search(said, err):
                    raise Wrong('gnutls-cli, %s: %d\n%s' % (priority, code,
                                                            err))
                mail = expect_one(s, 'ESMTPS', version)
                expect(clients.without_trace(mail[2]), STORED, 'message')
                await_log(s, 'event=end .* reason=quit')


def gnutls_refuses(build, kind):
    """TLS 1.1, and what the client cannot verify."""
    other = tlsplace.Authority(os.path.join(
        tlsplace.authority(build).folder, 'gnutls'))
    for environment, at_once in ways():
        with tlsplace.server(build, kind, (), environment) as s:
            refused_by(gnutls(build, s, at_once, '--priority=%s1.1:%%COMPAT'
                              % ONLY))
            await_log(s, 'event=tls .* result=failed')
            refused_by(gnutls(build, s, at_once, ca=other.file))
            refused_by(gnutls(build, s, at_once, name='mail.far.example'))
            expect(s.queue.mails(), [], 'mails')


@contextlib.contextmanager
def two_names(build, kind, environment):
    """With a certificate for another name."""
    with tlsplace.server(build, kind, (), environment, **{
            'servercerts/%s/servercert.pem' % SECOND:
            tlsplace.authority(build).both(SECOND)}) as s:
        yield s


def gnutls_names(build, kind):
    """SNI chooses the certificate; an unknown name has the first."""
    for environment, at_once in ways():
        with two_names(build, kind, environment) as s:
            code, err = send_by(gnutls(build, s, at_once, name=SECOND),
                                at_once)
            expect(code, 0, err)
            expect_one(s, 'ESMTPS', V3)
            await_log(s, 'event=end .* sni=' + SECOND)
            expect(send_by(gnutls(build, s, at_once), at_once)[0], 0,
                   'exit code with the first name')


def s_client(build, s, at_once, *options, name=NAME, ca=None):
    return ('openssl', 's_client', '-quiet', '-verify_return_error',
            '-CAfile', ca or tlsplace.authority(build).file,
            '-verify_hostname', name, '-servername', name, '-connect',
            '127.0.0.1:%d' % s.port, *options, *(
                () if at_once else ('-starttls', 'smtp')))


def openssl_mails(build, kind):
    """Each version and certificate; refused where it cannot be verified."""
    for environment, at_once in ways():
        for options, version in (
                (('-tls1_2',), V2), (('-tls1_3',), V3), ((), V3),
                (('-tls1_2', '-cipher', 'aRSA'), V2),
                (('-tls1_3', '-sigalgs', 'rsa_pss_rsae_sha256'), V3)):
            with tlsplace.server(build, kind, (), environment) as s:
                code, err = send_by(s_client(build, s, at_once, *options),
                                    at_once)
                expect(code, 0, err)
                mail = expect_one(s, 'ESMTPS', version)
                expect(clients.without_trace(mail[2]), STORED, 'message')
        with two_names(build, kind, environment) as s:
            refused_by(s_client(build, s, at_once, '-tls1_1', '-cipher',
                                'DEFAULT@SECLEVEL=0'))
            await_log(s, 'event=tls .* result=failed')
            refused_by(s_client(build, s, at_once, name='mail.far.example'))
            expect(send_by(s_client(build, s, at_once, name=SECOND),
                           at_once)[0], 0, 'exit code with another name')


# posttls-finger -------------------------------------------------------------

def finger(build, s, at_once, level, name, version):
    """What it says of the connection."""
    path = s.home + '/main.cf'
    with open(path, 'w', encoding='ascii') as file:
        file.write('compatibility_level = 3.6\nmail_owner = daemon\n'
                   'setgid_group = mail\nsmtputf8_enable = no\n'
                   'myhostname = client.example\nqueue_directory = /\n'
                   'inet_protocols = ipv4\n')
    # Postfix waits until what it reads has been the same for a while.
    os.utime(path, (0, 0))
    done = subprocess.run(
        [clients.program(build, 'posttls-finger'), '-c', '-l', level,
         '-p', version, '-L', 'summary', '-F',
         tlsplace.authority(build).file, *(['-w'] if at_once else []),
         '[127.0.0.1]:%d' % s.port, name], capture_output=True,
        env={**os.environ, 'MAIL_CONFIG': s.home}, timeout=clients.WAIT_S,
        check=False)
    return (done.stdout + done.stderr).decode('latin-1')


def posttls_finger(build, kind):
    """Levels secure and verify, with our name and with another."""
    for environment, at_once in ways():
        with tlsplace.server(build, kind, (), environment) as s:
            for level, name, version, said in (
                    ('secure', NAME, '!SSLv2', 'Verified.*TLSv1.3'),
                    ('verify', NAME, '!SSLv2', 'Verified.*TLSv1.3'),
                    ('secure', NAME, '!TLSv1.3', 'Verified.*TLSv1.2'),
                    ('secure', '.example.test', '!SSLv2', 'Verified'),
                    ('secure', 'mail.far.example', '!SSLv2',
                     'hostname mismatch'),
                    ('secure', NAME, 'TLSv1.1', 'alert protocol version')):
                text = finger(build, s, at_once, level, name, version)
                if not re.search(said, text):
                    raise Wrong('%s %s %s: %s' % (level, name, version, text))


if __name__ == '__main__':
    clients.run((swaks_mails, swaks_versions, swaks_logins,
                 swaks_certificates, swaks_strange_certificate, gnutls_mails,
                 gnutls_refuses, gnutls_names, openssl_mails,
                 posttls_finger), (clients.FakeQueue,))
