#!/usr/bin/env python3
"""logins.py BUILD [NAME...] - real clients log in at BUILD/Qsmtpd and relay

swaks and Python's smtplib with each mechanism, in both forms of asking a
checkpassword program (checkpassword.py beside this).  Ends with 77 when
nothing could be tried.
"""
import contextlib
import os
import re
import smtplib

import clients
from clients import Wrong, expect

CHECKER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       'checkpassword.py')
MECHANISMS = 'PLAIN LOGIN CRAM-MD5'
USER, PASSWORD = 'anna', 'a secret, "$HOME"\\'
SENDER, STRANGER = 'anna@example.test', 'user@far.example'
# What a client leaves for the submission server to add.
BARE = b'From: <anna@example.test>\r\nSubject: bare\r\n\r\ntext\r\n'
FORMS = {'challenge': ('auth.example.test',), 'digest': ()}


def server(build, kind, form, environment=None, **controls):
    """AUTH is offered in clear text, and failures cost no time."""
    files = {'authcleartext': '1', 'authdelay': '0', 'authtypes': MECHANISMS}
    files.update(controls)
    return clients.server(build, kind, (*FORMS[form], CHECKER, form, 'true'),
                          environment, **files)


def expect_mail(s, protocol, user=USER):
    """The one mail, its trace and what is in it."""
    mails = s.queue.mails()
    expect([m[:2] for m in mails], [(SENDER, [STRANGER])], 'envelopes')
    text = mails[0][2]
    received = text[:len(text) - len(clients.without_trace(text))].decode()
    if '(auth=%s)' % user not in received or ' with %s id ' % protocol \
            not in received or '(relay=auth)' not in received:
        raise Wrong('another Received: ' + received)
    return clients.without_trace(text)


def logins(s):
    """(result, mechanism) of each login that the log has."""
    return re.findall(r'event=login .* result=(\w+) .*mechanism=(\S+) ',
                      s.log())


def expect_relay_refused(client):
    """Nobody who is not logged in relays, whatever was tried before."""
    client.rset()
    expect(client.mail(SENDER)[0], 250, 'MAIL')
    code, text = client.rcpt(STRANGER)
    expect((code, text[:5]), (553, b'5.7.1'), 'RCPT')
    client.rset()


@contextlib.contextmanager
def refused_login(code):
    try:
        yield
    except smtplib.SMTPAuthenticationError as why:
        expect(why.smtp_code, code, 'reply to a wrong password')
    else:
        raise Wrong('a wrong password is good')


def smtplib_client(s):
    client = smtplib.SMTP('127.0.0.1', s.port, 'client.example')
    client.ehlo()
    return client


def smtplib_mechanisms(build, kind):
    """Each mechanism, with and without an initial response."""
    count = 0
    for form in FORMS:
        for name, initial in (('PLAIN', True), ('PLAIN', False),
                              ('LOGIN', True), ('LOGIN', False),
                              ('CRAM-MD5', True), ('CRAM-MD5', False)):
            with server(build, kind, form) as s, smtplib_client(s) as c:
                expect(c.esmtp_features['auth'].split(), MECHANISMS.split(),
                       'AUTH offered')
                method = getattr(c, 'auth_' + name.lower().replace('-', '_'))
                c.user, c.password = USER, 'wrong'
                with refused_login(535):
                    c.auth(name, method, initial_response_ok=initial)
                expect_relay_refused(c)
                c.password = PASSWORD
                code, text = c.auth(name, method, initial_response_ok=initial)
                expect((code, text[:5]), (235, b'2.7.0'), 'AUTH')
                c.sendmail(SENDER, [STRANGER], clients.BODY)
                expect(expect_mail(s, 'ESMTPA'), clients.STORED, 'message')
                expect(logins(s), [('refused', name), ('ok', name)], 'log')
                count += 1
    return '%d sessions' % count


def smtplib_chooses(build, kind):
    """login() takes the best one offered, and tries all of them in vain."""
    for form in FORMS:
        for offered, best in ((MECHANISMS, 'CRAM-MD5'),
                              ('LOGIN PLAIN', 'PLAIN'), ('LOGIN', 'LOGIN')):
            with server(build, kind, form, authtypes=offered) as s:
                with smtplib_client(s) as c:
                    c.login(USER, PASSWORD)
                    c.sendmail(SENDER, [STRANGER], clients.BODY)
                expect(expect_mail(s, 'ESMTPA'), clients.STORED, 'message')
                expect(logins(s), [('ok', best)], 'log')
        with server(build, kind, form) as s:
            # The third failure ends the session.
            with smtplib_client(s) as c, refused_login(421):
                c.login(USER, 'wrong')
            expect(logins(s), [('refused', 'CRAM-MD5'), ('refused', 'PLAIN'),
                               ('refused', 'LOGIN')], 'log')


def swaks_mechanisms(build, kind):
    """Each mechanism with a right and a wrong password, and any of them."""
    text = 'From: <%s>\\nSubject: t\\n\\ntext\\n' % SENDER
    for form in FORMS:
        for name in (*MECHANISMS.split(), ''):
            options = ('--from', SENDER, '--to', STRANGER, '--data', text,
                       '--auth', *([name] if name else []), '--auth-user',
                       USER, '--auth-password')
            with server(build, kind, form) as s:
                code, said = clients.swaks_run(build, s.port, *options,
                                               'wrong')
                # Without a name it tries all that are offered.
                if code != 28 or ('421 4.7.0' if not name else '535 5.7.8') \
                        not in said:
                    raise Wrong('swaks, %s, a wrong password: %d\n%s' % (
                        name, code, said[-2000:]))
                expect(s.queue.mails(), [], 'mails')
                code, said = clients.swaks_run(build, s.port, *options,
                                               PASSWORD)
                if code != 0 or '235 2.7.0' not in said:
                    raise Wrong('swaks, %s: %d\n%s' % (name, code,
                                                       said[-2000:]))
                if not expect_mail(s, 'ESMTPA').endswith(b'\n\ntext\n\n'):
                    raise Wrong('another message: %r' % s.queue.mails())


