"""dnsd.py [-u] [-a ADDRESS] [-p PORT] [-l LOG] ZONE: a DNS server for tests.

It answers by UDP and TCP on one port of the loopback interface, prints that
port when it is ready, and runs until it is ended or its standard input ends.
Port 0, the default, is any that is free.  With -u it does not answer by TCP
(the connection is refused).  It answers as a recursive resolver
does: names it does not have are NXDOMAIN, CNAME records are followed.
In Python, `with Server(zone_text) as server:` does the same in threads, with
server.port, server.questions (a list of what was asked) and server.close().

ZONE is a file of lines; empty ones and those that begin with # do not count.

	NAME TYPE DATA		a record: A, AAAA, CNAME, MX, NS, PTR, SOA, TLSA, TXT
	NAME !FAULT [NUMBER]	every question for this name goes wrong so
	NAME !FAULT:TYPE ...	only those for this type
	$secure			every answer has AD, but for names with !noad

A name stands for itself and, as `*.NAME`, for all below that have no line.
\\DDD in a name is that octet.  DATA of TXT is one string or more, with blanks
inside when in double quotes, \\DDD an octet; of TLSA three numbers and
hexadecimal digits; of SOA a name, which is all that counts.

	servfail refused notimp formerr		that RCODE
	badvers		the extended RCODE 16, whose lower bits are 0
	noedns		FORMERR without OPT to questions that have OPT
	timeout		no answer
	drop N		no answer to the first N questions
	slow N		an answer after N milliseconds
	hangup		TCP connections are closed without an answer
	nxdomain nodata	that, with a SOA record, whatever the zone has
	lame		no data, and neither RA nor AA: a referral
	both		NXDOMAIN, and the data nevertheless
	ad noad		with AD (if the question asks: AD or DO), without
	wrongid		another id
	wrongquestion	another name in the question
	wrongcase	the question in capitals
	notanswer	QR is not set
	tc		TC and no data by UDP, all by TCP
	alwaystc	TC by TCP too
	garbage		octets that are no message
	cut N		only the first N octets
	more N		N octets too many
	count N		ANCOUNT says N more than there are
	short		RDATA of the last record lacks an octet
	long		RDATA of the last record has an octet too many
	class		records of the class CH
	owner		records of another owner, in place of this name
	extra		one more record, of another owner
	pointer		the owner of the first record is a pointer to itself
	forward		the owner of the first record is a pointer to what follows
	huge N		N records of the type (A, AAAA, MX, TXT) besides those here
	chain N		N CNAME records in a row before the data
	loop N		N CNAME records that come back to the name
	shuffle		the records of the answer in reverse order

The log has one line a question:
	udp|tcp id=N name=NAME type=N edns=SIZE ad=0|1 do=0|1 rd=0|1 port=N
edns=0 means that there was no OPT; port is the client's.
"""
import argparse
import ipaddress
import re
import socket
import struct
import sys
import threading

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15,
         "TXT": 16, "AAAA": 28, "TLSA": 52}
TYPE_NAMES = {number: name for name, number in TYPES.items()}
OPT = 41
IN, CH = 1, 3
RCODES = {"formerr": 1, "servfail": 2, "nxdomain": 3, "notimp": 4,
          "refused": 5}
NO_DATA = {"servfail", "refused", "notimp", "formerr", "badvers", "nxdomain",
           "nodata", "lame"}
FAULTS = NO_DATA | {
    "noedns", "timeout", "drop", "slow", "hangup", "both", "ad", "noad",
    "wrongid", "wrongquestion", "wrongcase", "notanswer", "tc", "alwaystc",
    "garbage", "cut", "more", "count", "short", "long", "class", "owner",
    "extra", "pointer", "forward", "huge", "chain", "loop", "shuffle"}
QR, AA, TC, RD, RA, AD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0020


def type_name(number):
    return TYPE_NAMES.get(number, "TYPE%d" % number)


def octets(text):
    """A text with \\DDD in it."""
    out = bytearray()
    while text:
        if text[0] == "\\" and text[1:4].isdigit():
            out.append(int(text[1:4]))
            text = text[4:]
        else:
            out += text[0].encode()
            text = text[1:]
    return bytes(out)


