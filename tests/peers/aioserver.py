"""aioserver.py [starttls|smtps CERTIFICATE KEY] PORT FOLDER [MECHANISM USER
PASSWORD] - aiosmtpd that keeps each mail in a file

A recipient called refused is refused.  With a mechanism, AUTH is offered with
that alone, and is needed.  With TLS nothing goes in clear, and a field on top
says what it is.  Run by the peer's own door.
"""
import asyncio
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Keep:
    def __init__(self, folder):
        self.folder, self.count = folder, 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith('refused@'):
            return '550 5.1.1 no such user'
        envelope.rcpt_tos.append(address)
        return '250 2.1.5 ok'

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        path = os.path.join(self.folder, 'mail%d' % self.count)
        with open(path + '.tmp', 'wb') as file:
            tls = server.transport.get_extra_info('cipher')
            if tls:
                file.write(b'X-Cipher: %s %s\n' % (tls[1].encode(),
                                                   tls[0].encode()))
            file.write(envelope.content)
        os.rename(path + '.tmp', path)
        return '250 2.0.0 kept'


def context(certificate, key):
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(certificate, key)
    return made


def login(mechanism, user, password, has_tls):
    """What SMTP() takes to offer AUTH."""
    def judge(_server, _session, _envelope, name, data):
        good = name == mechanism and data.login == user.encode() and \
            data.password == os.fsencode(password)
        return AuthResult(success=good, handled=False)

    return {'authenticator': judge, 'auth_required': True,
            'auth_require_tls': has_tls, 'auth_exclude_mechanism':
            [m for m in ('PLAIN', 'LOGIN') if m != mechanism]}


async def main():
    words = sys.argv[1:]
    at_once, more = None, {}
    if words[0] in ('starttls', 'smtps'):
        made = context(*words[1:3])
        if words[0] == 'smtps':
            at_once = made
        else:
            more = {'tls_context': made, 'require_starttls': True}
        words = words[3:]
    keep = Keep(words[1])
    if words[2:]:
        # It knows TLS only as what STARTTLS begins.
        more.update(login(*words[2:5], 'tls_context' in more))
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(keep, hostname='aio.example.test', data_size_limit=0,
                     **more),
        '127.0.0.1', int(words[0]), ssl=at_once)
    async with server:
        await server.serve_forever()


asyncio.run(main())
