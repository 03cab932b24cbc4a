"""TLS of the scripted servers: certificates, and qsmtp-tls as a service."""
import hashlib
import os
import re
import ssl
import subprocess
import time

from scenario import Trouble

START_S = 10            # a service may take so long to listen
POLL_S = 0.002          # between two looks at its socket
STALLED = b'\x16\x03\x03\x01\x00'       # the head of a record, and no more
ALERT = b'\x15\x03\x03\x00\x02\x02\x28'  # fatal: handshake_failure
NOT_TLS = b'500 what is this?\r\n'
VERSIONS = {'1.2': ssl.TLSVersion.TLSv1_2, '1.3': ssl.TLSVersion.TLSv1_3}
EC = 'ec -pkeyopt ec_paramgen_curve:P-256'
# Each is made out to these names by the CA, unless something else is said.
CERTIFICATES = {
    'good': (EC, 'DNS:a.x.test,DNS:relay.test'),
    'rsa': ('rsa:2048', 'DNS:a.x.test,DNS:relay.test'),
    'wrong': (EC, 'DNS:other.test'),
    'star': (EC, 'DNS:*.x.test'),
    'address': (EC, 'IP:127.0.0.1,IP:198.51.100.1,IP:2001:db8:1::1'),
    'client': (EC, 'DNS:me.test'),
}


def openssl(folder, command):
    done = subprocess.run(['openssl'] + command.split(), cwd=folder,
                          capture_output=True, check=False)
    if done.returncode != 0:
        raise Trouble('openssl %s: %s' % (command, done.stderr.decode()))
    return done.stdout


def make_certificates(folder):
    """ca, other-ca, and what they and nobody vouches for; NAME.pem, .key."""
    os.mkdir(folder)
    os.chmod(folder, 0o755)
    new = 'req -x509 -noenc -days 9 -newkey %s -keyout %s.key -out %s.pem' \
        ' -subj /CN=%s '
    for name in 'ca', 'other-ca':
        openssl(folder, new % (EC, name, name, name) +
                '-addext basicConstraints=critical,CA:TRUE')
    for name, (kind, names) in CERTIFICATES.items():
        openssl(folder, new % (kind, name, name, name) +
                '-CA ca.pem -CAkey ca.key -addext basicConstraints=CA:FALSE '
                '-addext subjectAltName=' + names)
    openssl(folder, new % (EC, 'self', 'self', 'self') +
            '-addext subjectAltName=DNS:a.x.test')
    # req makes none that has expired.
    openssl(folder, 'req -new -noenc -newkey %s -keyout expired.key '
            '-out expired.csr -subj /CN=expired '
            '-addext subjectAltName=DNS:a.x.test,IP:127.0.0.1' % EC)
    openssl(folder, 'x509 -req -in expired.csr -days -1 -CA ca.pem '
            '-CAkey ca.key -copy_extensions copy -out expired.pem')
    for name in 'ca', 'other-ca':
        os.mkdir(os.path.join(folder, name))
        openssl(folder, 'x509 -in %s.pem -out %s/ca.pem' % (name, name))
        openssl(folder, 'rehash ' + name)


def fill(text, folder):
    """$CERTS is the folder, $SUM(NAME) and $KEYSUM(NAME) fingerprints."""
    def digest(match):
        path = os.path.join(folder, match[2].decode() + '.pem')
        if match[1] == b'SUM':
            with open(path, encoding='ascii') as file:
                octets = ssl.PEM_cert_to_DER_cert(file.read())
        else:
            key = openssl(folder, 'x509 -noout -pubkey -in ' + path).decode()
            octets = ssl.PEM_cert_to_DER_cert(
                key.replace('PUBLIC KEY', 'CERTIFICATE'))
        return hashlib.sha256(octets).hexdigest().encode()

    text = text.replace(b'$CERTS', folder.encode())
    return re.sub(rb'\$(SUM|KEYSUM)\(([a-z-]+)\)', digest, text)


def options_of(rest):
    """certificate=NAME minimum=1.2 ... and single words, as a dictionary."""
    out = {'certificate': 'good'}
    for word in rest.split():
        key, _, value = word.partition('=')
        if key not in ('certificate', 'minimum', 'maximum', 'ciphers', 'ask',
                       'demand', 'fail', 'part', 'refused'):
            raise Trouble('TLS ' + rest)
        out[key] = value
    return out


def context_of(options, folder):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    path = os.path.join(folder, options['certificate'])
    context.load_cert_chain(path + '.pem', path + '.key')
    if 'minimum' in options:
        context.minimum_version = VERSIONS[options['minimum']]
    if 'maximum' in options:
        context.maximum_version = VERSIONS[options['maximum']]
    if 'ciphers' in options:
        context.set_ciphers(options['ciphers'])
    if 'ask' in options or 'demand' in options:
        context.verify_mode = ssl.CERT_OPTIONAL if 'ask' in options else \
            ssl.CERT_REQUIRED
        context.load_verify_locations(os.path.join(folder, 'ca.pem'))
    return context


def accept(sock, options, folder, names):
    """Our side of the handshake; the name that was asked for to `names`."""
    context = context_of(options, folder)
    context.sni_callback = lambda _, name, __: names.append(name)
    # TLS that breaks off must be told from its end.
    context.options &= ~getattr(ssl, 'OP_IGNORE_UNEXPECTED_EOF', 0)
    return context.wrap_socket(sock, server_side=True,
                               suppress_ragged_eofs=False)


def is_cut(why):
    """Whether this exception is an end without a close_notify."""
    return isinstance(why, ssl.SSLEOFError) or \
        getattr(why, 'reason', '') == 'UNEXPECTED_EOF_WHILE_READING'


def first_flight(options, folder, hello):
    """What we would answer to this ClientHello."""
    come, go = ssl.MemoryBIO(), ssl.MemoryBIO()
    come.write(hello)
    session = context_of(options, folder).wrap_bio(come, go, server_side=True)
    try:
        session.do_handshake()
    except ssl.SSLWantReadError:
        return go.read()
    raise Trouble('the handshake was done')


def children_of(pid):
    out = []
    for name in os.listdir('/proc'):
        if not name.isdigit():
            continue
        try:
            with open('/proc/%s/stat' % name, encoding='latin-1') as file:
                words = file.read().rpartition(') ')[2].split()
        except OSError:
            continue
        if int(words[1]) == pid:
            out.append(int(name))
    return out


class Service:
    """qsmtp-tls -s in a qmail home."""

    def __init__(self, program, home, environment, become):
        command = [program, '-s']
        if become is None:
            command += ['-u', 'nobody']
        socket = os.path.join(home, 'run/tls')
        os.makedirs(os.path.dirname(socket), exist_ok=True)
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=become)
        until = time.monotonic() + START_S
        while not os.path.exists(socket):
            if self.process.poll() is not None or time.monotonic() > until:
                raise Trouble('qsmtp-tls -s does not start')
            time.sleep(POLL_S)

    def stop(self):
        self.process.terminate()
        return self.process.wait()
