"""fastdns.py [-d MS] ZONE: the answers of dnsd.py, by UDP and in one thread.

It makes each answer once and keeps it, so that thousands of sessions can ask.
Every answer comes after the same time, -d milliseconds, 0 where that is not
said; no other answer waits for that.  It prints its port when it is ready, and
runs until its standard input ends.
In Python, `with Server(zone, delay_ms, fault) as server:` does the same in a
thread; a fault of dnsd.py then befalls every answer, "timeout" means none.
server.arrived is the time and the question of all that came, server.sent the
times of all answers.
"""
import argparse
import heapq
import os
import select
import socket
import struct
import sys
import threading
import time

sys.path.insert(1, os.path.dirname(os.path.abspath(__file__)))
import dnsd  # noqa: E402

ROOM = 4 << 20          # octets of questions that wait to be read


class Server:
    def __init__(self, zone, delay_ms=0, fault=None):
        self.zone = dnsd.Zone(zone)
        self.delay = delay_ms / 1000
        self.faults = {fault: 0} if fault else {}
        self.made = {}          # a question without its id: all but the id
        self.due = []           # (when, answer, client)
        self.arrived, self.sent = [], []
        self.keeps = True       # the two lists above
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)
        self.udp.bind(('127.0.0.1', 0))
        self.udp.setblocking(False)
        self.port = self.udp.getsockname()[1]
        self.stop_r, self.stop_w = os.pipe()
        self.thread = None

    def __enter__(self):
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        os.close(self.stop_w)
        self.thread.join()
        os.close(self.stop_r)
        self.udp.close()

    def make(self, message):
        """(what is asked, the answer without its id)"""
        question = dnsd.Question(message, 'udp', 0)
        out = dnsd.answer(self.zone, question, self.faults)[2:]
        return (question.name.lower(), dnsd.type_name(question.type)), out

    def take(self, message, client):
        if message[2:] not in self.made:
            self.made[message[2:]] = self.make(message)
        asked, out = self.made[message[2:]]
        now = time.monotonic()
        if self.keeps:
            self.arrived.append((now, asked))
        if 'timeout' in self.faults:
            return
        number = struct.unpack('!H', message[:2])[0]
        if 'wrongid' in self.faults:
            number ^= 1
        out = struct.pack('!H', number) + out
        if self.delay == 0:
            self.send(out, client)
        else:
            heapq.heappush(self.due, (now + self.delay, out, client))

    def send(self, out, client):
        if self.keeps:
            self.sent.append(time.monotonic())
        try:
            self.udp.sendto(out, client)
        except OSError:
            pass                # nobody waits for it any more

    def receive(self):
        """All questions that are here."""
        while True:
            try:
                message, client = self.udp.recvfrom(4096)
            except BlockingIOError:
                return
            except OSError:
                continue        # an answer that nobody took
            try:
                self.take(message, client)
            except (IndexError, ValueError, struct.error):
                pass            # no question

    def serve(self):
        """Until the pipe is closed at its other end."""
        poll = select.poll()
        poll.register(self.udp, select.POLLIN)
        poll.register(self.stop_r, select.POLLIN)
        while True:
            wait = None
            if self.due:
                wait = max(0, self.due[0][0] - time.monotonic()) * 1000
            if any(fd == self.stop_r for fd, _ in poll.poll(wait)):
                return
            self.receive()
            while self.due and self.due[0][0] <= time.monotonic():
                _, out, client = heapq.heappop(self.due)
                self.send(out, client)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('-d', default=0, type=int, dest='delay_ms')
    parser.add_argument('zone')
    given = parser.parse_args()
    with open(given.zone, encoding='utf-8') as file:
        server = Server(file.read(), given.delay_ms)
    server.keeps = False
    with server:
        # In one write: who reads it may not wait for more.
        sys.stdout.write('%d\n' % server.port)
        sys.stdout.flush()
        while sys.stdin.buffer.read(4096):
            pass


if __name__ == '__main__':
    main()
