#!/usr/bin/env python3
"""dovecot.py BUILD [NAME...] - BUILD/Qsmtpd asks Dovecot about passwords

A real Dovecot in a namespace of its own, checkpassword-dovecot of
control-examples between the two, and smtplib as the client.  Ends with 77
when it cannot run here.
"""
import base64
import contextlib
import hashlib
import os
import re
import shutil
import smtplib
import tempfile

import clients
import receivers
from clients import Wrong, expect

CHECKER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       '../../control-examples/checkpassword-dovecot')
SENDER, STRANGER = 'anna@example.test', 'user@far.example'
MESSAGE = b'From: <anna@example.test>\r\nSubject: t\r\n\r\ntext\r\n'
# Dovecot takes no control characters.
USERS = {'anna': 'a secret', 'paul@example.test': '%u "$HOME":{PLAIN} =\\'}
CONF = '''base_dir = /mnt/work/run
state_dir = /mnt/work/state
log_path = /mnt/work/spool/log
libexec_dir = /mnt/root/usr/lib/dovecot
import_environment = LD_LIBRARY_PATH
protocols =
ssl = no
auth_mechanisms = plain
auth_failure_delay = 1 secs
passdb {
	driver = passwd-file
	args = /mnt/work/passwd
}
userdb {
	driver = static
	args = uid=nobody gid=nobody home=/
}
service auth {
	unix_listener auth-qsmtp {
		mode = 0600
	}
}
'''


class Dovecot(receivers.Confined):
    """Dovecot"""
    door, peer = 'dovecot', 'dovecot-core'
    # It starts its own doveconf, and no other program of the system's.
    script = '''mount -t tmpfs none /run
mount --bind /mnt/root/usr/bin /usr/bin
for folder in /mnt/root/usr/lib/dovecot /mnt/root/usr/lib/dovecot/modules/*/
do
	LD_LIBRARY_PATH=$LD_LIBRARY_PATH:$folder
done
exec /mnt/root/usr/sbin/dovecot -F -c /mnt/work/dovecot.conf
'''

    def prepare(self):
        self.socket = self.work + '/run/auth-qsmtp'
        for name in ('run', 'state', 'spool'):
            os.mkdir(os.path.join(self.work, name))
        self.write('dovecot.conf', CONF)
        self.write('passwd', ''.join('%s:{SHA256}%s\n' % (
            user, base64.b64encode(hashlib.sha256(
                password.encode()).digest()).decode())
            for user, password in USERS.items()))

    def is_ready(self):
        return os.path.exists(self.socket)


@contextlib.contextmanager
def both(build, kind, **environment):
    """Dovecot and a submission server that asks it."""
    parent = os.path.join(build, 'dovecot')
    os.makedirs(parent, exist_ok=True)
    work = tempfile.mkdtemp(prefix='work.', dir=parent)
    dovecot = Dovecot.__new__(Dovecot)
    try:
        dovecot.__init__(build, work)
        with clients.server(
                build, kind, (CHECKER, 'true'),
                {'SUBMISSION': '', 'DOVECOT_AUTH_SOCKET': dovecot.socket,
                 **environment},
                authcleartext='1', authdelay='0', maxauthfailures='0') as s:
            yield dovecot, s
    except Wrong as why:
        why.log = getattr(why, 'log', '') + dovecot.log()
        raise
    finally:
        dovecot.stop()
        shutil.rmtree(work)


def login(client, user, password, mechanism='plain'):
    """The code that AUTH ends with."""
    client.user, client.password = user, password
    try:
        return client.auth(mechanism, getattr(client, 'auth_' + mechanism))[0]
    except smtplib.SMTPAuthenticationError as why:
        return why.smtp_code


def logins(build, kind):
    """Right and wrong, by PLAIN and LOGIN, and the mail that may go then."""
    with both(build, kind) as (_, s):
        for mechanism, user in (('plain', 'anna'),
                                ('login', 'paul@example.test')):
            with smtplib.SMTP('127.0.0.1', s.port, 'client.example') as c:
                c.ehlo()
                expect(login(c, user, 'wrong', mechanism), 535, 'wrong')
                expect(c.mail(SENDER)[0], 530, 'MAIL')
                expect(login(c, user, USERS[user], mechanism), 235, 'right')
                c.sendmail(SENDER, [STRANGER], MESSAGE)
        with smtplib.SMTP('127.0.0.1', s.port, 'client.example') as c:
            c.ehlo()
            expect(login(c, 'nobody', 'a secret'), 535, 'no such user')
            expect(login(c, 'anna\tsecured\0', 'x'), 501, 'a NUL')
        mails = s.queue.mails()
        expect([m[:2] for m in mails], [(SENDER, [STRANGER])] * 2, 'envelopes')
        for user, mail in zip(USERS, mails):
            if not re.search(rb'\(auth=%s\)' % user.encode(), mail[2]) or \
                    b'\nMessage-ID: <' not in mail[2] or \
                    b'\nDate: ' not in mail[2]:
                raise Wrong('another message: %r' % mail[2])
        expect(re.findall(r'event=login .* result=(\w+) user=(\S+) .*exit='
                          r'(\d+)', s.log()), [
                              ('refused', 'anna', '1'), ('ok', 'anna', '0'),
                              ('refused', 'paul@example.test', '1'),
                              ('ok', 'paul@example.test', '0'),
                              ('refused', 'nobody', '1')], 'logins')


def gone(build, kind):
    """Without Dovecot nobody is told that the password is wrong."""
    with both(build, kind) as (dovecot, s):
        dovecot.stop()
        with smtplib.SMTP('127.0.0.1', s.port, 'client.example') as c:
            c.ehlo()
            expect(login(c, 'anna', USERS['anna']), 454, 'AUTH')
            expect(c.mail(SENDER)[0], 530, 'MAIL')
        if 'checkpassword-dovecot: /' not in s.log():
            raise Wrong('the log does not say why')


if __name__ == '__main__':
    clients.run((logins, gone), (clients.FakeQueue,))
