"""The protocol: requests as they should be, and as they should not."""
import os
import random
import signal
import socket
import ssl
import struct
import time

import program as P
from place import (NEGATIVE_WAIT_S, client_context, has, same, tcp_pair,
                   until)
from run import case

GOOD = [('role', P.SERVER), ('session', 's1'), ('peer', '192.0.2.1'),
        ('handshake_s', 5), ('local_ip', '192.0.2.2'),
        ('local_port', '25')]


def body_of(wanted):
    return b''.join(P.encode(name, value) for name, value in wanted)


def answer_to(box, text, fds=(), ends=True):
    """What comes back; None: nothing, and the channel is closed."""
    with box.channel() as channel:
        P.send(channel, text, fds)
        if ends:
            channel.shutdown(socket.SHUT_WR)
        try:
            kind, items = P.receive(channel)
        except EOFError as error:
            same(error.args[0], b'', 'half an answer')
            return None
        return kind, items.get('code', [None])[0]


@case
def facts_of_a_session(box):
    certificate = box.put_certificate()
    with box.serving(name='mx.example.org', wanted=GOOD[1:]) as (
            facts, channel, tls):
        tls = tls.result()
        same(facts['verdict'], [P.ENCRYPTED], 'verdict')
        same(facts['version'], [tls.version()], 'version')
        same(facts['cipher'], [tls.cipher()[0]], 'cipher')
        same(facts['group'], ['x25519'], 'group')
        same(facts['sni'], ['mx.example.org'], 'SNI')
        same(len(facts['exporter'][0]), 32, 'exporter')
        tls.sendall(b'EHLO there\r\n')
        same(P.read_exactly(channel, 12), b'EHLO there\r\n', 'inwards')
        channel.sendall(b'250 here\r\n')
        same(tls.recv(100), b'250 here\r\n', 'outwards')
        channel.shutdown(socket.SHUT_WR)
        same(tls.recv(1), b'', 'a close_notify')
    box.logs('event=tls session=s1 client=192.0.2.1 result=encrypted '
             'tls=TLSv1.3')
    has(certificate.decode(), 'BEGIN', 'it')


@case
def pipelined_records(box):
    """R, G and plaintext at once: each record is read to its last octet."""
    box.put_certificate()
    near, far = tcp_pair()
    with box.channel() as channel:
        P.request(channel, GOOD)
        P.go(channel, near)
        channel.sendall(b'220 at once\r\n')
        tls = box.pool.submit(client_context().wrap_socket, far)
        same(P.receive(channel)[0], 'Y', 'first')
        same(P.receive(channel)[0], 'F', 'then')
        same(tls.result().recv(100), b'220 at once\r\n', 'plaintext')
        tls.result().close()


@case(ways=('service',))
def truncated_requests(box):
    box.put_certificate()
    whole = P.record(b'R', body_of(GOOD))
    for at in range(len(whole)):
        same(answer_to(box, whole[:at]), None, '%d octets' % at)
    # As long as it says, but its last item is not.
    for at in range(1, len(body_of(GOOD))):
        got = answer_to(box, P.record(b'R', body_of(GOOD)[:at]))
        if got not in (('E', P.BAD_REQUEST), ('Y', None)):
            raise AssertionError('body of %d octets: %r' % (at, got))
    same(answer_to(box, whole, ends=False), ('Y', None), 'all of it')


