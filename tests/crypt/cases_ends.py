"""How a session goes on and how it ends, well or badly."""
import os
import select
import signal
import socket
import ssl
import struct
import threading
import time

import program as P
from cases_certificates import hello
from place import WAIT_S, client_context, has, reset, same, until
from run import case

BIG = 3 << 20


def times(pid):
    """Seconds of CPU that a process has used."""
    with open('/proc/%d/stat' % pid) as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def the_child(box):
    return box.executed[-1].pid if box.way == 'embedded' \
        else box.children()[-1]


def failed(box, channel, text):
    kind, items = P.receive(channel)
    same((kind, items['code']), ('E', [P.HANDSHAKE]), 'the answer')
    has(items['text'][0], text, 'its text')
    same(channel.recv(1), b'', 'behind it')
    box.logs('result=failed reason="TLS handshake failed: ' + text)


@case
def garbage_for_a_hello(box):
    box.put_certificate()
    for text, reason in ((b'EHLO there\r\nMAIL FROM:<>\r\n', 'wrong version'),
                         (bytes(100), ''), (b'\x16\3\1\0\5\2\0\0\1\0', ''),
                         (b'\x15\3\1\0\2\2\x28', ''), (b'\x16\3\1\xff\xff', '')):
        channel, far = box.hand_over()
        with channel, far:
            far.sendall(text + b'\n' * 10)
            far.shutdown(socket.SHUT_WR)
            failed(box, channel, reason)


@case
def handshakes_cut_off(box):
    """At each record of a client's, and in the middle of each."""
    box.put_certificate()
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        for octets in (0, 3, 5, 40, 200):
            channel, far = box.hand_over()
            with channel, far:
                far.sendall(hello(b'mx.example.org')[:octets])
                far.shutdown(socket.SHUT_WR)
                if octets < 40:
                    failed(box, channel, 'the other side hung up')
                else:
                    same(P.receive(channel)[0], 'E', 'the answer')
        for records in (1, 2, 3):
            cut_off(box, version, records)


def cut_off(box, version, records):
    """Carry a handshake by hand, so many records of the client's."""
    context = client_context(maximum_version=version)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing)
    channel, far = box.hand_over()
    with channel, far:
        pending = b''
        while records > 0:
            try:
                tls.do_handshake()
                is_done = True
            except ssl.SSLWantReadError:
                is_done = False
            pending += outgoing.read()
            while records > 0 and pending:
                size = 5 + struct.unpack('>H', pending[3:5])[0]
                far.sendall(pending[:size])
                pending = pending[size:]
                records -= 1
            if is_done:
                break
            if records > 0:
                incoming.write(far.recv(16384))
        if records == 0 and pending:
            far.shutdown(socket.SHUT_WR)
            same(P.receive(channel)[0], 'E', 'the answer')


@case
def handshakes_that_stall(box):
    """Whether nothing comes or one octet now and then: it ends in time."""
    box.put_certificate()
    for drips in (False, True):
        channel, far = box.hand_over(wanted=[('handshake_s', 1)])
        with channel, far:
            began = time.monotonic()
            stop = threading.Event()

            def drip():
                for octet in hello(b'a' * 250) * 2:
                    if stop.wait(0.05):
                        break
                    far.send(bytes([octet]))
            if drips:
                box.pool.submit(drip)
            failed(box, channel, 'it took too long')
            stop.set()
            took = time.monotonic() - began
            same(0.9 < took < 5, True, 'after 1 s, not %.1f' % took)
            if box.way == 'service' and not drips:
                same(times(box.service.pid) < 1, True, 'no busy loop')


@case
def both_ways_at_once(box):
    """More than all buffers hold, in each version and both directions."""
    box.put_certificate()
    octets = os.urandom(BIG)
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = client_context(maximum_version=version)
        with box.serving(context) as (_, channel, tls):
            tls = tls.result()
            jobs = [box.pool.submit(channel.sendall, octets),
                    box.pool.submit(P.read_exactly, tls, BIG),
                    box.pool.submit(P.read_exactly, channel, BIG)]
            # OpenSSL's own socket takes one direction at a time in Python.
            same(jobs[1].result(), octets, 'outwards')
            tls.sendall(octets)
            same(jobs[2].result(), octets, 'inwards')


