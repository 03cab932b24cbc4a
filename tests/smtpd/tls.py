#!/usr/bin/env python3
"""tls.py BUILD [CASE...] - Qsmtpd within TLS

The real Qsmtpd behind the real tcpserver, with qsmtp-tls executed for each
session, and Python's ssl as the client.  CASE is a function below.
"""
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import traceback

sys.dont_write_bytecode = True
from place import Build                                 # noqa: E402
from tlspeer import (NAME, UCSPI, Authority, Failure,  # noqa: E402
                     Server, context_of)

LOGINS = {'arguments': ['mx.example.test', '$HOME/bin/checkpassword', 'true']}
AUTH = 'AUTH PLAIN AGFubmEAc2VjcmV0'
FAR = 'user@other.example'
CIPHER12 = 'ECDHE-ECDSA-AES128-GCM-SHA256'


class World:
    """What all cases share: the build, and certificates."""

    def __init__(self, build):
        self.build = build
        self.authority = Authority(build.work + '/ca')
        self.stranger = Authority(build.work + '/stranger')
        self.own = self.authority.issue(NAME, 'DNS:' + NAME)
        self.context = context_of(self.authority)

    def server(self, controls=(), files=(), **more):
        files = {'servercert.pem': self.own[0],
                 'serverkey.pem': self.own[1], **dict(files)}
        return Server(self.build, controls, files, **more)


def want(what, text):
    if not what:
        raise Failure(text)


def greeted(server):
    client = server.connect()
    client.hear('220')
    client.ehlo()
    return client


def hears_nothing(client, known=b''):
    """The end comes, and no word of SMTP before it."""
    text = known + client.rest()
    want(not any(code in text for code in
                 (b'220', b'250', b'334', b'354', b'421', b'4.', b'5.')),
         'heard %r' % text)


def one_mail(world):
    env = {'SSL_CLIENT_S_DN': 'CN=forged', 'SSL_CLIENT_CERT_SHA256': 'forged',
           'SSL_TLS_SNI_SERVERNAME': 'forged'}
    with world.server(env=env, **LOGINS) as server:
        client = server.connect()
        client.hear('220')
        words = client.ehlo()
        want('STARTTLS' in words, 'STARTTLS is not offered')
        want(not any(w.startswith('AUTH') for w in words), 'AUTH in clear')
        client.say('STARTTLS', '220 2.0.0')
        client.handshake(world.context)
        want(client.socket.version() == 'TLSv1.3', 'no TLS 1.3')
        words = client.ehlo()
        want('STARTTLS' not in words, 'STARTTLS within TLS')
        want('AUTH PLAIN LOGIN' in words, 'no AUTH within TLS')
        client.say('STARTTLS', '503 5.5.1')
        client.mail()
        client.quit()
        message, env, process = server.one_mail()
        cipher = client.socket.cipher()[0]
        want('with ESMTPS id ' in message and
             '\n  (TLSv1.3 %s)\n' % cipher in message, message)
        want(env['SSL_PROTOCOL'] == 'TLSv1.3' and
             env['SSL_CIPHER'] == cipher and
             env['SSL_TLS_SNI_SERVERNAME'] == NAME and
             'RELAYCLIENT' not in env and 'SSL_CLIENT_S_DN' not in env and
             'SSL_CLIENT_CERT_SHA256' not in env, str(env))
        want('socket' not in process, process)
        server.log('event=end', 'tls=TLSv1.3 cipher=%s sni=%s' % (
            cipher, NAME), 'reason=quit')


def without_sni(world):
    with world.server() as server:
        client = server.connect().starttls(
            context_of(world.authority, check_hostname=False), None)
        client.ehlo()
        client.mail()
        client.quit()
        want('SSL_TLS_SNI_SERVERNAME' not in server.one_mail()[1], 'SNI')


def at_once(world):
    """SMTPS: TLS before the greeting, which no filter takes for talk."""
    controls = {'filterconf': 'earlytalk\n'}
    with world.server(controls, env={'SMTPS': '1'}) as server:
        client = server.connect().handshake(world.context)
        client.hear('220')
        want('STARTTLS' not in client.ehlo(), 'STARTTLS within TLS')
        client.mail()
        client.quit()
        message, env, _ = server.one_mail()
        want('with ESMTPS id ' in message and
             env['SSL_PROTOCOL'] == 'TLSv1.3', message)
        # Who speaks early does so within TLS.
        client = server.connect().handshake(world.context)
        client.send(b'NOOP\r\n')
        client.hear('554')


def at_once_in_clear(world):
    with world.server(env={'SMTPS': '1'}) as server:
        client = server.connect()
        client.send(b'EHLO client.example\r\nMAIL FROM:<a@far.example>\r\n')
        hears_nothing(client)
        server.log('event=tls', 'result=failed', 'way=embedded')
        server.log('event=end', 'tls=none', 'reason="no TLS"')