@case
def bad_requests(box):
    box.put_certificate()
    many = [('name', 'mx%d.example.org' % i) for i in range(17)]
    prints = [('fingerprint', bytes(32))] * 17
    role = ('role', P.CLIENT)
    rows = (
        (b'', 'no role'),
        (body_of([('role', 3)]), 'role 3'),
        (body_of([role, ('policy', P.VERIFY)]), 'no name'),
        (body_of([role, ('policy', P.VERIFY), ('name', 'a')]), 'no CA'),
        (body_of([role, ('policy', P.FINGERPRINT)]), 'no fingerprint'),
        (body_of([role, ('policy', P.DANE)]), 'DANE'),
        (body_of([role, ('policy', 9)]), 'policy 9'),
        (body_of([role, *many]), 'many names'),
        (body_of([role, *prints]), 'many fingerprints'),
        (body_of([role, ('name', '')]), 'an empty name'),
        (body_of([role, ('name', b'a\0b')]), 'NUL in a name'),
        (body_of([role, ('name', b'a\xff')]), 'no ASCII'),
        (body_of([role, ('server_name', 'a' * 256)]), 'a long name'),
        (body_of([role, ('session', 'a' * 300)]), 'a long session'),
        (body_of([role, ('fingerprint', bytes(31))]), 'a short fingerprint'),
        (body_of([role, ('minimum', 1)]), 'a version that is none'),
        (body_of([role, ('minimum', 86401)]), 'a large number'),
        (body_of([role, ('ciphers', 'no-such-cipher')]), 'ciphers'),
        (P.item(0x81, b'\0\0\1'), 'a short number'),
        (P.item(0xf0, b'') + body_of([role]), 'an unknown tag that counts'),
        (body_of([role, ('ca_file', 0)]), 'a descriptor that is missing'),
    )
    for body, what in rows:
        same(answer_to(box, P.record(b'R', body)), ('E', P.BAD_REQUEST), what)
    # What does not count is skipped.
    same(answer_to(box, P.record(b'R', P.item(0x70, b'x' * 8000) +
                                 body_of([role]))), ('Y', None), 'tag 0x70')
    box.logs('reason="no role"')


@case
def other_records(box):
    box.put_certificate()
    good = body_of(GOOD)
    alien = P.record(b'R', good, version=2)
    same(answer_to(box, alien), ('E', P.OTHER), 'version 2')
    same(answer_to(box, P.record(b'R', good, version=0)), ('E', P.OTHER),
         'version 0')
    for kind in b'GYFE\0\xff':
        same(answer_to(box, P.record(bytes([kind]), good)),
             ('E', P.BAD_REQUEST), 'type %d' % kind)
    for text in (b'XT\1R\0\0', b'GET / HTTP/1.0\r\n\r\n',
                 b'QT\1R' + struct.pack('>H', 8193)):
        same(answer_to(box, text), ('E', P.BAD_REQUEST), repr(text))


@case
def descriptors_that_are_wrong(box):
    box.put_certificate()
    folder = os.open(box.home, os.O_RDONLY)
    null = os.open('/dev/null', os.O_RDWR)
    endless = os.open('/dev/zero', os.O_RDONLY)
    huge = box.open_file(b'')
    os.ftruncate(huge, 1 << 21)
    garbage = box.open_file(b'-----BEGIN CERTIFICATE-----\nxxxx\n')
    ends = os.pipe()
    client = body_of([('role', P.CLIENT)])
    verify = body_of([('role', P.CLIENT), ('policy', P.VERIFY),
                      ('name', 'a')])

    def one(name, fd, body=client):
        return answer_to(box, P.record(b'R', body + P.encode(name, 0)), [fd])
    try:
        for fd in (folder, null, endless, ends[0], huge, garbage):
            same(one('certificate', fd), ('E', P.NO_CERTIFICATE), str(fd))
            same(one('ca_file', fd, verify), ('E', P.INTERNAL), str(fd))
        for fd in (null, ends[0], huge):
            same(one('ca_folder', fd, verify), ('E', P.INTERNAL), str(fd))
        # More than any tag stands for, than there may be, and twice.
        same(answer_to(box, P.record(b'R', client), [null] * 4),
             ('Y', None), 'four that nobody wants')
        got = answer_to(box, P.record(b'R', client), [null] * 5)
        same(got, ('E', P.BAD_REQUEST), 'five')
        same(answer_to(box, P.record(b'R', client + P.encode(
            'key', 0) * 2), [null] * 2), ('E', P.BAD_REQUEST), 'two keys')
    finally:
        for fd in (folder, null, endless, huge, garbage, *ends):
            os.close(fd)