def swaks_octets(build, kind):
    """A user and a password beyond ASCII."""
    for form in FORMS:
        for name in MECHANISMS.split():
            with server(build, kind, form) as s:
                code, said = clients.swaks_run(
                    build, s.port, '--from', SENDER, '--to', STRANGER,
                    '--auth', name, '--auth-user', 'jörg', '--auth-password',
                    'gräßlich')
                if code != 0:
                    raise Wrong('swaks, %s: %d\n%s' % (name, code,
                                                       said[-2000:]))
                expect_mail(s, 'ESMTPA', 'j??rg')


def not_offered(build, kind):
    """In clear text AUTH takes authcleartext, and forcesslauth forbids it."""
    for files in ({'authcleartext': '0'}, {'forcesslauth': '1'}):
        with server(build, kind, 'digest', **files) as s:
            code, said = clients.swaks_run(
                build, s.port, '--from', SENDER, '--to', STRANGER, '--auth',
                'PLAIN', '--auth-user', USER, '--auth-password', PASSWORD)
            if code != 28 or 'did not advertise auth' not in said:
                raise Wrong('swaks without AUTH: %d\n%s' % (code,
                                                            said[-2000:]))
            with smtplib_client(s) as c:
                try:
                    c.login(USER, PASSWORD)
                    raise Wrong('smtplib finds AUTH')
                except smtplib.SMTPNotSupportedError:
                    pass
                c.user, c.password = USER, PASSWORD
                with refused_login(538):
                    c.auth('PLAIN', c.auth_plain)
                expect_relay_refused(c)


def submission(build, kind):
    """Login first, Date and Message-ID added, From needed; behind TLS."""
    environment = {'SUBMISSION': '', 'SSL_PROTOCOL': 'TLSv1.3'}
    with server(build, kind, 'digest', environment, authcleartext='0',
                msgidhost='ids.example.test') as s:
        with smtplib_client(s) as c:
            try:
                c.sendmail(SENDER, [STRANGER], BARE)
                raise Wrong('taken without a login')
            except smtplib.SMTPSenderRefused as why:
                expect((why.smtp_code, why.smtp_error[:5]), (530, b'5.7.0'),
                       'reply to MAIL')
            c.login(USER, PASSWORD)
            try:
                c.sendmail(SENDER, [STRANGER],
                           b'Subject: nobody\r\n\r\ntext\r\n')
                raise Wrong('taken without From')
            except smtplib.SMTPDataError as why:
                expect((why.smtp_code, why.smtp_error[:5]), (550, b'5.6.0'),
                       'reply to data')
            c.sendmail(SENDER, [STRANGER], BARE)
        text = expect_mail(s, 'ESMTPSA').decode()
        if not re.fullmatch(
                r'From: <anna@example\.test>\nSubject: bare\nDate: \w{3}, '
                r'\d\d \w{3} \d{4} [\d:]{8} \+0000\nMessage-ID: '
                r'<[0-9a-f.]+@ids\.example\.test>\n\ntext\n', text):
            raise Wrong('another message: ' + text)


def submission_swaks(build, kind):
    """swaks brings its own Date and Message-Id, which stay."""
    with server(build, kind, 'challenge', {'SUBMISSION': ''}) as s:
        options = ('--from', SENDER, '--to', STRANGER)
        code, said = clients.swaks_run(build, s.port, *options)
        if code != 23 or '530 5.7.0' not in said:
            raise Wrong('swaks without a login: %d\n%s' % (code,
                                                           said[-2000:]))
        code, said = clients.swaks_run(
            build, s.port, *options, '--auth', 'CRAM-MD5', '--auth-user',
            USER, '--auth-password', PASSWORD)
        if code != 0:
            raise Wrong('swaks: %d\n%s' % (code, said[-2000:]))
        text = expect_mail(s, 'ESMTPA')
        for name in (b'Date', b'Message-Id', b'From'):
            expect(len(re.findall(rb'^%s: ' % name, text, re.I | re.M)), 1,
                   name.decode())


def bound(build, kind):
    """A login that authsenders-allowed binds sends as nobody else."""
    with server(build, kind, 'digest', **{
            'authsenders-allowed': 'anna|anna@example.test'}) as s:
        with smtplib_client(s) as c:
            c.login(USER, PASSWORD)
            for sender, wanted in (('boss@example.test', 553), (SENDER, 250)):
                expect(c.mail(sender)[0], wanted, 'MAIL as ' + sender)
                c.rset()
            try:
                c.sendmail(SENDER, [STRANGER], BARE.replace(b'anna', b'boss'))
                raise Wrong('taken with another author')
            except smtplib.SMTPDataError as why:
                expect(why.smtp_code, 553, 'reply to data')
            c.sendmail(SENDER, [STRANGER], BARE)
        expect(expect_mail(s, 'ESMTPA'), BARE.replace(b'\r\n', b'\n'),
               'message')


if __name__ == '__main__':
    clients.run((smtplib_mechanisms, smtplib_chooses, swaks_mechanisms,
                 swaks_octets, not_offered, submission, submission_swaks,
                 bound), (clients.FakeQueue,))
