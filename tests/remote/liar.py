#!/usr/bin/python3
"""In place of bin/qsmtp-tls: says that TLS is up, whoever the host is.

It has not looked, and says so: the verdict is that of a session in which
nobody was to be verified.
"""
import os
import socket
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'crypt'))
import program                                          # noqa: E402

channel = socket.socket(fileno=3)
program.receive(channel)
program.send(channel, program.record(b'Y'))
channel.recvmsg(6, socket.CMSG_SPACE(8))
program.send(channel, program.record(b'F', b''.join(
    program.encode(*one) for one in (
        ('verdict', program.ENCRYPTED), ('version', 'TLSv1.3'),
        ('cipher', 'NULL')))))
while channel.recv(4096):
    pass