def wire(name):
    """A name as in a message, without compression."""
    out = b""
    for label in name.rstrip(".").split("."):
        label = octets(label)
        out += bytes([len(label)]) + label if label else b""
    return out + b"\0"


def strings(text):
    out = b""
    for quoted, bare in re.findall(r'"([^"]*)"|([^"\s]+)', text):
        part = octets(quoted or bare)
        out += bytes([len(part)]) + part
    return out


def rdata(kind, text):
    """The octets of a record's data."""
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(text).packed
    if kind == "MX":
        preference, name = text.split()
        return struct.pack("!H", int(preference)) + wire(name)
    if kind == "TXT":
        return strings(text)
    if kind == "TLSA":
        usage, selector, matching, *data = text.split()
        return bytes([int(usage), int(selector), int(matching)]) + \
            bytes.fromhex("".join(data))
    if kind == "SOA":
        return wire(text.split()[0]) + wire("hostmaster." + text.split()[0]) \
            + struct.pack("!5I", 1, 3600, 600, 86400, 60)
    return wire(text)


class Zone:
    def __init__(self, text):
        self.records = {}       # name: [(type, data, target)]
        self.faults = {}        # name: {(fault, type or None): number}
        self.secure = False
        for line in text.splitlines():
            line = line.strip()
            if line == "$secure":
                self.secure = True
            elif line and not line.startswith("#"):
                self.add(*line.split(None, 2))

    def add(self, name, what, data=""):
        name = name.lower().rstrip(".")
        if what.startswith("!"):
            fault, _, kind = what[1:].partition(":")
            if fault not in FAULTS:
                raise ValueError("unknown fault: " + what)
            where = self.faults.setdefault(name, {})
            where[fault, TYPES[kind] if kind else None] = int(data or 0)
            self.records.setdefault(name, [])
            return
        row = TYPES[what], rdata(what, data), data.lower().rstrip(".")
        self.records.setdefault(name, []).append(row)

    def key(self, name):
        """The name that has lines for this one, or None."""
        if name in self.records:
            return name
        while "." in name:
            name = name.partition(".")[2]
            if "*." + name in self.records:
                return "*." + name
        return None

    def exists(self, name):
        return self.key(name) is not None or \
            any(other.endswith("." + name) for other in self.records)

    def faults_of(self, name, kind):
        rows = self.faults.get(self.key(name), {})
        return {fault: number for (fault, only), number in rows.items()
                if only in (None, kind)}

    def look_up(self, name, kind):
        """Records on the way and at its end, and whether that name exists."""
        found, seen = [], set()
        while name not in seen:
            seen.add(name)
            rows = self.records.get(self.key(name), [])
            next_name = None
            for row_kind, data, target in rows:
                if row_kind == kind:
                    found.append((name, kind, data))
                elif row_kind == TYPES["CNAME"]:
                    found.append((name, row_kind, data))
                    next_name = target
            if next_name is None:
                break
            name = next_name
        return found, self.exists(name)


class Question:
    def __init__(self, message, protocol, port):
        self.message = message
        self.protocol = protocol
        self.port = port
        self.id, flags, count, _, _, more = struct.unpack("!6H", message[:12])
        self.rd, self.ad = bool(flags & RD), bool(flags & AD)
        self.edns, self.do = 0, False
        labels, at = [], 12
        while message[at]:
            labels.append(message[at + 1:at + 1 + message[at]])
            at += 1 + message[at]
        self.name = ".".join("".join(
            chr(c) if 33 <= c < 127 and c not in b".\\" else "\\%03d" % c
            for c in label) for label in labels)
        self.type, self.qclass = struct.unpack("!2H", message[at + 1:at + 5])
        self.section = message[12:at + 5]
        if count != 1:
            raise ValueError("not one question")
        if more and message[at + 5:at + 6] == b"\0":
            kind, self.edns, ttl = \
                struct.unpack("!2HI", message[at + 6:at + 14])
            if kind != OPT:
                raise ValueError("no OPT")
            self.do = bool(ttl & 0x8000)

    def __str__(self):
        return "%s id=%d name=%s type=%d edns=%d ad=%d do=%d rd=%d port=%d" % (
            self.protocol, self.id, self.name, self.type, self.edns, self.ad,
            self.do, self.rd, self.port)


def record(owner, kind, data, rclass=IN, ttl=60):
    return owner + struct.pack("!2HIH", kind, rclass, ttl, len(data)) + data