def login(world):
    with world.server(**LOGINS) as server:
        client = greeted(server)
        client.say(AUTH, '538')
        client.say('STARTTLS', '220')
        client.handshake(world.context)
        client.say(AUTH, '503')
        client.ehlo()
        client.say(AUTH, '235')
        client.mail(FAR)
        client.quit()
        message, env, _ = server.one_mail()
        want('with ESMTPSA id ' in message and '(relay=auth)' in message,
             message)
        want(env['TCPREMOTEINFO'] == 'anna' and env['RELAYCLIENT'] == '',
             str(env))


def injection(world):
    """STARTTLS and more, cut everywhere: none of it is used after 220."""
    text = b'STARTTLS\r\nEHLO x\r\nMAIL FROM:<evil@far.example>\r\n'
    command = len(b'STARTTLS\r\n')
    for env in ({}, {'RELAYCLIENT': ''}):
        with world.server(env=env) as server:
            for cut in range(1, len(text) + 1):
                client = greeted(server)
                client.send(text[:cut])
                if cut == command:
                    client.hear('220')
                if cut > command:
                    # Both come at once, and are seen at once.
                    client.hear('554 5.5.0')
                try:
                    client.send(text[cut:])
                except ConnectionError:
                    pass
                heard = client.rest()
                want(b'250' not in heard and b'503' not in heard,
                     'cut at %d: %r' % (cut, heard))
                client.close()
            server.log('event=refused', 'setting=pipelining',
                       'reason=STARTTLS')
            server.log('event=tls', 'result=failed')
            want('evil' not in server.text, 'it was used')


def octets(world):
    """The same octet by octet, without waiting."""
    with world.server() as server:
        client = greeted(server)
        try:
            for octet in b'STARTTLS\r\nEHLO x\r\nMAIL FROM:<evil@x>\r\n':
                client.send(bytes([octet]))
        except ConnectionError:
            pass
        heard = client.rest()
        want(b'250' not in heard and b'503' not in heard, str(heard))
        server.log('event=end')
        want('evil' not in server.text, 'it was used')


def forgetting(world):
    with world.server({'authcleartext': '1'},
                      env={'TCPREMOTEINFO': 'ident'}, **LOGINS) as server:
        client = server.connect()
        client.hear('220')
        client.ehlo('before.example')
        client.say(AUTH, '235')
        client.mail(FAR)
        client.say('STARTTLS', '220')
        client.handshake(world.context)
        client.say('MAIL FROM:<a@far.example>', '503')
        client.say('STARTTLS', '503')
        words = client.ehlo('after.example')
        want('AUTH PLAIN LOGIN' in words, 'still logged in: %s' % words)
        client.mail(FAR, '553 5.7.1')
        client.say('RSET', '250')
        client.mail()
        client.quit()
        mails = server.mails()
        want(len(mails) == 2, '%d mails' % len(mails))
        message = mails[1]['message']
        env = mails[1]['environment'].split('\0')
        want('from after.example ' in message and 'anna' not in message and
             'relay=' not in message and 'with ESMTPS id' in message, message)
        want('RELAYCLIENT=' not in env and
             'TCPREMOTEINFO=anna' not in env, str(env))
        server.log('event=end', 'relay=none')


def forgetting_of_friends(world):
    """Who may relay may say MAIL at once, and said no EHLO."""
    with world.server(env={'RELAYCLIENT': ''}) as server:
        client = server.connect().starttls(world.context)
        client.mail(FAR)
        client.quit()
        message, env, _ = server.one_mail()
        want('client.example' not in message and 'with SMTP id' in message
             and 'by=RELAYCLIENT' in message, message)
        want(env['RELAYCLIENT'] == '', str(env))


def certificates(world):
    """Who may relay by one: listed, verified and not revoked."""
    issue = world.authority.issue
    pairs = {
        'listed': issue('listed', 'email:Joe@client.test'),
        'second': issue('second', 'email:x@client.test,email:b@client.test'),
        'common@client.test': issue('common@client.test', 'DNS:x.test'),
        'other': issue('other', 'email:jane@client.test'),
        'revoked': issue('revoked', 'email:joe@client.test'),
        'stranger': world.stranger.issue('listed', 'email:joe@client.test'),
        'none': None,
    }
    world.authority.revoke('revoked')
    files = {'clientca.pem': world.authority.path('ca.pem'),
             'clientcrl.pem': world.authority.list_revoked()}
    lists = 'joe@client.test\nb@client.test\ncommon@client.test\n'
    may = ('listed', 'second', 'common@client.test')
    known = may + ('other',)
    with world.server({'tlsclients': lists}, files,
                      env={'QMAILQUEUEAUTH': '$HOME/bin/qmail-queue'}) \
            as server:
        for name, pair in pairs.items():
            client = server.connect().starttls(
                context_of(world.authority, pair))
            client.ehlo()
            client.mail(FAR, '250' if name in may else '553 5.7.1')
            if name not in may:
                client.say('RSET', '250')
                client.mail()
            client.quit()
            message, env, _ = server.one_mail()
            want(('relay=certificate by=tlsclients' in message) ==
                 (name in may), '%s: %s' % (name, message))
            want('with ESMTPS id' in message, message)
            want(('RELAYCLIENT' in env) == (name in may) and
                 ('SSL_CLIENT_S_DN' in env) == (name in known) and
                 ('SSL_CLIENT_CERT_SHA256' in env) == (name in known),
                 '%s: %s' % (name, env))
            if name in known:
                want(env['SSL_CLIENT_S_DN'] == 'CN=' + name and
                     len(env['SSL_CLIENT_CERT_SHA256']) == 64, str(env))
        server.log('event=end', 'relay=certificate by=tlsclients',
                   'certificate="?CN=listed')


