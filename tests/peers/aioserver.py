"""aioserver.py PORT FOLDER - aiosmtpd that keeps each mail in a file

A recipient called refused is refused.  Run by the peer's own door.
"""
import asyncio
import os
import sys

from aiosmtpd.smtp import SMTP


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


async def main():
    keep = Keep(sys.argv[2])
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(keep, hostname='aio.example.test', data_size_limit=0),
        '127.0.0.1', int(sys.argv[1]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