def generated(kind, i):
    """The data of one of many records."""
    number = struct.pack("!I", i)
    if kind == TYPES["A"]:
        return b"\x0a" + number[1:]
    if kind == TYPES["AAAA"]:
        return bytes.fromhex("20010db8") + number.rjust(12, b"\0")
    if kind == TYPES["MX"]:
        return struct.pack("!H", i) + wire("mx%d.huge.test" % i)
    return strings("string-%d" % i)


def gather(zone, question, faults):
    """The records of an answer: (owner, type, data)."""
    name, kind = question.name.lower(), question.type
    found, exists = zone.look_up(name, kind)
    for i in range(faults.get("huge", 0)):
        found.append((name, kind, generated(kind, i)))
    n = faults.get("chain", 0)
    if n:
        names = [name] + ["c%d.%s" % (i, name) for i in range(1, n + 1)]
        found = [(names[i], TYPES["CNAME"], wire(names[i + 1]))
                 for i in range(n)] + \
            [(names[-1], row[1], row[2]) for row in found]
    n = faults.get("loop", 0)
    if n:
        names = [name] + ["l%d.%s" % (i, name) for i in range(1, n)] + [name]
        found = [(names[i], TYPES["CNAME"], wire(names[i + 1]))
                 for i in range(n)]
    if "owner" in faults:
        found = [("other.test", row[1], row[2]) for row in found]
    if "extra" in faults:
        found.append(("other.test", kind, found[-1][2]))
    if "shuffle" in faults:
        found.reverse()
    return found, exists


def answer_section(question, faults, found):
    """The records as octets; owners that were asked are compressed."""
    rows, at = [], 12 + len(question.section)
    for i, (owner, kind, data) in enumerate(found):
        name = wire(owner)
        if owner == question.name.lower():
            name = b"\xc0\x0c"
        if "pointer" in faults and i == 0:
            name = struct.pack("!H", 0xc000 | at)
        if "forward" in faults and i == 0:
            name = struct.pack("!H", 0xc000 | (at + 4))
        if i + 1 == len(found):
            if "short" in faults:
                data = data[:-1]
            if "long" in faults:
                data += b"x"
        rows.append(record(name, kind, data, CH if "class" in faults else IN))
        at += len(rows[-1])
    return rows


def answer(zone, question, faults):
    """The answer as octets."""
    found, exists = gather(zone, question, faults)
    rcode = next((RCODES[f] for f in faults if f in RCODES), 0)
    if not NO_DATA.isdisjoint(faults):
        found = []
    elif not exists or "both" in faults:
        rcode = RCODES["nxdomain"]
    if "noedns" in faults and question.edns:
        flags = QR | RD | RA | RCODES["formerr"]
        return struct.pack("!6H", question.id, flags, 1, 0, 0, 0) + \
            question.section
    flags = QR | RA | rcode | (RD if question.rd else 0)
    if ("ad" in faults or zone.secure) and "noad" not in faults and \
            (question.ad or question.do):
        flags |= AD
    section = question.section
    if "wrongquestion" in faults:
        section = wire("other.test") + section[-4:]
    if "wrongcase" in faults:
        section = section[:-4].upper() + section[-4:]
    rows, authority = answer_section(question, faults, found), []
    if "lame" in faults:
        flags &= ~RA
        authority = [record(wire("test"), TYPES["NS"], wire("ns.test"))]
    elif not rows and rcode in (0, RCODES["nxdomain"]):
        authority = [record(wire("test"), TYPES["SOA"], rdata("SOA", "test"))]
    additional = []
    if question.edns:
        additional = [record(b"\0", OPT, b"", 1232,
                             1 << 24 if "badvers" in faults else 0)]
    size = 12 + len(section) + sum(map(len, rows + authority + additional))
    if question.protocol == "udp" and (
            size > max(512, question.edns) or
            not {"tc", "alwaystc"}.isdisjoint(faults)) or "alwaystc" in faults:
        flags |= TC
        rows, authority = [], []
    if "notanswer" in faults:
        flags &= ~QR
    head = struct.pack(
        "!6H", question.id ^ ("wrongid" in faults), flags, 1,
        len(rows) + faults.get("count", 0), len(authority), len(additional))
    out = b"".join([head, section, *rows, *authority, *additional])
    if "garbage" in faults:
        out = out[:2] + b"\xff" * 40
    if "cut" in faults:
        out = out[:faults["cut"]]
    return out + b"x" * faults.get("more", 0)