@case
def two_descriptors(box):
    """Pipes: one to read, one to write."""
    box.put_certificate()
    near_in, far_out = os.pipe()
    far_in, near_out = os.pipe()
    with box.ready() as channel:
        P.send(channel, P.record(b'G'), [near_in, near_out])
        os.close(near_in)
        os.close(near_out)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = client_context().wrap_bio(incoming, outgoing)
        step(tls.do_handshake, far_in, far_out, incoming, outgoing)
        same(P.receive(channel)[0], 'F', 'the answer')
        tls.write(b'inwards')
        os.write(far_out, outgoing.read())
        same(P.read_exactly(channel, 7), b'inwards', 'it')
        channel.sendall(b'outwards')
        same(step(lambda: tls.read(100), far_in, far_out, incoming, outgoing),
             b'outwards', 'it')
        channel.close()
        same(step(lambda: tls.read(100), far_in, far_out, incoming, outgoing),
             b'', 'a close_notify')
        same(os.read(far_in, 1), b'', 'the end of the pipe')
        os.close(far_in)
        os.close(far_out)


def step(what, far_in, far_out, incoming, outgoing):
    while True:
        try:
            return what()
        except ssl.SSLWantReadError:
            text = outgoing.read()
            if text:
                os.write(far_out, text)
            text = os.read(far_in, 65536)
            if not text:
                raise EOFError
            incoming.write(text)
        finally:
            text = outgoing.read()
            if text:
                os.write(far_out, text)


@case
def other_side_says_goodbye(box):
    """The program sees the end, and may go on to write."""
    box.put_certificate()
    with box.serving() as (_, channel, tls):
        tls = tls.result()
        tls.sendall(b'QUIT\r\n')
        half = tls.unwrap
        goodbye = box.pool.submit(half)
        same(P.read_exactly(channel, 6), b'QUIT\r\n', 'it')
        same(channel.recv(1), b'', 'the end')
        channel.close()
        goodbye.result()
    same('result=broken' in box.said(), False, 'the log')


@case
def hangs_up_behind_the_last_word(box):
    box.put_certificate()
    with box.serving() as (_, channel, tls):
        tls = tls.result()
        tls.sendall(b'QUIT\r\n')
        same(P.read_exactly(channel, 6), b'QUIT\r\n', 'it')
        channel.sendall(b'221 bye\r\n')
        same(P.read_exactly(tls, 9), b'221 bye\r\n', 'the answer')
        socket.socket(fileno=tls.detach()).close()
        same(channel.recv(1), b'', 'the end')
    same('result=broken' in box.said(), False, 'the log')


@case
def no_close_notify(box):
    box.put_certificate()
    for how in (socket.socket.close, reset):
        with box.serving() as (_, channel, tls):
            tls = tls.result()
            tls.sendall(b'DATA\r\n')
            same(P.read_exactly(channel, 6), b'DATA\r\n', 'it')
            raw = socket.socket(fileno=tls.detach())
            how(raw)
            same(channel.recv(1), b'', 'the end')
            channel.sendall(b'421 for nobody\r\n')
    box.logs('result=broken reason="cut off: no close_notify"')
    box.logs('result=broken reason="Connection reset by peer"')


@case
def goodbye_and_reset(box):
    """A close_notify, then a RST, while the program goes on to write: that
    is the end of TLS, and no reason to spin."""
    box.put_certificate()
    channel, far = box.hand_over()
    far.settimeout(None)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = client_context().wrap_bio(incoming, outgoing)
    with channel:
        step(tls.do_handshake, far.fileno(), far.fileno(), incoming, outgoing)
        same(P.receive(channel)[0], 'F', 'the answer')
        try:
            tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        far.sendall(outgoing.read())
        same(channel.recv(1), b'', 'the end')
        reset(far)
        # It takes what it is given, for nobody.
        for _ in range(20):
            channel.sendall(bytes(16384))
        child = the_child(box)
        before = times(child)
        select.select([], [], [], 0.5)
        same(times(child) - before < 0.25, True, 'no busy loop')
    if box.way == 'service':
        until(lambda: not box.children(), 'no child')