def certificate_instead_of_login(world):
    pair = world.authority.issue('submits', 'email:joe@client.test')
    files = {'clientca.pem': world.authority.path('ca.pem')}
    env = {'SUBMISSION': ''}
    for names, reply in (('joe@client.test\n', '250'),
                         ('other@client.test\n', '530 5.7.0')):
        with world.server({'tlsclients': names}, files, env=env,
                          **LOGINS) as server:
            client = server.connect().starttls(
                context_of(world.authority, pair))
            want('AUTH PLAIN LOGIN' in client.ehlo(), 'no AUTH')
            client.say('MAIL FROM:<a@far.example>', reply)
            # A login goes beyond it.
            client.say('RSET', '250')
            client.say(AUTH, '235')
            client.say('MAIL FROM:<a@far.example>', '250')
            client.say('RCPT TO:<%s>' % FAR, '250')
            client.quit()
            server.log('relay=auth', 'user=anna')


def nobody_is_asked(world):
    pair = world.authority.issue('unasked', 'email:joe@client.test')
    for controls, files in (
            ({'tlsclients': 'joe@client.test\n'}, {}),
            ({}, {'clientca.pem': world.authority.path('ca.pem')})):
        with world.server(controls, files) as server:
            client = server.connect().starttls(
                context_of(world.authority, pair))
            client.ehlo()
            client.mail()
            want('SSL_CLIENT_S_DN' not in server.one_mail()[1], 'was asked')
            client.mail(FAR, '553')


def list_is_unreadable(world):
    pair = world.authority.issue('unread', 'email:joe@client.test')
    files = {'clientca.pem': world.authority.path('ca.pem')}
    for env, reply in (({}, '421 4.3.0'), ({'RELAYCLIENT': ''}, '250')):
        with world.server({'tlsclients': None}, files, env=env) as server:
            client = server.connect().starttls(
                context_of(world.authority, pair))
            client.ehlo()
            client.mail(FAR, reply)
            server.log('event=fault', 'file=control/tlsclients')


def ucspi(world):
    script = world.build.work + '/ucspi.py'
    with open(script, 'w', encoding='ascii') as f:
        f.write(UCSPI)
    for silent in ('no', 'yes'):
        before = [sys.executable, script, *world.own, silent]
        with world.server(env={'UCSPITLS': '!'}, before=before, tls=False,
                          **LOGINS) as server:
            client = server.connect()
            client.hear('220')
            want('STARTTLS' in client.ehlo(), 'STARTTLS is not offered')
            client.say('MAIL FROM:<a@far.example>', '530 5.7.0')
            client.say('STARTTLS', '220 2.0.0')
            if silent == 'yes':
                hears_nothing(client)
                server.log('event=tls', 'result=failed', 'way=ucspi')
                continue
            client.handshake(world.context)
            client.say('MAIL FROM:<a@far.example>', '503')
            words = client.ehlo()
            want('STARTTLS' not in words and 'AUTH PLAIN LOGIN' in words,
                 str(words))
            client.mail()
            client.quit()
            message, env, _ = server.one_mail()
            cipher = client.socket.cipher()[0]
            want('\n  (TLSv1.3 %s)\n' % cipher in message, message)
            want(env['SSL_PROTOCOL'] == 'TLSv1.3' and
                 env['PATH'] != '/nowhere', str(env))
            server.log('event=end', 'tls=TLSv1.3', 'reason=quit')
            client = greeted(server)
            client.send(b'STARTTLS\r\nNOOP\r\n')
            client.hear('554 5.5.0')
            want(client.rest() == b'', 'more behind 554')