@case
def go_that_is_wrong(box):
    box.put_certificate()
    null = os.open('/dev/null', os.O_RDWR)
    folder = os.open(box.home, os.O_RDONLY)
    ends = os.pipe()
    try:
        for text, fds in ((P.record(b'G'), []), (P.record(b'G'), [null] * 3),
                          (P.record(b'R'), [null]), (b'QT\1', []),
                          (P.record(b'G', version=3), [null]),
                          (b'QT\1G\0\5abc', [null])):
            with box.ready() as channel:
                P.send(channel, text, fds)
                channel.shutdown(socket.SHUT_WR)
                same(channel.recv(100), b'', 'after %r' % text)
        # What is no connection fails as one.
        for fd in (null, folder, ends[1]):
            with box.ready() as channel:
                P.send(channel, P.record(b'G'), [fd])
                kind, items = P.receive(channel)
                same((kind, items['code']), ('E', [P.HANDSHAKE]), str(fd))
    finally:
        for fd in (null, folder, *ends):
            os.close(fd)
    box.logs('result=failed')


@case(ways=('service',))
def noise(box):
    """Any octets, and requests with an octet changed: no crash, no child
    that stays."""
    box.put_certificate()
    dice = random.Random(1)
    whole = P.record(b'R', body_of(GOOD))
    for turn in range(60):
        text = bytearray(whole)
        for _ in range(dice.randrange(1, 4)):
            text[dice.randrange(len(text))] = dice.randrange(256)
        if turn % 3 == 0:
            text = dice.randbytes(dice.randrange(1, 400))
        answer_to(box, bytes(text))
    same(answer_to(box, whole), ('Y', None), 'a good one then')


@case
def program_that_dies(box):
    """In each phase, and nothing is left behind."""
    box.put_certificate()
    box.channel().close()
    channel = box.channel()
    channel.send(b'QT')
    channel.close()
    box.ready().close()
    channel, far = box.hand_over()
    channel.close()
    same(far.recv(1), b'', 'the connection of a program that died')
    box.logs('result=failed reason="TLS handshake failed: the program')
    far.close()
    channel, far = box.hand_over()
    # With TLS 1.2 the server is the first to be done.
    tls = client_context(maximum_version=ssl.TLSVersion.TLSv1_2).wrap_socket(
        far, suppress_ragged_eofs=False)
    channel.close()
    same(tls.recv(1), b'', 'a close_notify')
    tls.close()
    if box.way == 'service':
        until(lambda: not box.children(), 'no child')


@case(ways=('service',))
def child_that_is_killed(box):
    box.put_certificate()
    box.expected = True
    with box.serving() as (_, channel, tls):
        tls = tls.result()
        os.kill(box.children()[0], signal.SIGKILL)
        same(channel.recv(1), b'', 'the channel')
        try:
            got = tls.recv(1)
        except OSError:
            got = None
        same(got, None, 'an end without close_notify')
    box.logs('event=crashed pid=')
    with box.serving() as (facts, channel, tls):
        same(facts['verdict'], [P.ENCRYPTED], 'the next one')
    same(box.said().count('event=crashed'), 1, 'crashes')


@case
def silence(box):
    """Nothing goes to the other side before G."""
    box.put_certificate()
    near, far = tcp_pair()
    with box.ready() as channel:
        far.settimeout(NEGATIVE_WAIT_S)
        try:
            same(far.recv(1), None, 'before G')
        except TimeoutError:
            pass
        began = time.monotonic()
        P.go(channel, near)
        far.close()
        same(P.receive(channel)[1]['code'], [P.HANDSHAKE], 'the answer')
        same(time.monotonic() - began < 5, True, 'at once')
