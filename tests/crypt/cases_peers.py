"""Versions, ciphers and groups; and openssl(1) as the other side."""
import os
import signal
import socket
import ssl
import subprocess

import program as P
from place import WAIT_S, client_context, has, same, until
from run import case

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def lower(version, **more):
    """A client that would take older versions."""
    context = client_context(**more)
    context.minimum_version = version
    context.maximum_version = version
    context.set_ciphers('ALL:@SECLEVEL=0')
    return context


@case
def versions(box):
    """(control/tlsserverminimum, TAG_MINIMUM, the client's, what comes)"""
    box.put_certificate()
    rows = (
        ('', 0, V12, 'TLSv1.2'), ('', 0, V13, 'TLSv1.3'),
        ('', 0, ssl.TLSVersion.TLSv1_1, None),
        ('', 0x0304, V12, None), ('', 0x0304, V13, 'TLSv1.3'),
        ('', 0x0302, ssl.TLSVersion.TLSv1_1, 'TLSv1.1'),
        ('1.3\n', 0, V12, None), ('1.3\n', 0, V13, 'TLSv1.3'),
        ('1.0\n', 0, ssl.TLSVersion.TLSv1, 'TLSv1'),
        ('1.4\n', 0, ssl.TLSVersion.TLSv1_1, None),
        ('1.4\n', 0, V12, 'TLSv1.2'),
    )
    before = None
    for control, minimum, version, expected in rows:
        if control != before:
            box.put('tlsserverminimum', control)
            reload(box)
            before = control
        with box.serving(lower(version),
                         wanted=[('minimum', minimum)] if minimum else [],
                         kind='F' if expected else 'E') as (facts, _, tls):
            same(facts.get('version', [None]), [expected], repr(
                (control, minimum, version)))
    box.logs('file=control/tlsserverminimum reason="no version of TLS')


def reload(box):
    if box.service is not None:
        loads = box.said().count('event=loaded')
        box.service.send_signal(signal.SIGHUP)
        until(lambda: box.said().count('event=loaded') > loads, 'a reload')


@case
def ciphers_and_groups(box):
    """Of control, of the request, and what nobody knows."""
    box.put_certificate()
    rows = (
        ('ECDHE-ECDSA-CHACHA20-POLY1305\n', '', V12,
         'ECDHE-ECDSA-CHACHA20-POLY1305'),
        ('# TLS 1.3\nTLS_CHACHA20_POLY1305_SHA256\nHIGH\n', '', V13,
         'TLS_CHACHA20_POLY1305_SHA256'),
        ('HIGH\n', 'TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256',
         V13, 'TLS_AES_128_GCM_SHA256'),
        ('HIGH\n', 'ECDHE-ECDSA-AES128-GCM-SHA256', V12,
         'ECDHE-ECDSA-AES128-GCM-SHA256'),
        ('no-such-cipher\n', '', V13, 'TLS_AES_256_GCM_SHA384'),
    )
    for control, wanted, version, expected in rows:
        box.put('tlsserverciphers', control)
        reload(box)
        with box.serving(client_context(maximum_version=version),
                         wanted=[('ciphers', wanted)] if wanted else []) as (
                facts, _, tls):
            same(facts['cipher'], [expected], control)
    box.logs('file=control/tlsserverciphers')
    os.unlink(box.path('control/tlsserverciphers'))
    for control, expected in (('P-384\n', 'secp384r1'),
                              ('no-such-group\nP-384\n', 'x25519')):
        box.put('tlsservergroups', control)
        reload(box)
        with box.serving() as (facts, _, tls):
            same(facts['group'], [expected], control)
    box.logs('file=control/tlsservergroups '
             'reason="OpenSSL\'s own groups are offered"')


def tell(process, text):
    process.stdin.write(text)
    process.stdin.flush()


def read_until(process, words):
    """Lines of what openssl(1) says, the last of which has the words."""
    text = b''
    line = b''
    while words not in line:
        line = process.stdout.readline()
        text += line
        if not line:
            raise AssertionError('openssl is gone: %.600r' % text)
    return text


