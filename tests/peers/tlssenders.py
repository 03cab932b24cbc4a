#!/usr/bin/env python3
"""tlssenders.py BUILD [NAME...] - Exim and Postfix send to BUILD/Qsmtpd by TLS

By STARTTLS and with TLS at once, verifying our certificate, and with one of
their own; what they cannot verify stays with them.  Ends with 77 when nothing
could be tried.
"""
import contextlib
import os
import re
import shutil
import smtplib
import tempfile
import time

import clients
import tlspeers
import tlsplace
from clients import Skip, Wrong, expect
from tlspeers import EXIM
from tlsplace import NAME, SENDER

LATE_S = 30
US = 'peer@example.test'        # in the peer's own certificate
OTHER = 'other.example.test'    # which is not in ours
DOMAINS = 'starttls.test smtps.test other.test'
BODY = (b'From: <a@far.example>\r\nSubject: t\r\nMessage-ID: <%d@far.example>'
        b'\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\n\r\nfirst\r\n.dot\r\n'
        b'last\r\n')
ROUTE = '''%(name)s:
  driver = manualroute
  domains = %(name)s.test
  route_data = %(host)s::%(port)d byname
  host_find_failed = defer
  self = send
  transport = %(way)s
'''
SMTP = '''%s:
  driver = smtp
  allow_localhost
  hosts_require_tls = *
  hosts_try_dane =
  tls_verify_hosts = *
  tls_verify_certificates = /mnt/work/ca.pem
  tls_certificate = /mnt/work/client.pem
  tls_privatekey = /mnt/work/client.key
'''


class Sender(tlspeers.Tls):
    """It takes mail in clear, and has routes to our two servers."""

    def ours(self, owner):
        """The files that it needs to send."""
        self.place(owner)
        self.write('etc/services', 'smtp 25/tcp\nsmtps 465/tcp\n')
        self.write('etc/hosts', ''.join('127.0.0.1 %s\n' % name for name in (
            'localhost', NAME, OTHER)))
        files = tlsplace.authority(self.build).certificate('peer', email=US)
        for path, name in zip(files, ('client.pem', 'client.key')):
            path = shutil.copy(path, os.path.join(self.work, name))
            os.chmod(path, 0o600)
            os.chown(path, owner, owner)


class Exim(Sender, tlspeers.Exim):
    """Exim"""
    sent = r' => user@%s .* X=TLS1\.3:\S+ CV=yes '
    kept = r' == user@other\.test .* defer .*: TLS session: \(certificate ' \
        r'verification failed\)'

    def prepare(self):
        self.ours(40001)
        routes = (('starttls', NAME, 'smtp', 0), ('relay', NAME, 'smtp', 0),
                  ('smtps', NAME, 'smtps', 1), ('other', OTHER, 'smtp', 0))
        self.write('exim.conf', EXIM % {
            'port': self.port, 'tls': 'tls_advertise_hosts =\n',
            'rights': '  accept\n',
            'routers': ''.join(ROUTE % {
                'name': name, 'host': host, 'way': way,
                'port': self.ports[which]}
                for name, host, way, which in routes),
            'transports': SMTP % 'smtp' + SMTP % 'smtps' +
                          '  protocol = smtps\n'})
        self.owned('spool', 40001)


class Postfix(Sender, tlspeers.Postfix):
    """Postfix"""
    sent = r' to=<user@%s>, .* status=sent \(250 2\.0\.0 ok \d+ qp '
    kept = r' to=<user@other\.test>, .* status=deferred \(Server ' \
        'certificate not verified'

    def prepare(self):
        self.ours(0)
        self.write('etc/postfix/transport', ''.join(
            '%s.test %s:[%s]:%d\n' % (name, way, host, self.ports[which])
            for name, way, host, which in (
                ('starttls', 'smtp', NAME, 0), ('relay', 'smtp', NAME, 0),
                ('smtps', 'wrapped', NAME, 1), ('other', 'smtp', OTHER, 0))))
        os.utime(self.work + '/etc/postfix/transport', (0, 0))
        self.settle('''transport_maps = texthash:/etc/postfix/transport
relay_domains = starttls.test smtps.test relay.test other.test
smtp_tls_security_level = verify
smtp_tls_CAfile = /mnt/work/ca.pem
smtp_tls_cert_file = /mnt/work/client.pem
smtp_tls_key_file = /mnt/work/client.key
smtp_tls_loglevel = 1
''')


@contextlib.contextmanager
def all_three(build, kind, sender):
    """The sender, our server with STARTTLS, and the one with TLS at once."""
    ca = tlsplace.octets(tlsplace.authority(build).file)
    files = {'rcpthosts': DOMAINS.replace(' ', '\n'), 'clientca.pem': ca,
             'tlsclients': US}
    parent = os.path.join(build, 'tlssenders')
    os.makedirs(parent, exist_ok=True)
    work = tempfile.mkdtemp(prefix='work.', dir=parent)
    peer = sender.__new__(sender)
    try:
        with tlsplace.server(build, kind, (), None, **files) as first, \
                tlsplace.server(build, kind, (), {'SMTPS': '1'},
                                **files) as second:
            peer.ports = first.port, second.port
            peer.__init__(build, work)
            try:
                yield peer, first, second
            except Wrong as why:
                why.log = first.log() + second.log() + peer.log()
                raise
            finally:
                peer.stop()
    finally:
        shutil.rmtree(work)


def await_peer(peer, pattern):
    end = time.monotonic() + LATE_S
    while not re.search(pattern, peer.log(), re.M):
        if time.monotonic() > end:
            raise Wrong('its log has no ' + pattern)
        time.sleep(0.05)


def expect_mails(s, wanted):
    """Each with our facts, and whole."""
    mails = s.queue.mails()
    expect(sorted(m[1] for m in mails), [['user@' + d] for d in wanted],
           'recipients')
    for mail in mails:
        tlsplace.expect_received(mail[2], 'ESMTPS', r'TLSv1\.3')
        if not mail[2].endswith(b'\n\nfirst\n.dot\nlast\n'):
            raise Wrong('another message: %r' % mail[2])
        if 'relay.test' in mail[1][0] and '(relay=certificate ' not in \
                tlsplace.received(mail[2]):
            raise Wrong(tlsplace.received(mail[2]))
    if not re.search(r'^event=tls .* result=verified tls=TLSv1\.3 ', s.log(),
                     re.M):
        raise Wrong('no client is verified')


def sends(build, kind, sender):
    if not tlspeers.has_network():
        raise Skip('it takes root')
    with all_three(build, kind, sender) as (peer, first, second):
        with smtplib.SMTP('127.0.0.1', peer.port, 'client.example') as c:
            for number, name in enumerate(('starttls', 'smtps', 'relay',
                                           'other')):
                c.sendmail(SENDER, ['user@%s.test' % name],
                           BODY % number)
        for name in 'starttls', 'smtps', 'relay':
            await_peer(peer, peer.sent % (name + r'\.test'))
        await_peer(peer, peer.kept)
        expect_mails(first, ['relay.test', 'starttls.test'])
        expect_mails(second, ['smtps.test'])


def exim(build, kind):
    """Exim is GnuTLS here."""
    sends(build, kind, Exim)


def postfix(build, kind):
    """And Postfix is OpenSSL."""
    sends(build, kind, Postfix)


if __name__ == '__main__':
    clients.run((exim, postfix), (clients.FakeQueue,))
