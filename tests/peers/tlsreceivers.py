#!/usr/bin/env python3
"""tlsreceivers.py BUILD [NAME...] - BUILD/Qremote speaks TLS with receivers

Exim, Postfix, OpenSMTPD, aiosmtpd and our own Qsmtpd, by STARTTLS and on port
465: what policies let through and what they hold, in the report, in the
trace of the mail, and in the receiver's own log.  One that cannot run here is
skipped.  Ends with 77 when nothing could be tried.
"""
import collections
import hashlib
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile

import clients
import receivers
import tlspeers
import tlsplace
from clients import Skip, Wrong

sys.path.insert(0, os.path.join(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))), 'fake'))
import dnsd                                             # noqa: E402

SMTPS = 465             # where Qremote begins with TLS
NAME = tlspeers.NAME
UNUSABLE = r', but its certificate will not do: .*; control/tlspolicy wants'
# What comes behind the key in control/tlspolicy; letters; of the report.
# No line at all is an empty one.
ROWS = {
    'none': ('', 'rK', r'\nTLS: TLSv1\.3 \w+\.\n'),
    'verify': ('verify ca={ca}', 'rK', r'\nTLS: TLSv1\.3 \w+, verified by '
               r'control/tlspolicy: peer\.example\.test\.\n'),
    'a suffix': ('verify ca={ca} names=.example.test', 'rK',
                 r', verified by control/tlspolicy: peer\.example\.test\.\n'),
    'another name': ('verify ca={ca} names=mail.far.example', 'Z', UNUSABLE),
    'another CA': ('verify ca={other}', 'Z', UNUSABLE),
    'fingerprint': ('fingerprint sha256={digest}', 'rK',
                    r'\nTLS: TLSv1\.3 \w+, verified by control/tlspolicy: '),
    'another fingerprint': ('fingerprint sha256=' + 64 * '0', 'Z', UNUSABLE),
}


def words(build, kind):
    """What the lines of ROWS name."""
    ca = tlsplace.authority(build)
    folder = os.path.join(ca.folder, 'other')
    other = os.path.join(folder, 'ca.pem')
    if not os.path.exists(other):
        tlsplace.Authority(folder)
    pem = tlsplace.octets(ca.certificate(NAME, kind)[0]).decode('ascii')
    return {'ca': ca.file, 'other': other, 'digest': hashlib.sha256(
        ssl.PEM_cert_to_DER_cert(pem)).hexdigest()}


def policy(receiver, line):
    receiver.write('home/control/tlspolicy', line and '%s:%s\n' % (
        NAME, line.format(**words(receiver.build, receiver.kind))))


def send(receiver, name, wanted, said):
    """A mail; what the report says, and what the receiver does."""
    report = receivers.send(receiver, name, False, wanted)
    if not re.search(said.encode(), report):
        raise Wrong('report %r, wanted %s' % (report, said))
    for text in receiver.texts:
        top = receivers.TRACE.match(text).group().decode('latin-1')
        if not re.search(receiver.seen % 3, re.sub(r'\s+', ' ', top)):
            raise Wrong('another trace: ' + top)


def try_policies(receiver):
    for line, wanted, said in ROWS.values():
        policy(receiver, line)
        send(receiver, 'small', wanted, said)
    policy(receiver, 'verify ca={ca}')
    for name, (_, _, wanted) in receivers.MAILS.items():
        if wanted.endswith('K'):
            send(receiver, name, wanted, r', verified by ')
    return len(ROWS) + len(receivers.MAILS) - 1


def try_logins(receiver):
    """A password goes to whom we know, and to no one else."""
    for name in 'another name', 'another CA', 'verify':
        policy(receiver, ROWS[name][0])
        send(receiver, 'small', *ROWS[name][1:])
    receivers.try_wrong_password(receiver)
    return 4


def try_certificates(receiver):
    """It takes mail from those whose certificate it knows."""
    policy(receiver, ROWS['verify'][0])
    receivers.send(receiver, 'small', False, 'Z')
    certificate, key = tlsplace.authority(receiver.build).certificate('us')
    for name, path in ('clientcert.pem', certificate), ('clientkey.pem', key):
        shutil.copy(path, os.path.join(receiver.home, 'control', name))
    send(receiver, 'small', *ROWS['verify'][1:])
    return 2