def garbage(world):
    for text in (b'NOOP\r\n', b'', b'\x16\x03\x01\x00\x05hello',
                 b'\x16\x03\x01\xff\xff' + bytes(3000),
                 b'EHLO client.example\r\nQUIT\r\n' * 200):
        with world.server() as server:
            client = greeted(server)
            client.say('STARTTLS', '220')
            client.send(text)
            client.socket.shutdown(1)
            hears_nothing(client)
            server.log('event=tls', 'result=failed', 'way=embedded',
                       'reason=')
            server.log('event=end', 'tls=none', 'code=220',
                       'reason="no TLS"')


def cut_off(world):
    """The connection ends without close_notify, in the middle and behind."""
    with world.server() as server:
        for whole in (False, True):
            client = server.connect().starttls(world.context)
            client.ehlo()
            client.say('MAIL FROM:<a@far.example>', '250')
            client.say('RCPT TO:<user@example.test>', '250')
            client.say('DATA', '354')
            client.send(b'Subject: one\r\n\r\ntext\r\n')
            if whole:
                client.say('.', '250')
            os.close(client.socket.detach())
            server.log('event=end', 'rejected=%d' % (not whole),
                       'mails=%d' % whole)
            want(len(server.mails()) == whole, 'whole: %s' % whole)


def forced(world):
    """forcestarttls, and UCSPITLS=! where qsmtp-tls speaks it."""
    for controls, env in (({'filterconf': 'forcestarttls\n'}, {}),
                          ({}, {'UCSPITLS': '!'})):
        with world.server(controls, env=env) as server:
            client = greeted(server)
            client.say('MAIL FROM:<a@far.example>',
                       '250' if controls else '530 5.7.0')
            client.say('RCPT TO:<user@example.test>', '530 5.7.0')
            client.say('RSET', '250')
            client.say('STARTTLS', '220')
            client.handshake(world.context)
            client.ehlo()
            client.mail()
            client.quit()


def ciphers(world):
    context = context_of(world.authority,
                         maximum_version=ssl.TLSVersion.TLSv1_2)
    with world.server(env={'TLSCIPHERS': CIPHER12}) as server:
        client = server.connect().starttls(context)
        client.ehlo()
        client.mail()
        client.quit()
        want('\n  (TLSv1.2 %s)\n' % CIPHER12 in server.one_mail()[0],
             'another cipher')
    with world.server(env={'TLSCIPHERS': 'NO-SUCH-CIPHER'}) as server:
        client = server.connect().starttls(context)
        client.ehlo()
        client.mail()
        client.quit()


def by_service(world):
    """The same by a service, and once that is gone without it."""
    with world.server() as server:
        home = server.place.home
        os.mkdir(home + '/run')
        options = ['-u', 'nobody', '-a', 'root'] if os.geteuid() == 0 else []
        service = subprocess.Popen(
            [world.build.find('qsmtp-tls', outer_first=True), '-s', *options],
            env={'QMAILHOME': home}, stderr=subprocess.PIPE)
        try:
            service.stderr.readline()
            client = server.connect().starttls(world.context)
            client.ehlo()
            client.mail()
            server.one_mail()
            server.read_log()
            want('event=tls' not in server.text, 'it was executed')
        finally:
            service.terminate()
            service.wait()
            service.stderr.close()
        # A session goes on without its parent.
        client.mail()
        client.quit()
        server.one_mail()
        client = server.connect().starttls(world.context)
        client.ehlo()
        client.mail()
        client.quit()
        server.one_mail()
        server.log('event=tls')


def key_is_missing(world):
    """Nothing was said before 454, and all goes on in clear."""
    with Server(world.build, files={'servercert.pem': world.own[0]}) \
            as server:
        client = greeted(server)
        client.say('STARTTLS', '454 4.7.0')
        server.log('event=fault', 'setting=tls', 'way=embedded')
        client.mail()
        client.quit()


CASES = (one_mail, without_sni, at_once, at_once_in_clear,
         login, injection, octets, forgetting, forgetting_of_friends,
         certificates, certificate_instead_of_login, nobody_is_asked,
         list_is_unreadable, ucspi, garbage, cut_off, forced,
         ciphers, by_service, key_is_missing)


def main():
    build = Build(sys.argv[1])
    build.work = tempfile.mkdtemp(prefix='qsmtp-tls.')
    os.chmod(build.work, 0o755)
    failed = []
    chosen = [c for c in CASES if not sys.argv[2:] or
              c.__name__ in sys.argv[2:]]
    try:
        world = World(build)
        for case in chosen:
            try:
                case(world)
            except Exception:   # pylint: disable=broad-except
                failed.append(case.__name__)
                print('failed  %s\n%s' % (case.__name__,
                                          traceback.format_exc()))
    finally:
        shutil.rmtree(build.work, ignore_errors=True)
    print('%d passed, %d failed %s' % (len(chosen) - len(failed),
                                       len(failed), ' '.join(failed)))
    return 1 if failed or not chosen else 0


if __name__ == '__main__':
    sys.exit(main())
