"""qsmtp-dns.py BUILD: what BUILD/qsmtp-dns makes of what servers answer.

The server is fake/dnsd.py, on the loopback interface.  Cases run side by
side; one that cannot run here is skipped with its reason.
"""
import concurrent.futures
import fcntl
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "fake"))
import dnsd     # noqa: E402 pylint: disable=wrong-import-position

DATA, NODATA, NXDOMAIN, TEMPFAIL, USAGE = 0, 1, 2, 3, 64
STATES = {DATA: "data", NODATA: "nodata", NXDOMAIN: "nxdomain",
          TEMPFAIL: "tempfail"}
# What c-ares would obey if it could, and what a search list would add.
NOISE = {"RES_OPTIONS": "ndots:9 timeout:9 attempts:1 rotate",
         "LOCALDOMAIN": "search.test", "HOSTALIASES": "/etc/hosts"}


class Skipped(Exception):
    pass


def same(got, wanted, what):
    if got != wanted:
        raise AssertionError("%s: %.500r, not %.500r" % (what, got, wanted))


class Box:
    """A qmail home with control/resolvers for these servers."""

    def __init__(self, home):
        self.home = home
        os.mkdir(home + "/control")
        self.seconds(10)

    def seconds(self, seconds):
        """Enough for a busy machine where there is an answer to come."""
        self.control("dnstimeout", "%d\n" % seconds)

    def control(self, name, text):
        with open(self.home + "/control/" + name, "w",
                  encoding="utf-8") as file:
            file.write(text)

    def servers(self, *servers, word=""):
        self.control("resolvers", "".join(
            "127.0.0.1:%d %s\n" % (getattr(server, "port", server), word)
            for server in servers))

    def run(self, *words, prefix=(), **more):
        env = {"PATH": os.environ["PATH"], "QMAILHOME": self.home,
               "ASAN_OPTIONS": "detect_leaks=%d" % (not prefix), **NOISE,
               **more}
        done = subprocess.run([*prefix, PROGRAM, *words], env=env,
                              stdin=subprocess.DEVNULL, timeout=60,
                              capture_output=True, check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def expect(self, code, name, kind, *records, canonical=None, secure=False,
               **more):
        """One question and the whole of its answer."""
        head = "name=%s type=%s state=%s secure=%s" % (
            name.lower().rstrip("."), kind, STATES[code],
            "yes" if secure else "no")
        if code == DATA:
            head += " canonical=" + (canonical or name.lower().rstrip("."))
        lines = [head] + ["%s %s" % (kind, record) for record in records]
        same(self.run(name, kind, **more),
             (code, "".join(line + "\n" for line in lines), ""),
             "%s %s" % (name, kind))


CASES = []


def case(function):
    CASES.append((function.__name__.replace("_", " "), function, ()))
    return function


def table(rows):
    """One case a row; its first column is its name."""
    def add(function):
        for row in rows:
            CASES.append(("%s: %s" % (function.__name__.replace("_", " "),
                                      row[0]), function, row))
        return function
    return add


ZONE = r"""
a.test		A	192.0.2.1
a.test		A	192.0.2.2
a.test		AAAA	2001:db8::1
a.test		MX	10 mx.a.test
a.test		MX	5 MX2.a.test
a.test		TXT	"v=spf1 a" " -all"
a.test		TXT	"\000\034\092 \255"
_25._tcp.a.test	TLSA	3 1 1 00ffab
nullmx.test	MX	0 .
1.2.0.192.in-addr.arpa	PTR	a.test
1.2.0.192.in-addr.arpa	PTR	odd\032\040name\041\046.test
*.8.b.d.0.1.0.0.2.ip6.arpa	PTR	v6.test
alias.test	CNAME	b.alias.test
b.alias.test	CNAME	a.test
dangling.test	CNAME	missing.test
ring.test	CNAME	ring2.test
ring2.test	CNAME	ring.test
self.test	CNAME	self.test
*.wild.test	A	192.0.2.9
"""

PLAIN = [
    ("a", DATA, "a.test", "A", ["192.0.2.1", "192.0.2.2"]),
    ("last dot", DATA, "a.test.", "A", ["192.0.2.1", "192.0.2.2"]),
    ("capitals", DATA, "A.Test", "AAAA", ["2001:db8::1"]),
    ("mx", DATA, "a.test", "MX", ["10 mx.a.test", "5 MX2.a.test"]),
    ("null mx", DATA, "nullmx.test", "MX", ["0 ."]),
    ("txt", DATA, "a.test", "TXT",
     ['"v=spf1 a -all"', r'"\000\"\\ \255"']),
    ("tlsa", DATA, "_25._tcp.a.test", "TLSA", ["3 1 1 00ffab"]),
    ("wildcard", DATA, "any.wild.test", "A", ["192.0.2.9"]),
    ("nodata", NODATA, "a.test", "TLSA", []),
    ("empty non-terminal", NODATA, "_tcp.a.test", "A", []),
    ("nxdomain", NXDOMAIN, "missing.test", "A", []),
    ("cname to nothing", NXDOMAIN, "dangling.test", "A", []),
    ("cname ring", TEMPFAIL, "ring.test", "A", []),
    ("cname to itself", TEMPFAIL, "self.test", "A", []),
]


@table(PLAIN)
def plain(box, _, code, name, kind, records):
    with dnsd.Server(ZONE) as server:
        box.servers(server)
        box.expect(code, name, kind, *records)


@case
def cname(box):
    with dnsd.Server(ZONE) as server:
        box.servers(server)
        box.expect(DATA, "alias.test", "A", "192.0.2.1", "192.0.2.2",
                   canonical="a.test")
        box.expect(NODATA, "alias.test", "TLSA")


@case
def reverse(box):
    with dnsd.Server(ZONE) as server:
        box.servers(server)
        for address, name, records in (
                ("192.0.2.1", "1.2.0.192.in-addr.arpa",
                 ["a.test", r"odd\032\040name\041\046.test"]),
                ("::ffff:192.0.2.1", "1.2.0.192.in-addr.arpa",
                 ["a.test", r"odd\032\040name\041\046.test"]),
                ("2001:db8::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
                 "0.0.8.b.d.0.1.0.0.2.ip6.arpa", ["v6.test"])):
            head = "name=%s type=PTR state=data secure=no canonical=%s\n" % (
                name, name)
            same(box.run(address, "ptr"), (DATA, head + "".join(
                "PTR %s\n" % record for record in records), ""), address)


# One fault, and what it makes of x.test with one address.
FAULTS = [
    ("servfail", TEMPFAIL), ("refused", TEMPFAIL), ("notimp", TEMPFAIL),
    ("formerr", TEMPFAIL), ("badvers", TEMPFAIL), ("noedns", DATA),
    ("timeout", TEMPFAIL), ("slow 100", DATA),
    ("slow 30000", TEMPFAIL),
    ("nxdomain", NXDOMAIN), ("nodata", NODATA), ("lame", TEMPFAIL),
    ("both", TEMPFAIL), ("wrongid", TEMPFAIL), ("wrongquestion", TEMPFAIL),
    ("wrongcase", TEMPFAIL), ("notanswer", TEMPFAIL), ("tc", DATA),
    ("alwaystc", TEMPFAIL), ("garbage", TEMPFAIL), ("cut 0", TEMPFAIL),
    ("cut 2", TEMPFAIL), ("cut 11", TEMPFAIL), ("cut 12", TEMPFAIL),
    ("cut 30", TEMPFAIL), ("more 1", TEMPFAIL), ("count 1", TEMPFAIL),
    ("count 1000", TEMPFAIL), ("short", TEMPFAIL), ("long", TEMPFAIL),
    ("class", TEMPFAIL), ("owner", TEMPFAIL), ("extra", TEMPFAIL),
    ("pointer", TEMPFAIL), ("forward", TEMPFAIL), ("chain 17", TEMPFAIL),
    ("chain 60", TEMPFAIL), ("loop 1", TEMPFAIL), ("loop 5", TEMPFAIL),
    ("hangup", DATA),
]


@table(FAULTS)
def fault(box, what, code):
    zone = "x.test A 192.0.2.1\nx.test !%s\n" % what
    if code == TEMPFAIL:
        box.seconds(1)
    with dnsd.Server(zone) as server:
        box.servers(server)
        box.expect(code, "X.test", "A", *["192.0.2.1"] * (code == DATA))


# With 4 s, the one server is waited for 1.3 s and then 2.7 s.
@table([("lost", "drop 1", DATA), ("late", "slow 1700", DATA),
        ("lost twice", "drop 2", TEMPFAIL)])
def retry(box, _, what, code):
    box.seconds(4)
    with dnsd.Server("x.test A 192.0.2.1\nx.test !%s\n" % what) as server:
        box.servers(server)
        box.expect(code, "x.test", "A", *["192.0.2.1"] * (code == DATA))
        same(len(server.questions), 2, "questions")


MORE_FAULTS = [
    # All types have their own limits and forms.
    ("short aaaa", TEMPFAIL, "AAAA", "AAAA 2001:db8::1", "short"),
    ("long aaaa", TEMPFAIL, "AAAA", "AAAA 2001:db8::1", "long"),
    ("short mx", TEMPFAIL, "MX", "MX 10 a.test", "short"),
    ("long mx", TEMPFAIL, "MX", "MX 10 a.test", "long"),
    ("short ptr", TEMPFAIL, "PTR", "PTR a.test", "short"),
    ("short txt", TEMPFAIL, "TXT", "TXT abc", "short"),
    ("long txt", TEMPFAIL, "TXT", "TXT abc", "long"),
    ("short tlsa", TEMPFAIL, "TLSA", "TLSA 3 1 1", "short"),
    # Truncated, and no TCP to ask by; of this type or of another.
    ("tc and hangup", TEMPFAIL, "A", "A 192.0.2.1", "tc", "hangup"),
    ("fault of another type", DATA, "A", "A 192.0.2.1", "servfail:AAAA"),
    ("fault of this type", TEMPFAIL, "A", "A 192.0.2.1", "servfail:A"),
]


@table(MORE_FAULTS)
def fault_of(box, _, code, kind, record, *faults):
    zone = "x.test %s\n" % record + "".join(
        "x.test !%s\n" % what for what in faults)
    if code == TEMPFAIL:
        box.seconds(1)
    with dnsd.Server(zone) as server:
        box.servers(server)
        box.expect(code, "x.test", kind,
                   *[record.split()[1]] * (code == DATA))


@case
def chain_of_16_in_any_order(box):
    zone = "x.test A 192.0.2.1\nx.test !chain 16\nx.test !shuffle\n"
    with dnsd.Server(zone) as server:
        box.servers(server)
        box.expect(DATA, "x.test", "A", "192.0.2.1", canonical="c16.x.test")


@table([("100", 100), ("101", 101), ("4000", 4000)])
def huge(box, _, n):
    with dnsd.Server("x.test !huge %d\n" % n) as server:
        box.servers(server)
        box.expect(DATA, "x.test", "A", *[
            "10.0.0.%d" % i for i in range(100)])
        same({q.protocol for q in server.questions}, {"udp", "tcp"}, "by")


@case
def up_to_1232_octets_by_udp(box):
    with dnsd.Server("x.test !huge 50\n") as server:
        box.servers(server)
        box.expect(DATA, "x.test", "A", *["10.0.0.%d" % i for i in range(50)])
        same([q.protocol for q in server.questions], ["udp"], "by")


@case
def truncated_without_tcp(box):
    zone = "x.test A 192.0.2.1\nx.test !tc\n"
    with dnsd.Server(zone, tcp=False) as server:
        box.servers(server)
        box.expect(TEMPFAIL, "x.test", "A")


# AD counts only where every resolver is trusted.
SECURITY = [
    ("trusted", "trusted", "$secure", True),
    ("not trusted", "", "$secure", False),
    ("trusted, without AD", "trusted", "", False),
    ("trusted, not this name", "trusted", "$secure\nx.test !noad", False),
    ("trusted, this name", "trusted", "x.test !ad", True),
]


@table(SECURITY)
def secure(box, _, word, lines, is_secure):
    zone = "x.test A 192.0.2.1\n%s\n" % lines
    with dnsd.Server(zone) as server:
        box.servers(server, word=word)
        box.expect(DATA, "x.test", "A", "192.0.2.1", secure=is_secure)
        box.expect(NODATA, "x.test", "MX", secure=is_secure)
        box.expect(TEMPFAIL, "x.test", "A", DNSCACHEIP="127.0.0.1:1")
        box.expect(DATA, "x.test", "A", "192.0.2.1",
                   DNSCACHEIP="127.0.0.1:%d" % server.port)
        with open(box.home + "/control/resolvers", "a",
                  encoding="utf-8") as file:
            file.write("127.0.0.1:1\n")
        box.expect(DATA, "x.test", "A", "192.0.2.1")


NEVER_ASKED = ["", ".", "..", "a..test", ".a.test", "a b.test", "a\\.test",
               "*.test", "m\xfcll.test", "a.test\n", "x" * 64 + ".test",
               ".".join(["x" * 49] * 5) + ".test", "192.0.2.1/24", "@",
               "hidden.onion"]


@case
def names_that_cannot_be(box):
    with dnsd.Server("$secure\n") as server:
        box.servers(server, word="trusted")
        for name in NEVER_ASKED:
            code, out, err = box.run(name, "A")
            same((code, err), (NXDOMAIN, ""), name)
            if not out.endswith(" type=A state=nxdomain secure=no\n") or \
                    out.count("\n") != 1 or out.count(" ") != 3:
                raise AssertionError("%r: %r" % (name, out))
        same(server.questions, [], "questions")
        longest = ".".join(["x" * 49] * 5) + ".tes"
        box.expect(NXDOMAIN, longest, "A", secure=True)
        same(len(server.questions), 1, "questions for a name of 254 octets")


@case
def what_is_asked(box):
    """The id is random, EDNS and AD are set, nothing is added to the name."""
    with dnsd.Server(ZONE) as server:
        box.servers(server)
        for _ in range(4):
            same(box.run("A.test", "A", "short", "MX", "1.test.", "A",
                         "a.test", "TXT")[0], NXDOMAIN, "worst outcome")
        asked = server.questions
        same(sorted({q.name for q in asked}), ["1.test", "a.test", "short"],
             "names")
        same(len(asked), 16, "questions")
        same({(q.rd, q.ad, q.do, q.edns, q.qclass) for q in asked},
             {(True, True, False, 1232, 1)}, "RD, AD, DO, EDNS, class")
        if len({q.id for q in asked}) < 14:
            raise AssertionError("ids: %r" % [q.id for q in asked])
        # A channel, and so a port, for each batch.
        if len({q.port for q in asked}) < 3:
            raise AssertionError("ports: %r" % [q.port for q in asked])


@case
def without_edns_after_formerr(box):
    with dnsd.Server("x.test A 192.0.2.1\nx.test !noedns\n") as server:
        box.servers(server)
        box.expect(DATA, "x.test", "A", "192.0.2.1")
        same([q.edns for q in server.questions], [1232, 0], "EDNS")


# The first server fails in some way: the second one answers.
@table([(what, what) for what in ("servfail", "refused", "timeout", "notimp",
                                  "wrongid", "closed")])
def second_server(box, _, what):
    box.seconds(5)
    with dnsd.Server("x.test A 192.0.2.1\nx.test !%s\n" % (
            "timeout" if what == "closed" else what)) as first, \
            dnsd.Server("x.test A 192.0.2.2\n") as second:
        box.servers(1 if what == "closed" else first, second)
        box.expect(DATA, "x.test", "A", "192.0.2.2")
        same(len(second.questions), 1, "questions to the second")


@case
def order_of_servers(box):
    with dnsd.Server("x.test A 192.0.2.1\n") as first, \
            dnsd.Server("x.test A 192.0.2.2\n") as second:
        box.servers(first, second)
        for _ in range(4):
            box.expect(DATA, "x.test", "A", "192.0.2.1")
        same(second.questions, [], "questions to the second")


@case
def six_silent_servers(box):
    box.seconds(3)
    servers = [dnsd.Server("x.test !timeout\n") for _ in range(6)]
    try:
        box.servers(*servers)
        began = time.monotonic()
        box.expect(TEMPFAIL, "x.test", "A")
        took = time.monotonic() - began
        if not 2.5 < took < 8:
            raise AssertionError("took %.2f s of 3" % took)
        same([len(server.questions) > 0 for server in servers], [True] * 6,
             "asked")
    finally:
        for server in servers:
            server.close()


@case
def many_at_once(box):
    """They wait for the slowest, not for the sum."""
    zone = "".join("x%d.test A 192.0.2.%d\nx%d.test !slow 400\n" % (i, i, i)
                   for i in range(20))
    words = [word for i in range(20) for word in ("x%d.test" % i, "A")]
    with dnsd.Server(zone) as server:
        box.servers(server)
        began = time.monotonic()
        code, out, _ = box.run(*words)
        took = time.monotonic() - began
        same(code, DATA, "worst outcome")
        same([line for line in out.splitlines() if line[0] == "A"],
             ["A 192.0.2.%d" % i for i in range(20)], "addresses")
        if took > 5:
            raise AssertionError("took %.2f s" % took)


@case
def one_of_many_is_silent(box):
    box.seconds(4)
    with dnsd.Server("x.test A 192.0.2.1\ny.test !timeout\n"
                     "z.test !servfail\n") as server:
        box.servers(server)
        code, out, _ = box.run("y.test", "A", "x.test", "A", "z.test", "A")
        same((code, out.count("\nA 192.0.2.1\n")), (TEMPFAIL, 1), "outcome")


@case
def many_by_tcp(box):
    zone = "".join("x%d.test !huge 300\n" % i for i in range(8))
    with dnsd.Server(zone) as server:
        box.servers(server)
        code, out, _ = box.run(*[word for i in range(8)
                                 for word in ("x%d.test" % i, "MX")])
        same(code, DATA, "worst outcome")
        same(out.count("\nMX "), 800, "records")


@case
def no_time_at_all(box):
    """0 is taken as 1; a server that is down is known at once."""
    box.control("dnstimeout", "0\n")
    with dnsd.Server(ZONE) as server:
        box.servers(server)
        box.expect(DATA, "a.test", "AAAA", "2001:db8::1")
    box.control("dnstimeout", "600\n")
    box.servers(1)
    box.expect(TEMPFAIL, "a.test", "A")


@case
def ipv6(box):
    try:
        server = dnsd.Server(ZONE, "::1")
    except OSError as error:
        raise Skipped("no IPv6: %s" % error) from error
    with server:
        box.control("resolvers", "[::1]:%d trusted\n" % server.port)
        box.expect(DATA, "a.test", "AAAA", "2001:db8::1")


WRONG = [
    ("resolvers", {"resolvers": "nonsense\n"}, {},
     "control/resolvers line 1: Invalid argument"),
    ("port", {"resolvers": "127.0.0.1:99999\n"}, {},
     "control/resolvers line 1: Invalid argument"),
    ("folder", {"resolvers": None}, {}, "control/resolvers: Is a directory"),
    ("timeout", {"dnstimeout": None}, {}, "control/dnstimeout: Is a directory"),
    ("variable", {}, {"DNSCACHEIP": "nonsense"},
     "$DNSCACHEIP: Invalid argument"),
    ("home", {}, {"QMAILHOME": "/dev/null"}, "/dev/null: Not a directory"),
]


@table(WRONG)
def wrong(box, _, files, env, message):
    box.servers(1)
    for name, text in files.items():
        if os.path.exists(box.home + "/control/" + name):
            os.unlink(box.home + "/control/" + name)
        if text is None:
            os.mkdir(box.home + "/control/" + name)
        else:
            box.control(name, text)
    same(box.run("a.test", "A", **env),
         (TEMPFAIL, "", "qsmtp-dns: %s\n" % message), "outcome")


@table([(" ".join(words), *words) for words in (
    [], ["a.test"], ["a.test", "ANY"], ["a.test", "CNAME"], ["a.test", ""],
    ["a.test", "A", "b.test"], ["A", "a.test"], ["-h"])])
def usage(box, _, *words):
    code, out, err = box.run(*words)
    same((code, out), (USAGE, ""), "outcome")
    same(err.startswith("qsmtp-dns: usage: "), True, "message")


def needs_strace():
    if not shutil.which("strace") or subprocess.run(
            ["strace", "-o", "/dev/null", "true"], check=False,
            stderr=subprocess.DEVNULL).returncode:
        raise Skipped("no strace here")


SYSTEM_CALLS = [
    ("getrandom:error=EIO:when=2+", TEMPFAIL),
    ("socket:error=EMFILE", TEMPFAIL),
    ("sendto:error=EPERM", TEMPFAIL),
    ("sendto:error=ECONNREFUSED:when=1", DATA),
    ("poll:error=EINTR:when=1..3", DATA),
    ("poll:error=ENOMEM:when=1", TEMPFAIL),
    ("recvfrom:error=ECONNREFUSED:when=1", DATA),
    ("/madvise:error=EINVAL", DATA),
]


@table(SYSTEM_CALLS)
def system_call(box, what, code):
    needs_strace()
    if ASAN:
        raise Skipped("the sanitizers make calls of their own")
    with dnsd.Server("x.test A 192.0.2.1\n") as server:
        box.servers(server)
        box.expect(code, "x.test", "A", *["192.0.2.1"] * (code == DATA),
                   prefix=["strace", "-o", "/dev/null", "-e",
                           "inject=" + what.replace("/", "?")])


@case
def files_that_are_read(box):
    needs_strace()
    if ASAN:
        raise Skipped("the sanitizers read files of their own")
    with dnsd.Server("x.test A 192.0.2.1\n") as server:
        box.servers(server)
        log = box.home + "/strace"
        box.expect(DATA, "x.test", "A", "192.0.2.1", prefix=[
            "strace", "-e", "trace=%file", "-o", log])
        with open(log, encoding="utf-8") as file:
            opened = [line.split('"')[1] for line in file if "open" in line]
        same(opened, ["control", "control/dnstimeout", "control/resolvers",
                      "/dev/urandom"] if opened[1] == "control/dnstimeout"
             else ["control", "control/resolvers", "control/dnstimeout",
                   "/dev/urandom"], "opened")


def loopback_up():
    with socket.socket() as any_socket:
        request = struct.pack("16sH14x", b"lo", 0x1)    # IFF_UP
        fcntl.ioctl(any_socket, 0x8914, request)        # SIOCSIFFLAGS


# resolv.conf, and what it comes to with a server at port 53 of 127.0.0.1.
SYSTEM = [
    ("nameserver 127.0.0.1\n", False),
    ("nameserver 127.0.0.1\noptions edns0 trust-ad\n", True),
    ("search example.org\n", False),
    ("", False),
    ("options trust-ad\nnameserver 127.0.0.9\nnameserver 127.0.0.1\n", True),
]


def inside(home):
    """Runs with mounts and a network of its own."""
    box = Box(home)
    loopback_up()
    path = home + "/resolv.conf"
    with open(path, "w", encoding="utf-8"):
        pass
    subprocess.run(["mount", "--bind", path, "/etc/resolv.conf"], check=True)
    with dnsd.Server("$secure\nx.test A 192.0.2.1\n", port=53):
        for text, is_secure in SYSTEM:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            box.expect(DATA, "x.test", "A", "192.0.2.1", secure=is_secure)


@case
def resolv_conf(box):
    unshare = ["unshare", "-m", "-n"]
    if not shutil.which("unshare") or subprocess.run(
            [*unshare, "true"], check=False,
            stderr=subprocess.DEVNULL).returncode:
        raise Skipped("cannot have mounts and a network of its own")
    home = box.home + "/inside"
    os.mkdir(home)
    done = subprocess.run([*unshare, sys.executable, __file__, BUILD,
                           "inside", home], check=False,
                          stderr=subprocess.PIPE)
    same(done.returncode, 0, done.stderr.decode())


def run(name, function, row):
    home = tempfile.mkdtemp(prefix="qsmtp-dns.")
    try:
        function(Box(home), *row)
        return "passed", name, ""
    except Skipped as reason:
        return "skipped", name, str(reason)
    except Exception as error:
        return "FAILED", name, "%s: %s" % (type(error).__name__, error)
    finally:
        shutil.rmtree(home)


def main():
    signal.alarm(300)       # should a case hang
    counts = {"passed": 0, "skipped": 0, "FAILED": 0}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(run, *one) for one in CASES]:
            word, name, why = future.result()
            counts[word] += 1
            if word != "passed":
                print("%s: %s: %s" % (word, name, why))
    print("%(FAILED)d failed, %(skipped)d skipped" % counts)
    print("%(passed)d cases passed" % counts)
    return 1 if counts["FAILED"] or not counts["passed"] else 0


BUILD = os.path.abspath(sys.argv[1])
PROGRAM = os.path.join(BUILD, "qsmtp-dns")
with open(PROGRAM, "rb") as binary:
    ASAN = b"__asan_init" in binary.read()
if sys.argv[2:3] == ["inside"]:
    inside(sys.argv[3])
else:
    sys.exit(main())