def try_broken(receiver):
    """It offers TLS that it cannot: in clear where no policy forbids it."""
    policy(receiver, ROWS['verify'][0])
    failed = 'TLS handshake failed'
    report = receivers.send(receiver, 'small', False, 'Z')
    if failed.encode() not in report:
        raise Wrong('report %r' % report)
    if receiver.at_once:
        raise Skip('openssl s_client cannot, either: ' + failed)
    policy(receiver, '')
    report = receivers.send(receiver, 'small', False, 'rK')
    if b'\nTLS: none, ' + failed.encode() not in report:
        raise Wrong('report %r' % report)
    if b' with ESMTP id ' not in receiver.texts[0]:
        raise Wrong('another trace: %r' % receiver.texts)
    return 'its TLS is broken, which openssl s_client says, too: 2 mails'


def try_all(receiver):
    if receiver.is_broken():
        return try_broken(receiver)
    if receiver.mechanism:
        count = try_logins(receiver)
    elif receiver.asks:
        count = try_certificates(receiver)
    else:
        count = try_policies(receiver)
    if receiver.logged and not re.search(receiver.logged % 3, receiver.log(),
                                         re.M):
        raise Wrong('its log has no ' + receiver.logged % 3)
    return '%d mails' % count


def route_by_name(receiver, dns):
    """As Qremote finds a relay: by name, with its password in the route."""
    def route(password):
        receiver.write('home/control/smtproutes', ':%s:%d%s\n' % (
            NAME, receiver.port, '|%s|%s' % (receivers.LOGIN, password)
            if receiver.mechanism else ''))
        os.chmod(receiver.home + '/control/smtproutes', 0o600)

    receiver.route = route
    receiver.write('home/control/resolvers', '127.0.0.1:%d\n' % dns.port)
    route(receivers.PASSWORD)


def tried(build, kind, parent):
    work = tempfile.mkdtemp(prefix='work.', dir=parent)
    receiver = kind.__new__(kind)
    try:
        receiver.__init__(build, work)
        log = os.path.join(work, 'tlslog')
        with dnsd.Server('%s A 127.0.0.1\n' % NAME) as dns, \
                tlsplace.service(build, receiver.home, log):
            route_by_name(receiver, dns)
            return try_all(receiver)
    except Wrong as why:
        why.log = receiver.log()
        raise
    finally:
        receiver.stop()
        shutil.rmtree(work)


def rows():
    """Each kind, in both ways; title and class."""
    more = ({'asks': True}, 'asks for a certificate'), (
        {'mechanism': 'PLAIN'}, 'with AUTH')
    for kind in (tlspeers.Exim, tlspeers.Postfix, tlspeers.OpenSMTPD,
                 tlspeers.Aio, tlspeers.Own):
        for at_once in False, True:
            for settings, word in (({}, ''), *more):
                if 'asks' in settings and kind not in (
                        tlspeers.Exim, tlspeers.Postfix) or \
                        'mechanism' in settings and kind != tlspeers.Aio:
                    continue
                yield '%s, %s%s' % (kind.__doc__, 'port 465' if at_once else
                                    'STARTTLS', word and ', ' + word), type(
                    kind.__name__, (kind,), {
                        'at_once': at_once, **settings,
                        'fixed_port': SMTPS if at_once else None})


def try_row(build, kind, parent):
    clients.program_of(build, 'Qremote')
    if kind.at_once and not tlspeers.has_network():
        raise Skip('no network of its own, with a port 465: it takes root')
    return tried(build, kind, parent)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build = os.path.abspath(sys.argv[1])
    names = sys.argv[2:]
    counts = collections.Counter()
    parent = os.path.join(build, 'tlsreceivers')
    shutil.rmtree(parent, ignore_errors=True)
    os.makedirs(parent)
    for title, kind in rows():
        if names and not any(n in title for n in names):
            continue
        try:
            word, text = 'passed', try_row(build, kind, parent)
        except Skip as why:
            word, text = 'skipped', str(why)
        except (Wrong, OSError, subprocess.SubprocessError) as why:
            word, text = 'failed', '%s: %s' % (type(why).__name__, why)
            text += ''.join('\n    log| ' + line for line in getattr(
                why, 'log', '').split('\n')[-30:])
        counts[word] += 1
        print('%s  %s: %s' % (word, title, text), flush=True)
    print('%d passed, %d failed' % (counts['passed'], counts['failed']))
    if counts['failed']:
        sys.exit(1)
    sys.exit(0 if counts['passed'] else 77)


if __name__ == '__main__':
    main()