def s_client(box, *words, wanted=()):
    """openssl s_client at the far end: F, the channel and the process."""
    channel = box.ready(P.SERVER, wanted)
    with socket.create_server(('127.0.0.1', 0)) as listener:
        process = subprocess.Popen(
            ['openssl', 's_client', '-connect', '127.0.0.1:%d' %
             listener.getsockname()[1], *words], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        near = listener.accept()[0]
    P.go(channel, near)
    return P.receive(channel), channel, process


@case
def openssl_as_client(box):
    certificate, key = box.mill.issue('mx.example.org')
    box.put('servercert.pem', key + certificate)
    ca = box.put('ca.pem', box.mill.ca)
    for words, version in ((['-tls1_2'], 'TLSv1.2'), (['-tls1_3'], 'TLSv1.3')):
        (kind, facts), channel, process = s_client(
            box, *words, '-CAfile', ca, '-verify_return_error',
            '-verify_hostname', 'mx.example.org', '-servername',
            'mx.example.org')
        with channel:
            same((kind, facts['version']), ('F', [version]), 'facts')
            channel.sendall(b'220 mx.example.org\r\n')
            tell(process, b'EHLO there\n')
            same(P.read_exactly(channel, 11), b'EHLO there\n', 'it')
            text = read_until(process, b'220 mx.example.org')
            if version == 'TLSv1.3':    # new keys in both directions
                tell(process, b'K\n')
                text += read_until(process, b'KEYUPDATE')
                tell(process, b'NOOP\n')
                same(P.read_exactly(channel, 5), b'NOOP\n', 'it')
                channel.sendall(b'250 still here\r\n')
                text += read_until(process, b'250 still here')
            else:       # It is refused, which s_client takes badly.
                tell(process, b'R\n')
                same(channel.recv(1), b'', 'the end')
        text += process.communicate(timeout=WAIT_S)[0]
        has(text, b'Verification: OK', 's_client')
        same(b'Reused' in text or b'New Session Ticket' in text, False,
             'tickets')


@case
def alerts_of_the_other_side(box):
    """What it says is in the answer and in the log."""
    box.put_certificate()
    for context, words in (
            (client_context(box.mill.ca), None),
            (client_context(box.mill.issue(
                'stranger', is_self_signed=True)[0]), 'alert unknown ca')):
        with box.serving(context, kind='E' if words else 'F') as (
                facts, _, tls):
            if words:
                has(facts['text'][0], words, 'the answer')
                box.logs('result=failed reason="TLS handshake failed: '
                         'tlsv1 ' + words)


@case
def openssl_as_server(box):
    pair = box.mill.issue('mx.example.org')
    path = box.put('server.pem', b''.join(pair))
    for words, version in ((['-tls1_2'], 'TLSv1.2'),
                           (['-tls1_3', '-groups', 'P-521'], 'TLSv1.3')):
        process = subprocess.Popen(
            ['openssl', 's_server', '-accept', '127.0.0.1:0', '-cert', path,
             '-naccept', '1', *words], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        line = read_until(process, b'ACCEPT').splitlines()[-1]
        near = socket.create_connection(
            ('127.0.0.1', int(line.split(b':')[-1])))
        channel = box.ready(P.CLIENT, [
            ('policy', P.VERIFY), ('name', 'mx.example.org'),
            ('server_name', 'mx.example.org'),
            ('ca_file', box.open_file(box.mill.ca))])
        with channel:
            P.go(channel, near)
            kind, facts = P.receive(channel)
            same((kind, facts.get('verdict'), facts.get('version')),
                 ('F', [P.VERIFIED], [version]), str(facts))
            tell(process, b'220 here\n')
            same(P.read_exactly(channel, 9), b'220 here\n', 'it')
            channel.sendall(b'EHLO us\n')
            read_until(process, b'EHLO us')
        process.communicate(timeout=WAIT_S)


@case
def clients_that_fail(box):
    """A server that speaks no TLS, none that we take, or that hangs up."""
    channel, far = box.hand_over(P.CLIENT)
    with channel, far:
        far.recv(5)
        far.sendall(b'220 clear text here\r\n')
        same(P.receive(channel)[1]['code'], [P.HANDSHAKE], 'clear text')
    channel, far = box.hand_over(P.CLIENT)
    with channel, far:
        far.recv(5)
        far.shutdown(socket.SHUT_WR)
        has(P.receive(channel)[1]['text'][0], 'hung up', 'the answer')
    pair = box.mill.issue('mx.example.org')
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = V12
    with box.calling(pair, [('minimum', 0x0304)], kind='E',
                     context=context) as (facts, _, tls):
        has(facts['text'][0], 'alert protocol version', 'the answer')