class Server:
    """Answers in threads of its own until close()."""

    def __init__(self, zone, address="127.0.0.1", port=0, log=None, tcp=True):
        self.zone = Zone(zone)
        self.log = log
        self.questions = []
        self.lock = threading.Lock()
        self.closing = threading.Event()
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.udp, self.tcp = self.bind(family, address, port)
        self.port = self.udp.getsockname()[1]
        if tcp:
            self.tcp.listen(64)
            threading.Thread(target=self.serve_tcp, daemon=True).start()
        threading.Thread(target=self.serve_udp, daemon=True).start()

    @staticmethod
    def bind(family, address, port):
        """Both sockets on one port; a free one may be taken for TCP."""
        for tries in range(50, 0, -1):
            udp = socket.socket(family, socket.SOCK_DGRAM)
            tcp = socket.socket(family, socket.SOCK_STREAM)
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                udp.bind((address, port))
                tcp.bind((address, udp.getsockname()[1]))
                return udp, tcp
            except OSError:
                udp.close()
                tcp.close()
                if port or tries == 1:
                    raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.closing.set()
        for each in self.tcp, self.udp:
            # Only this wakes the thread that waits for it.
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            each.close()

    def forget(self):
        """What was asked so far; drop N begins anew."""
        with self.lock:
            questions, self.questions = self.questions, []
        return questions

    def take(self, message, protocol, port):
        """The answer to a message after its time, or None."""
        try:
            question = Question(message, protocol, port)
        except (IndexError, ValueError, struct.error) as error:
            self.note("bad message: %s" % error)
            return None
        faults = self.zone.faults_of(question.name.lower(), question.type)
        with self.lock:
            before = sum(q.section == question.section
                         for q in self.questions)
            self.questions.append(question)
        self.note(str(question))
        if "timeout" in faults or before < faults.get("drop", 0) or \
                (protocol == "tcp" and "hangup" in faults):
            return None
        if self.closing.wait(faults.get("slow", 0) / 1000):
            return None
        return answer(self.zone, question, faults)

    def note(self, line):
        if self.log:
            with self.lock:
                self.log.write(line + "\n")
                self.log.flush()

    def serve_udp(self):
        def one(message, client):
            out = self.take(message, "udp", client[1])
            if out is not None:
                try:
                    self.udp.sendto(out, client)
                except OSError:
                    pass

        while True:
            try:
                message, client = self.udp.recvfrom(65535)
            except OSError:
                client = None
            if self.closing.is_set():
                return
            if client is None:
                continue
            threading.Thread(target=one, args=(message, client),
                             daemon=True).start()

    def serve_tcp(self):
        def one(connection, client):
            with connection, connection.makefile("rb") as stream:
                while True:
                    head = stream.read(2)
                    if len(head) < 2:
                        return
                    message = stream.read(struct.unpack("!H", head)[0])
                    out = self.take(message, "tcp", client[1])
                    if out is None:
                        return
                    connection.sendall(struct.pack("!H", len(out)) + out)

        def guarded(connection, client):
            try:
                one(connection, client)
            except OSError:
                pass

        while True:
            try:
                connection, client = self.tcp.accept()
            except OSError:
                if self.closing.is_set():
                    return
                continue
            threading.Thread(target=guarded, args=(connection, client),
                             daemon=True).start()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-u", action="store_false", dest="tcp")
    parser.add_argument("-a", default="127.0.0.1", dest="address")
    parser.add_argument("-p", default=0, type=int, dest="port")
    parser.add_argument("-l", dest="log")
    parser.add_argument("zone")
    given = parser.parse_args()
    with open(given.zone, encoding="utf-8") as file:
        zone = file.read()
    log = open(given.log, "a", encoding="utf-8") if given.log else None
    with Server(zone, given.address, given.port, log,
                given.tcp) as server:
        # In one write: who reads it may not wait for more.
        sys.stdout.write("%d\n" % server.port)
        sys.stdout.flush()
        # The end of standard input is the end of whoever started us.
        while sys.stdin.buffer.read(4096):
            pass


if __name__ == "__main__":
    main()
