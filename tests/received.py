"""received.py BUILD: the Received field of a mail that Qsmtpd took, read by
SpamAssassin, whose parser judges what others can make of it."""
import os
import re
import smtplib
import socket
import subprocess
import sys
import tempfile

# environment, HELO argument (None: none is said), fields that must be found
CASES = [
    ({"TCPREMOTEIP": "192.0.2.9", "TCPREMOTEHOST": "host.example.net"},
     "mail.example.net",
     "ip=192.0.2.9 rdns=host.example.net helo=mail.example.net"),
    ({"TCPREMOTEIP": "192.0.2.9"}, "mail.example.net",
     "ip=192.0.2.9 rdns= helo=mail.example.net"),
    ({"TCPREMOTEIP": "192.0.2.9", "TCPREMOTEHOST": ""}, "[192.0.2.9]",
     "ip=192.0.2.9 rdns= helo=!192.0.2.9!"),
    ({"TCPREMOTEIP": "2001:db8::9", "TCPREMOTEHOST": "six.example.net"},
     "six", "ip=2001:db8::9 rdns=six.example.net helo=six"),
    ({"TCPREMOTEIP": "::ffff:192.0.2.9"}, "mapped",
     "ip=192.0.2.9 rdns= helo=mapped"),
    ({"TCPREMOTEIP": "192.0.2.9", "TCPREMOTEINFO": "joe (evil) [1.2.3.4]"},
     "info", "ip=192.0.2.9 rdns= helo=info"),
    ({"TCPREMOTEIP": "192.0.2.9", "RELAYCLIENT": ""}, None,
     "ip=192.0.2.9 rdns= helo=!192.0.2.9!"),
    ({"TCPREMOTEIP": "192.0.2.9"}, "x) by evil.example with SMTP (y",
     "ip=192.0.2.9 rdns= helo=x??by?evil.example?with?SMTP??y"),
]
QUEUE = "#!/bin/sh\ncat >message && cat <&1 >envelope\n"


class OverSocket(smtplib.SMTP):
    """An SMTP client on a socket that is connected already."""

    def __init__(self, connected):
        self.connected = connected
        super().__init__("peer", local_hostname="unused", timeout=30)

    def _get_socket(self, host, port, timeout):
        return self.connected


def take_mail(program, home, environment, helo):
    ours, theirs = socket.socketpair()
    server = subprocess.Popen(
        [program], stdin=theirs, stdout=theirs, stderr=subprocess.PIPE,
        env=dict(environment, QMAILHOME=home, PATH=os.environ["PATH"],
                 QMAILQUEUE="bin/queue"))
    theirs.close()
    client = OverSocket(ours)
    if helo is not None:
        client.ehlo(helo)
    for command in ("MAIL FROM:<a@example.net>", "RCPT TO:<b@example.org>"):
        code, text = client.docmd(command)
        assert code == 250, (command, code, text)
    code, text = client.data(b"Subject: test\r\n\r\ntext\r\n")
    assert code == 250, (code, text)
    client.quit()
    server.communicate()
    with open(os.path.join(home, "message"), "rb") as message:
        return message.read()


def main():
    build = os.path.abspath(sys.argv[1])
    tests = os.path.dirname(os.path.abspath(__file__))
    reader = os.path.join(os.environ.get("PEERS", build + "/peers"),
                          "bin/sa-perl")
    failed = 0
    with tempfile.TemporaryDirectory() as home:
        os.makedirs(home + "/control")
        os.makedirs(home + "/bin")
        for name, text in (("control/me", "mx.example.org\n"),
                           ("control/rcpthosts", "example.org\n"),
                           ("bin/queue", QUEUE)):
            with open(os.path.join(home, name), "w") as file:
                file.write(text)
        os.chmod(home + "/bin/queue", 0o755)
        for environment, helo, wanted in CASES:
            message = take_mail(build + "/Qsmtpd", home, environment, helo)
            seen = subprocess.run(
                [reader, tests + "/received.pl"], input=message,
                stdout=subprocess.PIPE, check=True).stdout.decode()
            pattern = (re.escape(wanted + " by=mx.example.org id=") +
                       r"[0-9a-f]+\.[0-9a-f]+\.1\nunparsed=0\n")
            if not re.fullmatch(pattern, seen):
                failed += 1
                print("wanted", wanted, "seen", seen, message.decode())
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
