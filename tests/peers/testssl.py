#!/usr/bin/env python3
"""testssl.py BUILD [NAME...] - testssl.sh looks for holes in the TLS of
BUILD/Qsmtpd

By STARTTLS and with TLS at once, with an ECDSA and an RSA certificate.
Ends with 77 when nothing could be tried.
"""
import json
import os
import subprocess

import clients
import tlsplace
from clients import Wrong

LIMIT_S = 400
# What the test's own CA does not have: a list of what it revoked.  Nor is the
# address that testssl.sh connects to in a certificate.  And OpenSSL here.
TRUST = {'cert_trust', 'cert_revocation', 'engine_problem'}
BAD = ('MEDIUM', 'HIGH', 'CRITICAL', 'FATAL', 'WARN')
# Protocols, ciphers, forward secrecy, server defaults and preference, holes.
LOOKS = ('-p', '-s', '-f', '-S', '-P', '-U')
# A scan that has not got so far shows nothing.
SEEN = {'SSLv2': 'not offered', 'SSLv3': 'not offered', 'TLS1': 'not offered',
        'TLS1_1': 'not offered', 'TLS1_2': 'offered',
        'TLS1_3': 'offered with final', 'CCS': 'not vulnerable',
        'secure_client_renego': 'not vulnerable',
        'CRIME_TLS': 'not vulnerable', 'ROBOT': 'not vulnerable',
        'SWEET32': 'not vulnerable', 'FREAK': 'not vulnerable',
        'LOGJAM': 'not vulnerable', 'DROWN': 'not vulnerable'}


def scan(build, s, *options):
    """What it found, as it writes it."""
    path = os.path.join(s.home, 'found.json')
    done = subprocess.run(
        [clients.program(build, 'testssl'), *options, *LOOKS, '--quiet',
         '--warnings', 'off', '--color', '0', '--nodns', 'none',
         '--add-ca', tlsplace.authority(build).file, '--jsonfile', path,
         '127.0.0.1:%d' % s.port],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=s.home,
        stderr=subprocess.STDOUT, timeout=LIMIT_S, check=False)
    text = done.stdout.decode('latin-1')
    try:
        with open(path, encoding='utf-8') as file:
            return json.load(file), text
    except (OSError, ValueError) as why:
        raise Wrong('testssl.sh ended with %d, %s:\n%s' % (
            done.returncode, why, text)) from why


def judge(found, text):
    said = {}
    for one in found:
        said.setdefault(one['id'].split(' ')[0], one['finding'])
    for name, wanted in SEEN.items():
        if not said.get(name, '').startswith(wanted):
            raise Wrong('%s: %r, wanted %s\n%s' % (name, said.get(name),
                                                   wanted, text))
    bad = ['%(severity)s %(id)s: %(finding)s' % one for one in found
           if one['severity'] in BAD
           and one['id'].split(' ')[0] not in TRUST]
    if bad:
        raise Wrong('\n'.join(bad))
    return '%d findings, none of them bad' % len(found)


def by_starttls(build, kind):
    """After EHLO and STARTTLS."""
    with tlsplace.server(build, kind) as s:
        return judge(*scan(build, s, '-t', 'smtp'))


def at_once(build, kind):
    """As on port 465."""
    with tlsplace.server(build, kind, (), {'SMTPS': '1'}) as s:
        return judge(*scan(build, s))


if __name__ == '__main__':
    clients.run((by_starttls, at_once), (clients.FakeQueue,))
