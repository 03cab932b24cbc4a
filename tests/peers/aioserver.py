"""aioserver.py PORT FOLDER [MECHANISM USER PASSWORD] - aiosmtpd that keeps
each mail in a file

A recipient called refused is refused.  With a mechanism, AUTH is offered with
that alone, and is needed.  Run by the peer's own door.
"""
import asyncio
import os
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
            file.write(envelope.content)
        os.rename(path + '.tmp', path)
        return '250 2.0.0 kept'


def login(mechanism, user, password):
    """What SMTP() takes to offer AUTH."""
    def judge(_server, _session, _envelope, name, data):
        good = name == mechanism and data.login == user.encode() and \
            data.password == os.fsencode(password)
        return AuthResult(success=good, handled=False)

    return {'authenticator': judge, 'auth_required': True,
            'auth_require_tls': False, 'auth_exclude_mechanism':
            [m for m in ('PLAIN', 'LOGIN') if m != mechanism]}


async def main():
    keep = Keep(sys.argv[2])
    more = login(*sys.argv[3:6]) if sys.argv[3:] else {}
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(keep, hostname='aio.example.test', data_size_limit=0,
                     **more),
        '127.0.0.1', int(sys.argv[1]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
