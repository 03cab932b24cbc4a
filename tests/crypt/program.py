"""The program's side of the hand-over protocol of qsmtp-tls; see
src/crypt/README."""
import array
import contextlib
import os
import socket
import struct

SERVER, CLIENT = 1, 2
ENCRYPT, VERIFY, DANE, STS, FINGERPRINT = range(5)
ENCRYPTED, VERIFIED, BY_DANE, UNMET = 1, 2, 3, 4
BUSY, NO_CERTIFICATE, BAD_REQUEST, INTERNAL, OTHER, HANDSHAKE = range(1, 7)
TAGS = {
    'session': 0x01, 'peer': 0x02, 'handshake_s': 0x03,
    'server_name': 0x05, 'role': 0x81, 'local_ip': 0x82, 'local_port': 0x83,
    'minimum': 0x84, 'ciphers': 0x85, 'ask': 0x86, 'policy': 0x87,
    'name': 0x88, 'fingerprint': 0x89, 'ca_file': 0x91, 'ca_folder': 0x92,
    'certificate': 0x93, 'key': 0x94,
    'verdict': 0xa1, 'version': 0x21, 'cipher': 0x22, 'group': 0x23,
    'sni': 0x24, 'own': 0x25, 'subject': 0x26, 'digest': 0x27,
    'identity': 0x28, 'matched': 0x29, 'exporter': 0x2a, 'text': 0x31,
    'code': 0xb1,
}
NAMES = {tag: name for name, tag in TAGS.items()}
NUMBERS = ('handshake_s', 'role', 'minimum', 'policy', 'verdict',
           'code')
DESCRIPTORS = ('ca_file', 'ca_folder', 'certificate', 'key')


def item(tag, value):
    return bytes([tag]) + struct.pack('>H', len(value)) + value


def record(kind, body=b'', version=1):
    return b'QT' + bytes([version]) + kind + struct.pack('>H', len(body)) \
        + body


def encode(name, value):
    if name in DESCRIPTORS or name == 'ask':
        value = b''
    elif name in NUMBERS:
        value = struct.pack('>I', value)
    elif isinstance(value, str):
        value = value.encode()
    return item(TAGS[name], value)


def read_exactly(channel, size):
    text = b''
    while len(text) < size:
        more = channel.recv(size - len(text))
        if not more:
            raise EOFError(text)
        text += more
    return text


def receive(channel):
    """The kind of the next record, and its items by name."""
    head = read_exactly(channel, 6)
    assert head[:3] == b'QT\x01', head
    body = read_exactly(channel, struct.unpack('>H', head[4:])[0])
    items = {}
    at = 0
    while at < len(body):
        size = struct.unpack('>H', body[at + 1:at + 3])[0]
        value = body[at + 3:at + 3 + size]
        name = NAMES[body[at]]
        if name in NUMBERS:
            value = struct.unpack('>I', value)[0]
        elif name not in ('digest', 'exporter'):
            value = value.decode()
        items.setdefault(name, []).append(value)
        at += 3 + size
    return head[3:4].decode(), items


def receive_maybe(channel, far):
    """As receive(), while the far end says nothing more."""
    far.shutdown(socket.SHUT_WR)
    return receive(channel)


def send(channel, text, fds=()):
    control = []
    if fds:
        control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                    array.array('i', fds))]
    # Who hung up may have said why.
    with contextlib.suppress(BrokenPipeError):
        channel.sendmsg([text], control)


def request(channel, wanted):
    """Send R: pairs of a name and a value, descriptors among them."""
    fds = [value for name, value in wanted if name in DESCRIPTORS]
    send(channel, record(b'R', b''.join(encode(name, value)
                                        for name, value in wanted)), fds)


def go(channel, *connections):
    """Send G, and close our copies of the connection."""
    send(channel, record(b'G'), [one.fileno() for one in connections])
    for one in connections:
        one.close()


def connect(home):
    channel = socket.socket(socket.AF_UNIX)
    channel.settimeout(10)
    # A path of a socket is short; that of a folder may be long.
    fd = os.open(home, os.O_RDONLY)
    try:
        channel.connect(f'/proc/self/fd/{fd}/run/tls')
    finally:
        os.close(fd)
    return channel
