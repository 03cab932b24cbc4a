"""Who we are, and who the other side is."""
import os
import ssl

import mill
import program as P
from place import client_context, has, same
from run import case


def shown(box, wanted=(), name=None, context=None):
    """The certificate that a client gets, as octets of DER, and facts."""
    with box.serving(context, name, wanted) as (facts, _, tls):
        return tls.result().getpeercert(True), facts


def der(certificate):
    return ssl.PEM_cert_to_DER_cert(
        certificate[certificate.index(b'-----BEGIN'):].decode())


def by_kind(kind):
    """A client that takes certificates of one kind alone."""
    context = client_context(maximum_version=ssl.TLSVersion.TLSv1_2)
    context.set_ciphers('ECDHE+a' + kind)
    return context


@case
def two_kinds_in_one_file(box):
    """RSA and ECDSA, keys and certificates in any order."""
    one, one_key = box.mill.issue('mx.example.org', kind='rsa')
    other, other_key = box.mill.issue('mx.example.org', kind='ec')
    box.put('servercert.pem', other_key + one + other + one_key)
    same(shown(box, context=by_kind('RSA'))[0], der(one), 'RSA')
    same(shown(box, context=by_kind('ECDSA'))[0], der(other), 'ECDSA')


@case(ways=('service',))
def separate_files_and_folders(box):
    one, one_key = box.mill.issue('mx.example.org', kind='rsa')
    other, other_key = box.mill.issue('mx.example.org', kind='ec')
    box.put('servercert.pem', b'# a comment\n' + one)
    box.put('serverkey.pem', one_key)
    # As certbot has them, behind a link to the folder.
    for name, octets in (('fullchain.pem', other + box.mill.ca),
                         ('cert.pem', other), ('privkey.pem', other_key),
                         ('README', b'not for us')):
        box.put('live/sni.example.org/' + name, octets)
    os.mkdir(box.path('control/servercerts'))
    os.symlink('../live/sni.example.org',
               box.path('control/servercerts/sni.example.org'))
    same(shown(box)[0], der(one), 'the host')
    got, facts = shown(box, name='SNI.example.org')
    same(got, der(other), 'by name, in any case')
    same(facts['own'], ['sni.example.org'], 'where it came from')


@case
def chosen_by_name(box):
    places = {'': 'servercert.pem', 'mx.example.net': None,
              '*.example.com': None, 'deep.example.com': None}
    ders = {}
    for name, file in places.items():
        ders[name] = der(box.put_certificate(
            'x' + name.replace('*', 'any'), file or 'servercerts/' + (
                name.upper() if name == 'mx.example.net' else name)))
    for asked, name in (('mx.example.net', 'mx.example.net'),
                        ('a.example.com', '*.example.com'),
                        ('deep.example.com', 'deep.example.com'),
                        ('a.b.example.com', ''), ('example.com', ''),
                        ('elsewhere.example', ''), (None, '')):
        same(shown(box, name=asked)[0], ders[name], 'for %s' % asked)


@case(ways=('service',))
def hostile_names(box):
    """Names are looked up in a list, and never are paths."""
    own = der(box.put_certificate())
    box.put_certificate('other.example.org', 'servercerts/other.example.org')
    label = 'a' * 63
    for name in (b'../other.example.org', b'*.example.org', b'/etc/passwd',
                 b'.', b'.example.org', b'other.example.org/',
                 b'other.example.org/../other.example.org', b'%s%n',
                 b'"\\\x01\xff', '.'.join([label] * 4)[:255].encode()):
        channel, far = box.hand_over()
        with channel, far:
            far.sendall(hello(name))
            kind, facts = P.receive_maybe(channel, far)
        has('FE', kind, 'an answer for %r' % name)
    # OpenSSL knows that a NUL is no part of a name.
    channel, far = box.hand_over()
    with channel, far:
        far.sendall(hello(b'other.example.org\0.example'))
        same(P.receive(channel)[0], 'E', 'a NUL')
    same(shown(box)[0], own, 'then')


def hello(name):
    """A ClientHello of TLS 1.2 with that name."""
    def sized(octets, size):
        return len(octets).to_bytes(size, 'big') + octets
    extensions = b'\0\0' + sized(sized(b'\0' + sized(name, 2), 2), 2) + \
        b'\0\x0a\0\4\0\2\0\x17' + b'\0\x0d\0\4\0\2\4\3'
    body = b'\3\3' + bytes(32) + b'\0' + sized(b'\xc0\x2b', 2) + b'\1\0' + \
        sized(extensions, 2)
    return b'\x16\3\1' + sized(b'\1' + sized(body, 3), 2)


@case
def chosen_by_address(box):
    rows = (('', 'servercert.pem'), ('one', 'servercert.pem.192.0.2.2'),
            ('two', 'servercert.pem.192.0.2.2:465'),
            ('three', 'servercert.pem.2001:db8::1'))
    ders = {name: der(box.put_certificate('x' + name, file))
            for name, file in rows}
    box.put('servercert.pem.bak', 'left here by an editor')
    for ip, port, name in (('192.0.2.2', '25', 'one'),
                           ('192.0.2.2', '465', 'two'),
                           ('2001:db8::1', '25', 'three'),
                           ('192.0.2.3', '465', '')):
        got, facts = shown(box, [('local_ip', ip), ('local_port', port)])
        same(got, ders[name], ip + ':' + port)
    if 'servercert.pem.bak' in box.said():
        raise AssertionError('a copy is looked at')