@case
def a_program_that_reads_nothing(box):
    """Nor is there a loop where both sides wait for the other."""
    box.put_certificate()
    with box.serving() as (_, channel, tls):
        tls = tls.result()
        tls.settimeout(0.3)
        try:
            while True:
                tls.send(bytes(16384))
        except TimeoutError:
            pass
        child = the_child(box)
        before = times(child)
        select.select([], [], [], 0.5)
        same(times(child) - before < 0.25, True, 'no busy loop')
        reset(tls)
        channel.settimeout(5)
        same(len(channel.recv(1000)), 1000, 'what had come')


@case
def a_deaf_other_side(box):
    """A program that died with much to say to somebody who does not read."""
    box.put_certificate()
    box.is_narrow = True
    with box.serving() as (_, channel, tls):
        tls.result()
        channel.settimeout(0.3)
        try:
            while True:
                channel.send(bytes(65536))
        except TimeoutError:
            pass
        child = the_child(box)
        channel.close()
        before = times(child)
        select.select([], [], [], 0.5)
        same(times(child) - before < 0.25, True, 'no busy loop')
        os.kill(child, 0)       # it still waits for that side to read
        reset(tls.result())
    if box.way == 'service':
        until(lambda: not box.children(), 'no child')


@case
def last_words(box):
    """Input unread, 221 and the end: the reply arrives, with the end."""
    box.put_certificate()
    with box.serving() as (_, channel, tls):
        tls = tls.result()
        tls.sendall(b'QUIT\r\n' + bytes(120000))
        same(P.read_exactly(channel, 6), b'QUIT\r\n', 'it')
        channel.sendall(b'221 bye\r\n')
        channel.close()
        same(P.read_exactly(tls, 9), b'221 bye\r\n', 'the reply')
        same(tls.recv(1), b'', 'a close_notify')


@case(ways=('service',), ordinary=True)
def idle_for_too_long(box):
    box.put_certificate()
    with box.serving(wanted=[('idle_s', 0)]) as (_, channel, tls):
        began = time.monotonic()
        channel.settimeout(WAIT_S)
        same(channel.recv(1), b'', 'the end')
        took = time.monotonic() - began
        same(9 < took < 15, True, 'after the grace of 10 s, not %.1f' % took)
        tls.result()
    box.logs('result=broken reason="idle for too long"')


@case(ways=('service',))
def a_log_that_is_full_or_gone(box):
    """Sessions go on without."""
    box.put_certificate()
    out, into = os.pipe()
    os.set_blocking(into, False)
    try:
        while True:
            os.write(into, bytes(4096))
    except BlockingIOError:
        pass
    os.set_blocking(into, True)
    service = box.start(stderr=into)
    os.close(into)
    with box.serving() as (facts, _, tls):
        same(facts['verdict'], [P.ENCRYPTED], 'a full pipe')
    os.close(out)
    with box.serving() as (facts, _, tls):
        same(facts['verdict'], [P.ENCRYPTED], 'no reader')
    service.send_signal(signal.SIGTERM)
    same(service.wait(20), 0, 'its exit')


@case(ways=('service',))
def no_standard_descriptors(box):
    """Nothing of ours takes their numbers."""
    box.put_certificate()

    def close():
        for fd in range(3):
            os.close(fd)
    service = box.start(preexec_fn=close)
    with box.serving() as (facts, _, tls):
        same(facts['verdict'], [P.ENCRYPTED], 'the verdict')
        for fd in range(3):
            same(os.readlink('/proc/%d/fd/%d' % (box.children()[0], fd)),
                 '/dev/null', 'descriptor %d' % fd)
    same(service.poll(), None, 'the service')