@case
def none_that_can_be_used(box):
    refusals = ((None, None), (b'', b''), (b'junk', None))
    certificate, key = box.mill.issue('a.example.org')
    other = box.mill.issue('b.example.org')[1]
    locked = mill.openssl('pkcs8', '-topk8', '-passout', 'pass:x', text=key)
    weak = b''.join(box.mill.issue('weak.example.org', kind='weak'))
    if box.way == 'embedded':
        refusals += ((certificate, None), (certificate, other),
                     (certificate + locked, None), (weak, None),
                     (certificate, key[:-30]), (certificate[:-30], key))
    for one, other in refusals:
        if one is not None:
            box.put('servercert.pem', one)
        if other is not None:
            box.put('serverkey.pem', other)
        elif os.path.exists(box.path('control/serverkey.pem')):
            os.unlink(box.path('control/serverkey.pem'))
        box.refused(P.SERVER, [], P.NO_CERTIFICATE, 'no certificate')
    # A client needs none, and has none read.
    box.ready(P.CLIENT).close()


def verify(box, *names, policy=P.VERIFY, ca=None):
    return [('policy', policy), *(('name', name) for name in names),
            ('ca_file', box.open_file(ca or box.mill.ca))]


@case
def servers_verified(box):
    """(the certificate, names, the name that fits, or why none does)"""
    issue = box.mill.issue
    good = issue('mx.example.org', 'DNS:mx.example.org,DNS:*.example.net')
    by_address = issue('a.example.org', 'IP:192.0.2.7,IP:2001:db8::7')
    rows = (
        (good, ['mx.example.org'], 'mx.example.org'),
        (good, ['other', 'mx.example.org'], 'mx.example.org'),
        (good, ['MX.EXAMPLE.ORG'], 'mx.example.org'),
        (good, ['a.example.net'], '*.example.net'),
        (good, ['a.b.example.net'], None),
        (good, ['.example.org'], 'mx.example.org'),
        (good, ['.example.com'], None),
        (good, ['192.0.2.7'], None),
        (by_address, ['192.0.2.7'], '192.0.2.7'),
        (by_address, ['2001:db8::7'], '2001:db8::7'),
        (by_address, ['192.0.2.8'], None),
        (by_address, ['a.example.org'], 'a.example.org'),
        (issue('old.example.org', when=mill.LONG_AGO), ['old.example.org'],
         None),
        (issue('self.example.org', is_self_signed=True),
         ['self.example.org'], None),
    )
    for pair, names, matched in rows:
        with box.calling(pair, verify(box, *names)) as (facts, _, tls):
            tls.result()
            if matched is None:
                same(facts['verdict'], [P.UNMET], '%s' % names)
                has(box.said(), 'result=unmet', 'the log')
            else:
                same((facts['verdict'], facts['matched']),
                     ([P.VERIFIED], [matched]), '%s' % names)
            same(facts['digest'], [mill.digest(pair[0])], 'the digest')
    for part in ('expired', 'self-signed', 'mismatch'):
        has(box.said(), part, 'the log')
    # MTA-STS verifies the same; who asks for nothing gets no verdict.
    with box.calling(good, verify(box, 'mx.example.org', policy=P.STS)) as (
            facts, _, tls):
        same(facts['verdict'], [P.VERIFIED], 'MTA-STS')
    with box.calling(good, verify(box, 'x', policy=P.ENCRYPT)) as (
            facts, _, tls):
        same(facts['verdict'], [P.ENCRYPTED], 'only encrypted')
    # A name and an address: one of them will do.
    for names in ('192.0.2.7', 'x.example.org'), ('x.example.org',
                                                 '192.0.2.7'):
        with box.calling(by_address, verify(box, *names)) as (facts, _, tls):
            same((facts['verdict'], facts['matched']),
                 ([P.VERIFIED], ['192.0.2.7']), '%s %s' % names)


@case
def verified_by_a_folder(box):
    """Of CAs, read when they are asked for; one is there twice."""
    pair = box.mill.issue('mx.example.org')
    value = mill.openssl('x509', '-noout', '-subject_hash',
                         text=box.mill.ca).decode().strip()
    stranger = box.mill.issue('stranger', is_self_signed=True)[0]
    for name, octets in ((value + '.0', stranger), (value + '.1', b'junk'),
                         (value + '.2', box.mill.ca),
                         (value + '.3', box.mill.ca),
                         ('00000000.0', stranger), (value + '.r0', b'')):
        box.put('ca/' + name, octets)
        os.chmod(box.path('control/ca/' + name), 0o644)
    os.symlink('/nonexistent', box.path('control/ca/11111111.0'))
    os.mkfifo(box.path('control/ca/22222222.0'), 0o644)
    for folder, verdict in (('control/ca', P.VERIFIED), ('run', P.UNMET)):
        fd = os.open(box.path(folder), os.O_RDONLY)
        with box.calling(pair, [('policy', P.VERIFY),
                                ('name', 'mx.example.org'),
                                ('ca_folder', fd)]) as (facts, _, tls):
            os.close(fd)
            same(facts['verdict'], [verdict], folder)
    # Both at once: the file is asked first.
    fd = os.open(box.path('control/ca'), os.O_RDONLY)
    with box.calling(pair, verify(box, 'mx.example.org') +
                     [('ca_folder', fd)]) as (facts, _, tls):
        same(facts['verdict'], [P.VERIFIED], 'both')
    os.close(fd)


@case
def fingerprints(box):
    pair = box.mill.issue('self.example.org', is_self_signed=True)
    whole, key = mill.digest(pair[0]), mill.digest(pair[0], of_key=True)
    for prints, verdict, words in (
            ([whole], P.VERIFIED, 'fingerprint of the certificate'),
            ([bytes(32), key], P.VERIFIED, 'fingerprint of the key'),
            ([whole[::-1]], P.UNMET, None)):
        with box.calling(pair, [('policy', P.FINGERPRINT)] + [
                ('fingerprint', one) for one in prints]) as (facts, _, tls):
            same((facts['verdict'], facts.get('matched', [None])),
                 ([verdict], [words]), 'the verdict')


@case
def names_sent(box):
    """SNI has names, never addresses."""
    pair = box.mill.issue('mx.example.org')
    for name, sent in (('mx.example.org', 'mx.example.org'),
                       ('192.0.2.7', None), ('2001:db8::7', None)):
        seen = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.sni_callback = lambda _, asked, __: seen.append(asked)
        with box.calling(pair, [('server_name', name)], context=context):
            same(seen, [sent], 'SNI for ' + name)


def with_certificate(box, pair, **more):
    context = client_context(**more)
    path = box.put('client.pem', b''.join(pair))
    context.load_cert_chain(path)
    return context


@case
def clients_verified(box):
    box.put_certificate()
    issue = box.mill.issue
    mail = issue('Joe', 'email:joe@example.org,email:boss@example.org')
    named = issue('client.example.org')
    revoked = issue('revoked.example.org')
    box.put('clientca.pem', box.mill.ca)
    box.put('clientcrl.pem', box.mill.revoke(revoked[0]))
    rows = (
        (mail, P.VERIFIED, ['joe@example.org', 'boss@example.org']),
        (named, P.VERIFIED, ['client.example.org']),
        (issue('a' * 20, subject='/CN=caf\u00e9'), P.VERIFIED, None),
        (revoked, P.ENCRYPTED, None),
        (issue('old.example.org', when=mill.LONG_AGO), P.ENCRYPTED, None),
        (issue('self.example.org', is_self_signed=True), P.ENCRYPTED, None),
    )
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        for pair, verdict, identities in rows:
            context = with_certificate(box, pair, maximum_version=version)
            with box.serving(context, wanted=[('ask', None)]) as (
                    facts, _, tls):
                same((facts['verdict'], facts.get('identity')),
                     ([verdict], identities), facts['subject'][0])
                same('text' in facts, verdict != P.VERIFIED, 'why')
        # Who has none, and where none is asked for.
        with box.serving(wanted=[('ask', None)]) as (facts, _, tls):
            same(facts['verdict'], [P.ENCRYPTED], 'without')
        with box.serving(with_certificate(box, mail)) as (facts, _, tls):
            same((facts['verdict'], facts.get('subject')),
                 ([P.ENCRYPTED], None), 'not asked')
    for part in ('revoked', 'expired', 'self-signed'):
        has(box.said(), part, 'the log')
    # A list that cannot be read revokes all.
    box.put('clientcrl.pem', 'half a list')
    if box.way == 'service':
        box.service.send_signal(1)
        box.logs('file=control/clientcrl.pem')
    with box.serving(with_certificate(box, mail), wanted=[('ask', None)]) as (
            facts, _, tls):
        same(facts['verdict'], [P.ENCRYPTED], 'no list')


@case
def our_own_as_a_client(box):
    pair = box.mill.issue('relay.example.org')
    server = box.mill.issue('mx.example.org', kind='rsa')
    for wanted in ([('certificate', b''.join(pair))],
                   [('certificate', pair[0]), ('key', pair[1])]):
        wanted = [(name, box.open_file(octets)) for name, octets in wanted]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=box.mill.ca.decode())
        with box.calling(server, wanted, context=context) as (_, __, tls):
            same(tls.result().getpeercert(True), der(pair[0]), 'ours')
    box.refused(P.CLIENT, [('certificate', box.open_file(pair[0]))],
                P.NO_CERTIFICATE, 'no private key')
    # Where it is wanted and not there, the far end says so.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with box.calling(server, context=context, kind='E') as (facts, _, tls):
        same(facts['code'], [P.HANDSHAKE], 'the answer')
    box.logs('result=failed')
